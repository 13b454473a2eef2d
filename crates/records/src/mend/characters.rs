//! Characters that stand for others, and what people wrap around a record.

use crate::suggest::begins_like;
use crate::{ascii, is_harmful};

/// A text in plain characters: what a word processor makes of quotation marks, dashes and spaces is
/// undone, and what cannot be seen is gone.
pub(super) fn plain(text: &str) -> String {
    let plain = |c: char| {
        Some(match c {
            '“' | '”' | '„' | '‟' | '«' | '»' => '"',
            '‘' | '’' | '‚' | '‛' | '`' | '´' => '\'',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '\u{2dc}' | '\u{223c}' => '~',
            // The full-width forms of ASCII.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
            _ if c.is_whitespace() || c.is_ascii_control() => ' ',
            _ if is_harmful(c) => return None,
            _ => c,
        })
    };
    text.chars().filter_map(plain).collect()
}

/// The text of a TXT record without its marks in a zone (RFC 1035 §5.1): strings joined, `\;` unescaped.
pub(super) fn unquoted(text: &str) -> String {
    let text = plain(text).replace("\\;", ";").replace("\\\"", "\"");
    let strings = text.split('"').filter(|string| !string.trim().is_empty());
    strings.collect::<String>().trim_matches([' ', '\'']).to_owned()
}

/// What follows the version that a text begins with, and all of it without one. What stands before an exact
/// one (a line of a zone, say) says nothing if there is no `=` in it.
pub(super) fn behind_version<'a>(text: &'a str, version: &str) -> &'a str {
    let exact = ["v=", version].concat();
    let starts = text.char_indices().map(|(at, _)| at);
    let mut starts = starts.filter(|at| ascii::begins(&text[*at..], &exact));
    let start = starts.next().filter(|at| !text[..*at].contains('='));
    let text = &text[start.unwrap_or(0)..];
    let rest = begins_like(text, version, 2).map_or(text, |length| &text[length..]);
    rest.trim_start_matches([' ', ';', ',', ':', '.'])
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{behind_version, unquoted};

    #[test]
    fn a_text_comes_out_of_its_marks() {
        for (reason, text, expected) in [
            ("smart quotes around all", "“v=spf1 -all”", "v=spf1 -all"),
            ("strings of a zone", "\"v=DKIM1; p=ab\" \"cd\"", "v=DKIM1; p=abcd"),
            ("a space at the end of a string", "\"v=spf1 \" \"-all\"", "v=spf1 -all"),
            ("escaped for a zone", "v=DKIM1\\; p=", "v=DKIM1; p="),
            ("no-break space, dash, no width", "v=spf1\u{a0}\u{2013}all\u{200b}", "v=spf1 -all"),
            ("full width", "ｖ＝spf1 -all", "v=spf1 -all"),
        ] {
            assert_eq!(unquoted(text), expected, "{reason}");
        }
    }

    #[test]
    fn a_version_is_passed_over_however_it_is_written() {
        for (text, expected) in [
            ("v=spf1 mx", "mx"),
            ("v=spf 1 mx", "mx"),
            ("v=spf mx", "mx"),
            ("v=spf10 mx", "mx"),
            ("v=spfv1 mx", "mx"),
            ("v=spf1mx", "mx"),
            ("v=spf1; mx", "mx"),
            ("@ IN TXT v=spf1 mx", "mx"),
            ("spf1 mx", "mx"),
            ("mx -all", "mx -all"),
        ] {
            assert_eq!(behind_version(text, "spf1"), expected, "{text}");
        }
    }
}

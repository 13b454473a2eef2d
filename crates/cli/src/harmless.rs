//! Text from strangers, made harmless to a terminal.
//!
//! A record can hold what moves the cursor, rewrites the title or turns text
//! around. Each such character is shown as what it is instead.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

/// The text with every character that a terminal would act on, or not show, as `\u{…}`.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let show = |c: char| if is_harmful(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(show).collect())
}

/// A value as one line of JSON that is harmless too; any reader of JSON reads the same value.
///
/// # Errors
/// The writer's.
pub(crate) fn write_json(mut writer: impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, Escaping))?;
    writer.write_all(b"\n")
}

/// Control characters (C0, DEL, C1), and what Unicode counts as format characters: marks that turn
/// the direction of text, and what has no width.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// JSON whose strings hold harmful characters as `\uXXXX` only.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_harmful) {
            let (before, after) = rest.split_at(at);
            CompactFormatter.write_string_fragment(writer, before)?;
            let mut chars = after.chars();
            if let Some(harmful) = chars.next() {
                let mut units = [0; 2];
                for unit in harmful.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = chars.as_str();
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }

    /// What is echoed as it came: outside its strings JSON allows none of these characters but
    /// white space, which does no harm.
    fn write_raw_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for (index, part) in fragment.split(['\t', '\r', '\n']).enumerate() {
            if index > 0 {
                writer.write_all(b" ")?;
            }
            self.write_string_fragment(writer, part)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{harmless, write_json};

    /// Each of them does something to a terminal or to a reader.
    const HARMFUL: &str =
        "\u{0}\u{7}\t\r\n\u{1b}[2J\u{7f}\u{9b}31m\u{202e}abc\u{2066}\u{200b}\u{feff}\u{e0041}";

    #[test]
    fn what_a_terminal_acts_on_is_shown_as_what_it_is() {
        for (reason, text, expected) in [
            ("plain text stays", "v=STSv1; id=1;", "v=STSv1; id=1;"),
            ("letters beyond ASCII stay", "bücher 例え مثال", "bücher 例え مثال"),
            ("an escape sequence", "\u{1b}[31m", "\\u{1b}[31m"),
            ("the same in one character", "\u{9b}31m", "\\u{9b}31m"),
            ("a line end", "a\r\nb", "a\\u{d}\\u{a}b"),
            ("a turn of direction", "a\u{202e}b", "a\\u{202e}b"),
            ("no width", "a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
        ] {
            assert_eq!(harmless(text), expected, "{reason}");
        }
    }

    #[test]
    fn json_is_harmless_and_means_the_same() {
        let mut written = Vec::new();
        write_json(&mut written, &HARMFUL).unwrap();
        let line = String::from_utf8(written).unwrap();
        assert_eq!(harmless(line.trim_end_matches('\n')), line.trim_end_matches('\n'));
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), HARMFUL);
    }

    #[test]
    fn what_is_echoed_raw_is_harmless_too() {
        let raw = "{\"a\":\t\"\u{9b}2J\"\r}";
        let value: Box<serde_json::value::RawValue> = serde_json::from_str(raw).unwrap();
        let mut written = Vec::new();
        write_json(&mut written, &value).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "{\"a\": \"\\u009b2J\" }\n");
    }
}

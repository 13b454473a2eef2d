//! Text from strangers, made harmless to whoever looks at it.
//!
//! A record can hold what moves a terminal's cursor, turns text around or cannot
//! be seen. Each such character is shown as what it is instead.

use std::borrow::Cow;

/// The text with every character that a terminal or a browser would act on, or not show, as `\u{…}`.
///
/// ```
/// use mxray_records::harmless;
/// assert_eq!(harmless("v=STSv1; id=1"), "v=STSv1; id=1");
/// assert_eq!(harmless("a\u{202e}b"), "a\\u{202e}b");
/// ```
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let show = |c: char| if is_harmful(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(show).collect())
}

/// Whether a character does something to what stands around it, or cannot be seen.
///
/// These are control characters (C0, DEL, C1), and what Unicode counts as format characters: marks
/// that turn the direction of text, and what has no width.
#[must_use]
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::harmless;

    #[test]
    fn what_a_reader_would_act_on_is_shown_as_what_it_is() {
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
}

//! What every grammar here asks of a text's characters.

/// Whether a text holds a word of ASCII, in whatever case.
pub(crate) fn mentions(text: &str, word: &str) -> bool {
    // Mostly right behind `v=`.
    if text.len() > 2 && begins_with(&text.as_bytes()[2..], word) {
        return true;
    }
    let mut windows = text.as_bytes().windows(word.len());
    windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a text begins with a word of ASCII, in whatever case.
pub(crate) fn begins(text: &str, word: &str) -> bool {
    begins_with(text.as_bytes(), word)
}

fn begins_with(text: &[u8], word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a text is a word of ASCII, in whatever case.
#[inline]
pub(crate) fn is(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word)
}

/// What stands before the first of these characters; all of the text if it holds none.
#[inline]
pub(crate) fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    let end = text.bytes().position(|byte| ends.contains(&char::from(byte)));
    end.map_or(text, |end| &text[..end])
}

/// A text without these characters around it.
pub(crate) fn trim<'a>(text: &'a str, around: &[char]) -> &'a str {
    text.trim_matches(around)
}

/// Whether a text holds one of these characters.
#[inline]
pub(crate) fn holds(text: &str, any: &[char]) -> bool {
    text.bytes().any(|byte| any.contains(&char::from(byte)))
}

/// The first character of a kind, and where it stands.
pub(crate) fn first(text: &str, is_meant: fn(char) -> bool) -> Option<(usize, char)> {
    text.char_indices().find(|(_, c)| is_meant(*c))
}

/// Whether there is nothing but digits.
#[inline]
pub(crate) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether there is nothing but letters, digits and these.
#[inline]
pub(crate) fn is_made_of(text: &str, others: &[u8]) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{begins, mentions, until};

    #[test]
    fn words_are_found_in_whatever_case_and_beside_whatever_letters() {
        for (text, word, mentioned, begun) in [
            ("v=SPF1 -all", "spf1", true, false),
            ("SPF1", "spf1", true, true),
            ("spf", "spf1", false, false),
            ("ſpf1", "spf1", false, false),
            ("v=ü1", "v=x", false, false),
            ("", "v", false, false),
        ] {
            assert_eq!((mentions(text, word), begins(text, word)), (mentioned, begun), "{text}");
        }
        assert_eq!((until("a?b#c", &['#', '?']), until("ab", &['#'])), ("a", "ab"));
    }
}

//! What every grammar here asks of a text's characters.

use crate::ROOMY;

/// A set of characters: letters, digits, and some signs.
#[derive(Clone, Copy)]
pub(crate) struct Set(u8);

impl Set {
    pub(crate) const ALPHANUMERIC: Self = Self(1);
    /// Of the label of a host's name.
    pub(crate) const LABEL: Self = Self(1 << 1);
    /// Of the name of a field or a modifier.
    pub(crate) const NAME: Self = Self(1 << 2);
    /// Of the name of a tag.
    pub(crate) const TAG: Self = Self(1 << 3);
    /// Of the scheme of a URI.
    pub(crate) const SCHEME: Self = Self(1 << 4);
    /// Of a URI, but for those that stand in few.
    pub(crate) const URI: Self = Self(1 << 5);
    /// All that can be seen.
    pub(crate) const GRAPHIC: Self = Self(1 << 6);
    /// All that can be seen but quotation marks, and white space.
    pub(crate) const UNQUOTED: Self = Self(1 << 7);

    /// The signs of each, in their order.
    const SIGNS: [&[u8]; 8] = [
        b"",
        b"-",
        b"-_.",
        b"_",
        b"+-.",
        b"-._~:/?#@+=&",
        b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        b"\t !#$%&()*+,-./:;<=>?@[\\]^_{|}~",
    ];

    #[inline]
    pub(crate) fn holds(self, byte: u8) -> bool {
        SETS[usize::from(byte)] & self.0 != 0
    }
}

/// The sets that each character is in.
static SETS: [u8; 256] = {
    let mut sets = [0; 256];
    let mut byte = b'0';
    while byte <= b'z' {
        if byte.is_ascii_alphanumeric() {
            sets[byte as usize] = u8::MAX;
        }
        byte += 1;
    }
    let mut set = 0;
    while set < Set::SIGNS.len() {
        let mut sign = 0;
        while sign < Set::SIGNS[set].len() {
            sets[Set::SIGNS[set][sign] as usize] |= 1 << set;
            sign += 1;
        }
        set += 1;
    }
    sets
};

/// Whether there is nothing but characters of a set.
pub(crate) fn is_made_of(text: &str, set: Set) -> bool {
    let common = |common: u8, byte: &u8| common & SETS[usize::from(*byte)];
    // Eight at a time take one step of the loop.
    let (blocks, rest) =
        if ROOMY { text.as_bytes().as_chunks::<8>() } else { (&[][..], text.as_bytes()) };
    let of_blocks = blocks.iter().fold(set.0, |sets, block| block.iter().fold(sets, common));
    rest.iter().fold(of_blocks, common) != 0
}

/// Where a character of ASCII stands first.
pub(crate) fn find(text: &[u8], byte: u8) -> Option<usize> {
    // Eight at a time are compared at once.
    let lacks = |block: &&[u8; 8]| !block.iter().fold(false, |has, other| has | (*other == byte));
    let (blocks, _) = if ROOMY { text.as_chunks() } else { (&[][..], text) };
    let start = blocks.iter().take_while(lacks).count() * 8;
    let within = text[start..].iter().position(|other| *other == byte)?;
    Some(start + within)
}

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
    let word = word.as_bytes();
    text.get(..word.len()).is_some_and(|start| start == word || start.eq_ignore_ascii_case(word))
}

/// A word of up to eight visible characters as a number, in whatever case; 0 for what is longer.
pub(crate) const fn word(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (mut word, mut index) = (0, 0);
    while bytes.len() <= 8 && index < bytes.len() {
        word = word << 8 | bytes[index].to_ascii_lowercase() as u64;
        index += 1;
    }
    word
}

/// Whether a text is a word of ASCII, in whatever case.
#[inline]
pub(crate) fn is(text: &str, word: &str) -> bool {
    text == word || text.eq_ignore_ascii_case(word)
}

/// What stands before the first of these characters; all of the text if it holds none.
pub(crate) fn until<'a>(text: &'a str, ends: &[u8]) -> &'a str {
    ends.iter().fold(text, |text, end| find(text.as_bytes(), *end).map_or(text, |end| &text[..end]))
}

/// What stands before and behind the first of a character.
pub(crate) fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = find(text.as_bytes(), at)?;
    Some((&text[..at], &text[at + 1..]))
}

/// What stands between a character.
pub(crate) fn split(text: &str, at: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = find(text.as_bytes(), at);
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// A text without these characters around it.
pub(crate) fn trim<'a>(text: &'a str, around: &[char]) -> &'a str {
    text.trim_matches(around)
}

/// Whether a text holds one of these characters.
#[inline]
pub(crate) fn holds(text: &str, any: &[u8]) -> bool {
    any.iter().any(|byte| find(text.as_bytes(), *byte).is_some())
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
        assert_eq!((until("a?b#c", b"#?"), until("ab", b"#")), ("a", "ab"));
    }
}

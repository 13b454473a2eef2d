//! Tag lists: the `name=value; name=value` shape that six record kinds share.
//!
//! MTA-STS, TLS-RPT, DKIM, DMARC and BIMI agree on the shape and on nothing
//! else (white space, case, repeated and empty tags). So this reader only cuts
//! the text and keeps every byte's place; each parser judges what it sees.

use crate::{Span, ascii};

/// One piece between semicolons.
///
/// ```
/// let tags: Vec<_> = mxray_records::tags::read("v=STSv1; id = 1").collect();
/// assert_eq!(tags[1].name.of("v=STSv1; id = 1"), "id");
/// assert_eq!(tags[1].value.map(|value| value.of("v=STSv1; id = 1")), Some("1"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// All between the semicolons, white space included.
    pub piece: Span,
    /// What stands before the `=`, or the whole piece if there is none; without white space around it.
    pub name: Span,
    /// What stands after the first `=`, without white space around it; `None` without an `=`.
    pub value: Option<Span>,
    /// Whether a semicolon ends the piece.
    pub terminated: bool,
}

impl Tag {
    /// A piece without its semicolon.
    pub(crate) fn of(text: &str, piece: Span, terminated: bool) -> Self {
        Self::read(piece.bytes(text), piece.start, terminated)
    }

    /// A piece that starts somewhere in a text.
    fn read(bytes: &[u8], start: usize, terminated: bool) -> Self {
        let equals = bytes.iter().position(|byte| *byte == b'=');
        let (name, value) = bytes.split_at(equals.unwrap_or(bytes.len()));
        Self {
            piece: Span::new(start, start + bytes.len()),
            name: ink(name, start),
            value: value.get(1..).map(|value| ink(value, start + name.len() + 1)),
            terminated,
        }
    }

    /// Nothing but white space: `;;`, or what follows the last semicolon.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.value.is_none() && self.name.start == self.name.end
    }

    /// The name and the value without the white space around the whole.
    #[must_use]
    pub fn trimmed(&self) -> Span {
        Span::new(self.name.start, self.value.map_or(self.name.end, |value| value.end))
    }

    /// Whether white space stands beside the `=`.
    #[must_use]
    pub fn spaced_equals(&self) -> bool {
        self.value.is_some_and(|value| value.start != self.name.end + 1)
    }
}

/// The tags of a text, or of a part of it.
#[derive(Clone, Debug)]
pub struct Tags<'a> {
    rest: &'a [u8],
    start: usize,
}

/// Cuts a text at its semicolons. A text that ends with one yields no empty piece after it.
#[must_use]
pub fn read(text: &str) -> Tags<'_> {
    read_within(text, Span::new(0, text.len()))
}

/// Cuts a part of a text at its semicolons; the spans count in the whole.
#[must_use]
pub fn read_within(text: &str, part: Span) -> Tags<'_> {
    Tags { rest: part.bytes(text), start: part.start }
}

impl Iterator for Tags<'_> {
    type Item = Tag;

    // Six readers call it, and one copy is enough for the page.
    #[inline(never)]
    fn next(&mut self) -> Option<Tag> {
        if self.rest.is_empty() {
            return None;
        }
        let semicolon = ascii::find(self.rest, b';');
        let (piece, rest) = self.rest.split_at(semicolon.unwrap_or(self.rest.len()));
        let tag = Tag::read(piece, self.start, semicolon.is_some());
        self.rest = rest.get(1..).unwrap_or_default();
        self.start = tag.piece.end + 1;
        Some(tag)
    }
}

/// The span without the spaces, tabs and line ends around it.
#[must_use]
pub fn trim(text: &str, span: Span) -> Span {
    ink(span.bytes(text), span.start)
}

/// Where bytes that start somewhere are not white; behind them, if all are.
fn ink(bytes: &[u8], offset: usize) -> Span {
    let is_ink = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let end = bytes.iter().rposition(is_ink).map_or(bytes.len(), |last| last + 1);
    let start = bytes.iter().position(is_ink).unwrap_or(end);
    Span::new(offset + start, offset + end)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::read;

    fn cut(text: &str) -> Vec<(&str, Option<&str>)> {
        read(text).map(|tag| (tag.name.of(text), tag.value.map(|value| value.of(text)))).collect()
    }

    #[test]
    fn tags_are_cut_at_semicolons_and_the_first_equals() {
        for (reason, text, expected) in [
            ("nothing", "", vec![]),
            ("one", "v=STSv1", vec![("v", Some("STSv1"))]),
            ("a final semicolon adds nothing", "a=1;", vec![("a", Some("1"))]),
            ("a blank after it is kept", "a=1; ", vec![("a", Some("1")), ("", None)]),
            (
                "a doubled semicolon is kept",
                "a=1;;b=2",
                vec![("a", Some("1")), ("", None), ("b", Some("2"))],
            ),
            ("no equals sign", "a=1; b", vec![("a", Some("1")), ("b", None)]),
            ("an empty value is not an absent one", "p=", vec![("p", Some(""))]),
            ("base64 keeps its padding", "p=ab==", vec![("p", Some("ab=="))]),
            ("white space is trimmed", " a =\t1 ; b= 2", vec![("a", Some("1")), ("b", Some("2"))]),
        ] {
            assert_eq!(cut(text), expected, "{reason}");
        }
    }
}

//! The text of a TXT record: character-strings joined without spaces.

use crate::Span;

/// The joined text of a TXT record, which remembers where each character-string began.
///
/// All of the field's standards join the strings without adding spaces
/// (RFC 8461 §3.1, RFC 7208 §3.3, RFC 6376 §3.6.2.2).
///
/// ```
/// use mxray_records::Text;
/// let text = Text::join(["v=STSv1; ", "id=1"]);
/// assert_eq!(text.as_str(), "v=STSv1; id=1");
/// assert_eq!(text.string_at(10), (1, 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    joined: String,
    starts: Vec<usize>,
}

impl Text {
    /// Joins character-strings.
    pub fn join<S: AsRef<str>>(strings: impl IntoIterator<Item = S>) -> Self {
        let mut text = Self { joined: String::new(), starts: Vec::new() };
        for string in strings {
            text.starts.push(text.joined.len());
            text.joined.push_str(string.as_ref());
        }
        text
    }

    /// The text that spans count in.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.joined
    }

    /// The character-strings that were joined, as spans.
    pub fn strings(&self) -> impl Iterator<Item = Span> {
        let ends = self.starts.iter().skip(1).copied().chain([self.joined.len()]);
        self.starts.iter().copied().zip(ends).map(|(start, end)| Span::new(start, end))
    }

    /// Which character-string holds a byte of the joined text, and where in it; both from 0.
    #[must_use]
    pub fn string_at(&self, byte: usize) -> (usize, usize) {
        let index = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        (index, byte - self.starts.get(index).copied().unwrap_or_default())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::join([text])
    }
}

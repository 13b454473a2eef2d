//! What is linted: a document, and what was found in it.

use std::iter;

use mxray_facts::Name;
use mxray_records::Span;
use mxray_records::lint::Kind;
use mxray_zone as zone;
pub(super) use mxray_zone::{Found, Repair};

use crate::draw::Layout;
use crate::senders::Row;

/// A file, or what came from standard input.
#[derive(Debug)]
pub(super) struct Document {
    /// What to call it.
    pub(super) name: String,
    pub(super) content: String,
    pub(super) layout: Layout,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// What was found in a set.
#[derive(Debug)]
pub(super) struct Linted {
    /// The records of a zone that this is about; `None` for a document that is one set.
    pub(super) about: Option<(Name, Kind)>,
    pub(super) usable: bool,
    /// The worst first.
    pub(super) found: Vec<Found>,
    /// Who honors the policy, if that is asked.
    pub(super) senders: Option<Vec<Row>>,
}

impl Document {
    pub(super) fn new(name: String, content: String, layout: Layout) -> Self {
        let ends = content.match_indices('\n').map(|(end, _)| end + 1);
        let starts = iter::once(0).chain(ends).collect();
        Self { name, content, layout, starts }
    }

    /// The number of the line that a byte is in, from 1, and where it begins.
    pub(super) fn line(&self, byte: usize) -> (usize, usize) {
        let number = self.starts.partition_point(|start| *start <= byte);
        (number, self.starts[number - 1])
    }

    /// The line that a byte is in, and its character there, both from 1.
    pub(super) fn position(&self, byte: usize) -> (usize, usize) {
        let (number, start) = self.line(byte);
        (number, 1 + Span::new(start, byte).of(&self.content).chars().count())
    }
}

impl From<zone::Linted> for Linted {
    fn from(linted: zone::Linted) -> Self {
        let zone::Linted { about, usable, found } = linted;
        Self { about, usable, found, senders: None }
    }
}

#[cfg(test)]
mod tests {
    use super::Document;
    use crate::draw::Layout;

    #[test]
    fn a_position_counts_lines_and_characters_from_1() {
        let document = Document::new("there".to_owned(), "éa\nb".to_owned(), Layout::Lines);
        for (reason, byte, expected) in [
            ("the start", 0, (1, 1)),
            ("after a letter of two bytes", 2, (1, 2)),
            ("a line end belongs to its line", 3, (1, 3)),
            ("the next line", 4, (2, 1)),
            ("the end", 5, (2, 2)),
        ] {
            assert_eq!(document.position(byte), expected, "{reason}");
        }
    }
}

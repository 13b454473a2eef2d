//! The SPF record.

use crate::{Parsed, RecordSet, Text};

pub mod rules {
    //! The rules of this record.
    crate::rules! { "spf.record":
        /// Several records stand where one is allowed.
        SEVERAL_RECORDS = Fail, "several-records", "RFC 7208 §4.5";
    }
}

/// What the record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {}

impl Record {
    /// Whether everybody may send in the domain's name: `+all`.
    #[must_use]
    pub fn allows_anybody(&self) -> bool {
        false
    }

    /// Whether nobody may: `-all` and nothing before it.
    #[must_use]
    pub fn allows_nobody(&self) -> bool {
        false
    }
}

/// Reads one text.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    Parsed {
        value: None,
        ours: text.as_str().contains("spf1"),
        usable: false,
        findings: Vec::new(),
    }
}

/// Reads all texts at the name and tells which a receiver would use.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    RecordSet { records: texts.iter().map(parse).collect(), chosen: None, findings: Vec::new() }
}

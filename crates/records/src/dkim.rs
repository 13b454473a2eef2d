//! The DKIM key record.

use crate::{Parsed, RecordSet, Text};

pub mod rules {
    //! The rules of this record.
    crate::rules! { "dkim.key":
        /// Several records stand where one is allowed.
        SEVERAL_RECORDS = Fail, "several-records", "RFC 6376 §3.6.2.2";
    }
}

/// What the record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {}

impl Record {
    /// Whether the key is revoked: an empty `p=`.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        false
    }
}

/// Reads one text.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    Parsed { value: None, ours: text.as_str().contains("p="), usable: false, findings: Vec::new() }
}

/// Reads all texts at the name and tells which a receiver would use.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    RecordSet { records: texts.iter().map(parse).collect(), chosen: None, findings: Vec::new() }
}

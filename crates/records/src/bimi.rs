//! The BIMI record.

use crate::{Parsed, RecordSet, Text};

pub mod rules {
    //! The rules of this record.
    crate::rules! { "bimi.record":
        /// Several records stand where one is allowed.
        SEVERAL_RECORDS = Fail, "several-records", "draft-brand-indicators-for-message-identification-12 §4.3";
    }
}

/// What the record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {}

/// Reads one text.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    Parsed {
        value: None,
        ours: text.as_str().contains("BIMI"),
        usable: false,
        findings: Vec::new(),
    }
}

/// Reads all texts at the name and tells which a receiver would use.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    RecordSet { records: texts.iter().map(parse).collect(), chosen: None, findings: Vec::new() }
}

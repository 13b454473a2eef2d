//! The DMARC record.

use crate::{Parsed, RecordSet, Text};

pub mod rules {
    //! The rules of this record.
    crate::rules! { "dmarc.record":
        /// Several records stand where one is allowed.
        SEVERAL_RECORDS = Fail, "several-records", "RFC 9989 §4.10";
    }
}

/// What receivers are asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Nothing.
    None,
    /// Treat with suspicion.
    Quarantine,
    /// Refuse.
    Reject,
}

/// Whether the name is a public suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Psd {
    /// It is.
    Yes,
    /// It is an organizational domain.
    No,
    /// Not said.
    Unknown,
}

/// What the record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `psd`.
    pub psd: Psd,
    /// `t=y`.
    pub testing: bool,
}

impl Record {
    /// For the domain itself.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy::None
    }

    /// For the domains below.
    #[must_use]
    pub fn subdomain_policy(&self) -> Policy {
        Policy::None
    }
}

/// Reads one text.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    Parsed {
        value: None,
        ours: text.as_str().contains("DMARC1"),
        usable: false,
        findings: Vec::new(),
    }
}

/// Reads all texts at the name and tells which a receiver would use.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    RecordSet { records: texts.iter().map(parse).collect(), chosen: None, findings: Vec::new() }
}

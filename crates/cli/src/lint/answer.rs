//! What a lint found, as JSON.

use mxray_records::lint::Lint;
use mxray_records::texts::Texts;
use mxray_records::{Finding, Place, Severity};
use serde::Serialize;

use super::source::{Document, Linted};
use crate::senders::Row;

/// `{"usable", "findings"}`, before it what they are about where that is not plain, and behind it
/// what senders make of it if that is asked.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    usable: bool,
    findings: Vec<Found>,
    #[serde(skip_serializing_if = "Option::is_none")]
    senders: Option<&'a [Row]>,
}

/// One finding: all that the protocol promises, and no more.
#[derive(Serialize)]
struct Found {
    rule: &'static str,
    severity: Severity,
    span: Option<Place>,
    message: String,
    /// The corrected text.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

impl Found {
    fn new(finding: &Finding, line: Option<usize>, texts: &Texts) -> Self {
        Self {
            rule: finding.rule.code,
            severity: finding.rule.severity,
            span: finding.place,
            message: texts.say(finding, |rule| &rule.exact),
            fix: finding.fix.clone(),
            line,
        }
    }
}

impl<'a> Answer<'a> {
    /// The answer about one text, or the records at one name.
    pub(super) fn new(linted: &Lint, texts: &Texts) -> Self {
        let found = linted.findings.iter().map(|finding| Found::new(finding, None, texts));
        Self::bare(linted.usable, found)
    }

    /// The answer about a document.
    pub(super) fn of_document(linted: &'a Linted, texts: &Texts) -> Self {
        let found = linted.found.iter().map(|found| Found::new(&found.finding, None, texts));
        Self { senders: linted.senders.as_deref(), ..Self::bare(linted.usable, found) }
    }

    /// The answer about one of several documents.
    pub(super) fn of_file(document: &'a Document, linted: &'a Linted, texts: &Texts) -> Self {
        Self { file: Some(&document.name), ..Self::of_document(linted, texts) }
    }

    /// The answer about records of a zone.
    pub(super) fn of_zone(document: &'a Document, linted: &'a Linted, texts: &Texts) -> Self {
        let found = linted.found.iter().map(|found| {
            let line = found.spot.map(|spot| document.line(spot.start).0);
            Found::new(&found.finding, line, texts)
        });
        let about = linted.about.as_ref();
        Self {
            file: Some(&document.name),
            owner: about.map(|(owner, _)| owner.as_str()),
            kind: about.map(|(_, kind)| kind.as_str()),
            ..Self::bare(linted.usable, found)
        }
    }

    fn bare(usable: bool, found: impl Iterator<Item = Found>) -> Self {
        Self {
            file: None,
            owner: None,
            kind: None,
            usable,
            findings: found.collect(),
            senders: None,
        }
    }
}

//! What a lint found, as JSON.

use mxray_records::lint::Lint;
use mxray_records::texts::Texts;
use mxray_records::{Place, Severity};
use serde::Serialize;

/// `{"usable", "findings"}`.
#[derive(Serialize)]
pub(super) struct Answer {
    usable: bool,
    findings: Vec<Found>,
}

/// One finding: all that the protocol promises, and no more.
#[derive(Serialize)]
struct Found {
    rule: &'static str,
    severity: Severity,
    span: Option<Place>,
    message: String,
}

impl Answer {
    /// The answer about one text, or the records at one name.
    pub(super) fn new(linted: &Lint, texts: &Texts) -> Self {
        let found = linted.findings.iter().map(|finding| Found {
            rule: finding.rule.code,
            severity: finding.rule.severity,
            span: finding.place,
            message: texts.say(finding, |rule| &rule.exact),
        });
        Self { usable: linted.usable, findings: found.collect() }
    }
}

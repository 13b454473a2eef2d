//! What no reader of a record objects to, and yet nobody means, as `mxray lint` says it of a text: a
//! placeholder that was never filled in, a key in pieces. And what is odd about records of which a scan
//! otherwise reads the numbers: MX and TLSA.

use mxray_records::lint::{Kind, lint};
use mxray_records::{Finding, Text};

use super::Notes;
use crate::report::{Check, CheckId, Evidence, Line, Report, Source};

/// The rules about texts that only lint raises, by the ends of their codes.
const SUSPICIONS: [&str; 2] = ["placeholder", "torn"];

/// Rules that say no more than another does that is found already.
const SAID: [(&str, &str); 2] = [
    ("mx.set.null-with-others", "mx.null-with-others"),
    ("tlsa.record.certificate-pinned", "dane.renewal-breaks"),
];

/// Lints what was seen.
pub(super) fn find(report: &Report, notes: &mut Notes) {
    for check in &report.checks {
        for evidence in &check.evidence {
            for finding in findings(check, evidence) {
                if !is_said(check, notes, &finding) {
                    notes.find(check.id, finding);
                }
            }
        }
    }
}

fn findings(check: &Check, evidence: &Evidence) -> Vec<Finding> {
    let Some(kind) = kind(check.id, &evidence.source) else { return Vec::new() };
    if evidence.texts.is_empty() {
        return Vec::new();
    }
    let texts: Vec<Text> = evidence.texts.iter().map(text).collect();
    let mut findings = lint(kind, &texts, &[], None).findings;
    let ends = |finding: &Finding| finding.rule.code.rsplit('.').next();
    let is_suspicion =
        |finding: &Finding| ends(finding).is_some_and(|end| SUSPICIONS.contains(&end));
    findings.retain(|finding| kind.is_a_record_a_line() || is_suspicion(finding));
    findings
}

/// What stands at a place.
fn kind(check: CheckId, source: &Source) -> Option<Kind> {
    Some(match (check, source) {
        (CheckId::MtaSts, Source::Policy(_)) => Kind::MtaStsPolicy,
        (CheckId::MtaSts, Source::Dns { .. }) => Kind::MtaStsRecord,
        (CheckId::TlsRpt, _) => Kind::TlsRptRecord,
        (CheckId::Dane, _) => Kind::TlsaRecord,
        (CheckId::Mx, _) => Kind::MxSet,
        (CheckId::Spf, _) => Kind::SpfRecord,
        (CheckId::Dkim, _) => Kind::DkimKey,
        (CheckId::Dmarc, _) => Kind::DmarcRecord,
        (CheckId::Bimi, _) => Kind::BimiRecord,
        (CheckId::MailServers, _) => return None,
    })
}

fn text(line: &Line) -> Text {
    if line.strings.is_empty() {
        return Text::from(line.text.as_str());
    }
    Text::join(line.strings.iter().map(|string| string.of(&line.text)))
}

fn is_said(check: &Check, notes: &Notes, finding: &Finding) -> bool {
    let code = finding.rule.code;
    let is_found = |code: &str| {
        let found = check.findings.iter().map(|found| &found.finding);
        let noted = notes.0.iter().map(|note| &note.finding);
        found.chain(noted).any(|found| found.rule.code == code)
    };
    is_found(code) || SAID.iter().any(|(lint, other)| *lint == code && is_found(other))
}

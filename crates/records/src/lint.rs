//! Lint: one door for a text of a kind that the caller names.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use crate::mta_sts::{policy, record};
use crate::{Finding, Parsed, RecordSet, Text, tls_rpt};

/// What a text is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The TXT record at `_mta-sts`.
    MtaStsRecord,
    /// The body of `mta-sts.txt`.
    MtaStsPolicy,
    /// The TXT record at `_smtp._tls`.
    TlsRptRecord,
}

impl Kind {
    /// Every kind, in the order in which they are listed to people.
    pub const ALL: [Self; 3] = [Self::MtaStsRecord, Self::MtaStsPolicy, Self::TlsRptRecord];

    /// Its name on a command line and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MtaStsRecord => "mta-sts-record",
            Self::MtaStsPolicy => "mta-sts-policy",
            Self::TlsRptRecord => "tlsrpt-record",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No kind has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind(String);

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = Kind::ALL.map(Kind::as_str).join(", ");
        write!(f, "“{}” is not a kind of text; expected one of: {kinds}", self.0)
    }
}

impl std::error::Error for UnknownKind {}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let named = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        named.ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

/// What was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Whether a receiver that follows the standard would use it, whatever MX hosts it covers.
    pub usable: bool,
    /// The worst first, and those alike in the order of the text: the first is the one to mend first.
    pub findings: Vec<Finding>,
}

/// Lints the records at one name, or a policy.
///
/// A policy is one text; `mx` holds the MX hosts that it has to cover, and
/// `content_type` what it was served with, where that is known.
///
/// ```
/// use mxray_records::lint::{Kind, lint};
/// let linted = lint(Kind::MtaStsRecord, &["v=STSv1; id=2026-11-24".into()], &[], None);
/// assert!(!linted.usable);
/// assert_eq!(linted.findings[0].rule.code, "mta-sts.record.id-characters");
/// ```
#[must_use]
pub fn lint(kind: Kind, texts: &[Text], mx: &[String], content_type: Option<&str>) -> Lint {
    let linted = match kind {
        Kind::MtaStsRecord => records(texts, record::parse, record::read_set),
        Kind::TlsRptRecord => records(texts, tls_rpt::parse, tls_rpt::read_set),
        Kind::MtaStsPolicy => {
            let body: String = texts.iter().map(Text::as_str).collect();
            let mx: Vec<&str> = mx.iter().map(String::as_str).collect();
            served_policy(&body, &mx, content_type)
        }
    };
    ordered(linted)
}

fn records<T>(
    texts: &[Text],
    parse: fn(&Text) -> Parsed<T>,
    read_set: fn(&[Text]) -> RecordSet<T>,
) -> Lint {
    let set = read_set(texts);
    if set.ours {
        return Lint { usable: set.chosen.is_some(), findings: set.findings };
    }
    // Where nothing is of the kind, it is skipped in DNS; but here somebody says that it should be.
    let nothing = [Text::from("")];
    let texts = if texts.is_empty() { &nothing } else { texts };
    let parsed = texts.iter().enumerate().map(|(index, text)| parse(text).in_record(index));
    Lint { usable: false, findings: parsed.flat_map(|parsed| parsed.findings).collect() }
}

fn served_policy(body: &str, mx: &[&str], content_type: Option<&str>) -> Lint {
    let Parsed { value, usable, mut findings, .. } = policy::parse(body);
    if let Some(value) = value {
        findings.extend(policy::coverage(&value, mx));
    }
    if content_type.is_some() {
        findings.extend(policy::content_type(content_type));
    }
    Lint { usable, findings }
}

fn ordered(mut linted: Lint) -> Lint {
    let rank = |finding: &Finding| {
        (Reverse(finding.rule.severity), finding.place.is_none(), finding.place)
    };
    linted.findings.sort_by_key(rank);
    linted
}

//! Lint: one door for a text of a kind that the caller names.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use crate::mend::{finish, mend};
use crate::mta_sts::{policy, record};
use crate::{
    Finding, Parsed, RecordSet, Severity, Text, bimi, caa, dkim, dmarc, mx, spf, suspicion,
    tls_rpt, tlsa,
};

/// What a text is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The TXT record at `_mta-sts`.
    MtaStsRecord,
    /// The body of `mta-sts.txt`.
    MtaStsPolicy,
    /// The TXT record at `_smtp._tls`.
    TlsRptRecord,
    /// The TXT record that says who may send.
    SpfRecord,
    /// The TXT record under a selector below `_domainkey`.
    DkimKey,
    /// The TXT record at `_dmarc`.
    DmarcRecord,
    /// The TXT record under a selector below `_bimi`.
    BimiRecord,
    /// The TLSA records of a mail server, at `_25._tcp`.
    TlsaRecord,
    /// The MX records of a domain.
    MxSet,
    /// The CAA records of a domain.
    CaaRecord,
}

impl Kind {
    /// Every kind, in the order in which they are listed to people.
    pub const ALL: [Self; 10] = [
        Self::MtaStsRecord,
        Self::MtaStsPolicy,
        Self::TlsRptRecord,
        Self::SpfRecord,
        Self::DkimKey,
        Self::DmarcRecord,
        Self::BimiRecord,
        Self::TlsaRecord,
        Self::MxSet,
        Self::CaaRecord,
    ];

    /// Its name on a command line and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MtaStsRecord => "mta-sts-record",
            Self::MtaStsPolicy => "mta-sts-policy",
            Self::TlsRptRecord => "tlsrpt-record",
            Self::SpfRecord => "spf-record",
            Self::DkimKey => "dkim-key",
            Self::DmarcRecord => "dmarc-record",
            Self::BimiRecord => "bimi-record",
            Self::TlsaRecord => "tlsa-record",
            Self::MxSet => "mx-set",
            Self::CaaRecord => "caa-record",
        }
    }

    /// Whether each line of a text is a record of its own: what is not a TXT record is written as
    /// fields, and several belong together.
    #[must_use]
    pub fn is_a_record_a_line(self) -> bool {
        matches!(self, Self::TlsaRecord | Self::MxSet | Self::CaaRecord)
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
    let mut linted = read(kind, texts, mx, content_type);
    suspicion::name_other_kind(kind, texts, &mut linted.findings);
    mend(kind, texts, &mut linted.findings);
    if kind == Kind::DkimKey
        && !linted.usable
        && let Some(torn) = suspicion::torn_key(texts)
    {
        // What is wrong with the pieces comes of it.
        linted.findings = vec![torn];
    }
    finish(kind, &mut linted.findings);
    linted.findings.extend(suspicion::placeholders(kind, texts));
    ordered(linted)
}

/// What the readers say, without what they do not know how to mend.
pub(crate) fn read(kind: Kind, texts: &[Text], mx: &[String], content_type: Option<&str>) -> Lint {
    match kind {
        Kind::MtaStsRecord => records(texts, record::parse, record::read_set),
        Kind::TlsRptRecord => records(texts, tls_rpt::parse, tls_rpt::read_set),
        Kind::SpfRecord => expect_spf(records(texts, spf::parse, spf::read_set), texts),
        Kind::DkimKey => records(texts, dkim::parse, dkim::read_set),
        Kind::DmarcRecord => records(texts, dmarc::parse, dmarc::read_set),
        Kind::BimiRecord => records(texts, bimi::parse, bimi::read_set),
        Kind::TlsaRecord => records(texts, tlsa::parse, tlsa::read_set),
        Kind::MxSet => records(texts, mx::parse, mx::read_set),
        Kind::CaaRecord => records(texts, caa::parse, caa::read_set),
        Kind::MtaStsPolicy => {
            let body: String = texts.iter().map(Text::as_str).collect();
            let mx: Vec<&str> = mx.iter().map(String::as_str).collect();
            served_policy(&body, &mx, content_type)
        }
    }
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

/// In DNS a record of Sender ID does no harm; where somebody says that SPF should be, it is none.
fn expect_spf(mut linted: Lint, texts: &[Text]) -> Lint {
    let fails = linted.findings.iter().any(|finding| finding.rule.severity == Severity::Fail);
    if let Some(first) = texts.first().filter(|_| !linted.usable && !fails) {
        let start: String = first.as_str().chars().take(20).collect();
        let foreign = Finding::at(&spf::rules::FOREIGN, 0..first.as_str().len());
        linted.findings.push(foreign.with("start", start));
    }
    linted
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

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Kind, lint};
    use crate::Text;

    fn found(kind: Kind, texts: &[&str]) -> (bool, Vec<&'static str>) {
        let texts: Vec<_> = texts.iter().copied().map(Text::from).collect();
        let linted = lint(kind, &texts, &[], None);
        (linted.usable, linted.findings.iter().map(|finding| finding.rule.code).collect())
    }

    #[test]
    fn what_should_be_of_a_kind_and_is_not_fails() {
        for (kind, texts, expected) in [
            (Kind::SpfRecord, vec!["hello"], vec!["spf.record.foreign"]),
            (
                Kind::SpfRecord,
                vec!["spf2.0/pra -all"],
                vec!["spf.record.foreign", "spf.record.sender-id"],
            ),
            (Kind::DkimKey, vec!["hello"], vec!["dkim.key.foreign"]),
            (Kind::DkimKey, vec!["v=DMARC1"], vec!["dkim.key.other-kind"]),
            (Kind::DmarcRecord, vec![], vec!["dmarc.record.foreign"]),
            (Kind::BimiRecord, vec![""], vec!["bimi.record.foreign"]),
            (Kind::MxSet, vec![], vec!["mx.set.field-missing"]),
        ] {
            assert_eq!(found(kind, &texts), (false, expected), "{kind} {texts:?}");
        }
    }

    #[test]
    fn a_set_is_usable_if_a_receiver_would_use_something_of_it() {
        for (reason, kind, texts, expected) in [
            ("the record of its kind", Kind::SpfRecord, vec!["hello", "v=spf1 -all"], true),
            ("no domain", Kind::SpfRecord, vec!["hello", "v=spf1 a:museum -all"], false),
            ("one too many", Kind::SpfRecord, vec!["v=spf1 -all", "v=spf1 a -all"], false),
            ("everybody may send", Kind::SpfRecord, vec!["v=spf1 +all"], true),
            ("one host of two", Kind::MxSet, vec!["10 192.0.2.1", "20 mail.b.example"], true),
            ("a contradiction", Kind::MxSet, vec!["0 .", "20 mail.b.example"], false),
        ] {
            assert_eq!(found(kind, &texts).0, expected, "{reason}");
        }
    }
}

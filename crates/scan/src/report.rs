//! The report: what every face shows.
//!
//! Plain data with a schema version. It holds codes, keys and parameters; the
//! sentences are in the texts.

use std::net::IpAddr;
use std::rc::Rc;

use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch, Timestamp, Unobserved};
use mxray_records::{Finding, Params, Severity, Span};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::Protection;

/// The version of [`Report`]'s shape; raised when a reader of the old one would misread the new.
pub const SCHEMA: u32 = 1;

/// All that a scan found.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The domain that was scanned.
    pub domain: Domain,
    /// When.
    pub at: Timestamp,
    /// *Is mail to you protected on its way?*
    pub transport: Answer,
    /// *Is your name protected against forged mail?*
    pub forgery: Answer,
    /// *Mail to you may be refused*, or your own mail: why, if so.
    pub alarms: Vec<Step>,
    /// Where MTA-STS stands.
    pub stage: Stage,
    /// What to do first: at most three, the worst first.
    pub steps: Vec<Step>,
    /// Each check, in the order of the page.
    pub checks: Vec<Rc<Check>>,
    /// The MX hosts, by preference.
    pub hosts: Vec<HostReport>,
    /// The domain above this one, where that one names mail servers and this one none.
    pub suggestion: Option<Domain>,
}

impl Report {
    /// What there is to say about the stage: the key of a sentence, below `page.stage`.
    #[must_use]
    pub fn stage_said(&self) -> &'static str {
        let stands = |id, verdict| {
            self.checks.iter().any(|check| check.id == id && check.verdict == verdict)
        };
        // In force, and mail may be refused on its way: that is no arrival.
        let on_its_way = |step: &Step| {
            use CheckId::{Dane, MailServers, MtaSts, Mx};
            matches!(step.check, MtaSts | MailServers | Dane | Mx)
        };
        match self.stage {
            Stage::Enforce if self.alarms.iter().any(on_its_way) => "refused",
            Stage::Enforce if stands(CheckId::MailServers, Verdict::Unknown) => "untested",
            _ if stands(CheckId::MtaSts, Verdict::NotApplicable) => "no-mail",
            stage => stage.as_str(),
        }
    }
}

/// The answer to one of the two questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Answer {
    /// Yes, partly, no, could not tell.
    pub protection: Protection,
    /// Why, in a sentence anyone understands.
    pub because: Sentence,
}

/// A sentence of the texts' words: its key and what goes into its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(type = "{ key: string } & Record<string, string>"))]
pub struct Sentence {
    /// The key, such as `answer.transport.enforce`.
    pub key: &'static str,
    /// The data for its placeholders.
    pub params: Params,
}

impl Sentence {
    /// A sentence without data.
    #[must_use]
    #[inline(never)]
    pub fn new(key: &'static str) -> Self {
        Self { key, params: Params::new() }
    }

    /// Adds a datum for the sentence's `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into()));
        self
    }
}

/// Why something could not be looked at.
impl From<&Unobserved> for Sentence {
    fn from(reason: &Unobserved) -> Self {
        match reason {
            Unobserved::NoProxy => Self::new("unobserved.no-proxy"),
            Unobserved::BrowserMayNotRead => Self::new("unobserved.browser-may-not-read"),
            Unobserved::TimedOut => Self::new("unobserved.timed-out"),
            Unobserved::TurnedAway(reply) => Self::new("unobserved.turned-away")
                .with("code", reply.code.to_string())
                .with("text", reply.lines.first().map_or("", String::as_str)),
            Unobserved::PortClosedHere => Self::new("unobserved.port-closed-here"),
            Unobserved::AddressNotAllowed => Self::new("unobserved.address-not-allowed"),
            Unobserved::RateLimited => Self::new("unobserved.rate-limited"),
            Unobserved::QuestionLimit => Self::new("unobserved.question-limit"),
            Unobserved::ResolverFailed => Self::new("unobserved.resolver-failed"),
            Unobserved::Resolution(resolution) if resolution.bogus => Self::new("unobserved.bogus"),
            Unobserved::Resolution(resolution) => {
                Self::new("unobserved.resolution").with("rcode", resolution.rcode.to_string())
            }
            Unobserved::DnssecUnchecked => Self::new("unobserved.dnssec-unchecked"),
            Unobserved::NotCovered => Self::new("unobserved.not-covered"),
            Unobserved::DependsOnUnobserved => Self::new("unobserved.depends-on-unobserved"),
        }
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.params.len()))?;
        map.serialize_entry("key", self.key)?;
        for (name, value) in &self.params {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Where MTA-STS stands on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Nothing is published, or it is switched off (`mode: none`).
    None,
    /// Something is published that senders cannot use.
    Broken,
    /// A valid policy in testing mode.
    Testing,
    /// A valid policy in enforce mode.
    Enforce,
    /// It could not be looked at.
    Unknown,
}

impl Stage {
    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Broken => "broken",
            Self::Testing => "testing",
            Self::Enforce => "enforce",
            Self::Unknown => "unknown",
        }
    }
}

/// Something to do: a finding, and the check it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Step {
    /// The check.
    pub check: CheckId,
    /// The finding's place in [`Check::findings`].
    pub finding: usize,
}

/// One protocol's check.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Check {
    /// Which.
    pub id: CheckId,
    /// How it stands.
    pub verdict: Verdict,
    /// The same in one plain sentence.
    pub summary: Sentence,
    /// Every rule that applied, the worst first.
    pub findings: Vec<CheckFinding>,
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// What could not be looked at, and why.
    pub gaps: Vec<Gap>,
}

/// A check, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum CheckId {
    /// The MTA-STS record, policy and coverage.
    MtaSts,
    /// STARTTLS and the certificate of each MX host.
    MailServers,
    /// The TLS-RPT record.
    TlsRpt,
    /// TLSA records of the MX hosts.
    Dane,
    /// The MX set.
    Mx,
    /// The SPF record.
    Spf,
    /// DKIM keys.
    Dkim,
    /// The DMARC record.
    Dmarc,
    /// The BIMI record; shown, never counted.
    Bimi,
}

impl CheckId {
    /// Every check, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::MtaSts,
        Self::MailServers,
        Self::TlsRpt,
        Self::Dane,
        Self::Mx,
        Self::Spf,
        Self::Dkim,
        Self::Dmarc,
        Self::Bimi,
    ];

    /// Its name in the JSON, in the page's anchors and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MtaSts => "mta-sts",
            Self::MailServers => "mail-servers",
            Self::TlsRpt => "tls-rpt",
            Self::Dane => "dane",
            Self::Mx => "mx",
            Self::Spf => "spf",
            Self::Dkim => "dkim",
            Self::Dmarc => "dmarc",
            Self::Bimi => "bimi",
        }
    }

    /// Whether it counts towards the answers, the steps and the command's exit code.
    #[must_use]
    pub fn counts(self) -> bool {
        self != Self::Bimi
    }
}

/// How a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All is well.
    Pass,
    /// All is well, with something worth knowing.
    Notice,
    /// Works for some and not for others, or is missing.
    Warning,
    /// Surely wrong.
    Fail,
    /// Could not be looked at; never counted as failed.
    Unknown,
    /// The question does not arise for this domain.
    NotApplicable,
}

impl Verdict {
    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl From<Severity> for Verdict {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Notice => Self::Notice,
            Severity::Warning => Self::Warning,
            Severity::Fail => Self::Fail,
        }
    }
}

/// A finding, and the evidence it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct CheckFinding {
    /// The evidence's place in [`Check::evidence`], if it is about one.
    pub evidence: Option<usize>,
    /// The finding; its place counts in that evidence's lines.
    pub finding: Finding,
}

/// Something that was seen, with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Evidence {
    /// Where it comes from.
    pub source: Source,
    /// The texts that were read: one a record, or the whole policy file. None where there is nothing.
    pub texts: Vec<Line>,
}

/// One text of an evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Line {
    /// The text; spans count its UTF-8 bytes.
    pub text: String,
    /// The DNS character-strings it came in; empty for a file.
    pub strings: Vec<Span>,
}

/// Where an evidence comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// TXT, MX or TLSA records.
    Dns {
        /// The name that was asked.
        name: Name,
        /// The type, as in a zone file.
        record_type: &'static str,
        /// The names that CNAMEs led through.
        aliases: Vec<Name>,
        /// Whether the resolver says that it verified the signatures.
        authenticated: bool,
        /// For how many more seconds resolvers may remember this.
        ttl: Option<u32>,
    },
    /// The policy file, with all that was seen on the way; its body is the evidence's text.
    Policy(Rc<PolicyFetch>),
}

/// Something that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Gap {
    /// What: a name and type, a URL, a host.
    pub what: String,
    /// Why.
    pub reason: Unobserved,
}

/// An MX host and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct HostReport {
    /// Its name.
    pub host: Name,
    /// Lower is tried first.
    pub preference: u16,
    /// Its addresses.
    pub addresses: Observation<Vec<IpAddr>>,
    /// Whether the MTA-STS policy covers it.
    pub coverage: Coverage,
    /// Its conversation; Unobserved without a proxy.
    pub contact: Observation<Rc<MailHost>>,
}

/// Whether a policy covers an MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// There is no policy that could, or it could not be read.
    NoPolicy,
    /// This pattern does.
    CoveredBy(String),
    /// None does.
    NotCovered,
}

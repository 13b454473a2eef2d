//! May this server send in this name? The whole of SPF's `check_host()` (RFC 7208 §4).
//!
//! ```
//! use mxray_scan::spf::{Attempt, check_host};
//! # async fn ask(network: &impl mxray_scan::Network) {
//! let attempt = Attempt {
//!     ip: [192, 0, 2, 25].into(),
//!     domain: "example.com".to_owned(),
//!     sender: "info@example.com".to_owned(),
//!     helo: "mail.example.com".to_owned(),
//!     at: mxray_facts::Timestamp(1_790_000_000),
//! };
//! let evaluation = check_host(network, &attempt).await;
//! println!("{}, after {} lookups", evaluation.result.as_str(), evaluation.lookups);
//! # }
//! ```

mod evaluate;
pub(crate) mod target;

use std::net::IpAddr;

use mxray_facts::dns::RecordType;
use mxray_facts::{Name, Timestamp, Unobserved};
use mxray_records::Finding;
use mxray_records::spf::Qualifier;
use serde::Serialize;

pub use evaluate::check_host;

use crate::report::Sentence;

/// The most terms that may cause DNS questions in one evaluation (RFC 7208 §4.6.4).
pub const MAX_LOOKUPS: usize = mxray_records::spf::MAX_LOOKUPS;

/// The most of their questions that may have no answer (RFC 7208 §4.6.4).
pub const MAX_VOID_LOOKUPS: usize = 2;

/// Somebody's attempt to send mail: the arguments of `check_host()` (RFC 7208 §4.1), and what
/// macros can stand for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The address that the mail comes from.
    pub ip: IpAddr,
    /// The domain whose record is asked: of the sender, or the name in HELO.
    pub domain: String,
    /// The address in MAIL FROM; without a part before the @ it is `postmaster`'s. Empty for a bounce.
    pub sender: String,
    /// The name in HELO or EHLO.
    pub helo: String,
    /// When, for explanations that say it.
    pub at: Timestamp,
}

/// What came of it, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evaluation {
    /// The result.
    pub result: Outcome,
    /// Why.
    pub reason: Reason,
    /// What the domain says to whom it refuses; a stranger's words.
    pub explanation: Option<String>,
    /// How many terms caused questions, at most one more than [`MAX_LOOKUPS`].
    pub lookups: usize,
    /// How many questions had no answer, at most one more than [`MAX_VOID_LOOKUPS`].
    pub void_lookups: usize,
    /// The record of the domain, and below it all that were read for it.
    pub visit: Visit,
}

/// The seven results (RFC 7208 §2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There is no record, or no domain.
    None,
    /// The domain says nothing of this server.
    Neutral,
    /// The server may send.
    Pass,
    /// It may not.
    Fail,
    /// It probably may not.
    SoftFail,
    /// Something could not be looked at; another time it may be.
    TempError,
    /// The records cannot be understood.
    PermError,
}

impl Outcome {
    /// As the standard writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

impl From<Qualifier> for Outcome {
    fn from(qualifier: Qualifier) -> Self {
        match qualifier {
            Qualifier::Pass => Self::Pass,
            Qualifier::Fail => Self::Fail,
            Qualifier::SoftFail => Self::SoftFail,
            Qualifier::Neutral => Self::Neutral,
        }
    }
}

/// Why a record came to its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// What should be asked is no domain that can be (RFC 7208 §4.3).
    NotADomain {
        /// The text in its place.
        domain: String,
    },
    /// The domain has no record (RFC 7208 §4.5).
    NoRecord {
        /// The domain.
        domain: String,
    },
    /// The domain has several (RFC 7208 §4.5).
    SeveralRecords {
        /// The domain.
        domain: String,
        /// How many.
        count: usize,
    },
    /// The record has a mistake, for which receivers refuse all of it (RFC 7208 §4.6).
    Malformed {
        /// The domain.
        domain: String,
        /// The mistake.
        mistake: Finding,
    },
    /// A term matches (RFC 7208 §4.6.2).
    Matched {
        /// The domain.
        domain: String,
        /// The term.
        term: String,
    },
    /// No term does (RFC 7208 §4.7).
    NothingMatched {
        /// The domain.
        domain: String,
    },
    /// `include` or `redirect` leads to where no record is (RFC 7208 §5.2, §6.1).
    NothingThere {
        /// Where it leads.
        domain: String,
    },
    /// More than [`MAX_LOOKUPS`].
    TooManyLookups,
    /// More than [`MAX_VOID_LOOKUPS`].
    TooManyVoidLookups,
    /// An `mx` has to look at more hosts than ten (RFC 7208 §4.6.4).
    TooManyMxHosts {
        /// The domain.
        domain: String,
        /// How many hosts.
        count: usize,
    },
    /// A question was not answered (RFC 7208 §4.4, §5).
    Unobserved {
        /// What was asked about.
        name: Name,
        /// And for what.
        record_type: RecordType,
        /// Why there is no answer.
        why: Unobserved,
    },
}

/// The sentence for it; that of something unobserved says only why.
impl From<&Reason> for Sentence {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::NotADomain { domain } => about("spf.reason.not-a-domain", domain),
            Reason::NoRecord { domain } => about("spf.reason.no-record", domain),
            Reason::SeveralRecords { domain, count } => {
                about("spf.reason.several-records", domain).with("count", count.to_string())
            }
            Reason::Malformed { domain, .. } => about("spf.reason.malformed", domain),
            Reason::Matched { domain, term } => {
                about("spf.reason.matched", domain).with("term", term)
            }
            Reason::NothingMatched { domain } => about("spf.reason.nothing-matched", domain),
            Reason::NothingThere { domain } => about("spf.reason.nothing-there", domain),
            Reason::TooManyLookups => {
                Self::new("spf.reason.too-many-lookups").with("most", MAX_LOOKUPS.to_string())
            }
            Reason::TooManyVoidLookups => Self::new("spf.reason.too-many-void-lookups")
                .with("most", MAX_VOID_LOOKUPS.to_string()),
            Reason::TooManyMxHosts { domain, count } => {
                about("spf.reason.too-many-mx-hosts", domain).with("count", count.to_string())
            }
            Reason::Unobserved { why, .. } => Self::from(why),
        }
    }
}

fn about(key: &'static str, domain: &str) -> Sentence {
    Sentence::new(key).with("domain", domain)
}

/// The evaluation of one domain's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Visit {
    /// The domain.
    pub domain: String,
    /// Its record, if there is exactly one.
    pub record: Option<String>,
    /// The record's terms, in their order; none if the record has a mistake.
    pub steps: Vec<Step>,
    /// What it came to.
    pub result: Outcome,
    /// Why.
    pub reason: Reason,
}

/// What became of one term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The term, as it is written.
    pub term: String,
    /// The name that it is about, macros expanded; `None` if it is about none, or was not reached.
    pub target: Option<String>,
    /// The hosts that were looked at for it, with the addresses that were found.
    pub hosts: Vec<Host>,
    /// How many lookups it cost, with all that is below it.
    pub lookups: usize,
    /// How many of its questions had no answer, with all that is below it.
    pub void_lookups: usize,
    /// What became of it.
    pub progress: StepProgress,
    /// The record that it leads to, of `include` and `redirect`.
    pub below: Option<Box<Visit>>,
}

/// What became of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepProgress {
    /// It was not needed.
    NotReached,
    /// It does not match.
    NoMatch,
    /// It matches, and ends the evaluation of this record.
    Match,
    /// It leads to the record that decides: `redirect`.
    Followed,
    /// It ends the evaluation with an error.
    Error,
    /// It decides nothing: `exp`, and modifiers that nobody knows.
    Passive,
}

/// A host, and the addresses that were found for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Host {
    /// Its name.
    pub name: Name,
    /// Its addresses, of the kind that was asked for.
    pub addresses: Vec<IpAddr>,
}

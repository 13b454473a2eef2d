//! What a report says otherwise than the standard has it, and is read all the same.

use serde::{Deserialize, Serialize};

/// A way in which a report differs from RFC 8460 §4.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oddity {
    /// No name of the sender.
    NoOrganization,
    /// No report-id, so that a second copy is known by its content alone.
    NoReportId,
    /// No dates, or dates that are none.
    NoDates,
    /// The report ends before it begins.
    DatesReversed,
    /// The contact is missing or null.
    NoContact,
    /// There are no policies, and so no sessions.
    NoPolicies,
    /// One policy stands where a list of them should.
    PoliciesNotList,
    /// A policy does not say what kind it is.
    NoPolicyType,
    /// The policy's text is one string where a list should be.
    PolicyTextNotList,
    /// The MX hosts are one string where a list should be; the standard's own example is so (EID 6241).
    MxHostNotList,
    /// There is no count of sessions.
    NoSummary,
    /// The sessions that failed are counted, and not why.
    FailuresUnexplained,
    /// A failure does not say of what type it is.
    NoResultType,
    /// A number of sessions is no number, or none that can be.
    CountMalformed,
    /// More text stands behind the report.
    TextBehind,
}

impl Oddity {
    /// Every one.
    pub const ALL: [Self; 15] = [
        Self::NoOrganization,
        Self::NoReportId,
        Self::NoDates,
        Self::DatesReversed,
        Self::NoContact,
        Self::NoPolicies,
        Self::PoliciesNotList,
        Self::NoPolicyType,
        Self::PolicyTextNotList,
        Self::MxHostNotList,
        Self::NoSummary,
        Self::FailuresUnexplained,
        Self::NoResultType,
        Self::CountMalformed,
        Self::TextBehind,
    ];

    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoOrganization => "no-organization",
            Self::NoReportId => "no-report-id",
            Self::NoDates => "no-dates",
            Self::DatesReversed => "dates-reversed",
            Self::NoContact => "no-contact",
            Self::NoPolicies => "no-policies",
            Self::PoliciesNotList => "policies-not-list",
            Self::NoPolicyType => "no-policy-type",
            Self::PolicyTextNotList => "policy-text-not-list",
            Self::MxHostNotList => "mx-host-not-list",
            Self::NoSummary => "no-summary",
            Self::FailuresUnexplained => "failures-unexplained",
            Self::NoResultType => "no-result-type",
            Self::CountMalformed => "count-malformed",
            Self::TextBehind => "text-behind",
        }
    }
}

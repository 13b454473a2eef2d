//! What we saw, or why we could not look.

use serde::{Deserialize, Serialize};

use crate::Reply;
use crate::dns::ExtendedError;

/// What was seen, or why nothing could be.
///
/// In JSON: `{"Ok": …}` or `{"Err": reason}`.
pub type Observation<T> = Result<T, Unobserved>;

// An `Observation` as it looks in JSON: the schema of a `Result` is not ours to tell.
/// What was seen, or why nothing could be.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::ToSchema)]
pub enum Observed<T> {
    /// What was seen.
    Ok(T),
    /// Why nothing could be.
    Err(Unobserved),
}

/// Why we could not look. It says nothing about the domain: never *failed*, and never *absent*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unobserved {
    /// Only a proxy can look, and there is none.
    NoProxy,
    /// The browser may not read this host's answer, or the host is dead: a browser is not told which.
    BrowserMayNotRead,
    /// No answer before the deadline.
    TimedOut,
    /// The mail server turned us away before the question: it may well serve others.
    TurnedAway(Reply),
    /// Connections to port 25 cannot leave the network we look from.
    PortClosedHere,
    /// The address is one that we do not connect to: private, reserved or our own.
    AddressNotAllowed,
    /// The proxy or the resolver asked us to come back later.
    RateLimited,
    /// The scan had asked as many questions as it may.
    QuestionLimit,
    /// The resolver could not be reached, or not understood.
    ResolverFailed,
    /// The resolver answered that it has no answer.
    Resolution(Resolution),
    /// The resolver does not vouch for DNSSEC signatures, or its word is not taken (RFC 4035 §4.9.3).
    DnssecUnchecked,
    /// The source we look at does not hold this name: a zone file, a shared result.
    NotCovered,
    /// It depends on something that could not be observed itself.
    DependsOnUnobserved,
}

/// A resolver's answer that is neither records nor their absence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resolution {
    /// The response code: 2 SERVFAIL, 5 REFUSED, … (RFC 1035 §4.1.1).
    pub rcode: u8,
    /// Whether the same question with checking disabled was answered: then the signatures are broken, not the servers.
    pub bogus: bool,
    /// What the resolver said about it (RFC 8914).
    pub extended_errors: Vec<ExtendedError>,
}

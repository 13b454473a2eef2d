//! What came of asking a policy host for `/.well-known/mta-sts.txt` (RFC 8461 §3.3).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Bytes, Details, Name, Observation, Tls};

/// The most bytes of a policy that anybody reads (RFC 8461 §3.3 suggests 64 kilobytes).
pub const MAX_POLICY_BYTES: usize = 64 * 1024;

/// What came of fetching a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyFetch {
    /// The host that was asked: `mta-sts.<domain>`.
    pub host: Name,
    /// Its addresses; empty where a browser asked, which is not told.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub addresses: Vec<IpAddr>,
    /// The TLS session; `None` where there was none, or a browser asked.
    pub tls: Option<Tls>,
    /// What came of it.
    pub outcome: PolicyOutcome,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u32,
    /// What else an administrator may ask.
    #[serde(default, skip_serializing_if = "Details::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PolicyDetails>))]
    #[cfg_attr(feature = "types", ts(optional, as = "Option<PolicyDetails>"))]
    pub details: Details<PolicyDetails>,
}

/// More about how a policy came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyDetails {
    /// The names that CNAMEs led through from the host to its addresses.
    pub aliases: Vec<Name>,
    /// When the addresses were known, in milliseconds.
    pub resolved_ms: u32,
    /// The addresses that were asked, in the order in which they would be tried: what is said of
    /// the host is what the first one said that could be connected to.
    pub visits: Vec<Visit>,
}

/// What one address of a policy host did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Visit {
    /// The address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub address: IpAddr,
    /// What came of asking it.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::Observed<VisitOutcome>))]
    pub outcome: Observation<VisitOutcome>,
    /// When what was done.
    pub times: Times,
}

/// How asking one address ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum VisitOutcome {
    /// Nothing listens there, or the network says that it cannot be reached.
    Refused,
    /// The TLS handshake failed, with the reason given.
    TlsFailed(String),
    /// The connection ended, or what came is not HTTP.
    Broken(String),
    /// An HTTP answer.
    Answered {
        /// The status code.
        status: u16,
        /// The size of the body, as far as it was read.
        octets: usize,
        /// SHA-256 of that, by which the answers of several addresses can be compared.
        sha256: Bytes,
    },
}

/// When a connection got how far, in milliseconds since it was begun; `None` if it did not.
///
/// A body of so many octets came in the time between `answered` and `read`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Times {
    /// There was a connection.
    pub connected: Option<u32>,
    /// There was a TLS session.
    pub secured: Option<u32>,
    /// The head of the answer had come.
    pub answered: Option<u32>,
    /// The body had.
    pub read: Option<u32>,
}

/// How asking a policy host ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PolicyOutcome {
    /// The name has no address.
    NoAddress,
    /// No address of the host accepted a connection.
    Refused,
    /// The TLS handshake failed, with the reason given.
    TlsFailed(String),
    /// The connection ended, or what came is not HTTP.
    Broken(String),
    /// An answer that sends elsewhere; a browser is not told where. MUST NOT be followed (RFC 8461 §3.3).
    Redirect {
        /// The status, if known.
        status: Option<u16>,
        /// Where it points, if known.
        location: Option<String>,
    },
    /// Any other HTTP answer.
    Response(PolicyResponse),
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyResponse {
    /// The status code.
    pub status: u16,
    /// The `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// The body, at most [`MAX_POLICY_BYTES`].
    pub body: Bytes,
    /// Whether there was more than that.
    pub truncated: bool,
}

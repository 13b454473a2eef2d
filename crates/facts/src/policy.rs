//! What came of asking a policy host for `/.well-known/mta-sts.txt` (RFC 8461 §3.3).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Bytes, Name, Tls};

/// The most bytes of a policy that anybody reads (RFC 8461 §3.3 suggests 64 kilobytes).
pub const MAX_POLICY_BYTES: usize = 64 * 1024;

/// What came of fetching a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// How asking a policy host ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

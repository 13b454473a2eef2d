//! What came of talking to a domain's mail servers on port 25.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::dns::Answer;
use crate::{Details, Name, Observation, Tls};

/// A domain's mail servers, as somebody saw them who can reach port 25.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MxFacts {
    /// The MX set that the hosts were taken from.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::Observed<Answer>))]
    pub set: Observation<Answer>,
    /// Each host that was asked.
    pub hosts: Vec<MailHost>,
}

/// One MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailHost {
    /// Its name.
    pub host: Name,
    /// One entry an address that was tried; empty if the name has none.
    pub sessions: Vec<Session>,
}

/// One address of an MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub address: IpAddr,
    /// What came of connecting to it.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::Observed<Contact>))]
    pub contact: Observation<Contact>,
    /// What else an administrator may ask.
    #[serde(default, skip_serializing_if = "Details::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<SessionDetails>))]
    #[cfg_attr(feature = "types", ts(optional, as = "Option<SessionDetails>"))]
    pub details: Details<SessionDetails>,
}

/// More about one address of an MX host, where TLS was established.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionDetails {
    /// The reply to EHLO within TLS (RFC 3207 §4.2); `None` where there was none.
    pub ehlo_in_tls: Option<Reply>,
    /// Why TLS failed at first, where it came about on a second connection that did not offer a
    /// post-quantum key exchange, and so had a hello of a third of the size.
    pub failed_post_quantum: Option<String>,
    /// What came of offering no more than TLS 1.1, on a second connection; `None` where there was
    /// no such connection.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::Observed<OldTls>>))]
    pub old_tls: Option<Observation<OldTls>>,
}

/// What a server makes of a client that knows TLS 1.0 and 1.1 only, which nobody should use any
/// more (RFC 8996).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OldTls {
    /// It agreed, with the greatest version that it would use; the handshake was left at that.
    Accepted {
        /// The version.
        version: OldTlsVersion,
        /// The cipher suite, by its name in IANA's registry.
        cipher_suite: String,
    },
    /// It refused with this alert, such as `ProtocolVersion`.
    Refused(String),
    /// It hung up without an alert.
    Closed,
    /// What came is no answer.
    Broken(String),
}

/// A version of TLS that is of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OldTlsVersion {
    /// SSL 3.0 (RFC 6101), which was not offered.
    #[serde(rename = "ssl-3.0")]
    Ssl30,
    /// TLS 1.0 (RFC 2246).
    #[serde(rename = "1.0")]
    Tls10,
    /// TLS 1.1 (RFC 4346).
    #[serde(rename = "1.1")]
    Tls11,
}

/// What came of connecting to port 25.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Contact {
    /// Nothing listens there, or the network says that it cannot be reached.
    Refused,
    /// The connection ended, or what came is not SMTP.
    Broken(String),
    /// A conversation.
    Talked(SmtpSession),
}

/// An SMTP conversation as far as STARTTLS (RFC 3207).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SmtpSession {
    /// The first reply (RFC 5321 §3.1).
    pub greeting: Reply,
    /// The reply to EHLO; `None` where the greeting was no 220.
    pub ehlo: Option<Reply>,
    /// What came of STARTTLS; `None` where EHLO was not accepted.
    pub starttls: Option<StartTls>,
}

/// What came of STARTTLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StartTls {
    /// EHLO does not list it.
    NotOffered,
    /// Listed, and answered with another code than 220.
    Refused(Reply),
    /// The TLS handshake failed, with the reason given.
    Failed(String),
    /// A session was established, whatever its certificate.
    Established(Tls),
}

/// An SMTP reply (RFC 5321 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The text of each line, without code and line end; control characters as U+FFFD.
    pub lines: Vec<String>,
}

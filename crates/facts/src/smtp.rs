//! What came of talking to a domain's mail servers on port 25.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::dns::Answer;
use crate::{Name, Observation, Tls};

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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailHost {
    /// Its name.
    pub host: Name,
    /// One entry an address that was tried; empty if the name has none.
    pub sessions: Vec<Session>,
}

/// One address of an MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub address: IpAddr,
    /// What came of connecting to it.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::Observed<Contact>))]
    pub contact: Observation<Contact>,
}

/// What came of connecting to port 25.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The text of each line, without code and line end; control characters as U+FFFD.
    pub lines: Vec<String>,
}

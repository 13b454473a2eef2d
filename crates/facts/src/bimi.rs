//! What came of looking at the files that a BIMI record names: the logo and its certificate
//! (draft-brand-indicators-for-message-identification).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::dns::Answer;
use crate::{Bytes, Certificate, Observation, Times, Tls};

/// The most bytes of a file that are read. Receivers recommend 32 KB for a logo.
pub const MAX_BIMI_BYTES: usize = 64 * 1024;

/// A domain's record of the default selector, and the files that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BimiFacts {
    /// The TXT records at `default._bimi.<domain>`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::Observed<Answer>))]
    pub record: Observation<Answer>,
    /// What `l=` names; `None` where it names nothing, or there is not exactly one record.
    pub logo: Option<BimiFile>,
    /// What `a=` names, likewise.
    pub certificate: Option<BimiFile>,
}

/// A file that a record names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BimiFile {
    /// Where the record says that it is.
    pub url: String,
    /// What came of asking for it; `None` where nobody was asked, because that is no URL of HTTPS
    /// at a name and the usual port.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::Observed<FileFetch>>))]
    pub fetch: Option<Observation<FileFetch>>,
}

/// What came of asking for a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileFetch {
    /// The address that was asked: the first that could be connected to.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<IpAddr>,
    /// The TLS session; `None` where there was none.
    pub tls: Option<Tls>,
    /// What came of it.
    pub outcome: FileOutcome,
    /// When what was done.
    pub times: Times,
}

/// How asking for a file ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FileOutcome {
    /// The name has no address.
    NoAddress,
    /// No address of the host accepted a connection.
    Refused,
    /// The TLS handshake failed, with the reason given.
    TlsFailed(String),
    /// The connection ended, or what came is not HTTP.
    Broken(String),
    /// An answer that sends elsewhere, where nobody went.
    Redirect {
        /// The status code.
        status: u16,
        /// Where it points.
        location: Option<String>,
    },
    /// Any other HTTP answer.
    Response {
        /// The status code.
        status: u16,
        /// The `Content-Type`, as sent.
        content_type: Option<String>,
        /// The size of the body, as far as it was read: at most [`MAX_BIMI_BYTES`].
        octets: usize,
        /// Whether there was more than that.
        truncated: bool,
        /// The body, where it is what it should be by what it holds.
        content: Option<FileContent>,
    },
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FileContent {
    /// A document whose root is an `svg`, whatever is in it: nothing to show as it is.
    Svg(Bytes),
    /// Certificates in PEM, as far as they can be read; ten at most.
    Certificates(Vec<Certificate>),
}

//! What was observed about a domain: DNS answers, a policy response, an SMTP session, a certificate.
//!
//! Facts carry no judgement. They are made by whoever can look (a browser, the
//! probe, a test), travel as JSON, and are judged in one place only, the scan.
//! What could not be looked at is [`Unobserved`], with the reason.

mod base64;
mod bimi;
mod bytes;
mod details;
pub mod dns;
mod domain;
mod name;
mod observation;
mod policy;
mod smtp;
mod time;
mod tls;
mod typed;

pub use bimi::{BimiFacts, BimiFile, FileContent, FileFetch, FileOutcome, MAX_BIMI_BYTES};
pub use bytes::{Bytes, NotBase64};
pub use details::Details;
pub use domain::{Domain, DomainError};
pub use name::{Name, NameError};
#[cfg(feature = "openapi")]
pub use observation::Observed;
pub use observation::{Observation, Resolution, Unobserved};
pub use policy::{
    MAX_POLICY_BYTES, PolicyDetails, PolicyFetch, PolicyOutcome, PolicyResponse, Times, Visit,
    VisitOutcome,
};
pub use smtp::{
    Contact, MailHost, MxFacts, OldTls, OldTlsVersion, Reply, Session, SessionDetails, SmtpSession,
    StartTls,
};
pub use time::Timestamp;
pub use tls::{
    Certificate, Key, KeyAlgorithm, Link, NameMatch, PathResult, Tls, TlsDetails, TlsVersion,
};
pub use typed::{ToAscii, Typed, TypedError};

//! What was observed about a domain: DNS answers, a policy response, an SMTP session, a certificate.
//!
//! Facts carry no judgement. They are made by whoever can look (a browser, the
//! probe, a test), travel as JSON, and are judged in one place only, the scan.
//! What could not be looked at is [`Unobserved`], with the reason.

mod base64;
mod bytes;
pub mod dns;
mod domain;
mod name;
mod observation;
mod policy;
mod smtp;
mod time;
mod tls;
mod typed;

pub use bytes::{Bytes, NotBase64};
pub use domain::{Domain, DomainError};
pub use name::{Name, NameError};
#[cfg(feature = "openapi")]
pub use observation::Observed;
pub use observation::{Observation, Resolution, Unobserved};
pub use policy::{MAX_POLICY_BYTES, PolicyFetch, PolicyOutcome, PolicyResponse};
pub use smtp::{Contact, MailHost, MxFacts, Reply, Session, SmtpSession, StartTls};
pub use time::Timestamp;
pub use tls::{Certificate, Key, KeyAlgorithm, NameMatch, PathResult, Tls, TlsVersion};
pub use typed::{ToAscii, Typed, TypedError};

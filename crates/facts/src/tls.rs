//! A TLS session and its certificates, as seen: facts that a verifier needs and no verdict.

use serde::{Deserialize, Serialize};

use crate::{Bytes, Details, Timestamp};

/// What a TLS handshake showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tls {
    /// The version that was agreed on.
    pub version: TlsVersion,
    /// The certificates as they were sent, the server's own first.
    pub chain: Vec<Certificate>,
    /// Whether a path to a trusted root could be built at the time of the handshake.
    pub path: PathResult,
    /// The same at a moment inside the server certificate's validity: an expired certificate can hide an untrusted one.
    pub path_when_valid: PathResult,
    /// Whether the certificate names the host that was asked for, whatever the path says.
    pub name: NameMatch,
    /// What else an administrator may ask.
    #[serde(default, skip_serializing_if = "Details::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<TlsDetails>))]
    #[cfg_attr(feature = "types", ts(optional, as = "Option<TlsDetails>"))]
    pub details: Details<TlsDetails>,
}

/// More about a TLS session and its certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TlsDetails {
    /// The cipher suite, by its name in IANA's registry.
    pub cipher_suite: String,
    /// The group of the key exchange, such as `X25519` or `X25519MLKEM768`, whose secret outlives
    /// quantum computers.
    pub key_exchange: Option<String>,
    /// The scheme by which the server signed the handshake, such as `ECDSA_NISTP256_SHA256`.
    pub signature: Option<String>,
    /// Of each certificate in the chain, what leads on from it.
    pub links: Vec<Link>,
}

/// How a certificate leads to who signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// The place in the chain of the certificate that signed it, counted from 0: its own, if it
    /// signed itself; `None` if that was not sent.
    pub signed_by: Option<usize>,
    /// Whether a trusted authority has its issuer's name: then nothing needs to follow it.
    pub issuer_is_trusted: bool,
    /// Where it says that its issuer's certificate can be had (RFC 5280 §4.2.2.1); nobody looked.
    pub issuer_urls: Vec<String>,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    #[serde(rename = "1.2")]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "1.3")]
    Tls13,
}

/// The outcome of building a path from the certificates sent to a trusted root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PathResult {
    /// A path was found.
    Trusted,
    /// The server's certificate or one above it has expired.
    Expired,
    /// A certificate is not valid yet.
    NotYetValid,
    /// The server's certificate is signed by itself.
    SelfSigned,
    /// No trusted root signed it: an unknown authority, or an intermediate certificate that was not sent.
    UnknownIssuer,
    /// Any other reason, in the verifier's words.
    Other(String),
}

/// Whether a certificate names the host that was asked for, by DNS-ID only (RFC 8461 §4.2, RFC 6125 §6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NameMatch {
    /// One of its names matches.
    Matches,
    /// None does.
    Differs,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Certificate {
    /// The certificate itself, in DER.
    pub der: Bytes,
    /// Its subject, as text.
    pub subject: String,
    /// Its issuer, as text.
    pub issuer: String,
    /// The DNS names it is for (subjectAltName).
    pub dns_names: Vec<String>,
    /// The first moment of its validity.
    pub not_before: Timestamp,
    /// The last.
    pub not_after: Timestamp,
    /// Its public key.
    pub key: Key,
    /// SHA-256 of the certificate.
    pub sha256: Bytes,
    /// SHA-512 of the certificate.
    pub sha512: Bytes,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub key_sha256: Bytes,
    /// SHA-512 of the SubjectPublicKeyInfo.
    pub key_sha512: Bytes,
    /// Whether the next certificate in the chain signed this one; `None` for the last.
    pub signed_by_next: Option<bool>,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Key {
    /// Its kind.
    pub algorithm: KeyAlgorithm,
    /// Its size in bits.
    pub bits: u32,
}

/// A kind of public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa,
    /// Elliptic curves of NIST.
    Ecdsa,
    /// Ed25519.
    Ed25519,
    /// Another, by its object identifier.
    Other(String),
}

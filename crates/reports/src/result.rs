//! Why a session failed: the result types of RFC 8460 §4.3.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why sessions failed, as a sender puts it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResultType {
    /// The server does not offer STARTTLS.
    StarttlsNotSupported,
    /// The server's certificate is for other names.
    CertificateHostMismatch,
    /// The server's certificate has expired.
    CertificateExpired,
    /// Nobody that the sender trusts stands behind the server's certificate.
    CertificateNotTrusted,
    /// The session failed otherwise.
    ValidationFailure,
    /// No TLSA record is usable, or none fits.
    TlsaInvalid,
    /// DNSSEC's signatures do not verify.
    DnssecInvalid,
    /// The sender insists on DANE, and the domain has none.
    DaneRequired,
    /// The policy could not be fetched.
    StsPolicyFetchError,
    /// The policy cannot be read.
    StsPolicyInvalid,
    /// The certificate of the policy's host does not verify.
    StsWebpkiInvalid,
    /// What the standard does not know.
    Other(String),
}

/// What a failure is about, and so where its cause lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A mail server, its certificate among it.
    MailServer,
    /// DANE: TLSA records and DNSSEC.
    Dane,
    /// The MTA-STS policy and its host. Mail goes on as if there were none (RFC 8461 §3.3).
    Policy,
    /// Nobody can say.
    Unknown,
}

impl ResultType {
    /// Those of the standard.
    pub const STANDARD: [Self; 11] = [
        Self::StarttlsNotSupported,
        Self::CertificateHostMismatch,
        Self::CertificateExpired,
        Self::CertificateNotTrusted,
        Self::ValidationFailure,
        Self::TlsaInvalid,
        Self::DnssecInvalid,
        Self::DaneRequired,
        Self::StsPolicyFetchError,
        Self::StsPolicyInvalid,
        Self::StsWebpkiInvalid,
    ];

    /// Its name in a report.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::StarttlsNotSupported => "starttls-not-supported",
            Self::CertificateHostMismatch => "certificate-host-mismatch",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateNotTrusted => "certificate-not-trusted",
            Self::ValidationFailure => "validation-failure",
            Self::TlsaInvalid => "tlsa-invalid",
            Self::DnssecInvalid => "dnssec-invalid",
            Self::DaneRequired => "dane-required",
            Self::StsPolicyFetchError => "sts-policy-fetch-error",
            Self::StsPolicyInvalid => "sts-policy-invalid",
            Self::StsWebpkiInvalid => "sts-webpki-invalid",
            Self::Other(name) => name,
        }
    }

    /// The result type that a name means; some senders write it in capitals or with underscores.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let plain = name.trim().to_ascii_lowercase().replace('_', "-");
        let known = Self::STANDARD.into_iter().find(|known| known.as_str() == plain);
        known.unwrap_or(Self::Other(plain))
    }

    /// What it is about.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::StarttlsNotSupported
            | Self::CertificateHostMismatch
            | Self::CertificateExpired
            | Self::CertificateNotTrusted
            | Self::ValidationFailure => Cause::MailServer,
            Self::TlsaInvalid | Self::DnssecInvalid | Self::DaneRequired => Cause::Dane,
            Self::StsPolicyFetchError | Self::StsPolicyInvalid | Self::StsWebpkiInvalid => {
                Cause::Policy
            }
            Self::Other(_) => Cause::Unknown,
        }
    }

    /// The key of its sentences in the texts.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Other(_) => "other",
            known => known.as_str(),
        }
    }
}

impl Serialize for ResultType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ResultType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::of(&name))
    }
}

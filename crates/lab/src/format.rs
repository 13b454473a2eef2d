//! The domain file: what a person writes in TOML, key by key. `docs/lab.md` is its manual.
//!
//! Only the shape stands here. What the values mean together (names, addresses, defaults) is
//! worked out in [`crate::world`].

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Deserialize;

use crate::{Expect, LabError, sound};

/// One file: one domain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DomainToml {
    pub(crate) domain: String,
    pub(crate) about: String,
    pub(crate) expect: Expect,
    #[serde(default)]
    pub(crate) base: Base,
    #[serde(default)]
    pub(crate) dnssec: Dnssec,
    #[serde(default = "usual_ttl")]
    pub(crate) ttl: u32,
    pub(crate) mx: Option<Vec<MailHostToml>>,
    pub(crate) policy: Option<PolicyToml>,
    #[serde(default)]
    pub(crate) records: BTreeMap<String, NameToml>,
}

impl DomainToml {
    /// Reads the text of `file`; the error names the line, the key and what is expected.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, LabError> {
        toml::from_str(text).map_err(|error| LabError::file(file, error))
    }
}

/// What a domain has before its file says anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Base {
    /// Everything that a well-kept mail domain publishes.
    #[default]
    Sound,
    /// Only what the file says.
    Nothing,
}

/// How a validating resolver sees a name (RFC 4035 §4.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Dnssec {
    /// Signed and validated: AD is set for a client that asks with AD or DO.
    Secure,
    /// Not signed.
    #[default]
    Insecure,
    /// Signed wrongly: SERVFAIL with extended error 6, and the data only for a client that sets CD.
    Bogus,
}

/// One MX record and the server behind it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailHostToml {
    /// Relative to the domain, absolute with a trailing dot; `.` is the null MX (RFC 7505).
    pub(crate) host: String,
    #[serde(default = "ten")]
    pub(crate) preference: u16,
    #[serde(default)]
    pub(crate) server: MailBehavior,
    #[serde(default)]
    pub(crate) certificate: CertificateKind,
    #[serde(default)]
    pub(crate) tls: TlsVersions,
    /// The first line; `220 <host> ESMTP` where none is given.
    pub(crate) banner: Option<String>,
    /// The lines of the answer to EHLO; the host and its extensions where none is given.
    pub(crate) ehlo: Option<Vec<String>>,
    /// The answer to STARTTLS; `220` where none is given.
    pub(crate) starttls: Option<String>,
    /// Where it listens; an address of the lab's choice where none is given.
    pub(crate) address: Option<Ipv4Addr>,
    /// Whether the host has one more address, at which nobody listens.
    #[serde(default)]
    pub(crate) also_down: bool,
    /// TLSA parameters such as `3 1 1`; the lab computes the data from the certificate.
    #[serde(default)]
    pub(crate) tlsa: Vec<String>,
}

/// What a mail server does with whoever connects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MailBehavior {
    /// Speaks SMTP and offers STARTTLS.
    #[default]
    Starttls,
    /// Speaks SMTP and does not know STARTTLS.
    NoStarttls,
    /// The name has no address.
    NoAddress,
    /// Nothing listens: the connection is refused.
    Down,
    /// Accepts and says nothing.
    Silent,
    /// A banner of ever more lines.
    EndlessBanner,
    /// A banner of one line that never ends.
    EndlessLine,
    /// Sends a plaintext reply along with its answer to STARTTLS.
    InjectsPlaintext,
    /// Says `220` to STARTTLS, then hangs up on the handshake.
    AbortsHandshake,
    /// Says `220` to STARTTLS, then nothing.
    HangsInHandshake,
    /// Offers STARTTLS, and agrees to TLS 1.0 and 1.1 where a client knows no other.
    AcceptsOldTls,
}

/// Which certificate a server shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CertificateKind {
    /// Valid now, for this host, from the lab's CA through its intermediate.
    #[default]
    Good,
    /// Ran out a month ago.
    Expired,
    /// Runs out in three days.
    EndsSoon,
    /// Begins in a month.
    NotYetValid,
    /// Signed by its own key.
    SelfSigned,
    /// Good, but for another host.
    WrongName,
    /// Good, but the host stands in the common name alone (no DNS-ID, RFC 6125 §6.4.4).
    CommonNameOnly,
    /// From a CA that nobody trusts.
    UntrustedRoot,
    /// Good, but sent without the intermediate CA's certificate.
    MissingIntermediate,
    /// Good, but sent with the root's certificate before the intermediate CA's.
    OutOfOrder,
}

/// Which versions of TLS a server speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum TlsVersions {
    /// TLS 1.2 and 1.3.
    #[default]
    #[serde(rename = "1.2 and 1.3")]
    Both,
    /// TLS 1.2 alone.
    #[serde(rename = "1.2")]
    Only12,
    /// TLS 1.3 alone.
    #[serde(rename = "1.3")]
    Only13,
}

/// The policy host: `https://mta-sts.<domain>/.well-known/mta-sts.txt`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicyToml {
    pub(crate) server: PolicyBehavior,
    pub(crate) certificate: CertificateKind,
    pub(crate) tls: TlsVersions,
    /// Of the policy that the lab writes.
    pub(crate) mode: String,
    /// Of the policy that the lab writes; the MX hosts of the file where none is given.
    pub(crate) mx: Option<Vec<String>>,
    /// Of the policy that the lab writes.
    pub(crate) max_age: u64,
    /// Exact text instead of a policy that the lab writes.
    pub(crate) body: Option<String>,
    /// Exact bytes, base64.
    pub(crate) body_base64: Option<String>,
    /// Exact bytes from a file beside this one.
    pub(crate) body_file: Option<String>,
    /// The body is padded to so many octets.
    pub(crate) size: Option<u64>,
    pub(crate) status: u16,
    /// `""`: the header is left out.
    pub(crate) content_type: String,
    /// The `Location` header.
    pub(crate) location: Option<String>,
    /// The `Access-Control-Allow-Origin` header.
    pub(crate) cors: Option<String>,
    /// Any further headers.
    pub(crate) headers: BTreeMap<String, String>,
    /// Before the answer.
    pub(crate) delay_ms: u64,
    /// How fast the body comes; 0: as fast as it goes.
    pub(crate) bytes_per_second: u64,
}

impl Default for PolicyToml {
    fn default() -> Self {
        Self {
            server: PolicyBehavior::default(),
            certificate: CertificateKind::default(),
            tls: TlsVersions::default(),
            mode: "enforce".to_owned(),
            mx: None,
            max_age: 1_209_600,
            body: None,
            body_base64: None,
            body_file: None,
            size: None,
            status: 200,
            content_type: "text/plain".to_owned(),
            location: None,
            cors: None,
            headers: BTreeMap::new(),
            delay_ms: 0,
            bytes_per_second: 0,
        }
    }
}

/// What a policy host does with whoever connects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PolicyBehavior {
    /// Answers.
    #[default]
    Answers,
    /// The name does not exist.
    Absent,
    /// Nothing listens: the connection is refused.
    Down,
    /// Hangs up in the middle of the handshake.
    AbortsHandshake,
    /// Says nothing to the handshake.
    HangsInHandshake,
    /// Takes the request and says nothing.
    Hangs,
    /// Takes the request and hangs up.
    HangsUp,
}

/// The records at one name, and how the resolver answers for it. A type that is given replaces
/// what the base has there; an empty list removes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameToml {
    #[serde(rename = "A")]
    pub(crate) a: Option<Vec<AddressToml>>,
    #[serde(rename = "AAAA")]
    pub(crate) aaaa: Option<Vec<Ipv6Addr>>,
    #[serde(rename = "CAA")]
    pub(crate) caa: Option<Vec<String>>,
    #[serde(rename = "CNAME")]
    pub(crate) cname: Option<String>,
    #[serde(rename = "MX")]
    pub(crate) mx: Option<Vec<String>>,
    #[serde(rename = "PTR")]
    pub(crate) ptr: Option<Vec<String>>,
    #[serde(rename = "TLSA")]
    pub(crate) tlsa: Option<Vec<String>>,
    #[serde(rename = "TXT")]
    pub(crate) txt: Option<Vec<TxtToml>>,
    /// One more TXT record, so long that the message over TCP has this many octets.
    pub(crate) fill_message: Option<u16>,
    pub(crate) ttl: Option<u32>,
    pub(crate) dnssec: Option<Dnssec>,
    pub(crate) rcode: Option<Rcode>,
    pub(crate) extended_error: Option<ExtendedErrorToml>,
    #[serde(default)]
    pub(crate) delay_ms: u64,
}

/// A TXT record: one character-string, or the list of its character-strings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a text, or a list of texts (its character-strings)")]
pub(crate) enum TxtToml {
    One(String),
    Many(Vec<String>),
}

/// An address: of anything, or of the lab's own policy hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected an IPv4 address, or \"policy\" for the policy hosts'")]
pub(crate) enum AddressToml {
    Literal(Ipv4Addr),
    Lab(LabAddress),
}

/// An address that the lab gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LabAddress {
    Policy,
}

/// A response code other than NOERROR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Rcode {
    FormErr,
    ServFail,
    NXDomain,
    NotImp,
    Refused,
}

/// An extended DNS error (RFC 8914).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtendedErrorToml {
    pub(crate) code: u16,
    #[serde(default)]
    pub(crate) text: String,
}

fn usual_ttl() -> u32 {
    sound::TTL
}

fn ten() -> u16 {
    10
}

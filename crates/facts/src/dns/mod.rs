//! DNS questions and answers, and their wire format (RFC 1035, RFC 8484).

mod codec;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use codec::{decode, encode, is_truncated, question_of};

use crate::{Bytes, Name};

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Question {
    /// The name asked about, always absolute.
    pub name: Name,
    /// The type of record asked for.
    pub record_type: RecordType,
    /// Whether the resolver shall check signatures.
    pub checking: Checking,
}

impl Question {
    /// A question with signatures checked, as all are unless one was answered SERVFAIL.
    #[must_use]
    pub fn new(name: Name, record_type: RecordType) -> Self {
        Self { name, record_type, checking: Checking::Enabled }
    }
}

/// The CD bit (RFC 4035 §3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checking {
    /// The resolver answers SERVFAIL for what does not verify.
    Enabled,
    /// The resolver answers anyway; the difference tells bogus from broken.
    Disabled,
}

/// The types of record that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// IPv4 address.
    A,
    /// IPv6 address.
    Aaaa,
    /// Mail exchange.
    Mx,
    /// Text.
    Txt,
    /// Certificate association (RFC 6698).
    Tlsa,
    /// Name of an address, which only the evaluation of SPF asks for.
    Ptr,
}

impl RecordType {
    /// Every type.
    pub const ALL: [Self; 6] = [Self::A, Self::Aaaa, Self::Mx, Self::Txt, Self::Tlsa, Self::Ptr];

    /// As written in a zone file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Tlsa => "TLSA",
            Self::Ptr => "PTR",
        }
    }
}

/// What a resolver answered: records, or that there are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// Whether the name exists.
    pub existence: Existence,
    /// The AD bit: the resolver says that it verified the signatures.
    pub authenticated: bool,
    /// The names that the CNAMEs led through, in order, without the name asked about.
    pub aliases: Vec<Name>,
    /// The records of the type asked for, at the end of the CNAMEs.
    pub records: Vec<Record>,
    /// For how many more seconds resolvers may remember this, absence included.
    pub ttl: Option<u32>,
    /// What the resolver said about its answer (RFC 8914).
    pub extended_errors: Vec<ExtendedError>,
}

/// Whether a name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Existence {
    /// It does, with or without records of the type asked for.
    Exists,
    /// NXDOMAIN: neither it nor anything below it does (RFC 8020 §2).
    DoesNotExist,
}

/// The data of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// A or AAAA.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    Address(IpAddr),
    /// MX (RFC 1035 §3.3.9).
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// The host.
        exchange: Name,
    },
    /// TXT: the character-strings, each at most 255 octets (RFC 1035 §3.3.14).
    Txt(Vec<Bytes>),
    /// TLSA (RFC 6698 §2.1).
    Tlsa {
        /// Certificate usage.
        usage: u8,
        /// Selector.
        selector: u8,
        /// Matching type.
        matching: u8,
        /// Certificate association data.
        data: Bytes,
    },
    /// PTR (RFC 1035 §3.3.12).
    Ptr(Name),
}

/// An extended DNS error (RFC 8914).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtendedError {
    /// Its code: 6 is *DNSSEC bogus*.
    pub code: u16,
    /// The resolver's words, possibly none.
    pub text: String,
}

impl Answer {
    /// The answer that a name does not exist.
    #[must_use]
    pub fn absent(existence: Existence) -> Self {
        Self {
            existence,
            authenticated: false,
            aliases: Vec::new(),
            records: Vec::new(),
            ttl: None,
            extended_errors: Vec::new(),
        }
    }

    /// The addresses among the records.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.records.iter().filter_map(|record| match record {
            Record::Address(address) => Some(*address),
            _ => None,
        })
    }

    /// The mail exchanges among the records, by preference, then name.
    #[must_use]
    pub fn exchanges(&self) -> Vec<(u16, &Name)> {
        let mut exchanges: Vec<_> = self
            .records
            .iter()
            .filter_map(|record| match record {
                Record::Mx { preference, exchange } => Some((*preference, exchange)),
                _ => None,
            })
            .collect();
        exchanges.sort();
        exchanges
    }

    /// The names among the records, as a PTR question brings them.
    pub fn pointers(&self) -> impl Iterator<Item = &Name> {
        self.records.iter().filter_map(|record| match record {
            Record::Ptr(name) => Some(name),
            _ => None,
        })
    }

    /// The character-strings of each TXT record.
    pub fn texts(&self) -> impl Iterator<Item = &[Bytes]> {
        self.records.iter().filter_map(|record| match record {
            Record::Txt(strings) => Some(strings.as_slice()),
            _ => None,
        })
    }
}

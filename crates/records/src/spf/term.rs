//! One term of an SPF record (RFC 7208 §4.6.1, §5, §6).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::rules;
use crate::ascii;
use crate::suggest::nearest;
use crate::{Finding, Rule, Span};

/// What a mechanism that matches means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Qualifier {
    /// `+`, or nothing: the sender may send.
    Pass,
    /// `-`: it may not.
    Fail,
    /// `~`: it probably may not.
    SoftFail,
    /// `?`: nothing is said of it.
    Neutral,
}

/// What a mechanism compares the sender with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// Everything matches.
    All,
    /// What another domain's record lets pass.
    Include,
    /// A domain's addresses.
    A,
    /// The addresses of a domain's MX hosts.
    Mx,
    /// Names of the sender's address.
    Ptr,
    /// An IPv4 network.
    Ip4,
    /// An IPv6 network.
    Ip6,
    /// Whether a name exists.
    Exists,
}

impl Mechanism {
    const NAMES: [(&'static str, Self); 8] = [
        ("all", Self::All),
        ("include", Self::Include),
        ("a", Self::A),
        ("mx", Self::Mx),
        ("ptr", Self::Ptr),
        ("ip4", Self::Ip4),
        ("ip6", Self::Ip6),
        ("exists", Self::Exists),
    ];

    /// The word in a record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, mechanism)| *mechanism == self).map_or("", |(name, _)| name)
    }

    /// Names do not mind case (RFC 7208 §4.6.1).
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, mechanism)| *mechanism)
    }

    /// Whether it counts against the limit of ten (RFC 7208 §4.6.4).
    #[must_use]
    pub fn costs_lookup(self) -> bool {
        !matches!(self, Self::All | Self::Ip4 | Self::Ip6)
    }
}

/// A term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TermKind,
}

/// What a term is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermKind {
    /// It lets senders pass, or not.
    Mechanism {
        /// What a match means.
        qualifier: Qualifier,
        /// What is compared.
        mechanism: Mechanism,
        /// What follows the colon, or begins with the slash; as it is written.
        argument: String,
    },
    /// It says something else.
    Modifier {
        /// `redirect`, `exp` or what nobody knows.
        name: String,
        /// What follows the equals sign.
        value: String,
    },
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            TermKind::Mechanism { qualifier, mechanism, argument } => {
                let colon = if argument.is_empty() || argument.starts_with('/') { "" } else { ":" };
                write!(f, "{}{}{colon}{argument}", sign(*qualifier), mechanism.as_str())
            }
            TermKind::Modifier { name, value } => write!(f, "{name}={value}"),
        }
    }
}

fn sign(qualifier: Qualifier) -> &'static str {
    match qualifier {
        Qualifier::Pass => "",
        Qualifier::Fail => "-",
        Qualifier::SoftFail => "~",
        Qualifier::Neutral => "?",
    }
}

/// Reads a term; what is wrong with it goes to the findings.
pub(super) fn read(text: &str, span: Span, findings: &mut Vec<Finding>) -> Option<Term> {
    let written = span.of(text);
    let end = ascii::until(written, &[':', '/', '=']).len();
    let kind = if written[end..].starts_with('=') {
        modifier(&written[..end], &written[end + 1..], span, findings)
    } else {
        mechanism(&written[..end], &written[end..], span, findings)
    };
    kind.map(|kind| Term { span, kind })
}

fn modifier(name: &str, value: &str, span: Span, findings: &mut Vec<Finding>) -> Option<TermKind> {
    let is_name =
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && ascii::is_made_of(name, b"-_.");
    let lower = name.to_ascii_lowercase();
    let known = ["redirect", "exp"].contains(&lower.as_str());
    let rule = match known {
        _ if !is_name => Some(&rules::TERM_MALFORMED),
        true if value.is_empty() => Some(&rules::ARGUMENT_MISSING),
        true => None,
        // Where to report what fails (RFC 6652 §3).
        false if ["ra", "rp", "rr"].contains(&lower.as_str()) => None,
        // `ip4=…` is a modifier that nobody knows, and passes silently.
        false if meant(&lower).is_some() => Some(&rules::EQUALS_SIGN),
        false => Some(&rules::MODIFIER_UNKNOWN),
    };
    if let Some(rule) = rule {
        findings.push(about(rule, span, name, meant(&lower)));
    }
    is_name.then(|| TermKind::Modifier { name: lower, value: value.to_owned() })
}

const SIGNS: &[char] = &['+', '-', '~', '?'];

/// The mechanism that was meant; `ipv4` is a habit.
fn meant(name: &str) -> Option<&'static str> {
    let name = name.trim_start_matches(SIGNS);
    match name {
        "ipv4" | "ip" => Some("ip4"),
        "ipv6" => Some("ip6"),
        _ => nearest(name, &["all", "include", "ptr", "ip4", "ip6", "exists", "mx"]),
    }
}

fn about(rule: &'static Rule, span: Span, name: &str, expected: Option<&str>) -> Finding {
    Finding::at(rule, span).with("name", name).with("expected", expected.unwrap_or("?"))
}

fn mechanism(name: &str, rest: &str, span: Span, findings: &mut Vec<Finding>) -> Option<TermKind> {
    let (qualifier, bare) = match name.chars().next() {
        Some('+') => (Qualifier::Pass, &name[1..]),
        Some('-') => (Qualifier::Fail, &name[1..]),
        Some('~') => (Qualifier::SoftFail, &name[1..]),
        Some('?') => (Qualifier::Neutral, &name[1..]),
        _ => (Qualifier::Pass, name),
    };
    let Some(mechanism) = Mechanism::named(bare) else {
        let rule = match meant(bare) {
            Some(_) => &rules::MECHANISM_MISSPELLED,
            None => &rules::MECHANISM_UNKNOWN,
        };
        findings.push(about(rule, span, bare, meant(bare)));
        return None;
    };
    if let Some(rule) = check_argument(mechanism, rest) {
        findings.push(
            about(rule, span, mechanism.as_str(), None).with("value", rest.trim_start_matches(':')),
        );
    }
    let argument = rest.strip_prefix(':').unwrap_or(rest).to_owned();
    Some(TermKind::Mechanism { qualifier, mechanism, argument })
}

/// What is wrong with the part behind a mechanism's name, the colon or slash included.
fn check_argument(mechanism: Mechanism, rest: &str) -> Option<&'static Rule> {
    let argument = rest.strip_prefix(':').filter(|argument| !argument.is_empty());
    match mechanism {
        Mechanism::All => (!rest.is_empty()).then_some(&rules::ARGUMENT_UNEXPECTED),
        Mechanism::Include | Mechanism::Exists => {
            argument.is_none().then_some(&rules::ARGUMENT_MISSING)
        }
        Mechanism::Ip4 | Mechanism::Ip6 => match argument {
            None => Some(&rules::ARGUMENT_MISSING),
            Some(network) => (!is_network(mechanism, network)).then_some(&rules::ADDRESS_MALFORMED),
        },
        Mechanism::A | Mechanism::Mx | Mechanism::Ptr => {
            (rest == ":").then_some(&rules::ARGUMENT_MISSING)
        }
    }
}

/// An address with a prefix length that has no leading zeros (RFC 7208 §5.6).
fn is_network(mechanism: Mechanism, network: &str) -> bool {
    let (address, length) = network
        .split_once('/')
        .map_or((network, None), |(address, length)| (address, Some(length)));
    let (known, most) = match mechanism {
        Mechanism::Ip4 => (address.parse::<Ipv4Addr>().is_ok(), 32),
        _ => (address.parse::<Ipv6Addr>().is_ok(), 128),
    };
    let plain =
        |length: &str| ascii::is_digits(length) && (length == "0" || !length.starts_with('0'));
    known
        && length.is_none_or(|length| {
            plain(length) && length.parse::<u8>().is_ok_and(|length| length <= most)
        })
}

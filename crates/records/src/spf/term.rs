//! One term of an SPF record, by the whole grammar (RFC 7208 §4.6.1, §5, §6, §12).

use std::fmt;
use std::net::IpAddr;

use super::macros::{MacroString, Use};
use super::rules;
use crate::ascii::{self, Set, word};
use crate::suggest::nearest;
use crate::{Rule, Span};

/// A term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TermKind,
    /// What it names: always there in `include`, `exists` and modifiers, and never in `all` and networks.
    /// Without it, a mechanism is about the record's own domain.
    pub domain: Option<MacroString>,
}

/// What a term is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermKind {
    /// Whoever matches gets the qualifier's result.
    Directive(Qualifier, Mechanism),
    /// The record that is read in this one's place, if nothing matches.
    Redirect,
    /// Where the explanation of a *fail* stands.
    Explanation,
    /// A modifier that nobody knows, and receivers ignore; its name in lower case.
    Unknown(String),
}

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

/// Whom a mechanism matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Everybody.
    All,
    /// Whom another domain's record lets pass.
    Include,
    /// The neighborhoods of a domain's addresses.
    A(Prefixes),
    /// The neighborhoods of the addresses of a domain's MX hosts.
    Mx(Prefixes),
    /// Whose address has a name below a domain.
    Ptr,
    /// A network.
    Network(IpAddr, u8),
    /// Everybody, if a name has an IPv4 address.
    Exists,
}

/// How many leading bits have to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefixes {
    /// Of an IPv4 address.
    pub v4: u8,
    /// Of an IPv6 address.
    pub v6: u8,
}

impl Prefixes {
    /// One address each.
    const WHOLE: Self = Self { v4: 32, v6: 128 };
}

impl Mechanism {
    /// The word in a record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Include => "include",
            Self::A(_) => "a",
            Self::Mx(_) => "mx",
            Self::Ptr => "ptr",
            Self::Network(IpAddr::V4(_), _) => "ip4",
            Self::Network(IpAddr::V6(_), _) => "ip6",
            Self::Exists => "exists",
        }
    }

    /// Whether it counts against the limit of ten (RFC 7208 §4.6.4).
    #[must_use]
    pub fn costs_lookup(self) -> bool {
        !matches!(self, Self::All | Self::Network(..))
    }
}

/// Reads a term; the error is why receivers refuse it, and the whole record with it (RFC 7208 §4.6).
pub(super) fn read(text: &str, span: Span) -> Result<Term, &'static Rule> {
    let term = span.of(text);
    let (name, rest) = split(term);
    let (kind, domain) = match rest.strip_prefix('=') {
        Some(value) => modifier(name, value)?,
        None => {
            let (qualifier, name) = qualifier(name);
            let (mechanism, domain) = mechanism(name, rest)?;
            (TermKind::Directive(qualifier, mechanism), domain)
        }
    };
    Ok(Term { span, kind, domain })
}

/// A term's name, its sign included, and what follows it.
pub(crate) fn split(term: &str) -> (&str, &str) {
    let end = term.bytes().position(|byte| matches!(byte, b':' | b'/' | b'='));
    term.split_at(end.unwrap_or(term.len()))
}

/// What a match means, and the mechanism's name without the sign that says so.
pub(crate) fn qualifier(name: &str) -> (Qualifier, &str) {
    let qualifier = match name.as_bytes().first() {
        Some(b'+') => Qualifier::Pass,
        Some(b'-') => Qualifier::Fail,
        Some(b'~') => Qualifier::SoftFail,
        Some(b'?') => Qualifier::Neutral,
        _ => return (Qualifier::Pass, name),
    };
    (qualifier, &name[1..])
}

fn modifier(name: &str, value: &str) -> Result<(TermKind, Option<MacroString>), &'static Rule> {
    let is_name =
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && ascii::is_made_of(name, Set::NAME);
    let kind = match word(name) {
        _ if !is_name => return Err(&rules::TERM_MALFORMED),
        REDIRECT => TermKind::Redirect,
        EXP => TermKind::Explanation,
        _ => {
            let value = MacroString::read(value, Use::Term).ok_or(&rules::MACRO_MALFORMED)?;
            return Ok((TermKind::Unknown(name.to_ascii_lowercase()), Some(value)));
        }
    };
    Ok((kind, Some(MacroString::domain(value)?)))
}

/// Reads a mechanism of this name; names do not mind case (RFC 7208 §4.6.1).
fn mechanism(name: &str, rest: &str) -> Result<(Mechanism, Option<MacroString>), &'static Rule> {
    let (mechanism, rest) = match word(name) {
        ALL if rest.is_empty() => (Mechanism::All, rest),
        ALL => return Err(&rules::ARGUMENT_UNEXPECTED),
        IP4 => (network(rest, 32)?, ""),
        IP6 => (network(rest, 128)?, ""),
        INCLUDE => (Mechanism::Include, required(rest)?),
        EXISTS => (Mechanism::Exists, required(rest)?),
        PTR => (Mechanism::Ptr, rest),
        A => split_prefixes(rest, Mechanism::A)?,
        MX => split_prefixes(rest, Mechanism::Mx)?,
        _ if meant(name).is_some() => return Err(&rules::MECHANISM_MISSPELLED),
        _ => return Err(&rules::MECHANISM_UNKNOWN),
    };
    let domain = match rest.strip_prefix(':') {
        Some(domain) => Some(MacroString::domain(domain)?),
        None if rest.is_empty() => None,
        None => return Err(&rules::DOMAIN_MALFORMED),
    };
    Ok((mechanism, domain))
}

const ALL: u64 = word("all");
const IP4: u64 = word("ip4");
const IP6: u64 = word("ip6");
const INCLUDE: u64 = word("include");
const EXISTS: u64 = word("exists");
const PTR: u64 = word("ptr");
const A: u64 = word("a");
const MX: u64 = word("mx");
const REDIRECT: u64 = word("redirect");
const EXP: u64 = word("exp");

fn required(rest: &str) -> Result<&str, &'static Rule> {
    if rest.is_empty() { Err(&rules::ARGUMENT_MISSING) } else { Ok(rest) }
}

/// The mechanism that was meant; `ipv4` is a habit.
pub(crate) fn meant(name: &str) -> Option<&'static str> {
    let name = ascii::trim(name, &['+', '-', '~', '?']);
    match name {
        "ipv4" | "ip" => Some("ip4"),
        "ipv6" => Some("ip6"),
        _ => nearest(name, &["all", "include", "ptr", "ip4", "ip6", "exists", "mx"]),
    }
}

/// The modifier that was meant.
pub(crate) fn meant_modifier(name: &str) -> Option<&'static str> {
    nearest(name, &["redirect", "exp"])
}

/// Reads a network of addresses that are this long.
fn network(rest: &str, whole: u8) -> Result<Mechanism, &'static Rule> {
    let network = rest.strip_prefix(':').filter(|network| !network.is_empty());
    let network = network.ok_or(&rules::ARGUMENT_MISSING)?;
    let (address, length) = match ascii::split_once(network, b'/') {
        Some((address, length)) => (address, prefix(length, whole)),
        None => (network, Some(whole)),
    };
    match (address.parse::<IpAddr>(), length) {
        (Ok(address), Some(length)) if address.is_ipv4() == (whole == 32) => {
            Ok(Mechanism::Network(address, length))
        }
        _ => Err(&rules::ADDRESS_MALFORMED),
    }
}

/// Takes `/24`, `//64` or `/24//64` off the end.
fn split_prefixes(
    rest: &str,
    mechanism: fn(Prefixes) -> Mechanism,
) -> Result<(Mechanism, &str), &'static Rule> {
    let (mut domain, mut prefixes) = (rest, Prefixes::WHOLE);
    if let Some((before, length)) = split_length(domain)
        && let Some(before) = before.strip_suffix('/')
    {
        domain = before;
        prefixes.v6 = prefix(length, 128).ok_or(&rules::PREFIX_MALFORMED)?;
    }
    if let Some((before, length)) = split_length(domain) {
        domain = before;
        prefixes.v4 = prefix(length, 32).ok_or(&rules::PREFIX_MALFORMED)?;
    }
    Ok((mechanism(prefixes), domain))
}

/// What stands before a slash that only digits follow, and the digits. Other slashes are part of the domain.
fn split_length(rest: &str) -> Option<(&str, &str)> {
    let slash = rest.bytes().rposition(|byte| !byte.is_ascii_digit())?;
    (rest.as_bytes()[slash] == b'/').then(|| (&rest[..slash], &rest[slash + 1..]))
}

/// A length without leading zeros (RFC 7208 §5.6).
fn prefix(text: &str, most: u8) -> Option<u8> {
    let is_plain = text == "0" || (1..=3).contains(&text.len()) && !text.starts_with('0');
    if !is_plain || !ascii::is_digits(text) {
        return None;
    }
    let length = text.bytes().fold(0, |length: u16, digit| length * 10 + u16::from(digit - b'0'));
    u8::try_from(length).ok().filter(|length| *length <= most)
}

/// The term as it should be written.
impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.domain.as_ref().map_or("", MacroString::as_str);
        let colon = if domain.is_empty() { "" } else { ":" };
        match &self.kind {
            TermKind::Redirect => write!(f, "redirect={domain}"),
            TermKind::Explanation => write!(f, "exp={domain}"),
            TermKind::Unknown(name) => write!(f, "{name}={domain}"),
            TermKind::Directive(qualifier, mechanism) => {
                write!(f, "{qualifier}{}{colon}{domain}", mechanism.as_str())?;
                match mechanism {
                    Mechanism::A(prefixes) | Mechanism::Mx(prefixes) => prefixes.fmt(f),
                    Mechanism::Network(network, 32) if network.is_ipv4() => write!(f, ":{network}"),
                    Mechanism::Network(network, 128) => write!(f, ":{network}"),
                    Mechanism::Network(network, length) => write!(f, ":{network}/{length}"),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// Its sign; nothing for *pass*, which is what no sign means.
impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "",
            Self::Fail => "-",
            Self::SoftFail => "~",
            Self::Neutral => "?",
        })
    }
}

/// With their slashes, where they are not of one address.
impl fmt::Display for Prefixes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.v4 != Self::WHOLE.v4 {
            write!(f, "/{}", self.v4)?;
        }
        if self.v6 != Self::WHOLE.v6 {
            write!(f, "//{}", self.v6)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::read;
    use crate::Span;

    #[test]
    fn what_receivers_refuse_is_called_by_its_name() {
        for (term, expected) in [
            ("moo", "mechanism-unknown"),
            ("nclude:b.example", "mechanism-misspelled"),
            ("all:x", "argument-unexpected"),
            ("include", "argument-missing"),
            ("ip4:", "argument-missing"),
            ("a:/24", "argument-missing"),
            ("redirect=", "argument-missing"),
            ("a/33", "prefix-malformed"),
            ("a/08", "prefix-malformed"),
            ("a/288", "prefix-malformed"),
            ("a/18446744073709551648", "prefix-malformed"),
            ("mx//129", "prefix-malformed"),
            ("a/24/64", "prefix-malformed"),
            ("a:b.example/", "prefix-malformed"),
            ("a/24/24", "domain-malformed"),
            ("ptr/0", "domain-malformed"),
            ("a:museum", "domain-malformed"),
            ("include:a.example/24", "domain-malformed"),
            ("redirect=-all", "domain-malformed"),
            ("exists:%(i).example", "macro-malformed"),
            ("exp=%{r}.example", "macro-malformed"),
            ("other=%x", "macro-malformed"),
            ("?redirect=a.example", "term-malformed"),
            ("ip4:192.0.2.1//32", "address-malformed"),
            ("ip4:192.0.2.1/", "address-malformed"),
            ("ip4:::1", "address-malformed"),
            ("ip6:192.0.2.1", "address-malformed"),
        ] {
            let mistake = read(term, Span::new(0, term.len())).err().map(|rule| rule.code);
            let code = mistake.and_then(|code| code.strip_prefix("spf.record."));
            assert_eq!(code, Some(expected), "{term}");
        }
    }

    #[test]
    fn a_term_is_written_in_one_way() {
        for (term, expected) in [
            ("+ALL", "all"),
            ("?a", "?a"),
            ("A/32//128", "a"),
            ("~mx:b.example//64", "~mx:b.example//64"),
            ("a/24//64", "a/24//64"),
            ("a:foo:bar/baz.example", "a:foo:bar/baz.example"),
            ("ptr:%{d}", "ptr:%{d}"),
            ("-exists:%{i}._spf.%{d}", "-exists:%{i}._spf.%{d}"),
            ("ip4:192.0.2.1/32", "ip4:192.0.2.1"),
            ("ip6:2001:DB8::0/32", "ip6:2001:db8::/32"),
            ("Redirect=b.example", "redirect=b.example"),
            ("EXP=x.%{d}", "exp=x.%{d}"),
            ("Other=", "other="),
        ] {
            let read = read(term, Span::new(0, term.len())).map(|term| term.to_string());
            assert_eq!(read.as_deref(), Ok(expected), "{term}");
        }
    }
}

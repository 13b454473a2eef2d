//! A record as a receiver evaluates it: each term by the whole grammar (RFC 7208 §12).

use std::net::IpAddr;

use super::macros::Use;
use super::{MacroString, Mechanism, Qualifier, Term, TermKind, parse, rules};
use crate::{Finding, Rule, Severity, Span, Text};

/// A term, with what it says taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactTerm {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExactKind,
}

/// What a term is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExactKind {
    /// Whoever matches gets the qualifier's result.
    Directive(Qualifier, Matcher),
    /// The record that is read in this one's place, if nothing matches.
    Redirect(MacroString),
    /// Where the explanation of a *fail* stands.
    Explanation(MacroString),
    /// A modifier that nobody knows, and receivers ignore.
    Ignored,
}

/// Whom a mechanism matches. Without a domain of its own it is about the record's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// Everybody.
    All,
    /// Whom another domain's record lets pass.
    Include(MacroString),
    /// The neighborhoods of a domain's addresses.
    A(Option<MacroString>, Prefixes),
    /// The neighborhoods of the addresses of a domain's MX hosts.
    Mx(Option<MacroString>, Prefixes),
    /// Whose address has a name below a domain.
    Ptr(Option<MacroString>),
    /// A network.
    Network(IpAddr, u8),
    /// Everybody, if a name has an IPv4 address.
    Exists(MacroString),
}

/// How many leading bits have to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefixes {
    /// Of an IPv4 address.
    pub v4: u8,
    /// Of an IPv6 address.
    pub v6: u8,
}

/// Reads a record's terms to the last sign; the error is one of the mistakes for which receivers
/// refuse the whole record (RFC 7208 §4.6).
///
/// # Errors
/// The first mistake.
pub fn read_exactly(text: &Text) -> Result<Vec<ExactTerm>, Finding> {
    let parsed = parse(text);
    if let Some(finding) = parsed.findings.iter().find(|finding| is_syntax(finding)) {
        return Err(finding.clone());
    }
    let terms = parsed.value.map(|record| record.terms).unwrap_or_default();
    terms.iter().map(|term| read_term(term, text.as_str())).collect()
}

/// Anybody may send and too many lookups are bad, and still are a record.
fn is_syntax(finding: &Finding) -> bool {
    finding.rule.severity == Severity::Fail
        && ![&rules::ALL_PASSES, &rules::TOO_MANY_LOOKUPS].contains(&finding.rule)
}

fn read_term(term: &Term, text: &str) -> Result<ExactTerm, Finding> {
    let written = term.span.of(text);
    let kind = match &term.kind {
        TermKind::Modifier { name, value } => modifier(name, value),
        TermKind::Mechanism { qualifier, mechanism, .. } => {
            let name = written.trim_start_matches(['+', '-', '~', '?']);
            let rest = name.get(mechanism.as_str().len()..).unwrap_or_default();
            matcher(*mechanism, rest).map(|matcher| ExactKind::Directive(*qualifier, matcher))
        }
    };
    let kind = kind.map_err(|rule| {
        let name = match &term.kind {
            TermKind::Modifier { name, .. } => name,
            TermKind::Mechanism { mechanism, .. } => mechanism.as_str(),
        };
        Finding::at(rule, term.span).with("term", written).with("name", name)
    })?;
    Ok(ExactTerm { span: term.span, kind })
}

fn modifier(name: &str, value: &str) -> Result<ExactKind, &'static Rule> {
    Ok(match name {
        "redirect" => ExactKind::Redirect(MacroString::domain(value)?),
        "exp" => ExactKind::Explanation(MacroString::domain(value)?),
        _ => match MacroString::read(value, Use::Term) {
            Some(_) => ExactKind::Ignored,
            None => return Err(&rules::MACRO_MALFORMED),
        },
    })
}

/// Reads what follows a mechanism's name.
fn matcher(mechanism: Mechanism, rest: &str) -> Result<Matcher, &'static Rule> {
    Ok(match mechanism {
        Mechanism::All => Matcher::All,
        Mechanism::Include => Matcher::Include(required(rest)?),
        Mechanism::Exists => Matcher::Exists(required(rest)?),
        Mechanism::Ptr => Matcher::Ptr(optional(rest)?),
        Mechanism::Ip4 | Mechanism::Ip6 => network(rest).ok_or(&rules::ADDRESS_MALFORMED)?,
        Mechanism::A => {
            let (domain, prefixes) = split_prefixes(rest)?;
            Matcher::A(optional(domain)?, prefixes)
        }
        Mechanism::Mx => {
            let (domain, prefixes) = split_prefixes(rest)?;
            Matcher::Mx(optional(domain)?, prefixes)
        }
    })
}

fn required(rest: &str) -> Result<MacroString, &'static Rule> {
    optional(rest)?.ok_or(&rules::ARGUMENT_MISSING)
}

fn optional(rest: &str) -> Result<Option<MacroString>, &'static Rule> {
    match rest.strip_prefix(':') {
        Some(domain) => MacroString::domain(domain).map(Some),
        None if rest.is_empty() => Ok(None),
        None => Err(&rules::DOMAIN_MALFORMED),
    }
}

fn network(rest: &str) -> Option<Matcher> {
    let network = rest.strip_prefix(':')?;
    let (address, length) = network
        .split_once('/')
        .map_or((network, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.parse().ok()?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    Some(Matcher::Network(address, length.map_or(Some(whole), |length| prefix(length, whole))?))
}

/// Takes `/24`, `//64` or `/24//64` off the end. A slash can also be part of the domain.
fn split_prefixes(rest: &str) -> Result<(&str, Prefixes), &'static Rule> {
    let (mut rest, mut prefixes) = (rest, Prefixes { v4: 32, v6: 128 });
    if let Some((before, length)) = rest.rsplit_once("//").filter(|(_, end)| is_number(end)) {
        prefixes.v6 = prefix(length, 128).ok_or(&rules::PREFIX_MALFORMED)?;
        rest = before;
    }
    if let Some((before, length)) = rest.rsplit_once('/').filter(|(_, end)| is_number(end)) {
        prefixes.v4 = prefix(length, 32).ok_or(&rules::PREFIX_MALFORMED)?;
        rest = before;
    }
    Ok((rest, prefixes))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A length without leading zeros (RFC 7208 §5.6).
fn prefix(text: &str, most: u8) -> Option<u8> {
    let is_plain = is_number(text) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|length| is_plain && *length <= most)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::read_exactly;
    use crate::Text;

    #[test]
    fn what_receivers_refuse_is_called_by_its_name() {
        for (text, expected) in [
            ("v=spf1 +all", None),
            ("v=spf1 a a a a a a a a a a a -all", None),
            ("v=spf1 a/24//64 mx//64 a:b.example/0 ptr:%{d} other=%{o} -all exp=x.%{d}", None),
            ("v=spf1 a:foo:bar/baz.example -all", None),
            ("v=spf1 moo -all", Some("mechanism-unknown")),
            ("v=spf1 a/33", Some("prefix-malformed")),
            ("v=spf1 a/08", Some("prefix-malformed")),
            ("v=spf1 mx//129", Some("prefix-malformed")),
            ("v=spf1 a/24/64", Some("prefix-malformed")),
            ("v=spf1 a/24/24", Some("domain-malformed")),
            ("v=spf1 a:/24", Some("argument-missing")),
            ("v=spf1 ptr/0", Some("domain-malformed")),
            ("v=spf1 a:museum", Some("domain-malformed")),
            ("v=spf1 include:a.example/24", Some("domain-malformed")),
            ("v=spf1 exists:%(i).example", Some("macro-malformed")),
            ("v=spf1 exp=%{r}.example", Some("macro-malformed")),
            ("v=spf1 other=%x", Some("macro-malformed")),
            ("v=spf1 redirect=-all", Some("domain-malformed")),
            ("v=spf1 ip4:192.0.2.1//32", Some("address-malformed")),
        ] {
            let mistake = read_exactly(&Text::from(text)).err();
            let code = mistake.and_then(|mistake| mistake.rule.code.strip_prefix("spf.record."));
            assert_eq!(code, expected, "{text}");
        }
    }
}

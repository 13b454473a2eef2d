//! Where reports go: one URI of a `rua` list (RFC 8460 §3, RFC 3986, RFC 6068).

use std::borrow::Cow;
use std::fmt;

use super::rules;
use crate::ascii::{self, Set};
use crate::host::{self, is_host};
use crate::{Finding, ROOMY, Span};

/// A place that reports are sent to: its URI as it stands in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A mailbox.
    Mailto(String),
    /// A web server that takes reports by POST.
    Https(String),
}

impl Destination {
    /// The URI as it stands in the record.
    #[must_use]
    pub fn uri(&self) -> &str {
        match self {
            Self::Mailto(uri) | Self::Https(uri) => uri,
        }
    }

    /// The name of the host or mail domain that gets the reports.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.uri().split_once(':').map_or("", |(_, rest)| rest);
        match self {
            Self::Mailto(_) => address(rest).rsplit_once('@').map_or("", |(_, domain)| domain),
            Self::Https(_) => server(rest).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.uri())
    }
}

/// What one URI of the list is.
pub(super) enum Read {
    Supported(Destination),
    /// A scheme that no report goes to.
    OtherScheme(Span),
    Malformed,
}

/// What makes a destination of a URI.
type Kind = fn(String) -> Destination;

/// A URI that a list begins with and in which nothing is unusual, its kind, and what stands behind it.
pub(super) fn plain(list: &str) -> Option<(Kind, &str, &str)> {
    if !ROOMY {
        return None;
    }
    let (kind, behind): (Kind, _) = if let Some(address) = list.strip_prefix("mailto:") {
        let local =
            address.bytes().position(|byte| !Set::NAME.holds(byte)).filter(|end| *end > 0)?;
        (Destination::Mailto, host::behind(address[local..].strip_prefix('@')?)?)
    } else {
        let behind = host::behind(list.strip_prefix("https://")?)?;
        let path = behind.bytes().position(|byte| !Set::URI.holds(byte)).unwrap_or(behind.len());
        (Destination::Https, &behind[if behind.starts_with('/') { path } else { 0 }..])
    };
    let (uri, behind) = list.split_at(list.len() - behind.len());
    matches!(behind.as_bytes(), [] | [b',', ..]).then_some((kind, uri, behind))
}

/// What makes a destination of a URI that names one, whatever else is wrong with it.
fn kind(uri: &str) -> Option<Kind> {
    let (scheme, rest) = ascii::split_once(uri, b':')?;
    match () {
        () if ascii::is(scheme, "mailto") && is_mailbox(rest) => Some(Destination::Mailto),
        () if ascii::is(scheme, "https") && is_server(rest) => Some(Destination::Https),
        () => None,
    }
}

/// Reads the URI under a span.
pub(super) fn read(text: &str, span: Span, findings: &mut Vec<Finding>) -> Read {
    let uri = span.of(text);
    if let Some((kind, _, "")) = plain(uri) {
        return Read::Supported(kind(uri.to_owned()));
    }
    let sound = check_characters(uri, span, findings);
    if let Some(kind) = kind(uri) {
        return Read::Supported(kind(uri.to_owned()));
    }
    let Some((scheme, _)) = ascii::split_once(uri, b':').filter(|(scheme, _)| is_scheme(scheme))
    else {
        findings.push(Finding::at(&rules::SCHEME_MISSING, span).with("value", uri));
        return Read::Malformed;
    };
    let rule = match () {
        () if ascii::is(scheme, "mailto") => &rules::ADDRESS_MALFORMED,
        () if ascii::is(scheme, "https") => &rules::HOST_MALFORMED,
        () => return Read::OtherScheme(Span::new(span.start, span.start + scheme.len())),
    };
    // A character that does not belong there is reason enough.
    if sound {
        findings.push(Finding::at(rule, span).with("value", uri));
    }
    Read::Malformed
}

/// `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`.
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && ascii::is_made_of(scheme, Set::SCHEME)
}

/// Only the characters of RFC 3986 §2, `!` encoded (RFC 8460 §3), and percent-encoding in full.
fn check_characters(uri: &str, span: Span, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
    if ascii::is_made_of(uri, Set::URI) {
        return true;
    }
    let odd = |c: char| c.is_ascii() && !c.is_ascii_control() && " \"<>\\^`{|}!".contains(c);
    if let Some((at, found)) = ascii::first(uri, odd) {
        let start = span.start + at;
        findings.push(if is_size_limit(&uri[at..]) {
            Finding::at(&rules::SIZE_LIMIT, start..span.end).with("value", &uri[at..])
        } else {
            Finding::at(&rules::URI_CHARACTER, start..start + 1).with("character", found)
        });
    }
    let encoded =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if let Some((at, _)) = uri.match_indices('%').find(|(at, _)| !encoded(&uri[at + 1..])) {
        let start = span.start + at;
        findings.push(Finding::at(&rules::URI_PERCENT, start..start + 1));
    }
    findings.len() == before
}

const SIZE_UNITS: &[char] = &['k', 'm', 'g', 't', 'K', 'M', 'G', 'T'];

/// `!10m`: DMARC once had it, TLS-RPT never.
fn is_size_limit(rest: &str) -> bool {
    let number = rest.strip_prefix('!').unwrap_or_default().trim_end_matches(SIZE_UNITS);
    !number.is_empty() && ascii::is_digits(number)
}

/// Whether a `mailto` names a mailbox.
fn is_mailbox(rest: &str) -> bool {
    let local = rest.bytes().position(|byte| matches!(byte, b'@' | b'/' | b'?' | b'#'));
    let rest = local.filter(|length| *length > 0).and_then(|length| rest.get(length..));
    let behind = rest.and_then(|rest| rest.strip_prefix("@")).and_then(host::behind);
    behind.is_some_and(|behind| address(behind).is_empty())
}

/// What a `mailto` names, percent-encoding kept.
fn address(rest: &str) -> &str {
    ascii::until(rest, b"?#")
}

/// Whether an `https` names a host.
fn is_server(rest: &str) -> bool {
    server(rest).is_some_and(|host| {
        let literal = host.starts_with('[') && host.ends_with(']');
        literal || is_host(host.strip_suffix('.').unwrap_or(host))
    })
}

/// The host that an `https` names.
fn server(rest: &str) -> Option<&str> {
    let authority = ascii::until(rest.strip_prefix("//")?, b"/?#");
    let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
    Some(match server.rsplit_once(':') {
        Some((host, port)) if ascii::is_digits(port) => host,
        _ => server,
    })
}

/// The URI that is plainly meant.
pub(super) fn corrected(uri: &str) -> Option<Cow<'_, str>> {
    if let Some((_, _, "")) = plain(uri) {
        return Some(uri.into());
    }
    Some(guessed(uri)).filter(|uri| kind(uri).is_some())
}

fn guessed(uri: &str) -> Cow<'_, str> {
    let uri = ascii::trim(uri, &['<', '>', '"', '\'']);
    let uri = uri
        .split_once('!')
        .filter(|(_, rest)| is_size_limit(&format!("!{rest}")))
        .map_or(uri, |(uri, _)| uri);
    let address = uri.split_once(':').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto"));
    match address {
        Some((_, address)) => {
            format!("mailto:{}", address.trim_start_matches(&['/', ' ', '\t'][..])).into()
        }
        None if uri.contains('@') && !uri.contains(':') => format!("mailto:{uri}").into(),
        None => uri.into(),
    }
}

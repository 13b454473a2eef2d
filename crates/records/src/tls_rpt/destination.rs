//! Where reports go: one URI of a `rua` list (RFC 8460 §3, RFC 3986, RFC 6068).

use std::fmt;

use super::rules;
use crate::ascii;
use crate::host::is_host;
use crate::{Finding, Span};

/// A place that reports are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A mailbox.
    Mailto {
        /// The URI as it stands in the record.
        uri: String,
        /// The address, percent-encoding kept.
        address: String,
    },
    /// A web server that takes reports by POST.
    Https {
        /// The URI as it stands in the record.
        uri: String,
        /// The server's name.
        host: String,
    },
}

impl Destination {
    /// The URI as it stands in the record.
    #[must_use]
    pub fn uri(&self) -> &str {
        match self {
            Self::Mailto { uri, .. } | Self::Https { uri, .. } => uri,
        }
    }

    /// The name of the host or mail domain that gets the reports.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Mailto { address, .. } => {
                address.rsplit_once('@').map_or("", |(_, domain)| domain)
            }
            Self::Https { host, .. } => host,
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

/// Reads the URI under a span.
pub(super) fn read(text: &str, span: Span, findings: &mut Vec<Finding>) -> Read {
    let uri = span.of(text);
    let sound = check_characters(uri, span, findings);
    let Some((scheme, rest)) = uri.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        findings.push(Finding::at(&rules::SCHEME_MISSING, span).with("value", uri));
        return Read::Malformed;
    };
    let (target, rule) = if scheme.eq_ignore_ascii_case("mailto") {
        (mailto(uri, rest), &rules::ADDRESS_MALFORMED)
    } else if scheme.eq_ignore_ascii_case("https") {
        (https(uri, rest), &rules::HOST_MALFORMED)
    } else {
        return Read::OtherScheme(Span::new(span.start, span.start + scheme.len()));
    };
    match target {
        Some(destination) => Read::Supported(destination),
        // A character that does not belong there is reason enough.
        None if !sound => Read::Malformed,
        None => {
            findings.push(Finding::at(rule, span).with("value", uri));
            Read::Malformed
        }
    }
}

/// `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`.
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && ascii::is_made_of(scheme, b"+-.")
}

/// Only the characters of RFC 3986 §2, `!` encoded (RFC 8460 §3), and percent-encoding in full.
fn check_characters(uri: &str, span: Span, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
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

fn mailto(uri: &str, rest: &str) -> Option<Destination> {
    let address = ascii::until(rest, &['?', '#']);
    let (local, domain) = address.rsplit_once('@')?;
    let plain = !local.is_empty() && !ascii::holds(local, &['/', '@']) && is_host(domain);
    plain.then(|| Destination::Mailto { uri: uri.to_owned(), address: address.to_owned() })
}

fn https(uri: &str, rest: &str) -> Option<Destination> {
    let authority = ascii::until(rest.strip_prefix("//")?, &['/', '?', '#']);
    let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
    let host = match server.rsplit_once(':') {
        Some((host, port)) if ascii::is_digits(port) => host,
        _ => server,
    };
    let literal = host.starts_with('[') && host.ends_with(']');
    let known = literal || is_host(host.strip_suffix('.').unwrap_or(host));
    known.then(|| Destination::Https { uri: uri.to_owned(), host: host.to_owned() })
}

/// The URI that a broken one plainly meant.
pub(super) fn corrected(uri: &str) -> Option<Destination> {
    let uri = ascii::trim(uri, &['<', '>', '"', '\'']);
    let uri = uri
        .split_once('!')
        .filter(|(_, rest)| is_size_limit(&format!("!{rest}")))
        .map_or(uri, |(uri, _)| uri);
    let address = uri.split_once(':').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto"));
    let meant = match address {
        Some((_, address)) => {
            format!("mailto:{}", address.trim_start_matches(&['/', ' ', '\t'][..]))
        }
        None if uri.contains('@') && !uri.contains(':') => format!("mailto:{uri}"),
        None => uri.to_owned(),
    };
    match read(&meant, Span::new(0, meant.len()), &mut Vec::new()) {
        Read::Supported(destination) => Some(destination),
        _ => None,
    }
}

//! What somebody typed or pasted, understood as a domain.
//!
//! The page understands the same; `tests/domains.toml` holds the cases that both pass.

use std::fmt;

use idna::AsciiDenyList;
use mxray_facts::{Domain, DomainError};

/// A domain, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Understood {
    /// The domain.
    pub(crate) domain: Domain,
    /// Whether it stood in a web address, and its leading `www.` was left out.
    pub(crate) dropped_www: bool,
}

/// Why no domain could be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputError {
    /// What was meant as the domain is none.
    Domain(DomainError),
    /// Characters beyond ASCII that no domain may hold (UTS 46).
    International,
}

impl InputError {
    /// The key of its sentence.
    #[cfg(test)]
    fn key(self) -> &'static str {
        match self {
            Self::Domain(error) => error.key(),
            Self::International => "domain.international",
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(error) => error.fmt(f),
            Self::International => f.write_str(
                "it holds characters that no domain may have; expected a name such as bücher.example",
            ),
        }
    }
}

impl From<DomainError> for InputError {
    fn from(error: DomainError) -> Self {
        Self::Domain(error)
    }
}

/// Understands a domain, a mail address or a web address.
///
/// # Errors
/// Why what remains of it is no mail domain.
pub(crate) fn understand(typed: &str) -> Result<Understood, InputError> {
    let address = strip_scheme(typed.trim());
    let authority = until(address.text, &['/', '?', '#', '\\']);
    let is_web = address.is_web || authority.len() < address.text.len();
    // The local part of a mail address may hold an `@` in quotes.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let domain = to_domain(until(host, &['>', ':']))?;
    match domain.as_str().strip_prefix("www.").map(Domain::from_ascii) {
        Some(Ok(bare)) if is_web => Ok(Understood { domain: bare, dropped_www: true }),
        _ => Ok(Understood { domain, dropped_www: false }),
    }
}

/// What follows a scheme.
struct Address<'a> {
    text: &'a str,
    is_web: bool,
}

fn strip_scheme(text: &str) -> Address<'_> {
    const MAILTO: &str = "mailto:";
    match text.split_once("://") {
        Some((_, rest)) => Address { text: rest, is_web: true },
        None => {
            let is_mail =
                text.get(..MAILTO.len()).is_some_and(|start| start.eq_ignore_ascii_case(MAILTO));
            let text = if is_mail { until(&text[MAILTO.len()..], &['?']) } else { text };
            Address { text, is_web: false }
        }
    }
}

fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or_default()
}

fn to_domain(name: &str) -> Result<Domain, InputError> {
    if name.is_ascii() {
        return Ok(Domain::from_ascii(name)?);
    }
    // IDNA judges what is beyond ASCII; what is within is judged here, as for any name.
    let strange = |c: &char| c.is_ascii() && !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    if let Some(c) = name.chars().find(strange) {
        return Err(DomainError::Character(c).into());
    }
    let ascii = idna::domain_to_ascii_cow(name.as_bytes(), AsciiDenyList::URL)
        .map_err(|_| InputError::International)?;
    Ok(Domain::from_ascii(&ascii)?)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::understand;

    #[derive(Deserialize)]
    struct Table {
        case: Vec<Case>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        note: String,
        input: String,
        domain: Option<String>,
        error: Option<String>,
        #[serde(default)]
        dropped_www: bool,
    }

    #[test]
    fn what_people_type_is_understood_as_the_shared_table_says() {
        let table: Table = toml::from_str(include_str!("../../../tests/domains.toml")).unwrap();
        for case in table.case {
            let expected = match (case.domain, case.error) {
                (Some(domain), None) => Ok((domain, case.dropped_www)),
                (None, Some(key)) => Err(key),
                _ => panic!("{}: either `domain` or `error`", case.note),
            };
            let understood = understand(&case.input)
                .map(|understood| (understood.domain.to_string(), understood.dropped_www))
                .map_err(|error| error.key().to_owned());
            assert_eq!(understood, expected, "{}", case.note);
        }
    }
}

//! What somebody typed or pasted, understood as a domain.

use std::fmt;

use crate::{Domain, DomainError};

/// A domain, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The domain.
    pub domain: Domain,
    /// Whether it stood in a web address, and its leading `www.` was left out.
    pub dropped_www: bool,
}

/// Why no domain could be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedError {
    /// What was meant as the domain is none.
    Domain(DomainError),
    /// Characters beyond ASCII that no domain may hold (UTS 46).
    International,
}

/// Writes a name beyond ASCII in A-labels (UTS 46), each face with what it has; `None` if it is no name.
pub type ToAscii = fn(&str) -> Option<String>;

impl Typed {
    /// Understands a domain, a mail address or a web address.
    ///
    /// ```
    /// use mxray_facts::Typed;
    /// let typed = Typed::understand(" https://www.Example.com/contact ", |_| None)?;
    /// assert_eq!(typed.domain.as_str(), "example.com");
    /// assert!(typed.dropped_www);
    /// # Ok::<(), mxray_facts::TypedError>(())
    /// ```
    ///
    /// # Errors
    /// Why what remains of it is no mail domain.
    pub fn understand(typed: &str, to_ascii: ToAscii) -> Result<Self, TypedError> {
        let address = strip_scheme(typed.trim());
        let authority = until(address.text, &['/', '?', '#', '\\']);
        let is_web = address.is_web || authority.len() < address.text.len();
        // The local part of a mail address may hold an `@` in quotes.
        let host = authority.rsplit('@').next().unwrap_or_default();
        let domain = to_domain(until(host, &['>', ':']), to_ascii)?;
        match domain.as_str().strip_prefix("www.").map(Domain::from_ascii) {
            Some(Ok(bare)) if is_web => Ok(Self { domain: bare, dropped_www: true }),
            _ => Ok(Self { domain, dropped_www: false }),
        }
    }
}

/// What follows a scheme.
struct Address<'a> {
    text: &'a str,
    is_web: bool,
}

fn strip_scheme(text: &str) -> Address<'_> {
    const MAILTO: &str = "mailto:";
    match text.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//")) {
        Some(rest) => Address { text: rest, is_web: true },
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

fn to_domain(name: &str, to_ascii: ToAscii) -> Result<Domain, TypedError> {
    if name.is_ascii() {
        return Ok(Domain::from_ascii(name)?);
    }
    // IDNA judges what is beyond ASCII; what is within is judged here, as for any name.
    let strange = |c: &char| c.is_ascii() && !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    if let Some(c) = name.chars().find(strange) {
        return Err(DomainError::Character(c).into());
    }
    let ascii = to_ascii(name).ok_or(TypedError::International)?;
    Ok(Domain::from_ascii(&ascii)?)
}

impl TypedError {
    /// The key of its sentence in the texts.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Domain(error) => error.key(),
            Self::International => "domain.international",
        }
    }
}

impl fmt::Display for TypedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(error) => error.fmt(f),
            Self::International => f.write_str(
                "it holds characters that no domain may have; expected a name such as bücher.example",
            ),
        }
    }
}

impl std::error::Error for TypedError {}

impl From<DomainError> for TypedError {
    fn from(error: DomainError) -> Self {
        Self::Domain(error)
    }
}

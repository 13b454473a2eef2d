//! A domain name that mail could be addressed to, checked once at the door.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Name;

/// A mail domain in its canonical form: ASCII, lower-case, without a final dot.
///
/// ```
/// use mxray_facts::Domain;
/// let domain = Domain::from_ascii("Example.COM.")?;
/// assert_eq!(domain.as_str(), "example.com");
/// assert_eq!(domain.child("_mta-sts").as_str(), "_mta-sts.example.com");
/// # Ok::<(), mxray_facts::DomainError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

/// Why a text is not a mail domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainError {
    /// Nothing was given.
    Empty,
    /// Over 253 characters (RFC 1035 §2.3.4, less the wire form's two octets).
    TooLong,
    /// Two dots in a row, or one at the start.
    EmptyLabel,
    /// A part between dots of over 63 characters (RFC 1035 §2.3.4).
    LabelTooLong,
    /// A character other than letters, digits and hyphens.
    Character(char),
    /// A part that begins or ends with a hyphen (RFC 5321 §4.1.2).
    Hyphen,
    /// A number address such as 192.0.2.1.
    Address,
    /// A single word without a dot.
    NoDot,
}

impl Domain {
    /// Checks a name that is already ASCII; Unicode names become A-labels at each face first.
    ///
    /// # Errors
    /// The first reason why it is no mail domain (RFC 5321 §4.1.2 `Domain`, with at least two labels).
    pub fn from_ascii(text: &str) -> Result<Self, DomainError> {
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return Err(DomainError::Empty);
        }
        // Characters first: it is the most telling of several reasons.
        if let Some(other) =
            name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')))
        {
            return Err(DomainError::Character(other));
        }
        if name.len() > 253 {
            return Err(DomainError::TooLong);
        }
        name.split('.').try_for_each(check_label)?;
        let last = name.rsplit('.').next().unwrap_or_default();
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DomainError::Address);
        }
        if !name.contains('.') {
            return Err(DomainError::NoDot);
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The name, without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The DNS name of this domain.
    #[must_use]
    pub fn name(&self) -> Name {
        Name::from_canonical(self.0.clone())
    }

    /// The DNS name below this domain: `child("_smtp._tls")`.
    #[must_use]
    pub fn child(&self, labels: &str) -> Name {
        Name::from_canonical(format!("{labels}.{}", self.0))
    }

    /// The domain one label up; `None` above two labels.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, parent) = self.0.split_once('.')?;
        parent.contains('.').then(|| Self(parent.to_owned()))
    }
}

fn check_label(label: &str) -> Result<(), DomainError> {
    match label {
        "" => Err(DomainError::EmptyLabel),
        label if label.len() > 63 => Err(DomainError::LabelTooLong),
        label if label.starts_with('-') || label.ends_with('-') => Err(DomainError::Hyphen),
        _ => Ok(()),
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Domain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        Self::from_ascii(text)
    }
}

impl TryFrom<String> for Domain {
    type Error = DomainError;

    fn try_from(text: String) -> Result<Self, DomainError> {
        Self::from_ascii(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.0
    }
}

impl DomainError {
    /// The key of its sentence in the texts.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "domain.empty",
            Self::TooLong => "domain.too-long",
            Self::EmptyLabel => "domain.empty-label",
            Self::LabelTooLong => "domain.label-too-long",
            Self::Character(_) => "domain.character",
            Self::Hyphen => "domain.hyphen",
            Self::Address => "domain.address",
            Self::NoDot => "domain.no-dot",
        }
    }
}

impl fmt::Display for DomainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no domain was given; expected a name such as example.com"),
            Self::TooLong => {
                f.write_str("the name is over 253 characters long, the most that DNS allows")
            }
            Self::EmptyLabel => f.write_str(
                "there is nothing between two dots; expected a name such as example.com",
            ),
            Self::LabelTooLong => f.write_str(
                "a part between dots is over 63 characters long, the most that DNS allows",
            ),
            Self::Character(c) => write!(
                f,
                "{c:?} cannot be part of a domain; expected letters, digits, hyphens and dots"
            ),
            Self::Hyphen => f.write_str("a part between dots begins or ends with a hyphen"),
            Self::Address => {
                f.write_str("this is a number address; expected a name such as example.com")
            }
            Self::NoDot => {
                f.write_str("the name has no dot; expected a whole domain such as example.com")
            }
        }
    }
}

impl std::error::Error for DomainError {}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Domain, DomainError};

    #[test]
    fn a_domain_is_checked_at_the_door() {
        let long_label = format!("{}.example", "a".repeat(64));
        let long_name = format!("{}example", "a.".repeat(150));
        for (reason, text, expected) in [
            ("plain", "example.com", Ok("example.com")),
            ("capitals", "EXAMPLE.Com", Ok("example.com")),
            ("a final dot", "example.com.", Ok("example.com")),
            ("an A-label", "xn--bcher-kva.example", Ok("xn--bcher-kva.example")),
            ("a label of digits", "123.example", Ok("123.example")),
            ("nothing", "", Err(DomainError::Empty)),
            ("only a dot", ".", Err(DomainError::Empty)),
            ("two dots", "a..example", Err(DomainError::EmptyLabel)),
            ("a leading dot", ".example.com", Err(DomainError::EmptyLabel)),
            ("an underscore", "_dmarc.example.com", Err(DomainError::Character('_'))),
            ("a space", "exa mple.com", Err(DomainError::Character(' '))),
            ("a U-label", "bücher.example", Err(DomainError::Character('ü'))),
            ("a hyphen first", "-a.example", Err(DomainError::Hyphen)),
            ("a hyphen last", "a-.example", Err(DomainError::Hyphen)),
            ("an IPv4 address", "192.0.2.1", Err(DomainError::Address)),
            ("one word", "localhost", Err(DomainError::NoDot)),
            ("a label of 64", &long_label, Err(DomainError::LabelTooLong)),
            ("300 characters", &long_name, Err(DomainError::TooLong)),
        ] {
            assert_eq!(
                Domain::from_ascii(text).as_ref().map(Domain::as_str),
                expected.as_ref().copied(),
                "{reason}"
            );
        }
    }

    #[test]
    fn a_parent_is_a_domain_too() {
        let domain = Domain::from_ascii("www.example.com").unwrap();
        assert_eq!(domain.parent().unwrap().as_str(), "example.com");
        assert_eq!(domain.parent().unwrap().parent(), None);
    }
}

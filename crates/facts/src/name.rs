//! A name in the DNS, which unlike a [`crate::Domain`] may hold anything.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A DNS name in presentation form, lower-case, without a final dot; the root is `.`.
///
/// Octets that are no printable ASCII stand as `\DDD` (RFC 1035 §5.1), so the text is harmless to show.
///
/// ```
/// use mxray_facts::Name;
/// let name: Name = "_25._tcp.Mail.Example.com.".parse()?;
/// assert_eq!(name.as_str(), "_25._tcp.mail.example.com");
/// # Ok::<(), mxray_facts::NameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(type = "string"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// The text is no DNS name: a label is empty or over 63 octets, the whole over 255, or an escape is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError;

/// A name in wire format, as the codec composes it.
pub(crate) type WireName = domain::base::Name<Vec<u8>>;

impl Name {
    /// A name that is known to be canonical already.
    pub(crate) fn from_canonical(text: String) -> Self {
        Self(text)
    }

    /// A name as the codec read it, with its own escapes.
    pub(crate) fn from_wire(name: &WireName) -> Self {
        let text = name.to_string().to_ascii_lowercase();
        Self(if text.is_empty() { ".".to_owned() } else { text })
    }

    /// The wire format; fails for a name that was never checked and is too long.
    pub(crate) fn to_wire(&self) -> Result<WireName, NameError> {
        WireName::from_str(&self.0).map_err(|_| NameError)
    }

    /// The root of the DNS.
    #[must_use]
    pub fn root() -> Self {
        Self(".".to_owned())
    }

    /// Whether DNS can hold the name: one that [`Self::child`] made may be over 255 octets (RFC 1035 §2.3.4).
    #[must_use]
    pub fn fits(&self) -> bool {
        self.to_wire().is_ok()
    }

    /// The name in presentation form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root, which as an MX exchange says *no mail here* (RFC 7505 §3).
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0 == "."
    }

    /// The name below this one: `child("_25._tcp")`.
    #[must_use]
    pub fn child(&self, labels: &str) -> Self {
        if self.is_root() { Self(labels.to_owned()) } else { Self(format!("{labels}.{}", self.0)) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let wire = WireName::from_str(text).map_err(|_| NameError)?;
        Ok(Self::from_wire(&wire))
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not a DNS name; expected labels of 1 to 63 octets between dots, at most 255 in all",
        )
    }
}

impl std::error::Error for NameError {}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::Name;

    #[test]
    fn names_are_canonical() {
        for (reason, text, expected) in [
            ("capitals and a final dot", "MX1.Example.", Some("mx1.example")),
            ("the root", ".", Some(".")),
            ("an underscore", "_dmarc.example", Some("_dmarc.example")),
            ("an escaped octet", r"a\009b.example", Some(r"a\009b.example")),
            ("an empty label", "a..example", None),
            ("a label of 64", &"a".repeat(64), None),
        ] {
            let name = text.parse::<Name>().ok();
            assert_eq!(name.as_ref().map(Name::as_str), expected, "{reason}");
        }
    }
}

//! A pattern: which MX hosts a policy allows (RFC 8461 §3.2, §4.1).

use std::fmt;

use super::policy::rules;
use crate::Rule;
use crate::ascii;
use crate::host::is_host;

/// A host name, or `*.` and a suffix.
///
/// ```
/// use mxray_records::mta_sts::pattern::Pattern;
/// let pattern = Pattern::parse("*.example.com").unwrap();
/// assert!(pattern.matches("mail.example.com"));
/// assert!(!pattern.matches("example.com"));
/// assert!(!pattern.matches("a.b.example.com"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    wildcard: bool,
    /// In lower case, without the `*.`.
    name: String,
}

impl Pattern {
    /// Reads the value of an `mx` line: `["*."] Domain`, with the Domain of RFC 5321 §4.1.2.
    ///
    /// # Errors
    /// The rule that the value breaks.
    pub fn parse(value: &str) -> Result<Self, &'static Rule> {
        check_shape(value)?;
        let suffix = value.strip_prefix("*.");
        let name = suffix.unwrap_or(value);
        check_name(name)?;
        Ok(Self { wildcard: suffix.is_some(), name: name.to_ascii_lowercase() })
    }

    /// Whether it matches a host's name; case and one final dot of the host do not count.
    ///
    /// `*` stands for exactly one label (RFC 8461 §4.1).
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        let compared = if self.wildcard {
            host.split_once('.').filter(|(label, _)| !label.is_empty()).map(|(_, suffix)| suffix)
        } else {
            Some(host)
        };
        compared.is_some_and(|name| name.eq_ignore_ascii_case(&self.name))
    }
}

/// The pattern as it should be written.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.wildcard { "*." } else { "" };
        write!(f, "{star}{}", self.name)
    }
}

const SEPARATORS: &[char] = &[' ', '\t', ',', ';'];

/// What people write instead of a pattern, each by its own name.
fn check_shape(value: &str) -> Result<(), &'static Rule> {
    let words: Vec<&str> = words(value).collect();
    match words[..] {
        [number, _] if ascii::is_digits(number) => {
            return Err(&rules::MX_PREFERENCE);
        }
        [_, _, ..] if words.iter().all(|word| word.contains('.')) => {
            return Err(&rules::MX_SEVERAL);
        }
        _ => {}
    }
    if ascii::holds(value, b"/@") {
        return Err(&rules::MX_URL);
    }
    if is_address(value) {
        return Err(&rules::MX_ADDRESS);
    }
    if !value.is_ascii() {
        return Err(&rules::MX_NOT_ASCII);
    }
    Ok(())
}

fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(SEPARATORS).filter(|word| !word.is_empty())
}

/// `192.0.2.1`, `[192.0.2.1]`, `2001:db8::1`; names end with a letter's label, and hold no colon.
fn is_address(value: &str) -> bool {
    let bare = value.trim_start_matches('[').trim_end_matches(']');
    let four = bare.contains('.')
        && bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let six = bare.matches(':').count() >= 2
        && bare.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte));
    four || six || value.starts_with('[')
}

fn check_name(name: &str) -> Result<(), &'static Rule> {
    let lacks = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.');
    let rule = match ascii::first(name, lacks) {
        Some((_, '*')) => &rules::MX_WILDCARD,
        Some((_, '_')) => &rules::MX_UNDERSCORE,
        Some(_) => &rules::MX_CHARACTER,
        None if name.len() > 1 && name.ends_with('.') => &rules::MX_TRAILING_DOT,
        None if name.len() > 1 && name.starts_with('.') => &rules::MX_SUFFIX,
        None if !is_host(name) => &rules::MX_LABEL,
        None => return Ok(()),
    };
    Err(rule)
}

/// The patterns that a broken value plainly meant; none if it is not plain.
pub(super) fn corrected(value: &str) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    let has_commas = value.contains([',', ';']);
    for word in words(value) {
        match meant(word) {
            // The end of a name that a space cuts is not a name of its own.
            _ if word.starts_with('.') && word.len() < value.len() && !has_commas => {
                return Vec::new();
            }
            Some(pattern) if word.contains('.') => patterns.push(pattern),
            // A preference is decoration.
            _ if ascii::is_digits(word) => {}
            _ => return Vec::new(),
        }
    }
    patterns
}

fn meant(word: &str) -> Option<Pattern> {
    let behind = word.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//"));
    let host = ascii::trim(ascii::until(behind.unwrap_or(word), b"/"), &['"', '\'', '<', '>']);
    let host = host.strip_suffix(":25").unwrap_or(host).trim_end_matches('.');
    match host.strip_prefix('.') {
        Some(suffix) => Pattern::parse(&format!("*.{suffix}")).ok(),
        None => Pattern::parse(host).ok(),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Pattern, corrected};

    #[test]
    fn each_mistake_is_called_by_its_name() {
        for (value, expected) in [
            ("mail.example.com", None),
            ("*.example.com", None),
            ("localhost", None),
            ("MAIL.Example.COM", None),
            ("xn--mx-xka.example", None),
            ("4.example.com", None),
            ("192.0.2.1", Some("mx-address")),
            ("[192.0.2.1]", Some("mx-address")),
            ("2001:db8::1", Some("mx-address")),
            ("mail.example.com.", Some("mx-trailing-dot")),
            ("_mail.example.com", Some("mx-underscore")),
            ("møx.example", Some("mx-not-ascii")),
            ("a.example, b.example", Some("mx-several")),
            ("10 mail.example.com", Some("mx-preference")),
            ("mail server", Some("mx-character")),
            ("smtp://mail.example.com", Some("mx-url")),
            ("mail.example.com:25", Some("mx-character")),
            ("mail*.example.com", Some("mx-wildcard")),
            ("*.*.example", Some("mx-wildcard")),
            ("mail.*.example", Some("mx-wildcard")),
            ("*", Some("mx-wildcard")),
            (".example.com", Some("mx-suffix")),
            ("a..example", Some("mx-label")),
            (".", Some("mx-label")),
            ("test.example-", Some("mx-label")),
        ] {
            let found = Pattern::parse(value).err().map(|rule| rule.code);
            assert_eq!(
                found.and_then(|code| code.strip_prefix("mta-sts.policy.")),
                expected,
                "{value}"
            );
        }
    }

    #[test]
    fn a_star_is_one_label() {
        for (reason, pattern, host, expected) in [
            ("itself", "mail.example.com", "mail.example.com", true),
            ("case and final dot", "Mail.example.com", "mail.EXAMPLE.com.", true),
            ("one label", "*.example.com", "mail.example.com", true),
            ("none", "*.example.com", "example.com", false),
            ("an empty one", "*.example.com", ".example.com", false),
            ("two", "*.example.com", "a.b.example.com", false),
            ("a part of a label", "*.example.com", "mail.anexample.com", false),
            ("no star", "example.com", "mail.example.com", false),
        ] {
            assert_eq!(Pattern::parse(pattern).unwrap().matches(host), expected, "{reason}");
        }
    }

    #[test]
    fn what_is_plain_is_corrected() {
        for (value, expected) in [
            ("mail.example.com.", "mail.example.com"),
            (".example.com", "*.example.com"),
            ("10 mail.example.com", "mail.example.com"),
            ("a.example, b.example.", "a.example b.example"),
            ("https://mail.example.com/", "mail.example.com"),
            ("smtp://mail.example.com:25", "mail.example.com"),
            ("192.0.2.1", ""),
            ("mx_1.example", ""),
            ("Priority 5: mx.example.com", ""),
        ] {
            let found: Vec<String> = corrected(value).iter().map(Pattern::to_string).collect();
            assert_eq!(found.join(" "), expected, "{value}");
        }
    }
}

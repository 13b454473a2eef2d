//! Macro strings: texts that become a domain name, or an explanation, for one message (RFC 7208 §7).

use std::borrow::Cow;
use std::fmt::Write;

use super::rules;
use crate::Rule;

/// A text with macros in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroString(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// `%%`, `%_` or `%-`: a sign that cannot be written as itself.
    Sign(&'static str),
    Macro(Macro),
}

/// `%{d2r-}`: a letter, how many parts of its value, whether they are reversed, and where it is split.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Macro {
    letter: Letter,
    is_escaped: bool,
    most: Option<usize>,
    is_reversed: bool,
    delimiters: String,
}

/// What a macro stands for (RFC 7208 §7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// `s`: the sender.
    Sender,
    /// `l`: the part of the sender before the @.
    LocalPart,
    /// `o`: the sender's domain.
    SenderDomain,
    /// `d`: the domain whose record is evaluated.
    Domain,
    /// `i`: the address, in parts that dots separate.
    Ip,
    /// `p`: the address's validated name.
    ValidatedName,
    /// `v`: `in-addr` or `ip6`.
    ReverseZone,
    /// `h`: the name in HELO or EHLO.
    Helo,
    /// `c`: the address, for people to read; only in explanations.
    ReadableIp,
    /// `r`: the receiver's name; only in explanations.
    Receiver,
    /// `t`: the time; only in explanations.
    Time,
}

/// Where a macro string stands, which says what it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// In a term.
    Term,
    /// In an explanation, which may also hold spaces and the letters c, r and t.
    Explanation,
}

impl Letter {
    fn read(letter: char, place: Use) -> Option<Self> {
        Some(match (letter.to_ascii_lowercase(), place) {
            ('s', _) => Self::Sender,
            ('l', _) => Self::LocalPart,
            ('o', _) => Self::SenderDomain,
            ('d', _) => Self::Domain,
            ('i', _) => Self::Ip,
            ('p', _) => Self::ValidatedName,
            ('v', _) => Self::ReverseZone,
            ('h', _) => Self::Helo,
            ('c', Use::Explanation) => Self::ReadableIp,
            ('r', Use::Explanation) => Self::Receiver,
            ('t', Use::Explanation) => Self::Time,
            _ => return None,
        })
    }
}

impl MacroString {
    /// Reads an explanation: what stands at the name that `exp` leads to (RFC 7208 §6.2).
    ///
    /// ```
    /// use mxray_records::spf::{Letter, MacroString};
    /// let text = MacroString::explanation("%{i} is not one of %{d}'s servers").unwrap();
    /// let said = text.expand(|letter| if letter == Letter::Ip { "192.0.2.1" } else { "a.example" });
    /// assert_eq!(said, "192.0.2.1 is not one of a.example's servers");
    /// ```
    #[must_use]
    pub fn explanation(text: &str) -> Option<Self> {
        Self::read(text, Use::Explanation)
    }

    pub(super) fn read(text: &str, place: Use) -> Option<Self> {
        let is_literal = |c: char| c.is_ascii_graphic() || (c == ' ' && place == Use::Explanation);
        let (mut parts, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let literal = &rest[..rest.find('%').unwrap_or(rest.len())];
            if !literal.chars().all(is_literal) {
                return None;
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            rest = &rest[literal.len()..];
            if !rest.is_empty() {
                let (part, after) = read_macro(rest, place)?;
                parts.push(part);
                rest = after;
            }
        }
        Some(Self(parts))
    }

    /// Reads what has to become a domain: it ends in a macro, or in a dot and a top-level label.
    pub(super) fn domain(text: &str) -> Result<Self, &'static Rule> {
        let domain = Self::read(text, Use::Term).ok_or(&rules::MACRO_MALFORMED)?;
        match domain.0.last() {
            Some(Part::Literal(end)) if !ends_in_top_label(end) => Err(&rules::DOMAIN_MALFORMED),
            Some(_) => Ok(domain),
            None => Err(&rules::ARGUMENT_MISSING),
        }
    }

    /// Whether one of its macros stands for this.
    #[must_use]
    pub fn uses(&self, letter: Letter) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Macro(found) if found.letter == letter))
    }

    /// The text with each macro's value in its place.
    #[must_use]
    pub fn expand<'a>(&self, value: impl Fn(Letter) -> &'a str) -> String {
        let mut expanded = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(text) => expanded.push_str(text),
                Part::Sign(sign) => expanded.push_str(sign),
                Part::Macro(found) => expanded.push_str(&found.expand(value(found.letter))),
            }
        }
        expanded
    }
}

/// What a percent sign begins, and the rest.
fn read_macro(text: &str, place: Use) -> Option<(Part, &str)> {
    for (written, sign) in [("%%", "%"), ("%_", " "), ("%-", "%20")] {
        if let Some(rest) = text.strip_prefix(written) {
            return Some((Part::Sign(sign), rest));
        }
    }
    let (inside, rest) = text.strip_prefix("%{")?.split_once('}')?;
    let mut chars = inside.chars();
    let letter = chars.next()?;
    let transformers = chars.as_str();
    let digits = &transformers[..transformers.bytes().take_while(u8::is_ascii_digit).count()];
    let after = &transformers[digits.len()..];
    let (is_reversed, delimiters) =
        after.strip_prefix(['r', 'R']).map_or((false, after), |delimiters| (true, delimiters));
    // More than there can be parts means all of them, however many digits say so.
    let most = (!digits.is_empty()).then(|| digits.parse().unwrap_or(usize::MAX));
    let is_sound = most != Some(0) && delimiters.bytes().all(|byte| b".-+,/_=".contains(&byte));
    let found = Macro {
        letter: Letter::read(letter, place)?,
        is_escaped: letter.is_ascii_uppercase(),
        most,
        is_reversed,
        delimiters: delimiters.to_owned(),
    };
    is_sound.then_some((Part::Macro(found), rest))
}

impl Macro {
    fn expand<'a>(&self, value: &'a str) -> Cow<'a, str> {
        let transformed = self.transform(value);
        if self.is_escaped { escape(&transformed).into() } else { transformed }
    }

    /// Splits, reverses, drops parts on the left, and joins with dots (RFC 7208 §7.3).
    fn transform<'a>(&self, value: &'a str) -> Cow<'a, str> {
        if self.most.is_none() && !self.is_reversed && self.delimiters.is_empty() {
            return value.into();
        }
        let delimiters = if self.delimiters.is_empty() { "." } else { &self.delimiters };
        let mut parts: Vec<&str> = value.split(|c| delimiters.contains(c)).collect();
        if self.is_reversed {
            parts.reverse();
        }
        let dropped = parts.len().saturating_sub(self.most.unwrap_or(usize::MAX));
        parts[dropped..].join(".").into()
    }
}

/// As in a URL: all but the unreserved characters (RFC 3986 §2.3).
fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

/// `"." toplabel ["."]`: letters, digits and hyphens, no hyphen outside, and not digits alone.
fn ends_in_top_label(text: &str) -> bool {
    let Some((_, label)) = text.strip_suffix('.').unwrap_or(text).rsplit_once('.') else {
        return false;
    };
    label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !label.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Letter, MacroString, Use};

    fn value(letter: Letter) -> &'static str {
        match letter {
            Letter::Sender => "strong-bad@email.example.com",
            Letter::LocalPart => "strong-bad",
            Letter::SenderDomain | Letter::Domain => "email.example.com",
            Letter::Ip => "192.0.2.3",
            Letter::ReverseZone => "in-addr",
            Letter::Helo => "a b&c",
            Letter::ValidatedName => "mx.example.org",
            Letter::ReadableIp | Letter::Receiver | Letter::Time => "unused",
        }
    }

    #[test]
    fn macros_expand_as_the_standard_shows() {
        // RFC 7208 §7.4, and below it what it does not show.
        for (text, expected) in [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l-}", "strong.bad"),
            ("%{lr}", "strong-bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%{p}", "mx.example.org"),
            ("%{D99999999999999999999R}", "com.example.email"),
            ("%{H}", "a%20b%26c"),
            ("100%%%_%-", "100% %20"),
        ] {
            let read = MacroString::read(text, Use::Term).unwrap();
            assert_eq!(read.expand(value), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_macro_is_refused() {
        for text in
            ["%", "%a", "%(d)", "%{", "%{}", "%{d", "%{x}", "%{d0}", "%{dr2}", "%{d!}", "%{é}"]
        {
            assert_eq!(MacroString::read(text, Use::Term), None, "{text}");
        }
        for letter in ["%{c}", "%{r}", "%{t}"] {
            assert_eq!(MacroString::read(letter, Use::Term), None, "{letter}");
            assert!(MacroString::explanation(letter).is_some(), "{letter}");
        }
        assert!(MacroString::explanation("two words").is_some());
        assert_eq!(MacroString::explanation("d\u{e9}j\u{e0} vu"), None);
    }

    #[test]
    fn a_domain_ends_as_a_domain_does() {
        for (text, expected) in [
            ("a.example", true),
            ("a.example.", true),
            ("a:b/c.xn--zckzah", true),
            ("a...example", true),
            ("%{d}", true),
            ("a.%{d}", true),
            ("%{d}.example", true),
            ("x%%", true),
            ("", false),
            ("example", false),
            ("example.", false),
            ("%{d}example", false),
            ("a.123", false),
            ("a.-b", false),
            ("a.b-", false),
            ("a.example:80", false),
            ("a.b_c", false),
            ("a..", false),
        ] {
            assert_eq!(MacroString::domain(text).is_ok(), expected, "{text}");
        }
    }
}

//! Macro strings: texts that become a domain name, or an explanation, for one message (RFC 7208 §7).

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::rules;
use crate::Rule;
use crate::ascii::{self, Set};

/// A text with macros in it, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroString(String);

/// `%{d2r-}`: a letter, how many parts of its value, whether they are reversed, and where it is split.
struct Macro<'a> {
    letter: Letter,
    is_escaped: bool,
    digits: &'a str,
    is_reversed: bool,
    delimiters: &'a str,
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
    /// Each by the letter that names it; the last three only explain.
    const NAMED: [(u8, Self); 11] = [
        (b's', Self::Sender),
        (b'l', Self::LocalPart),
        (b'o', Self::SenderDomain),
        (b'd', Self::Domain),
        (b'i', Self::Ip),
        (b'p', Self::ValidatedName),
        (b'v', Self::ReverseZone),
        (b'h', Self::Helo),
        (b'c', Self::ReadableIp),
        (b'r', Self::Receiver),
        (b't', Self::Time),
    ];

    fn read(name: u8, place: Use) -> Option<Self> {
        let known = match place {
            Use::Term => &Self::NAMED[..8],
            Use::Explanation => &Self::NAMED,
        };
        known.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter)
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
        last_part(text, place).map(|_| Self(text.to_owned()))
    }

    /// Reads what has to become a domain: it ends in a macro, or in a dot and a top-level label.
    pub(super) fn domain(text: &str) -> Result<Self, &'static Rule> {
        match last_part(text, Use::Term) {
            None => Err(&rules::MACRO_MALFORMED),
            Some("") => Err(&rules::ARGUMENT_MISSING),
            Some(end) if end.starts_with('%') || ends_in_top_label(end) => {
                Ok(Self(text.to_owned()))
            }
            Some(_) => Err(&rules::DOMAIN_MALFORMED),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether one of its macros stands for this.
    #[must_use]
    pub fn uses(&self, letter: Letter) -> bool {
        self.parts().filter_map(Macro::of).any(|found| found.letter == letter)
    }

    /// The text with each macro's value in its place.
    #[must_use]
    pub fn expand<'a>(&self, value: impl Fn(Letter) -> &'a str) -> String {
        let mut expanded = String::new();
        for part in self.parts() {
            match (part, Macro::of(part)) {
                (_, Some(found)) => expanded.push_str(&found.expand(value(found.letter))),
                // Signs that cannot be written as themselves.
                ("%%", _) => expanded.push('%'),
                ("%_", _) => expanded.push(' '),
                ("%-", _) => expanded.push_str("%20"),
                (literal, _) => expanded.push_str(literal),
            }
        }
        expanded
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            // An explanation may hold all that a term may.
            let (part, after) = rest.split_at(part_length(rest, Use::Explanation)?);
            rest = after;
            Some(part)
        })
    }
}

impl fmt::Display for MacroString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The last part of a text; `None` if something in the text may not be there.
fn last_part(text: &str, place: Use) -> Option<&str> {
    let (mut last, mut rest) = ("", text);
    while !rest.is_empty() {
        (last, rest) = rest.split_at(part_length(rest, place)?);
    }
    Some(last)
}

/// How long the part is that a text begins with: something with a percent sign, or all up to the next.
fn part_length(text: &str, place: Use) -> Option<usize> {
    let is_literal = |text: &str| match place {
        Use::Term => ascii::is_made_of(text, Set::GRAPHIC),
        Use::Explanation => text.bytes().all(|byte| matches!(byte, b' '..=b'~')),
    };
    match text.as_bytes() {
        [b'%', b'%' | b'_' | b'-', ..] => Some(2),
        [b'%', ..] => {
            let found = &text[..text.find('}')? + 1];
            Macro::read(found, place).map(|_| found.len())
        }
        [] => None,
        _ => {
            let literal = ascii::until(text, b"%");
            is_literal(literal).then_some(literal.len())
        }
    }
}

impl<'a> Macro<'a> {
    /// The macro that a part of a sound text is, if it is one.
    fn of(part: &'a str) -> Option<Self> {
        Self::read(part, Use::Explanation)
    }

    fn read(text: &'a str, place: Use) -> Option<Self> {
        let inside = text.strip_prefix("%{")?.strip_suffix('}')?;
        let (letter, transformers) = inside.split_at_checked(1)?;
        let after = transformers.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &transformers[..transformers.len() - after.len()];
        let delimiters = after.strip_prefix(['r', 'R']).unwrap_or(after);
        let is_sound = (digits.is_empty() || digits.bytes().any(|digit| digit != b'0'))
            && delimiters.bytes().all(|byte| b".-+,/_=".contains(&byte));
        let letter = letter.as_bytes()[0];
        let found = Self {
            letter: Letter::read(letter.to_ascii_lowercase(), place)?,
            is_escaped: letter.is_ascii_uppercase(),
            digits,
            is_reversed: delimiters.len() < after.len(),
            delimiters,
        };
        is_sound.then_some(found)
    }

    fn expand<'v>(&self, value: &'v str) -> Cow<'v, str> {
        let transformed = self.transform(value);
        if self.is_escaped { escape(&transformed).into() } else { transformed }
    }

    /// Splits, reverses, drops parts on the left, and joins with dots (RFC 7208 §7.3).
    fn transform<'v>(&self, value: &'v str) -> Cow<'v, str> {
        if self.digits.is_empty() && !self.is_reversed && self.delimiters.is_empty() {
            return value.into();
        }
        let delimiters = if self.delimiters.is_empty() { "." } else { self.delimiters };
        let mut parts: Vec<&str> = value.split(|c| delimiters.contains(c)).collect();
        if self.is_reversed {
            parts.reverse();
        }
        // More than there can be parts means all of them, however many digits say so.
        let most = self.digits.parse().unwrap_or(usize::MAX);
        let dropped = parts.len().saturating_sub(most);
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
    let text = text.strip_suffix('.').unwrap_or(text);
    let Some(dot) = text.bytes().rposition(|byte| byte == b'.') else { return false };
    let label = &text[dot + 1..];
    ascii::is_made_of(label, Set::LABEL)
        && !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !ascii::is_digits(label)
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

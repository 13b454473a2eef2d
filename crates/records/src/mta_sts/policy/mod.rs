//! The MTA-STS policy: which MX hosts are right, and what to do if the one at hand is not (RFC 8461 §3.2).
//!
//! ```
//! use mxray_records::mta_sts::policy::{self, Mode};
//! let parsed = policy::parse("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n");
//! let policy = parsed.value.unwrap();
//! assert_eq!(policy.mode, Mode::Enforce);
//! assert!(policy.covers("mail.example.com"));
//! ```

mod foreign;
mod lines;
mod read;
pub mod rules;

use std::fmt;

use super::pattern::Pattern;
use crate::{Finding, Parsed, Span};

/// What senders do when no secure delivery is possible (RFC 8461 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// They do not deliver.
    Enforce,
    /// They report it, and deliver all the same.
    Testing,
    /// They act as if there were no policy.
    None,
}

impl Mode {
    /// The word in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        [Self::Enforce, Self::Testing, Self::None].into_iter().find(|mode| mode.as_str() == word)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What senders do when no secure delivery is possible.
    pub mode: Mode,
    /// How long senders may remember it, in seconds.
    pub max_age: u32,
    /// The hosts that may take mail.
    pub mx: Vec<Pattern>,
    /// Where all that stands in the text.
    pub spans: Spans,
}

/// Where a policy's values stand in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spans {
    /// The mode.
    pub mode: Span,
    /// The lifetime.
    pub max_age: Span,
    /// Each pattern, in the order of [`Policy::mx`].
    pub mx: Vec<Span>,
}

impl Policy {
    /// Whether some pattern matches an MX host's name.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        self.mx.iter().any(|pattern| pattern.matches(host))
    }
}

/// The policy as it should be written.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_policy(f, self.mode, self.max_age, &self.mx)
    }
}

fn write_policy(to: &mut impl fmt::Write, mode: Mode, max_age: u32, mx: &[Pattern]) -> fmt::Result {
    writeln!(to, "version: STSv1\nmode: {mode}")?;
    mx.iter().try_for_each(|pattern| writeln!(to, "mx: {pattern}"))?;
    writeln!(to, "max_age: {max_age}")
}

/// The size that senders are told to read at most (RFC 8461 §3.3).
pub(crate) const MAX_SIZE: usize = 64 * 1024;

/// The longest lifetime (RFC 8461 §3.2).
pub(crate) const MAX_MAX_AGE: u32 = 31_557_600;

/// The keys that mean something.
pub(crate) const KEYS: [&str; 4] = ["version", "mode", "max_age", "mx"];

/// Reads the body of a policy; bytes that are not UTF-8 as replacement characters.
#[must_use]
pub fn parse(body: &str) -> Parsed<Policy> {
    let (mut parsed, fixed) = read(body);
    if let Some(fixed) = fixed {
        parsed.mend(fixed, |text| read(text).0.used());
    }
    parsed
}

/// What was read, and the corrected text if it is plain.
fn read(body: &str) -> (Parsed<Policy>, Option<String>) {
    let Some(policy) = foreign::behind_front_matter(body) else { return read_bare(body) };
    let (inner, fixed) = read_bare(policy);
    let header = Finding::at(&rules::FRONT_MATTER, 0..body.len() - policy.len());
    let parsed = Parsed { ours: inner.ours, ..Parsed::foreign(header) };
    (parsed, fixed.or_else(|| inner.usable.then(|| policy.to_owned())))
}

fn read_bare(body: &str) -> (Parsed<Policy>, Option<String>) {
    match foreign::find(body) {
        Some(finding) => (Parsed::foreign(finding), None),
        None => read::read(body),
    }
}

/// Holds a policy against the domain's MX hosts.
///
/// Every host should be covered, the least preferred one, too (RFC 8461 §8.4);
/// a pattern that matches none is harmless, and often left over.
#[must_use]
pub fn coverage(policy: &Policy, hosts: &[&str]) -> Vec<Finding> {
    let rule = match policy.mode {
        Mode::Enforce => &rules::MX_NOT_COVERED,
        Mode::Testing => &rules::MX_NOT_COVERED_IN_TESTING,
        Mode::None => return Vec::new(),
    };
    let missing: Vec<&str> = hosts.iter().copied().filter(|host| !policy.covers(host)).collect();
    let fixed = if missing.is_empty() { None } else { with_hosts(policy, &missing) };
    let mut findings = Vec::new();
    for host in missing {
        findings.push(Finding { fix: fixed.clone(), ..Finding::new(rule).with("host", host) });
    }
    for (pattern, span) in policy.mx.iter().zip(&policy.spans.mx) {
        if !hosts.is_empty() && !hosts.iter().any(|host| pattern.matches(host)) {
            let unused = Finding::at(&rules::PATTERN_UNUSED, *span);
            findings.push(unused.with("pattern", pattern.to_string()));
        }
    }
    findings
}

/// The policy with patterns for these hosts, too.
fn with_hosts(policy: &Policy, missing: &[&str]) -> Option<String> {
    let mut policy = policy.clone();
    for host in missing {
        policy.mx.push(Pattern::parse(host.strip_suffix('.').unwrap_or(host)).ok()?);
    }
    Some(policy.to_string())
}

/// Judges the Content-Type that a policy was served with.
///
/// Senders SHOULD check that it is `text/plain`, and some do (RFC 8461 §3.2).
#[must_use]
pub fn content_type(value: Option<&str>) -> Vec<Finding> {
    let Some(value) = value else { return vec![Finding::new(&rules::CONTENT_TYPE_MISSING)] };
    let (media_type, parameters) = value.split_once(';').unwrap_or((value, ""));
    if !media_type.trim().eq_ignore_ascii_case("text/plain") {
        return vec![Finding::new(&rules::CONTENT_TYPE_NOT_PLAIN).with("value", value)];
    }
    let charset = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let charset = charset.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let other = charset.map(|(_, value)| value.trim().trim_matches('"')).find(|charset| {
        !charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("us-ascii")
    });
    other
        .map(|charset| Finding::new(&rules::CONTENT_TYPE_CHARSET).with("charset", charset))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Policy, content_type, coverage, parse};
    use crate::Finding;

    fn policy(mode: &str) -> Policy {
        let body = format!(
            "version: STSv1\nmode: {mode}\nmx: a.example\nmx: *.b.example\nmax_age: 86400\n"
        );
        parse(&body).value.unwrap()
    }

    fn codes(findings: &[Finding]) -> Vec<&str> {
        findings.iter().filter_map(|finding| finding.rule.code.rsplit('.').next()).collect()
    }

    #[test]
    fn each_mx_host_should_be_covered_and_each_pattern_used() {
        for (mode, hosts, expected) in [
            ("enforce", vec!["a.example", "C.b.example."], vec![]),
            ("enforce", vec![], vec![]),
            ("enforce", vec!["a.example"], vec!["pattern-unused"]),
            ("enforce", vec!["a.example", "c.b.example", "b.example"], vec!["mx-not-covered"]),
            (
                "testing",
                vec!["d.example", "e.example"],
                vec![
                    "mx-not-covered-in-testing",
                    "mx-not-covered-in-testing",
                    "pattern-unused",
                    "pattern-unused",
                ],
            ),
            ("none", vec!["d.example"], vec![]),
        ] {
            assert_eq!(codes(&coverage(&policy(mode), &hosts)), expected, "{mode} {hosts:?}");
        }
    }

    #[test]
    fn a_policy_without_a_host_is_offered_with_it() {
        let fix = |hosts: &[&str]| coverage(&policy("testing"), hosts)[0].fix.clone();
        let fixed = "version: STSv1\nmode: testing\nmx: a.example\nmx: *.b.example\nmx: c.example\nmax_age: 86400\n";
        assert_eq!(fix(&["a.example", "d.b.example", "C.example."]).as_deref(), Some(fixed));
        assert_eq!(fix(&["c.example", "192.0.2.1"]), None, "a policy cannot name all of them");
    }

    #[test]
    fn a_policy_is_plain_text() {
        for (value, expected) in [
            (None, vec!["content-type-missing"]),
            (Some("text/plain"), vec![]),
            (Some("Text/Plain ; Charset = \"UTF-8\""), vec![]),
            (Some("text/plain; format=flowed; charset=us-ascii"), vec![]),
            (Some("text/plain; charset=iso-8859-1"), vec!["content-type-charset"]),
            (Some("text/html; charset=utf-8"), vec!["content-type-not-plain"]),
            (Some(""), vec!["content-type-not-plain"]),
        ] {
            assert_eq!(codes(&content_type(value)), expected, "{value:?}");
        }
    }

    #[test]
    fn a_site_generators_header_is_underlined_and_what_it_claims_to_be_is_kept() {
        let header = "---\nlayout: none\n---\n";
        for (behind, ours) in [("mode: enforce\n", true), ("hello\n", false)] {
            let body = header.to_owned() + behind;
            let parsed = parse(&body);
            let place = parsed.findings[0].place.unwrap();
            assert_eq!((place.span.of(&body), parsed.ours), (header, ours));
        }
    }
}

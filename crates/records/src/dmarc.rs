//! The DMARC record: what receivers are asked to do with mail that fails (RFC 9989 §4.7, §4.8).
//!
//! ```
//! use mxray_records::dmarc::{self, Policy};
//! let parsed = dmarc::parse(&"v=DMARC1; p=reject; sp=quarantine".into());
//! let record = parsed.value.unwrap();
//! assert_eq!(record.policy(), Policy::Reject);
//! assert_eq!(record.subdomain_policy(), Policy::Quarantine);
//! ```

use std::fmt;

use crate::ascii::{self, Set};
use crate::select::Selection;
use crate::suggest::{begins_like, nearest};
use crate::tags::{self, Tag};
use crate::{Finding, Parsed, RecordSet, Rule, Severity, Span, Text};

pub mod rules {
    //! What can be wrong with a DMARC record.
    crate::rules! { "dmarc.record":
        /// The text is of another kind.
        FOREIGN = Fail, "foreign", "RFC 9989 §4.7";
        /// The text is a record of another kind, which has its own name.
        OTHER_KIND = Fail, "other-kind", "RFC 9989 §4.7";
        /// Several records: all are discarded.
        SEVERAL_RECORDS = Fail, "several-records", "RFC 9989 §4.10";
        /// A text that receivers skip stands at the same name.
        UNRELATED = Notice, "unrelated", "RFC 9989 §4.10";
        /// The record does not begin with exactly `v=DMARC1`.
        VERSION_MALFORMED = Fail, "version-malformed", "RFC 9989 §4.7";
        /// No policy; it is read as `p=none`.
        POLICY_MISSING = Warning, "policy-missing", "RFC 9989 §4.10.1";
        /// Another policy than the three; the record is read as `p=none`.
        POLICY_UNKNOWN = Warning, "policy-unknown", "RFC 9989 §4.10.1";
        /// Neither a valid policy nor an address for reports: receivers ignore the record.
        NO_EFFECT = Fail, "no-effect", "RFC 9989 §4.10.1";
        /// Forged mail is delivered.
        POLICY_NONE = Warning, "policy-none", "RFC 9989 §4.7";
        /// Mail forged in a subdomain's name is delivered.
        SUBDOMAIN_POLICY_NONE = Warning, "subdomain-policy-none", "RFC 9989 §4.7";
        /// The policy is applied one level lower.
        TESTING = Notice, "testing", "RFC 9989 §4.7";
        /// Nobody hears of forged mail.
        REPORTS_MISSING = Notice, "reports-missing", "RFC 9989 §4.7";
        /// An address for reports that is no URI.
        REPORT_ADDRESS_MALFORMED = Warning, "report-address-malformed", "RFC 9989 §4.8";
        /// A size limit behind an address, which receivers ignore.
        SIZE_LIMIT = Notice, "size-limit", "RFC 9989 §4.8";
        /// A value that the tag does not have; receivers take the default.
        VALUE_UNKNOWN = Warning, "value-unknown", "RFC 9989 §4.8";
        /// A piece that is no tag; receivers ignore it.
        TAG_MALFORMED = Warning, "tag-malformed", "RFC 9989 §4.8";
        /// A tag a second time.
        TAG_REPEATED = Warning, "tag-repeated", "RFC 9989 §4.8";
        /// A tag that nobody knows, and receivers ignore.
        TAG_UNKNOWN = Notice, "tag-unknown", "RFC 9989 §4.7";
        /// A tag that no longer means anything.
        TAG_HISTORIC = Notice, "tag-historic", "RFC 9989 §9.3";
        /// Something that a guide left to fill in.
        PLACEHOLDER = Warning, "placeholder", "RFC 9989 §4.7";
    }
}

/// What receivers are asked to do with mail that fails; ordered by strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Nothing.
    None,
    /// Treat it as suspicious.
    Quarantine,
    /// Refuse it.
    Reject,
}

impl Policy {
    /// The word in a record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }

    /// ABNF strings do not mind case (RFC 5234 §2.3).
    fn named(word: &str) -> Option<Self> {
        let all = [Self::None, Self::Quarantine, Self::Reject];
        all.into_iter().find(|policy| ascii::is(word, policy.as_str()))
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How closely a name must agree with the From domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alignment {
    /// The organizational domains agree.
    #[default]
    Relaxed,
    /// The names are the same.
    Strict,
}

/// Whether the record is a public suffix's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Psd {
    /// It is.
    Yes,
    /// No, an organizational domain's.
    No,
    /// It does not say.
    #[default]
    Unknown,
}

/// What a record says, as receivers act on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// For the domain.
    pub p: Option<Policy>,
    /// For the domains below that exist.
    pub sp: Option<Policy>,
    /// For the domains below that do not exist.
    pub np: Option<Policy>,
    /// Of DKIM.
    pub adkim: Alignment,
    /// Of SPF.
    pub aspf: Alignment,
    /// URIs that aggregate reports go to.
    pub rua: Vec<String>,
    /// URIs that failure reports go to.
    pub ruf: Vec<String>,
    /// When failure reports are wanted, if it says so.
    pub fo: Option<String>,
    /// Whether it is a public suffix's.
    pub psd: Psd,
    /// Whether the policy is to be applied one level lower.
    pub testing: bool,
}

impl Record {
    /// The policy for the domain itself.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.p.unwrap_or(Policy::None)
    }

    /// The policy for a domain below that exists.
    #[must_use]
    pub fn subdomain_policy(&self) -> Policy {
        self.sp.unwrap_or(self.policy())
    }

    /// The policy for a domain below that does not exist.
    #[must_use]
    pub fn nonexistent_policy(&self) -> Policy {
        self.np.unwrap_or(self.subdomain_policy())
    }
}

/// The record as it should be written, without what is the default.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=DMARC1")?;
        for (name, policy) in [("p", self.p), ("sp", self.sp), ("np", self.np)] {
            policy.iter().try_for_each(|policy| write!(f, "; {name}={policy}"))?;
        }
        for (name, uris) in [("rua", &self.rua), ("ruf", &self.ruf)] {
            if !uris.is_empty() {
                write!(f, "; {name}={}", uris.join(","))?;
            }
        }
        for (tag, given) in [
            ("; adkim=s", self.adkim == Alignment::Strict),
            ("; aspf=s", self.aspf == Alignment::Strict),
            ("; psd=y", self.psd == Psd::Yes),
            ("; psd=n", self.psd == Psd::No),
            ("; t=y", self.testing),
        ] {
            f.write_str(if given { tag } else { "" })?;
        }
        self.fo.iter().try_for_each(|fo| write!(f, "; fo={fo}"))
    }
}

/// Reads one text, as if it stood alone at its name.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    let (record, findings) = (Record::default(), Vec::new());
    let mut reader = Reader { text, record, findings, seen: 0, invalid: false };
    let mut tags = tags::read(text);
    if let Some(rest) = text.strip_prefix("v=DMARC1;") {
        tags = tags::read_within(text, Span::new(text.len() - rest.len(), text.len()));
    } else if !tags.next().is_some_and(|tag| is_version(text, &tag)) {
        if !ascii::mentions(text, "dmarc1") && begins_like(text, "DMARC1", 1).is_none() {
            return Parsed::foreign(Finding::unlike(&rules::FOREIGN, text));
        }
        let first = ascii::until(text, b";");
        let finding = Finding::at(&rules::VERSION_MALFORMED, 0..first.len());
        reader.findings.push(finding.with("value", first));
        tags = tags::read(text);
    }
    tags.for_each(|tag| reader.read_tag(tag));
    reader.judge();
    Parsed::judge(text, Some(reader.record), reader.findings)
}

/// Reads all texts at the name: more than one record counts as none.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    let selection = Selection {
        begins: |text| tags::read(text).next().is_some_and(|tag| is_version(text, &tag)),
        several: &rules::SEVERAL_RECORDS,
        unrelated: &rules::UNRELATED,
        // What does not begin with the version is unusable alone, too.
        discarded: None,
    };
    selection.read(texts, parse)
}

/// `"v" *WSP "=" *WSP %s"DMARC1"`, with nothing before it.
fn is_version(text: &str, tag: &Tag) -> bool {
    let value = tag.value.map(|value| value.of(text));
    tag.name.start == 0 && tag.name.of(text).eq_ignore_ascii_case("v") && value == Some("DMARC1")
}

struct Reader<'a> {
    text: &'a str,
    record: Record,
    findings: Vec<Finding>,
    /// A bit for each of the known tags that has been read.
    seen: u32,
    /// Some policy is none of the three.
    invalid: bool,
}

impl Reader<'_> {
    fn find(&mut self, rule: &'static Rule, span: Span, tag: Tag) {
        let name = tag.name.of(self.text).to_ascii_lowercase();
        let finding = Finding::at(rule, span).with("tag", name).with("value", span.of(self.text));
        self.findings.push(finding);
    }

    fn read_tag(&mut self, tag: Tag) {
        if tag.is_blank() && !tag.terminated {
            return;
        }
        let name = tag.name.of(self.text);
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let Some(value) = tag.value.filter(|_| is_name) else {
            let shown = if tag.is_blank() {
                Span::new(tag.piece.start, tag.piece.end + 1)
            } else {
                tag.trimmed()
            };
            return self.find(&rules::TAG_MALFORMED, shown, tag);
        };
        let name = ascii::word(name);
        match KNOWN.iter().position(|known| *known == name) {
            None => self.find(&rules::TAG_UNKNOWN, tag.trimmed(), tag),
            Some(index) if self.seen & 1 << index != 0 => {
                self.find(&rules::TAG_REPEATED, tag.trimmed(), tag);
            }
            Some(index) => {
                self.seen |= 1 << index;
                self.read_value(name, tag, value);
            }
        }
    }

    fn read_value(&mut self, name: u64, tag: Tag, value: Span) {
        let written = value.of(self.text);
        let letter = match written.as_bytes() {
            [letter] => letter.to_ascii_lowercase(),
            _ => 0,
        };
        let known = match (name, letter) {
            (P, _) => return self.record.p = self.read_policy(tag, value),
            (SP, _) => return self.record.sp = self.read_policy(tag, value),
            (NP, _) => return self.record.np = self.read_policy(tag, value),
            (RUA, _) => return self.record.rua = self.read_uris(tag, value),
            (RUF, _) => return self.record.ruf = self.read_uris(tag, value),
            (FO, _) => self.read_options(written),
            (ADKIM, b's') => assign(&mut self.record.adkim, Alignment::Strict),
            (ASPF, b's') => assign(&mut self.record.aspf, Alignment::Strict),
            (PSD, b'y') => assign(&mut self.record.psd, Psd::Yes),
            (PSD, b'n') => assign(&mut self.record.psd, Psd::No),
            (T, b'y') => assign(&mut self.record.testing, true),
            (ADKIM | ASPF, b'r') | (PSD, b'u') | (T, b'n') => true,
            (ADKIM | ASPF | PSD | T, _) => false,
            // A version in the wrong place has been spoken of.
            (V, _) => true,
            _ => return self.find(&rules::TAG_HISTORIC, tag.trimmed(), tag),
        };
        if !known {
            self.find(&rules::VALUE_UNKNOWN, shown(tag, value), tag);
        }
    }

    fn read_policy(&mut self, tag: Tag, value: Span) -> Option<Policy> {
        let policy = Policy::named(value.of(self.text));
        if policy.is_none() {
            self.invalid = true;
            self.find(&rules::POLICY_UNKNOWN, value, tag);
        }
        policy
    }

    /// `0` or `1`, and `d` and `s`, each at most once.
    fn read_options(&mut self, written: &str) -> bool {
        let (mut either, mut dkim, mut spf) = (0, 0, 0);
        for option in written.split(':').map(str::trim_ascii) {
            *match option {
                "0" | "1" => &mut either,
                "d" | "D" => &mut dkim,
                "s" | "S" => &mut spf,
                _ => return false,
            } += 1;
        }
        let once = either <= 1 && dkim <= 1 && spf <= 1;
        if once {
            let plain = written.bytes().filter(|byte| !byte.is_ascii_whitespace());
            self.record.fo =
                Some(plain.map(|byte| char::from(byte.to_ascii_lowercase())).collect());
        }
        once
    }

    fn read_uris(&mut self, tag: Tag, value: Span) -> Vec<String> {
        let mut uris = Vec::new();
        let mut start = value.start;
        for item in ascii::split(value.of(self.text), b',') {
            let span = tags::trim(self.text, Span::new(start, start + item.len()));
            start += item.len() + 1;
            uris.extend(self.read_uri(tag, span));
        }
        uris
    }

    /// The URI without its obsolete size limit.
    fn read_uri(&mut self, tag: Tag, span: Span) -> Option<String> {
        let written = span.of(self.text);
        if ascii::is_made_of(written, Set::URI) && names_somebody(written) {
            return Some(written.to_owned());
        }
        let (uri, limit) = ascii::split_once(written, b'!').unwrap_or((written, ""));
        let uri = uri.trim_end();
        // RFC 3986 §2 has neither of these.
        let has_space = uri
            .bytes()
            .any(|byte| matches!(byte, b'"' | b'<' | b'>') || byte.is_ascii_whitespace())
            || !uri.is_ascii() && uri.contains(char::is_whitespace);
        if has_space || !names_somebody(uri) || !is_size_limit(limit) {
            let span = if written.is_empty() {
                Span::new(span.start.saturating_sub(1), span.end)
            } else {
                span
            };
            self.find(&rules::REPORT_ADDRESS_MALFORMED, span, tag);
            return None;
        }
        if !limit.is_empty() {
            self.find(&rules::SIZE_LIMIT, Span::new(span.end - limit.len() - 1, span.end), tag);
        }
        Some(uri.to_owned())
    }

    /// What receivers make of it as a whole (RFC 9989 §4.10.1).
    fn judge(&mut self) {
        let unreadable =
            self.findings.iter().any(|finding| finding.rule.severity == Severity::Fail);
        if unreadable {
            return;
        }
        let asks_for_reports =
            KNOWN.iter().zip(0..).any(|(&name, bit)| name == RUA && self.seen & 1 << bit != 0);
        let record = &mut self.record;
        let missing = record.p.is_none() && !self.invalid;
        let unread = self.invalid || missing;
        if self.invalid {
            (record.p, record.sp, record.np) = (Some(Policy::None), None, None);
        }
        let weak_below =
            record.policy() > Policy::None && record.subdomain_policy() == Policy::None;
        for (rule, applies) in [
            (&rules::POLICY_MISSING, missing),
            (&rules::NO_EFFECT, unread && record.rua.is_empty()),
            (&rules::POLICY_NONE, !unread && record.policy() == Policy::None),
            (&rules::SUBDOMAIN_POLICY_NONE, weak_below),
            (&rules::TESTING, record.testing && record.policy() > Policy::None),
            // An address that cannot be understood has been spoken of.
            (&rules::REPORTS_MISSING, !unread && !asks_for_reports),
        ] {
            if applies {
                self.findings.push(Finding::new(rule));
            }
        }
    }
}

/// Whether a URI has a scheme, and a `mailto` both parts of an address.
fn names_somebody(uri: &str) -> bool {
    match ascii::split_once(uri, b':') {
        Some((scheme, rest)) if ascii::is(scheme, "mailto") => {
            ascii::split_once(rest, b'@').is_some_and(|(local, host)| {
                // RFC 6068 §2: a slash would have to be encoded.
                !local.is_empty() && !local.starts_with('/') && !host.is_empty()
            })
        }
        // Receivers have to know no scheme but `mailto` (RFC 9990 §3.5).
        Some((scheme, rest)) => {
            ascii::is_made_of(scheme, Set::ALPHANUMERIC)
                && !rest.is_empty()
                && nearest(scheme, &["mailto"]).is_none()
        }
        None => false,
    }
}

/// `1*DIGIT [ "k" / "m" / "g" / "t" ]`, which is obsolete and ignored; some put white space into it.
fn is_size_limit(limit: &str) -> bool {
    if limit.is_empty() {
        return true;
    }
    let limit = limit.trim();
    let digits = limit.strip_suffix(['k', 'm', 'g', 't', 'K', 'M', 'G', 'T']).unwrap_or(limit);
    ascii::is_digits(digits.trim_end()) && (limit.is_empty() || !digits.is_empty())
}

/// The tags that say something, or once did (RFC 9989 §4.7, RFC 7489 §6.3).
const KNOWN: [u64; 14] = [V, P, SP, NP, RUA, RUF, FO, ADKIM, ASPF, PSD, T, PCT, RF, RI];

const V: u64 = ascii::word("v");
const P: u64 = ascii::word("p");
const SP: u64 = ascii::word("sp");
const NP: u64 = ascii::word("np");
const RUA: u64 = ascii::word("rua");
const RUF: u64 = ascii::word("ruf");
const FO: u64 = ascii::word("fo");
const ADKIM: u64 = ascii::word("adkim");
const ASPF: u64 = ascii::word("aspf");
const PSD: u64 = ascii::word("psd");
const T: u64 = ascii::word("t");
const PCT: u64 = ascii::word("pct");
const RF: u64 = ascii::word("rf");
const RI: u64 = ascii::word("ri");

/// A value that is not there could not be underlined.
fn shown(tag: Tag, value: Span) -> Span {
    if value.start == value.end { tag.trimmed() } else { value }
}

fn assign<T>(place: &mut T, value: T) -> bool {
    *place = value;
    true
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Policy, parse, read_set};
    use crate::Text;

    #[test]
    fn records_are_read_as_receivers_act_on_them() {
        for (reason, text, usable, policy, below) in [
            ("full", "v=DMARC1; p=reject; sp=quarantine", true, Policy::Reject, Policy::Quarantine),
            (
                "case and space",
                "V = DMARC1 ; P = Reject ; RUA=mailto:a@b",
                true,
                Policy::Reject,
                Policy::Reject,
            ),
            ("order", "v=DMARC1; sp=none; p=reject", true, Policy::Reject, Policy::None),
            (
                "policy missing, but reports",
                "v=DMARC1; rua=mailto:a@b",
                true,
                Policy::None,
                Policy::None,
            ),
            ("policy missing", "v=DMARC1", false, Policy::None, Policy::None),
            (
                "invalid sp, but reports",
                "v=DMARC1; p=reject; sp=x; rua=mailto:a@b",
                true,
                Policy::None,
                Policy::None,
            ),
            ("invalid sp", "v=DMARC1; p=reject; sp=x", false, Policy::None, Policy::None),
            ("version in lower case", "v=dmarc1; p=reject", false, Policy::Reject, Policy::Reject),
            ("no semicolon", "v=DMARC1 p=reject", false, Policy::None, Policy::None),
            ("not first", "p=reject; v=DMARC1", false, Policy::Reject, Policy::Reject),
            (
                "size limits are ignored",
                "v=DMARC1; rua=mailto:a@b!10 K , mailto:c@d ! 2G",
                true,
                Policy::None,
                Policy::None,
            ),
        ] {
            let parsed = parse(&Text::from(text));
            assert_eq!(parsed.usable, usable, "{reason}");
            let record = parsed.value.unwrap();
            assert_eq!((record.policy(), record.subdomain_policy()), (policy, below), "{reason}");
        }
    }

    #[test]
    fn each_mistake_is_called_by_its_name_where_it_is() {
        // Behind a policy and an address for reports, with which nothing is wrong.
        for (tags, expected) in [
            ("", vec![]),
            (
                "np=none; ruf=https://b.example; adkim=r; aspf=r; psd=u; t=n; fo=0:d:s; v=DMARC1",
                vec![],
            ),
            ("np=none; ruf=MAILTO:a@b.example!; adkim=S; aspf=s; psd=y; fo= 1 : D", vec![]),
            ("sp=none", vec![("subdomain-policy-none", "")]),
            ("sp=x", vec![("policy-unknown", "x")]),
            ("t=y", vec![("testing", "")]),
            ("adkim=x; aspf=", vec![("value-unknown", "x"), ("value-unknown", "aspf=")]),
            ("psd=yes; t=1", vec![("value-unknown", "yes"), ("value-unknown", "1")]),
            ("fo=2", vec![("value-unknown", "2")]),
            ("fo=0:1", vec![("value-unknown", "0:1")]),
            ("fo=0:0", vec![("value-unknown", "0:0")]),
            ("fo=d:d", vec![("value-unknown", "d:d")]),
            ("fo=s:s", vec![("value-unknown", "s:s")]),
            ("pct=100 ; rf=afrf", vec![("tag-historic", "pct=100"), ("tag-historic", "rf=afrf")]),
            ("foo = 1", vec![("tag-unknown", "foo = 1")]),
            ("p=none", vec![("tag-repeated", "p=none")]),
            ("P=none", vec![("tag-repeated", "P=none")]),
            (" ; t=n;", vec![("tag-malformed", "  ;")]),
            ("t", vec![("tag-malformed", "t")]),
            ("t2=y", vec![("tag-malformed", "t2=y")]),
            ("=y", vec![("tag-malformed", "=y")]),
            ("ruf=a@b.example", vec![("report-address-malformed", "a@b.example")]),
            ("ruf=mailto:a", vec![("report-address-malformed", "mailto:a")]),
            ("ruf=mailto:@b.example", vec![("report-address-malformed", "mailto:@b.example")]),
            ("ruf=mailto:a@", vec![("report-address-malformed", "mailto:a@")]),
            ("ruf=mailto:a@b c@d", vec![("report-address-malformed", "mailto:a@b c@d")]),
            ("ruf=mailto:a@b!x", vec![("report-address-malformed", "mailto:a@b!x")]),
            ("ruf=mailto:a@b!m", vec![("report-address-malformed", "mailto:a@b!m")]),
            ("ruf=mailto:a@b!1m t=y", vec![("report-address-malformed", "mailto:a@b!1m t=y")]),
            ("ruf=https:", vec![("report-address-malformed", "https:")]),
            ("ruf=x+y:z", vec![("report-address-malformed", "x+y:z")]),
            ("ruf=", vec![("report-address-malformed", "=")]),
            (
                "ruf=mailto:a@b, ,mailto:c",
                vec![("report-address-malformed", " "), ("report-address-malformed", "mailto:c")],
            ),
            (
                "ruf=mailto:a@b!1 , mailto:c@d !10m",
                vec![("size-limit", "!1"), ("size-limit", "!10m")],
            ),
        ] {
            let text = format!("v=DMARC1; p=reject; rua=mailto:a@b.example; {tags}");
            assert_eq!(found(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_record_is_judged_by_what_its_policies_come_to() {
        for (text, expected) in [
            ("v=DMARC1", vec![("no-effect", ""), ("policy-missing", "")]),
            ("v=DMARC1; p=x", vec![("policy-unknown", "x"), ("no-effect", "")]),
            ("v=DMARC1; p=x; rua=mailto:a@b", vec![("policy-unknown", "x")]),
            ("v=DMARC1; sp=none; rua=mailto:a@b", vec![("policy-missing", "")]),
            ("v=DMARC1; p=none", vec![("policy-none", ""), ("reports-missing", "")]),
            ("v=DMARC1; p=none; sp=none; t=y; rua=mailto:a@b", vec![("policy-none", "")]),
            ("v=DMARC1; p=none; sp=reject; rua=mailto:a@b", vec![("policy-none", "")]),
            (
                "v=DMARC1; p=quarantine; sp=none",
                vec![("subdomain-policy-none", ""), ("reports-missing", "")],
            ),
            ("v=DMARC1; p=reject; sp=quarantine", vec![("reports-missing", "")]),
            ("v=DMARC1; p=reject; rua=a@b", vec![("report-address-malformed", "a@b")]),
            ("v=DMARC1; p=reject; rua=", vec![("report-address-malformed", "=")]),
            ("v=dmarc1; p=none", vec![("version-malformed", "v=dmarc1")]),
            (" v=DMARC1; p=none", vec![("version-malformed", " v=DMARC1")]),
            ("p=none; v=DMARC1", vec![("version-malformed", "p=none")]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn what_each_tag_says_is_kept_but_for_the_defaults() {
        for (text, written) in [
            (
                "v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:a@b,https://c.example; \
                 ruf=mailto:d@e; adkim=s; aspf=s; psd=y; t=y; fo=1:d:s",
                None,
            ),
            ("v=DMARC1; p=none; psd=n", None),
            ("v=DMARC1; p=none; fo=0:1", Some("v=DMARC1; p=none")),
            ("v=DMARC1; p=none; fo=s:2", Some("v=DMARC1; p=none")),
            ("v=DMARC1; p=none; adkim=r; aspf=r; psd=u; t=n", Some("v=DMARC1; p=none")),
            (
                "V=DMARC1;P=None;FO=D: 0;RUA=mailto:a@b!10m ,",
                Some("v=DMARC1; p=none; rua=mailto:a@b; fo=d:0"),
            ),
        ] {
            let record = parse(&text.into()).value.unwrap();
            assert_eq!(record.to_string(), written.unwrap_or(text));
        }
    }

    /// The rules' names, and what is underlined.
    fn found(text: &str) -> Vec<(&'static str, &str)> {
        let findings = parse(&text.into()).findings.into_iter();
        let name = |code: &'static str| code.strip_prefix("dmarc.record.").unwrap();
        findings
            .map(|finding| {
                (name(finding.rule.code), finding.place.map_or("", |place| place.span.of(text)))
            })
            .collect()
    }

    #[test]
    fn two_records_count_as_none() {
        let texts = ["v=DMARC1; p=reject".into(), "v=DMARC1; p=none".into()];
        assert_eq!(read_set(&texts).chosen, None);
        assert_eq!(read_set(&["v=spf1 -all".into(), texts[0].clone()]).chosen, Some(1));
    }
}

//! CAA records: which authorities may issue certificates (RFC 8659), as far as mail is concerned.
//!
//! `issue` and `issuewild` hold for the certificates of MX hosts and of the policy host, `issuemail`
//! for those of mail addresses (RFC 9495), `issuevmc` for those of BIMI logos.
//!
//! ```
//! use mxray_records::caa;
//! let parsed = caa::parse(&r#"0 issue "ca.example; account=1""#.into());
//! assert_eq!(parsed.value.unwrap().issuer(), Some("ca.example"));
//! ```

use std::fmt;

use crate::ascii::{Set, is_made_of, trim, until};
use crate::rdata::{self, number};
use crate::suggest::nearest;
use crate::{Finding, Parsed, RecordSet, Rule, Span, Text};

pub mod rules {
    //! What can be wrong with CAA records.
    crate::rules! { "caa.record":
        /// Fewer than three fields.
        FIELD_MISSING = Fail, "field-missing", "RFC 8659 §4.1.1";
        /// The flags are no number of an octet.
        FLAGS_MALFORMED = Fail, "flags-malformed", "RFC 8659 §4.1.1";
        /// A flag that means nothing.
        FLAGS_RESERVED = Warning, "flags-reserved", "RFC 8659 §4.1";
        /// The tag holds something else than letters and digits.
        TAG_MALFORMED = Fail, "tag-malformed", "RFC 8659 §4.1";
        /// A tag that authorities ignore.
        TAG_UNKNOWN = Notice, "tag-unknown", "RFC 8659 §4.1";
        /// A tag that is misspelled.
        TAG_MISSPELLED = Warning, "tag-misspelled", "RFC 8659 §4.1";
        /// A tag that nobody knows, and that everybody has to know.
        TAG_UNKNOWN_CRITICAL = Fail, "tag-unknown-critical", "RFC 8659 §4.5";
        /// The value is not one string in quotation marks, and needs to be.
        VALUE_QUOTES = Fail, "value-quotes", "RFC 8659 §4.1.1";
        /// A value that names no authority: it forbids all of them.
        ISSUER_MALFORMED = Fail, "issuer-malformed", "RFC 8659 §4.2";
        /// No authority may issue certificates.
        NOBODY_MAY_ISSUE = Notice, "nobody-may-issue", "RFC 8659 §4.2";
        /// `;` beside an authority that may, which says nothing.
        NOBODY_WITHOUT_EFFECT = Notice, "nobody-without-effect", "RFC 8659 §4.2";
        /// Nowhere that a report could be sent to.
        IODEF_MALFORMED = Warning, "iodef-malformed", "RFC 8659 §4.4";
        /// The same record a second time.
        REPEATED = Notice, "repeated", "RFC 2181 §5";
        /// Something that a guide left to fill in.
        PLACEHOLDER = Warning, "placeholder", "RFC 8659 §4.1";
    }
}

/// Whoever does not know the tag must not issue; the only flag there is.
const CRITICAL: u8 = 128;

/// The tags whose value names an authority.
const ISSUERS: [&str; 4] = ["issue", "issuewild", "issuemail", "issuevmc"];

/// All tags that are registered.
pub(crate) const TAGS: [&str; 7] =
    ["issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"];

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// 0, or 128 for a record that has to be understood.
    pub flags: u8,
    /// What it is about, in lower case.
    pub tag: String,
    /// Its value, without quotation marks and escapes.
    pub value: String,
}

impl Record {
    /// Whether it is one of those that name an authority.
    #[must_use]
    pub fn is_about_issuing(&self) -> bool {
        ISSUERS.contains(&&*self.tag)
    }

    /// The authority that may issue; `None` where it says that none may, or is about something else.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        let issuer = trim(until(&self.value, b";"), &WSP);
        (self.is_about_issuing() && is_issue_value(&self.value) && !issuer.is_empty())
            .then_some(issuer)
    }
}

/// The record as it should be written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.replace('\\', r"\\").replace('"', "\\\"");
        write!(f, "{} {} \"{value}\"", self.flags, self.tag)
    }
}

/// Reads one record.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    let mut parsed = read(text);
    if let Some(record) = parsed.value.clone() {
        parsed.mend(meant(record), |text| read(text).used());
    }
    parsed
}

fn read(text: &str) -> Parsed<Record> {
    let mut reader = Reader { text, findings: Vec::new() };
    let record = reader.read();
    Parsed::judge(text, record, reader.findings)
}

/// Whether a word is one of the tags.
pub(crate) fn is_tag(word: &str) -> bool {
    TAGS.iter().any(|tag| crate::ascii::is(tag, word))
}

/// The record that was probably meant.
fn meant(record: Record) -> String {
    let tag = nearest(&record.tag, &TAGS).map_or(record.tag, str::to_owned);
    Record { flags: record.flags & CRITICAL, tag, value: record.value }.to_string()
}

/// Reads all records at the name; several add to each other.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    rdata::read_set(texts, parse, |records| {
        let repeated = rdata::repeated(&rules::REPEATED, texts, records, PartialEq::eq);
        nobody(texts, records).into_iter().chain(repeated).collect()
    })
}

/// The records that say that no authority may issue.
fn nobody(texts: &[Text], records: &[Parsed<Record>]) -> Vec<Finding> {
    let sound = || {
        let usable = records.iter().enumerate().filter(|(_, read)| read.usable);
        usable.filter_map(|(at, read)| Some((at, read.value.as_ref()?)))
    };
    let says_nobody = |record: &Record| record.is_about_issuing() && record.issuer().is_none();
    let judge = |(at, record): (usize, &Record)| {
        let others = sound().any(|(_, other)| other.tag == record.tag && other.issuer().is_some());
        let rule = match &*record.tag {
            _ if others => &rules::NOBODY_WITHOUT_EFFECT,
            "issue" => &rules::NOBODY_MAY_ISSUE,
            _ => return None,
        };
        let whole = Finding::at(rule, 0..texts[at].as_str().len()).in_record(at);
        Some(whole.with("tag", &record.tag))
    };
    sound().filter(|(_, record)| says_nobody(record)).filter_map(judge).collect()
}

const WSP: [char; 2] = [' ', '\t'];

/// What people take for quotation marks.
const MARKS: [char; 8] = ['"', '\'', '“', '”', '„', '‘', '’', '`'];

struct Reader<'a> {
    text: &'a str,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn find(&mut self, rule: &'static Rule, span: Span) {
        self.findings.push(Finding::at(rule, span).with("value", span.of(self.text)));
    }

    fn read(&mut self) -> Option<Record> {
        let fields = rdata::fields(self.text);
        let [flags, tag, value, ..] = fields[..] else {
            self.find(&rules::FIELD_MISSING, Span::new(0, self.text.len()));
            return None;
        };
        let value = Span::new(value.start, fields[fields.len() - 1].end);
        let (flags_are, written) = (self.flags(flags), self.value(value));
        let tag_is = tag.of(self.text).to_ascii_lowercase();
        let record = Record { flags: flags_are?, tag: tag_is, value: written };
        self.judge_tag(&record, tag);
        self.judge_value(&record, value);
        Some(record)
    }

    fn flags(&mut self, field: Span) -> Option<u8> {
        let flags = number(field.of(self.text));
        match flags {
            None => self.find(&rules::FLAGS_MALFORMED, field),
            Some(flags) if flags & !CRITICAL != 0 => self.find(&rules::FLAGS_RESERVED, field),
            Some(_) => {}
        }
        flags
    }

    /// "A contiguous set of characters without interior spaces or a quoted string"; a semicolon
    /// outside of one begins a comment in a zone.
    fn value(&mut self, span: Span) -> String {
        let written = span.of(self.text);
        if let Some(quoted) = rdata::quoted(written) {
            return quoted;
        }
        if written.contains(|c| WSP.contains(&c) || MARKS.contains(&c) || c == ';') {
            self.find(&rules::VALUE_QUOTES, span);
        }
        trim(written, &MARKS).to_owned()
    }

    fn judge_tag(&mut self, record: &Record, span: Span) {
        let tag = &*record.tag;
        let rule = match nearest(tag, &TAGS) {
            _ if !is_made_of(tag, Set::ALPHANUMERIC) => &rules::TAG_MALFORMED,
            _ if TAGS.contains(&tag) => return,
            _ if record.flags & CRITICAL != 0 => &rules::TAG_UNKNOWN_CRITICAL,
            None => &rules::TAG_UNKNOWN,
            Some(meant) => {
                let misspelled = Finding::at(&rules::TAG_MISSPELLED, span);
                let misspelled = misspelled.with("value", span.of(self.text));
                return self.findings.push(misspelled.with("expected", meant));
            }
        };
        self.find(rule, span);
    }

    fn judge_value(&mut self, record: &Record, span: Span) {
        if record.is_about_issuing() && !is_issue_value(&record.value) {
            self.find(&rules::ISSUER_MALFORMED, span);
        } else if record.tag == "iodef" && !is_report_address(&record.value) {
            self.find(&rules::IODEF_MALFORMED, span);
        }
    }
}

/// `issue-value = *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]]`.
fn is_issue_value(value: &str) -> bool {
    let (issuer, parameters) = value.split_once(';').unwrap_or((value, ""));
    let (issuer, parameters) = (trim(issuer, &WSP), trim(parameters, &WSP));
    let is_name = issuer.is_empty() || issuer.split('.').all(is_label);
    is_name && (parameters.is_empty() || parameters.split(';').all(is_parameter))
}

/// `tag *WSP "=" *WSP value`, whose value is printable and holds no semicolon.
fn is_parameter(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(tag, value)| {
        is_label(trim(tag, &WSP)) && trim(value, &WSP).bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// `(ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT))`.
fn is_label(label: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    edge(label.bytes().next()) && edge(label.bytes().next_back()) && is_made_of(label, Set::LABEL)
}

fn is_report_address(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once(':') else { return false };
    match &*scheme.to_ascii_lowercase() {
        "mailto" => {
            rest.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        }
        "http" | "https" => rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{parse, read_set};
    use crate::Text;

    #[test]
    fn each_mistake_is_called_by_its_name() {
        for (text, usable, expected) in [
            (r#"0 issue "letsencrypt.org""#, true, vec![]),
            ("0 issue letsencrypt.org", true, vec![]),
            (r#"128 ISSUE "ca1.example.net; account=230123""#, true, vec![]),
            (r#"0 issue ";""#, true, vec![]),
            (r#"0 issuewild " ca.example ; a = b ; c-d=e:f ""#, true, vec![]),
            (r#"0 issuemail "ca.example""#, true, vec![]),
            (r#"0 issuevmc "ca.example""#, true, vec![]),
            (r#"0 iodef "mailto:security@example.com""#, true, vec![]),
            (r#"0 contactemail "a@b.example""#, true, vec![]),
            (r#"0 iodef "security@example.com""#, true, vec!["iodef-malformed"]),
            (r#"1 issue "ca.example""#, true, vec!["flags-reserved"]),
            (r#"0 tbs "Unknown""#, true, vec!["tag-unknown"]),
            (r#"0 isue "ca.example""#, true, vec!["tag-misspelled"]),
            (r#"128 tbs "Unknown""#, false, vec!["tag-unknown-critical"]),
            (r#"0 issue-mail "ca.example""#, false, vec!["tag-malformed"]),
            (r#"256 issue "ca.example""#, false, vec!["flags-malformed"]),
            (r#"issue "ca.example""#, false, vec!["field-missing"]),
            ("", false, vec!["field-missing"]),
            ("0 issue ca.example; account=1", false, vec!["value-quotes"]),
            ("0 issue ;", false, vec!["value-quotes"]),
            ("0 issue “ca.example”", false, vec!["value-quotes"]),
            ("0 issue \"ca.example", false, vec!["value-quotes"]),
            (r#"0 issue "%%%%%""#, false, vec!["issuer-malformed"]),
            (r#"0 issue "https://ca.example""#, false, vec!["issuer-malformed"]),
            (r#"0 issue "ca.example account=1""#, false, vec!["issuer-malformed"]),
            (r#"0 issue "ca.example; account=1;""#, false, vec!["issuer-malformed"]),
        ] {
            let parsed = parse(&Text::from(text));
            let found = parsed
                .findings
                .iter()
                .filter_map(|finding| finding.rule.code.strip_prefix("caa.record."));
            assert_eq!((parsed.usable, found.collect::<Vec<_>>()), (usable, expected), "{text}");
        }
    }

    #[test]
    fn what_was_meant_is_proposed() {
        for (text, expected) in [
            ("0 issue ca.example; account=1", Some(r#"0 issue "ca.example; account=1""#)),
            ("0 issue “ca.example”", Some(r#"0 issue "ca.example""#)),
            (r#"0 isue "ca.example""#, Some(r#"0 issue "ca.example""#)),
            (r#"1 issue "ca.example""#, Some(r#"0 issue "ca.example""#)),
            (r#"0 issue "%""#, None),
        ] {
            assert_eq!(parse(&text.into()).findings[0].fix.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn nobody_counts_only_where_nobody_else_is_named() {
        let found = |texts: &[&str]| {
            let texts: Vec<_> = texts.iter().copied().map(Text::from).collect();
            read_set(&texts).findings.iter().map(|finding| finding.rule.code).collect::<Vec<_>>()
        };
        let (nobody, somebody) = (r#"0 issue ";""#, r#"0 issue "ca.example""#);
        assert_eq!(found(&[nobody]), ["caa.record.nobody-may-issue"]);
        assert_eq!(found(&[somebody, nobody]), ["caa.record.nobody-without-effect"]);
        assert_eq!(found(&[somebody, r#"0 issuewild ";""#]), [""; 0]);
        assert_eq!(found(&[somebody, r#"0 ISSUE "ca.example""#]), ["caa.record.repeated"]);
    }
}

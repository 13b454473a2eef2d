//! The MX records of a domain: which servers take its mail (RFC 5321 §5.1, RFC 7505).
//!
//! A record is written as it stands in a zone, without its name: a preference and a host.
//!
//! ```
//! use mxray_records::mx;
//! let parsed = mx::parse(&"10 Mail.example.com.".into());
//! assert_eq!(parsed.value.unwrap().to_string(), "10 mail.example.com");
//! ```

use std::fmt;
use std::net::IpAddr;

use crate::host::is_host;
use crate::rdata::{self, number};
use crate::{Finding, Parsed, RecordSet, Rule, Span, Text};

pub mod rules {
    //! What can be wrong with MX records.
    crate::rules! { "mx.set":
        /// No preference or no host.
        FIELD_MISSING = Fail, "field-missing", "RFC 1035 §3.3.9";
        /// More than a preference and a host.
        FIELD_UNEXPECTED = Fail, "field-unexpected", "RFC 1035 §3.3.9";
        /// The host stands before the preference.
        SWAPPED = Fail, "swapped", "RFC 1035 §3.3.9";
        /// The preference is no number of 16 bits.
        PREFERENCE_MALFORMED = Fail, "preference-malformed", "RFC 1035 §3.3.9";
        /// An address where a name has to be.
        HOST_IS_ADDRESS = Fail, "host-is-address", "RFC 5321 §5.1";
        /// No name that a host can have.
        HOST_MALFORMED = Fail, "host-malformed", "RFC 5321 §2.3.5";
        /// A name with an underscore, which no certificate can have.
        HOST_UNDERSCORE = Warning, "host-underscore", "RFC 5321 §2.3.5";
        /// A name of one label.
        HOST_NOT_QUALIFIED = Warning, "host-not-qualified", "RFC 5321 §2.3.5";
        /// The domain stands twice at the end of the name.
        HOST_DOUBLED = Warning, "host-doubled", "RFC 1035 §5.1";
        /// A null MX beside others.
        NULL_WITH_OTHERS = Fail, "null-with-others", "RFC 7505 §3";
        /// A null MX whose preference is not 0.
        NULL_PREFERENCE = Notice, "null-preference", "RFC 7505 §3";
        /// The same host a second time.
        REPEATED = Notice, "repeated", "RFC 5321 §5.1";
        /// Something that a guide left to fill in.
        PLACEHOLDER = Warning, "placeholder", "RFC 5321 §2.3.5";
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The lowest is tried first.
    pub preference: u16,
    /// The host's name in lower case, without a final dot; `.` for a null MX.
    pub host: String,
}

impl Record {
    /// Whether it says that the domain takes no mail (RFC 7505).
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.host == "."
    }
}

/// The record as it should be written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.preference, self.host)
    }
}

/// Reads one record.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    let mut parsed = read(text);
    if let Some(fixed) = meant(text) {
        parsed.mend(fixed, |text| read(text).used());
    }
    parsed
}

fn read(text: &str) -> Parsed<Record> {
    let mut reader = Reader { text, findings: Vec::new() };
    let record = reader.read();
    Parsed::judge(text, record, reader.findings)
}

/// Reads all records of the domain.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    let same = |one: &Record, other: &Record| one.host == other.host;
    rdata::read_set(texts, parse, |records| {
        let repeated = rdata::repeated(&rules::REPEATED, texts, records, same);
        null_with_others(texts, records).into_iter().chain(repeated).collect()
    })
}

fn null_with_others(texts: &[Text], records: &[Parsed<Record>]) -> Option<Finding> {
    let is_null = |read: &Parsed<Record>| read.value.as_ref().is_some_and(Record::is_null);
    let null = records.iter().position(is_null).filter(|_| !records.iter().all(is_null))?;
    let whole = 0..texts[null].as_str().len();
    Some(Finding::at(&rules::NULL_WITH_OTHERS, whole).in_record(null))
}

struct Reader<'a> {
    text: &'a str,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn find(&mut self, rule: &'static Rule, span: Span) {
        self.findings.push(Finding::at(rule, span).with("value", span.of(self.text)));
    }

    fn read(&mut self) -> Option<Record> {
        let whole = Span::new(0, self.text.len());
        match rdata::fields(self.text)[..] {
            [preference, host]
                if number::<u16>(preference.of(self.text)).is_some()
                    || number::<u16>(host.of(self.text)).is_none() =>
            {
                let (preference, host) = (self.preference(preference), self.host(host));
                let record = Record { preference: preference?, host: host? };
                if record.is_null() && record.preference != 0 {
                    self.find(&rules::NULL_PREFERENCE, whole);
                }
                Some(record)
            }
            [_, _] => {
                self.find(&rules::SWAPPED, whole);
                None
            }
            [_, _, unexpected, ..] => {
                self.find(&rules::FIELD_UNEXPECTED, Span::new(unexpected.start, whole.end));
                None
            }
            _ => {
                self.find(&rules::FIELD_MISSING, whole);
                None
            }
        }
    }

    fn preference(&mut self, field: Span) -> Option<u16> {
        let preference = number(field.of(self.text));
        if preference.is_none() {
            self.find(&rules::PREFERENCE_MALFORMED, field);
        }
        preference
    }

    fn host(&mut self, field: Span) -> Option<String> {
        let written = field.of(self.text);
        let name = written.strip_suffix('.').unwrap_or(written).to_ascii_lowercase();
        let rule = match &*name {
            "" => return Some(".".to_owned()),
            _ if is_address(&name) => &rules::HOST_IS_ADDRESS,
            _ if !is_host(&name.replace('_', "x")) => &rules::HOST_MALFORMED,
            _ if name.contains('_') => &rules::HOST_UNDERSCORE,
            _ if !name.contains('.') => &rules::HOST_NOT_QUALIFIED,
            _ if undoubled(&name).is_some() => &rules::HOST_DOUBLED,
            _ => return Some(name),
        };
        self.find(rule, field);
        Some(name)
    }
}

/// An address, or an address literal (RFC 5321 §4.1.3).
fn is_address(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.strip_prefix("ipv6:").unwrap_or(bare).parse::<IpAddr>().is_ok()
}

/// `mail.b.example.b.example`: a zone's name was added to one that lacked its final dot (RFC 1035 §5.1).
fn undoubled(name: &str) -> Option<&str> {
    let doubled = |(dot, _): (usize, &str)| {
        let rest = &name[..dot];
        let domain = &name[dot + 1..];
        let above = rest.strip_suffix(domain)?;
        let whole = above.is_empty() || above.ends_with('.');
        (whole && domain.contains('.')).then_some(rest)
    };
    name.match_indices('.').find_map(doubled)
}

/// The record that was probably meant.
fn meant(text: &str) -> Option<String> {
    let fields: Vec<&str> = rdata::fields(text).iter().map(|field| field.of(text)).collect();
    match fields[..] {
        [host, preference] if number::<u16>(preference).is_some() => {
            Some(format!("{preference} {host}"))
        }
        [_, "."] => Some("0 .".to_owned()),
        [preference, host] => {
            let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
            undoubled(&name).map(|name| format!("{preference} {name}"))
        }
        // A whole line of a zone.
        [.., kind, preference, host] if kind.eq_ignore_ascii_case("MX") => {
            Some(format!("{preference} {host}"))
        }
        _ => None,
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
            ("10 mail.example.com", true, vec![]),
            ("65535\tMAIL.example.com.", true, vec![]),
            ("0 .", true, vec![]),
            ("10 .", true, vec!["null-preference"]),
            ("mail.example.com", false, vec!["field-missing"]),
            ("", false, vec!["field-missing"]),
            ("10 mail.example.com 20", false, vec!["field-unexpected"]),
            ("mail.example.com. 10", false, vec!["swapped"]),
            ("65536 mail.example.com", false, vec!["preference-malformed"]),
            ("-1 mail.example.com", false, vec!["preference-malformed"]),
            ("10 192.0.2.1", false, vec!["host-is-address"]),
            ("10 [192.0.2.1]", false, vec!["host-is-address"]),
            ("10 [IPv6:2001:db8::1]", false, vec!["host-is-address"]),
            ("10 2001:db8::1", false, vec!["host-is-address"]),
            ("10 https://mail.example.com", false, vec!["host-malformed"]),
            ("10 büro.example", false, vec!["host-malformed"]),
            ("10 mail..example", false, vec!["host-malformed"]),
            ("10 my_mail.example", true, vec!["host-underscore"]),
            ("10 localhost", true, vec!["host-not-qualified"]),
            ("10 mail.b.example.b.example.", true, vec!["host-doubled"]),
            ("10 b.example.b.example.", true, vec!["host-doubled"]),
            ("10 mail.xb.example.b.example", true, vec![]),
            ("10 a.a.example", true, vec![]),
        ] {
            let parsed = parse(&Text::from(text));
            let found = parsed
                .findings
                .iter()
                .filter_map(|finding| finding.rule.code.strip_prefix("mx.set."));
            assert_eq!((parsed.usable, found.collect::<Vec<_>>()), (usable, expected), "{text}");
        }
    }

    #[test]
    fn what_was_meant_is_proposed() {
        for (text, expected) in [
            ("mail.example.com. 10", Some("10 mail.example.com.")),
            ("@ 3600 IN MX 10 mail.example.com.", Some("10 mail.example.com.")),
            ("10 mail.b.example.b.example", Some("10 mail.b.example")),
            ("10 .", Some("0 .")),
            ("10 192.0.2.1", None),
            ("192.0.2.1 10", None),
        ] {
            assert_eq!(parse(&text.into()).findings[0].fix.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_null_mx_stands_alone() {
        let read =
            |texts: &[&str]| read_set(&texts.iter().copied().map(Text::from).collect::<Vec<_>>());
        assert_eq!(read(&["0 ."]).chosen, Some(0));
        let set = read(&["10 a.example", "0 ."]);
        assert_eq!((set.chosen, set.findings[0].rule.code), (None, "mx.set.null-with-others"));
        let set = read(&["10 a.example", "20 A.example.", "10 b.example"]);
        assert_eq!((set.chosen, set.findings[0].rule.code), (Some(0), "mx.set.repeated"));
        assert_eq!(set.findings.len(), 1);
    }
}

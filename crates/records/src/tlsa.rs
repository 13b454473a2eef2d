//! TLSA records of a mail server: which certificate it shows (RFC 6698 §2, RFC 7672 §3.1).
//!
//! ```
//! use mxray_records::tlsa;
//! let digest = "8d02536c887482bc34ff54e41d2ba659bf85b341a0a20afadb5813dcfbcf286d";
//! let parsed = tlsa::parse(&format!("3 1 1 {digest}").as_str().into());
//! assert_eq!(parsed.value.unwrap().usage, 3);
//! ```

use std::fmt;

use crate::rdata::{self, number};
use crate::{Finding, Parsed, RecordSet, Rule, Span, Text};

pub mod rules {
    //! What can be wrong with TLSA records at `_25._tcp` of a mail server.
    crate::rules! { "tlsa.record":
        /// Fewer than four fields.
        FIELD_MISSING = Fail, "field-missing", "RFC 6698 §2.2";
        /// One of the first three fields is no number of an octet.
        FIELD_NOT_NUMBER = Fail, "field-not-number", "RFC 6698 §2.2";
        /// A usage that relies on public authorities, which mail senders do not; they may pass it over.
        USAGE_NOT_FOR_MAIL = Warning, "usage-not-for-mail", "RFC 7672 §3.1.3";
        /// A usage that nobody has defined.
        USAGE_UNKNOWN = Fail, "usage-unknown", "RFC 6698 §2.1.1";
        /// A selector that nobody has defined.
        SELECTOR_UNKNOWN = Fail, "selector-unknown", "RFC 6698 §2.1.2";
        /// A matching type that nobody has defined.
        MATCHING_UNKNOWN = Fail, "matching-unknown", "RFC 6698 §2.1.3";
        /// The data holds something else than hexadecimal digits.
        DATA_NOT_HEX = Fail, "data-not-hex", "RFC 6698 §2.2";
        /// Half of an octet is missing.
        DATA_ODD = Fail, "data-odd", "RFC 6698 §2.2";
        /// The data is not as long as a digest of its kind.
        DIGEST_LENGTH = Fail, "digest-length", "RFC 6698 §2.1.3";
        /// A whole certificate or key instead of a digest.
        WHOLE_DATA = Warning, "whole-data", "RFC 7671 §10.1.2";
        /// The certificate and not its key is named, so that each renewal breaks the record.
        CERTIFICATE_PINNED = Notice, "certificate-pinned", "RFC 7672 §3.1";
        /// The same record a second time.
        REPEATED = Notice, "repeated", "RFC 2181 §5";
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose certificate it is: 2 an authority's, 3 the server's own.
    pub usage: u8,
    /// What of the certificate is meant: 0 all of it, 1 its key.
    pub selector: u8,
    /// What the data is: 0 the thing itself, 1 its SHA-256, 2 its SHA-512.
    pub matching: u8,
    /// The thing or its digest.
    pub data: Vec<u8>,
}

/// The record as it should be written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} ", self.usage, self.selector, self.matching)?;
        self.data.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// Reads one record.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    let mut reader = Reader { text, findings: Vec::new() };
    let record = reader.read();
    // What senders do with PKIX-TA and PKIX-EE is undefined (RFC 7672 §3.1.3): nobody can count on it.
    let is_for_mail = record.as_ref().is_some_and(|record| record.usage >= 2);
    let parsed = Parsed::judge(text, record, reader.findings);
    Parsed { usable: parsed.usable && is_for_mail, ..parsed }
}

/// Reads all records at the name; any that is sound will do (RFC 6698 §2.1).
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    rdata::read_set(texts, parse, |records| {
        rdata::repeated(&rules::REPEATED, texts, records, PartialEq::eq).collect()
    })
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
        let fields = rdata::fields(self.text);
        let [usage, selector, matching, data @ ..] = &fields[..] else {
            return self.missing(fields.len());
        };
        if data.is_empty() {
            return self.missing(fields.len());
        }
        let parameters = [*usage, *selector, *matching].map(|field| self.parameter(field));
        let octets = self.data(data);
        let [Some(usage_is), Some(selector_is), Some(matching_is)] = parameters else {
            return None;
        };
        let record =
            Record { usage: usage_is, selector: selector_is, matching: matching_is, data: octets? };
        self.judge(
            &record,
            [*usage, *selector, *matching],
            Span::new(data[0].start, data[data.len() - 1].end),
        );
        Some(record)
    }

    fn missing(&mut self, count: usize) -> Option<Record> {
        let whole = Finding::at(&rules::FIELD_MISSING, 0..self.text.len());
        self.findings.push(whole.with("count", count.to_string()));
        None
    }

    fn parameter(&mut self, field: Span) -> Option<u8> {
        let parameter = number(field.of(self.text));
        if parameter.is_none() {
            self.find(&rules::FIELD_NOT_NUMBER, field);
        }
        parameter
    }

    /// White space may stand within the digits.
    fn data(&mut self, fields: &[Span]) -> Option<Vec<u8>> {
        let digits = || {
            fields.iter().flat_map(|field| {
                field.of(self.text).char_indices().map(|(at, c)| (field.start + at, c))
            })
        };
        if let Some((at, c)) = digits().find(|(_, c)| !c.is_ascii_hexdigit()) {
            self.find(&rules::DATA_NOT_HEX, Span::new(at, at + c.len_utf8()));
            return None;
        }
        let nibbles: Vec<u8> = digits()
            .filter_map(|(_, c)| c.to_digit(16))
            .filter_map(|digit| digit.try_into().ok())
            .collect();
        let (octets, rest) = nibbles.as_chunks::<2>();
        if !rest.is_empty() {
            let last = fields[fields.len() - 1];
            let odd = Finding::at(&rules::DATA_ODD, last).with("count", nibbles.len().to_string());
            self.findings.push(odd);
            return None;
        }
        Some(octets.iter().map(|[high, low]| high << 4 | low).collect())
    }

    fn judge(&mut self, record: &Record, [usage, selector, matching]: [Span; 3], data: Span) {
        match record.usage {
            0 | 1 => self.find(&rules::USAGE_NOT_FOR_MAIL, usage),
            2 | 3 => {}
            _ => self.find(&rules::USAGE_UNKNOWN, usage),
        }
        match (record.usage, record.selector) {
            (3, 0) => self.find(&rules::CERTIFICATE_PINNED, selector),
            (_, 0 | 1) => {}
            _ => self.find(&rules::SELECTOR_UNKNOWN, selector),
        }
        let octets = match record.matching {
            0 => return self.find(&rules::WHOLE_DATA, matching),
            1 => 32,
            2 => 64,
            _ => return self.find(&rules::MATCHING_UNKNOWN, matching),
        };
        if record.data.len() != octets {
            let finding = Finding::at(&rules::DIGEST_LENGTH, data)
                .with("expected", (octets * 2).to_string())
                .with("count", (record.data.len() * 2).to_string());
            self.findings.push(finding);
        }
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
        let (sha256, sha512) = ("ab".repeat(32), "AB".repeat(64));
        for (text, usable, expected) in [
            (format!("3 1 1 {sha256}"), true, vec![]),
            (format!(" 3 1 1 {} {} ", &sha256[..31], &sha256[31..]), true, vec![]),
            (format!("2 0 2 {sha512}"), true, vec![]),
            (format!("3 0 1 {sha256}"), true, vec!["certificate-pinned"]),
            ("3 1 0 3082".to_owned(), true, vec!["whole-data"]),
            (format!("1 1 1 {sha256}"), false, vec!["usage-not-for-mail"]),
            (format!("255 1 1 {sha256}"), false, vec!["usage-unknown"]),
            (format!("3 2 1 {sha256}"), false, vec!["selector-unknown"]),
            (format!("3 1 3 {sha256}"), false, vec!["matching-unknown"]),
            (format!("3 1 2 {sha256}"), false, vec!["digest-length"]),
            (format!("3 1 1 {sha256}0"), false, vec!["data-odd"]),
            (format!("3 1 1 0x{sha256}"), false, vec!["data-not-hex"]),
            (format!("DANE-EE SPKI 256 {sha256}"), false, vec!["field-not-number"; 3]),
            ("3 1 1".to_owned(), false, vec!["field-missing"]),
            (String::new(), false, vec!["field-missing"]),
        ] {
            let parsed = parse(&Text::from(text.as_str()));
            let found = parsed
                .findings
                .iter()
                .filter_map(|finding| finding.rule.code.strip_prefix("tlsa.record."));
            assert_eq!((parsed.usable, found.collect::<Vec<_>>()), (usable, expected), "{text}");
        }
    }

    #[test]
    fn one_sound_record_of_a_set_will_do() {
        let (sound, same) =
            (format!("3 1 1 {}", "ab".repeat(32)), format!("3 1 1 {}", "AB".repeat(32)));
        let set = read_set(&["1 1 1 00".into(), sound.as_str().into(), same.as_str().into()]);
        assert_eq!(set.chosen, Some(1));
        let finding = &set.findings[0];
        assert_eq!((finding.rule.code, finding.place.unwrap().record), ("tlsa.record.repeated", 2));
    }
}

//! The DKIM key record (RFC 6376 §3.6.1, RFC 8301, RFC 8463).
//!
//! ```
//! use mxray_records::dkim;
//! let parsed = dkim::parse(&"v=DKIM1; p=".into());
//! assert!(parsed.value.unwrap().is_revoked());
//! ```

mod base64;
mod rsa;

use std::borrow::Cow;
use std::fmt;

use crate::ascii::{self, Set};
use crate::suggest::begins_like;
use crate::tags::{self, Tag};
use crate::{Finding, Parsed, RecordSet, Rule, Span, Text};

pub mod rules {
    //! What can be wrong with a DKIM key record.
    crate::rules! { "dkim.key":
        /// The text is of another kind.
        FOREIGN = Fail, "foreign", "RFC 6376 §3.6.1";
        /// The text is a record of another kind, which has its own name.
        OTHER_KIND = Fail, "other-kind", "RFC 6376 §3.6.1";
        /// Several keys under one selector: what receivers do is undefined.
        SEVERAL_RECORDS = Fail, "several-records", "RFC 6376 §3.6.2.2";
        /// One key in several records.
        TORN = Fail, "torn", "RFC 6376 §3.6.2.2";
        /// Another text under the same selector.
        UNRELATED = Warning, "unrelated", "RFC 6376 §3.6.2.2";
        /// Another version than `DKIM1`.
        VERSION_UNKNOWN = Fail, "version-unknown", "RFC 6376 §3.6.1";
        /// Something stands before the version.
        VERSION_NOT_FIRST = Fail, "version-not-first", "RFC 6376 §3.6.1";
        /// A piece that is no tag.
        TAG_MALFORMED = Fail, "tag-malformed", "RFC 6376 §3.2";
        /// A tag a second time: the whole record is invalid.
        TAG_REPEATED = Fail, "tag-repeated", "RFC 6376 §3.2";
        /// A semicolon with nothing before it; strict receivers discard the record.
        SEMICOLON_DOUBLED = Warning, "semicolon-doubled", "RFC 6376 §3.2";
        /// No key.
        KEY_MISSING = Fail, "key-missing", "RFC 6376 §3.6.1";
        /// An empty key: it is revoked.
        REVOKED = Notice, "revoked", "RFC 6376 §3.6.1";
        /// The key is not base64.
        NOT_BASE64 = Fail, "not-base64", "RFC 6376 §3.6.1";
        /// The key is not what its type says.
        KEY_MALFORMED = Fail, "key-malformed", "RFC 6376 §3.6.1";
        /// An RSA key that receivers must not accept.
        KEY_TOO_SHORT = Fail, "key-too-short", "RFC 8301 §3.2";
        /// An RSA key that is shorter than it should be.
        KEY_BELOW_2048_BITS = Warning, "key-below-2048-bits", "RFC 8301 §3.2";
        /// A key type that not everybody knows.
        TYPE_UNKNOWN = Warning, "type-unknown", "RFC 6376 §3.6.1";
        /// Only SHA-1 is allowed, which receivers must not accept.
        ONLY_SHA1 = Fail, "only-sha1", "RFC 8301 §3.1";
        /// The key is not for mail.
        NOT_FOR_MAIL = Notice, "not-for-mail", "RFC 6376 §3.6.1";
        /// Receivers are told to treat signed mail as if it were not.
        TESTING = Warning, "testing", "RFC 6376 §3.6.1";
        /// Something that a guide left to fill in.
        PLACEHOLDER = Warning, "placeholder", "RFC 6376 §3.6.1";
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `rsa`, `ed25519` or what may come.
    pub key_type: Cow<'static, str>,
    /// The key; empty if it is revoked.
    pub key: Vec<u8>,
    /// An RSA key's length.
    pub bits: Option<usize>,
    /// The hash algorithms that are allowed; all if there are none.
    pub hashes: Vec<String>,
    /// What the key is for; everything if there is nothing.
    pub services: Vec<String>,
    /// The flags.
    pub flags: Vec<String>,
}

impl Record {
    /// Whether the key is no longer valid.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.key.is_empty()
    }

    /// Whether receivers are told to treat signed mail as if it were not.
    #[must_use]
    pub fn is_testing(&self) -> bool {
        self.flags.iter().any(|flag| flag == "y")
    }
}

/// The record as it should be written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=DKIM1; k={}", self.key_type)?;
        for (name, words) in [("h", &self.hashes), ("s", &self.services), ("t", &self.flags)] {
            if !words.is_empty() {
                write!(f, "; {name}={}", words.join(":"))?;
            }
        }
        write!(f, "; p={}", base64::encode(&self.key))
    }
}

/// Reads one text, as if it stood alone under its selector.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    let mut reader =
        Reader { text, known: [None; KNOWN.len()], others: Vec::new(), findings: Vec::new() };
    tags::read(text).for_each(|tag| reader.read_tag(tag));
    if !reader.is_meant() {
        return Parsed::foreign(Finding::unlike(&rules::FOREIGN, text));
    }
    reader.judge_others();
    let record = reader.record();
    Parsed::judge(text, record, reader.findings)
}

/// Reads all texts under the selector: with several keys it is undefined which counts.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    RecordSet::read(texts, parse, &rules::SEVERAL_RECORDS, &|found| {
        for (text, found) in texts.iter().zip(found.iter_mut()).filter(|(_, found)| !found.ours) {
            found.findings = vec![Finding::at(&rules::UNRELATED, 0..text.as_str().len())];
        }
        (0..texts.len()).filter(|index| found[*index].ours).collect()
    })
}

/// The tags that say something (RFC 6376 §3.6.1).
const KNOWN: [u8; 7] = *b"vhknpst";

struct Reader<'a> {
    text: &'a str,
    /// The values of the known tags.
    known: [Option<Span>; KNOWN.len()],
    /// The names of the others, and where these stand.
    others: Vec<(&'a str, Span)>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn find(&mut self, rule: &'static Rule, span: Span) {
        self.findings.push(Finding::at(rule, span).with("value", span.of(self.text)));
    }

    /// A version of DKIM, or no version and a key; `k=rsa` alone is a part of one that was torn.
    fn is_meant(&self) -> bool {
        let is_dkim = |value: Span| ascii::begins(value.of(self.text), "dkim");
        let is_meant = match self.value(b'v') {
            None => self.value(b'p').or(self.value(b'k')).is_some(),
            Some(first) if is_dkim(first) => true,
            Some(_) => tags::read(self.text)
                .any(|tag| tag.name.of(self.text) == "v" && tag.value.is_some_and(is_dkim)),
        };
        is_meant || begins_like(self.text, "DKIM1", 1).is_some()
    }

    fn read_tag(&mut self, tag: Tag) {
        if tag.is_blank() {
            if tag.terminated {
                self.find(&rules::SEMICOLON_DOUBLED, Span::new(tag.piece.start, tag.piece.end + 1));
            }
            return;
        }
        let name = tag.name.of(self.text);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && ascii::is_made_of(name, Set::TAG);
        let Some(value) = tag.value.filter(|_| is_name) else {
            return self.find(&rules::TAG_MALFORMED, tag.trimmed());
        };
        match KNOWN.iter().position(|known| name.as_bytes() == [*known]) {
            None => self.others.push((name, tag.trimmed())),
            Some(index) if self.known[index].is_some() => {
                self.find(&rules::TAG_REPEATED, tag.trimmed());
            }
            Some(index) => {
                if name == "v" {
                    self.check_version(tag, value);
                }
                self.known[index] = Some(value);
            }
        }
    }

    /// Others are ignored, but may not be repeated either (RFC 6376 §3.2).
    fn judge_others(&mut self) {
        let mut others = std::mem::take(&mut self.others);
        others.sort_unstable();
        for pair in others.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            self.find(&rules::TAG_REPEATED, pair[1].1);
        }
    }

    fn value(&self, name: u8) -> Option<Span> {
        let index = KNOWN.iter().position(|known| *known == name)?;
        self.known[index]
    }

    fn check_version(&mut self, tag: Tag, value: Span) {
        if value.of(self.text) != "DKIM1" {
            self.find(&rules::VERSION_UNKNOWN, tag.trimmed());
        } else if self.known.iter().any(Option::is_some) || !self.others.is_empty() {
            self.find(&rules::VERSION_NOT_FIRST, tag.trimmed());
        }
    }

    /// A colon-separated list's words.
    fn words(&self, name: u8) -> Vec<String> {
        let Some(value) = self.value(name) else { return Vec::new() };
        let words = value.of(self.text).split(':').map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn record(&mut self) -> Option<Record> {
        let key_type = match self.value(b'k').map_or("rsa", |value| value.of(self.text)) {
            "rsa" => Cow::Borrowed("rsa"),
            "ed25519" => Cow::Borrowed("ed25519"),
            other => Cow::Owned(other.to_owned()),
        };
        let (hashes, services, flags) = (self.words(b'h'), self.words(b's'), self.words(b't'));
        self.check_lists(&hashes, &services);
        let Some(span) = self.value(b'p') else {
            self.findings.push(Finding::new(&rules::KEY_MISSING));
            return None;
        };
        let Some(key) = base64::decode(span.of(self.text)) else {
            self.find(&rules::NOT_BASE64, span);
            return None;
        };
        let bits = self.check_key(&key_type, &key, span);
        let record = Record { key_type, key, bits, hashes, services, flags };
        if record.is_testing() && !record.is_revoked() {
            self.find_list(&rules::TESTING, b't');
        }
        Some(record)
    }

    fn find_list(&mut self, rule: &'static Rule, name: u8) {
        if let Some(span) = self.value(name) {
            self.find(rule, span);
        }
    }

    fn check_lists(&mut self, hashes: &[String], services: &[String]) {
        if !hashes.is_empty() && hashes.iter().all(|hash| hash == "sha1") {
            self.find_list(&rules::ONLY_SHA1, b'h');
        }
        if !services.is_empty()
            && !services.iter().any(|service| service == "*" || service == "email")
        {
            self.find_list(&rules::NOT_FOR_MAIL, b's');
        }
    }

    /// The key's length in bits, where it has one.
    fn check_key(&mut self, key_type: &str, key: &[u8], span: Span) -> Option<usize> {
        if key.is_empty() {
            self.findings.push(Finding::new(&rules::REVOKED));
            return None;
        }
        match key_type {
            "rsa" => self.check_rsa(key, span),
            // The bare 32 octets (RFC 8463 §4.2).
            "ed25519" if key.len() == 32 => None,
            "ed25519" => {
                self.findings.push(Finding::at(&rules::KEY_MALFORMED, span).with("type", key_type));
                None
            }
            _ => {
                let span = self.value(b'k').unwrap_or(span);
                self.find(&rules::TYPE_UNKNOWN, span);
                None
            }
        }
    }

    fn check_rsa(&mut self, bytes: &[u8], span: Span) -> Option<usize> {
        let Some(bits) = rsa::bits(bytes) else {
            self.findings.push(Finding::at(&rules::KEY_MALFORMED, span).with("type", "rsa"));
            return None;
        };
        let rule = match bits {
            ..1024 => &rules::KEY_TOO_SHORT,
            1024..2048 => &rules::KEY_BELOW_2048_BITS,
            _ => return Some(bits),
        };
        self.findings.push(Finding::at(rule, span).with("bits", bits.to_string()));
        Some(bits)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{parse, read_set};
    use crate::Text;

    /// A made-up RSAPublicKey with a modulus of this many bytes, its first bit set.
    fn rsa(bytes: usize) -> String {
        let header = |tag: u8, length: usize| {
            let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
            vec![tag, 0x82, high, low]
        };
        let modulus = [header(2, bytes + 1), vec![0], vec![0xff; bytes]].concat();
        let content = [modulus, vec![2, 3, 1, 0, 1]].concat();
        encode(&[header(0x30, content.len()), content].concat())
    }

    fn encode(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bits: Vec<u8> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let sextet = |bits: &[u8]| {
            (0..6).fold(0, |value, at| value << 1 | bits.get(at).copied().unwrap_or(0))
        };
        bits.chunks(6).map(|bits| char::from(LETTERS[usize::from(sextet(bits))])).collect()
    }

    #[test]
    fn each_mistake_is_called_by_its_name() {
        for (text, expected) in [
            (format!("v=DKIM1; k=rsa; p={}", rsa(256)), vec![]),
            (format!("p={}", rsa(256)), vec![]),
            (format!(" v = DKIM1 ; n=hello; t=s ; p={} ; ", rsa(256)), vec![]),
            (format!("v=DKIM1; p={}", rsa(128)), vec!["key-below-2048-bits"]),
            (format!("v=DKIM1; p={}", rsa(64)), vec!["key-too-short"]),
            (format!("v=DKIM1; t=y; p={}", rsa(256)), vec!["testing"]),
            (
                format!("v=DKIM1; h=sha1; s=tlsrpt; p={}", rsa(256)),
                vec!["only-sha1", "not-for-mail"],
            ),
            (format!("p={}; v=DKIM1", rsa(256)), vec!["version-not-first"]),
            ("v=DKIM1; p=".into(), vec!["revoked"]),
            ("v=DKIM1; p=; p=".into(), vec!["tag-repeated", "revoked"]),
            ("v=dkim1; p=".into(), vec!["version-unknown", "revoked"]),
            ("v=DKIM1".into(), vec!["key-missing"]),
            ("v=DKIM1; p=Zm9v".into(), vec!["key-malformed"]),
            ("v=DKIM1; p=Zm9".to_owned() + "-", vec!["not-base64"]),
            ("v=DKIM1; k=ed25519; p=Zm9v".into(), vec!["key-malformed"]),
            ("v=DKIM1; k=mldsa44; p=Zm9v".into(), vec!["type-unknown"]),
            ("v=DKIM1;; p=".into(), vec!["semicolon-doubled", "revoked"]),
            ("v=DMARC1; p=none".into(), vec!["foreign"]),
        ] {
            let parsed = parse(&Text::from(text.as_str()));
            let found = parsed
                .findings
                .iter()
                .filter_map(|finding| finding.rule.code.strip_prefix("dkim.key."));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn a_key_that_was_torn_into_records_is_none() {
        let set = read_set(&["k=rsa".into(), "p=".into(), "v=DKIM1".into()]);
        assert_eq!(set.chosen, None);
        assert_eq!(set.findings[0].rule.code, "dkim.key.several-records");
    }
}

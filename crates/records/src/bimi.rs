//! The BIMI record: the logo that mail programs may show beside the domain's mail.
//!
//! It has no RFC; this follows draft-brand-indicators-for-message-identification-12.
//!
//! ```
//! use mxray_records::bimi;
//! let parsed = bimi::parse(&"v=BIMI1; l=https://example.com/logo.svg; a=".into());
//! assert_eq!(parsed.value.unwrap().location, "https://example.com/logo.svg");
//! ```

use std::fmt;

use crate::ascii::{self, Set};
use crate::host::is_host;
use crate::select::Selection;
use crate::suggest::begins_like;
use crate::tags::{self, Tag};
use crate::{Finding, Parsed, RecordSet, Rule, Span, Text};

pub mod rules {
    //! What can be wrong with a BIMI record.
    crate::rules! { "bimi.record":
        /// The text is of another kind.
        FOREIGN = Fail, "foreign", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// The text is a record of another kind, which has its own name.
        OTHER_KIND = Fail, "other-kind", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// Several records: no logo is shown.
        SEVERAL_RECORDS = Fail, "several-records", "draft-brand-indicators-for-message-identification-12 §8.2";
        /// A text that is skipped stands at the same name.
        UNRELATED = Notice, "unrelated", "draft-brand-indicators-for-message-identification-12 §8.2";
        /// The record does not begin with exactly `v=BIMI1`.
        VERSION_MALFORMED = Fail, "version-malformed", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// A piece that is no tag.
        TAG_MALFORMED = Fail, "tag-malformed", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// A tag a second time.
        TAG_REPEATED = Fail, "tag-repeated", "RFC 6376 §3.2";
        /// A tag that nobody knows, and receivers ignore.
        TAG_UNKNOWN = Notice, "tag-unknown", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// Nothing says where the logo is.
        LOCATION_MISSING = Fail, "location-missing", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// The logo's location is not one HTTPS address.
        LOCATION_NOT_HTTPS = Fail, "location-not-https", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// The logo is not an SVG file.
        LOCATION_NOT_SVG = Fail, "location-not-svg", "draft-brand-indicators-for-message-identification-12 §5.3.2";
        /// The certificate's location is not one HTTPS address.
        EVIDENCE_NOT_HTTPS = Fail, "evidence-not-https", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// No certificate proves that the logo is the domain's; some show it only with one.
        EVIDENCE_MISSING = Notice, "evidence-missing", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// The domain says that it wants no logo.
        DECLINED = Notice, "declined", "draft-brand-indicators-for-message-identification-12 §5.3.1";
        /// A preference that nobody knows, and receivers ignore.
        PREFERENCE_UNKNOWN = Warning, "preference-unknown", "draft-brand-indicators-for-message-identification-12 §5.3";
        /// Something that a guide left to fill in.
        PLACEHOLDER = Warning, "placeholder", "draft-brand-indicators-for-message-identification-12 §5.3";
    }
}

/// What a record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Where the logo is; empty to decline.
    pub location: String,
    /// Where the certificate is; empty for none.
    pub evidence: String,
    /// Whether a sender's own picture goes before the logo.
    pub prefers_personal: bool,
    /// Prefixes of the local-parts that choose a selector of their own.
    pub local_parts: Vec<String>,
}

impl Record {
    /// Whether the domain says that it wants no logo.
    #[must_use]
    pub fn is_declined(&self) -> bool {
        self.location.is_empty() && self.evidence.is_empty()
    }
}

/// The record as it should be written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=BIMI1; l={}; a={}", self.location, self.evidence)?;
        if !self.local_parts.is_empty() {
            write!(f, "; lps={}", self.local_parts.join(","))?;
        }
        f.write_str(if self.prefers_personal { "; avp=personal;" } else { ";" })
    }
}

/// Reads one text, as if it stood alone at its name.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    if !ascii::mentions(text, "bimi1") && begins_like(text, "BIMI1", 1).is_none() {
        return Parsed::foreign(Finding::unlike(&rules::FOREIGN, text));
    }
    let mut reader =
        Reader { text, record: Record::default(), located: None, findings: Vec::new() };
    let mut tags = tags::read(text);
    if tags.next().is_none_or(|tag| !is_version(text, &tag)) {
        let first = ascii::until(text, b";");
        reader
            .findings
            .push(Finding::at(&rules::VERSION_MALFORMED, 0..first.len()).with("value", first));
        tags = tags::read(text);
    }
    let mut seen = Vec::new();
    tags.for_each(|tag| reader.read_tag(tag, &mut seen));
    reader.judge();
    let usable = reader.located.map(|_| reader.record);
    Parsed::judge(text, usable, reader.findings)
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

/// "MUST match precisely"; white space beside the `=` is in the grammar.
fn is_version(text: &str, tag: &Tag) -> bool {
    tag.name.start == 0
        && tag.name.of(text) == "v"
        && tag.value.map(|value| value.of(text)) == Some("BIMI1")
}

struct Reader<'a> {
    text: &'a str,
    record: Record,
    located: Option<Span>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn find(&mut self, rule: &'static Rule, span: Span) {
        self.findings.push(Finding::at(rule, span).with("value", span.of(self.text)));
    }

    fn read_tag(&mut self, tag: Tag, seen: &mut Vec<&'a str>) {
        if tag.is_blank() && !tag.terminated {
            return;
        }
        let Some(value) = tag.value else {
            let blank = Span::new(tag.piece.start, tag.piece.end + usize::from(tag.terminated));
            self.find(&rules::TAG_MALFORMED, if tag.is_blank() { blank } else { tag.trimmed() });
            return;
        };
        let name = tag.name.of(self.text);
        if seen.contains(&name) {
            self.find(&rules::TAG_REPEATED, tag.trimmed());
            return;
        }
        seen.push(name);
        self.read_value(name, tag, value);
    }

    fn read_value(&mut self, name: &str, tag: Tag, value: Span) {
        let written = value.of(self.text);
        match name {
            "l" => {
                self.located = Some(value);
                self.read_location(value);
            }
            "a" => {
                written.clone_into(&mut self.record.evidence);
                if !written.is_empty() && !is_https(written) {
                    self.find(&rules::EVIDENCE_NOT_HTTPS, value);
                }
            }
            "lps" => self.read_local_parts(tag, written),
            "avp" if written == "personal" => self.record.prefers_personal = true,
            "avp" if written != "brand" => self.find(&rules::PREFERENCE_UNKNOWN, tag.trimmed()),
            // A version in the wrong place has been spoken of.
            "avp" | "v" => {}
            _ => self.find(&rules::TAG_UNKNOWN, tag.trimmed()),
        }
    }

    fn read_location(&mut self, value: Span) {
        let written = value.of(self.text);
        written.clone_into(&mut self.record.location);
        let path = ascii::until(written, b"?#").to_ascii_lowercase();
        if !written.is_empty() && !is_https(written) {
            self.find(&rules::LOCATION_NOT_HTTPS, value);
        } else if !written.is_empty() && !path.ends_with(".svg") && !path.ends_with(".svgz") {
            self.find(&rules::LOCATION_NOT_SVG, value);
        }
    }

    /// `1*63(ALPHA / DIGIT / '-')`, comma-separated.
    fn read_local_parts(&mut self, tag: Tag, written: &str) {
        let prefixes = || written.split(',').map(str::trim).filter(|prefix| !prefix.is_empty());
        let is_text = |prefix: &str| prefix.len() <= 63 && ascii::is_made_of(prefix, Set::LABEL);
        if prefixes().all(is_text) {
            self.record.local_parts = prefixes().map(str::to_owned).collect();
        } else {
            self.find(&rules::TAG_MALFORMED, tag.trimmed());
        }
    }

    fn judge(&mut self) {
        let rule = match self.located {
            None => &rules::LOCATION_MISSING,
            Some(_) if self.record.is_declined() => &rules::DECLINED,
            Some(_) if self.record.evidence.is_empty() => &rules::EVIDENCE_MISSING,
            Some(_) => return,
        };
        self.findings.push(Finding::new(rule));
    }
}

const SCHEME: &str = "https://";

/// One URI with a fully qualified name; commas have to be encoded.
fn is_https(uri: &str) -> bool {
    if !ascii::begins(uri, SCHEME) || ascii::holds(uri, b", \t") || !uri.is_ascii() {
        return false;
    }
    let host = ascii::until(&uri[SCHEME.len()..], b"/?#:");
    host.contains('.') && is_host(host)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::parse;
    use crate::Text;

    #[test]
    fn each_mistake_is_called_by_its_name() {
        for (text, usable, expected) in [
            ("v=BIMI1; l=https://a.example/b.svg; a=https://a.example/b.pem", true, vec![]),
            ("v=BIMI1; l=https://a.example/b.svg", true, vec!["evidence-missing"]),
            ("v=BIMI1; l=; a=;", true, vec!["declined"]),
            ("v=BIMI1; a=https://a.example/b.pem", false, vec!["location-missing"]),
            (
                "v=BIMI1; l=http://a.example/b.svg; a=",
                false,
                vec!["location-not-https", "evidence-missing"],
            ),
            (
                "v=BIMI1; l=https://a.example/b.png; a=",
                false,
                vec!["location-not-svg", "evidence-missing"],
            ),
            ("v=bimi1; l=; a=", false, vec!["version-malformed", "declined"]),
            ("v=BIMI1; l=; lps=a_b", false, vec!["tag-malformed", "declined"]),
            ("v=BIMI1 garbage", false, vec!["version-malformed", "location-missing"]),
            ("v=DMARC1; p=none", false, vec!["foreign"]),
        ] {
            let parsed = parse(&Text::from(text));
            let found = parsed
                .findings
                .iter()
                .filter_map(|finding| finding.rule.code.strip_prefix("bimi.record."));
            assert_eq!((parsed.usable, found.collect::<Vec<_>>()), (usable, expected), "{text}");
        }
    }
}

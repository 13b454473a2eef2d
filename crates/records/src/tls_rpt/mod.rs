//! The TLS-RPT record: where senders report deliveries that were not secure (RFC 8460 §3).
//!
//! ```
//! use mxray_records::tls_rpt;
//! let parsed = tls_rpt::parse(&"v=TLSRPTv1; rua=mailto:tls@example.com".into());
//! assert!(parsed.usable);
//! assert_eq!(parsed.value.unwrap().rua[0].host(), "example.com");
//! ```

mod destination;

use std::fmt;

pub use destination::Destination;
use destination::Read;

use crate::ascii;
use crate::fields::{Fields, Grammar};
use crate::select::Selection;
use crate::{Finding, Parsed, RecordSet, Span, Text, tags};

pub mod rules {
    //! What can be wrong with a TLS-RPT record.
    crate::rules! { "tls-rpt.record":
        /// The text is of another kind.
        FOREIGN = Fail, "foreign", "RFC 8460 §3";
        /// The text is a record of another kind, which has its own name.
        OTHER_KIND = Fail, "other-kind", "RFC 8460 §3";
        /// Two records are left where one is allowed.
        SEVERAL_RECORDS = Fail, "several-records", "RFC 8460 §3";
        /// A text that senders skip stands at the same name.
        UNRELATED = Notice, "unrelated", "RFC 8460 §3";
        /// Among several texts, one that does not begin with `v=TLSRPTv1;` is skipped.
        DISCARDED = Fail, "discarded", "RFC 8460 §3";
        /// Quotation marks are part of the text.
        QUOTED = Fail, "quoted", "RFC 8460 §3";
        /// White space before the version.
        SPACE_AT_START = Fail, "space-at-start", "RFC 8460 §3";
        /// White space after the last value without a semicolon.
        SPACE_AT_END = Warning, "space-at-end", "RFC 8460 §3";
        /// A character outside of US-ASCII.
        NOT_ASCII = Fail, "not-ascii", "RFC 8460 §3";
        /// A control character.
        CONTROL_CHARACTER = Fail, "control-character", "RFC 8460 §3";
        /// No version.
        VERSION_MISSING = Fail, "version-missing", "RFC 8460 §3";
        /// Something stands before the version.
        VERSION_NOT_FIRST = Fail, "version-not-first", "RFC 8460 §3";
        /// Another version than `TLSRPTv1`.
        VERSION_UNKNOWN = Fail, "version-unknown", "RFC 8460 §3";
        /// The version in wrong case.
        VERSION_CASE = Fail, "version-case", "RFC 8460 §3";
        /// White space between the version and its semicolon.
        SPACE_BEFORE_SEMICOLON = Warning, "space-before-semicolon", "RFC 8460 §3";
        /// White space where a semicolon should be.
        SEMICOLON_MISSING = Fail, "semicolon-missing", "RFC 8460 §3";
        /// A semicolon with nothing before it.
        SEMICOLON_DOUBLED = Fail, "semicolon-doubled", "RFC 8460 §3";
        /// A field without an equals sign.
        EQUALS_MISSING = Fail, "equals-missing", "RFC 8460 §3";
        /// White space beside an equals sign.
        EQUALS_SPACED = Fail, "equals-spaced", "RFC 8460 §3";
        /// `RUA` instead of `rua`.
        RUA_CASE = Fail, "rua-case", "RFC 8460 §3";
        /// No `rua`.
        RUA_MISSING = Fail, "rua-missing", "RFC 8460 §3";
        /// A `rua` without a destination.
        RUA_EMPTY = Fail, "rua-empty", "RFC 8460 §3";
        /// A second `rua`; one with commas is how it is meant.
        RUA_REPEATED = Notice, "rua-repeated", "RFC 8460 §3";
        /// Two commas with nothing between them.
        DESTINATION_EMPTY = Fail, "destination-empty", "RFC 8460 §3";
        /// An address without `mailto:`.
        SCHEME_MISSING = Fail, "scheme-missing", "RFC 8460 §3";
        /// Neither `mailto` nor `https`, and nothing else beside it.
        SCHEME_UNSUPPORTED = Fail, "scheme-unsupported", "RFC 8460 §3";
        /// Neither `mailto` nor `https`; reports go to the other destinations.
        SCHEME_SKIPPED = Warning, "scheme-skipped", "RFC 8460 §3";
        /// A size limit behind an address, as DMARC once had.
        SIZE_LIMIT = Fail, "size-limit", "RFC 8460 §3";
        /// A character that a URI may hold only encoded.
        URI_CHARACTER = Fail, "uri-character", "RFC 8460 §3";
        /// A percent sign without two hexadecimal digits.
        URI_PERCENT = Fail, "uri-percent", "RFC 8460 §3";
        /// A `mailto` that names no mailbox.
        ADDRESS_MALFORMED = Fail, "address-malformed", "RFC 8460 §3";
        /// An `https` that names no host.
        HOST_MALFORMED = Fail, "host-malformed", "RFC 8460 §3";
        /// The name of another field is malformed.
        EXTENSION_NAME = Fail, "extension-name", "RFC 8460 §3";
        /// The value of another field is malformed.
        EXTENSION_VALUE = Fail, "extension-value", "RFC 8460 §3";
        /// Something that a guide left to fill in.
        PLACEHOLDER = Warning, "placeholder", "RFC 8460 §3";
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where reports go: the destinations that senders support.
    pub rua: Vec<Destination>,
    /// Other fields, as name and value; senders ignore them.
    pub extensions: Vec<(String, String)>,
}

/// The record as it should be written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.rua.iter().map(Destination::uri), &self.extensions)
    }
}

fn write<U: AsRef<str>>(
    to: &mut impl fmt::Write,
    uris: impl Iterator<Item = U>,
    extensions: &[(String, String)],
) -> fmt::Result {
    to.write_str("v=TLSRPTv1; rua=")?;
    for (index, uri) in uris.enumerate() {
        to.write_str(if index > 0 { "," } else { "" })?;
        to.write_str(uri.as_ref())?;
    }
    extensions.iter().try_for_each(|(name, value)| write!(to, "; {name}={value}"))
}

static GRAMMAR: Grammar = Grammar {
    version: "TLSRPTv1",
    begin: "v=TLSRPTv1;",
    stem: "tls",
    key: "rua",
    foreign: &rules::FOREIGN,
    quoted: &rules::QUOTED,
    space_at_start: &rules::SPACE_AT_START,
    space_at_end: &rules::SPACE_AT_END,
    not_ascii: &rules::NOT_ASCII,
    control_character: &rules::CONTROL_CHARACTER,
    version_missing: &rules::VERSION_MISSING,
    version_not_first: &rules::VERSION_NOT_FIRST,
    version_unknown: &rules::VERSION_UNKNOWN,
    version_case: &rules::VERSION_CASE,
    space_before_semicolon: &rules::SPACE_BEFORE_SEMICOLON,
    semicolon_missing: &rules::SEMICOLON_MISSING,
    semicolon_doubled: &rules::SEMICOLON_DOUBLED,
    equals_missing: &rules::EQUALS_MISSING,
    equals_spaced: &rules::EQUALS_SPACED,
    key_case: &rules::RUA_CASE,
    extension_name: &rules::EXTENSION_NAME,
    extension_value: &rules::EXTENSION_VALUE,
};

/// Reads one text, as if it stood alone at its name.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    if let Some(record) = plain(text) {
        return Parsed::clean(record);
    }
    let (mut parsed, fields) = read(text);
    if !parsed.findings.is_empty()
        && let Some(fixed) = corrected(text, &fields, parsed.value.as_ref())
    {
        parsed.mend(fixed, still_found);
    }
    parsed
}

/// Reads all texts at the name: exactly one may begin with `v=TLSRPTv1;` if there are several.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    let selection = Selection {
        begins: |text| text.starts_with(GRAMMAR.begin),
        several: &rules::SEVERAL_RECORDS,
        unrelated: &rules::UNRELATED,
        discarded: Some(&rules::DISCARDED),
    };
    selection.read(texts, parse)
}

/// What is found in a text that receivers use.
fn still_found(text: &str) -> Option<Vec<Finding>> {
    if plain(text).is_some() { Some(Vec::new()) } else { read(text).0.used() }
}

/// A record as nearly everybody writes it, with nothing to find.
fn plain(text: &str) -> Option<Record> {
    let (mut rua, mut next) = (Vec::new(), Some(GRAMMAR.plain(text)?));
    while let Some(list) = next {
        let (kind, uri, behind) = destination::plain(list)?;
        rua.push(kind(uri.to_owned()));
        next = behind.strip_prefix(',');
    }
    Some(Record { rua, extensions: Vec::new() })
}

/// Any text, and its fields, which extensions are taken from if there is a value.
fn read(text: &str) -> (Parsed<Record>, Fields) {
    match GRAMMAR.read(text) {
        Ok(mut fields) => (judge(text, &mut fields), fields),
        Err(foreign) => (Parsed::foreign(foreign), Fields::default()),
    }
}

fn judge(text: &str, fields: &mut Fields) -> Parsed<Record> {
    let findings = std::mem::take(&mut fields.findings);
    let mut list = List { text, findings, destinations: Vec::new(), other_schemes: Vec::new() };
    if fields.value.is_none() {
        list.findings.push(Finding::new(&rules::RUA_MISSING));
    }
    for (index, value) in fields.values().enumerate() {
        if index > 0 {
            list.findings.push(Finding::at(&rules::RUA_REPEATED, value));
        }
        list.read(value);
    }
    list.judge_schemes();
    let rua = list.destinations;
    let record = (!rua.is_empty())
        .then(|| Record { rua, extensions: std::mem::take(&mut fields.extensions) });
    Parsed::judge(text, record, list.findings)
}

/// The corrected text, if it is plain.
fn corrected(text: &str, fields: &Fields, record: Option<&Record>) -> Option<String> {
    // What stands without a name may be a destination; leaving it out would not be plain.
    if fields.has_nameless {
        return None;
    }
    let (mut rua, mut is_plain) = (Vec::new(), true);
    for value in fields.values().filter(|value| !is_empty(text, *value)) {
        each_item(text, value, &mut |item| {
            let item = tags::trim(text, item).of(text);
            let meant = destination::corrected(item);
            is_plain &= meant.is_some() || item.is_empty();
            rua.extend(meant);
        });
    }
    let is_plain = is_plain && !rua.is_empty();
    let extensions = record.map_or(&fields.extensions, |record| &record.extensions);
    let mut fixed = String::with_capacity(text.len());
    write(&mut fixed, rua.iter(), extensions).ok().filter(|()| is_plain).map(|()| fixed)
}

/// What stands between the commas of a value.
fn each_item(text: &str, value: Span, read: &mut dyn FnMut(Span)) {
    let mut start = value.start;
    for item in ascii::split(value.of(text), b',') {
        read(Span::new(start, start + item.len()));
        start += item.len() + 1;
    }
}

fn is_empty(text: &str, value: Span) -> bool {
    value.bytes(text).iter().all(|byte| matches!(byte, b',' | b' ' | b'\t'))
}

/// The destinations, as they are read.
struct List<'a> {
    text: &'a str,
    findings: Vec<Finding>,
    destinations: Vec<Destination>,
    other_schemes: Vec<Span>,
}

impl List<'_> {
    /// `tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)`.
    fn read(&mut self, value: Span) {
        if is_empty(self.text, value) {
            self.findings.push(Finding::at(&rules::RUA_EMPTY, self.with_name(value)));
            return;
        }
        each_item(self.text, value, &mut |item| {
            let with_comma = Span::new(item.start.saturating_sub(1).max(value.start), item.end);
            self.read_item(tags::trim(self.text, item), with_comma);
        });
    }

    /// A value that is not there could not be underlined.
    fn with_name(&self, value: Span) -> Span {
        let before = self.text.get(..value.start).unwrap_or_default();
        let start = before.rfind(';').map_or(0, |semicolon| semicolon + 1);
        tags::trim(self.text, Span::new(start, value.end))
    }

    fn read_item(&mut self, item: Span, with_comma: Span) {
        if item.start == item.end {
            self.findings.push(Finding::at(&rules::DESTINATION_EMPTY, with_comma));
            return;
        }
        match destination::read(self.text, item, &mut self.findings) {
            Read::Supported(destination) => self.destinations.push(destination),
            Read::OtherScheme(scheme) => self.other_schemes.push(scheme),
            Read::Malformed => {}
        }
    }

    /// A destination that gets nothing is harmless beside one that does.
    fn judge_schemes(&mut self) {
        let alone = self.destinations.is_empty();
        let rule = if alone { &rules::SCHEME_UNSUPPORTED } else { &rules::SCHEME_SKIPPED };
        for scheme in &self.other_schemes {
            self.findings.push(Finding::at(rule, *scheme).with("scheme", scheme.of(self.text)));
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Destination, parse, plain, read};
    use crate::{Parsed, ROOMY, Text};

    #[test]
    fn problems_are_all_found_where_they_are() {
        for (reason, rua, expected) in [
            ("a mailbox", "rua=mailto:a@b.example", vec![]),
            ("several", "rua=mailto:a@b.example , \t https://c.example/d?e=f", vec![]),
            ("an unknown field", "rua=mailto:a@b.example; ext=1;", vec![]),
            ("trailing space", "rua=mailto:a@b.example ", vec![("space-at-end", " ")]),
            ("an address", "rua=a@b.example", vec![("scheme-missing", "a@b.example")]),
            ("nothing", "rua=", vec![("rua-empty", "rua=")]),
            ("commas", "rua=,, ,", vec![("rua-empty", "rua=,, ,")]),
            ("a comma too many", "rua=mailto:a@b.example,", vec![("destination-empty", ",")]),
            ("http", "rua=http://a.example", vec![("scheme-unsupported", "http")]),
            (
                "http beside",
                "rua=http://a.example,mailto:a@b.example",
                vec![("scheme-skipped", "http")],
            ),
            ("as in DMARC", "rua=mailto:a@b.example!10m", vec![("size-limit", "!10m")]),
            ("a space", "rua=mailto:a@b.example c@d.example", vec![("uri-character", " ")]),
            ("percent", "rua=https://a.example/%zz", vec![("uri-percent", "%")]),
            ("percent at the end", "rua=https://a.example/%4", vec![("uri-percent", "%")]),
            ("an encoded character", "rua=https://a.example/%4a%5B", vec![]),
            ("no scheme", "rua=1mailto:a@b.c", vec![("scheme-missing", "1mailto:a@b.c")]),
            ("one that is none", "rua=ma_il:a@b.c", vec![("scheme-missing", "ma_il:a@b.c")]),
            ("nobody", "rua=mailto:@b.example", vec![("address-malformed", "mailto:@b.example")]),
            ("a path", "rua=mailto:a/b@c.d", vec![("address-malformed", "mailto:a/b@c.d")]),
            ("two at signs", "rua=mailto:a@b@c.d", vec![("address-malformed", "mailto:a@b@c.d")]),
            ("no domain", "rua=mailto:a@b_c", vec![("address-malformed", "mailto:a@b_c")]),
            (
                "no port",
                "rua=https://a.example:b/",
                vec![("host-malformed", "https://a.example:b/")],
            ),
            ("no literal", "rua=https://[a/", vec![("host-malformed", "https://[a/")]),
            ("again", "rua=mailto:a@b.c; rua=mailto:d@e.f", vec![("rua-repeated", "mailto:d@e.f")]),
            ("no mailbox", "rua=mailto:a", vec![("address-malformed", "mailto:a")]),
            ("no host", "rua=https:///a", vec![("host-malformed", "https:///a")]),
            (
                "the next one fused",
                "rua=mailto:a@b.example ext=1",
                vec![("semicolon-missing", " ")],
            ),
        ] {
            let text = Text::from(format!("v=TLSRPTv1; {rua}").as_str());
            let found: Vec<_> = parse(&text)
                .findings
                .iter()
                .map(|finding| {
                    let code = finding.rule.code.rsplit('.').next().unwrap();
                    (
                        code,
                        finding.place.map_or("", |place| place.span.of(text.as_str())).to_owned(),
                    )
                })
                .collect();
            let expected: Vec<_> =
                expected.into_iter().map(|(code, span)| (code, span.to_owned())).collect();
            assert_eq!(found, expected, "{reason}");
        }
    }

    #[test]
    fn a_plain_record_says_what_reading_all_of_it_says() {
        for (rua, is_plain) in [
            ("mailto:a@b.example", true),
            ("mailto:a_1.b@b.example,https://c.example", true),
            ("https://c.example/d?e=f#g,mailto:a@b.example;", true),
            ("mailto:a@b.example,", false),
            ("mailto:a@b.example?c", false),
            ("mailto:a@-b", false),
            ("mailto:@b", false),
            ("MAILTO:a@b", false),
            ("https://c.example:443", false),
            ("https://c.example/d!10m", false),
            ("https://", false),
            ("mailto:a@b.example, mailto:c@d.example", false),
        ] {
            let text = format!("v=TLSRPTv1; rua={rua}");
            let record = plain(&text);
            assert_eq!(record.is_some(), is_plain && ROOMY, "{text}");
            if let Some(record) = record {
                assert_eq!(read(&text).0, Parsed::clean(record), "{text}");
            }
        }
    }

    #[test]
    fn a_destination_names_who_gets_the_reports() {
        for (uri, host) in [
            ("mailto:a@b.example", "b.example"),
            ("MAILTO:a@b.example?subject=c@d", "b.example"),
            ("https://b.example", "b.example"),
            ("https://a:b@c.example:8443/d@e?f", "c.example"),
            ("https://b.example.?c", "b.example."),
            ("https://[2001:db8::1]:443#a", "[2001:db8::1]"),
        ] {
            let record = parse(&format!("v=TLSRPTv1; rua={uri}").as_str().into()).value.unwrap();
            assert_eq!(
                record.rua.iter().map(Destination::host).collect::<Vec<_>>(),
                [host],
                "{uri}"
            );
        }
    }

    #[test]
    fn a_record_is_written_as_it_should_be() {
        let text = "v=TLSRPTv1;rua=mailto:a@b.example , https://c.example;  d=e;";
        let written = "v=TLSRPTv1; rua=mailto:a@b.example,https://c.example; d=e";
        assert_eq!(parse(&text.into()).value.unwrap().to_string(), written);
    }

    #[test]
    fn what_is_plain_is_offered_as_a_fix() {
        for (text, fixed) in [
            ("v=TLSRPTv1; rua=a@b.example", Some("v=TLSRPTv1; rua=mailto:a@b.example")),
            ("V=TLSRPTV1 rua=mailto://a@b.example!10m", Some("v=TLSRPTv1; rua=mailto:a@b.example")),
            ("v=TLSRPTv1; rua=mailto:a@b.example;mailto:c@d.example", None),
            ("v=TLSRPTv1; rua=http://a.example", None),
            ("v=TLSRPTv1; rua=mail:a@b.example", None),
        ] {
            assert_eq!(parse(&text.into()).findings[0].fix.as_deref(), fixed, "{text}");
        }
    }
}

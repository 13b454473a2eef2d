//! The MTA-STS record: it announces a policy, and tells when that changed (RFC 8461 §3.1).
//!
//! ```
//! use mxray_records::mta_sts::record;
//! let parsed = record::parse(&"v=STSv1; id=20160831085700Z;".into());
//! assert!(parsed.usable);
//! assert_eq!(parsed.value.unwrap().id, "20160831085700Z");
//! ```

use std::borrow::Cow;
use std::fmt;

use crate::ascii;
use crate::fields::{self, Fields, Grammar};
use crate::select::Selection;
use crate::{Finding, Parsed, RecordSet, Span, Text};

pub mod rules {
    //! What can be wrong with an MTA-STS record.
    crate::rules! { "mta-sts.record":
        /// The text is of another kind.
        FOREIGN = Fail, "foreign", "RFC 8461 §3.1";
        /// The text is a record of another kind, which has its own name.
        OTHER_KIND = Fail, "other-kind", "RFC 8461 §3.1";
        /// Two records are left where one is allowed.
        SEVERAL_RECORDS = Fail, "several-records", "RFC 8461 §3.1";
        /// A text that senders skip stands at the same name.
        UNRELATED = Notice, "unrelated", "RFC 8461 §3.1";
        /// Among several texts, one that does not begin with `v=STSv1;` is skipped.
        DISCARDED = Fail, "discarded", "RFC 8461 §3.1";
        /// Quotation marks are part of the text.
        QUOTED = Fail, "quoted", "RFC 8461 §3.1";
        /// White space before the version.
        SPACE_AT_START = Fail, "space-at-start", "RFC 8461 §3.1";
        /// White space after the last value without a semicolon.
        SPACE_AT_END = Fail, "space-at-end", "RFC 8461 §3.1";
        /// A character outside of US-ASCII.
        NOT_ASCII = Fail, "not-ascii", "RFC 8461 §3.1";
        /// A control character.
        CONTROL_CHARACTER = Fail, "control-character", "RFC 8461 §3.1";
        /// No version.
        VERSION_MISSING = Fail, "version-missing", "RFC 8461 §3.1";
        /// Something stands before the version.
        VERSION_NOT_FIRST = Fail, "version-not-first", "RFC 8461 §3.1";
        /// Another version than `STSv1`.
        VERSION_UNKNOWN = Fail, "version-unknown", "RFC 8461 §3.1";
        /// The version in wrong case.
        VERSION_CASE = Fail, "version-case", "RFC 8461 §3.1";
        /// White space between the version and its semicolon.
        SPACE_BEFORE_SEMICOLON = Warning, "space-before-semicolon", "RFC 8461 §3.1";
        /// White space where a semicolon should be.
        SEMICOLON_MISSING = Fail, "semicolon-missing", "RFC 8461 §3.1";
        /// A semicolon with nothing before it.
        SEMICOLON_DOUBLED = Fail, "semicolon-doubled", "RFC 8461 §3.1";
        /// A field without an equals sign.
        EQUALS_MISSING = Fail, "equals-missing", "RFC 8461 §3.1";
        /// White space beside an equals sign.
        EQUALS_SPACED = Fail, "equals-spaced", "RFC 8461 §3.1";
        /// `ID` instead of `id`.
        ID_CASE = Fail, "id-case", "RFC 8461 §3.1";
        /// No id.
        ID_MISSING = Fail, "id-missing", "RFC 8461 §3.1";
        /// An id without characters.
        ID_EMPTY = Fail, "id-empty", "RFC 8461 §3.1";
        /// An id of more than 32 characters.
        ID_TOO_LONG = Fail, "id-too-long", "RFC 8461 §3.1";
        /// A character in the id that is neither letter nor digit.
        ID_CHARACTERS = Fail, "id-characters", "RFC 8461 §3.1";
        /// A second id, which senders ignore.
        ID_REPEATED = Warning, "id-repeated", "RFC 8461 §3.2";
        /// The name of another field is malformed.
        EXTENSION_NAME = Fail, "extension-name", "RFC 8461 §3.1";
        /// The value of another field is malformed.
        EXTENSION_VALUE = Fail, "extension-value", "RFC 8461 §3.1";
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Changes whenever the policy does; nothing else about it means anything.
    pub id: String,
    /// Other fields, as name and value; senders ignore them.
    pub extensions: Vec<(String, String)>,
}

/// The record as it should be written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=STSv1; id={};", self.id)?;
        self.extensions.iter().try_for_each(|(name, value)| write!(f, " {name}={value};"))
    }
}

pub(crate) static GRAMMAR: Grammar = Grammar {
    version: "STSv1",
    begin: "v=STSv1;",
    stem: "sts",
    key: "id",
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
    key_case: &rules::ID_CASE,
    extension_name: &rules::EXTENSION_NAME,
    extension_value: &rules::EXTENSION_VALUE,
};

/// Reads one text, as if it stood alone at its name.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    if let Some(id) = plain(text) {
        return Parsed::clean(Record { id: id.to_owned(), extensions: Vec::new() });
    }
    let mut parsed = read(text);
    if parsed.ours && !parsed.findings.is_empty() {
        parsed.mend(corrected(parsed.value.as_ref()), still_found);
    }
    parsed
}

/// Reads all texts at the name: exactly one may begin with `v=STSv1;` if there are several.
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
    if plain(text).is_some() { Some(Vec::new()) } else { read(text).used() }
}

/// The id of a record as nearly everybody writes it, with nothing to find.
fn plain(text: &str) -> Option<&str> {
    GRAMMAR.plain(text).filter(|id| is_id(id))
}

/// Any text.
fn read(text: &str) -> Parsed<Record> {
    let Fields { value, more, extensions, mut findings, .. } = match GRAMMAR.read(text) {
        Ok(fields) => fields,
        Err(foreign) => return Parsed::foreign(foreign),
    };
    match value {
        Some(id) => check_id(text, id, &mut findings),
        None => findings.push(Finding::new(&rules::ID_MISSING)),
    }
    for repeated in more {
        findings.push(Finding::at(&rules::ID_REPEATED, repeated).with("value", repeated.of(text)));
    }
    let id = value.map(|id| id.of(text).to_owned());
    Parsed::judge(text, id.map(|id| Record { id, extensions }), findings)
}

const ID_LENGTH: usize = 32;

/// `1*32(ALPHA / DIGIT)`.
fn is_id(id: &str) -> bool {
    (1..=ID_LENGTH).contains(&id.len())
        && id.bytes().fold(true, |all, byte| all & byte.is_ascii_alphanumeric())
}

fn check_id(text: &str, span: Span, findings: &mut Vec<Finding>) {
    let id = span.of(text);
    if is_id(id) {
        return;
    }
    if id.is_empty() {
        findings.push(Finding::at(&rules::ID_EMPTY, span));
    }
    if id.chars().count() > ID_LENGTH {
        findings.push(
            Finding::at(&rules::ID_TOO_LONG, span).with("length", id.chars().count().to_string()),
        );
    }
    // What is not printable ASCII has a finding of its own.
    let odd = |c: char| matches!(c, ' ' | '\t') || c.is_ascii_punctuation();
    if let Some((at, found)) = ascii::first(id, odd) {
        let start = span.start + at;
        let finding = Finding::at(&rules::ID_CHARACTERS, start..start + 1);
        findings.push(finding.with("value", id).with("character", found));
    }
}

/// Any id will do, so that one can always be made: of what is left of the old one, or the first.
fn corrected(record: Option<&Record>) -> String {
    let (id, extensions) = record.map_or(("", &[][..]), |record| (&record.id, &record.extensions));
    let id: Cow<'_, str> = match id {
        _ if is_id(id) => id.into(),
        _ => id.chars().filter(char::is_ascii_alphanumeric).take(ID_LENGTH).collect(),
    };
    let mut text = String::with_capacity(64);
    let id = if id.is_empty() { "1" } else { &id };
    ["v=STSv1; id=", id, ";"].iter().for_each(|part| text += part);
    for (name, value) in extensions {
        [" ", name, "=", &fields::printable(value), ";"].iter().for_each(|part| text += part);
    }
    text
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{Record, parse, plain, read, read_set};
    use crate::{Parsed, ROOMY, Severity, Text};

    #[test]
    fn problems_are_all_found_where_they_are() {
        for (reason, text, expected) in [
            ("as it should be", "v=STSv1; id=1;", vec![]),
            ("white space around semicolons", "v=STSv1; \t id=1  \t; ", vec![]),
            ("an unknown field", "v=STSv1; a.b=c; id=1", vec![]),
            ("white space before the last semicolon", "v=STSv1; id=1 ;", vec![]),
            ("white space at the end", "v=STSv1; id=1 ", vec![("space-at-end", " ")]),
            ("white space at the start", " \tv=STSv1; id=1", vec![("space-at-start", " \t")]),
            ("before a semicolon", "v=STSv1 ; id=1", vec![("space-before-semicolon", " ")]),
            ("no version", "id=1", vec![("version-missing", "")]),
            ("another version", "v=STSv2; id=1", vec![("version-unknown", "v=STSv2")]),
            ("a version without a name", "STSv1; id=1", vec![("version-unknown", "STSv1")]),
            ("a capital letter", "V=STSv1; id=1", vec![("version-case", "V=STSv1")]),
            ("no id", "v=STSv1;", vec![("id-missing", "")]),
            ("an empty id", "v=STSv1; id=;", vec![("id-empty", "=")]),
            ("a second id", "v=STSv1; id=1; id=2", vec![("id-repeated", "2")]),
            ("nothing between", "v=STSv1; ; id=1", vec![("semicolon-doubled", " ;")]),
            ("no field", "v=STSv1; id=1; ab", vec![("equals-missing", "ab")]),
            ("no name", "v=STSv1; id=1; _a=b", vec![("extension-name", "_a")]),
            ("no value", "v=STSv1; id=1; a=", vec![("extension-value", "a")]),
            ("two of them", "v=STSv1; id=1; a=b=c", vec![("extension-value", "b=c")]),
            ("a date", "v=STSv1; id=2026-11-24", vec![("id-characters", "-")]),
            (
                "two at once",
                "v=STSv1; id=1.0;;",
                vec![("id-characters", "."), ("semicolon-doubled", ";")],
            ),
            ("a space for a semicolon", "v=STSv1 id=1", vec![("semicolon-missing", " ")]),
            ("spaced out", "v = STSv1; id=1", vec![("equals-spaced", " = ")]),
            ("capitals", "V=STSV1; ID=1", vec![("version-case", "V=STSV1"), ("id-case", "ID")]),
            ("quotes", "\"v=STSv1; id=1\"", vec![("quoted", "\"")]),
            ("the first alone", "\"v=STSv1; id=1", vec![("quoted", "\"")]),
            ("the last alone", "v=STSv1; id=1”", vec![("quoted", "”")]),
            ("smart quotes", "“v=STSv1; id=1”", vec![("quoted", "“")]),
            (
                "the other way round, with a space for a semicolon",
                "id=1 v=STSv1;",
                vec![("semicolon-missing", " "), ("version-not-first", "v=STSv1")],
            ),
            ("the other way round", "id=1; v=STSv1", vec![("version-not-first", "v=STSv1")]),
            ("no-break space", "v=STSv1;\u{a0}id=1", vec![("not-ascii", "\u{a0}")]),
            ("a line end", "v=STSv1; id=1\n", vec![("control-character", "\n")]),
            ("another kind", "v=spf1 -all", vec![("foreign", "v=spf1 -all")]),
            ("another kind with an id", "v=DMARC1; id=1", vec![("foreign", "v=DMARC1; id=1")]),
            ("no kind", "hello", vec![("foreign", "hello")]),
        ] {
            let text = Text::from(text);
            let parsed = parse(&text);
            let found: Vec<_> = parsed
                .findings
                .iter()
                .map(|finding| {
                    let code = finding.rule.code.rsplit('.').next().unwrap();
                    (code, finding.place.map_or("", |place| place.span.of(text.as_str())))
                })
                .collect();
            assert_eq!(found, expected, "{reason}");
            assert_eq!(parsed.usable, parsed.worst() != Some(Severity::Fail), "{reason}");
        }
    }

    #[test]
    fn a_plain_record_says_what_reading_all_of_it_says() {
        for (text, is_plain) in [
            ("v=STSv1; id=1;", true),
            ("v=STSv1; id=1", true),
            ("v=STSv1;id=1", true),
            ("v=STSv1; id=", false),
            ("v=STSv1; id==1", false),
            ("v=STSv1; id=1;;", false),
            ("v=STSv1; id=1; ", false),
            ("v=STSv1; id=1\"", false),
            ("v=STSv1;  id=1", false),
            ("v=STSv1; id=é", false),
        ] {
            let id = plain(text).map(str::to_owned);
            assert_eq!(id.is_some(), is_plain && ROOMY, "{text}");
            if let Some(id) = id {
                let extensions = Vec::new();
                assert_eq!(read(text), Parsed::clean(Record { id, extensions }), "{text}");
            }
        }
    }

    #[test]
    fn one_of_several_records_is_chosen_or_none() {
        let sound = "v=STSv1; id=1";
        for (reason, texts, expected) in [
            ("nothing", vec![], None),
            ("one", vec![sound], Some(0)),
            ("one among others", vec!["v=spf1 -all", sound], Some(1)),
            ("two", vec![sound, sound], None),
            ("alone, a space is no harm", vec!["v=STSv1 ; id=1"], Some(0)),
            ("among others, it is", vec!["v=STSv1 ; id=1", "x"], None),
            ("another version is skipped", vec!["v=STSv2; id=1", sound], Some(1)),
            ("broken", vec!["v=STSv1; id="], None),
        ] {
            let texts: Vec<Text> = texts.into_iter().map(Text::from).collect();
            let set = read_set(&texts);
            assert_eq!(set.chosen, expected, "{reason}");
            let fails = set.findings.iter().any(|finding| finding.rule.severity == Severity::Fail);
            assert_eq!(fails, expected.is_none() && !texts.is_empty(), "{reason}");
        }
    }

    #[test]
    fn an_id_has_at_most_32_characters() {
        for (length, expected) in [(32, None), (33, Some("33"))] {
            let text = format!("v=STSv1; id={}", "a".repeat(length));
            let parsed = parse(&text.as_str().into());
            let too_long = parsed.findings.first().map(|finding| finding.params[0].1.as_str());
            assert_eq!(too_long, expected);
        }
    }

    #[test]
    fn a_text_that_is_skipped_is_told_why() {
        for (texts, expected) in [
            (["v=STSv1; id=1", "v=STSv1 ; id="], vec!["unrelated"]),
            (["v=STSv1 ; id=1", "x"], vec!["space-before-semicolon", "discarded", "unrelated"]),
            (["x", "v=STSv1 ; id="], vec!["unrelated", "space-before-semicolon", "id-empty"]),
        ] {
            let findings = read_set(&texts.map(Text::from)).findings.into_iter();
            let found = findings.filter_map(|finding| finding.rule.code.rsplit('.').next());
            assert_eq!(found.collect::<Vec<_>>(), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_character_that_cannot_be_shown_is_named_by_its_number() {
        let parsed = parse(&"v=STSv1;\u{a0}id=1\u{7f}".into());
        let named: Vec<_> = parsed.findings.iter().map(|finding| &*finding.params[0].1).collect();
        assert_eq!(named, ["U+00A0", "U+007F"]);
    }

    #[test]
    fn whatever_a_stranger_publishes_is_read_to_its_end() {
        let text = "v=STSv1; id=1".to_owned() + &" a=b".repeat(16_000);
        assert_eq!(parse(&text.as_str().into()).findings.len(), 100);
    }

    #[test]
    fn what_is_plain_is_offered_as_a_fix() {
        for (text, fixed) in [
            ("\"v=STSv1; id=2026-11-24\"", "v=STSv1; id=20261124;"),
            ("v=STSv1", "v=STSv1; id=1;"),
            ("id=7; v=stsv1", "v=STSv1; id=7;"),
        ] {
            assert_eq!(parse(&text.into()).findings[0].fix.as_deref(), Some(fixed));
        }
    }
}

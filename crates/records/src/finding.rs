//! What a parser answers: a value, and the rules that applied with the bytes they are about.

use std::cmp::Reverse;
use std::ops::Range;

use serde::ser::{SerializeStruct, SerializeTuple};
use serde::{Serialize, Serializer};

use crate::{Rule, Severity};

/// The data that makes a finding's sentence specific, by the name of its `{placeholder}`.
pub type Params = Vec<(&'static str, String)>;

/// A range of bytes in the joined text of a record, its end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(type = "[number, number]"))]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to and without `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The text under this span.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(Range::from(self)).unwrap_or_default()
    }

    /// The same as bytes, which may be cut anywhere.
    #[inline]
    pub(crate) fn bytes(self, text: &str) -> &[u8] {
        text.as_bytes().get(Range::from(self)).unwrap_or_default()
    }

    /// Something to underline: where nothing stands, the character before it, else the one after.
    fn widened(self, text: &str) -> Self {
        if self.start < self.end {
            return self;
        }
        let (before, after) = text.split_at_checked(self.start).unwrap_or((text, ""));
        match (before.chars().next_back(), after.chars().next()) {
            (Some(before), _) => Self::new(self.start - before.len_utf8(), self.start),
            (None, after) => Self::new(self.start, self.start + after.map_or(0, char::len_utf8)),
        }
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

/// As `[start, end]`.
impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.start, self.end).serialize(serializer)
    }
}

/// Where a finding is: which of the records at a name, and which of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(feature = "types", ts(type = "[number, number, number]"))]
pub struct Place {
    /// The record's place in the set that was read, from 0.
    pub record: usize,
    /// The bytes of that record's joined text.
    pub span: Span,
}

/// As `[record, start, end]`.
impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(3)?;
        tuple.serialize_element(&self.record)?;
        tuple.serialize_element(&self.span.start)?;
        tuple.serialize_element(&self.span.end)?;
        tuple.end()
    }
}

/// A rule that applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[cfg_attr(
    feature = "types",
    ts(
        type = "{ rule: string, severity: Severity, section: string, place: Place | null, params: Record<string, string>, fix: string | null }"
    )
)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Where it applied; `None` if it is about something absent.
    pub place: Option<Place>,
    /// The data for its sentence.
    pub params: Params,
    /// The whole text as it should have been, where that is plain.
    pub fix: Option<String>,
}

/// As `{"rule", "severity", "section", "place", "params", "fix"}`.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Finding", 6)?;
        fields.serialize_field("rule", self.rule.code)?;
        fields.serialize_field("severity", &self.rule.severity)?;
        fields.serialize_field("section", self.rule.section)?;
        fields.serialize_field("place", &self.place)?;
        fields.serialize_field("params", &Data(&self.params))?;
        fields.serialize_field("fix", &self.fix)?;
        fields.end()
    }
}

/// Params as a map.
struct Data<'a>(&'a Params);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Finding {
    /// A finding about something that is not there, or about the whole.
    #[must_use]
    pub fn new(rule: &'static Rule) -> Self {
        Self::in_place(rule, None)
    }

    /// A finding about some bytes of the first record.
    #[must_use]
    pub fn at(rule: &'static Rule, span: impl Into<Span>) -> Self {
        Self::in_place(rule, Some(Place { record: 0, span: span.into() }))
    }

    #[inline(never)]
    fn in_place(rule: &'static Rule, place: Option<Place>) -> Self {
        Self { rule, place, params: Params::new(), fix: None }
    }

    /// A finding about a text of another kind, which tells how it starts.
    pub(crate) fn unlike(rule: &'static Rule, text: &str) -> Self {
        let start: String = text.chars().take(20).collect();
        Self::at(rule, 0..text.len()).with("start", start)
    }

    /// The same finding in the `record`th of a set.
    #[must_use]
    pub fn in_record(mut self, record: usize) -> Self {
        if let Some(place) = &mut self.place {
            place.record = record;
        }
        self
    }

    /// Adds a datum for the sentence's `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into()));
        self
    }

    /// Adds the corrected text.
    #[must_use]
    pub fn fixed(mut self, text: impl Into<String>) -> Self {
        self.fix = Some(text.into());
        self
    }
}

/// What was read from one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What it says, as far as it could be read; present even in some texts that no receiver uses.
    pub value: Option<T>,
    /// Whether the text claims to be of this kind at all.
    pub ours: bool,
    /// Whether a receiver that follows the standard would use it.
    pub usable: bool,
    /// Every rule that applied, in the order of the text.
    pub findings: Vec<Finding>,
}

/// More than anybody reads; hostile text must not become a report of any size.
const MAX_FINDINGS: usize = 100;

impl<T> Parsed<T> {
    /// A text with nothing to find in it.
    pub(crate) fn clean(value: T) -> Self {
        Self { value: Some(value), ours: true, usable: true, findings: Vec::new() }
    }

    /// A text that claims to be of its kind: it is usable if it has a value and no finding is a fail.
    pub(crate) fn judge(text: &str, value: Option<T>, findings: Vec<Finding>) -> Self {
        if findings.is_empty() {
            return Self { usable: value.is_some(), value, ours: true, findings };
        }
        let findings = ordered(text, findings);
        let fails = findings.iter().any(|finding| finding.rule.severity == Severity::Fail);
        Self { usable: value.is_some() && !fails, value, ours: true, findings }
    }

    /// A text of another kind, and the one finding that says so.
    pub(crate) fn foreign(finding: Finding) -> Self {
        Self { value: None, ours: false, usable: false, findings: vec![finding] }
    }

    /// What is found in a text that a receiver would use.
    pub(crate) fn used(self) -> Option<Vec<Finding>> {
        self.usable.then_some(self.findings)
    }

    /// Offers a corrected text with each finding that it cures, if a receiver would use it: if something
    /// tells what is found in it then.
    pub(crate) fn mend(&mut self, fixed: String, found: fn(&str) -> Option<Vec<Finding>>) {
        if let Some(staying) = found(&fixed) {
            offer(fixed, &mut self.findings, &staying);
        }
    }

    /// The same in the `record`th of a set.
    pub(crate) fn in_record(mut self, record: usize) -> Self {
        self.findings =
            self.findings.into_iter().map(|finding| finding.in_record(record)).collect();
        self
    }

    /// The worst of the findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.rule.severity).max()
    }
}

/// The findings in the order of the text, and no more of them than anybody reads.
fn ordered(text: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
    for place in findings.iter_mut().filter_map(|finding| finding.place.as_mut()) {
        place.span = place.span.widened(text);
    }
    findings.sort_by_key(|finding| Reverse(finding.rule.severity));
    findings.truncate(MAX_FINDINGS);
    findings.sort_by_key(|finding| (finding.place.is_none(), finding.place));
    findings
}

/// A corrected text, to each finding that does not stay.
fn offer(fixed: String, findings: &mut [Finding], staying: &[Finding]) {
    let is_cured = |finding: &&mut Finding| !staying.iter().any(|stays| stays.rule == finding.rule);
    let mut cured = findings.iter_mut().filter(is_cured);
    let first = cured.next();
    cured.for_each(|finding| finding.fix = Some(fixed.clone()));
    if let Some(finding) = first {
        finding.fix = Some(fixed);
    }
}

/// What was read from all the texts at one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSet<T> {
    /// The value that a receiver would use.
    pub value: Option<T>,
    /// The text that it is from.
    pub chosen: Option<usize>,
    /// Whether any of the texts claims to be of this kind.
    pub ours: bool,
    /// Rules about the set as a whole (several records where one is allowed, say), then those about
    /// each text, placed in its own record.
    pub findings: Vec<Finding>,
}

//! The grammar that MTA-STS and TLS-RPT records share: a version, then fields (RFC 8461 §3.1, RFC 8460 §3).
//!
//! ```text
//! record = version 1*(delim field) [delim]    delim = *WSP ";" *WSP
//! field  = name "=" value                     no space beside the "="
//! ```

use crate::ascii::{self, Set};
use crate::suggest::begins_like;
use crate::tags::{self, Tag};
use crate::{Finding, ROOMY, Rule, Span};

/// One record kind of this grammar: its words, and its own rules for what can be wrong.
pub(crate) struct Grammar {
    /// The version, without `v=`.
    pub(crate) version: &'static str,
    /// What a record begins with.
    pub(crate) begin: &'static str,
    /// What the version begins with in lower case: nobody writes that by accident.
    pub(crate) stem: &'static str,
    /// The field that the record is about.
    pub(crate) key: &'static str,
    pub(crate) foreign: &'static Rule,
    pub(crate) quoted: &'static Rule,
    pub(crate) space_at_start: &'static Rule,
    pub(crate) space_at_end: &'static Rule,
    pub(crate) not_ascii: &'static Rule,
    pub(crate) control_character: &'static Rule,
    pub(crate) version_missing: &'static Rule,
    pub(crate) version_not_first: &'static Rule,
    pub(crate) version_unknown: &'static Rule,
    pub(crate) version_case: &'static Rule,
    pub(crate) space_before_semicolon: &'static Rule,
    pub(crate) semicolon_missing: &'static Rule,
    pub(crate) semicolon_doubled: &'static Rule,
    pub(crate) equals_missing: &'static Rule,
    pub(crate) equals_spaced: &'static Rule,
    pub(crate) key_case: &'static Rule,
    pub(crate) extension_name: &'static Rule,
    pub(crate) extension_value: &'static Rule,
}

/// What was read of a record.
#[derive(Default)]
pub(crate) struct Fields {
    /// The value of the field that the record is about.
    pub(crate) value: Option<Span>,
    /// More of them.
    pub(crate) more: Vec<Span>,
    /// Other fields, as name and value.
    pub(crate) extensions: Vec<(String, String)>,
    pub(crate) findings: Vec<Finding>,
    /// Whether something stands without a name.
    pub(crate) has_nameless: bool,
}

impl Fields {
    /// The values of the field that the record is about.
    pub(crate) fn values(&self) -> impl Iterator<Item = Span> {
        self.value.into_iter().chain(self.more.iter().copied())
    }

    fn add(&mut self, value: Span) {
        match self.value {
            None => self.value = Some(value),
            Some(_) => self.more.push(value),
        }
    }
}

const QUOTES: &[char] = &['"', '\'', '“', '”', '„', '‘', '’', '`'];

impl Grammar {
    /// The value of a record as nearly everybody writes it, `v=STSv1; id=1;`, if it holds no semicolon,
    /// white space or quotation mark.
    #[inline]
    pub(crate) fn plain<'a>(&self, text: &'a str) -> Option<&'a str> {
        if !ROOMY {
            return None;
        }
        let rest = text.strip_prefix(self.begin)?;
        let rest = rest.strip_prefix(" ").unwrap_or(rest);
        let rest = rest.strip_prefix(self.key)?.strip_prefix("=")?;
        Some(rest.strip_suffix(";").unwrap_or(rest))
    }

    /// Reads a text; if it is of another kind, the finding that says so.
    pub(crate) fn read(&self, text: &str) -> Result<Fields, Finding> {
        if !self.is_meant(text) {
            return Err(Finding::unlike(self.foreign, text));
        }
        let body = Span::new(0, text.len());
        let (fields, has_version, miscased) = (Fields::default(), false, Vec::new());
        let mut reader = Reader { grammar: self, text, body, has_version, fields, miscased };
        reader.unwrap();
        reader.read();
        reader.judge_case();
        Ok(reader.fields)
    }

    /// Whether a text means to be of this kind, however badly it says so.
    fn is_meant(&self, text: &str) -> bool {
        let means = |tag: Tag| {
            let value = tag.value.map(|value| value.of(text)).unwrap_or_default();
            let name = tag.name.of(text).trim_start_matches(QUOTES);
            if name.eq_ignore_ascii_case("v") {
                ascii::mentions(value, self.stem)
            } else {
                name.eq_ignore_ascii_case(self.key) && !ascii::mentions(text, "v=")
            }
        };
        text.starts_with(self.begin)
            || ascii::mentions(text, self.version)
            || tags::read(text).any(means)
            || begins_like(text, self.version, 1).is_some()
    }

    /// Whether a piece means to be the version.
    fn is_version(&self, text: &str, tag: &Tag) -> bool {
        match tag.value {
            // Nothing else has such a value, whatever its name.
            Some(value) => {
                tag.name.of(text).eq_ignore_ascii_case("v")
                    || value.of(text).eq_ignore_ascii_case(self.version)
            }
            None => ascii::begins(tag.name.of(text), self.stem),
        }
    }
}

struct Reader<'a> {
    grammar: &'a Grammar,
    text: &'a str,
    /// The text without what people wrap around it.
    body: Span,
    has_version: bool,
    fields: Fields,
    /// Fields that differ from the one that the record is about in case only.
    miscased: Vec<(Span, Span)>,
}

impl Reader<'_> {
    fn find(&mut self, rule: &'static Rule, span: impl Into<Span>) {
        self.fields.findings.push(Finding::at(rule, span));
    }

    fn find_value(&mut self, rule: &'static Rule, span: Span, name: &'static str) {
        self.fields.findings.push(Finding::at(rule, span).with(name, span.of(self.text)));
    }

    /// Finds the record without what people wrap around it.
    fn unwrap(&mut self) {
        let start = self.text.bytes().take_while(is_white).count();
        if start > 0 {
            self.find(self.grammar.space_at_start, 0..start);
            self.body.start = start;
        }
        // Nearly every record is made of nothing else.
        if !ascii::is_made_of(self.text, Set::UNQUOTED) {
            self.unquote();
            self.check_characters();
        }
    }

    fn unquote(&mut self) {
        let bare = tags::trim(self.text, self.body);
        let within = bare.of(self.text);
        let opening = within.len() - within.trim_start_matches(QUOTES).len();
        let closing = within.len() - within.trim_end_matches(QUOTES).len();
        if opening + closing == 0 || opening == within.len() {
            return;
        }
        self.body = Span::new(bare.start + opening, bare.end - closing);
        let quote = if opening > 0 { bare.start..self.body.start } else { self.body.end..bare.end };
        self.find(self.grammar.quoted, quote);
    }

    /// RFC 8461 §3.1: records MUST be US-ASCII; of control characters the grammar knows TAB only.
    fn check_characters(&mut self) {
        let body = self.body;
        for (rule, meant) in [
            (self.grammar.not_ascii, (|c| !c.is_ascii()) as fn(char) -> bool),
            (self.grammar.control_character, |c| c.is_ascii_control() && c != '\t'),
        ] {
            let found = body.of(self.text).char_indices().filter(|(_, c)| meant(*c));
            for (at, found) in found {
                let start = body.start + at;
                let finding = Finding::at(rule, start..start + found.len_utf8());
                self.fields.findings.push(finding.with("character", name_character(found)));
            }
        }
    }

    fn read(&mut self) {
        let before = self.fields.findings.len();
        let Span { mut start, end } = self.body;
        if self.text.starts_with(self.grammar.begin) {
            self.has_version = true;
            start += self.grammar.begin.len();
        }
        for mut tag in tags::read_within(self.text, Span::new(start, end)) {
            while let Some((first, gap, rest)) = split_fused(self.text, &tag) {
                self.find(self.grammar.semicolon_missing, gap);
                self.read_tag(&first);
                tag = rest;
            }
            self.read_tag(&tag);
        }
        if !self.has_version {
            let expected = self.grammar.version;
            let missing = Finding::new(self.grammar.version_missing).with("expected", expected);
            self.fields.findings.insert(before, missing);
        }
    }

    fn read_tag(&mut self, tag: &Tag) {
        // Nothing but its semicolon stands behind the last one.
        let last = tag.piece.end + 1 >= self.body.end;
        if !self.has_version && self.grammar.is_version(self.text, tag) {
            self.has_version = true;
            self.read_version(tag);
        } else {
            self.read_piece(tag, last);
        }
        if last && !tag.terminated && !tag.is_blank() {
            self.check_end(Span::new(tag.trimmed().end, tag.piece.end));
        }
    }

    /// Nothing but a semicolon with white space around it may end the record.
    fn check_end(&mut self, rest: Span) {
        if rest.start < rest.end && rest.bytes(self.text).iter().all(is_white) {
            self.find(self.grammar.space_at_end, rest);
        }
    }

    fn read_version(&mut self, tag: &Tag) {
        let version = self.grammar.version;
        let value = tag.value.unwrap_or(tag.trimmed());
        let written = value.of(self.text);
        let name = tag.value.map(|_| tag.name.of(self.text));
        let exact = name == Some("v") && written == version;
        let spaces = Span::new(tag.trimmed().end, tag.piece.end);
        if tag.piece.start > self.body.start {
            self.find(self.grammar.version_not_first, tag.trimmed());
        } else if exact && tag.terminated && spaces.start < spaces.end {
            // The grammar allows it, but not the prose on several records: "begin with v=STSv1;" (erratum 6285).
            self.find(self.grammar.space_before_semicolon, spaces);
        }
        if tag.spaced_equals() {
            self.find(self.grammar.equals_spaced, self.around_equals(tag));
        }
        if !exact {
            let same = name.is_some() && written.eq_ignore_ascii_case(version);
            let rule = if same { self.grammar.version_case } else { self.grammar.version_unknown };
            let span = Span::new(tag.trimmed().start, value.end);
            let finding =
                Finding::at(rule, span).with("value", span.of(self.text)).with("expected", version);
            self.fields.findings.push(finding);
        }
    }

    fn read_piece(&mut self, tag: &Tag, last: bool) {
        match tag.value {
            // `*WSP ";" *WSP`: white space after the last semicolon belongs to it.
            None if tag.is_blank() && last && !tag.terminated => {}
            None if tag.is_blank() => {
                let semicolon = tag.piece.end + usize::from(tag.terminated);
                self.find(self.grammar.semicolon_doubled, tag.piece.start..semicolon);
            }
            None => {
                self.fields.has_nameless = true;
                self.find_value(self.grammar.equals_missing, tag.trimmed(), "field");
            }
            Some(value) => {
                if tag.spaced_equals() {
                    self.find(self.grammar.equals_spaced, self.around_equals(tag));
                }
                self.read_field(tag.name, value);
            }
        }
    }

    fn read_field(&mut self, name: Span, value: Span) {
        if name.of(self.text) == self.grammar.key {
            return self.fields.add(value);
        }
        let written = printable(name.of(self.text));
        if written == self.grammar.key {
            self.fields.add(value);
        } else if written.eq_ignore_ascii_case(self.grammar.key) {
            self.miscased.push((name, value));
        } else {
            self.read_extension(name, written, value);
        }
    }

    /// Beside the field itself, `ID=` is one that nobody knows; without it, it was meant.
    fn judge_case(&mut self) {
        let meant = self.fields.value.is_none();
        for (name, value) in std::mem::take(&mut self.miscased) {
            if meant {
                self.find_value(self.grammar.key_case, name, "field");
                self.fields.add(value);
            } else {
                self.read_extension(name, printable(name.of(self.text)), value);
            }
        }
    }

    /// An unknown field is ignored, but must have the form of one.
    fn read_extension(&mut self, name: Span, written: String, value: Span) {
        let content = value.of(self.text);
        if !is_name(&written) {
            self.find_value(self.grammar.extension_name, name, "field");
        } else if !is_value(content) {
            let span = if content.is_empty() { name } else { value };
            self.fields
                .findings
                .push(Finding::at(self.grammar.extension_value, span).with("field", written));
        } else {
            self.fields.extensions.push((written, content.to_owned()));
        }
    }

    fn around_equals(&self, tag: &Tag) -> Span {
        Span::new(tag.name.end, tag.value.map_or(tag.name.end, |value| value.start))
    }
}

/// `name=a other=b`: a semicolon is missing where the space is. The first field, the space, and the rest.
fn split_fused(text: &str, tag: &Tag) -> Option<(Tag, Span, Tag)> {
    let value = tag.value?;
    let within = value.bytes(text);
    ascii::find(within, b'=')?;
    let begins_field = |start: usize| {
        let rest = &within[start..];
        let name = rest.iter().take_while(|byte| Set::NAME.holds(**byte)).count();
        (1..=32).contains(&name) && rest[0].is_ascii_alphanumeric() && rest.get(name) == Some(&b'=')
    };
    let mut starts = (1..within.len()).filter(|start| is_white(&within[start - 1]));
    let (before, start) = starts.find_map(|start| {
        let before = begins_field(start).then(|| before_white(&within[..start]))?;
        // A comma goes on with the list.
        (!before.ends_with(b",")).then_some((before.len(), start))
    })?;
    let gap = Span::new(value.start + before, value.start + start);
    let first = Tag::of(text, Span::new(tag.piece.start, gap.start), false);
    let rest = Tag::of(text, Span::new(gap.end, tag.piece.end), tag.terminated);
    Some((first, gap, rest))
}

fn is_white(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn before_white(text: &[u8]) -> &[u8] {
    text.iter().rposition(|byte| !is_white(byte)).map_or(b"", |last| &text[..=last])
}

/// `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 32
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && ascii::is_made_of(name, Set::NAME)
}

/// `1*(%x21-3A / %x3C / %x3E-7E)`; a semicolon has ended it. Characters that are not printable ASCII have a finding of their own.
fn is_value(value: &str) -> bool {
    !value.is_empty() && !ascii::holds(value, b" \t=")
}

/// A character that cannot be shown as it is, by its number: `U+00A0`.
pub(crate) fn name_character(found: char) -> String {
    format!("U+{:04X}", u32::from(found))
}

/// What is left of a text without what has a finding of its own: control characters, and all that is not ASCII.
pub(crate) fn printable(text: &str) -> String {
    if ascii::is_made_of(text, Set::GRAPHIC) {
        return text.to_owned();
    }
    text.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect()
}

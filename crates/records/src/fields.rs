//! The grammar that MTA-STS and TLS-RPT records share: a version, then fields (RFC 8461 §3.1, RFC 8460 §3).
//!
//! ```text
//! record = version 1*(delim field) [delim]    delim = *WSP ";" *WSP
//! field  = name "=" value                     no space beside the "="
//! ```

use crate::ascii;
use crate::suggest::begins_like;
use crate::tags::{self, Tag};
use crate::{Finding, Rule, Span};

/// One record kind of this grammar: its words, and its own rules for what can be wrong.
pub(crate) struct Grammar {
    /// The version, without `v=`.
    pub(crate) version: &'static str,
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
const WSP: &[char] = &[' ', '\t'];

impl Grammar {
    /// Reads a text; if it is of another kind, the finding that says so.
    pub(crate) fn read(&self, text: &str) -> Result<Fields, Finding> {
        match self.read_plain(text) {
            Some(value) => Ok(Fields { value: Some(value), ..Fields::default() }),
            None => self.read_any(text),
        }
    }

    /// The value of a record as nearly everybody writes it: `v=STSv1; id=1;`, with nothing to find
    /// before and behind the value.
    fn read_plain(&self, text: &str) -> Option<Span> {
        let rest = text.strip_prefix("v=")?.strip_prefix(self.version)?.strip_prefix(';')?;
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let rest = rest.strip_prefix(self.key)?.strip_prefix('=')?;
        let value = rest.strip_suffix(';').unwrap_or(rest);
        let is_plain =
            |byte| matches!(byte, b'!'..=b'~') && !matches!(byte, b';' | b'"' | b'\'' | b'`');
        let start = text.len() - rest.len();
        value.bytes().all(is_plain).then(|| Span::new(start, start + value.len()))
    }

    fn read_any(&self, text: &str) -> Result<Fields, Finding> {
        if !self.is_meant(text) {
            return Err(Finding::unlike(self.foreign, text));
        }
        let mut reader =
            Reader { grammar: self, text, fields: Fields::default(), miscased: Vec::new() };
        let body = reader.unwrap();
        reader.check_characters(body);
        reader.read(body);
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
        let begins = text.strip_prefix("v=").is_some_and(|rest| rest.starts_with(self.version));
        begins
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

    /// The record without what people wrap around it.
    fn unwrap(&mut self) -> Span {
        let text = self.text;
        let start = text.len() - text.trim_start_matches(WSP).len();
        if start > 0 {
            self.find(self.grammar.space_at_start, 0..start);
        }
        let bare = tags::trim(text, Span::new(start, text.len()));
        let within = bare.of(text);
        let opening = within.len() - within.trim_start_matches(QUOTES).len();
        let closing = within.len() - within.trim_end_matches(QUOTES).len();
        if opening + closing == 0 || opening == within.len() {
            return Span::new(start, text.len());
        }
        let inner = Span::new(bare.start + opening, bare.end - closing);
        let quote = if opening > 0 { bare.start..inner.start } else { inner.end..bare.end };
        self.find(self.grammar.quoted, quote);
        inner
    }

    /// RFC 8461 §3.1: records MUST be US-ASCII; of control characters the grammar knows TAB only.
    fn check_characters(&mut self, body: Span) {
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

    fn read(&mut self, body: Span) {
        let (grammar, text) = (self.grammar, self.text);
        let version = pieces(text, body).position(|(tag, _)| grammar.is_version(text, &tag));
        if version.is_none() {
            let finding = Finding::new(grammar.version_missing).with("expected", grammar.version);
            self.fields.findings.push(finding);
        }
        let mut tags = pieces(text, body);
        let (mut index, mut next) = (0, tags.next());
        while let Some((tag, gap)) = next {
            next = tags.next();
            let last = next.is_none();
            if let Some(gap) = gap {
                self.find(grammar.semicolon_missing, gap);
            }
            if version == Some(index) {
                self.read_version(&tag, index == 0);
            } else {
                self.read_piece(&tag, last);
            }
            if last && !tag.terminated && !tag.is_blank() {
                self.check_end(Span::new(tag.trimmed().end, tag.piece.end));
            }
            index += 1;
        }
    }

    /// Nothing but a semicolon with white space around it may end the record.
    fn check_end(&mut self, rest: Span) {
        if rest.start < rest.end && rest.of(self.text).trim_matches(WSP).is_empty() {
            self.find(self.grammar.space_at_end, rest);
        }
    }

    fn read_version(&mut self, tag: &Tag, first: bool) {
        let Grammar { version, .. } = *self.grammar;
        let value = tag.value.unwrap_or(tag.trimmed());
        let written = value.of(self.text);
        let name = tag.value.map(|_| tag.name.of(self.text));
        let exact = name == Some("v") && written == version;
        let spaces = Span::new(tag.trimmed().end, tag.piece.end);
        if !first {
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
            None => self.find_value(self.grammar.equals_missing, tag.trimmed(), "field"),
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
            self.read_extension(name, value);
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
                self.read_extension(name, value);
            }
        }
    }

    /// An unknown field is ignored, but must have the form of one.
    fn read_extension(&mut self, name: Span, value: Span) {
        let (written, content) = (printable(name.of(self.text)), value.of(self.text));
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

/// The pieces between semicolons, and where one is missing behind a piece, the space in its place.
fn pieces(text: &str, body: Span) -> impl Iterator<Item = (Tag, Option<Span>)> {
    let mut tags = tags::read_within(text, body);
    let mut fused = None;
    std::iter::from_fn(move || {
        let tag = fused.take().or_else(|| tags.next())?;
        let Some((first, gap, rest)) = split_fused(text, &tag) else { return Some((tag, None)) };
        fused = Some(rest);
        Some((first, Some(gap)))
    })
}

/// `name=a other=b`: a semicolon is missing where the space is. The first field, the space, and the rest.
fn split_fused(text: &str, tag: &Tag) -> Option<(Tag, Span, Tag)> {
    let value = tag.value?;
    let within = value.of(text);
    if !within.bytes().any(|byte| matches!(byte, b' ' | b'\t')) {
        return None;
    }
    let begins_field = |at: usize| {
        let rest = &within[at..];
        let name = rest.bytes().take_while(|byte| is_name_byte(*byte)).count();
        is_name(&rest[..name]) && rest[name..].starts_with('=')
    };
    let starts = within.match_indices(WSP).map(|(at, space)| at + space.len());
    let (before, start) = starts.filter(|start| begins_field(*start)).find_map(|start| {
        let before = within[..start].trim_end_matches(WSP);
        // A comma goes on with the list.
        (!before.ends_with(',')).then_some((before.len(), start))
    })?;
    let gap = Span::new(value.start + before, value.start + start);
    let first = Tag::of(text, Span::new(tag.piece.start, gap.start), false);
    let rest = Tag::of(text, Span::new(gap.end, tag.piece.end), tag.terminated);
    Some((first, gap, rest))
}

/// `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}

/// `1*(%x21-3A / %x3C / %x3E-7E)`. Characters that are not printable ASCII have a finding of their own.
fn is_value(value: &str) -> bool {
    !value.is_empty() && !ascii::holds(value, &[' ', '\t', '=', ';'])
}

/// A character that cannot be shown as it is, by its number: `U+00A0`.
pub(crate) fn name_character(found: char) -> String {
    format!("U+{:04X}", u32::from(found))
}

/// What is left of a text without what has a finding of its own: control characters, and all that is not ASCII.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use crate::mta_sts::record::GRAMMAR;

    #[test]
    fn a_plain_record_says_what_reading_all_of_it_says() {
        for (text, is_plain) in [
            ("v=STSv1; id=1;", true),
            ("v=STSv1; id=1", true),
            ("v=STSv1; id=", true),
            ("v=STSv1; id==:1", true),
            ("v=STSv1; id=1;;", false),
            ("v=STSv1; id=1; ", false),
            ("v=STSv1; id=1\"", false),
            ("v=STSv1;id=1", true),
            ("v=STSv1;  id=1", false),
            ("v=STSv1; id=é", false),
        ] {
            let plain = GRAMMAR.read_plain(text);
            assert_eq!(plain.is_some(), is_plain, "{text}");
            let Some(plain) = plain else { continue };
            let all = GRAMMAR.read_any(text).unwrap_or_else(|_| unreachable!("{text}"));
            assert_eq!((all.value, all.more.len()), (Some(plain), 0), "{text}");
            assert!(all.extensions.is_empty() && all.findings.is_empty(), "{text}");
        }
    }
}

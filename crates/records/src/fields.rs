//! The grammar that MTA-STS and TLS-RPT records share: a version, then fields (RFC 8461 §3.1, RFC 8460 §3).

use crate::tags::{self, Tag};
use crate::{Finding, Rule, Span};

/// A record kind of this grammar: its version, and the rules of its own table.
pub(crate) struct Grammar {
    /// `v=STSv1` or `v=TLSRPTv1`, exactly.
    pub(crate) version: &'static str,
    pub(crate) version_malformed: &'static Rule,
    pub(crate) space_before_semicolon: &'static Rule,
    pub(crate) field_empty: &'static Rule,
    pub(crate) field_malformed: &'static Rule,
    pub(crate) space_at_end: &'static Rule,
    pub(crate) extension_malformed: &'static Rule,
}

/// What a text claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It begins with the version and a semicolon.
    Exact,
    /// It begins with the version, without a semicolon right behind it.
    Loose,
    /// It means the version, and does not begin with it.
    Misspelled,
    /// It is something else.
    Other,
}

impl Grammar {
    /// What a text claims to be; only [`Claim::Exact`] survives the selection among several (RFC 8461 §3.1).
    pub(crate) fn claim(&self, text: &str) -> Claim {
        match text.strip_prefix(self.version) {
            Some(rest) if rest.starts_with(';') => Claim::Exact,
            Some(rest) if rest.is_empty() || rest.starts_with([' ', '\t']) => Claim::Loose,
            _ if self.means_version(text) => Claim::Misspelled,
            _ => Claim::Other,
        }
    }

    /// `V=STSV1`, `v = STSv1`, `"v=STSv1`, `STSv1`, `v=STSv2`: nobody writes that by accident.
    fn means_version(&self, text: &str) -> bool {
        let first = text.split(';').next().unwrap_or_default();
        let bare: String = first.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let (_, name) = self.version.split_once('=').unwrap_or_default();
        let name = name.trim_end_matches('1').to_ascii_lowercase();
        bare.strip_prefix('v').unwrap_or(&bare).starts_with(&name)
    }

    /// The fields behind the version, and what is wrong with their form.
    pub(crate) fn fields(&self, text: &str, findings: &mut Vec<Finding>) -> Vec<Tag> {
        let mut tags = tags::read(text);
        if let Some(version) = tags.next() {
            self.check_version(text, version, findings);
        }
        let mut fields: Vec<Tag> = tags.collect();
        self.check_end(text, &mut fields, findings);
        for field in &fields {
            self.check_form(text, field, findings);
        }
        fields.retain(|field| field.value.is_some());
        fields
    }

    fn check_version(&self, text: &str, version: Tag, findings: &mut Vec<Finding>) {
        let piece = version.piece.of(text);
        if piece.trim_end_matches([' ', '\t']) != self.version {
            findings.push(Finding::at(self.version_malformed, version.trimmed()).with("expected", self.version));
        } else if piece != self.version {
            // The grammar allows it, and the selection's prose does not (erratum 6285).
            let spaces = Span::new(version.piece.start + self.version.len(), version.piece.end);
            findings.push(Finding::at(self.space_before_semicolon, spaces));
        }
    }

    /// One semicolon may end the record, and nothing follows it (RFC 8461 §3.1 `[sts-field-delim]`).
    fn check_end(&self, text: &str, fields: &mut Vec<Tag>, findings: &mut Vec<Finding>) {
        let Some(last) = fields.last().copied() else { return };
        let after_semicolon = last.is_blank() && !last.terminated;
        if after_semicolon {
            // `sts-field-delim = *WSP ";" *WSP`: white space after the last semicolon is part of it.
            fields.pop();
        } else if !last.terminated && last.trimmed().end < text.len() {
            findings.push(Finding::at(self.space_at_end, last.trimmed().end..text.len()));
        }
    }

    fn check_form(&self, text: &str, field: &Tag, findings: &mut Vec<Finding>) {
        if field.is_blank() {
            findings.push(Finding::at(self.field_empty, field.piece));
        } else if field.value.is_none() || field.spaced_equals() || !is_trimmed(text, field) {
            let shown = field.trimmed();
            findings.push(Finding::at(self.field_malformed, shown).with("field", shown.of(text)));
        }
    }

    /// An unknown field is ignored, but must have the form of one (RFC 8461 §3.1 `sts-ext-name`, `sts-ext-value`).
    pub(crate) fn check_extension(&self, text: &str, field: &Tag, findings: &mut Vec<Finding>) {
        let (name, value) = (field.name.of(text), field.value.map(|value| value.of(text)).unwrap_or_default());
        if !is_extension_name(name) || value.is_empty() || !value.bytes().all(is_extension_octet) {
            findings.push(Finding::at(self.extension_malformed, field.trimmed()).with("field", field.trimmed().of(text)));
        }
    }
}

/// Only spaces and tabs may stand around a field; line ends may not.
fn is_trimmed(text: &str, field: &Tag) -> bool {
    let outside = [Span::new(field.piece.start, field.trimmed().start), Span::new(field.trimmed().end, field.piece.end)];
    outside.iter().all(|span| !span.of(text).contains(['\r', '\n']))
}

/// `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`.
pub(crate) fn is_extension_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// `%x21-3A / %x3C / %x3E-7E`: printable, without `;` and `=`.
fn is_extension_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b';' && byte != b'='
}

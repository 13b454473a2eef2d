//! What was found, drawn for a person.

use std::io::{self, Write};

use mxray_records::texts::{Texts, fill};
use mxray_records::{Finding, Place, Severity, Span, harmless};

use super::source::{Document, Found, Linted};
use crate::draw::{Layout, Source, draw};
use crate::senders;

/// More would not be read, and the first ones are the worst.
const MAX_DRAWN: usize = 20;

/// Draws each finding, and sums up.
///
/// # Errors
/// The writer's.
pub(super) fn write(
    mut out: impl Write,
    document: &Document,
    linted: &Linted,
    texts: &Texts,
) -> io::Result<()> {
    for found in linted.found.iter().take(MAX_DRAWN) {
        writeln!(out, "{}\n", drawn(document, found, texts))?;
    }
    let more = linted.found.len().saturating_sub(MAX_DRAWN);
    if more > 0 {
        let more = ("more", more.to_string());
        writeln!(out, "{}\n", fill(texts.word("lint.more"), &[more]))?;
    }
    let name = harmless(&document.name);
    match &linted.about {
        Some((owner, kind)) => writeln!(out, "{name}: {owner} {kind}: {}", summary(linted, texts)),
        None => writeln!(out, "{name}: {}", summary(linted, texts)),
    }?;
    match &linted.senders {
        Some(rows) => write!(out, "\n{}", senders::Human { rows, texts }),
        None => Ok(()),
    }
}

fn drawn(document: &Document, Found { finding, spot, .. }: &Found, texts: &Texts) -> String {
    // From its line on, so that a long document is not read again for each.
    let (first_line, start) = match document.layout {
        Layout::Records => (1, 0),
        Layout::Lines => document.line(spot.map_or(0, |spot| spot.start)),
    };
    let text = &document.content[start..];
    let source =
        Source { origin: &document.name, texts: &[text], layout: document.layout, first_line };
    let place =
        spot.map(|spot| Place { record: 0, span: Span::new(spot.start - start, spot.end - start) });
    draw(texts, &Finding { place, ..finding.clone() }, Some(source))
}

/// Says that a zone holds nothing that could be linted.
///
/// # Errors
/// The writer's.
pub(super) fn write_nothing(
    mut out: impl Write,
    document: &Document,
    texts: &Texts,
) -> io::Result<()> {
    writeln!(out, "{}: {}", harmless(&document.name), texts.word("lint.nothing"))
}

fn summary(linted: &Linted, texts: &Texts) -> String {
    let usable = texts.word(if linted.usable { "lint.usable" } else { "lint.unusable" });
    let counts = [
        (Severity::Fail, "lint.one.fail", "lint.fails"),
        (Severity::Warning, "lint.one.warning", "lint.warnings"),
        (Severity::Notice, "lint.one.notice", "lint.notices"),
    ];
    let counts = counts.into_iter().filter_map(|(severity, one, several)| {
        let of_it = |found: &&Found| found.finding.rule.severity == severity;
        match linted.found.iter().filter(of_it).count() {
            0 => None,
            1 => Some(texts.word(one).to_owned()),
            count => Some(fill(texts.word(several), &[("count", count.to_string())])),
        }
    });
    let counts: Vec<_> = counts.collect();
    if counts.is_empty() {
        format!("{usable}, {}", texts.word("lint.clean"))
    } else {
        format!("{usable}; {}", counts.join(", "))
    }
}

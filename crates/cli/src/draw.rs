//! Findings, drawn as a compiler draws its messages.

use std::iter;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Renderer, Snippet};
use mxray_records::texts::Texts;
use mxray_records::{Finding, Rule, Severity, Span, harmless};

/// A text that a finding is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// Where it comes from: a file, or a name in DNS.
    pub(crate) origin: &'a str,
    /// The text, or one for each record at a name.
    pub(crate) texts: &'a [&'a str],
    /// What counts as a line.
    pub(crate) layout: Layout,
    /// The number of its first line.
    pub(crate) first_line: usize,
}

/// What counts as a line of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Each record is a line, whatever it holds.
    Records,
    /// The lines of the one text.
    Lines,
}

/// Draws a finding; in colors, which the output strips where they are not wanted.
pub(crate) fn draw(texts: &Texts, finding: &Finding, source: Option<Source<'_>>) -> String {
    let title = harmless(&texts.say(finding, |rule| &rule.title)).into_owned();
    let exact = harmless(&texts.say(finding, |rule| &rule.exact)).into_owned();
    let title =
        Group::with_title(level(texts, finding.rule).primary_title(title).id(finding.rule.code));
    let notes = iter::once(finding.rule.section.to_owned()).chain(help(texts, finding));
    let renderer = Renderer::styled();
    match excerpt(finding, source) {
        Some(excerpt) => {
            renderer.render(&[title.element(excerpt.snippet(exact)).elements(notes.map(note))])
        }
        // The library would draw an empty margin for the source that is not there.
        None => iter::once(exact).chain(notes).fold(renderer.render(&[title]), |drawn, note| {
            format!("{drawn}\n  = {}", note.replace('\n', "\n    "))
        }),
    }
}

fn note(text: String) -> Message<'static> {
    Level::NOTE.no_name().message(text)
}

fn level(texts: &Texts, rule: &Rule) -> Level<'static> {
    let (level, key) = match rule.severity {
        Severity::Fail => (Level::ERROR, "verdict.fail"),
        Severity::Warning => (Level::WARNING, "verdict.warning"),
        Severity::Notice => (Level::NOTE, "verdict.notice"),
    };
    level.with_name(texts.word(key).to_owned())
}

/// What to do, and the corrected text if it is known.
fn help(texts: &Texts, finding: &Finding) -> impl Iterator<Item = String> {
    let fix = texts.say(finding, |rule| &rule.fix);
    let help = format!("{}: {}", texts.word("draw.help"), harmless(&fix));
    iter::once(help).chain(finding.fix.as_deref().map(|fix| corrected(texts, fix)))
}

/// The corrected text, each of its lines as it should be.
pub(crate) fn corrected(texts: &Texts, text: &str) -> String {
    let write = texts.word("draw.write");
    let lines: Vec<_> = text.lines().map(harmless).collect();
    match lines.as_slice() {
        [line] => format!("{write}: {line}"),
        lines => format!("{write}:\n{}", lines.join("\n")),
    }
}

/// The line that a finding is about, harmless, and the bytes of it that are meant.
#[derive(Debug, PartialEq, Eq)]
struct Excerpt {
    origin: String,
    number: usize,
    line: String,
    span: Span,
}

impl Excerpt {
    fn snippet(self, label: String) -> Snippet<'static, Annotation<'static>> {
        let annotation = AnnotationKind::Primary.span(self.span.into()).label(label);
        Snippet::source(self.line).path(self.origin).line_start(self.number).annotation(annotation)
    }
}

fn excerpt(finding: &Finding, source: Option<Source<'_>>) -> Option<Excerpt> {
    let (place, source) = (finding.place?, source?);
    let text = *source.texts.get(place.record)?;
    let (number, line) = match source.layout {
        Layout::Records => (place.record, Span::new(0, text.len())),
        Layout::Lines => line_at(text, place.span.start),
    };
    let start = place.span.start.clamp(line.start, line.end);
    let end = place.span.end.clamp(start, line.end);
    let [before, meant, after] = [(line.start, start), (start, end), (end, line.end)]
        .map(|(start, end)| harmless(Span::new(start, end).of(text)));
    Some(Excerpt {
        origin: harmless(source.origin).into_owned(),
        number: source.first_line + number,
        span: Span::new(before.len(), before.len() + meant.len()),
        line: [before, meant, after].concat(),
    })
}

/// The number of the line that a byte is in, from 0, and its bytes without its end.
fn line_at(text: &str, byte: usize) -> (usize, Span) {
    let bytes = text.as_bytes();
    let before = &bytes[..byte.min(bytes.len())];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let length = bytes[start..].iter().position(|byte| *byte == b'\n');
    let end = length.map_or(bytes.len(), |length| start + length);
    let end = if length.is_some() && bytes[start..end].ends_with(b"\r") { end - 1 } else { end };
    (before.iter().filter(|byte| **byte == b'\n').count(), Span::new(start, end))
}

#[cfg(test)]
mod tests {
    use mxray_records::{Finding, Rule, Severity, Span};

    use super::{Excerpt, Layout, Source, excerpt};

    static RULE: Rule =
        Rule { code: "example.rule", severity: Severity::Fail, section: "RFC 8461 §3.2" };

    fn excerpt_of(
        layout: Layout,
        text: &str,
        span: std::ops::Range<usize>,
    ) -> (usize, String, String) {
        let source = Source { origin: "there", texts: &[text], layout, first_line: 1 };
        let Excerpt { number, line, span, .. } =
            excerpt(&Finding::at(&RULE, span), Some(source)).unwrap();
        let meant = span.of(&line).to_owned();
        (number, line, meant)
    }

    #[test]
    fn an_excerpt_is_the_line_that_is_meant() {
        use Layout::{Lines, Records};
        for (reason, layout, text, span, expected) in [
            ("the first line", Lines, "ab\ncd\n", 0..2, (1, "ab", "ab")),
            ("the second", Lines, "ab\ncd\n", 4..5, (2, "cd", "d")),
            ("a line that ends in CRLF", Lines, "ab\r\ncd\r\n", 4..6, (2, "cd", "cd")),
            (
                "a CR that ends nothing is shown",
                Lines,
                "a\rb\ncd",
                0..3,
                (1, "a\\u{d}b", "a\\u{d}b"),
            ),
            ("a blank line", Lines, "ab\n\ncd\n", 3..4, (2, "", "")),
            ("several lines: the first of them", Lines, "ab\ncd\n", 1..5, (1, "ab", "b")),
            ("after the end", Lines, "ab\n", 3..3, (2, "", "")),
            ("a record is one line", Records, "a\nb", 2..3, (1, "a\\u{a}b", "b")),
            (
                "what is shown longer is underlined longer",
                Records,
                "a\u{1b}b",
                1..2,
                (1, "a\\u{1b}b", "\\u{1b}"),
            ),
            ("a span beyond the text", Records, "ab", 1..9, (1, "ab", "b")),
        ] {
            let (number, line, meant) = expected;
            assert_eq!(
                excerpt_of(layout, text, span),
                (number, line.to_owned(), meant.to_owned()),
                "{reason}"
            );
        }
    }

    #[test]
    fn the_number_of_a_record_is_its_line() {
        let source = Source {
            origin: "there",
            texts: &["one", "two"],
            layout: Layout::Records,
            first_line: 1,
        };
        let finding = Finding::at(&RULE, 0..3).in_record(1);
        let expected = Excerpt {
            origin: "there".into(),
            number: 2,
            line: "two".into(),
            span: Span::new(0, 3),
        };
        assert_eq!(excerpt(&finding, Some(source)), Some(expected));
    }
}

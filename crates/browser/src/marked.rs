//! Where to underline a text: its parts, and the bytes that findings are about.

use mxray_records::{Severity, Span, harmless};

/// Some bytes of a text, and the finding that is about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The bytes.
    pub span: Span,
    /// How bad it is.
    pub severity: Severity,
    /// Where on the page the finding stands.
    pub target: String,
}

/// What a text is, by which its line ends are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A record, which has no lines: a line end is a character that does not belong there.
    Record,
    /// A file of lines.
    Lines,
}

/// A part of the text with one mark at most; an empty one stands where something is missing.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The part.
    pub text: &'a str,
    /// What is about it.
    pub mark: Option<&'a Mark>,
}

/// The parts of a text between the ends of all marks.
pub fn pieces<'a>(text: &'a str, marks: &'a [Mark]) -> Vec<Piece<'a>> {
    let ends = marks.iter().flat_map(|mark| [mark.span.start, mark.span.end]);
    let mut cuts: Vec<usize> = ends.filter(|&at| text.is_char_boundary(at)).collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces = Vec::new();
    for (index, &start) in cuts.iter().enumerate() {
        let missing = marks.iter().find(|mark| mark.span == Span::new(start, start));
        pieces.extend(missing.map(|mark| Piece { text: "", mark: Some(mark) }));
        if let Some(&end) = cuts.get(index + 1) {
            let over = marks.iter().filter(|mark| mark.span.start <= start && end <= mark.span.end);
            // The first of the worst.
            let mark = over.min_by_key(|mark| std::cmp::Reverse(mark.severity));
            pieces.push(Piece { text: &text[start..end], mark });
        }
    }
    pieces
}

impl Layout {
    /// Every character that cannot be seen is shown as what it is, but for the ends of lines.
    pub fn shown(self, text: &str) -> String {
        match self {
            Self::Record => harmless(text).into_owned(),
            Self::Lines => {
                let line =
                    |line: &str| harmless(line.strip_suffix('\r').unwrap_or(line)).into_owned();
                let lines: Vec<String> = text.split('\n').map(line).collect();
                lines.join("\n")
            }
        }
    }

    /// The same, with something to see where a line end alone is meant.
    pub fn marked(self, text: &str) -> String {
        let shown = self.shown(text);
        let is_end = !shown.is_empty() && shown.trim_end_matches('\n').is_empty();
        if is_end { ["↵", &shown].concat() } else { shown }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use mxray_records::{Severity, Span};

    use super::{Layout, Mark, pieces};

    fn mark(start: usize, end: usize, severity: Severity) -> Mark {
        Mark { span: Span::new(start, end), severity, target: format!("{start}-{end}") }
    }

    #[test]
    fn the_text_is_cut_where_marks_begin_and_end() {
        use Severity::{Fail, Notice, Warning};
        for (reason, marks, expected) in [
            ("no mark", vec![], vec![("abcdef", None)]),
            (
                "one in the middle",
                vec![mark(2, 4, Fail)],
                vec![("ab", None), ("cd", Some("2-4")), ("ef", None)],
            ),
            ("all of it", vec![mark(0, 6, Fail)], vec![("abcdef", Some("0-6"))]),
            (
                "the worse of two that overlap",
                vec![mark(0, 4, Notice), mark(2, 6, Warning)],
                vec![("ab", Some("0-4")), ("cd", Some("2-6")), ("ef", Some("2-6"))],
            ),
            (
                "something missing at the end",
                vec![mark(6, 6, Fail)],
                vec![("abcdef", None), ("", Some("6-6"))],
            ),
            ("beyond the end", vec![mark(4, 9, Fail)], vec![("abcd", None), ("ef", Some("4-9"))]),
        ] {
            let found = pieces("abcdef", &marks);
            let found: Vec<_> = found
                .iter()
                .map(|piece| (piece.text, piece.mark.map(|mark| mark.target.as_str())))
                .collect();
            assert_eq!(found, expected, "{reason}");
        }
    }

    #[test]
    fn lines_stay_lines_and_the_rest_is_shown_as_what_it_is() {
        use Layout::{Lines, Record};
        for (reason, layout, text, expected) in [
            ("lines of a file", Lines, "a: b\r\nc\u{7}\u{202e}\n", "a: b\nc\\u{7}\\u{202e}\n"),
            ("a line end in a record", Record, "a\r\nb", "a\\u{d}\\u{a}b"),
        ] {
            assert_eq!(layout.shown(text), expected, "{reason}");
        }
        assert_eq!(Lines.marked("\r\n"), "↵\n", "nothing but a line end");
        assert_eq!(Lines.marked("a\n"), "a\n");
    }
}

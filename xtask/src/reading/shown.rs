//! Records and files as a page for reading shows them: character by character, what is meant underlined.

use mxray_records::{Finding, Severity, Span, harmless};

use super::markup::{Element, element};

/// A text, with what the finding is about underlined if it is about this record of a set.
pub(crate) fn marked(text: &str, record: usize, found: Option<&Finding>) -> Element {
    let place = |finding: &Finding| finding.place.filter(|place| place.record == record);
    let Some((finding, place)) = found.and_then(|found| Some((found, place(found)?))) else {
        return pre(text);
    };
    let Span { start, end } = place.span;
    let [before, meant, after] =
        [0..start, start..end, end..text.len()].map(|range| text.get(range).unwrap_or_default());
    let mark = element("mark").class(format!("is-{}", word(finding.rule.severity)));
    let code = element("code").text(lines(before)).with(mark.text(visible(meant)));
    element("pre").with(code.text(lines(after)))
}

pub(crate) fn pre(text: &str) -> Element {
    element("pre").with(element("code").text(lines(text)))
}

/// The sign of the page's style sheet; the word beside it says the same.
pub(crate) fn badge(severity: Severity) -> Element {
    element("span").class(format!("badge is-{}", word(severity))).set("aria-hidden", "true")
}

/// What a severity is called in keys and class names.
pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "fail",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    }
}

/// The text with every character that cannot be seen as what it is, but for the ends of lines.
fn lines(text: &str) -> String {
    let line = |line: &str| harmless(line.strip_suffix('\r').unwrap_or(line)).into_owned();
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The same, with something to see where all of it is white.
fn visible(text: &str) -> String {
    let sign = |c| match c {
        ' ' | '\u{a0}' => "␣".to_owned(),
        '\n' => "↵\n".to_owned(),
        other => harmless(&String::from(other)).into_owned(),
    };
    if text.trim().is_empty() { text.chars().map(sign).collect() } else { lines(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown_as_what_it_is() {
        for (reason, text, expected) in [
            ("lines stay lines", "a: b\r\nc\u{7}\n", "a: b\nc\\u{7}\n"),
            ("a blank line", "\n", "↵\n"),
            ("spaces", "  ", "␣␣"),
            ("a tab", "\t", "\\u{9}"),
        ] {
            assert_eq!(visible(text), expected, "{reason}");
        }
    }
}

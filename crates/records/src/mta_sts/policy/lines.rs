//! A policy's lines, and each line's key and value.

use crate::{Span, tags};

/// What ends a line, or begins its end.
pub(super) const LINE_ENDS: &[char] = &['\r', '\n'];

/// One line without its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) span: Span,
    /// Carriage returns that no newline follows at once.
    pub(super) stray_return: Option<Span>,
}

/// Cuts a text into lines. They end with LF or CRLF (RFC 8461 §3.2 `sts-policy-term`);
/// a lone CR ends one, too, so that a text with nothing but these can be read.
pub(super) fn cut(body: &str) -> impl Iterator<Item = Line> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        if rest >= body.len() {
            return None;
        }
        let after = &body[rest..];
        let length =
            after.bytes().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(after.len());
        let span = Span::new(rest, rest + length);
        let ending = &after[length..];
        let returns = ending.len() - ending.trim_start_matches('\r').len();
        let newline = usize::from(ending[returns..].starts_with('\n'));
        rest = span.end + returns + newline;
        let stray = Span::new(span.end, span.end + returns.saturating_sub(newline));
        Some(Line { span, stray_return: (stray.start < stray.end).then_some(stray) })
    })
}

/// A line's two parts, without white space around them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) key: Span,
    /// The colon, or what stands for it.
    pub(super) separator: Span,
    pub(super) value: Span,
}

/// Cuts a line at its first colon, or at an equals sign that stands for it.
pub(super) fn split(body: &str, line: Span) -> Option<Field> {
    let text = line.of(body);
    let equals = text.find('=').filter(|at| is_key(&text[..*at]));
    let at = line.start + equals.or_else(|| text.find(':'))?;
    Some(Field {
        key: tags::trim(body, Span::new(line.start, at)),
        separator: Span::new(at, at + 1),
        value: tags::trim(body, Span::new(at + 1, line.end)),
    })
}

fn is_key(text: &str) -> bool {
    super::KEYS.contains(&text.trim().to_ascii_lowercase().as_str())
}

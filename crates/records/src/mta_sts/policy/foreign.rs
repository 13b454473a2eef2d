//! What is served in place of a policy: one finding for the whole, not one a line.

use std::ops::Range;

use super::{MAX_SIZE, rules};
use crate::ascii;
use crate::suggest::nearest;
use crate::{Finding, Rule};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// What the text is, if it is no policy.
pub(super) fn find(body: &str) -> Option<Finding> {
    let text = body.trim_start_matches(BYTE_ORDER_MARK).trim_start();
    let rule: &'static Rule = if body.len() > MAX_SIZE {
        return Some(Finding::new(&rules::TOO_LARGE).with("size", body.len().to_string()));
    } else if text.is_empty() {
        &rules::EMPTY
    } else if text.starts_with("{\\rtf") {
        &rules::RTF
    } else if text.starts_with('<') {
        &rules::HTML
    } else if is_record(text) {
        &rules::RECORD_TEXT
    } else if !text.lines().any(is_field) {
        &rules::FOREIGN
    } else {
        return None;
    };
    Some(Finding::at(rule, first_line(body, text)))
}

/// The line that the text begins with; all of a body without one.
fn first_line(body: &str, text: &str) -> Range<usize> {
    if text.is_empty() {
        return 0..body.len();
    }
    let start = body.len() - text.len();
    start..start + ascii::until(text, b"\r\n").len()
}

fn is_record(text: &str) -> bool {
    let start: String = text.chars().filter(|c| !c.is_whitespace() && *c != '"').take(5).collect();
    start.eq_ignore_ascii_case("v=sts")
}

/// Whether some known key stands before a separator, however badly it is written.
fn is_field(line: &str) -> bool {
    let key = line.split(&[':', '=', ' ', '\t', '\r'][..]).find(|word| !word.is_empty());
    key.is_some_and(|key| nearest(key, &super::KEYS).is_some())
}

/// The policy behind a site generator's header: `---`, some lines, `---`.
pub(super) fn behind_front_matter(body: &str) -> Option<&str> {
    let text =
        Some(body).filter(|body| body.len() <= MAX_SIZE)?.trim_start_matches(BYTE_ORDER_MARK);
    let (_, after) = text.split_once('\n').filter(|(first, _)| first.trim_end() == "---")?;
    let mut rest = after;
    while let Some((line, next)) = rest.split_once('\n') {
        if line.trim_end() == "---" {
            return Some(next);
        }
        rest = next;
    }
    Some(after)
}

//! What was meant by a policy that is wrapped in something else.

use super::characters::plain;
use crate::mta_sts::policy::KEYS;
use crate::{ascii, mta_sts};

/// The policy in a web page, in a word processor's file, or in one line.
pub(super) fn meant(body: &str) -> Option<String> {
    let start = body.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let text = match () {
        () if start.starts_with("{\\rtf") => without_rtf(start),
        () if start.starts_with('<') => without_tags(start),
        // Line ends as a program's source writes them.
        () => body.replace("\\r", "").replace("\\n", "\n"),
    };
    let text = lines(&text);
    mta_sts::policy::parse(&text).ours.then_some(text)
}

/// The lines that begin with a key, and a new one before each key within a line.
fn lines(text: &str) -> String {
    let begins = |rest: &str| {
        let key = KEYS.iter().find(|key| ascii::begins(rest, key));
        key.is_some_and(|key| rest[key.len()..].trim_start().starts_with(':'))
    };
    let mut made = String::new();
    for line in text.lines().map(plain) {
        let mut start = 0;
        let mut keep = |piece: &str| {
            let piece = piece.trim_matches([' ', ',', ';', '"', '\'', '\\', '{', '}']);
            if begins(piece) {
                made.extend([piece, "\n"]);
            }
        };
        for (at, _) in line.match_indices([' ', ',', ';']) {
            if begins(&line[at + 1..]) {
                keep(&line[start..at]);
                start = at + 1;
            }
        }
        keep(&line[start..]);
    }
    made
}

/// Text without control words and groups (the Rich Text Format's specification, “Formal Syntax”).
fn without_rtf(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '{', '}']) {
        made.push_str(&rest[..at]);
        let sign = &rest[at..];
        let behind = &sign[1..];
        let word = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        rest = if sign.starts_with('\\') && word > 0 {
            let (word, behind) = behind.split_at(word);
            if matches!(word, "par" | "line") {
                made.push('\n');
            }
            let behind = behind.trim_start_matches(|c: char| c == '-' || c.is_ascii_digit());
            behind.strip_prefix(' ').unwrap_or(behind)
        } else if sign.starts_with("\\\n") || sign.starts_with("\\\r") {
            made.push('\n');
            behind
        } else if let Some(octet) = behind.strip_prefix('\'').filter(|_| sign.starts_with('\\')) {
            octet.get(2..).unwrap_or_default()
        } else {
            behind
        };
    }
    made.push_str(rest);
    made
}

/// Text without tags, each of which may end a line.
fn without_tags(text: &str) -> String {
    let pieces = text.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect::<Vec<_>>().join("\n").replace("&nbsp;", " ")
}

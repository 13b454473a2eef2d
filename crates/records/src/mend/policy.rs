//! What was meant by a policy that is wrapped in something else.

use super::characters::plain;
use crate::mta_sts::policy::KEYS;
use crate::{ascii, mta_sts};

/// The policy in a web page, in a word processor's file, or in one line.
pub(super) fn meant(body: &str) -> Option<String> {
    let start = body.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let text = match () {
        () if start.starts_with("{\\rtf") => fields_of(&lines(&without_rtf(start))),
        () if start.starts_with('<') => fields_of(&lines(&without_tags(start))),
        // Line ends as a program's source writes them.
        () => lines(&body.replace("\\r", "").replace("\\n", "\n")),
    };
    mta_sts::policy::parse(&text).ours.then_some(text)
}

fn begins_field(text: &str) -> bool {
    let key = KEYS.iter().find(|key| ascii::begins(text, key));
    key.is_some_and(|key| text[key.len()..].trim_start().starts_with(':'))
}

/// The lines that are fields, of what else is written around them.
fn fields_of(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| begins_field(line)).collect()
}

/// Lines in plain characters, and a new one before each key within a line.
fn lines(text: &str) -> String {
    let mut made = String::new();
    for line in text.lines().map(plain) {
        let mut start = 0;
        let mut keep = |piece: &str| {
            let piece = piece.trim_matches([' ', ',', ';', '"', '\'', '\\', '{', '}']);
            if !piece.is_empty() {
                let words: Vec<&str> = piece.split(' ').filter(|word| !word.is_empty()).collect();
                made.extend([&words.join(" "), "\n"]);
            }
        };
        for (at, _) in line.match_indices([' ', ',', ';']) {
            if begins_field(&line[at + 1..]) {
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

//! `mxray lint --ndjson`: an object a line in, an object a line out, until the input ends.

use std::io::{self, BufRead, Read, Write};

use mxray_records::Text;
use mxray_records::lint::{Kind, lint};
use mxray_records::texts::Texts;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::MAX_BYTES;
use super::answer::Answer;
use crate::json::write_json;
use mxray_zone::lines;

/// Answers each line in its turn, and lets each answer out before the next line is read.
///
/// # Errors
/// Input or output broke; a bad line is answered instead.
pub(super) fn answer_lines(
    mut input: impl BufRead,
    mut output: impl Write,
    texts: &Texts,
) -> io::Result<()> {
    let mut line = Vec::new();
    while let Some(length) = read_line(&mut input, &mut line)? {
        let reply = match length {
            Length::Whole => reply(&line, texts),
            Length::TooLong => Reply::error(None, "the line is over 1 MiB; expected less"),
        };
        write_json(&mut output, &reply)?;
        output.flush()?;
    }
    Ok(())
}

/// Whether all of a line was read.
enum Length {
    Whole,
    TooLong,
}

/// Reads a line without its end into `line`; `None` at the end of the input. What exceeds the limit is skipped.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<Length>> {
    line.clear();
    let read = input.by_ref().take(MAX_BYTES as u64 + 1).read_until(b'\n', line)?;
    if line.pop_if(|last| *last == b'\n').is_none() && read > MAX_BYTES {
        input.skip_until(b'\n')?;
        return Ok(Some(Length::TooLong));
    }
    Ok((read > 0).then_some(Length::Whole))
}

/// A reply, with the id of its question if that has one.
#[derive(Serialize)]
struct Reply<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    #[serde(flatten)]
    content: Content,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Answer(Answer<'static>),
    Error { error: String },
}

impl<'a> Reply<'a> {
    fn error(id: Option<&'a RawValue>, sentence: impl Into<String>) -> Self {
        Self { id, content: Content::Error { error: sentence.into() } }
    }
}

fn reply<'a>(line: &'a [u8], texts: &Texts) -> Reply<'a> {
    let Ok(line) = std::str::from_utf8(line) else {
        return Reply::error(None, "the line is not UTF-8; expected a JSON object");
    };
    // A list would be read as an object's fields in their order.
    if !line.trim_start().starts_with('{') {
        return Reply::error(None, "expected a JSON object with `kind` and `input`");
    }
    // By itself, so that a question that is wrong elsewhere gets its id back.
    let id = match serde_json::from_str::<Identity<'a>>(line) {
        Ok(identity) => identity.id,
        Err(error) => return Reply::error(None, format!("expected a JSON object: {error}")),
    };
    match serde_json::from_str::<Question>(line)
        .map_err(|error| error.to_string())
        .and_then(Question::texts)
    {
        Ok(question) => {
            let linted = lint(
                question.kind,
                &question.texts,
                &question.mx,
                question.content_type.as_deref(),
            );
            Reply { id, content: Content::Answer(Answer::new(&linted, texts)) }
        }
        Err(error) => Reply::error(id, error),
    }
}

#[derive(Deserialize)]
struct Identity<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
}

/// `null` is an id too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// A line, as it is written.
#[derive(Deserialize)]
struct Question {
    kind: String,
    input: Input,
    #[serde(default)]
    mx: Vec<String>,
    content_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`input`: expected a text, or a list of records, each a text or a list of its character-strings"
)]
enum Input {
    One(String),
    Several(Vec<Record>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Record {
    Text(String),
    Strings(Vec<String>),
}

/// A line, understood.
struct Understood {
    kind: Kind,
    texts: Vec<Text>,
    mx: Vec<String>,
    content_type: Option<String>,
}

impl Question {
    fn texts(self) -> Result<Understood, String> {
        let kind: Kind = self.kind.parse().map_err(|error| format!("`kind`: {error}"))?;
        let texts = match self.input {
            Input::One(text) if kind.is_a_record_a_line() => {
                lines(&text).map(|line| Text::from(line.of(&text))).collect()
            }
            Input::One(text) => vec![Text::from(text.as_str())],
            Input::Several(records) => records.into_iter().map(Text::from).collect(),
        };
        if kind == Kind::MtaStsPolicy && texts.len() != 1 {
            return Err(format!("`input`: a policy is one text; found {}", texts.len()));
        }
        Ok(Understood { kind, texts, mx: self.mx, content_type: self.content_type })
    }
}

impl From<Record> for Text {
    fn from(record: Record) -> Self {
        match record {
            Record::Text(text) => Self::from(text.as_str()),
            Record::Strings(strings) => Self::join(strings),
        }
    }
}

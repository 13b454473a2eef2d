//! `mxray lint`: reads one text, or a stream of them, and says what is wrong.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use mxray_records::lint::{Kind, Lint, lint};
use mxray_records::texts::Texts;
use mxray_records::{Severity, Text, harmless};

use crate::draw::{Advice, Layout, Source, draw};
use crate::json::write_json;
use crate::{Outcome, Trouble, texts};

mod answer;
mod stream;

/// The longest text, and the longest line of a stream: a policy of 64 KiB (RFC 8461 §3.3) with
/// every byte escaped in JSON takes less than half of it.
const MAX_BYTES: usize = 1024 * 1024;

/// More would not be read, and the first ones are the worst.
const MAX_DRAWN: usize = 20;

/// Reads a record or a policy and shows what is wrong with it, and where.
#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP, override_usage = USAGE)]
pub(crate) struct Arguments {
    /// What the text is
    #[arg(value_parser = kinds(), required_unless_present = "ndjson")]
    kind: Option<Kind>,

    /// The file to read; standard input if there is none, or `-`
    ///
    /// The file of a record holds the text of one record, without quotes; one line end after it
    /// is left out. The file of a policy counts byte by byte.
    file: Option<PathBuf>,

    /// MX hosts that the policy has to cover
    #[arg(long, num_args = 1.., value_name = "HOST")]
    mx: Vec<String>,

    /// The Content-Type that the policy is served with
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,

    /// Answer with one JSON object on a line
    #[arg(long)]
    json: bool,

    /// Read an object a line from standard input, and answer each with an object a line
    #[arg(long, conflicts_with_all = ["kind", "file", "mx", "content_type", "json"])]
    ndjson: bool,
}

const USAGE: &str = "mxray lint [OPTIONS] <KIND> [FILE]\n       mxray lint --ndjson";

const AFTER_HELP: &str = r#"Exit code: 0 if nothing fails (there may be warnings), 1 if something does, 2 if the command cannot be carried out. A stream ends with 0 whatever its answers say.

JSON: {"usable", "findings": [{"rule", "severity", "span", "message"}]}
  usable    whether a receiver that follows the standard would use the text, whatever MX hosts it covers
  severity  "fail", "warning" or "notice"; the worst comes first
  span      [record, start, end] or null: which record, from 0, and which of its UTF-8 bytes, end exclusive

A stream: a line {"id"?, "kind", "input", "mx"?: [host…], "content_type"?: type} is answered in its turn with the JSON above, and the id of the question if it has one. The input is one text, or a list of the records at one name, each a text or a list of its character-strings. A line that cannot be understood, or is longer than 1 MiB, is answered with {"error": sentence}, and the stream goes on.

Examples:
  mxray lint mta-sts-policy mta-sts.txt --mx mx1.example.com mx2.example.com
  dig +short TXT _mta-sts.example.com | tr -d '"' | mxray lint mta-sts-record
  echo '{"kind": "tlsrpt-record", "input": "v=TLSRPTv1; rua=mailto:tls@example.com"}' | mxray lint --ndjson"#;

fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str)).try_map(|name| name.parse::<Kind>())
}

/// Lints what the arguments say.
///
/// # Errors
/// The text cannot be read, or the answer not written.
pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Trouble> {
    let texts = texts::english()?;
    match &arguments.kind {
        Some(kind) => run_one(*kind, &arguments, &texts),
        None => {
            stream::answer_lines(io::stdin().lock(), io::stdout().lock(), &texts)?;
            Ok(Outcome::Clean)
        }
    }
}

fn run_one(kind: Kind, arguments: &Arguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let is_policy = kind == Kind::MtaStsPolicy;
    if !is_policy && (!arguments.mx.is_empty() || arguments.content_type.is_some()) {
        return Err(Trouble::Usage(
            "--mx and --content-type are about a policy; expected mta-sts-policy".to_owned(),
        ));
    }
    let (origin, bytes) = read(arguments.file.as_ref())?;
    let content = String::from_utf8_lossy(&bytes);
    let (layout, text) = if is_policy {
        (Layout::Lines, &*content)
    } else {
        (Layout::Records, strip_line_end(&content))
    };
    let linted = lint(kind, &[Text::from(text)], &arguments.mx, arguments.content_type.as_deref());
    if arguments.json {
        write_json(io::stdout().lock(), &answer::Answer::new(&linted, texts))?;
    } else {
        let source = Source { origin: &origin, texts: &[text], layout };
        write_drawn(anstream::stdout().lock(), &linted, source, texts)?;
    }
    let fails = linted.findings.iter().any(|finding| finding.rule.severity == Severity::Fail);
    Ok(if fails { Outcome::Problems } else { Outcome::Clean })
}

/// The text's bytes, and what to call where they came from.
fn read(file: Option<&PathBuf>) -> Result<(String, Vec<u8>), Trouble> {
    let named = file.filter(|file| file.as_os_str() != "-");
    let origin = named.map_or_else(|| "<stdin>".to_owned(), |file| file.display().to_string());
    let read = match named {
        Some(file) => File::open(file).and_then(read_bounded),
        None => read_bounded(io::stdin().lock()),
    };
    let bytes =
        read.map_err(|error| Trouble::Usage(format!("{origin} cannot be read: {error}")))?;
    if bytes.len() > MAX_BYTES {
        return Err(Trouble::Usage(format!(
            "{origin} is over 1 MiB; expected a policy of at most 64 KiB, or one record"
        )));
    }
    Ok((origin, bytes))
}

fn read_bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A record has no line end of its own; an editor adds one.
fn strip_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn write_drawn(
    mut out: impl Write,
    linted: &Lint,
    source: Source<'_>,
    texts: &Texts,
) -> io::Result<()> {
    for finding in linted.findings.iter().take(MAX_DRAWN) {
        writeln!(out, "{}\n", draw(texts, finding, Some(source), Advice::Given))?;
    }
    let more = linted.findings.len().saturating_sub(MAX_DRAWN);
    if more > 0 {
        writeln!(out, "… and {more} more; --json lists them all\n")?;
    }
    writeln!(out, "{}: {}", harmless(source.origin), summary(linted))
}

fn summary(linted: &Lint) -> String {
    let usable = if linted.usable { "usable" } else { "not usable" };
    let counts: Vec<_> =
        [(Severity::Fail, "fail"), (Severity::Warning, "warning"), (Severity::Notice, "notice")]
            .into_iter()
            .filter_map(|(severity, word)| {
                let count = linted
                    .findings
                    .iter()
                    .filter(|finding| finding.rule.severity == severity)
                    .count();
                (count > 0).then(|| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
            })
            .collect();
    if counts.is_empty() {
        format!("{usable}, nothing to report")
    } else {
        format!("{usable}; {}", counts.join(", "))
    }
}

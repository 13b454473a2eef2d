//! `mxray lint`: reads texts, a zone or a stream, and says what is wrong.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use mxray_facts::Name;
use mxray_records::Severity;
use mxray_records::lint::Kind;
use mxray_records::texts::Texts;
use mxray_scan::depth::Published;
use mxray_zone::{NoOrigin, Set, lint_all};

use crate::draw::Layout;
use crate::json::write_json;
use crate::senders;
use crate::{Outcome, Trouble};

mod answer;
mod human;
mod sarif;
mod source;
mod stream;

use answer::Answer;
use source::{Document, Linted};

/// The longest text, and the longest line of a stream: a policy of 64 KiB (RFC 8461 §3.3) with
/// every byte escaped in JSON takes less than half of it.
const MAX_BYTES: usize = 1024 * 1024;

/// The largest zone; that of a top-level domain is not what this is for.
const MAX_ZONE_BYTES: usize = 64 * MAX_BYTES;

/// Reads records, a policy or a zone and shows what is wrong with them, and where.
#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP, override_usage = USAGE)]
pub(crate) struct Arguments {
    /// What the text is
    #[arg(value_parser = kinds(), required_unless_present_any = ["ndjson", "zone"])]
    kind: Option<Kind>,

    /// The files to read; standard input if there is none, or `-`
    ///
    /// The file of a TXT record holds the text of one record, without quotes; one line end after it
    /// is left out. TLSA, MX and CAA records stand one on a line, as `dig +short` prints them. The
    /// file of a policy counts byte by byte.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Read a zone (RFC 1035), and lint every record of it that concerns mail
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "files", "mx", "content_type"])]
    zone: Option<PathBuf>,

    /// The zone's name, if no $ORIGIN in it says so
    #[arg(long, value_name = "NAME", conflicts_with_all = ["kind", "files", "ndjson"])]
    origin: Option<Name>,

    /// MX hosts that the policy has to cover
    #[arg(long, num_args = 1.., value_name = "HOST")]
    mx: Vec<String>,

    /// The Content-Type that the policy is served with
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,

    /// Tell who honors the policy: what each sender takes from it
    #[arg(long, conflicts_with_all = ["zone", "ndjson"])]
    senders: bool,

    /// How to answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,

    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// Read an object a line from standard input, and answer each with an object a line
    #[arg(long, conflicts_with_all = ["kind", "files", "zone", "mx", "content_type", "json", "format"])]
    ndjson: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Drawings for a person
    Human,
    /// A JSON object on a line for each file, or for the records at a name of a zone
    Json,
    /// A log in SARIF 2.1.0, as code hosts and editors read it
    Sarif,
}

const USAGE: &str = "mxray lint [OPTIONS] <KIND> [FILE]...\n       mxray lint [OPTIONS] --zone <FILE>\n       mxray lint --ndjson";

const AFTER_HELP: &str = r#"Exit code: 0 if nothing fails (there may be warnings), 1 if something does, 2 if the command cannot be carried out. A stream ends with 0 whatever its answers say.

JSON: {"usable", "findings": [{"rule", "severity", "span", "message", "fix"}]}
  usable    whether a receiver that follows the standard would use the text, whatever MX hosts it covers
  severity  "fail", "warning" or "notice"; the worst comes first
  span      [record, start, end] or null: which record, from 0, and which of its UTF-8 bytes, end exclusive
  fix       the corrected text of that record or policy, if it is plain what was meant
With --senders, "senders": [{"sender", "version", "read", "link", "accepted", "mode", "max_age", "mx", "uncovered", "because": [{"case", "done", "line", "message"}]}]
  read      the day on which somebody read the code of that version, from which all this is
  because   why it is refused, or where the sender does otherwise than RFC 8461
Of several files, "file" comes first. Of a zone, "file", "owner" and "kind" do, and each finding has its "line"; what is wrong with the zone itself has no owner, and spans that count in the file.

A stream: a line {"id"?, "kind", "input", "mx"?: [host…], "content_type"?: type} is answered in its turn with the JSON above, and the id of the question if it has one. The input is one text, or a list of the records at one name, each a text or a list of its character-strings. TLSA, MX and CAA records in one text stand one on a line. A line that cannot be understood, or is longer than 1 MiB, is answered with {"error": sentence}, and the stream goes on.

A zone: TXT at _mta-sts, _smtp._tls, _dmarc and below _domainkey and _bimi, TXT with SPF anywhere, MX, CAA, and TLSA at _25._tcp. Other records are passed over, and so are included files.

Examples:
  mxray lint mta-sts-policy mta-sts.txt --mx mx1.example.com mx2.example.com
  mxray lint mta-sts-policy mta-sts.txt --senders
  mxray lint --zone example.com.zone --origin example.com --format sarif
  dig +short TXT _mta-sts.example.com | tr -d '"' | mxray lint mta-sts-record
  dig +short MX example.com | mxray lint mx-set
  echo '{"kind": "tlsrpt-record", "input": "v=TLSRPTv1; rua=mailto:tls@example.com"}' | mxray lint --ndjson"#;

fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str)).try_map(|name| name.parse::<Kind>())
}

/// Lints what the arguments say.
///
/// # Errors
/// A text cannot be read, or an answer not written.
pub(crate) fn run(arguments: Arguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let linted = match (&arguments.zone, arguments.kind) {
        (Some(file), _) => vec![lint_zone(file, arguments.origin.clone())?],
        (None, Some(kind)) => lint_files(kind, &arguments, texts)?,
        (None, None) => {
            stream::answer_lines(io::stdin().lock(), io::stdout().lock(), texts)?;
            return Ok(Outcome::Clean);
        }
    };
    let format = if arguments.json { Format::Json } else { arguments.format };
    if arguments.senders && format == Format::Sarif {
        return Err(Trouble::Usage("SARIF has no place for what --senders tells".to_owned()));
    }
    match format {
        Format::Human => write_drawn(&linted, texts)?,
        Format::Json => write_answers(&linted, arguments.zone.is_some(), texts)?,
        Format::Sarif => write_json(io::stdout().lock(), &sarif::log(&linted, texts))?,
    }
    let mut found = linted.iter().flat_map(|(_, sets)| sets).flat_map(|set| &set.found);
    let fails = found.any(|found| found.finding.rule.severity == Severity::Fail);
    Ok(if fails { Outcome::Problems } else { Outcome::Clean })
}

type All = Vec<(Document, Vec<Linted>)>;

fn lint_zone(file: &Path, origin: Option<Name>) -> Result<(Document, Vec<Linted>), Trouble> {
    let (name, content) = read(Some(file), MAX_ZONE_BYTES, "a zone")?;
    let document = Document::new(name, content, Layout::Lines);
    let linted =
        lint_all(&document.content, origin).map_err(|missing| no_origin(&document, missing))?;
    Ok((document, linted.into_iter().map(Linted::from).collect()))
}

fn no_origin(document: &Document, NoOrigin { name }: NoOrigin) -> Trouble {
    Trouble::Usage(format!(
        "{}, line {}: “{}” is relative, and no $ORIGIN stands before it; name the zone with --origin",
        document.name,
        document.line(name.start).0,
        name.of(&document.content)
    ))
}

fn lint_files(kind: Kind, arguments: &Arguments, texts: &Texts) -> Result<All, Trouble> {
    let about_a_policy =
        !arguments.mx.is_empty() || arguments.content_type.is_some() || arguments.senders;
    if kind != Kind::MtaStsPolicy && about_a_policy {
        return Err(Trouble::Usage(
            "--mx, --content-type and --senders are about a policy; expected mta-sts-policy"
                .to_owned(),
        ));
    }
    let files = match &arguments.files[..] {
        [] => vec![None],
        files => files.iter().map(|file| Some(file.as_path())).collect(),
    };
    let lint = |file| {
        let (name, content) = read(file, MAX_BYTES, "a policy of at most 64 KiB, or records")?;
        let document = document(kind, name, content);
        let set = Set::of_document(kind, &document.content);
        let (mx, content_type) = (&arguments.mx, arguments.content_type.as_deref());
        let mut linted = Linted::from(set.lint(&document.content, mx, content_type));
        if arguments.senders {
            let published = Published { policy: &document.content, content_type, mx };
            linted.senders = Some(senders::rows(published, texts)?);
        }
        Ok((document, vec![linted]))
    };
    files.into_iter().map(lint).collect()
}

fn document(kind: Kind, name: String, content: String) -> Document {
    if kind == Kind::MtaStsPolicy || kind.is_a_record_a_line() {
        return Document::new(name, content, Layout::Lines);
    }
    Document::new(name, strip_line_end(&content).to_owned(), Layout::Records)
}

/// A source's text, and what to call it.
fn read(file: Option<&Path>, most: usize, expected: &str) -> Result<(String, String), Trouble> {
    let named = file.filter(|file| file.as_os_str() != "-");
    let name = named.map_or_else(|| "<stdin>".to_owned(), |file| file.display().to_string());
    let read = match named {
        Some(file) => File::open(file).and_then(|file| read_bounded(file, most)),
        None => read_bounded(io::stdin().lock(), most),
    };
    let bytes = read.map_err(|error| Trouble::Usage(format!("{name} cannot be read: {error}")))?;
    if bytes.len() > most {
        let mebibytes = most / MAX_BYTES;
        return Err(Trouble::Usage(format!("{name} is over {mebibytes} MiB; expected {expected}")));
    }
    Ok((name, String::from_utf8_lossy(&bytes).into_owned()))
}

fn read_bounded(source: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A record has no line end of its own; an editor adds one.
fn strip_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn write_drawn(linted: &All, texts: &Texts) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    for (document, sets) in linted {
        if sets.is_empty() {
            human::write_nothing(&mut out, document, texts)?;
        }
        sets.iter().try_for_each(|set| human::write(&mut out, document, set, texts))?;
    }
    Ok(())
}

fn write_answers(linted: &All, zone: bool, texts: &Texts) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (document, sets) in linted {
        for set in sets {
            let answer = match linted.len() {
                _ if zone => Answer::of_zone(document, set, texts),
                1 => Answer::of_document(set, texts),
                _ => Answer::of_file(document, set, texts),
            };
            write_json(&mut out, &answer)?;
        }
    }
    Ok(())
}

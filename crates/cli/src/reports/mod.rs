//! `mxray reports`: what TLS reports say, from whatever files they are in.

use std::fs::File;
use std::io::{self, Read, Write};

use mxray_facts::Domain;
use mxray_probe::Switches;
use mxray_records::texts::Texts;
use mxray_reports::live::{self, Joined};
use mxray_reports::{Reader, Reading, Summary, Why, csv};
use mxray_scan::scan;
use serde::Serialize;

use crate::check::now;
use crate::input::understand_or_say;
use crate::json::write_json;
use crate::network::Native;
use crate::reports::human::Human;
use crate::{Outcome, Trouble};

mod human;

/// Reads TLS reports (RFC 8460): how many sessions, how many failed, why, and whether an enforced
/// policy would have lost mail.
#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The files, of whatever kind: JSON, gzip, zip, a message, a mailbox; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    /// Scan a domain, and tell of each reason whether it is mended
    #[arg(long, value_name = "DOMAIN")]
    now: Option<String>,

    /// Print everything as one JSON object on a line
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Print a table for a spreadsheet: a line for each failure
    #[arg(long, conflicts_with = "now")]
    csv: bool,

    #[command(flatten)]
    switches: Switches,
}

const AFTER_HELP: &str = r#"Exit code: 1 if a session failed; else 3 if a file could not be read, or no session is counted; else 0. 2 if the command cannot be carried out.

What a file is, its bytes say, not its name. A report that came twice is counted once. What is no report is named with its reason, and everything else is read.

JSON: {"summary", "now", "reports", "troubles"}
  summary   {"reports", "duplicates", "unread", "domains", "begin", "end", "sessions", "cost", "results", "senders", "days"}
  now       with --now: [{"result", "mx_host", "now"}…], now being "mended", {"still": RULE}, "lacking", "gone" or "cannot-tell"
  reports   [[source, report]…]: each with where it was found
  troubles  [{"source", "why", "times"}…]: what could not be read

Examples:
  mxray reports google.com\!example.com\!1725321600\!1725407999\!001.json.gz
  mxray reports reports.mbox *.eml *.zip --now example.com
  mxray reports *.json.gz --csv > failures.csv
  mxray reports reports.mbox --json | jq .summary.cost"#;

/// What is printed as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    summary: &'a Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<&'a [Joined]>,
    #[serde(flatten)]
    reading: &'a Reading,
}

/// Reads what the arguments name.
///
/// # Errors
/// A file cannot be opened, the domain is none, or the answer cannot be written.
pub(crate) fn run(arguments: Arguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let mut reader = Reader::default();
    for file in &arguments.files {
        read(&mut reader, file)?;
    }
    let reading = reader.finish();
    let summary = Summary::of(&reading);
    let domain = arguments.now.as_deref().map(understand_or_say).transpose()?;
    let domain = domain.map(|typed| typed.domain);
    let now =
        domain.as_ref().map(|domain| look(&arguments.switches, domain, &summary)).transpose()?;
    if arguments.json {
        let answer = Answer { summary: &summary, now: now.as_deref(), reading: &reading };
        write_json(io::stdout().lock(), &answer)?;
    } else if arguments.csv {
        io::stdout().lock().write_all(csv::table(&reading).as_bytes())?;
    } else {
        let now = domain.as_ref().zip(now.as_deref());
        let human = Human { summary: &summary, reading: &reading, now, texts };
        write!(anstream::stdout().lock(), "{human}")?;
    }
    Ok(outcome(&summary))
}

/// A file is held in memory; no mailbox of reports is larger.
const MOST_BYTES: u64 = 1 << 30;

/// Reads a file, whatever it is.
///
/// # Errors
/// It cannot be opened.
pub(crate) fn read(reader: &mut Reader, file: &str) -> Result<(), Trouble> {
    let unreadable = |error| Trouble::Usage(format!("{file} cannot be read: {error}"));
    let mut bytes = Vec::new();
    let input: Box<dyn Read> = match file {
        "-" => Box::new(io::stdin().lock()),
        path => Box::new(File::open(path).map_err(unreadable)?),
    };
    input.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        reader.refuse(file, Why::TooLarge);
    } else {
        reader.read(file, &bytes);
    }
    Ok(())
}

fn look(switches: &Switches, domain: &Domain, summary: &Summary) -> Result<Vec<Joined>, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let network = Native::new(switches)?;
        Ok(live::join(summary, &scan(&network, domain, now(), &|_| {}).await))
    })
}

fn outcome(summary: &Summary) -> Outcome {
    if summary.sessions.failed > 0 {
        Outcome::Problems
    } else if summary.unread > 0 || summary.sessions.total() == 0 {
        Outcome::Unknown
    } else {
        Outcome::Clean
    }
}

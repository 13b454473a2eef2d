//! `mxray check`: scans domains and shows the reports.

use std::io::{self, Write};
use std::time::SystemTime;

use futures_util::StreamExt;
use futures_util::stream::iter;
use mxray_facts::{Timestamp, Typed};
use mxray_probe::Switches;
use mxray_records::texts::Texts;
use mxray_scan::{Report, Verdict, scan};

use crate::check::human::Human;
use crate::check::progress::Progress;
use crate::input::understand_or_say;
use crate::json::write_json;
use crate::network::Native;
use crate::{Outcome, Trouble, texts};

mod human;
mod progress;

/// More scans at a time would only wait for one another's answers.
const AT_A_TIME: usize = 8;

/// Scans domains and shows, for each, whether its mail is protected, and what to do.
#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The domains: names, mail addresses or web addresses
    #[arg(required = true, value_name = "DOMAIN")]
    domains: Vec<String>,

    /// Print the report as JSON, one object on a line for each domain
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    switches: Switches,
}

const AFTER_HELP: &str = "\
Exit code: 1 if a check fails or warns; else 3 if a check could not be completed; else 0. BIMI does not count. 2 if the command cannot be carried out, a domain is none, say. DKIM keys can have any name, so that a domain whose keys are under none of the common names ends with 3 at best.

The system's resolver is asked unless --dns names another. Its word that an answer is authentic (DNSSEC) is not taken, so that DANE needs --dns and a resolver that you trust.

Examples:
  mxray check example.com
  mxray check example.com example.org --json | jq '{domain, stage}'
  mxray check example.com --dns https://dns.example/dns-query";

/// How a report is shown.
#[derive(Clone, Copy)]
enum Format {
    Human,
    Json,
}

/// Scans what the arguments say.
///
/// # Errors
/// A domain is none, a switch cannot be followed, or the answer cannot be written.
pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Trouble> {
    let domains = arguments
        .domains
        .iter()
        .map(|typed| understand_or_say(typed))
        .collect::<Result<Vec<_>, _>>()?;
    let format = if arguments.json { Format::Json } else { Format::Human };
    let texts = texts::english()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        check_all(&Native::new(&arguments.switches)?, &domains, format, &texts).await
    })
}

/// Scans several at a time, and shows each as soon as those before it are shown.
async fn check_all(
    network: &Native,
    domains: &[Typed],
    format: Format,
    texts: &Texts,
) -> Result<Outcome, Trouble> {
    let progress = Progress::new(domains.len());
    let (now, observe) = (now(), |event| progress.hear(&event));
    let scans = domains.iter().map(|understood| scan(network, &understood.domain, now, &observe));
    let mut reports = iter(scans).buffered(AT_A_TIME);
    let mut worst = Outcome::Clean;
    while let Some(report) = reports.next().await {
        progress.clear();
        show(&report, format, texts)?;
        worst = worst.max(outcome(&report));
    }
    Ok(worst)
}

/// This moment.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn show(report: &Report, format: Format, texts: &Texts) -> io::Result<()> {
    match format {
        Format::Json => write_json(io::stdout().lock(), report),
        Format::Human => writeln!(anstream::stdout().lock(), "{}", Human { report, texts }),
    }
}

fn outcome(report: &Report) -> Outcome {
    let counted = report.checks.iter().filter(|check| check.id.counts());
    counted.map(|check| judge(check.verdict)).max().unwrap_or(Outcome::Clean)
}

fn judge(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Fail | Verdict::Warning => Outcome::Problems,
        Verdict::Unknown => Outcome::Unknown,
        Verdict::Pass | Verdict::Notice | Verdict::NotApplicable => Outcome::Clean,
    }
}

//! `mxray check`: scans domains and shows the reports.

use std::io::{self, Write};
use std::time::SystemTime;

use futures_util::StreamExt;
use futures_util::future::join;
use futures_util::stream::iter;
use mxray_facts::{BimiFacts, Domain, PolicyOutcome, Timestamp, Typed};
use mxray_probe::Switches;
use mxray_records::texts::Texts;
use mxray_scan::depth::{Asked, Depth, Kept, Known, depth};
use mxray_scan::{Event, Report, Source, Verdict, scan};
use serde::Serialize;

use crate::check::deep::Deep;
use crate::check::human::Human;
use crate::check::progress::Progress;
use crate::check::servers::Servers;
use crate::input::understand_or_say;
use crate::json::write_json;
use crate::network::Native;
use crate::senders::{self, Published};
use crate::{Outcome, Trouble, providers, texts};

mod deep;
mod human;
mod progress;
mod servers;

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

    /// Look further: how mail arrives by what senders insist on, a plan in order, all of SPF, where
    /// reports go, what the servers showed, who honors the policy
    #[arg(long)]
    deep: bool,

    /// Tell who honors the policy: what each sender takes from it
    #[arg(long)]
    senders: bool,

    #[command(flatten)]
    switches: Switches,
}

const AFTER_HELP: &str = r#"Exit code: 1 if a check fails or warns; else 3 if a check could not be completed; else 0. BIMI does not count. 2 if the command cannot be carried out, a domain is none, say. DKIM keys can have any name, so that a domain whose keys are under none of the common names ends with 3 at best.

The system's resolver is asked unless --dns names another. Its word that an answer is authentic (DNSSEC) is not taken, so that DANE needs --dns and a resolver that you trust.

With --deep the JSON has "depth": {"schema", "matrix", "plan", "spf", "dmarc", "tls_rpt", "dkim", "mta_sts", "findings", "questions"}
  matrix    {"hosts", "unknown"}: what becomes of mail to each host, by what the sender insists on
  plan      [{"what", "who", "writes", "danger", "after", "rules"}…]: what to do, in order
  spf       {"record", "lookups", "void_lookups", "complete", "senders", "flattened"}: all records that are read
  findings  [{"check", "finding"}…]; they do not change the exit code
and "bimi": {"record", "logo", "certificate"}, the files that the record names

With --senders the JSON has "senders" too, as `mxray lint --help` describes it.

Examples:
  mxray check example.com
  mxray check example.com example.org --json | jq '{domain, stage}'
  mxray check example.com --deep
  mxray check example.com --dns https://dns.example/dns-query"#;

/// How a report is shown.
#[derive(Clone, Copy)]
enum Format {
    Human,
    Json,
}

/// What is shown of a domain.
#[derive(Clone, Copy)]
struct Shown<'a> {
    format: Format,
    deep: bool,
    senders: bool,
    texts: &'a Texts,
    known: &'a Known,
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
    let texts = texts::english()?;
    let format = if arguments.json { Format::Json } else { Format::Human };
    let known = Known { providers: providers::known()? };
    let Arguments { deep, senders, .. } = arguments;
    let shown = Shown { format, deep, senders, texts: &texts, known: &known };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { check_all(&Native::new(&arguments.switches)?, &domains, shown).await })
}

/// Scans several at a time, and shows each as soon as those before it are shown.
async fn check_all(
    network: &Native,
    domains: &[Typed],
    shown: Shown<'_>,
) -> Result<Outcome, Trouble> {
    let progress = Progress::new(domains.len());
    let now = now();
    let scans = domains.iter().map(|it| look(network, &it.domain, now, shown, &progress));
    let mut scans = iter(scans).buffered(AT_A_TIME);
    let mut worst = Outcome::Clean;
    while let Some(scanned) = scans.next().await {
        progress.clear();
        shown.show(&scanned)?;
        worst = worst.max(outcome(&scanned.report));
    }
    Ok(worst)
}

/// A report, and what was found in depth if that is wanted.
struct Scanned {
    report: Report,
    deep: Option<(Depth, BimiFacts)>,
}

async fn look(
    network: &Native,
    domain: &Domain,
    now: Timestamp,
    shown: Shown<'_>,
    progress: &Progress,
) -> Scanned {
    let observe = |event: Event| progress.hear(&event);
    if !shown.deep {
        return Scanned { report: scan(network, domain, now, &observe).await, deep: None };
    }
    let kept = Kept::new(network);
    let report = scan(&kept, domain, now, &observe).await;
    let watch = |Asked { open, .. }| progress.hear_deep(open);
    let depth = depth(network, &report, kept.seen(), shown.known, &watch);
    let deep = join(depth, network.bimi(domain)).await;
    Scanned { report, deep: Some(deep) }
}

/// This moment.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

impl Shown<'_> {
    fn show(self, Scanned { report, deep }: &Scanned) -> Result<(), Trouble> {
        let Self { format, texts, known, .. } = self;
        let senders = if self.senders || self.deep { Some(senders(report, texts)?) } else { None };
        match format {
            Format::Json => {
                let (depth, bimi) = deep.as_ref().map(|(depth, bimi)| (depth, bimi)).unzip();
                let answer = Answer { report, depth, bimi, senders };
                write_json(io::stdout().lock(), &answer)?;
            }
            Format::Human => {
                let mut out = anstream::stdout().lock();
                writeln!(out, "{}", Human { report, texts, providers: &known.providers })?;
                if let Some((depth, bimi)) = deep {
                    writeln!(out, "{}", Deep { depth, texts })?;
                    writeln!(out, "{}", Servers { report, bimi, texts })?;
                }
                if let Some(rows) = &senders {
                    writeln!(out, "{}", senders::Human { rows, texts })?;
                }
            }
        }
        Ok(())
    }
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<&'a Depth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bimi: Option<&'a BimiFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    senders: Option<Vec<senders::Row>>,
}

/// Who honors the policy; nobody if none was read.
fn senders(report: &Report, texts: &Texts) -> Result<Vec<senders::Row>, toml::de::Error> {
    let evidence = report.checks.iter().flat_map(|check| &check.evidence);
    let mut fetches = evidence.filter_map(|evidence| match &evidence.source {
        Source::Policy(fetch) => Some(&fetch.outcome),
        Source::Dns { .. } => None,
    });
    let Some(PolicyOutcome::Response(response)) = fetches.next() else { return Ok(Vec::new()) };
    if response.status != 200 {
        return Ok(Vec::new());
    }
    let policy = response.body.to_text();
    let mx: Vec<String> = report.hosts.iter().map(|host| host.host.to_string()).collect();
    let content_type = Some(response.content_type.as_deref().unwrap_or_default());
    senders::rows(Published { policy: &policy, content_type, mx: &mx }, texts)
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

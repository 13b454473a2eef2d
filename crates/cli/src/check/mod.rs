//! `mxray check`: scans domains and shows the reports.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use futures_util::StreamExt;
use futures_util::future::{OptionFuture, join};
use futures_util::stream::iter;
use mxray_facts::{BimiFacts, Domain, Name, Timestamp, Typed};
use mxray_probe::{ResolverChoice, Switches};
use mxray_records::texts::Texts;
use mxray_scan::depth::{Asked, Compared, Depth, Honoring, Kept, Known, compare, depth, of_fetch};
use mxray_scan::{Event, Network, Report, Source, Verdict, scan};
use serde::Serialize;

use crate::check::bulk::Bulk;
use crate::check::deep::Deep;
use crate::check::human::Human;
use crate::check::progress::Progress;
use crate::check::second::Second;
use crate::check::servers::Servers;
use crate::input::understand_or_say;
use crate::json::write_json;
use crate::network::Native;
use crate::senders;
use crate::{Outcome, Trouble, providers};

mod bulk;
mod deep;
mod human;
mod progress;
mod second;
mod servers;
mod shared;

/// More scans at a time would only wait for one another's answers.
const AT_A_TIME: usize = 8;

/// Scans domains and shows, for each, whether its mail is protected, and what to do.
#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The domains: names, mail addresses or web addresses
    #[arg(required_unless_present = "bulk", value_name = "DOMAIN")]
    domains: Vec<String>,

    /// Scan the domains of a file instead, one on a line, many at a time; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "domains")]
    bulk: Option<PathBuf>,

    /// Add the reports of --bulk to this file, and leave out the domains that it has already
    #[arg(long, value_name = "FILE", requires = "bulk")]
    output: Option<PathBuf>,

    /// Print the report as JSON, one object on a line for each domain
    #[arg(long)]
    json: bool,

    /// Look further: how mail arrives by what senders insist on, a plan in order, all of SPF, where
    /// reports go, what the servers showed, who honors the policy
    #[arg(long)]
    deep: bool,

    /// A DKIM selector to try with --deep, beside those that are usual; the s= in a DKIM-Signature of
    /// the domain tells it (may be given again)
    #[arg(long, value_name = "NAME", requires = "deep")]
    selector: Vec<Name>,

    /// Tell who honors the policy: what each sender takes from it
    #[arg(long)]
    senders: bool,

    /// Ask this resolver for the same records, and show where it answers otherwise: a change is on its
    /// way then. A host and port, or the URL of one that speaks DNS over HTTPS
    #[arg(long, value_name = "HOST:PORT | URL")]
    second_resolver: Option<ResolverChoice>,

    #[command(flatten)]
    switches: Switches,
}

const AFTER_HELP: &str = r#"Exit code: 1 if a check fails or warns; else 3 if a check could not be completed; else 0. BIMI does not count. 2 if the command cannot be carried out, a domain is none, say. DKIM keys can have any name, so that a domain whose keys are under none of the common names ends with 3 at best.

The system's resolver is asked unless --dns names another. Its word that an answer is authentic (DNSSEC) is not taken, so that DANE needs --dns and a resolver that you trust.

With --bulk each report is a line of JSON as soon as it is there, in no order; a line of the file that holds no domain becomes {"input", "error"}. What follows a # is passed over. Scans share their answers, and each domain is scanned once. Where --output names a file, a run that was ended goes on where it was.

With --deep the JSON has "depth": {"schema", "matrix", "plan", "mx", "spf", "dmarc", "tls_rpt", "dane", "dkim", "mta_sts", "senders", "findings", "questions"}
  matrix    {"hosts", "unknown"}: what becomes of mail to each host, by what the sender insists on
  plan      [{"what", "who", "writes", "danger", "after", "rules"}…]: what to do, in order
  spf       {"record", "lookups", "void_lookups", "complete", "senders", "flattened"}: all records that are read
  findings  [{"check", "finding"}…]; they do not change the exit code
and "bimi": {"record", "logo", "certificate"}, the files that the record names

With --second-resolver the JSON has "second": {"answered", "differences", "gaps"}
  differences  [{"name", "record_type", "first", "second", "over_in"}…]: what each says and for how many more seconds it remembers that; in "over_in" seconds both have forgotten it

With --senders the JSON has "senders" too, as `mxray lint --help` describes it.

Examples:
  mxray check example.com
  mxray check example.com example.org --json | jq '{domain, stage}'
  mxray check example.com --deep
  mxray check example.com --second-resolver https://dns.example/dns-query
  mxray check --bulk domains.txt --output reports.ndjson
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
pub(crate) fn run(arguments: Arguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let format = if arguments.json { Format::Json } else { Format::Human };
    let known = Known {
        providers: providers::known()?,
        senders: senders::known()?,
        selectors: arguments.selector,
    };
    let (deep, senders) = (arguments.deep, arguments.senders);
    let shown = Shown { format, deep, senders, texts, known: &known };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let network = Native::new(&arguments.switches)?;
        let second = arguments.second_resolver.map(|resolver| {
            Native::new(&Switches { dns: Some(resolver), ..arguments.switches.clone() })
        });
        let second = second.transpose()?;
        let probes = Probes { own: &network, second: second.as_ref() };
        if let Some(list) = arguments.bulk {
            return bulk::run(probes, &Bulk { list, output: arguments.output }, shown).await;
        }
        let domains = arguments.domains.iter().map(|typed| understand_or_say(typed));
        check_all(probes, &domains.collect::<Result<Vec<_>, _>>()?, shown).await
    })
}

/// Scans several at a time, and shows each as soon as those before it are shown.
async fn check_all(
    probes: Probes<'_>,
    domains: &[Typed],
    shown: Shown<'_>,
) -> Result<Outcome, Trouble> {
    let progress = Progress::new(domains.len());
    let (now, observe) = (now(), |told: Told| progress.hear(&told));
    let looking = Looking { network: probes.own, probes, now, shown, observe: &observe };
    let scans = domains.iter().map(|it| looking.at(&it.domain));
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
    second: Option<Compared>,
}

/// This machine's ways to the network.
#[derive(Clone, Copy)]
struct Probes<'a> {
    own: &'a Native,
    /// By another resolver, if one is named.
    second: Option<&'a Native>,
}

/// What an observer of both stages is told.
enum Told {
    Check(Event),
    Depth(Asked),
}

/// How domains are looked at.
struct Looking<'a, N> {
    network: &'a N,
    /// For what no scan asks.
    probes: Probes<'a>,
    now: Timestamp,
    shown: Shown<'a>,
    observe: &'a dyn Fn(Told),
}

impl<N: Network> Looking<'_, N> {
    async fn at(&self, domain: &Domain) -> Scanned {
        let Self { network, probes, now, shown, observe } = *self;
        let kept = Kept::new(network);
        let report = scan(&kept, domain, now, &|event| observe(Told::Check(event))).await;
        let deep = async {
            let hear = |asked| observe(Told::Depth(asked));
            let depth = depth(network, &report, kept.seen(), shown.known, &hear);
            join(depth, probes.own.bimi(domain)).await
        };
        let second = async |second| compare(second, kept.seen()).await;
        let (deep, second) = join(
            OptionFuture::from(shown.deep.then_some(deep)),
            OptionFuture::from(probes.second.map(second)),
        )
        .await;
        Scanned { report, deep, second }
    }
}

/// This moment.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

impl Shown<'_> {
    fn show(self, scanned: &Scanned) -> Result<(), Trouble> {
        let Self { format, texts, known, .. } = self;
        if let Format::Json = format {
            return self.write_line(scanned, io::stdout().lock());
        }
        let Scanned { report, deep, second } = scanned;
        let mut out = anstream::stdout().lock();
        writeln!(out, "{}", Human { report, texts, providers: &known.providers })?;
        if let Some((depth, bimi)) = deep {
            writeln!(out, "{}", Deep { depth, texts })?;
            writeln!(out, "{}", Servers { report, bimi, texts })?;
        }
        if let Some(compared) = second {
            writeln!(out, "{}", Second { compared, texts })?;
        }
        if self.senders || self.deep {
            let rows = &self.senders(report);
            writeln!(out, "{}", senders::Human { rows, texts })?;
        }
        Ok(())
    }

    fn write_line(self, scanned: &Scanned, writer: impl Write) -> Result<(), Trouble> {
        let Scanned { report, deep, second } = scanned;
        let (depth, bimi) = deep.as_ref().map(|(depth, bimi)| (depth, bimi)).unzip();
        let senders = self.senders.then(|| self.senders(report));
        Ok(write_json(writer, &Answer { report, depth, bimi, second: second.as_ref(), senders })?)
    }

    /// Who honors the policy.
    fn senders(self, report: &Report) -> Vec<senders::Row> {
        senders::said(senders(report, self.known), self.texts)
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
    second: Option<&'a Compared>,
    #[serde(skip_serializing_if = "Option::is_none")]
    senders: Option<Vec<senders::Row>>,
}

/// Who honors the policy; nobody if none was read.
fn senders(report: &Report, known: &Known) -> Vec<Honoring> {
    let evidence = report.checks.iter().flat_map(|check| &check.evidence);
    let mut fetches = evidence.filter_map(|evidence| match &evidence.source {
        Source::Policy(fetch) => Some(fetch),
        Source::Dns { .. } => None,
    });
    let mx: Vec<String> = report.hosts.iter().map(|host| host.host.to_string()).collect();
    fetches.next().map(|fetch| of_fetch(fetch, &known.senders, &mx)).unwrap_or_default()
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

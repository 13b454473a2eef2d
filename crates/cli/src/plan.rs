//! `mxray plan`: when what may be done, on to enforce, back to nothing, or to other mail servers.

use std::fmt::{self, Formatter};
use std::fs;
use std::io::Write;

use anstyle::{AnsiColor, Style};
use mxray_facts::{Domain, Timestamp};
use mxray_probe::Switches;
use mxray_records::harmless;
use mxray_records::texts::{Texts, fill};
use mxray_reports::{Reader, Summary};
use mxray_scan::{Report, Sentence, scan};
use mxray_setup::calendar::{Entry, calendar};
use mxray_setup::formats::TTL;
use mxray_setup::moving::{Move, Way, work_out};
use mxray_setup::rollout::{Reports, Rollout, Standing};
use mxray_setup::{Published, hosts};

use crate::check::now;
use crate::input::understand_or_say;
use crate::network::Native;
use crate::reports::read;
use crate::{Outcome, Trouble};

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Plans with dates how a domain gets to enforced MTA-STS, back to nothing, or to other mail servers.
#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The domain: a name, a mail address or a web address
    domain: String,

    /// For how many days reports have to be clean before enforce
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    clean: u32,

    /// Since when the policy has been tested, as 2026-01-31, if its id does not tell
    #[arg(long, value_name = "DATE")]
    since: Option<String>,

    /// TLS reports that tell how clean they were; as often as there are files
    #[arg(long, value_name = "FILE")]
    reports: Vec<String>,

    /// Plan the way back to nothing
    #[arg(long, conflicts_with = "to")]
    back: bool,

    /// Plan the move to this MX host; as often as there are new ones, the first one first
    #[arg(long, value_name = "HOST")]
    to: Vec<String>,

    /// Write the dates as a calendar file
    #[arg(long, value_name = "FILE")]
    calendar: Option<String>,

    #[command(flatten)]
    switches: Switches,
}

const AFTER_HELP: &str = r#"Exit code: 0 if nothing is to be done; 1 if something is. 2 if the command cannot be carried out.

The domain is looked at first. Dates are the earliest ones, in UTC: from the policy's max_age, the records' lifetimes, how long the policy has been tested, and the reports. Where a sender may remember an old policy, the date from which that is over is told beside them.

Examples:
  mxray plan example.com
  mxray plan example.com --reports reports.mbox --clean 30 --calendar rollout.ics
  mxray plan example.com --back
  mxray plan example.com --to mx1.new.example --to mx2.new.example"#;

/// Plans what the arguments say.
///
/// # Errors
/// The domain or the date is none, a switch cannot be followed, or a file cannot be read or written.
pub(crate) fn run(arguments: Arguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let domain = understand_or_say(&arguments.domain)?.domain;
    let since = arguments.since.as_deref().map(date).transpose()?;
    let reports = reported(&arguments.reports)?;
    let report = look(&arguments.switches, &domain)?;
    let say = Say { texts };
    let entries = if arguments.to.is_empty() {
        let seen = Standing::of(&report);
        let standing = Standing { since: since.or(seen.since), reports, ..seen };
        let rollout =
            if arguments.back { standing.to_none() } else { standing.to_enforce(arguments.clean) };
        let human = RolloutShown { say, standing: &standing, rollout: &rollout };
        write!(anstream::stdout().lock(), "{human}")?;
        rollout.steps.iter().map(|step| (step.at, step.what.clone())).collect::<Vec<_>>()
    } else {
        let way = way(&report, &arguments.to);
        write!(anstream::stdout().lock(), "{}", WayShown { say, way: &way })?;
        way.steps.iter().map(|step| (step.earliest, step.what.clone())).collect()
    };
    if let Some(file) = &arguments.calendar {
        let entries: Vec<Entry> =
            entries.iter().map(|(at, what)| say.entry(&domain, *at, what)).collect();
        fs::write(file, calendar(&domain, now(), &entries))
            .map_err(|error| Trouble::Usage(format!("{file} cannot be written: {error}")))?;
    }
    let is_done = entries.iter().all(|(_, what)| what.key == "rollout.step.keep");
    Ok(if is_done { Outcome::Clean } else { Outcome::Problems })
}

fn date(typed: &str) -> Result<Timestamp, Trouble> {
    let date = Timestamp::from_rfc3339(typed);
    date.ok_or_else(|| Trouble::Usage(format!("{typed:?} is no date like 2026-01-31")))
}

fn reported(files: &[String]) -> Result<Option<Reports>, Trouble> {
    let mut reader = Reader::default();
    for file in files {
        read(&mut reader, file)?;
    }
    let summary = Summary::of(&reader.finish());
    let period = summary.begin.zip(summary.end);
    Ok(period.map(|(begin, end)| Reports { begin, end, safe: summary.enforce_is_safe() }))
}

fn look(switches: &Switches, domain: &Domain) -> Result<Report, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let network = Native::new(switches)?;
        Ok(scan(&network, domain, now(), &|_| {}).await)
    })
}

fn way(report: &Report, to: &[String]) -> Way {
    let published = Published::of(report);
    let moving = Move {
        domain: report.domain.clone(),
        from: hosts(report),
        to: to.iter().map(|host| host.trim_end_matches('.').to_ascii_lowercase()).collect(),
        policy: published.policy(),
        record_ttl: published.mta_sts_ttl.unwrap_or(TTL),
        mx_ttl: published.mx_ttl.unwrap_or(TTL),
    };
    work_out(&moving, now())
}

/// What says it.
#[derive(Clone, Copy)]
struct Say<'a> {
    texts: &'a Texts,
}

impl Say<'_> {
    fn word<'k>(&'k self, key: &'k str) -> &'k str {
        self.texts.word(key)
    }

    fn with(&self, key: &str, params: &[(&'static str, String)]) -> String {
        harmless(&fill(self.texts.word(key), params)).into_owned()
    }

    fn sentence(&self, sentence: &Sentence) -> String {
        self.with(sentence.key, &sentence.params)
    }

    fn entry(&self, domain: &Domain, at: Timestamp, what: &Sentence) -> Entry {
        let text = self.sentence(what);
        Entry { at, title: format!("{domain}: {text}"), text }
    }
}

struct RolloutShown<'a> {
    say: Say<'a>,
    standing: &'a Standing,
    rollout: &'a Rollout,
}

impl fmt::Display for RolloutShown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let say = self.say;
        let stands =
            say.texts.word(&format!("after.stands.{}", self.standing.stage.as_str())).to_owned();
        writeln!(f, "{BOLD}{stands}{BOLD:#}")?;
        if !self.rollout.needs.is_empty() {
            writeln!(f, "\n{}", say.word("after.needs"))?;
        }
        for need in &self.rollout.needs {
            let (style, key) = match need.met {
                Some(true) => (GREEN, "after.yes"),
                Some(false) => (RED, "after.no"),
                None => (YELLOW, "after.unknown"),
            };
            let (met, what) = (say.word(key), say.sentence(&need.what));
            writeln!(f, "  {style}{met}{style:#}: {what}")?;
        }
        writeln!(f)?;
        if self.rollout.steps.is_empty() {
            writeln!(f, "{}", say.word("after.nothing-to-do"))?;
        }
        self.rollout
            .steps
            .iter()
            .try_for_each(|step| writeln!(f, "  {}  {}", step.at.date(), say.sentence(&step.what)))
    }
}

struct WayShown<'a> {
    say: Say<'a>,
    way: &'a Way,
}

impl fmt::Display for WayShown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let say = self.say;
        for trap in &self.way.traps {
            writeln!(f, "{YELLOW}{}{YELLOW:#}", say.sentence(trap))?;
        }
        if self.way.steps.is_empty() {
            writeln!(f, "{}", say.word("after.nothing-to-do"))?;
        }
        for (number, step) in (1..).zip(&self.way.steps) {
            let (earliest, safe) = (step.earliest.date(), step.safe.date());
            let when = if earliest == safe {
                say.with("moving.from", &[("date", earliest)])
            } else {
                say.with("moving.from-safely", &[("date", earliest), ("safe", safe)])
            };
            writeln!(f, "{number}. {BOLD}{}{BOLD:#} ({when})", say.sentence(&step.what))?;
            for (_, text) in &step.writes {
                text.lines().try_for_each(|line| writeln!(f, "     {}", harmless(line)))?;
            }
        }
        self.way.phases.iter().filter(|phase| !phase.policy.is_empty()).try_for_each(|phase| {
            writeln!(f, "\n{BOLD}{}{BOLD:#}", say.word(phase.name))?;
            phase.hosts.iter().try_for_each(|host| {
                let met = |is_so: bool| say.word(if is_so { "after.yes" } else { "after.no" });
                let (covered, remembered) =
                    (say.word("moving.covered"), say.word("moving.remembered"));
                let (now, then) = (met(host.now), met(host.remembered));
                writeln!(f, "  {}: {covered}: {now}; {remembered}: {then}", harmless(&host.host))
            })
        })
    }
}

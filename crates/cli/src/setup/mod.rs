//! `mxray setup`: what to publish for a domain, as the page's set-up writes it.

use std::fs;
use std::io::{self, Write};

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use mxray_facts::Domain;
use mxray_probe::Switches;
use mxray_records::mta_sts::policy::Mode;
use mxray_records::texts::Texts;
use mxray_scan::depth::{Kept, Known, sending};
use mxray_scan::{Report, Seen, scan};
use mxray_setup::formats::{self, Format};
use mxray_setup::spf::{Mending, meant, mend};
use mxray_setup::{Draft, Kept as Change, Published, Wishes, bundle, hosts};

use crate::check::now;
use crate::input::understand_or_say;
use crate::network::Native;
use crate::setup::human::Human;
use crate::{Outcome, Trouble, providers};

mod human;

/// Writes what to publish for a domain, in order, beside what is published now: MTA-STS and TLS-RPT, a
/// DMARC record, a mended SPF record, or that there is no mail.
#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The domain: a name, a mail address or a web address
    domain: String,

    /// What is set up
    #[arg(long, default_value = "transport")]
    goal: Goal,

    /// A line of the policy: an MX host, or a pattern; as often as there are lines [default: the hosts that are found]
    #[arg(long, value_name = "HOST")]
    mx: Vec<String>,

    /// The policy's mode [default: the one that is published, else testing]
    #[arg(long, value_parser = PossibleValuesParser::new(["testing", "enforce", "none"]))]
    mode: Option<String>,

    /// For how many days senders may remember the policy [default: as long as now, else 7]
    #[arg(long)]
    days: Option<u16>,

    /// Where TLS reports go: an address, or an https: URL [default: where they go now]
    #[arg(long, value_name = "ADDRESS")]
    tls_reports: Option<String>,

    /// Where DMARC reports go [default: where they go now]
    #[arg(long, value_name = "ADDRESS")]
    dmarc_reports: Option<String>,

    /// Where the policy's host is: an address, or a name
    #[arg(long, value_name = "HOST")]
    target: Option<String>,

    /// Print nothing but the records, as DNS is kept with
    #[arg(long, value_parser = PossibleValuesParser::new(Format::ALL.map(Format::as_str)))]
    format: Option<String>,

    /// Write everything as a zip: records in every format, the policy, what each web host needs
    #[arg(long, value_name = "FILE")]
    bundle: Option<String>,

    #[command(flatten)]
    switches: Switches,
}

/// What is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Goal {
    /// MTA-STS and TLS reports
    Transport,
    /// A DMARC record that asks for reports
    Dmarc,
    /// The SPF record, mended
    Spf,
    /// That the domain has no mail
    NoMail,
}

const AFTER_HELP: &str = r#"Exit code: 0 if all is published as it is written here; 1 if something is to be published, or to be decided. 2 if the command cannot be carried out.

The domain is looked at first. Records keep what they say as far as it is sound; a policy that changes gets a new id. Publish in the order of the numbers: the policy's file goes before its record.

An SPF record is mended where no sender can get lost; each change is named, and what is left for you to decide. Networks of others are never copied in.

Examples:
  mxray setup example.com
  mxray setup example.com --mode enforce --format zone
  mxray setup example.com --goal spf
  mxray setup example.com --target 192.0.2.80 --bundle example.zip"#;

/// Sets up what the arguments say.
///
/// # Errors
/// The domain is none, a switch cannot be followed, or a file cannot be written.
pub(crate) fn run(arguments: Arguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let domain = understand_or_say(&arguments.domain)?.domain;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (report, mending) = runtime.block_on(look(&arguments, &domain))?;
    let draft = draft(&arguments, &report, mending.as_ref());
    let human =
        Human { draft: draft.as_ref(), mending: mending.as_ref(), hosts: &hosts(&report), texts };
    if let (Some(file), Some(draft)) = (&arguments.bundle, &draft) {
        let written = bundle::zip(&bundle::files(draft, &human.readme()));
        let bytes = written.map_err(|error| Trouble::Output(io::Error::other(error)))?;
        fs::write(file, bytes)
            .map_err(|error| Trouble::Usage(format!("{file} cannot be written: {error}")))?;
    }
    let format =
        Format::ALL.into_iter().find(|it| Some(it.as_str()) == arguments.format.as_deref());
    match (format, &draft) {
        (Some(format), Some(draft)) => {
            io::stdout().lock().write_all(formats::write(format, draft).as_bytes())?;
        }
        (Some(_), None) => {}
        (None, _) => write!(anstream::stdout().lock(), "{human}")?,
    }
    let to_publish = |draft: &Draft| draft.changes.iter().any(|it| it.kept() != Change::Same);
    let is_done = !draft.as_ref().is_some_and(to_publish)
        && mending.is_none_or(|mending| mending.open.is_empty());
    Ok(if is_done { Outcome::Clean } else { Outcome::Problems })
}

/// What the domain has now, and what becomes of its SPF record if that is wanted.
async fn look(
    arguments: &Arguments,
    domain: &Domain,
) -> Result<(Report, Option<Mending>), Trouble> {
    let network = Native::new(&arguments.switches)?;
    let kept = Kept::new(&network);
    let report = scan(&kept, domain, now(), &|_| {}).await;
    if arguments.goal != Goal::Spf {
        return Ok((report, None));
    }
    let mending = mended(&network, &report, kept.seen()).await?;
    Ok((report, Some(mending)))
}

async fn mended(network: &Native, report: &Report, seen: Vec<Seen>) -> Result<Mending, Trouble> {
    let known = Known { providers: providers::known()?, ..Known::default() };
    let published = Published::of(report);
    let meant = meant(&published);
    let sending = match meant.text.as_deref() {
        Some(text) => Some(sending(network, report, seen, &known, text).await),
        None => None,
    };
    Ok(mend(&report.domain, &published, meant, sending.as_ref()))
}

fn draft(arguments: &Arguments, report: &Report, mending: Option<&Mending>) -> Option<Draft> {
    let published = Published::of(report);
    let wishes = wishes(arguments, report);
    match arguments.goal {
        Goal::Transport => {
            let mta_sts = Draft::mta_sts(&wishes, &published, now());
            // Who is to hear of problems is told first.
            Some(Draft::tls_rpt(&wishes, &published).with(mta_sts))
        }
        Goal::Dmarc => Some(Draft::dmarc(&wishes, &published)),
        Goal::Spf => mending?.draft.clone(),
        Goal::NoMail => Some(Draft::no_mail(&report.domain, &published)),
    }
}

/// What the scan suggests, but for what was said.
fn wishes(arguments: &Arguments, report: &Report) -> Wishes {
    let found = Wishes::of(report);
    let modes = [Mode::Testing, Mode::Enforce, Mode::None];
    let mode = modes.into_iter().find(|it| Some(it.as_str()) == arguments.mode.as_deref());
    Wishes {
        mx: if arguments.mx.is_empty() { found.mx.clone() } else { arguments.mx.clone() },
        mode: mode.unwrap_or(found.mode),
        max_age: arguments.days.map_or(found.max_age, |days| u32::from(days) * 86_400),
        tls_reports: arguments.tls_reports.clone().unwrap_or(found.tls_reports.clone()),
        dmarc_reports: arguments.dmarc_reports.clone().unwrap_or(found.dmarc_reports.clone()),
        target: arguments.target.clone().unwrap_or_default(),
        ..found
    }
}

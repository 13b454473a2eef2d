//! `mxray spf`: may this server send in this name?

use std::io::{self, Write};
use std::net::IpAddr;

use mxray_probe::Switches;
use mxray_records::texts::Texts;
use mxray_scan::spf::{Attempt, Evaluation, Outcome as Spf, check_host};
use serde::Serialize;

use crate::check::now;
use crate::input::understand_or_say;
use crate::json::write_json;
use crate::network::Native;
use crate::spf::human::Human;
use crate::{Outcome, Trouble, providers};

mod human;

/// Evaluates a domain's SPF record for a server, as a receiver does: may it send in this name?
#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The domain: a name, a mail address or a web address
    domain: String,

    /// The server's address
    #[arg(long)]
    ip: IpAddr,

    /// The sender, as in MAIL FROM; what SPF calls macros can depend on it [default: postmaster@DOMAIN]
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,

    /// The server's name, as in HELO or EHLO; macros can depend on it too [default: DOMAIN]
    #[arg(long, value_name = "NAME")]
    helo: Option<String>,

    /// Print the evaluation as one JSON object on a line
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    switches: Switches,
}

const AFTER_HELP: &str = r#"Exit code: 0 for pass; 1 for fail, softfail and permerror; 3 for temperror, none and neutral, which do not tell. 2 if the command cannot be carried out.

The result is that of check_host() (RFC 7208). Each term is shown with what it cost and what it came to, down through the records that include and redirect lead to.

JSON: {"attempt", "result", "reason": {"kind", …}, "explanation", "lookups", "void_lookups", "visit"}
  visit   {"domain", "record", "steps", "result", "reason"}: a record that was read
  steps   [{"term", "target", "hosts", "lookups", "void_lookups", "progress", "below"}…]: its terms, in order
  below   the visit that a term leads to, or null; its cost is part of the term's

Examples:
  mxray spf example.com --ip 192.0.2.1
  mxray spf example.com --ip 2001:db8::1 --mail-from info@example.com --helo mail.example.com
  mxray spf example.com --ip 192.0.2.1 --json | jq .result"#;

/// What is printed as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    attempt: &'a Attempt,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
}

/// Evaluates what the arguments say.
///
/// # Errors
/// The domain is none, a switch cannot be followed, or the answer cannot be written.
pub(crate) fn run(arguments: Arguments, texts: &Texts) -> Result<Outcome, Trouble> {
    let domain = understand_or_say(&arguments.domain)?.domain.to_string();
    let attempt = Attempt {
        ip: arguments.ip,
        sender: arguments.mail_from.unwrap_or_else(|| format!("postmaster@{domain}")),
        helo: arguments.helo.unwrap_or_else(|| domain.clone()),
        domain,
        at: now(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let evaluation = runtime.block_on(async {
        let network = Native::new(&arguments.switches)?;
        Ok::<_, Trouble>(check_host(&network, &attempt).await)
    })?;
    if arguments.json {
        let answer = Answer { attempt: &attempt, evaluation: &evaluation };
        write_json(io::stdout().lock(), &answer)?;
    } else {
        let providers = providers::known()?;
        let human =
            Human { attempt: &attempt, evaluation: &evaluation, texts, providers: &providers };
        write!(anstream::stdout().lock(), "{human}")?;
    }
    Ok(outcome(evaluation.result))
}

fn outcome(result: Spf) -> Outcome {
    match result {
        Spf::Pass => Outcome::Clean,
        Spf::Fail | Spf::SoftFail | Spf::PermError => Outcome::Problems,
        Spf::None | Spf::Neutral | Spf::TempError => Outcome::Unknown,
    }
}

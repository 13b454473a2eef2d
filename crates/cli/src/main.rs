//! The `mxray` command: looks at how a domain's mail is protected, and reads the texts behind it.

use std::fmt;
use std::io;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use mxray_records::texts::Texts;

mod check;
mod draw;
mod input;
mod json;
mod lint;
mod network;
mod plan;
mod providers;
mod reports;
mod rules;
mod senders;
mod setup;
mod spf;
mod texts;

/// Shows how a domain's mail is protected: on its way (MTA-STS, TLS-RPT, STARTTLS, DANE) and
/// against forgery (SPF, DKIM, DMARC).
#[derive(Parser)]
#[command(name = "mxray", version)]
struct Arguments {
    /// The language of the answer
    #[arg(long, global = true, value_name = "LANGUAGE", default_value = "en")]
    #[arg(value_parser = PossibleValuesParser::new(texts::languages()))]
    lang: String,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Lint(lint::Arguments),
    Spf(spf::Arguments),
    Setup(setup::Arguments),
    Plan(plan::Arguments),
    Reports(reports::Arguments),
    Explain(rules::ExplainArguments),
    Rules(rules::ListArguments),
}

/// How a run ended, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Nothing is wrong.
    Clean,
    /// Something that counts could not be looked at.
    Unknown,
    /// Something is wrong.
    Problems,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Problems => 1,
            Outcome::Unknown => 3,
        })
    }
}

/// Why nothing came of a run.
#[derive(Debug)]
enum Trouble {
    /// What was asked for cannot be done; the sentence says why.
    Usage(String),
    /// The answer could not be written.
    Output(io::Error),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(sentence) => f.write_str(&mxray_records::harmless(sentence)),
            Self::Output(error) => write!(f, "the answer could not be written: {error}"),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<toml::de::Error> for Trouble {
    fn from(error: toml::de::Error) -> Self {
        Self::Usage(format!("the texts that belong to this program cannot be read: {error}"))
    }
}

fn main() -> ExitCode {
    let Arguments { lang, command } = Arguments::parse();
    let outcome = texts::of(&lang).map_err(Trouble::from).and_then(|texts| run(command, &texts));
    outcome.map_or_else(|trouble| report(&trouble), ExitCode::from)
}

fn run(command: Command, texts: &Texts) -> Result<Outcome, Trouble> {
    match command {
        Command::Check(arguments) => check::run(arguments, texts),
        Command::Lint(arguments) => lint::run(arguments, texts),
        Command::Spf(arguments) => spf::run(arguments, texts),
        Command::Setup(arguments) => setup::run(arguments, texts),
        Command::Plan(arguments) => plan::run(arguments, texts),
        Command::Reports(arguments) => reports::run(arguments, texts),
        Command::Explain(arguments) => rules::explain(&arguments, texts),
        Command::Rules(arguments) => rules::list(&arguments, texts),
    }
}

/// Ends like a usage error, which clap reports with 2 as well.
fn report(trouble: &Trouble) -> ExitCode {
    // Whoever closes our output has read enough.
    if !matches!(trouble, Trouble::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
        eprintln!("mxray: {trouble}");
    }
    ExitCode::from(2)
}

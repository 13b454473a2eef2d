//! Set-up, demo, tests and measurements: `cargo xtask help`.

mod address;
mod bench;
mod browser;
mod compress;
mod finish;
mod fuzz;
mod guides;
mod html;
#[cfg(test)]
mod languages;
mod lighten;
mod links;
mod mutate;
mod npm;
mod pack;
mod package;
mod page;
mod progress;
mod python;
mod reading;
mod rules;
mod run;
mod screenshots;
mod servers;
mod site;
mod size;
mod test;
mod tools;
mod widget;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The product's version, which all of its crates share.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What went well, or a sentence saying what did not and what to do about it.
type Result<T = ()> = std::result::Result<T, String>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set up, run, test and weigh mxray.")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what building the page needs and is not there yet.
    Setup,
    /// Builds everything and runs the page against an internet in a box; needs no network then.
    Demo {
        /// The first port to try [default: the demo's own choice].
        #[arg(long)]
        port: Option<u16>,
    },
    /// Builds everything and runs the page against the real internet.
    Serve {
        /// Passed on to mxray-proxy.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Checks formatting and lints, and runs every test: native, in WASM, and in a browser.
    Test {
        /// Only these groups, in their usual order.
        groups: Vec<test::Group>,
    },
    /// Builds the page into one folder for a static host, compressed ahead, with your settings.
    Site(site::Arguments),
    /// Makes the packages for npm: the widget, and the engine for pages and Node.
    Package(package::Arguments),
    /// Feeds the readers of records with texts that lead into code not seen so far.
    Fuzz(fuzz::Arguments),
    /// Changes the parsers of MTA-STS, TLS-RPT and DMARC bit by bit, to see whether a test notices.
    Mutate {
        /// Passed on to cargo-mutants: `--re tags.rs` for the changes of one file.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measures how much something bears, on this machine and within minutes.
    Bench {
        /// What.
        what: bench::What,
    },
    /// Builds the page and weighs its first load, file by file.
    Size,
    /// Takes the pictures of the page in docs/screenshots anew.
    Screenshots,
    /// Finishes the page that Trunk has just bundled; Trunk calls it.
    Page,
}

fn main() -> ExitCode {
    match Workspace::find().and_then(|workspace| perform(&workspace, Arguments::parse().task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("\nerror: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn perform(workspace: &Workspace, task: Task) -> Result {
    match task {
        Task::Setup => tools::ready(workspace).map(|tools| println!("{tools}")),
        Task::Demo { port } => run::demo(workspace, port),
        Task::Serve { arguments } => run::serve(workspace, &arguments),
        Task::Test { groups } => test::run(workspace, &groups),
        Task::Site(arguments) => site::make(workspace, &arguments),
        Task::Package(arguments) => package::make(workspace, &arguments),
        Task::Fuzz(arguments) => fuzz::run(workspace, &arguments),
        Task::Mutate { arguments } => mutate::run(workspace, &arguments),
        Task::Bench { what } => bench::measure(workspace, what),
        Task::Size => size::print(&page::build(workspace)?),
        Task::Screenshots => screenshots::take(workspace),
        Task::Page => finish::staged(workspace),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Coverage-guided fuzzing: a reader of records, or of TLS reports, is fed whatever leads into code not seen
//! so far, and what it says is held against the laws of `crates/records/tests/properties/laws.rs` or of
//! `fuzz/src/reports.rs`.
//!
//! The fuzzer is libFuzzer, which the `libfuzzer-sys` crate brings along. It needs nothing but the
//! compiler's stable switches for coverage; there is no unsafe code that an address sanitizer would watch.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fmt, fs};

use crate::workspace::{Workspace, corpora, create_folder, entries, read};
use crate::{Result, progress};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What reads the texts; all readers in turn if none is named.
    #[arg(value_name = "KIND")]
    readers: Vec<String>,
    /// How long each of them is fed.
    #[arg(long, default_value_t = 300)]
    seconds: u32,
}

/// Feeds each reader for its time; what broke a law is kept, and makes this fail in the end.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result {
    let fuzzer = Fuzzer::new(workspace)?;
    let known = fuzzer.sow()?;
    let readers = chosen(&known, &arguments.readers)?;
    fuzzer.build()?;
    let runs = readers.iter().map(|reader| fuzzer.feed(reader, arguments.seconds));
    let runs = runs.collect::<Result<Vec<_>>>()?;
    println!("\n{:<16} {:>12} {:>7} {:>9}", "reader", "executions", "edges", "features");
    runs.iter().for_each(|run| println!("{run}"));
    let found: Vec<_> = runs.iter().filter_map(|run| run.found.as_ref()).collect();
    if found.is_empty() { Ok(()) } else { Err(how_to_keep(&found)) }
}

fn chosen(known: &[String], named: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = named.iter().find(|name| !known.contains(name)) {
        return Err(format!("nothing is called {unknown} here, but {}", known.join(", ")));
    }
    Ok(if named.is_empty() { known } else { named }.to_vec())
}

fn how_to_keep(found: &[&PathBuf]) -> String {
    let files = found.iter().map(|file| format!("\n  {}", file.display())).collect::<String>();
    format!(
        "these texts break a law; make each as short as it can be, and a row of FOUND in \
         crates/records/tests/properties/main.rs, or of crates/reports/tests/reports:{files}"
    )
}

struct Fuzzer<'a> {
    workspace: &'a Workspace,
    /// Everything that is built, sown, reaped and found.
    folder: PathBuf,
    corpora: Option<PathBuf>,
}

impl<'a> Fuzzer<'a> {
    fn new(workspace: &'a Workspace) -> Result<Self> {
        let folder = workspace.target.join("fuzz");
        Ok(Self { workspace, folder, corpora: corpora()? })
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = self.workspace.cargo();
        cargo.args([command, "--quiet", "--locked", "--manifest-path"]);
        cargo.arg(self.workspace.root.join("fuzz/Cargo.toml"));
        cargo.env("CARGO_TARGET_DIR", &self.folder);
        cargo
    }

    /// Writes the texts to begin with, a folder for each reader; the answer is who reads.
    fn sow(&self) -> Result<Vec<String>> {
        eprintln!(
            "Sowing the texts of the tests{}.",
            if self.corpora.is_some() { " and the corpora" } else { "" }
        );
        let seeds = self.folder.join("seeds");
        // Of readers that there are no longer; most often there is nothing.
        let _ = fs::remove_dir_all(&seeds);
        let mut sow = self.cargo("run");
        sow.args(["--bin", "sow", "--"]).arg(&seeds);
        if let Some(corpora) = &self.corpora {
            sow.env("MXRAY_CORPORA", corpora);
        }
        progress::run(&mut sow, &self.log("sow"))?;
        let folders = entries(&seeds)?.into_iter().filter(|entry| entry.is_dir());
        let name = |folder: PathBuf| Some(folder.file_name()?.to_str()?.to_owned());
        Ok(folders.filter_map(name).collect())
    }

    fn build(&self) -> Result {
        eprintln!("Building the fuzzer, which takes a C++ compiler.");
        progress::run(&mut self.instrumented("build"), &self.log("build"))
    }

    /// Cargo, told to have the program count where it has been and what it compares.
    fn instrumented(&self, command: &str) -> Command {
        let mut cargo = self.cargo(command);
        cargo.args(["--release", "--features", "fuzzer", "--bin", "hold"]);
        // A target that is named keeps the counters out of build scripts.
        cargo.args(["--target", "host-tuple"]).env("RUSTFLAGS", COUNTERS.join(" "));
        cargo
    }

    fn feed(&self, reader: &str, seconds: u32) -> Result<Run> {
        let reaped = self.folder.join("reaped").join(reader);
        let found = self.folder.join("found");
        create_folder(&reaped)?;
        create_folder(&found)?;
        let mut fuzzer = self.instrumented("run");
        fuzzer.arg("--").arg(&reaped).arg(self.folder.join("seeds").join(reader));
        fuzzer.arg(argument("-dict=", &self.folder.join("seeds/dictionary")));
        fuzzer.arg(argument("-artifact_prefix=", &found.join(format!("{reader}-"))));
        fuzzer.arg(format!("-max_total_time={seconds}")).arg(length(reader)).args(LIMITS);
        fuzzer.env("MXRAY_READER", reader).env("RUST_BACKTRACE", "0");
        let log = self.log(reader);
        let outcome = progress::run(&mut fuzzer, &log);
        let run = Run::of(reader, &String::from_utf8_lossy(&read(&log)?));
        if run.found.is_none() { outcome.map(|()| run) } else { Ok(run) }
    }

    fn log(&self, step: &str) -> PathBuf {
        self.folder.join("log").join(format!("{step}.log"))
    }
}

const COUNTERS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Longer texts are slower and lead nowhere new; a message with a TLS report takes some thousand bytes.
fn length(reader: &str) -> &'static str {
    if reader == "reports" { "-max_len=8192" } else { "-max_len=1024" }
}

/// Ten seconds for one text are a bug, too.
const LIMITS: [&str; 3] = ["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"];

fn argument(name: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(name);
    argument.push(path);
    argument
}

/// What libFuzzer says of itself in the end.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    reader: String,
    executions: String,
    /// Edges of the control flow that some text has led over.
    edges: String,
    /// Edges, how often they were gone over, and how near comparisons came.
    features: String,
    /// A text that broke a law.
    found: Option<PathBuf>,
}

impl Run {
    fn of(reader: &str, said: &str) -> Self {
        let behind = |mark: &str| {
            let rest = said.rsplit_once(mark).map_or("", |(_, rest)| rest);
            rest.split_whitespace().next().unwrap_or("?").to_owned()
        };
        let found = behind("Test unit written to ");
        Self {
            reader: reader.to_owned(),
            executions: behind("stat::number_of_executed_units:"),
            edges: behind(" cov: "),
            features: behind(" ft: "),
            found: (found != "?").then(|| found.into()),
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reader, executions, edges, features, found } = self;
        let law = if found.is_some() { "  BROKE A LAW" } else { "" };
        write!(f, "{reader:<16} {executions:>12} {edges:>7} {features:>9}{law}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_that_the_fuzzer_says_of_itself_counts() {
        let said = "#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 30Mb\n\
                    #90\tDONE   cov: 1298 ft: 4549 corp: 1009/79Kb lim: 202 exec/s: 45 rss: 30Mb\n\
                    stat::number_of_executed_units: 90\nstat::average_exec_per_sec:     45\n";
        let run = |found| Run {
            reader: "mx-set".to_owned(),
            executions: "90".to_owned(),
            edges: "1298".to_owned(),
            features: "4549".to_owned(),
            found,
        };
        assert_eq!(Run::of("mx-set", said), run(None));
        let broken =
            said.to_owned() + "artifact_prefix='a/'; Test unit written to a/crash-1\nBase64: \n";
        assert_eq!(Run::of("mx-set", &broken), run(Some("a/crash-1".into())));
    }

    #[test]
    fn whoever_is_not_known_is_refused_and_nobody_means_all() {
        let known = ["mx-set".to_owned(), "spf-exact".to_owned()];
        assert_eq!(chosen(&known, &[]), Ok(known.to_vec()));
        assert_eq!(chosen(&known, &known[1..]), Ok(known[1..].to_vec()));
        assert!(chosen(&known, &["spf".to_owned()]).is_err_and(|why| why.contains("spf-exact")));
    }
}

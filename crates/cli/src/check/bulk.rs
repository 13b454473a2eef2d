//! `mxray check --bulk`: many domains from a file, a line of JSON for each as soon as it is there.
//!
//! With `--output` the lines go to a file; what that has already is not scanned again, so that a run
//! that was ended can be taken up.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, LineWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::iter;
use mxray_facts::Domain;
use serde::{Deserialize, Serialize};

use super::shared::Shared;
use super::{Looking, Probes, Shown, now, outcome};
use crate::input::understand;
use crate::json::write_json;
use crate::{Outcome, Trouble};

/// Scans at a time; most of a scan is waiting.
const AT_A_TIME: usize = 64;

/// How often whoever watches is told.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Where the domains come from, and where their reports go.
pub(super) struct Bulk {
    pub(super) list: PathBuf,
    pub(super) output: Option<PathBuf>,
}

/// A line that holds no domain.
#[derive(Serialize)]
struct Wrong<'a> {
    input: &'a str,
    error: String,
}

/// Scans every domain of a list, each once.
///
/// # Errors
/// The list or the output cannot be read, or a line cannot be written.
pub(super) async fn run(
    probes: Probes<'_>,
    bulk: &Bulk,
    shown: Shown<'_>,
) -> Result<Outcome, Trouble> {
    let lines = read_list(&bulk.list).map_err(|error| unreadable(&bulk.list, &error))?;
    let (mut output, done) = match &bulk.output {
        Some(file) => {
            let (file, done) = take_up(file).map_err(|error| unreadable(file, &error))?;
            (Box::new(LineWriter::new(file)) as Box<dyn Write>, done)
        }
        None => (Box::new(io::stdout().lock()) as Box<dyn Write>, Done::default()),
    };
    let (domains, wrong) = sort_out(&lines, &done);
    let mut worst = Outcome::Clean;
    for wrong in wrong {
        write_json(&mut output, &wrong)?;
        worst = Outcome::Problems;
    }
    let mut watch = Watch::new(domains.len());
    let network = &Shared::new(probes.own);
    let looking = Looking { network, probes, now: now(), shown, observe: &|_| {} };
    let scans = domains.iter().map(|domain| looking.at(domain));
    let mut scans = iter(scans).buffer_unordered(AT_A_TIME);
    while let Some(scanned) = scans.next().await {
        shown.write_line(&scanned, &mut output)?;
        worst = worst.max(outcome(&scanned.report));
        watch.tell();
    }
    watch.end();
    Ok(worst)
}

fn unreadable(file: &Path, error: &io::Error) -> Trouble {
    Trouble::Usage(format!("{} cannot be read: {error}", file.display()))
}

/// The lines that say something; `-` is standard input.
fn read_list(file: &Path) -> io::Result<Vec<String>> {
    let mut text = String::new();
    if file == Path::new("-") {
        io::stdin().lock().read_to_string(&mut text)?;
    } else {
        File::open(file)?.read_to_string(&mut text)?;
    }
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    Ok(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// What a file of reports has already.
#[derive(Default)]
struct Done {
    domains: HashSet<String>,
    wrong: HashSet<String>,
}

/// What is read of a line of it.
#[derive(Deserialize)]
struct Line {
    domain: Option<String>,
    input: Option<String>,
}

/// Opens a file of reports to go on behind its last whole line.
fn take_up(file: &Path) -> io::Result<(File, Done)> {
    let options = || OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
    let mut file = options().open(file)?;
    let mut reader = BufReader::new(&file);
    let (mut done, mut whole, mut line) = (Done::default(), 0, Vec::new());
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        // A run that was ended may have left half a line.
        let Some(known) = known(&line) else { break };
        done.domains.extend(known.domain);
        done.wrong.extend(known.input);
        whole += length as u64;
    }
    if file.metadata()?.len() > whole && !line.is_empty() && line.ends_with(b"\n") {
        let error = "a line of it is no report of this command";
        return Err(io::Error::new(io::ErrorKind::InvalidData, error));
    }
    file.set_len(whole)?;
    file.seek(SeekFrom::Start(whole))?;
    Ok((file, done))
}

/// What a whole line says.
fn known(line: &[u8]) -> Option<Line> {
    let line = line.strip_suffix(b"\n")?;
    serde_json::from_slice(line).ok()
}

/// The domains that are still to be scanned, each once, and the lines that hold none.
fn sort_out<'a>(lines: &'a [String], done: &Done) -> (Vec<Domain>, Vec<Wrong<'a>>) {
    let (mut domains, mut wrong) = (Vec::new(), Vec::new());
    let (mut seen, mut seen_wrong) = (HashSet::new(), HashSet::new());
    for line in lines {
        match understand(line) {
            Ok(understood) => {
                let domain = understood.domain;
                if !done.domains.contains(domain.as_str()) && seen.insert(domain.clone()) {
                    domains.push(domain);
                }
            }
            Err(error) => {
                if !done.wrong.contains(line) && seen_wrong.insert(line) {
                    wrong.push(Wrong { input: line, error: error.to_string() });
                }
            }
        }
    }
    (domains, wrong)
}

/// How far it is, and how fast, where somebody watches.
struct Watch {
    is_watched: bool,
    all: usize,
    complete: usize,
    start: Instant,
    told: Instant,
}

impl Watch {
    fn new(all: usize) -> Self {
        let now = Instant::now();
        Self { is_watched: io::stderr().is_terminal(), all, complete: 0, start: now, told: now }
    }

    fn tell(&mut self) {
        self.complete += 1;
        if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            self.write();
        }
    }

    fn end(&self) {
        self.write();
        if self.is_watched {
            eprintln!();
        }
    }

    fn write(&self) {
        if !self.is_watched {
            return;
        }
        let seconds = self.start.elapsed().as_secs_f64();
        let rate = self.complete as f64 / seconds.max(0.001);
        eprint!("\r\u{1b}[K{} of {} domains, {rate:.1} a second", self.complete, self.all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn each_domain_is_scanned_once() {
        let list = lines(
            "example.com\nInfo@EXAMPLE.com\nhttps://example.org/\nno domain\nno domain\ndone.example",
        );
        let done = Done { domains: ["done.example".to_owned()].into(), ..Done::default() };
        let (domains, wrong) = sort_out(&list, &done);
        let domains: Vec<&str> = domains.iter().map(Domain::as_str).collect();
        assert_eq!(domains, ["example.com", "example.org"]);
        let wrong: Vec<&str> = wrong.iter().map(|wrong| wrong.input).collect();
        assert_eq!(wrong, ["no domain"]);
    }

    #[test]
    fn a_run_goes_on_behind_its_last_whole_line() {
        let whole = "{\"domain\":\"a.example\"}\n{\"input\":\"?\",\"error\":\"no\"}\n";
        for (reason, before, kept) in [
            ("a new file", "", ""),
            ("whole lines", whole, whole),
            ("half a line", &*format!("{whole}{{\"domain\":\"b.exa"), whole),
            ("a line without its end", &*format!("{whole}{{\"domain\":\"b.example\"}}"), whole),
        ] {
            let path = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(&path, before).unwrap();
            let (mut file, done) = take_up(path.path()).unwrap();
            file.write_all(b"next\n").unwrap();
            assert_eq!(
                std::fs::read_to_string(&path).unwrap(),
                format!("{kept}next\n"),
                "{reason}"
            );
            assert_eq!(done.domains.len() + done.wrong.len(), kept.lines().count(), "{reason}");
        }
    }

    #[test]
    fn a_file_of_something_else_is_left_alone() {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&path, "my diary\nof today\n").unwrap();
        assert!(take_up(path.path()).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "my diary\nof today\n");
    }
}

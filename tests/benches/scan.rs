//! How long a scan takes beside checkdmarc's, and how many domains a second: `cargo xtask bench scan`.
//!
//! Both look at the same domains of a lab, on the ports that the standards name, so this takes the
//! right to listen there. Times are ratios of one run: each domain by turns, with answers of DNS that come
//! at once, and with 50 ms added to each.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use mxray_lab::{Config, Lab};
use mxray_tests::switches;
use serde_json::Value;
use tempfile::TempDir;

/// What a scan may take of checkdmarc's time, if each answer of DNS takes 50 ms.
const TO_BEAT: f64 = 0.1;

/// How many times checkdmarc's domains a second.
const BULK_TO_BEAT: f64 = 100.0;

/// Domains whose servers answer at once, so that the longest chain of questions is what takes time.
const DOMAINS: [&str; 12] = [
    "enforce.example",
    "testing.example",
    "nothing.example",
    "null-mx.example",
    "two-records.example",
    "mode-enforced.example",
    "mx-not-covered.example",
    "mx-expired.example",
    "dane.example",
    "delegated.example",
    "spf-plus-all.example",
    "team.dmarc-inherited.example",
];

/// Domains that checkdmarc looks at in one run; it takes seconds for each.
const CHECKDMARC_BULK: usize = 12;

fn main() -> ExitCode {
    let programs = Programs::of_environment();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut beaten = true;
    for delay in [Duration::ZERO, Duration::from_millis(50)] {
        let bench = runtime.block_on(Bench::start(delay));
        println!("\nWith {} ms added to each answer of DNS:\n", delay.as_millis());
        beaten &= bench.single(&programs) <= TO_BEAT || delay.is_zero();
        beaten &= bench.bulk(&programs) >= BULK_TO_BEAT || delay.is_zero();
        runtime.block_on(bench.lab.stop());
    }
    if beaten { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is measured.
struct Programs {
    mxray: PathBuf,
    checkdmarc: PathBuf,
}

impl Programs {
    fn of_environment() -> Self {
        let named =
            |name| PathBuf::from(env::var_os(name).expect("cargo xtask bench scan sets it"));
        Self { mxray: named("MXRAY_COMMAND"), checkdmarc: named("MXRAY_CHECKDMARC") }
    }
}

/// A lab on the ports of the standards.
struct Bench {
    lab: Lab,
    folder: TempDir,
    switches: Vec<String>,
}

impl Bench {
    async fn start(dns_delay: Duration) -> Self {
        let policies =
            env::var_os("MXRAY_CORPORA").map(|folder| Path::new(&folder).join("policies"));
        let config = Config {
            policies,
            dns_port: 53,
            dns_delay,
            https_port: 443,
            smtp_port: 25,
            ..Config::default()
        };
        let lab = Lab::start(config).await.unwrap();
        let ports = (lab.dns.port(), lab.https_port, lab.smtp_port);
        assert_eq!(
            ports,
            (53, 443, 25),
            "ports that checkdmarc asks at; listening there takes root"
        );
        let folder = TempDir::new().unwrap();
        let switches = switches(&lab, folder.path()).unwrap();
        Self { lab, folder, switches }
    }

    /// Each domain by turns; the median of the ratios.
    fn single(&self, programs: &Programs) -> f64 {
        println!("{:32} {:>8} {:>11} {:>6}", "domain", "mxray", "checkdmarc", "ratio");
        let mut ratios = Vec::new();
        let mut both = Vec::new();
        for domain in DOMAINS {
            let (ours, _) = timed(self.mxray(programs).args(["--json", domain]));
            let (theirs, said) = timed(self.checkdmarc(programs).arg(domain));
            both = made_by_both(&said);
            let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
            println!(
                "{domain:32} {:>5} ms {:>8} ms {ratio:>6.3}",
                ours.as_millis(),
                theirs.as_millis()
            );
            ratios.push(ratio);
        }
        ratios.sort_by(f64::total_cmp);
        let median = ratios[ratios.len() / 2];
        println!(
            "median {median:.3} (to beat at 50 ms: {TO_BEAT}); made by both: {}",
            both.join(", ")
        );
        median
    }

    /// Many domains in one run each; how many times as many a second.
    fn bulk(&self, programs: &Programs) -> f64 {
        let of_policies = self.lab.policies().iter().map(|domain| domain.name.as_str());
        let domains: Vec<&str> = DOMAINS.into_iter().chain(of_policies).collect();
        let list = self.folder.path().join("domains.txt");
        fs::write(&list, domains.join("\n")).unwrap();
        let (ours, said) = timed(self.mxray(programs).arg("--bulk").arg(&list));
        assert_eq!(said.lines().count(), domains.len(), "a line for each domain");
        let few = &domains[..CHECKDMARC_BULK.min(domains.len())];
        let (theirs, _) = timed(self.checkdmarc(programs).args(few));
        let [ours, theirs] = [(domains.len(), ours), (few.len(), theirs)]
            .map(|(count, time)| count as f64 / time.as_secs_f64());
        let times = ours / theirs;
        println!(
            "in bulk: {ours:.1} domains a second ({} domains), checkdmarc {theirs:.2} ({}): {times:.0} \
             times as many (to beat at 50 ms: {BULK_TO_BEAT})",
            domains.len(),
            few.len()
        );
        times
    }

    fn mxray(&self, programs: &Programs) -> Command {
        let mut mxray = Command::new(&programs.mxray);
        mxray.arg("check").args(&self.switches);
        mxray
    }

    /// With all that it can check, as ours does; it believes the lab's authority.
    fn checkdmarc(&self, programs: &Programs) -> Command {
        let authority = self.folder.path().join("ca.pem");
        let mut checkdmarc = Command::new(&programs.checkdmarc);
        checkdmarc.args(["--nameserver=127.0.0.1", "--check-mx-tls", "--format=json"]);
        checkdmarc.env("SSL_CERT_FILE", &authority).env("REQUESTS_CA_BUNDLE", &authority);
        checkdmarc
    }
}

/// How long a program runs, and what it says.
fn timed(command: &mut Command) -> (Duration, String) {
    let started = Instant::now();
    let output = command.stderr(Stdio::null()).output().unwrap();
    (started.elapsed(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The checks that checkdmarc reports, each of which ours makes too.
fn made_by_both(said: &str) -> Vec<String> {
    const OURS: [&str; 8] =
        ["mx", "mta_sts", "spf", "dmarc", "smtp_tls_reporting", "dnssec", "bimi", "ns"];
    let report: Value = serde_json::from_str(said).unwrap_or_default();
    let keys = report.as_object().map(|report| report.keys().cloned().collect::<Vec<_>>());
    keys.unwrap_or_default().into_iter().filter(|key| OURS.contains(&key.as_str())).collect()
}

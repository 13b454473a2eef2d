//! Every check there is, in groups that are timed one by one.

use std::io::{self, BufRead, BufReader, Write, stdout};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::bench::lighthouse::rate_without_clock;
use crate::npm::AXE;
use crate::python::SCHEMATHESIS;
use crate::tools::WASM_TARGET;
use crate::workspace::{Workspace, cannot_start, corpora, run as run_command, shown};
use crate::{Result, browser, package, page, servers, site, size, tools};

/// What runs in the browser.
const IN_THE_PAGE: [&str; 9] = [
    "--package=mxray-after",
    "--package=mxray-browser",
    "--package=mxray-depth",
    "--package=mxray-engine",
    "--package=mxray-records",
    "--package=mxray-facts",
    "--package=mxray-scan",
    "--package=mxray-web",
    "--package=mxray-widget",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Group {
    /// cargo fmt --check
    Format,
    /// clippy without a warning, native and for WASM
    Lint,
    /// Tests of all crates, and the documentation's examples
    Native,
    /// The tests of what runs in the page, compiled to WASM, in Chromium
    Wasm,
    /// The page builds, its first load is within its budget, and the site around it is the same twice
    Size,
    /// The packages for npm, installed from their tarballs: types, a bundler, Node, a browser
    Packages,
    /// End to end: the built page in three browser engines against real servers
    Browser,
    /// What Lighthouse says of the page, as far as it depends on no clock
    Rating,
}

/// Runs the groups, all if none is named; one that fails does not stop the next.
pub(crate) fn run(workspace: &Workspace, groups: &[Group]) -> Result {
    let chosen = |group: &Group| groups.is_empty() || groups.contains(group);
    let groups = Group::value_variants().iter().copied().filter(chosen);
    let outcomes = groups.map(|group| Outcome::of(workspace, group)).collect::<Vec<_>>();
    summary(&outcomes)
}

impl Group {
    /// How many tests ran.
    fn check(self, workspace: &Workspace) -> Result<usize> {
        match self {
            Self::Format => format(workspace).map(|()| 0),
            Self::Lint => lint(workspace).map(|()| 0),
            Self::Native => native(workspace),
            Self::Wasm => wasm(workspace),
            Self::Size => size(workspace).map(|()| 0),
            Self::Packages => package::hold(workspace).map(|()| 0),
            Self::Browser => end_to_end(workspace),
            Self::Rating => rating(workspace).map(|()| 0),
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

fn format(workspace: &Workspace) -> Result {
    run_command(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    // A workspace of its own.
    run_command(workspace.cargo().args(["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))
}

fn lint(workspace: &Workspace) -> Result {
    let strict = ["--", "-D", "warnings"];
    let mut native = workspace.cargo();
    native.args(["clippy", "--workspace", "--all-targets"]).args(strict);
    run_command(&mut native)?;
    // A workspace of its own; without the fuzzer, which takes a C++ compiler.
    let mut fuzz = workspace.cargo();
    run_command(
        fuzz.args(["clippy", "--locked", "--manifest-path", "fuzz/Cargo.toml"]).args(strict),
    )?;
    tools::ready(workspace)?;
    let mut wasm = workspace.cargo();
    run_command(wasm.args(["clippy", "--target", WASM_TARGET]).args(IN_THE_PAGE).args(strict))
}

fn native(workspace: &Workspace) -> Result<usize> {
    let mut cargo = cargo_test(workspace)?;
    cargo.args(["--workspace", "--exclude", "mxray-tests"]);
    count_tests(&mut cargo)
}

fn wasm(workspace: &Workspace) -> Result<usize> {
    let tools = tools::ready(workspace)?;
    let mut cargo = cargo_test(workspace)?;
    cargo.args(["--target", WASM_TARGET, "--tests"]).args(IN_THE_PAGE);
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools.test_runner());
    cargo.env("CHROMEDRIVER", browser::driver(workspace)?);
    cargo.env("WASM_BINDGEN_USE_BROWSER", "1");
    cargo.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", browser::capabilities(workspace)?);
    count_tests(&mut cargo)
}

fn size(workspace: &Workspace) -> Result {
    let dist = page::build(workspace)?;
    // Either says what the other does not.
    let weighed = size::print(&dist);
    site::hold(workspace, &dist).and(weighed)
}

fn rating(workspace: &Workspace) -> Result {
    let dist = page::build(workspace)?;
    rate_without_clock(workspace, &dist)
}

fn end_to_end(workspace: &Workspace) -> Result<usize> {
    let dist = page::build(workspace)?;
    let mut cargo = cargo_test(workspace)?;
    cargo.args(["--package", "mxray-tests"]);
    cargo.env("MXRAY_SITE", site::sample(workspace, &dist, site::SAMPLE)?);
    cargo.env("MXRAY_PAGE", dist).env("CHROMEDRIVER", browser::driver(workspace)?);
    let others = browser::others(workspace)?;
    cargo.envs(others.clone());
    if let Some(axe) = AXE.ready(workspace)? {
        cargo.env("MXRAY_AXE", axe.join("axe.min.js"));
    }
    if let Some(schemathesis) = SCHEMATHESIS.ready(workspace)? {
        cargo.env("MXRAY_SCHEMATHESIS", schemathesis);
    }
    let servers = servers::ready(workspace);
    if let Some(servers) = &servers {
        cargo.env("MXRAY_SERVERS", servers);
    }
    let tests = count_tests(&mut cargo);
    if servers.is_none() {
        return tests;
    }
    // The page's tests once more, in one engine: below a path, from another origin than the proxy's.
    // Those that where it is served can matter to.
    cargo.args(["--test", "browser", "--"]);
    cargo.args(["alone", "depth", "faces", "journeys", "links", "settings", "sharing", "typing"]);
    cargo.env("MXRAY_ELSEWHERE", "yes");
    for (variable, _) in others {
        cargo.env_remove(variable);
    }
    let elsewhere = count_tests(&mut cargo);
    Ok(tests? + elsewhere?)
}

fn cargo_test(workspace: &Workspace) -> Result<Command> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--no-fail-fast"]);
    if let Some(corpora) = corpora()? {
        cargo.env("MXRAY_CORPORA", corpora);
    }
    Ok(cargo)
}

/// Runs tests, showing what they say as they say it; none at all is a failure too.
fn count_tests(command: &mut Command) -> Result<usize> {
    let lost = |error| format!("the tests are lost: {error}");
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    let said = child.stdout.take().map(|output| relay(BufReader::new(output), stdout()));
    let passed = said.transpose().map_err(lost)?.unwrap_or_default();
    match child.wait().map_err(lost)? {
        status if !status.success() => Err(format!("`{}` failed", shown(command))),
        _ if passed == 0 => Err(format!("`{}` ran no test", shown(command))),
        _ => Ok(passed),
    }
}

/// Copies line by line, and counts the tests that passed.
fn relay(from: impl BufRead, mut to: impl Write) -> io::Result<usize> {
    let mut passed = 0;
    for line in from.split(b'\n') {
        let line = line?;
        to.write_all(&line)?;
        to.write_all(b"\n")?;
        passed += passed_in(&String::from_utf8_lossy(&line));
    }
    Ok(passed)
}

/// How many tests passed, if the line says so: `test result: ok. 12 passed; 0 failed; …`.
fn passed_in(line: &str) -> usize {
    let counted = line.trim_start().strip_prefix("test result: ").and_then(|result| {
        let (before, _) = result.split_once(" passed")?;
        before.rsplit(' ').next()?.parse().ok()
    });
    counted.unwrap_or_default()
}

struct Outcome {
    group: Group,
    took: Duration,
    tests: Result<usize>,
}

impl Outcome {
    fn of(workspace: &Workspace, group: Group) -> Self {
        println!("\n=== {} ===", group.name());
        let started = Instant::now();
        let tests = group.check(workspace);
        if let Err(trouble) = &tests {
            eprintln!("\nerror: {trouble}");
        }
        Self { group, took: started.elapsed(), tests }
    }
}

fn summary(outcomes: &[Outcome]) -> Result {
    println!("\n{:<8} {:>8} {:>6}", "group", "minutes", "tests");
    for Outcome { group, took, tests } in outcomes {
        let result = match tests {
            Ok(0) => format!("{:>6}  passed", ""),
            Ok(tests) => format!("{tests:>6}  passed"),
            Err(_) => format!("{:>6}  FAILED", ""),
        };
        println!("{:<8} {:>8.1} {result}", group.name(), minutes(*took));
    }
    println!("{:<8} {:>8.1}", "in all", minutes(outcomes.iter().map(|outcome| outcome.took).sum()));
    let failed = outcomes.iter().filter_map(|Outcome { group, tests, .. }| {
        tests.as_ref().err().map(|trouble| format!("\n  {}: {trouble}", group.name()))
    });
    let failed = failed.collect::<String>();
    failed.is_empty().then_some(()).ok_or_else(|| format!("not all groups passed:{failed}"))
}

fn minutes(duration: Duration) -> f64 {
    duration.as_secs_f64() / 60.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_from_what_a_harness_says() {
        for (line, expected) in [
            ("test result: ok. 12 passed; 0 failed; 1 ignored; finished in 0.01s", 12),
            ("    test result: ok. 3 passed; 0 failed; 0 ignored; 0 filtered out", 3),
            ("test result: FAILED. 2 passed; 1 failed; 0 ignored", 2),
            ("test records::tests::parses ... ok", 0),
            ("test result: of a hostile name", 0),
        ] {
            assert_eq!(passed_in(line), expected, "{line}");
        }
    }

    #[test]
    fn what_tests_say_is_passed_on_as_it_is_and_summed() {
        let said = b"test result: ok. 2 passed\n\xff\ntest result: ok. 3 passed\n";
        let mut shown = Vec::new();
        assert_eq!(relay(said.as_slice(), &mut shown).unwrap(), 5);
        assert_eq!(shown, said);
    }

    #[cfg(unix)]
    #[test]
    fn a_run_without_any_test_has_failed() {
        let run = |script: &str| count_tests(Command::new("sh").args(["-c", script]));
        assert!(run("echo no tests to run!").is_err_and(|trouble| trouble.contains("ran no test")));
        assert!(run("exit 1").is_err_and(|trouble| trouble.contains("failed")));
    }
}

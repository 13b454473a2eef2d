//! A long step with a sign of life: its output goes to a log, the terminal sees time pass.

use std::fs::{self, File};
use std::io::{IsTerminal, Write, stderr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Result;
use crate::workspace::{cannot_start, create_folder, shown};

/// How many of the log's last lines a failure shows.
const LINES_SHOWN: usize = 15;

/// Runs the command to its end, its output in `log`; a failure shows the log's last lines.
pub(crate) fn run(command: &mut Command, log: &Path) -> Result {
    eprintln!("  $ {}\n    (its output: {})", shown(command), log.display());
    let mut child = start(command, log)?;
    let mut alive = SignOfLife::new();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => alive.show(log),
            Err(error) => return Err(format!("`{}` is lost: {error}", shown(command))),
        }
        sleep(Duration::from_millis(200));
    };
    alive.end();
    status.success().then_some(()).ok_or_else(|| failure(command, log))
}

fn start(command: &mut Command, log: &Path) -> Result<Child> {
    create_folder(log.parent().unwrap_or(log))?;
    let unwritable = |error| format!("{} cannot be written: {error}", log.display());
    let out = File::create(log).map_err(unwritable)?;
    let err = out.try_clone().map_err(unwritable)?;
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    command.spawn().map_err(|error| cannot_start(command, &error))
}

fn failure(command: &Command, log: &Path) -> String {
    let said = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines = said.lines().collect::<Vec<_>>();
    let last = lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n  ");
    format!("`{}` failed. The end of {}:\n  {last}", shown(command), log.display())
}

/// One line that keeps changing on a terminal; elsewhere a new line now and then.
struct SignOfLife {
    started: Instant,
    lines: u32,
}

impl SignOfLife {
    /// Between two lines where nobody can rewrite one.
    const PACE: Duration = Duration::from_secs(20);

    fn new() -> Self {
        Self { started: Instant::now(), lines: 0 }
    }

    fn show(&mut self, log: &Path) {
        let elapsed = self.started.elapsed();
        let line = format!("    {}  {}", clock(elapsed), doing(log));
        if stderr().is_terminal() {
            let line = line.chars().take(78).collect::<String>();
            eprint!("\r\x1b[2K{line}");
            // A terminal that does not show it is no reason to stop.
            let _ = stderr().flush();
        } else if elapsed >= Self::PACE * (self.lines + 1) {
            self.lines += 1;
            eprintln!("{line}");
        }
    }

    fn end(&self) {
        let clear = if stderr().is_terminal() { "\r\x1b[2K" } else { "" };
        eprintln!("{clear}    done in {}", clock(self.started.elapsed()));
    }
}

/// The last thing that the log says.
fn doing(log: &Path) -> String {
    let said = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

fn clock(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shown_as_people_say_it() {
        for (seconds, expected) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min 00 s"), (187, "3 min 07 s")]
        {
            assert_eq!(clock(Duration::from_secs(seconds)), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_failure_shows_the_end_of_the_log_and_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log/step.log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo first; echo why it failed >&2; exit 3"]);
        let trouble = run(&mut command, &log).unwrap_err();
        assert!(trouble.contains("why it failed"), "{trouble}");
        assert!(trouble.contains("step.log"), "{trouble}");
    }
}

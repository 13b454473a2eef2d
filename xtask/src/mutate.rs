//! Mutation testing: whatever is changed in a parser, some test of its crate has to fail.
//!
//! What is changed, and which changes nobody could notice, stands in `.cargo/mutants.toml`.

use std::fmt;
use std::path::Path;
use std::process::Command;

use crate::workspace::{Workspace, cannot_start, create_folder, read_text, shown};
use crate::{Result, tools};

/// Changes the code in a copy of the clone, time and again, and prints the score; a change that no test
/// notices makes this fail in the end.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    let tool = tools::cargo_mutants(workspace)?;
    let folder = workspace.target.join("mutants");
    create_folder(&folder)?;
    let mutants = |how: &[&str]| {
        let mut mutants = Command::new(&tool);
        mutants.arg("mutants").args(how).args(arguments).arg("--output").arg(&folder);
        mutants.current_dir(&workspace.root).env("CARGO_TARGET_DIR", folder.join("build"));
        // A score that everybody gets; and nobody looks at what a failing test has to say.
        mutants.env_remove("MXRAY_CORPORA").env("RUST_BACKTRACE", "0");
        mutants.env("PROPTEST_MAX_SHRINK_ITERS", "0").env("CARGO_INCREMENTAL", "1");
        try_each(mutants).and_then(|()| Score::read(&folder.join("mutants.out")))
    };
    // The tests beside the code are quick and notice most; what is left is shown to all.
    let quick = mutants(&["--cargo-test-arg=--lib"])?;
    let score = quick.followed_by(mutants(&["--iterate", "--cargo-test-arg=--tests"])?);
    println!("\n{score}");
    if score.missed == 0 {
        return Ok(());
    }
    Err(format!(
        "each change in {} wants a test, or a reason in .cargo/mutants.toml",
        folder.join("mutants.out/missed.txt").display()
    ))
}

/// Runs cargo-mutants, which fails for a change that no test notices (2) or that never ends (3), too.
fn try_each(mut mutants: Command) -> Result {
    let status = mutants.status().map_err(|error| cannot_start(&mutants, &error))?;
    match status.code() {
        Some(0 | 2 | 3) => Ok(()),
        _ => Err(format!("`{}` failed", shown(&mutants))),
    }
}

/// How many changes came to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Score {
    noticed: usize,
    missed: usize,
    /// The tests do not come to an end, which is noticed, too.
    endless: usize,
    /// The compiler refuses them.
    refused: usize,
}

impl Score {
    fn read(folder: &Path) -> Result<Self> {
        let count = |name: &str| read_text(&folder.join(name)).map(|list| list.lines().count());
        Ok(Self {
            noticed: count("caught.txt")?,
            missed: count("missed.txt")?,
            endless: count("timeout.txt")?,
            refused: count("unviable.txt")?,
        })
    }

    /// The score after what was not noticed yet was tried again.
    fn followed_by(self, again: Self) -> Self {
        Self {
            noticed: self.noticed + again.noticed,
            refused: self.refused + again.refused,
            ..again
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { noticed, missed, endless, refused } = self;
        let (seen, all) = (noticed + endless, noticed + endless + missed);
        write!(
            f,
            "{seen} of {all} changes are noticed ({:.1} %), {endless} of them by tests that never \
             end; {refused} more do not compile",
            100.0 * seen as f64 / all.max(1) as f64
        )
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_tried_again_counts_as_it_comes_out_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let write = |lists: [(&str, &str); 4]| {
            lists
                .iter()
                .for_each(|(name, list)| fs::write(folder.path().join(name), list).unwrap());
            Score::read(folder.path()).unwrap()
        };
        let quick = write([
            ("caught.txt", "a\nb\n"),
            ("missed.txt", "c\nd\n"),
            ("timeout.txt", "e\n"),
            ("unviable.txt", "f\n"),
        ]);
        let again = write([
            ("caught.txt", "c\n"),
            ("missed.txt", "d\n"),
            ("timeout.txt", "e\n"),
            ("unviable.txt", ""),
        ]);
        let score = quick.followed_by(again);
        assert_eq!(score, Score { noticed: 3, missed: 1, endless: 1, refused: 1 });
        assert!(score.to_string().starts_with("4 of 5 changes are noticed (80.0 %)"), "{score}");
    }
}

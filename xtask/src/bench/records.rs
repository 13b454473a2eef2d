//! What reading a record takes: instructions, bytes a second and allocations, beside mail-auth's parsers
//! on the valid records of the corpora; and how that grows with texts that could take more.
//!
//! Instructions and allocations are counted by valgrind: of two runs, one of which reads once more, so
//! that they repeat to the last one and hold nothing of what comes before.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::workspace::{Workspace, cannot_start, corpora, in_path, run, shown};

const KINDS: [&str; 5] =
    ["mta-sts-record", "tlsrpt-record", "spf-record", "dkim-key", "dmarc-record"];

/// Texts of which each byte could come to cost more the more there are.
const SHAPES: [&str; 14] = [
    "semicolons",
    "unknown-tags",
    "missing-semicolons",
    "repeated-ids",
    "repeated-destinations",
    "repeated-tags",
    "different-tags",
    "different-key-tags",
    "white-space",
    "white-key",
    "near-misses",
    "terms",
    "macros",
    "spaces",
];

/// The same of policies, which are not read when they are longer than 64 KiB.
const POLICY_SHAPES: [&str; 3] = ["mx-lines", "near-miss-lines", "blank-lines"];

/// The longest text of each, and half of it.
const BYTES: [[u32; 2]; 2] = [[524_288, 1_048_576], [30_000, 60_000]];

/// Prints the table of the kinds, and that of the shapes.
pub(super) fn measure(workspace: &Workspace) -> Result {
    if corpora()?.is_none() {
        return Err("MXRAY_CORPORA does not name the folder of the corpora".to_owned());
    }
    install_valgrind()?;
    run(workspace.cargo().args(["build", "--release", "--package", "mxray-bench"]))?;
    let bench = Bench { program: workspace.target.join("release/mxray-bench") };
    bench.compare()?;
    bench.grow()
}

fn install_valgrind() -> Result {
    if in_path("valgrind").is_empty() {
        run(Command::new("apt-get").args(["install", "--yes", "valgrind"]))?;
    }
    Ok(())
}

struct Bench {
    program: PathBuf,
}

impl Bench {
    /// A row for each kind.
    fn compare(&self) -> Result {
        println!(
            "{:16} {:>7} | {:>9} {:>9} {:>6} | {:>7} {:>9} {:>6} | {:>6} {:>11} {:>6}",
            "", "", "instr. a", "record", "", "MB/s", "", "", "clean", "allocations", "",
        );
        println!(
            "{:16} {:>7} | {:>9} {:>9} {:>6} | {:>7} {:>9} {:>6} | {:>6} {:>11} {:>6}",
            "kind",
            "records",
            "mxray",
            "mail-auth",
            "ratio",
            "mxray",
            "mail-auth",
            "ratio",
            "",
            "a record",
            "value",
        );
        for kind in KINDS {
            let [records, _, clean] = self.numbers(&["sizes", kind])?;
            let a_record = |count: f64| count / records;
            let ours = a_record(self.instructions(&["ours", kind])?);
            let theirs = a_record(self.instructions(&["theirs", kind])?);
            let [speed, other] = self.numbers(&["speeds", kind])?;
            let allocated = self.allocations(&["clean", kind])? / clean.max(1.0);
            let copied = self.allocations(&["copies", kind])? / clean.max(1.0);
            println!(
                "{kind:16} {records:>7} | {ours:>9.0} {theirs:>9.0} {:>6.2} | {speed:>7.0} {other:>9.0} {:>6.2} | {clean:>6} {allocated:>11.2} {copied:>6.2}",
                ours / theirs,
                speed / other,
            );
        }
        Ok(())
    }

    /// A row for each shape; twice the length should take twice the instructions.
    fn grow(&self) -> Result {
        println!("\n{:24} {:>9} {:>16} {:>8}", "shape", "bytes", "instr. a byte", "doubling");
        let policies = POLICY_SHAPES.map(|shape| (shape, BYTES[1]));
        for (shape, [half, whole]) in
            SHAPES.map(|shape| (shape, BYTES[0])).into_iter().chain(policies)
        {
            let of = |bytes: u32| self.instructions(&["shape", shape, &bytes.to_string()]);
            let (some, all) = (of(half)?, of(whole)?);
            println!("{shape:24} {whole:>9} {:>16.1} {:>8.2}", all / f64::from(whole), all / some);
        }
        Ok(())
    }

    fn numbers<const N: usize>(&self, arguments: &[&str]) -> Result<[f64; N]> {
        let output = output(Command::new(&self.program).args(arguments))?.0;
        let numbers: Vec<f64> = output.split_whitespace().flat_map(str::parse).collect();
        numbers.try_into().map_err(|_| format!("the measurement says: {output}"))
    }

    fn instructions(&self, arguments: &[&str]) -> Result<f64> {
        self.once_more("callgrind", "Collected :", arguments)
    }

    fn allocations(&self, arguments: &[&str]) -> Result<f64> {
        self.once_more("dhat", "Total:", arguments)
    }

    /// What valgrind counts of one pass: the difference of two and one.
    fn once_more(&self, tool: &str, label: &str, arguments: &[&str]) -> Result<f64> {
        let count = |times: &str| {
            let mut valgrind = Command::new("valgrind");
            valgrind.args([format!("--tool={tool}"), format!("--{tool}-out-file=/dev/null")]);
            valgrind.arg(&self.program).args(arguments).arg(times);
            let said = output(&mut valgrind)?.1;
            counted(&said, label).ok_or_else(|| format!("`{}` says: {said}", shown(&valgrind)))
        };
        Ok(count("2")? - count("1")?)
    }
}

/// The last number in the line with this label.
fn counted(said: &str, label: &str) -> Option<f64> {
    let line = said.lines().find(|line| line.contains(label))?;
    let words = line.split_whitespace().map(|word| word.replace(',', ""));
    words.filter_map(|word| word.parse().ok()).next_back()
}

/// What a command says on its two ways out.
fn output(command: &mut Command) -> Result<(String, String)> {
    let output = command.output().map_err(|error| cannot_start(command, &error))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok((said(&output.stdout), said(&output.stderr)))
    } else {
        Err(format!("`{}` failed: {}", shown(command), said(&output.stderr)))
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn what_valgrind_counts_is_read() {
        for (said, label, expected) in [
            ("==1== Events    : Ir\n==1== Collected : 150417", "Collected :", Some(150_417.0)),
            ("==1== Total:     1,024 bytes in 1,015 blocks", "Total:", Some(1015.0)),
            ("==1== nothing", "Total:", None),
        ] {
            assert_eq!(counted(said, label), expected, "{said}");
        }
    }
}

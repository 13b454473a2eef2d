//! What the widget costs a page: Lighthouse of a plain one with and without it, by turns.

use std::process::Command;

use crate::npm::LIGHTHOUSE;
use crate::workspace::{Workspace, in_path, run};
use crate::{Result, page};

pub(crate) fn measure(workspace: &Workspace) -> Result {
    let program = |name: &str| {
        let found = in_path(name).into_iter().next();
        found.ok_or_else(|| format!("{name} is missing, which this takes"))
    };
    let browser = program("chromium").or_else(|_| program("google-chrome"))?;
    let lighthouse = LIGHTHOUSE.ready(workspace)?.ok_or("there is nothing to measure with")?;
    let dist = page::build(workspace)?;
    let mut bench = Command::new(program("node")?);
    bench.arg(workspace.root.join("xtask/src/bench/widget.mjs")).arg(dist).arg(lighthouse);
    run(bench.env("CHROME_PATH", browser))
}

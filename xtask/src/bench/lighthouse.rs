//! What Lighthouse says: of the page, and of a plain page of somebody else's with and without the widget.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::npm::LIGHTHOUSE;
use crate::workspace::{Workspace, in_path, run};
use crate::{Result, page, site};

/// How fast the page is there, as a phone on a slow line shows it.
pub(super) fn page(workspace: &Workspace) -> Result {
    let dist = page::build(workspace)?;
    let measured = rate(workspace, &dist, "speed")?;
    measured.then_some(()).ok_or_else(|| "there is nothing to measure with".to_owned())
}

/// What of the page's rating depends on no clock; left out, with a sentence, where nothing can rate it.
pub(crate) fn rate_without_clock(workspace: &Workspace, dist: &Path) -> Result {
    rate(workspace, dist, "rest").map(drop)
}

/// Serves the site at an address that its pages name as theirs; false where nothing can rate it.
fn rate(workspace: &Workspace, dist: &Path, what: &str) -> Result<bool> {
    let Some(mut rate) = script(workspace, "page.mjs")? else { return Ok(false) };
    let port = free_port().map_err(|error| format!("there is no free port: {error}"))?;
    let site = site::sample(workspace, dist, &format!("http://127.0.0.1:{port}/"))?;
    rate.command.arg(site).arg(port.to_string()).arg(rate.lighthouse).arg(what);
    run(&mut rate.command).map(|()| true)
}

/// What the widget costs a page: with and without it by turns, and the bytes before and after its use.
pub(super) fn widget(workspace: &Workspace) -> Result {
    let script = script(workspace, "widget.mjs")?;
    let mut script = script.ok_or_else(|| "there is nothing to measure with".to_owned())?;
    let site = site::sample(workspace, &page::build(workspace)?, site::SAMPLE)?;
    run(script.command.arg(site).arg(script.lighthouse))
}

/// A script of this folder, and the Lighthouse that it works with.
struct Script {
    command: Command,
    lighthouse: PathBuf,
}

/// None, with a sentence, where something is missing that it takes.
fn script(workspace: &Workspace, name: &str) -> Result<Option<Script>> {
    let browser = ["chromium", "google-chrome"].into_iter().flat_map(in_path).next();
    let Some((browser, node)) = browser.zip(in_path("node").into_iter().next()) else {
        eprintln!("There is no Chromium or no Node.js here, so Lighthouse rates nothing.");
        return Ok(None);
    };
    let Some(lighthouse) = LIGHTHOUSE.ready(workspace)? else { return Ok(None) };
    let mut command = Command::new(node);
    command.arg(workspace.root.join("xtask/src/bench").join(name)).env("CHROME_PATH", browser);
    Ok(Some(Script { command, lighthouse }))
}

/// One that nobody listens on.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

//! The product, started: against an internet in a box, or against the real one.

use std::process::Command;

use crate::workspace::Workspace;
use crate::{Result, page};

pub(crate) fn demo(workspace: &Workspace, port: Option<u16>) -> Result {
    let dist = page::build(workspace)?;
    let mut demo = workspace.cargo();
    demo.args(["run", "--package", "mxray-tests", "--bin", "mxray-demo", "--", "--page"]).arg(dist);
    if let Some(port) = port {
        demo.args(["--port", &port.to_string()]);
    }
    become_command(demo)
}

pub(crate) fn serve(workspace: &Workspace, arguments: &[String]) -> Result {
    let dist = page::build(workspace)?;
    let mut proxy = workspace.cargo();
    proxy.args(["run", "--package", "mxray-proxy", "--", "--page"]).arg(dist).args(arguments);
    become_command(proxy)
}

/// Ctrl-C and every other signal reach the command itself, and nothing of ours outlives it.
#[cfg(unix)]
fn become_command(mut command: Command) -> Result {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(crate::workspace::cannot_start(&command, &error))
}

/// Ctrl-C reaches every process of the console, so the command too.
#[cfg(not(unix))]
fn become_command(mut command: Command) -> Result {
    crate::workspace::run(&mut command)
}

//! schemathesis, which tries an HTTP server by its OpenAPI document; it is written in Python.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::workspace::{Workspace, in_path};
use crate::{Result, progress, tools};

/// The one that is known to work.
const VERSION: &str = "4.32.5";

/// Installs it if it is not there yet; none, with a sentence, where there is no Python.
pub(crate) fn ready(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let folder = workspace.tools().join(format!("schemathesis-{VERSION}"));
    let [pip, program] = ["pip", "schemathesis"].map(|name| folder.join("bin").join(name));
    if program.is_file() {
        return Ok(Some(program));
    }
    let Some(python) = python() else {
        eprintln!(
            "There is no python3 with its module venv here, so the OpenAPI document is not tried."
        );
        return Ok(None);
    };
    eprintln!("Installing schemathesis, which tries the proxy by its OpenAPI document.");
    let log = tools::log(workspace, "schemathesis");
    progress::run(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder), &log)?;
    let package = format!("schemathesis=={VERSION}");
    progress::run(Command::new(pip).args(["install", "--no-input", &package]), &log)?;
    Ok(Some(program))
}

/// Debian's python3 alone cannot make an environment: what it needs for that is a package of its own.
fn python() -> Option<PathBuf> {
    in_path("python3").into_iter().find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", "import venv, ensurepip"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

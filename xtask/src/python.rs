//! Programs that are written in Python, each in an environment of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::workspace::{Workspace, in_path};
use crate::{Result, progress, tools};

/// A program from PyPI, of the version that is known to work.
pub(crate) struct Package {
    name: &'static str,
    version: &'static str,
    /// What it is for.
    what: &'static str,
}

/// Tries an HTTP server by its OpenAPI document.
pub(crate) const SCHEMATHESIS: Package = Package {
    name: "schemathesis",
    version: "4.32.5",
    what: "which tries the proxy by its OpenAPI document",
};

/// Checks a domain's mail, as we do.
pub(crate) const CHECKDMARC: Package =
    Package { name: "checkdmarc", version: "6.0.4", what: "beside which scans are measured" };

impl Package {
    /// Installs it if it is not there yet; none, with a sentence, where there is no Python.
    pub(crate) fn ready(&self, workspace: &Workspace) -> Result<Option<PathBuf>> {
        let Self { name, version, what } = self;
        let folder = workspace.tools().join(format!("{name}-{version}"));
        let [pip, program] = ["pip", name].map(|program| folder.join("bin").join(program));
        if program.is_file() {
            return Ok(Some(program));
        }
        let Some(python) = python() else {
            eprintln!(
                "There is no python3 with its module venv here, so there is no {name}, {what}."
            );
            return Ok(None);
        };
        eprintln!("Installing {name}, {what}.");
        let log = tools::log(workspace, name);
        progress::run(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder), &log)?;
        let package = format!("{name}=={version}");
        progress::run(Command::new(pip).args(["install", "--no-input", &package]), &log)?;
        Ok(Some(program))
    }
}

/// Debian's python3 alone cannot make an environment: what it needs for that is a package of its own.
fn python() -> Option<PathBuf> {
    in_path("python3").into_iter().find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", "import venv, ensurepip"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

//! What npm has, each package in a folder of its own.

use std::path::PathBuf;
use std::process::Command;

use crate::workspace::{Workspace, create_folder, in_path};
use crate::{Result, progress, tools};

/// A package of the version that is known to work.
pub(crate) struct Package {
    name: &'static str,
    version: &'static str,
    /// What it is for.
    what: &'static str,
}

/// Finds what keeps people from using a page.
pub(crate) const AXE: Package =
    Package { name: "axe-core", version: "4.14.1", what: "which looks for barriers in the page" };

/// Rates a page.
pub(crate) const LIGHTHOUSE: Package =
    Package { name: "lighthouse", version: "13.5.0", what: "which rates the page" };

/// Builds a project of somebody else's with our packages in it.
pub(crate) const VITE: Package =
    Package { name: "vite", version: "7.3.8", what: "which builds a project with our packages" };

/// Checks their types.
pub(crate) const TYPESCRIPT: Package =
    Package { name: "typescript", version: "5.9.3", what: "which checks our packages' types" };

impl Package {
    /// One of its programs; none, with a sentence, where there is no npm.
    pub(crate) fn program(&self, workspace: &Workspace, name: &str) -> Result<Option<PathBuf>> {
        let package = self.ready(workspace)?;
        Ok(package.map(|package| package.with_file_name(".bin").join(name)))
    }

    /// Its folder, installed if it is not there yet; none, with a sentence, where there is no npm.
    pub(crate) fn ready(&self, workspace: &Workspace) -> Result<Option<PathBuf>> {
        let Self { name, version, what } = self;
        let folder = workspace.tools().join(format!("{name}-{version}"));
        let package = folder.join("node_modules").join(name);
        if package.join("package.json").is_file() {
            return Ok(Some(package));
        }
        let Some(npm) = in_path("npm").into_iter().next() else {
            eprintln!("There is no npm here, so there is no {name}, {what}.");
            return Ok(None);
        };
        eprintln!("Installing {name}, {what}.");
        create_folder(&folder)?;
        let mut install = Command::new(npm);
        install.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder);
        install.arg(format!("{name}@{version}"));
        progress::run(&mut install, &tools::log(workspace, name))?;
        Ok(Some(package))
    }
}

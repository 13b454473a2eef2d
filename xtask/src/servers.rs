//! Servers of Debian's, against which tests run. They are unpacked, neither installed nor started: mail
//! servers exclude each other as packages, and nothing of this machine is changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{Workspace, create_folder, entries, in_path, remove, run, write};
use crate::{Result, progress, tools};

/// What is unpacked. apt has no answer for two mail servers at once.
const PACKAGES: [&[&str]; 3] = [
    &["redis-server", "nginx", "caddy", "unbound", "knot", "postfix"],
    &["exim4-daemon-light"],
    &["opensmtpd"],
];

/// Written last, with what is there.
const UNPACKED: &str = "unpacked.txt";

/// The folder that they are in, as if it were the root of a system. None, with a sentence, where they
/// cannot be had: the tests say what that leaves out.
pub(crate) fn ready(workspace: &Workspace) -> Option<PathBuf> {
    let folder = workspace.tools().join("servers");
    if fs::read_to_string(folder.join(UNPACKED)).is_ok_and(|packages| packages == list()) {
        return Some(folder);
    }
    if in_path("apt-get").is_empty() || in_path("dpkg-deb").is_empty() {
        eprintln!(
            "There is no apt-get here, so servers of Debian's are taken from where they are installed."
        );
        return None;
    }
    eprintln!(
        "Unpacking Redis, nginx, Caddy, Unbound, Knot and three mail servers, against which tests run."
    );
    let unpacked = unpack(workspace, &folder);
    unpacked.map_err(|trouble| eprintln!("They cannot be had: {trouble}")).ok().map(|()| folder)
}

fn unpack(workspace: &Workspace, folder: &Path) -> Result {
    let log = tools::log(workspace, "servers");
    let packages = workspace.tools().join("servers-packages");
    create_folder(&packages.join("lists/partial"))?;
    create_folder(&packages.join("archives/partial"))?;
    progress::run(apt(&packages)?.arg("update"), &log)?;
    for wanted in PACKAGES {
        let mut download = apt(&packages)?;
        download.args(["install", "--yes", "--download-only", "--no-install-recommends"]);
        progress::run(download.args(wanted), &log)?;
    }
    if folder.exists() {
        remove(folder)?;
    }
    for package in entries(&packages.join("archives"))? {
        if package.extension().is_some_and(|extension| extension == "deb") {
            let mut unpack = Command::new("dpkg-deb");
            run(unpack.arg("--extract").arg(package).arg(folder))?;
        }
    }
    remove(&packages)?;
    write(&folder.join(UNPACKED), list())
}

fn list() -> String {
    PACKAGES.concat().join(" ")
}

/// With lists and packages in a folder of ours, which takes no rights.
fn apt(folder: &Path) -> Result<Command> {
    let place = folder.display();
    let settings = format!(
        "Dir::State::Lists \"{place}/lists/\";\nDir::Cache \"{place}/\";\n\
         Dir::Cache::Archives \"{place}/archives/\";\nDebug::NoLocking \"1\";\n"
    );
    let file = folder.join("apt.conf");
    write(&file, settings)?;
    let mut apt = Command::new("apt-get");
    apt.env("APT_CONFIG", file);
    Ok(apt)
}

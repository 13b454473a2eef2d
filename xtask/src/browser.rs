//! The browser that tests drive, and its driver.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use serde_json::json;

use crate::workspace::{Workspace, create_folder, in_path, write};
use crate::{Result, progress, tools};

/// The browser's driver: the one that `CHROMEDRIVER` names, the one in `PATH`, or one installed now.
pub(crate) fn driver(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(driver) = env::var_os("CHROMEDRIVER") {
        return Ok(driver.into());
    }
    if let Some(driver) = in_path("chromedriver").into_iter().next() {
        return Ok(driver);
    }
    if !(is_debian() && is_root()) {
        return Err(format!(
            "no chromedriver in PATH: install Chromium and its driver {}",
            advice()
        ));
    }
    install(workspace)?;
    let driver = in_path("chromedriver").into_iter().next();
    driver
        .ok_or_else(|| "chromium-driver is installed, and there is no chromedriver in PATH".into())
}

fn install(workspace: &Workspace) -> Result {
    eprintln!("Installing Chromium and its driver, in which the browser tests run.");
    let log = tools::log(workspace, "chromium");
    let mut update = Command::new("apt-get");
    progress::run(update.arg("update"), &log)?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]);
    progress::run(install.env("DEBIAN_FRONTEND", "noninteractive"), &log)
}

fn advice() -> &'static str {
    if is_debian() {
        "with `sudo apt-get install chromium chromium-driver`"
    } else {
        "from https://googlechromelabs.github.io/chrome-for-testing/, or set CHROMEDRIVER"
    }
}

/// Not a derivative: Ubuntu's package of that name is a snap, which a driver cannot drive.
fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Writes how wasm-bindgen's test runner has to start Chromium, and says where.
pub(crate) fn capabilities(workspace: &Workspace) -> Result<PathBuf> {
    let mut arguments = vec!["--headless", "--disable-gpu", "--disable-background-networking"];
    arguments.extend(["--disable-component-update", "--disable-sync", "--no-first-run"]);
    if is_root() {
        // Chromium does not start as root otherwise.
        arguments.push("--no-sandbox");
    }
    let file = workspace.tools().join("webdriver.json");
    create_folder(&workspace.tools())?;
    write(&file, json!({ "goog:chromeOptions": { "args": arguments } }).to_string())?;
    Ok(file)
}

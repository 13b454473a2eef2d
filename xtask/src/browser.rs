//! The browsers that tests drive, and their drivers.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use serde_json::json;

use crate::workspace::{Workspace, create_folder, in_path, write};
use crate::{Result, progress, tools};

/// Chromium's driver: the one that `CHROMEDRIVER` names, the one in `PATH`, or one installed now.
pub(crate) fn driver(workspace: &Workspace) -> Result<PathBuf> {
    let driver = CHROMIUM.find_or_install(workspace)?;
    driver.ok_or_else(|| {
        let advice = if is_debian() {
            "with `sudo apt-get install chromium chromium-driver`"
        } else {
            "from https://googlechromelabs.github.io/chrome-for-testing/, or set CHROMEDRIVER"
        };
        format!("no chromedriver in PATH: install Chromium and its driver {advice}")
    })
}

/// The drivers of the other engines, by the variables that name them to tests. One that cannot be had
/// is left out with a sentence: not every system has WebKitGTK.
pub(crate) fn others(workspace: &Workspace) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut drivers = Vec::new();
    for engine in [FIREFOX, WEBKIT] {
        match engine.find_or_install(workspace)? {
            Some(driver) => drivers.push((engine.variable, driver)),
            None => eprintln!(
                "There is no {} in PATH, so nothing is tried in {}; {} names it.",
                engine.driver, engine.name, engine.variable
            ),
        }
    }
    Ok(drivers)
}

/// A browser, and how Debian calls what is needed of it.
struct Engine {
    name: &'static str,
    /// The program that drives it.
    driver: &'static str,
    /// The variable that names the driver, for us and for tests.
    variable: &'static str,
    /// The program itself, which the driver starts.
    programs: &'static [&'static str],
    packages: &'static [&'static str],
    origin: Origin,
}

/// Where a driver comes from.
enum Origin {
    Debian,
    CratesIo,
}

const CHROMIUM: Engine = Engine {
    name: "Chromium",
    driver: "chromedriver",
    variable: "CHROMEDRIVER",
    programs: &[],
    packages: &["chromium", "chromium-driver"],
    origin: Origin::Debian,
};

/// Its driver is no package of Debian's; crates.io has it.
const FIREFOX: Engine = Engine {
    name: "Firefox",
    driver: "geckodriver",
    variable: "GECKODRIVER",
    programs: &["firefox"],
    packages: &["firefox-esr"],
    origin: Origin::CratesIo,
};

/// It has no mode without a screen, so it gets one that nobody sees.
const WEBKIT: Engine = Engine {
    name: "WebKit",
    driver: "WebKitWebDriver",
    variable: "WEBKITDRIVER",
    programs: &["Xvfb"],
    packages: &["webkit2gtk-driver", "xvfb"],
    origin: Origin::Debian,
};

impl Engine {
    /// None where it is not there and cannot be installed.
    fn find_or_install(&self, workspace: &Workspace) -> Result<Option<PathBuf>> {
        if let Some(driver) = env::var_os(self.variable) {
            return Ok(Some(driver.into()));
        }
        if let Some(driver) = self.find(workspace)? {
            return Ok(Some(driver));
        }
        if is_debian() && is_root() {
            self.install(workspace)?;
        }
        self.find(workspace)
    }

    fn find(&self, workspace: &Workspace) -> Result<Option<PathBuf>> {
        if self.programs.iter().any(|program| in_path(program).is_empty()) {
            return Ok(None);
        }
        match self.origin {
            Origin::Debian => Ok(in_path(self.driver).into_iter().next()),
            Origin::CratesIo => tools::geckodriver(workspace).map(Some),
        }
    }

    fn install(&self, workspace: &Workspace) -> Result {
        eprintln!("Installing {} and what drives it: the browser tests run in it.", self.name);
        let log = tools::log(workspace, self.driver);
        let mut update = Command::new("apt-get");
        progress::run(update.arg("update"), &log)?;
        let mut install = Command::new("apt-get");
        install.args(["install", "--yes", "--no-install-recommends"]).args(self.packages);
        progress::run(install.env("DEBIAN_FRONTEND", "noninteractive"), &log)
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

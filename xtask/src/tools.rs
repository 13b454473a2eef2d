//! The tools that build the page: what is in `PATH` is taken, what is missing is installed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace::{Workspace, in_path, path_with, read_text};
use crate::{Result, progress};

pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The last Trunk that Rust 1.95 compiles, and the first that we know to work.
const TRUNK: Version = Version(0, 21, 14);
/// Older ones need to be told about features that Rust's WASM uses.
const WASM_OPT: Version = Version(132, 0, 0);
/// Another one would make other changes, and another score.
const CARGO_MUTANTS: Version = Version(27, 1, 0);
/// The first that we know to work.
const ESBUILD: Version = Version(0, 28, 2);
/// The first that we know to work.
const GECKODRIVER: Version = Version(0, 37, 1);
/// Such a tool is started once a build: compiling it well takes longer than that ever saves.
const COMPILE_FAST: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
];

/// Where each tool is, all of the versions that work together.
pub(crate) struct Tools {
    trunk: PathBuf,
    wasm_bindgen: PathBuf,
    /// None without npm: the page is built all the same, unoptimized.
    optimizers: Option<Optimizers>,
    /// Whether the standard library can be compiled for size too.
    std_source: bool,
}

/// What makes the page smaller.
struct Optimizers {
    wasm_opt: PathBuf,
    esbuild: PathBuf,
}

/// Installs what is missing, saying what it does; quick where nothing is.
pub(crate) fn ready(workspace: &Workspace) -> Result<Tools> {
    wasm_target(workspace)?;
    Ok(Tools {
        wasm_bindgen: wasm_bindgen(workspace)?,
        trunk: trunk(workspace)?,
        optimizers: optimizers(workspace),
        std_source: std_source(workspace),
    })
}

impl Tools {
    /// Trunk, which finds the other tools in its `PATH`, and this program for its hook.
    pub(crate) fn trunk(&self) -> Result<Command> {
        let mut trunk = Command::new(&self.trunk);
        let own = std::env::current_exe().map_err(|error| format!("xtask has no path: {error}"))?;
        let optimizers = self.optimizers.iter().flat_map(|some| [&some.wasm_opt, &some.esbuild]);
        let tools = [&own, &self.wasm_bindgen].into_iter().chain(optimizers);
        let folders = tools.filter_map(|tool| tool.parent());
        trunk.env("PATH", path_with(folders)?);
        // Trunk takes the variable for its switch and refuses the usual value of 1.
        trunk.env_remove("NO_COLOR");
        // What our hook has to say would be lost above a stack of Trunk's own.
        trunk.env("RUST_LIB_BACKTRACE", "0");
        self.for_size(&mut trunk);
        Ok(trunk)
    }

    /// Lets cargo compile the standard library with the page: smaller algorithms, and panics that
    /// only stop. It is 26 KB of brotli, and not stable yet; the page's code needs none of it.
    pub(crate) fn for_size(&self, command: &mut Command) {
        if !self.std_source {
            return;
        }
        command.env("RUSTC_BOOTSTRAP", "1");
        command.env("CARGO_UNSTABLE_BUILD_STD", "core,alloc,std,panic_abort");
        command.env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size");
        // The last one keeps LLVM from computing on every path what one of them may need; that makes
        // code faster and larger: 1.5 KB.
        command.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none \
             -Cllvm-args=-enable-pre=false",
        );
    }

    /// Runs tests that were compiled to WASM.
    pub(crate) fn test_runner(&self) -> PathBuf {
        beside(&self.wasm_bindgen, "wasm-bindgen-test-runner")
    }

    /// What of the page's size depends on what is installed.
    pub(crate) fn how(&self) -> String {
        format!("optimizers {}, std for size {}", self.can_optimize(), self.std_source)
    }

    /// Whether Trunk can make its release build, of which wasm-opt is a part.
    pub(crate) fn can_optimize(&self) -> bool {
        self.optimizers.is_some()
    }
}

impl fmt::Display for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Ready to build the page:")?;
        writeln!(f, "  wasm-bindgen  {}", self.wasm_bindgen.display())?;
        writeln!(f, "  trunk         {}", self.trunk.display())?;
        match &self.optimizers {
            Some(Optimizers { wasm_opt, esbuild }) => {
                writeln!(f, "  wasm-opt      {}", wasm_opt.display())?;
                writeln!(f, "  esbuild       {}", esbuild.display())?;
            }
            None => writeln!(f, "  wasm-opt, esbuild  missing: the page will be unoptimized")?,
        }
        let std = if self.std_source { "there" } else { "missing: the page will be larger" };
        write!(f, "  rust-src      {std}")
    }
}

fn wasm_target(workspace: &Workspace) -> Result {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(&workspace.root).args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if output(&mut rustc).is_some_and(|folder| Path::new(folder.trim()).is_dir()) {
        return Ok(());
    }
    if in_path("rustup").is_empty() {
        return Err(format!(
            "Rust cannot compile to WASM here and rustup is not there to change that: install it \
             from https://rustup.rs, then run `rustup target add {WASM_TARGET}`"
        ));
    }
    eprintln!("Adding Rust's WASM target: the page is Rust compiled to WASM.");
    let mut rustup = Command::new("rustup");
    rustup.current_dir(&workspace.root).args(["target", "add", WASM_TARGET]);
    progress::run(&mut rustup, &log(workspace, "rustup"))
}

fn std_source(workspace: &Workspace) -> bool {
    let there = || {
        let mut rustc = Command::new("rustc");
        let sysroot = output(rustc.current_dir(&workspace.root).args(["--print", "sysroot"]));
        let library = |root: String| Path::new(root.trim()).join("lib/rustlib/src/rust/library");
        sysroot.map(library).is_some_and(|library| library.is_dir())
    };
    if there() || in_path("rustup").is_empty() {
        return there();
    }
    eprintln!("Adding the standard library's source, which the page compiles for size.");
    let mut rustup = Command::new("rustup");
    rustup.current_dir(&workspace.root).args(["component", "add", "rust-src"]);
    let added = progress::run(&mut rustup, &log(workspace, "rust-src"));
    let added = added.inspect_err(|trouble| {
        eprintln!("{trouble}\nThe page will be larger than it should be.");
    });
    added.is_ok() && there()
}

/// What changes the code, to see whether a test notices; only `mutate` needs it.
pub(crate) fn cargo_mutants(workspace: &Workspace) -> Result<PathBuf> {
    // Its version is asked for as cargo would ask.
    let said = |tool: &Path| output(Command::new(tool).args(["mutants", "--version"]));
    let suits = |tool: &Path| said(tool).as_deref().and_then(version_in) == Some(CARGO_MUTANTS);
    if let Some(tool) = found(workspace, "cargo-mutants", suits) {
        return Ok(tool);
    }
    eprintln!("Installing cargo-mutants {CARGO_MUTANTS}; about 2 minutes.");
    let mut install = cargo_install(workspace, "cargo-mutants", CARGO_MUTANTS);
    install_and_find(workspace, install.arg("--locked").envs(COMPILE_FAST), "cargo-mutants", suits)
}

/// What drives Firefox.
pub(crate) fn geckodriver(workspace: &Workspace) -> Result<PathBuf> {
    let suits = |tool: &Path| version_of(tool).is_some_and(|version| version >= GECKODRIVER);
    if let Some(tool) = found(workspace, "geckodriver", suits) {
        return Ok(tool);
    }
    eprintln!("Installing geckodriver {GECKODRIVER}, which drives Firefox; about 3 minutes.");
    let mut install = cargo_install(workspace, "geckodriver", GECKODRIVER);
    install_and_find(workspace, install.arg("--locked").envs(COMPILE_FAST), "geckodriver", suits)
}

fn wasm_bindgen(workspace: &Workspace) -> Result<PathBuf> {
    let locked = locked_version(&read_text(&workspace.root.join("Cargo.lock"))?, "wasm-bindgen")?;
    let same = |tool: &Path| version_of(tool) == Some(locked);
    let suits = |tool: &Path| same(tool) && same(&beside(tool, "wasm-bindgen-test-runner"));
    if let Some(tool) = found(workspace, "wasm-bindgen", suits) {
        return Ok(tool);
    }
    eprintln!(
        "Installing wasm-bindgen {locked}, which joins WASM and JavaScript and has to be of the \
         same version as the crate in Cargo.lock; about 3 minutes."
    );
    // Without --locked: its own lock file names a crate that can no longer be had.
    let mut install = cargo_install(workspace, "wasm-bindgen-cli", locked);
    install_and_find(workspace, &mut install, "wasm-bindgen", suits)
}

fn trunk(workspace: &Workspace) -> Result<PathBuf> {
    let suits = |tool: &Path| version_of(tool).is_some_and(|version| TRUNK.is_met_by(version));
    if let Some(tool) = found(workspace, "trunk", suits) {
        return Ok(tool);
    }
    eprintln!("Installing Trunk {TRUNK}, which bundles the page; about 5 minutes.");
    let mut install = cargo_install(workspace, "trunk", TRUNK);
    install.args(["--locked", "--no-default-features", "--features", "rustls"]);
    install_and_find(workspace, install.envs(COMPILE_FAST), "trunk", suits)
}

fn optimizers(workspace: &Workspace) -> Option<Optimizers> {
    let at_least = |least: Version| {
        move |tool: &Path| version_of(tool).is_some_and(|version| version >= least)
    };
    let find = || {
        let wasm_opt = found(workspace, "wasm-opt", at_least(WASM_OPT))?;
        Some(Optimizers { wasm_opt, esbuild: found(workspace, "esbuild", at_least(ESBUILD))? })
    };
    if let Some(optimizers) = find() {
        return Some(optimizers);
    }
    let packages = [format!("binaryen@{WASM_OPT}"), format!("esbuild@{ESBUILD}")];
    let Some(npm) = in_path("npm").into_iter().next() else {
        eprintln!(
            "npm is missing, and with it wasm-opt and esbuild: the page will be larger than it \
             should be. Install Node.js from https://nodejs.org, then run `npm install --global {}`.",
            packages.join(" ")
        );
        return None;
    };
    eprintln!("Installing wasm-opt and esbuild from npm, which make the page smaller.");
    let mut install = Command::new(npm);
    install.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]);
    install.arg(workspace.tools().join("npm")).args(packages);
    progress::run(&mut install, &log(workspace, "npm"))
        .inspect_err(|trouble| eprintln!("{trouble}\nThe page will be larger than it should be."))
        .ok()?;
    let installed = find();
    if installed.is_none() {
        eprintln!(
            "wasm-opt and esbuild were installed and do not run, or are of other versions: the \
             page will be larger than it should be."
        );
    }
    installed
}

fn cargo_install(workspace: &Workspace, package: &str, version: Version) -> Command {
    let mut install = workspace.cargo();
    install.args(["install", package, "--version", &version.to_string(), "--force", "--root"]);
    install.arg(workspace.tools());
    // Its own, so that an interrupted installation goes on where it was.
    install.arg("--target-dir").arg(build_folder(workspace));
    install
}

fn install_and_find(
    workspace: &Workspace,
    install: &mut Command,
    tool: &str,
    suits: impl Fn(&Path) -> bool,
) -> Result<PathBuf> {
    progress::run(install, &log(workspace, tool))?;
    // Hundreds of megabytes that nobody needs again; a rest of them does no harm.
    let _ = std::fs::remove_dir_all(build_folder(workspace));
    found(workspace, tool, suits)
        .ok_or_else(|| format!("{tool} was installed and does not run, or is of another version"))
}

/// The tool in `PATH` or among our own, if there is one that suits.
fn found(workspace: &Workspace, tool: &str, suits: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let own = ["bin", "npm/node_modules/.bin"].map(|folder| workspace.tools().join(folder));
    let own =
        own.iter().map(|folder| folder.join(format!("{tool}{}", std::env::consts::EXE_SUFFIX)));
    in_path(tool).into_iter().chain(own).find(|tool| suits(tool))
}

fn beside(tool: &Path, other: &str) -> PathBuf {
    tool.with_file_name(format!("{other}{}", std::env::consts::EXE_SUFFIX))
}

fn build_folder(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("build")
}

pub(crate) fn log(workspace: &Workspace, step: &str) -> PathBuf {
    workspace.tools().join("log").join(format!("{step}.log"))
}

/// Three numbers; those that are not written are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32, u32);

impl Version {
    /// Whether cargo would take the other one for this one, as in `^0.21.14`.
    fn is_met_by(self, other: Self) -> bool {
        let same_line = if self.0 == 0 { self.1 == other.1 } else { true };
        self.0 == other.0 && same_line && other >= self
    }

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(str::parse);
        let first = numbers.next()?.ok()?;
        let mut next = || numbers.next().map_or(Some(0), std::result::Result::ok);
        Some(Self(first, next()?, next()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

fn version_of(tool: &Path) -> Option<Version> {
    version_in(&output(Command::new(tool).arg("--version"))?)
}

/// The version in what a tool says about itself: `trunk 0.21.14`, `wasm-opt version 132 (…)`.
fn version_in(said: &str) -> Option<Version> {
    said.split_whitespace().find_map(Version::parse)
}

/// What a command says, if it succeeds.
fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn locked_version(lock: &str, package: &str) -> Result<Version> {
    let lock: toml::Table = lock.parse().map_err(|error| format!("Cargo.lock: {error}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let field = |entry: &toml::Value, key: &str| Some(entry.get(key)?.as_str()?.to_owned());
    packages
        .into_iter()
        .flatten()
        .find(|entry| field(entry, "name").as_deref() == Some(package))
        .and_then(|entry| Version::parse(&field(entry, "version")?))
        .ok_or_else(|| format!("Cargo.lock names no {package}, whose tool the page's build needs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_a_tool_says() {
        for (said, expected) in [
            ("trunk 0.21.14\n", Some(Version(0, 21, 14))),
            ("wasm-bindgen 0.2.130", Some(Version(0, 2, 130))),
            ("wasm-opt version 132 (version_132)", Some(Version(132, 0, 0))),
            ("wasm-bindgen 0.2.130 (1a2b3c4)", Some(Version(0, 2, 130))),
            ("trunk 0.22.0-beta.1", None),
            ("", None),
        ] {
            assert_eq!(version_in(said), expected, "{said}");
        }
    }

    #[test]
    fn a_tool_in_path_suits_if_it_is_compatible_and_no_older() {
        for (reason, version, expected) in [
            ("the same", Version(0, 21, 14), true),
            ("a later patch", Version(0, 21, 15), true),
            ("an earlier patch", Version(0, 21, 13), false),
            ("the next line", Version(0, 22, 1), false),
        ] {
            assert_eq!(TRUNK.is_met_by(version), expected, "{reason}");
        }
    }

    #[test]
    fn the_version_comes_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-x\"\nversion = \"9.9.9\"\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Ok(Version(0, 2, 130)));
        assert!(locked_version(lock, "yew").is_err());
    }
}

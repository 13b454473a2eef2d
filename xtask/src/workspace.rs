//! Where things are: the clone, cargo's target directory, and the files in them.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io, path};

use crate::Result;

/// The clone that this runs in.
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target directory, which need not be inside the clone.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, who knows every way in which somebody may have moved these.
    pub(crate) fn find() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cargo cannot be started: {error}"))?;
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| "`cargo metadata` does not work here; run this inside the clone")?;
        let path = |key: &str| {
            let text = metadata.get(key).and_then(serde_json::Value::as_str);
            text.map(PathBuf::from).ok_or_else(|| format!("`cargo metadata` names no {key}"))
        };
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")? })
    }

    /// Where Trunk puts the page.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Where `setup` installs what was not in `PATH`.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Cargo, told to work on this workspace.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = cargo();
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }
}

/// The cargo that started this, or the one in `PATH`.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The folder of the corpora, where the environment names it: tests run in the folders of their crates.
pub(crate) fn corpora() -> Result<Option<PathBuf>> {
    let absolute =
        |folder| path::absolute(folder).map_err(|error| format!("MXRAY_CORPORA: {error}"));
    env::var_os("MXRAY_CORPORA").map(absolute).transpose()
}

/// Runs to the end on this terminal; an error names the command.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    status.success().then_some(()).ok_or_else(|| format!("`{}` failed", shown(command)))
}

pub(crate) fn cannot_start(command: &Command, error: &io::Error) -> String {
    format!("{} cannot be started: {error}", command.get_program().display())
}

/// The command as one would type it, with the program's name alone.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// `PATH` with these folders before all others.
pub(crate) fn path_with<'a>(first: impl IntoIterator<Item = &'a Path>) -> Result<OsString> {
    let rest = env::var_os("PATH").unwrap_or_default();
    let folders = first.into_iter().map(Path::to_path_buf).chain(env::split_paths(&rest));
    env::join_paths(folders).map_err(|error| format!("PATH cannot hold a folder: {error}"))
}

/// Every place where `PATH` has a program of that name, in order.
pub(crate) fn in_path(program: &str) -> Vec<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(&name)).filter(|file| file.is_file()).collect()
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

pub(crate) fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).map_err(|_| format!("{} is not UTF-8", path.display()))
}

pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result {
    fs::write(path, content)
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// A file, or a folder with all that is in it.
pub(crate) fn remove(path: &Path) -> Result {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(|error| format!("{} cannot be removed: {error}", path.display()))
}

pub(crate) fn create_folder(path: &Path) -> Result {
    fs::create_dir_all(path)
        .map_err(|error| format!("{} cannot be created: {error}", path.display()))
}

/// A folder's entries, in the order of their names.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>())
        .map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

/// All files below a folder, or the file itself, in a fixed order; none where nothing is there.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    if !path.exists() {
        return Ok(Vec::new());
    }
    let nested =
        entries(path)?.iter().map(|entry| files_below(entry)).collect::<Result<Vec<_>>>()?;
    Ok(nested.concat())
}

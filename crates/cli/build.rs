//! Lists the files of each language of `texts`, with those in it that the page does not load, so that
//! a text needs to be named nowhere else.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What stands in folders of its own.
const INNER: [&str; 4] = ["after", "depth", "reference", "terminal"];

fn main() -> io::Result<()> {
    // Asked for as it runs: a script that was built in one clone may run in another.
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let texts = package.join("../../texts");
    println!("cargo::rerun-if-changed={}", texts.display());
    let mut languages = entries(&texts)?;
    languages.retain(|folder| folder.is_dir());
    languages.sort();
    let languages =
        languages.iter().map(|folder| language(folder)).collect::<io::Result<String>>()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("texts.rs"), format!("[\n{languages}]"))
}

/// A language as an item of the list: its name, and the contents of its files.
fn language(folder: &Path) -> io::Result<String> {
    let mut files = entries(folder)?;
    for inner in INNER {
        files.extend(entries(&folder.join(inner))?);
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let includes: String = files.iter().map(|file| format!("include_str!({file:?}),\n")).collect();
    let name = folder.file_name().unwrap_or_default();
    Ok(format!("({name:?}, &[\n{includes}]),\n"))
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

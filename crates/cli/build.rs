//! Lists the files of `texts/en`, of `after` and `depth` in it and of `terminal`, which the page does
//! not load, so that a text needs to be named nowhere else.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Asked for as it runs: a script that was built in one clone may run in another.
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = package.join("../../texts/en");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = entries(&folder)?;
    for inner in ["after", "depth", "terminal"] {
        files.extend(entries(&folder.join(inner))?);
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let includes: String = files.iter().map(|file| format!("include_str!({file:?}),\n")).collect();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("texts.rs"), format!("&[\n{includes}]"))
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

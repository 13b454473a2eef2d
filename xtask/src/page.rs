//! The page, built by Trunk into `dist/` unless it is there already.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::tools::{self, Tools, WASM_TARGET};
use crate::workspace::{Workspace, files_below, read, run, write};
use crate::{Result, progress};

/// All that the page is made of.
const INPUTS: [&str; 17] = [
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "crates/browser",
    "crates/engine",
    "crates/facts",
    "crates/lab/domains",
    "crates/records",
    "crates/reports",
    "crates/scan",
    "crates/setup",
    "crates/zone",
    "index.html",
    "texts",
    "web",
    "xtask/src",
];

/// Builds the page if anything changed, and says where it is.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let tools = tools::ready(workspace)?;
    let dist = workspace.dist();
    if Stamp::now(workspace, &tools)?.is(workspace) {
        eprintln!("The page is up to date.");
        return Ok(dist);
    }
    fetch(workspace, &tools)?;
    // Of what the build starts from: what changes meanwhile is not in it.
    let inputs = digest(workspace, &INPUTS)?;
    bundle(workspace, &tools)?;
    let stamp = Stamp { inputs, ..Stamp::now(workspace, &tools)? };
    stamp.keep(workspace)?;
    Ok(dist)
}

/// Trunk must not go to the network, so the crates have to be there.
fn fetch(workspace: &Workspace, tools: &Tools) -> Result {
    eprintln!("Fetching the crates that the page is made of.");
    let mut fetch = workspace.cargo();
    tools.for_size(&mut fetch);
    fetch.args(["fetch", "--target", WASM_TARGET]);
    progress::run(&mut fetch, &tools::log(workspace, "fetch"))
}

fn bundle(workspace: &Workspace, tools: &Tools) -> Result {
    let mut trunk = tools.trunk()?;
    trunk.current_dir(&workspace.root).env("CARGO_TARGET_DIR", &workspace.target);
    trunk.args(["--log", "warn", "build", "--offline"]);
    if tools.can_optimize() {
        eprintln!(
            "Building the page; the last crate takes a minute, as it is optimized as a whole."
        );
        trunk.arg("--release");
    } else {
        eprintln!("Building the page, unoptimized, since wasm-opt is missing.");
        // Trunk wants wasm-opt for `--release`, and has no switch to do without.
        trunk.args(["--cargo-profile", "page"]);
    }
    run(&mut trunk)
}

/// What the last build was made of and what came out: the target directory may serve several clones.
#[derive(PartialEq, Eq)]
struct Stamp {
    inputs: String,
    output: String,
    /// What the tools could do.
    how: String,
}

impl Stamp {
    fn now(workspace: &Workspace, tools: &Tools) -> Result<Self> {
        Ok(Self {
            inputs: digest(workspace, &INPUTS)?,
            output: digest(workspace, &["dist"])?,
            how: tools.how(),
        })
    }

    fn is(&self, workspace: &Workspace) -> bool {
        read(&Self::file(workspace)).is_ok_and(|kept| kept == self.text().as_bytes())
    }

    fn keep(&self, workspace: &Workspace) -> Result {
        write(&Self::file(workspace), self.text())
    }

    fn text(&self) -> String {
        format!("inputs {}\noutput {}\n{}\n", self.inputs, self.output, self.how)
    }

    fn file(workspace: &Workspace) -> PathBuf {
        workspace.target.join("page.stamp")
    }
}

/// One number for the names and the contents of all these files.
fn digest(workspace: &Workspace, paths: &[&str]) -> Result<String> {
    let mut digest = Sha256::new();
    for path in paths {
        for file in files_below(&workspace.root.join(path))? {
            let content = read(&file)?;
            let name = file.strip_prefix(&workspace.root).unwrap_or(Path::new(path));
            digest.update(format!("{}\0{}\0", name.display(), content.len()));
            digest.update(content);
        }
    }
    Ok(crate::hex(&digest.finalize()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_stamp_notices_a_change_and_its_undoing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let workspace = Workspace { target: root.join("target"), root };
        let [web, dist] = ["web", "dist"].map(|name| workspace.root.join(name));
        for folder in [&web, &dist, &workspace.target] {
            fs::create_dir(folder).unwrap();
        }
        let now = || {
            let (inputs, output) = (digest(&workspace, &INPUTS), digest(&workspace, &["dist"]));
            Stamp { inputs: inputs.unwrap(), output: output.unwrap(), how: String::new() }
        };
        now().keep(&workspace).unwrap();
        assert!(now().is(&workspace), "nothing changed");
        fs::write(web.join("main.rs"), "").unwrap();
        assert!(!now().is(&workspace), "a new input");
        fs::remove_file(web.join("main.rs")).unwrap();
        assert!(now().is(&workspace), "the input is gone again");
        fs::remove_dir(&dist).unwrap();
        fs::write(workspace.root.join("dist"), "tampered with").unwrap();
        assert!(!now().is(&workspace), "another output");
    }
}

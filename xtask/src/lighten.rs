//! Lighter files in the place of what Trunk made, and modules that the page does not start with.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::finish::{file_names, is_hashed, words_of};
use crate::pack::pack;
use crate::tools::WASM_TARGET;
use crate::workspace::{
    Workspace, cannot_start, create_folder, in_path, read, read_text, remove, run, shown, write,
};
use crate::{Result, hex};

/// What the files of the depth are called.
const DEPTH: &str = "mxray_depth";

/// Packs the page's module, minifies glue and style, and gives the document that names them as
/// they are now.
pub(crate) fn lighten(staging: &Path, mut document: String) -> Result<String> {
    let names = file_names(staging)?;
    let named = |end: &str| {
        let name = names.iter().find(|name| name.ends_with(end) && !name.contains('/'));
        name.ok_or_else(|| format!("the bundled page holds no *{end}"))
    };
    let (glue, module, style) = (named(".js")?, named("_bg.wasm")?, named(".css")?);
    let packed = pack(&read_text(&staging.join(glue))?, &read(&staging.join(module))?)?;
    let mut rename = |old: &str, content: &[u8]| -> Result<String> {
        let new = named_after(content, old);
        remove(&staging.join(old))?;
        write(&staging.join(&new), content)?;
        document = document.replace(old, &new);
        Ok(new)
    };
    let module = rename(module, &packed.module)?;
    write(&staging.join(glue), starting(&packed.glue, &module)?)?;
    for name in [glue, style] {
        minify(&staging.join(name))?;
        rename(name, &read(&staging.join(name))?)?;
    }
    if minifier().is_some() {
        // The glue has its snippets in it now.
        remove(&staging.join("snippets"))?;
    }
    Ok(document)
}

/// Glue that loads its module at once instead of handing out how to. What it exports but does not
/// need, esbuild can leave out then.
fn starting(glue: &str, module: &str) -> Result<String> {
    const EXPORT: &str = "export { initSync, __wbg_init as default };";
    if !glue.contains(EXPORT) {
        return Err(format!("wasm-bindgen's glue no longer ends in `{EXPORT}`"));
    }
    Ok(glue.replace(
        EXPORT,
        &format!("__wbg_init({{ module_or_path: new URL('{module}', import.meta.url) }});"),
    ))
}

/// Compiles the depth into a folder of its own, with what comes after the check below it, and says
/// where its glue is.
///
/// Trunk knows one module a page, and the page loads this one when somebody wants it. It knows by
/// itself where the next one is.
pub(crate) fn depth(workspace: &Workspace, staging: &Path) -> Result<String> {
    let (depth, after) =
        (Loaded::build(workspace, "mxray-depth")?, Loaded::build(workspace, "mxray-after")?);
    let (known, words) = (known(workspace)?, words_of(&workspace.root.join("texts"), "after")?);
    // One hash for all, so that the glue finds beside it what belongs to it.
    let all: Vec<&[u8]> = [&depth.glue, &depth.module, &after.glue, &after.module]
        .into_iter()
        .map(Vec::as_slice)
        .chain([known.as_bytes()])
        .chain(words.iter().map(|(_, words)| words.as_bytes()))
        .collect();
    let folder = format!("depth-{}", hash(&all.concat()));
    let place = staging.join(&folder);
    depth.write(&place)?;
    write(&place.join("known.json"), known)?;
    after.write(&place.join("after"))?;
    for (language, words) in words {
        write(&place.join("after").join(format!("texts-{language}.json")), words)?;
    }
    Ok(format!("{folder}/{DEPTH}.js"))
}

/// A module that is loaded when somebody wants it.
struct Loaded {
    package: &'static str,
    glue: Vec<u8>,
    module: Vec<u8>,
}

impl Loaded {
    fn build(workspace: &Workspace, package: &'static str) -> Result<Self> {
        let (glue, module) = compile(workspace, package, "", &["-Oz"])?;
        pack_files(&glue, &module)?;
        Ok(Self { package, glue: read(&glue)?, module: read(&module)? })
    }

    fn write(&self, folder: &Path) -> Result {
        let name = self.package.replace('-', "_");
        create_folder(folder)?;
        write(&folder.join(format!("{name}.js")), &self.glue)?;
        write(&folder.join(format!("{name}_bg.wasm")), &self.module)
    }
}

/// Compiles a library, with these features, to a module with its glue, and says where both are.
pub(crate) fn compile(
    workspace: &Workspace,
    package: &str,
    features: &str,
    passes: &[&str],
) -> Result<(PathBuf, PathBuf)> {
    let name = package.replace('-', "_");
    let mut cargo = workspace.cargo();
    // As one thing alone: what is a library for Rust too is not optimized as a whole.
    cargo.args(["rustc", "--offline", "--quiet", "--package", package, "--lib"]);
    cargo.args(["--features", features]);
    cargo.args(["--crate-type", "cdylib", "--profile", "page", "--target", WASM_TARGET]);
    run(&mut cargo)?;
    let compiled = workspace.target.join(WASM_TARGET).join("page").join(format!("{name}.wasm"));
    let out = workspace.target.join(package);
    let mut bindgen = Command::new("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", &name, "--out-dir"]);
    run(bindgen.arg(&out).arg(compiled))?;
    let (glue, module) = (out.join(format!("{name}.js")), out.join(format!("{name}_bg.wasm")));
    if let Some(wasm_opt) = in_path("wasm-opt").into_iter().next() {
        run(Command::new(wasm_opt).args(passes).arg("-o").arg(&module).arg(&module))?;
    }
    Ok((glue, module))
}

/// What is known of the world beforehand: in TOML for people, in JSON for the browser.
fn known(workspace: &Workspace) -> Result<String> {
    let load = |file: &str| -> Result<Value> {
        let text = read_text(&workspace.root.join(file))?;
        toml::from_str(&text).map_err(|error| format!("{file}: {error}"))
    };
    let providers = load("crates/scan/data/providers.toml")?;
    let senders = load("crates/records/data/senders.toml")?;
    Ok(json!({ "providers": providers, "senders": senders["sender"] }).to_string())
}

/// Makes a module and its glue lighter where they are.
pub(crate) fn pack_files(glue: &Path, module: &Path) -> Result {
    let packed = pack(&read_text(glue)?, &read(module)?)?;
    write(glue, packed.glue)?;
    write(module, packed.module)?;
    minify(glue)
}

/// Leaves out of a script or a style what only people read, and puts what a script imports into
/// it, where esbuild is there to do it.
pub(crate) fn minify(file: &Path) -> Result {
    let Some(esbuild) = minifier() else { return Ok(()) };
    let mut esbuild = Command::new(esbuild);
    esbuild.args(["--bundle", "--format=esm", "--minify", "--log-level=warning"]).arg(file);
    let output = esbuild.output().map_err(|error| cannot_start(&esbuild, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{}` failed: {}", shown(&esbuild), said.trim()));
    }
    write(file, output.stdout)
}

fn minifier() -> Option<std::path::PathBuf> {
    in_path("esbuild").into_iter().next()
}

/// The same name with the hash of this content: `mxray-web-0123456789abcdef_bg.wasm`.
fn named_after(content: &[u8], name: &str) -> String {
    let old = name.split(['-', '_', '.']).find(|part| is_hashed(part)).unwrap_or(name);
    name.replace(old, &hash(content))
}

pub(crate) fn hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content)[..8])
}

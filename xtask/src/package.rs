//! The packages for npm: `@mxray/widget` and `@mxray/engine`, as tarballs. Their modules are those of the
//! site, and their types are made of the types of Rust.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mxray_records::lint::Kind;
use serde_json::json;

use crate::finish::file_names;
use crate::npm::{Package, TYPESCRIPT, VITE};
use crate::workspace::{
    Workspace, cannot_start, create_folder, files_below, in_path, read, read_text, remove, run,
    write,
};
use crate::{Result, VERSION, page, widget};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder for the tarballs.
    #[arg(long, default_value = "packages")]
    out: PathBuf,
    /// Install them into a fresh Vite project and a Node script, and use them there.
    #[arg(long = "try")]
    tried: bool,
}

pub(crate) fn make(workspace: &Workspace, arguments: &Arguments) -> Result {
    let npm = in_path("npm").into_iter().next();
    let npm = npm.ok_or("npm is missing, which packs: install Node.js from https://nodejs.org")?;
    pack(workspace, &npm, &arguments.out)?;
    if arguments.tried { try_both(workspace, &npm, &arguments.out) } else { Ok(()) }
}

/// Makes the packages and tries them; where there is no npm, a sentence says that this is left out.
pub(crate) fn hold(workspace: &Workspace) -> Result {
    let Some(npm) = in_path("npm").into_iter().next() else {
        eprintln!("There is no npm here, so the packages are not tried.");
        return Ok(());
    };
    let tarballs = workspace.target.join("tarballs");
    pack(workspace, &npm, &tarballs)?;
    try_both(workspace, &npm, &tarballs)
}

fn pack(workspace: &Workspace, npm: &Path, out: &Path) -> Result {
    let dist = page::build(workspace)?;
    let types = types(workspace)?;
    let staging = workspace.target.join("packages");
    if staging.exists() {
        remove(&staging)?;
    }
    let [widget, engine] = ["widget", "engine"].map(|name| staging.join(name));
    fill_widget(workspace, &dist, &widget, &types)?;
    fill_engine(workspace, &dist, &engine, &types)?;
    create_folder(out)?;
    for package in [&widget, &engine] {
        for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
            write(&package.join(license), read(&workspace.root.join(license))?)?;
        }
        let mut pack = Command::new(npm);
        pack.args(["pack", "--silent", "--pack-destination"]).arg(out).arg(package);
        run(&mut pack)?;
    }
    Ok(())
}

fn fill_widget(workspace: &Workspace, dist: &Path, package: &Path, types: &str) -> Result {
    let modules = [("result-", "result"), ("engine-", "engine")];
    fill(&workspace.root.join("web/widget/npm"), dist, package, &modules, types)?;
    for (name, content) in widget::package(workspace)? {
        write(&package.join(name), content)?;
    }
    Ok(())
}

fn fill_engine(workspace: &Workspace, dist: &Path, package: &Path, types: &str) -> Result {
    let from = workspace.root.join("crates/engine/npm");
    fill(&from, dist, package, &[("engine-", "engine")], types)
}

/// What is written by hand, with its blanks filled, and modules of the site by the names that they have
/// here.
fn fill(from: &Path, dist: &Path, package: &Path, modules: &[(&str, &str)], types: &str) -> Result {
    create_folder(package)?;
    let kinds = json!(Kind::ALL.map(Kind::as_str));
    for file in files_below(from)? {
        let name = file.file_name().unwrap_or_default();
        // In a declaration it is the type of exactly these.
        let kinds =
            if name == "index.d.ts" { format!("readonly {kinds}") } else { kinds.to_string() };
        let text =
            read_text(&file)?.replace("MXRAY_VERSION", VERSION).replace("MXRAY_KINDS", &kinds);
        write(&package.join(name), text)?;
    }
    write(&package.join("types.d.ts"), types)?;
    let folder = dist.join("widget").join(VERSION);
    for name in file_names(&folder)? {
        let module = modules.iter().find(|(start, _)| name.starts_with(start));
        let Some(((_, module), (_, extension))) = module.zip(name.rsplit_once('.')) else {
            continue;
        };
        write(&package.join(format!("{module}.{extension}")), read(&folder.join(&name))?)?;
    }
    Ok(())
}

/// What the widget tells and what a report is, in TypeScript.
fn types(workspace: &Workspace) -> Result<String> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--package", "mxray-widget", "--features", "types"]);
    cargo.args(["--example", "types"]).stderr(Stdio::inherit());
    let output = cargo.output().map_err(|error| cannot_start(&cargo, &error))?;
    let types = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(types).ok_or_else(|| "the types cannot be made".into())
}

/// Projects as somebody would start them, with the packages from their tarballs.
fn try_both(workspace: &Workspace, npm: &Path, tarballs: &Path) -> Result {
    let project = workspace.target.join("packages/project");
    create_folder(&project)?;
    for file in files_below(&workspace.root.join("web/widget/try"))? {
        write(&project.join(file.file_name().unwrap_or_default()), read(&file)?)?;
    }
    let tarball = |name: &str| {
        let file = tarballs.join(format!("mxray-{name}-{VERSION}.tgz"));
        std::path::absolute(&file).map_err(|error| format!("{}: {error}", file.display()))
    };
    let mut install = Command::new(npm);
    install.current_dir(&project);
    // What they need is in them.
    install.args(["install", "--offline", "--no-audit", "--no-fund"]);
    run(install.arg(tarball("widget")?).arg(tarball("engine")?))?;
    let program = |package: &Package, name: &str, words: &[&str]| -> Result<Command> {
        let program = package.program(workspace, name)?;
        let mut program = Command::new(program.ok_or_else(|| format!("there is no {name}"))?);
        program.current_dir(&project).args(words);
        Ok(program)
    };
    run(&mut program(&TYPESCRIPT, "tsc", &["--noEmit"])?)?;
    run(&mut program(&VITE, "vite", &["build"])?)?;
    run(Command::new("node").current_dir(&project).arg("node.mjs"))?;
    println!("The packages were installed, their types checked, built by Vite, and used in Node.");
    use_in_browser(program(&VITE, "vite", &["preview", "--port", PORT, "--strictPort"])?)
}

/// Where the built project is looked at.
const PORT: &str = "4179";

/// Opens the built project, which writes what it found into its title.
fn use_in_browser(mut preview: Command) -> Result {
    let Some(chromium) = in_path("chromium").into_iter().next() else {
        println!("There is no chromium here, so they were not used in a browser.");
        return Ok(());
    };
    let mut server = preview.spawn().map_err(|error| cannot_start(&preview, &error))?;
    let mut open = Command::new(chromium);
    open.args(["--headless", "--no-sandbox", "--virtual-time-budget=30000", "--dump-dom"]);
    open.arg(format!("http://localhost:{PORT}/")).stderr(Stdio::null());
    // Again, until Vite listens.
    let seen = (0..10).find_map(|_| {
        let document = open.output().ok()?.stdout;
        String::from_utf8_lossy(&document).contains(r#""seen":"example.com""#).then_some(())
    });
    // It may have ended.
    let _ = server.kill();
    let _ = server.wait();
    seen.ok_or("the widget gave no report in the project that Vite built")?;
    println!("The widget gave a report in the project that Vite built.");
    Ok(())
}

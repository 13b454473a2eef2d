//! The programs of the workspace.

use std::error::Error;
use std::process::{Command, Stdio};

use cargo_metadata::{Artifact, Message};

/// The `mxray` command, not yet started.
///
/// # Errors
/// It cannot be built.
pub fn command() -> Result<Command, Box<dyn Error>> {
    program("mxray-cli", "mxray")
}

/// Builds a program of a package of ours if it is not up to date, and hands it out, not yet started.
///
/// Cargo tells a test where the programs of its own package are, and not those of others.
///
/// # Errors
/// It cannot be built.
pub fn program(package: &str, name: &str) -> Result<Command, Box<dyn Error>> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", package, "--bin", name])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()?;
    let messages = Message::parse_stream(built.stdout.as_slice()).filter_map(Result::ok);
    let program = messages.filter_map(executable).last();
    Ok(Command::new(program.ok_or_else(|| format!("{name} cannot be built"))?))
}

fn executable(message: Message) -> Option<cargo_metadata::camino::Utf8PathBuf> {
    match message {
        Message::CompilerArtifact(Artifact { executable, .. }) => executable,
        _ => None,
    }
}

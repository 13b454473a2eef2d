//! The `mxray` command, as it stands in the workspace.

use std::error::Error;
use std::process::{Command, Stdio};

use cargo_metadata::{Artifact, Message};

/// Builds the command if it is not up to date, and hands it out, not yet started.
///
/// Cargo tells a test where the programs of its own package are, and not those of others.
///
/// # Errors
/// It cannot be built.
pub fn command() -> Result<Command, Box<dyn Error>> {
    let build = ["build", "--quiet", "--package", "mxray-cli", "--bin", "mxray"];
    let built = Command::new(env!("CARGO"))
        .args(build)
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()?;
    let messages = Message::parse_stream(built.stdout.as_slice()).filter_map(Result::ok);
    let program = messages.filter_map(program).last();
    Ok(Command::new(program.ok_or("the mxray command cannot be built")?))
}

fn program(message: Message) -> Option<cargo_metadata::camino::Utf8PathBuf> {
    match message {
        Message::CompilerArtifact(Artifact { executable, .. }) => executable,
        _ => None,
    }
}

//! Servers that are not ours, as Debian packages them. Each is started in the foreground, with a
//! configuration of the test's own, and ends with the test.

use std::fs::{self, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use tempfile::NamedTempFile;

/// How long a server may take to start, and how often it is tried.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// A program of Debian's, not yet started: from the folder that `MXRAY_SERVERS` names, or as installed.
///
/// Without it a sentence says what is left out, and there is none; where all of the tests have to run
/// (`CI`), that is a failure.
#[must_use]
pub fn debian(program: &str, left_out: &str) -> Option<Command> {
    let found = unpacked(program).or_else(|| installed(program).map(Command::new));
    if found.is_none() {
        left_out_for(&format!("there is no {program} (`cargo xtask test` gets it)"), left_out);
    }
    found
}

/// Says what is left out, and why.
///
/// # Panics
/// Where all of the tests have to run (`CI`).
pub fn left_out_for(reason: &str, left_out: &str) {
    assert!(env::var_os("CI").is_none(), "{reason}, so {left_out} cannot be tested");
    eprintln!("left out: {left_out}, because {reason}");
}

/// The folder that `cargo xtask test` has unpacked packages into.
#[must_use]
pub fn unpacked_folder() -> Option<PathBuf> {
    env::var_os("MXRAY_SERVERS").map(PathBuf::from)
}

fn unpacked(program: &str) -> Option<Command> {
    let folder = unpacked_folder()?;
    let file = in_folders(program, [folder.join("usr/sbin"), folder.join("usr/bin")])?;
    let mut command = Command::new(file);
    command.env("LD_LIBRARY_PATH", libraries(&folder));
    Some(command)
}

/// `usr/lib/x86_64-linux-gnu`, whatever the machine is.
fn libraries(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder.join("usr/lib")).into_iter().flatten().filter_map(Result::ok);
    let mut folders = entries.map(|entry| entry.path());
    folders.find(|path| path.to_string_lossy().ends_with("-linux-gnu")).unwrap_or_default()
}

fn installed(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    in_folders(program, env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]))
}

fn in_folders(program: &str, folders: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    folders.into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A server that runs; it ends with this.
#[derive(Debug)]
pub struct Server {
    child: Child,
    said: NamedTempFile,
}

impl Server {
    /// Starts one, and waits until all of these addresses accept connections.
    ///
    /// # Errors
    /// It cannot be started, or has ended, or does not listen in time: with what it said.
    pub fn start(mut command: Command, listening: &[SocketAddr]) -> io::Result<Self> {
        // Some open anew what they are given, which takes a name.
        let said = NamedTempFile::new()?;
        let out = OpenOptions::new().append(true).open(&said)?;
        let err = out.try_clone()?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let mut server = Self { child: command.spawn()?, said };
        let patience = Instant::now() + PATIENCE;
        for address in listening {
            while TcpStream::connect(address).is_err() {
                if server.child.try_wait()?.is_some() || Instant::now() > patience {
                    let program = command.get_program().display();
                    let said = fs::read_to_string(&server.said)?;
                    return Err(io::Error::other(format!("{program} is not at {address}: {said}")));
                }
                thread::sleep(PAUSE);
            }
        }
        Ok(server)
    }

    /// Ends it at once, as a power failure does.
    ///
    /// # Errors
    /// It cannot be ended.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of this machine that nobody listens on.
///
/// # Errors
/// There is none.
pub fn free_address(ip: Ipv4Addr) -> io::Result<SocketAddr> {
    TcpListener::bind((ip, 0))?.local_addr()
}

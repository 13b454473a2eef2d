//! Why the lab did not start.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why [`Lab::start`](crate::Lab::start) gave up. Every message says what was wrong and, where a
/// person wrote it, the file, the key and what is expected there.
#[derive(Debug)]
#[non_exhaustive]
pub enum LabError {
    /// A domain file does not follow the format of `docs/lab.md`.
    File {
        /// The file, as it was named.
        file: String,
        /// The key, the value and what is expected.
        problem: String,
    },
    /// A file or folder could not be read.
    Read {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No socket could be had.
    Bind {
        /// What the socket was for, such as `DNS on 127.0.0.1:53`.
        purpose: String,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate could not be made.
    Certificate {
        /// The host that it was for.
        host: String,
        /// What the certificate library said.
        problem: String,
    },
}

impl LabError {
    pub(crate) fn file(file: &str, problem: impl fmt::Display) -> Self {
        Self::File { file: file.to_owned(), problem: problem.to_string() }
    }

    pub(crate) fn certificate(host: &str, problem: impl fmt::Display) -> Self {
        Self::Certificate { host: host.to_owned(), problem: problem.to_string() }
    }
}

impl fmt::Display for LabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, problem } => write!(f, "{file}: {problem}"),
            Self::Read { path, source } => {
                write!(f, "{} could not be read: {source}", path.display())
            }
            Self::Bind { purpose, source } => write!(f, "no socket for {purpose}: {source}"),
            Self::Certificate { host, problem } => {
                write!(f, "no certificate could be made for {host}: {problem}")
            }
        }
    }
}

impl std::error::Error for LabError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Bind { source, .. } => Some(source),
            Self::File { .. } | Self::Certificate { .. } => None,
        }
    }
}

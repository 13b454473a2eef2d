//! What the servers saw, so that a test can hold a client to its manners.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many entries are kept of each kind and host: a client gone wild fills no memory.
const KEPT: usize = 10_000;

/// What one mail host saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SmtpLog {
    /// How many connections it accepted.
    pub connections: usize,
    /// The command lines of all connections, in order of arrival, without their line ends.
    pub commands: Vec<String>,
}

/// A shared log. Clones write to the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    smtp: HashMap<String, SmtpLog>,
    requests: HashMap<String, Vec<String>>,
    questions: Vec<(String, String)>,
}

impl Log {
    pub(crate) fn connection(&self, host: &str) {
        self.seen().smtp.entry(host.to_owned()).or_default().connections += 1;
    }

    pub(crate) fn command(&self, host: &str, line: &str) {
        keep(&mut self.seen().smtp.entry(host.to_owned()).or_default().commands, line.to_owned());
    }

    pub(crate) fn request(&self, host: &str, line: &str) {
        keep(self.seen().requests.entry(host.to_owned()).or_default(), line.to_owned());
    }

    pub(crate) fn question(&self, name: &str, kind: &str) {
        keep(&mut self.seen().questions, (name.to_owned(), kind.to_owned()));
    }

    pub(crate) fn smtp(&self, host: &str) -> SmtpLog {
        self.seen().smtp.get(host).cloned().unwrap_or_default()
    }

    pub(crate) fn requests(&self, host: &str) -> Vec<String> {
        self.seen().requests.get(host).cloned().unwrap_or_default()
    }

    pub(crate) fn questions(&self) -> Vec<(String, String)> {
        self.seen().questions.clone()
    }

    /// A panic elsewhere leaves a log that is still good to read.
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep<T>(entries: &mut Vec<T>, entry: T) {
    if entries.len() < KEPT {
        entries.push(entry);
    }
}

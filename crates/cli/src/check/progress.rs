//! A line on standard error that says how far the scans are, where somebody watches.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};

use mxray_scan::depth::Asked;
use mxray_scan::{CheckId, Event};

use super::Told;

/// How many checks are complete.
pub(super) struct Progress {
    is_watched: bool,
    complete: Cell<usize>,
    all: usize,
}

impl Progress {
    /// The progress of scans of so many domains.
    pub(super) fn new(domains: usize) -> Self {
        let is_watched = io::stderr().is_terminal();
        Self { is_watched, complete: Cell::new(0), all: domains * CheckId::ALL.len() }
    }

    /// Takes note of what a scan tells.
    pub(super) fn hear(&self, told: &Told) {
        match told {
            Told::Check(Event::Started(_)) => {}
            Told::Check(Event::Finished(_)) => self.complete.set(self.complete.get() + 1),
            Told::Depth(Asked { open, .. }) => {
                return self.write(&format!("\r\u{1b}[K{open} questions open "));
            }
        }
        self.write(&format!("\r{} of {} checks complete ", self.complete.get(), self.all));
    }

    /// Takes the line away, so that a report can stand in its place.
    pub(super) fn clear(&self) {
        self.write("\r\u{1b}[K");
    }

    fn write(&self, text: &str) {
        if self.is_watched {
            // Nobody is hurt if it is not seen.
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }
}

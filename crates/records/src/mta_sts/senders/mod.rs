//! Who honors a policy: how each sender reads one, where its code differs from RFC 8461.
//!
//! A sender is data ([`Sender`], in `data/senders.toml`): the choices that its code makes where
//! others make another. [`Sender::read`] reads a policy under them.

mod read;
mod ways;

use serde::Deserialize;

pub use self::ways::*;
use super::policy::Mode;
use crate::Span;

/// A sender, as somebody has read its code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// What it calls itself.
    pub name: String,
    /// The version or the commit that was read.
    pub version: String,
    /// The day on which it was read, as `2026-11-25`.
    pub read: String,
    /// Where its code, or its standard, is.
    pub link: String,
    /// What it does.
    pub ways: Ways,
}

/// What a sender makes of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it takes from the policy; `None` if it does not use it.
    pub taken: Option<Taken>,
    /// Wherever it did something that not every sender does, in the order of the text. If nothing
    /// is taken, the last of them is the reason.
    pub notes: Vec<Note>,
}

/// What a sender takes from a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The mode.
    pub mode: Mode,
    /// How long it remembers the policy, in seconds.
    pub max_age: u32,
    /// The patterns, in lower case.
    pub mx: Vec<String>,
}

/// Something that a sender did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about, and what the sender does then.
    pub way: Way,
    /// Where in the policy; `None` if it is about something absent, or about all of it.
    pub span: Option<Span>,
}

/// A case in which senders may differ, and what one of them does in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Way {
    /// The case: `blank-line`.
    pub case: &'static str,
    /// What is done: `whole-policy`. Empty where all do the same.
    pub done: &'static str,
}

impl Sender {
    /// Reads a policy as this sender does; `content_type` is what it was served with, if that is known.
    ///
    /// ```
    /// use mxray_records::mta_sts::senders::Sender;
    /// # let toml = include_str!("../../../data/senders.toml");
    /// # let file: std::collections::BTreeMap<String, Vec<Sender>> = toml::from_str(toml).unwrap();
    /// # let mailauth = file["sender"].iter().find(|sender| sender.name == "mailauth").unwrap();
    /// let policy = "version: STSv1\nmode: Enforce\n\nmx: a.example\nmax_age: 604800\n";
    /// assert!(mailauth.read(policy, None).taken.is_some());
    /// ```
    #[must_use]
    pub fn read(&self, policy: &str, content_type: Option<&str>) -> Reading {
        read::read(&self.ways, policy, content_type)
    }

    /// Whether a pattern that this sender took covers a host.
    #[must_use]
    pub fn covers(&self, pattern: &str, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let pattern = match self.ways.final_dot {
            FinalDot::PartOfName => pattern,
            FinalDot::Ignored => pattern.strip_suffix('.').unwrap_or(pattern),
        };
        let Some(suffix) = pattern.strip_prefix("*.") else { return pattern == host };
        let label = host.strip_suffix(suffix).and_then(|before| before.strip_suffix('.'));
        match self.ways.wildcard {
            Wildcard::OneLabel => {
                label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
            }
            Wildcard::AnyDepth => label.is_some_and(|labels| !labels.is_empty()),
        }
    }

    /// What explains a reading: why nothing was taken, or where another sender would have done otherwise.
    #[must_use]
    pub fn because<'a>(&self, reading: &'a Reading, other: &Self) -> Vec<&'a Note> {
        if reading.taken.is_none() {
            return reading.notes.last().into_iter().collect();
        }
        let others = other.ways.all();
        let mut differing: Vec<&Note> = Vec::new();
        for note in reading.notes.iter().filter(|note| !others.contains(&note.way)) {
            if !differing.iter().any(|known| known.way == note.way) {
                differing.push(note);
            }
        }
        differing
    }
}

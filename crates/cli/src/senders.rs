//! `--senders`: who honors a policy, one row a sender.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use anstyle::{AnsiColor, Style};
use mxray_records::harmless;
use mxray_records::mta_sts::policy::Mode;
use mxray_records::mta_sts::senders::{Note, Sender, Way};
use mxray_records::texts::{Texts, fill};
use serde::Serialize;

/// The senders that are known, the standard first.
const SENDERS: &str = include_str!("../../records/data/senders.toml");

/// A policy, and what is known of how it is published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Published<'a> {
    pub(crate) policy: &'a str,
    /// What it is served with, if that is known; empty for nothing.
    pub(crate) content_type: Option<&'a str>,
    /// The MX hosts of the domain, as far as they are known.
    pub(crate) mx: &'a [String],
}

/// What a sender makes of a policy.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    sender: String,
    version: String,
    read: String,
    link: String,
    accepted: bool,
    mode: Option<&'static str>,
    max_age: Option<u32>,
    mx: Vec<String>,
    /// The MX hosts that none of its patterns covers.
    uncovered: Vec<String>,
    because: Vec<Because>,
}

/// Why it makes that of it, if not every sender does.
#[derive(Debug, Serialize)]
struct Because {
    case: &'static str,
    done: &'static str,
    /// The line of the policy, from 1.
    line: Option<usize>,
    message: String,
}

/// What each sender makes of a policy.
///
/// # Errors
/// The data cannot be read; a test holds that it can.
pub(crate) fn rows(published: Published<'_>, texts: &Texts) -> Result<Vec<Row>, toml::de::Error> {
    let file: BTreeMap<String, Vec<Sender>> = toml::from_str(SENDERS)?;
    let senders = file.into_values().next().unwrap_or_default();
    let Some(standard) = senders.first() else { return Ok(Vec::new()) };
    Ok(senders.iter().map(|sender| Row::new(sender, standard, published, texts)).collect())
}

impl Row {
    fn new(sender: &Sender, standard: &Sender, published: Published<'_>, texts: &Texts) -> Self {
        let Published { policy, content_type, mx: hosts } = published;
        let reading = sender.read(policy, content_type);
        let because = |note: &Note| Because::new(note, policy, texts);
        let mut because: Vec<_> =
            sender.because(&reading, standard).into_iter().map(because).collect();
        let taken = reading.taken.as_ref();
        let (mode, max_age) = (taken.map(|taken| taken.mode), taken.map(|taken| taken.max_age));
        let mx = reading.taken.map(|taken| taken.mx).unwrap_or_default();
        let covers = |by: &Sender, host: &str| mx.iter().any(|pattern| by.covers(pattern, host));
        if hosts.iter().any(|host| covers(sender, host) != covers(standard, host)) {
            because.push(Because::of_way(sender.ways.wildcard.into(), texts));
        }
        let counts = mode.is_some_and(|mode| mode != Mode::None);
        let uncovered = hosts.iter().filter(|host| counts && !covers(sender, host));
        Self {
            sender: sender.name.clone(),
            version: sender.version.clone(),
            read: sender.read.clone(),
            link: sender.link.clone(),
            accepted: mode.is_some(),
            mode: mode.map(Mode::as_str),
            max_age,
            uncovered: uncovered.cloned().collect(),
            mx,
            because,
        }
    }
}

impl Because {
    fn of_way(way: Way, texts: &Texts) -> Self {
        let message = texts.word(&key(way)).to_owned();
        Self { case: way.case, done: way.done, line: None, message }
    }

    fn new(note: &Note, policy: &str, texts: &Texts) -> Self {
        let before = |span: mxray_records::Span| policy.get(..span.start).unwrap_or_default();
        let line = note.span.map(|span| 1 + before(span).matches('\n').count());
        Self { line, ..Self::of_way(note.way, texts) }
    }
}

fn key(way: Way) -> String {
    match way.done {
        "" => format!("senders.{}", way.case),
        done => format!("senders.{}.{done}", way.case),
    }
}

/// The rows, to be shown.
pub(crate) struct Human<'a> {
    pub(crate) rows: &'a [Row],
    pub(crate) texts: &'a Texts,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// The column of the senders.
const NAME_WIDTH: usize = 38;

impl fmt::Display for Human<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return writeln!(f, "{}", self.texts.word("senders.nothing"));
        }
        writeln!(f, "{BOLD}{}{BOLD:#}", self.texts.word("senders.title"))?;
        self.rows.iter().try_for_each(|row| self.row(f, row))
    }
}

impl Human<'_> {
    fn row(&self, f: &mut Formatter<'_>, row: &Row) -> fmt::Result {
        let name = format!("{} {}", row.sender, row.version);
        let (style, word) = match row.mode {
            Some(mode) if mode == Mode::Enforce.as_str() => (GREEN, mode),
            Some(mode) => (YELLOW, mode),
            None => (RED, self.texts.word("senders.refused")),
        };
        write!(f, "  {name:NAME_WIDTH$} {DIM}{}{DIM:#}  {style}{word}{style:#}", row.read)?;
        match row.mx.as_slice() {
            [] => writeln!(f)?,
            mx => writeln!(f, "  {}", harmless(&mx.join(", ")))?,
        }
        for because in &row.because {
            writeln!(f, "    {}", self.because(because))?;
        }
        if row.uncovered.is_empty() {
            return Ok(());
        }
        let hosts = ("hosts", row.uncovered.join(", "));
        let said = fill(self.texts.word("senders.uncovered"), &[hosts]);
        writeln!(f, "    {}", harmless(&said))
    }

    fn because(&self, because: &Because) -> String {
        let what = because.message.clone();
        match because.line {
            Some(line) => {
                let params = [("line", line.to_string()), ("what", what)];
                fill(self.texts.word("senders.line"), &params)
            }
            None => what,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mxray_records::mta_sts::senders::EVERY_WAY;

    use super::{Published, key, rows};

    #[test]
    fn every_way_has_its_words_and_none_is_left_over() {
        let texts = include_str!("../../../texts/en/terminal/senders.toml");
        let texts: toml::Table = texts.parse().unwrap();
        let written: BTreeSet<String> = texts.keys().cloned().collect();
        let said = ["title", "refused", "line", "uncovered", "nothing"];
        let said = said.map(|word| format!("senders.{word}"));
        let ways = EVERY_WAY.iter().map(|way| key(*way));
        assert_eq!(written, ways.chain(said).collect());
    }

    #[test]
    fn every_sender_has_its_code_and_its_day() {
        let texts = crate::texts::english().unwrap();
        let published = Published { policy: "", content_type: None, mx: &[] };
        for row in rows(published, &texts).unwrap() {
            assert!(row.link.starts_with("https://"), "{row:?}");
            let date: Vec<_> = row.read.split('-').map(str::len).collect();
            assert_eq!(date, [4, 2, 2], "{row:?}");
        }
    }
}

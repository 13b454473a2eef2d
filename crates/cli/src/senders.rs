//! `--senders`: who honors a policy, one row a sender.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use anstyle::{AnsiColor, Style};
use mxray_records::harmless;
use mxray_records::mta_sts::policy::Mode;
use mxray_records::mta_sts::senders::{Sender, Way};
use mxray_records::texts::{Texts, fill};
use mxray_scan::depth::{Because, Honoring, Published, honoring};
use serde::Serialize;

/// The senders that are known, the standard first.
const SENDERS: &str = include_str!("../../records/data/senders.toml");

/// What a sender makes of a policy.
pub(crate) type Row = Honoring<Said>;

/// Why it makes that of it, in words.
#[derive(Debug, Serialize)]
pub(crate) struct Said {
    #[serde(flatten)]
    because: Because,
    message: String,
}

/// The senders that are known, the standard first.
///
/// # Errors
/// The data cannot be read; a test holds that it can.
pub(crate) fn known() -> Result<Vec<Sender>, toml::de::Error> {
    let file: BTreeMap<String, Vec<Sender>> = toml::from_str(SENDERS)?;
    Ok(file.into_values().next().unwrap_or_default())
}

/// What each sender makes of a policy.
///
/// # Errors
/// The data cannot be read; a test holds that it can.
pub(crate) fn rows(published: Published<'_>, texts: &Texts) -> Result<Vec<Row>, toml::de::Error> {
    Ok(said(honoring(&known()?, published), texts))
}

/// The same in words.
pub(crate) fn said(rows: Vec<Honoring>, texts: &Texts) -> Vec<Row> {
    let say = |because: Because| {
        let Because { case, done, .. } = because;
        Said { message: texts.word(&key(Way { case, done })).to_owned(), because }
    };
    rows.into_iter().map(|row| row.because(say)).collect()
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

    fn because(&self, said: &Said) -> String {
        let what = said.message.clone();
        match said.because.line {
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

    use mxray_scan::depth::Published;

    use super::{key, rows};

    #[test]
    fn every_way_has_its_words_and_none_is_left_over() {
        let texts = include_str!("../../../texts/en/depth/senders.toml");
        let texts: toml::Table = texts.parse().unwrap();
        let written: BTreeSet<String> = texts.keys().cloned().collect();
        let said = ["title", "refused", "line", "uncovered", "nothing"];
        let said = said.map(|word| format!("senders.{word}"));
        let ways = EVERY_WAY.iter().map(|way| key(*way));
        assert_eq!(written, ways.chain(said).collect());
    }

    #[test]
    fn every_sender_has_its_code_and_its_day() {
        let texts = crate::texts::of("en").unwrap();
        let published = Published { policy: "", content_type: None, mx: &[] };
        for row in rows(published, &texts).unwrap() {
            assert!(row.link.starts_with("https://"), "{row:?}");
            let date: Vec<_> = row.read.split('-').map(str::len).collect();
            assert_eq!(date, [4, 2, 2], "{row:?}");
        }
    }
}

//! What the servers of a domain showed, as whoever runs them reads it at a terminal.

use std::fmt::{self, Formatter};

use anstyle::Style;
use mxray_facts::BimiFacts;
use mxray_records::harmless;
use mxray_records::texts::{Texts, fill};
use mxray_scan::depth::{Line, servers};
use mxray_scan::{Report, Sentence};

const BOLD: Style = Style::new().bold();

/// What they showed, to be shown.
pub(super) struct Servers<'a> {
    pub(super) report: &'a Report,
    pub(super) bimi: &'a BimiFacts,
    pub(super) texts: &'a Texts,
}

impl fmt::Display for Servers<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{BOLD}{}{BOLD:#}", self.texts.word("servers.title"))?;
        for shown in servers(self.report, Some(self.bimi)) {
            writeln!(f, "  {}", self.say(&shown.what))?;
            shown.lines.iter().try_for_each(|line| writeln!(f, "    {}", self.line(line)))?;
        }
        Ok(())
    }
}

impl Servers<'_> {
    fn line(&self, line: &Line) -> String {
        line.iter().map(|sentence| self.say(sentence)).collect::<Vec<_>>().join(" ")
    }

    fn say(&self, sentence: &Sentence) -> String {
        harmless(&fill(self.texts.word(sentence.key), &sentence.params)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_word_is_written_and_none_is_left_over() {
        let texts = include_str!("../../../../texts/en/depth/servers.toml");
        let texts: toml::Table = texts.parse().unwrap();
        let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
        let sources =
            [include_str!("servers.rs"), include_str!("../../../scan/src/depth/shown.rs")];
        let named = sources.iter().flat_map(|source| source.split('"'));
        let named: BTreeSet<&str> = named
            .filter(|piece| piece.starts_with("servers.") && !piece.ends_with(".rs"))
            .filter(|piece| *piece != "servers.")
            .collect();
        assert_eq!(written, named);
    }
}

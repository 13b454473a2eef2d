//! TLS reports as a person reads them at a terminal.

use std::collections::BTreeSet;
use std::fmt::{self, Formatter};

use anstyle::{AnsiColor, Style};
use mxray_facts::{Domain, Timestamp};
use mxray_records::harmless;
use mxray_records::texts::{Texts, fill};
use mxray_reports::live::{Joined, Now, is_about};
use mxray_reports::{Oddity, Reading, Sessions, Summary, Tally};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Lines of one kind that somebody reads; the JSON holds all.
const MOST_LINES: usize = 30;

/// Names in one line.
const MOST_NAMES: usize = 5;

/// Reports, to be shown.
pub(super) struct Human<'a> {
    pub(super) summary: &'a Summary,
    pub(super) reading: &'a Reading,
    /// The domain that was scanned, and how each reason stands now.
    pub(super) now: Option<(&'a Domain, &'a [Joined])>,
    pub(super) texts: &'a Texts,
}

impl fmt::Display for Human<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.top(f)?;
        self.cost(f)?;
        self.why(f)?;
        self.senders(f)?;
        self.days(f)?;
        self.odd(f)?;
        self.unread(f)
    }
}

impl Human<'_> {
    fn top(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Summary { reports, duplicates, domains, begin, end, sessions, .. } = self.summary;
        if *reports == 0 {
            return writeln!(f, "{BOLD}{}{BOLD:#}", self.word("reports.none"));
        }
        let date = |it: &Option<Timestamp>| it.map_or_else(|| "?".to_owned(), Timestamp::date);
        let key = match (sessions.total(), sessions.failed) {
            (0, _) => "reports.sessions.none",
            (_, 0) => "reports.sessions.good",
            _ => "reports.sessions",
        };
        let style = if sessions.failed > 0 { YELLOW } else { GREEN };
        writeln!(f, "{style}{}{style:#}", self.say(key, &counted(*sessions)))?;
        let counts = [
            ("reports", reports.to_string()),
            ("senders", self.summary.senders.len().to_string()),
            ("begin", date(begin)),
            ("end", date(end)),
        ];
        writeln!(f, "{}", self.say("reports.count", &counts))?;
        if *duplicates > 0 {
            writeln!(f, "{}", self.count("reports.duplicates", *duplicates as u64))?;
        }
        let domains = some(domains.iter().map(String::as_str));
        writeln!(f, "{}\n", self.say("reports.domains", &[("domains", domains)]))
    }

    fn cost(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let cost = self.summary.cost;
        if self.summary.reports == 0 {
            return Ok(());
        }
        match self.summary.enforce_is_safe() {
            Some(true) => {
                writeln!(f, "{GREEN}{}{GREEN:#}", self.word("reports.enforce.safe"))?;
            }
            None => writeln!(f, "{}", self.word("reports.enforce.unknown"))?,
            Some(false) => {}
        }
        for (key, count, style) in [
            ("reports.enforce.refused", cost.refused, RED),
            ("reports.enforce.would", cost.would_be_refused, RED),
            ("reports.enforce.dane", cost.by_dane, YELLOW),
            ("reports.enforce.went-on", cost.went_on, YELLOW),
            ("reports.enforce.unexplained", cost.unexplained, YELLOW),
        ] {
            if count > 0 {
                writeln!(f, "{style}{}{style:#}", self.count(key, count))?;
            }
        }
        writeln!(f)
    }

    fn why(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.summary.results.is_empty() {
            return Ok(());
        }
        self.title(f, "reports.why")?;
        if let Some((domain, _)) = self.now.filter(|(domain, _)| !is_about(self.summary, domain)) {
            let domain = ("domain", domain.to_string());
            writeln!(f, "  {YELLOW}{}{YELLOW:#}", self.say("reports.now.other-domain", &[domain]))?;
        }
        self.summary.results.iter().take(MOST_LINES).try_for_each(|tally| self.tally(f, tally))
    }

    fn tally(&self, f: &mut Formatter<'_>, tally: &Tally) -> fmt::Result {
        let key = tally.result.key();
        let kind = [("type", tally.result.as_str().to_owned())];
        let said = |what: &str| self.say(&format!("reports.{what}.{key}"), &kind);
        let code = harmless(tally.result.as_str());
        writeln!(f, "  {BOLD}{}{BOLD:#}  {DIM}{code}{DIM:#}", said("result"))?;
        let senders = tally.senders.iter().map(|it| self.sender(it));
        let by = [("count", tally.sessions.to_string()), ("senders", some(senders))];
        write!(f, "    {}", self.say("reports.said-by", &by))?;
        if !tally.mx_hosts.is_empty() {
            let hosts = ("hosts", some(tally.mx_hosts.iter().map(String::as_str)));
            write!(f, ", {}", self.say("reports.at", &[hosts]))?;
        }
        writeln!(f)?;
        if !tally.reasons.is_empty() {
            let reasons = ("reasons", some(tally.reasons.iter().map(String::as_str)));
            writeln!(f, "    {}", self.say("reports.reasons", &[reasons]))?;
        }
        writeln!(f, "    {}\n    {}", said("cause"), said("mend"))?;
        for joined in self.now.iter().flat_map(|(_, joined)| *joined) {
            if joined.result == tally.result {
                self.joined(f, joined)?;
            }
        }
        writeln!(f)
    }

    fn joined(&self, f: &mut Formatter<'_>, joined: &Joined) -> fmt::Result {
        let (style, said) = match &joined.now {
            Now::Mended => (GREEN, self.word("reports.now.mended").to_owned()),
            Now::Lacking => (RED, self.word("reports.now.lacking").to_owned()),
            Now::Gone => (GREEN, self.word("reports.now.gone").to_owned()),
            Now::CannotTell => (DIM, self.word("reports.now.cannot-tell").to_owned()),
            Now::Still(rule) => {
                let title = self.texts.rules.get(*rule).map_or(*rule, |text| &text.title);
                (RED, self.say("reports.now.still", &[("title", title.to_owned())]))
            }
        };
        let at = joined.mx_host.as_deref().map(|host| format!(" {}", harmless(host)));
        let title = self.word("reports.now.title");
        writeln!(f, "    {title}{}: {style}{said}{style:#}", at.unwrap_or_default())
    }

    fn senders(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.summary.reports == 0 {
            return Ok(());
        }
        self.title(f, "reports.by-sender")?;
        for row in self.summary.senders.iter().take(MOST_LINES) {
            self.row(f, &self.sender(&row.sender), row.sessions)?;
        }
        writeln!(f)
    }

    fn days(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.summary.days.len() < 2 {
            return Ok(());
        }
        self.title(f, "reports.by-day")?;
        for day in self.summary.days.iter().rev().take(MOST_LINES) {
            let date = day.date.as_deref().unwrap_or_else(|| self.word("reports.no-date"));
            self.row(f, date, day.sessions)?;
        }
        writeln!(f)
    }

    fn row(&self, f: &mut Formatter<'_>, name: &str, sessions: Sessions) -> fmt::Result {
        let style = if sessions.failed > 0 { YELLOW } else { GREEN };
        let said = self.say("reports.row", &counted(sessions));
        writeln!(f, "  {:<32}  {style}{said}{style:#}", harmless(name))
    }

    fn odd(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let reports = &self.reading.reports;
        let odd: BTreeSet<Oddity> =
            reports.iter().flat_map(|(_, report)| report.oddities.iter().copied()).collect();
        if odd.is_empty() {
            return Ok(());
        }
        self.title(f, "reports.odd")?;
        for oddity in odd {
            let count = reports.iter().filter(|(_, it)| it.oddities.contains(&oddity)).count();
            let said = self.word(&format!("reports.odd.{}", oddity.as_str())).to_owned();
            writeln!(f, "  {count}: {said}")?;
        }
        writeln!(f)
    }

    fn unread(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let troubles = &self.reading.troubles;
        if troubles.is_empty() {
            return Ok(());
        }
        self.title(f, "reports.unread")?;
        for trouble in troubles.iter().take(MOST_LINES) {
            let source = trouble.source.to_string();
            let named = match trouble.times {
                1 => harmless(&source).into_owned(),
                times => {
                    let more = ("count", (times - 1).to_string());
                    self.say("reports.times", &[("source", source), more])
                }
            };
            let why = self.word(&format!("reports.trouble.{}", trouble.why.as_str())).to_owned();
            writeln!(f, "  {named}: {why}")?;
        }
        Ok(())
    }

    fn title(&self, f: &mut Formatter<'_>, key: &str) -> fmt::Result {
        writeln!(f, "{BOLD}{}{BOLD:#}", self.word(key))
    }

    fn sender(&self, name: &str) -> String {
        let name = if name.is_empty() { self.word("reports.nobody") } else { name };
        harmless(name).into_owned()
    }

    fn word<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.word(key)
    }

    fn count(&self, key: &str, count: u64) -> String {
        self.say(key, &[("count", count.to_string())])
    }

    fn say(&self, key: &str, params: &[(&'static str, String)]) -> String {
        harmless(&fill(self.texts.word(key), params)).into_owned()
    }
}

fn counted(sessions: Sessions) -> [(&'static str, String); 2] {
    [("total", sessions.total().to_string()), ("failed", sessions.failed.to_string())]
}

/// The first of many names.
fn some(names: impl Iterator<Item = impl Into<String>>) -> String {
    let mut names: Vec<String> = names.map(Into::into).take(MOST_NAMES + 1).collect();
    if names.len() > MOST_NAMES {
        names.pop();
        names.push("…".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mxray_reports::{Oddity, ResultType, Why};

    /// The keys that are put together here.
    fn families() -> Vec<String> {
        let other = ResultType::Other(String::new());
        let results = ResultType::STANDARD.into_iter().chain([other]).flat_map(|result| {
            ["result", "cause", "mend"].map(|what| format!("reports.{what}.{}", result.key()))
        });
        let troubles = Why::ALL.iter().map(|why| format!("reports.trouble.{}", why.as_str()));
        let odd = Oddity::ALL.iter().map(|oddity| format!("reports.odd.{}", oddity.as_str()));
        results.chain(troubles).chain(odd).collect()
    }

    #[test]
    fn every_word_is_written() {
        let texts = include_str!("../../../../texts/en/after/reports.toml");
        let texts: toml::Table = texts.parse().unwrap();
        let is_key = |piece: &&str| {
            piece.starts_with("reports.")
                && piece.bytes().all(|it| it.is_ascii_lowercase() || b".-".contains(&it))
        };
        let named = include_str!("human.rs").split('"').filter(is_key).map(str::to_owned);
        let used: BTreeSet<String> =
            named.filter(|it| it != "reports.").chain(families()).collect();
        let written: BTreeSet<String> = texts.keys().cloned().collect();
        assert_eq!(used.difference(&written).collect::<Vec<_>>(), Vec::<&String>::new());
        let left_over: Vec<_> = written.difference(&used).collect();
        assert_eq!(left_over, Vec::<&String>::new());
    }
}

//! An evaluation as a person reads it at a terminal.

use std::cell::Cell;
use std::fmt::{self, Formatter};

use anstyle::{AnsiColor, Style};
use mxray_records::harmless;
use mxray_records::texts::{Texts, fill};
use mxray_scan::Sentence;
use mxray_scan::providers::{Provider, Providers};
use mxray_scan::spf::{
    Attempt, Evaluation, Host, MAX_LOOKUPS, MAX_VOID_LOOKUPS, Outcome, Reason, Step, StepProgress,
    Visit,
};

use crate::draw::{Layout, Source, draw};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();

/// The column of a term's place in the count.
const COUNT_WIDTH: usize = 4;

/// The column of the terms: few are longer.
const TERM_WIDTH: usize = 40;

/// Terms in one record that somebody reads; the JSON holds all.
const MOST_STEPS: usize = 200;

/// An evaluation, to be shown.
pub(super) struct Human<'a> {
    pub(super) attempt: &'a Attempt,
    pub(super) evaluation: &'a Evaluation,
    pub(super) texts: &'a Texts,
    pub(super) providers: &'a Providers,
}

impl fmt::Display for Human<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Evaluation { result, reason, visit, .. } = self.evaluation;
        let (style, word) = (style(*result), result.as_str());
        let ip = ("ip", self.attempt.ip.to_string());
        writeln!(f, "{BOLD}{}{BOLD:#}  {style}{word}{style:#}\n", harmless(&visit.domain))?;
        writeln!(f, "{}", self.say(&format!("spf.result.{word}"), &[ip]))?;
        writeln!(f, "{}", self.reason(reason))?;
        self.mistake(f, reason, visit)?;
        self.explanation(f)?;
        self.count(f)?;
        self.visit(f, visit, 0, &Cell::new(0))
    }
}

impl Human<'_> {
    fn reason(&self, reason: &Reason) -> String {
        let sentence = Sentence::from(reason);
        let said = self.say(sentence.key, &sentence.params);
        match reason {
            Reason::Unobserved { name, record_type, .. } => self.say(
                "spf.reason.unobserved",
                &[
                    ("name", name.to_string()),
                    ("type", record_type.as_str().to_owned()),
                    ("why", said),
                ],
            ),
            _ => said,
        }
    }

    /// Underlines what receivers cannot read.
    fn mistake(&self, f: &mut Formatter<'_>, reason: &Reason, visit: &Visit) -> fmt::Result {
        let Reason::Malformed { domain, mistake } = reason else { return Ok(()) };
        let record = culprit(visit).record.as_deref().unwrap_or_default();
        let source = Source {
            origin: &format!("{domain} TXT"),
            texts: &[record],
            layout: Layout::Records,
            first_line: 1,
        };
        writeln!(f, "\n{}", draw(self.texts, mistake, Some(source)))
    }

    fn explanation(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(explanation) = &self.evaluation.explanation else { return Ok(()) };
        let domain = ("domain", self.attempt.domain.clone());
        writeln!(f, "\n{}", self.say("spf.explanation", &[domain]))?;
        writeln!(f, "  {}", harmless(explanation))
    }

    fn count(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let params = [
            ("lookups", self.evaluation.lookups.to_string()),
            ("most", MAX_LOOKUPS.to_string()),
            ("void", self.evaluation.void_lookups.to_string()),
            ("most_void", MAX_VOID_LOOKUPS.to_string()),
        ];
        writeln!(f, "\n{}", self.say("spf.lookups", &params))?;
        if self.evaluation.lookups > 0 {
            writeln!(f, "{DIM}{}{DIM:#}", self.texts.word("spf.lookups.rule"))?;
        }
        Ok(())
    }

    /// A record, its terms below it, and the records that those lead to below them.
    fn visit(
        &self,
        f: &mut Formatter<'_>,
        visit: &Visit,
        depth: usize,
        counted: &Cell<usize>,
    ) -> fmt::Result {
        let Some(record) = &visit.record else { return Ok(()) };
        let indent = "  ".repeat(depth);
        if depth == 0 {
            writeln!(f, "\n{}", harmless(record))?;
        }
        for step in visit.steps.iter().take(MOST_STEPS) {
            self.step(f, step, &indent, counted)?;
            if let Some(below) = &step.below {
                self.visit(f, below, depth + 1, counted)?;
            }
        }
        Ok(())
    }

    fn step(
        &self,
        f: &mut Formatter<'_>,
        step: &Step,
        indent: &str,
        counted: &Cell<usize>,
    ) -> fmt::Result {
        let place = if step.lookups > 0 {
            counted.set(counted.get() + 1);
            counted.get().to_string()
        } else {
            String::new()
        };
        let term = format!("{indent}{}", harmless(&step.term));
        let (style, key) = progress(step.progress);
        let word = self.texts.word(key);
        let mut details = self.details(step);
        if !details.is_empty() {
            details.insert_str(0, "  ");
        }
        writeln!(
            f,
            "{place:>COUNT_WIDTH$}  {term:TERM_WIDTH$}  {style}{word}{style:#}{DIM}{details}{DIM:#}"
        )
    }

    /// Whose servers a term is about, the name that its macros became, what was found there, and what
    /// another record came to.
    fn details(&self, step: &Step) -> String {
        let provider = self.provider(step).map(|provider| provider.name.clone());
        let target = step.target.iter().filter(|target| !step.term.contains(target.as_str()));
        let target =
            target.filter(|_| step.term.contains('%')).map(|name| harmless(name).into_owned());
        let hosts = step.hosts.iter().map(|host| self.host(host));
        let below = step.below.iter().map(|below| {
            let result = ("result", below.result.as_str().to_owned());
            self.say("spf.below", &[result])
        });
        provider.into_iter().chain(target).chain(hosts).chain(below).collect::<Vec<_>>().join(", ")
    }

    fn provider(&self, step: &Step) -> Option<&Provider> {
        let term = step.term.trim_start_matches(['+', '-', '~', '?']);
        let (kind, name) = term.split_once([':', '='])?;
        let leads = ["include", "redirect"].iter().any(|word| kind.eq_ignore_ascii_case(word));
        let name = step.target.as_deref().unwrap_or(name);
        self.providers.of_include(&name.parse().ok().filter(|_| leads)?)
    }

    fn host(&self, host: &Host) -> String {
        if host.addresses.is_empty() {
            return self.say("spf.host.none", &[("host", host.name.to_string())]);
        }
        let addresses: Vec<String> = host.addresses.iter().map(ToString::to_string).collect();
        format!("{} {}", harmless(host.name.as_str()), addresses.join(" "))
    }

    fn say(&self, key: &str, params: &[(&'static str, String)]) -> String {
        harmless(&fill(self.texts.word(key), params)).into_owned()
    }
}

/// The record that the error of a visit comes from.
fn culprit(visit: &Visit) -> &Visit {
    let mut below = visit.steps.iter().filter_map(|step| step.below.as_deref());
    below.rfind(|below| below.reason == visit.reason).map_or(visit, culprit)
}

fn style(result: Outcome) -> Style {
    match result {
        Outcome::Pass => GREEN,
        Outcome::Fail | Outcome::PermError => RED,
        Outcome::SoftFail | Outcome::Neutral | Outcome::None => YELLOW,
        Outcome::TempError => CYAN,
    }
}

fn progress(progress: StepProgress) -> (Style, &'static str) {
    match progress {
        StepProgress::NotReached => (DIM, "spf.step.not-reached"),
        StepProgress::NoMatch => (Style::new(), "spf.step.no-match"),
        StepProgress::Match => (BOLD, "spf.step.match"),
        StepProgress::Followed => (BOLD, "spf.step.followed"),
        StepProgress::Error => (RED, "spf.step.error"),
        StepProgress::Passive => (DIM, "spf.step.passive"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// The sources that name a key of `texts/en/depth/spf.toml`.
    const SOURCES: [&str; 2] =
        [include_str!("human.rs"), include_str!("../../../scan/src/spf/mod.rs")];

    #[test]
    fn every_word_is_written_and_none_is_left_over() {
        let texts = include_str!("../../../../texts/en/depth/spf.toml");
        let texts: toml::Table = texts.parse().unwrap();
        let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
        let results = ["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"];
        let results = results.map(|result| format!("spf.result.{result}"));
        let named = SOURCES.iter().flat_map(|source| source.split('"'));
        let used: BTreeSet<&str> = named
            .filter(|piece| piece.starts_with("spf.") && !piece.contains(['{', ' ']))
            .filter(|piece| piece.len() > "spf.".len())
            .chain(results.iter().map(String::as_str))
            .collect();
        assert_eq!(written, used);
    }
}

//! A report as a person reads it at a terminal.
//!
//! Colors only repeat what a word says; the output strips them where they are not wanted.

use std::fmt::{self, Formatter};

use anstyle::{AnsiColor, Style};
use mxray_facts::dns::ExtendedError;
use mxray_facts::{Name, Resolution, Unobserved};
use mxray_records::harmless;
use mxray_records::texts::{RuleText, Texts, fill};
use mxray_scan::providers::Providers;
use mxray_scan::{
    Answer, Check, CheckFinding, CheckId, Evidence, HostReport, Protection, Report, Sentence,
    Source as Origin, Step, Verdict,
};

use crate::draw::{Layout, Source, corrected, draw};
use crate::providers::{self, advice};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();

/// The columns of a check's line: its name, its verdict, its summary.
const NAME_WIDTH: usize = 14;
const VERDICT_WIDTH: usize = 16;
const GAP_INDENT: usize = NAME_WIDTH + VERDICT_WIDTH;

/// A report, to be shown.
pub(super) struct Human<'a> {
    pub(super) report: &'a Report,
    pub(super) texts: &'a Texts,
    pub(super) providers: &'a Providers,
}

impl fmt::Display for Human<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{BOLD}{}{BOLD:#}\n", self.report.domain)?;
        self.alarms(f)?;
        self.answer(f, "question.transport", &self.report.transport)?;
        self.answer(f, "question.forgery", &self.report.forgery)?;
        self.stage(f)?;
        self.suggestion(f)?;
        self.steps(f)?;
        self.hosts(f)?;
        self.senders(f)?;
        self.report.checks.iter().try_for_each(|check| self.check(f, check))
    }
}

impl Human<'_> {
    fn alarms(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.report.alarms.is_empty() {
            return Ok(());
        }
        writeln!(f, "{RED}{}{RED:#}", self.texts.word("report.alarm"))?;
        for found in self.report.alarms.iter().filter_map(|step| self.found(step)) {
            writeln!(f, "  {}", self.say(found, |rule| &rule.title))?;
        }
        writeln!(f)
    }

    fn answer(&self, f: &mut Formatter<'_>, question: &str, answer: &Answer) -> fmt::Result {
        let style = protection_style(answer.protection);
        let word = self.word("protection", answer.protection.as_str());
        writeln!(f, "{}  {style}{word}{style:#}", self.texts.word(question))?;
        writeln!(f, "  {}\n", self.fill(&answer.because))
    }

    fn stage(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let stage = self.word("stage", self.report.stage.as_str());
        writeln!(f, "{}: {stage}\n", self.word("check", CheckId::MtaSts.as_str()))
    }

    fn suggestion(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.report.suggestion {
            Some(parent) => writeln!(
                f,
                "{}\n",
                fill(self.texts.word("report.suggestion"), &[("domain", parent.to_string())])
            ),
            None => Ok(()),
        }
    }

    fn steps(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.report.steps.is_empty() {
            return Ok(());
        }
        writeln!(f, "{BOLD}{}{BOLD:#}", self.texts.word("report.steps"))?;
        for (number, found) in
            (1..).zip(self.report.steps.iter().filter_map(|step| self.found(step)))
        {
            writeln!(f, "  {number}. {}", self.say(found, |rule| &rule.title))?;
            writeln!(f, "     {}", self.say(found, |rule| &rule.fix))?;
            if let Some(text) = &found.finding.fix {
                indented(f, &corrected(self.texts, text), "     ")?;
            }
        }
        writeln!(f)
    }

    /// The MX hosts, and who runs them.
    fn hosts(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let hosts = &self.report.hosts;
        if hosts.is_empty() {
            return Ok(());
        }
        writeln!(f, "{BOLD}{}{BOLD:#}", self.texts.word("providers.hosts"))?;
        let width = hosts.iter().map(|host| host.host.as_str().len()).max().unwrap_or_default();
        for HostReport { host, preference, .. } in hosts {
            match self.providers.of_mx(host) {
                Some(provider) => {
                    let host = host.as_str();
                    writeln!(f, "  {preference:>5}  {host:width$}  {DIM}{}{DIM:#}", provider.name)?;
                }
                None => writeln!(f, "  {preference:>5}  {host}")?,
            }
        }
        let names: Vec<Name> = hosts.iter().map(|host| host.host.clone()).collect();
        let provider = self.providers.provider_of(&names, &self.includes());
        for sentence in provider.iter().flat_map(|provider| advice(provider, self.texts)) {
            writeln!(f, "  {sentence}")?;
        }
        writeln!(f)
    }

    /// The providers that the SPF record includes.
    fn senders(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut names: Vec<&str> = Vec::new();
        for include in self.includes() {
            let name = self.providers.of_include(&include).map(|provider| &*provider.name);
            names.extend(name.filter(|name| !names.contains(name)));
        }
        if names.is_empty() {
            return Ok(());
        }
        let names = ("names", names.join(", "));
        writeln!(f, "{}\n", fill(self.texts.word("providers.senders"), &[names]))
    }

    /// The names that the SPF record includes.
    fn includes(&self) -> Vec<Name> {
        let spf = self.report.checks.iter().filter(|check| check.id == CheckId::Spf);
        let texts = spf.flat_map(|check| &check.evidence).flat_map(|evidence| &evidence.texts);
        texts.flat_map(|line| providers::includes(&line.text)).collect()
    }

    fn check(&self, f: &mut Formatter<'_>, check: &Check) -> fmt::Result {
        let style = verdict_style(check.verdict);
        let (name, verdict) =
            (self.word("check", check.id.as_str()), self.word("verdict", check.verdict.as_str()));
        let summary = self.fill(&check.summary);
        writeln!(
            f,
            "{BOLD}{name:NAME_WIDTH$}{BOLD:#}{style}{verdict:VERDICT_WIDTH$}{style:#}{summary}"
        )?;
        for gap in &check.gaps {
            let (what, why) = (harmless(&gap.what), self.why(&gap.reason));
            writeln!(f, "{:GAP_INDENT$}{DIM}{what}: {why}{DIM:#}", "")?;
        }
        for found in &check.findings {
            let evidence = found.evidence.and_then(|index| check.evidence.get(index));
            writeln!(f)?;
            indented(f, &self.drawn(found, evidence), "  ")?;
        }
        if check.findings.is_empty() { Ok(()) } else { writeln!(f) }
    }

    /// Why something could not be looked at, in the resolver's words too where it has some.
    fn why(&self, reason: &Unobserved) -> String {
        let said = self.fill(&Sentence::from(reason));
        let Unobserved::Resolution(Resolution { extended_errors, .. }) = reason else {
            return said;
        };
        let more = extended_errors.iter().map(|error| self.extended_error(error));
        [said].into_iter().chain(more).collect::<Vec<_>>().join("; ")
    }

    fn extended_error(&self, ExtendedError { code, text }: &ExtendedError) -> String {
        let key = format!("extended-error.{code}");
        let known = self.texts.words.get(&key).cloned();
        let said = known.unwrap_or_else(|| {
            fill(self.texts.word("extended-error.other"), &[("code", code.to_string())])
        });
        if text.is_empty() { said } else { format!("{said} ({})", harmless(text)) }
    }

    fn drawn(&self, found: &CheckFinding, evidence: Option<&Evidence>) -> String {
        let Some(evidence) = evidence else {
            return draw(self.texts, &found.finding, None);
        };
        let (origin, layout) = match &evidence.source {
            Origin::Dns { name, record_type, .. } => {
                (format!("{name} {record_type}"), Layout::Records)
            }
            Origin::Policy(fetch) => {
                (format!("https://{}/.well-known/mta-sts.txt", fetch.host), Layout::Lines)
            }
        };
        let texts: Vec<&str> = evidence.texts.iter().map(|line| line.text.as_str()).collect();
        draw(
            self.texts,
            &found.finding,
            Some(Source { origin: &origin, texts: &texts, layout, first_line: 1 }),
        )
    }

    /// The finding that a step points to.
    fn found(&self, step: &Step) -> Option<&CheckFinding> {
        self.report.checks.iter().find(|check| check.id == step.check)?.findings.get(step.finding)
    }

    fn say(&self, found: &CheckFinding, which: impl Fn(&RuleText) -> &String) -> String {
        harmless(&self.texts.say(&found.finding, which)).into_owned()
    }

    fn fill(&self, sentence: &Sentence) -> String {
        harmless(&fill(self.texts.word(sentence.key), &sentence.params)).into_owned()
    }

    fn word(&self, family: &str, name: &str) -> String {
        self.texts.word(&format!("{family}.{name}")).to_owned()
    }
}

pub(super) fn indented(f: &mut Formatter<'_>, text: &str, indent: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(f, "{}", format!("{indent}{line}").trim_end()))
}

fn protection_style(protection: Protection) -> Style {
    match protection {
        Protection::Yes => GREEN,
        Protection::Partly => YELLOW,
        Protection::No => RED,
        Protection::Unknown => CYAN,
    }
}

fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass | Verdict::Notice => GREEN,
        Verdict::Warning => YELLOW,
        Verdict::Fail => RED,
        Verdict::Unknown => CYAN,
        Verdict::NotApplicable => DIM,
    }
}

#[cfg(test)]
mod tests {
    use mxray_facts::{Reply, Resolution, Unobserved};
    use mxray_records::harmless;
    use mxray_records::texts::fill;
    use mxray_scan::{CheckId, Protection, Sentence, Stage, Verdict};

    fn resolution(bogus: bool) -> Unobserved {
        Unobserved::Resolution(Resolution { rcode: 2, bogus, extended_errors: Vec::new() })
    }

    #[test]
    fn every_word_is_in_the_texts() {
        use Protection::{No, Partly, Yes};
        use Verdict::{Fail, NotApplicable, Notice, Pass, Warning};
        let texts = crate::texts::of("en").unwrap();
        let protections =
            [Yes, Partly, No, Protection::Unknown].map(|it| format!("protection.{}", it.as_str()));
        let verdicts = [Pass, Notice, Warning, Fail, Verdict::Unknown, NotApplicable]
            .map(|it| format!("verdict.{}", it.as_str()));
        let stages = [Stage::None, Stage::Broken, Stage::Testing, Stage::Enforce, Stage::Unknown]
            .map(|it| format!("stage.{}", it.as_str()));
        let checks = CheckId::ALL.map(|it| format!("check.{}", it.as_str()));
        let others = ["question.transport", "question.forgery", "report.alarm", "report.steps"];
        let others = others.into_iter().chain(["report.suggestion"]).map(str::to_owned);
        let keys =
            protections.into_iter().chain(verdicts).chain(stages).chain(checks).chain(others);
        for key in keys {
            assert!(texts.words.contains_key(&key), "{key}");
        }
    }

    #[test]
    fn every_reason_has_a_sentence() {
        let reply =
            Reply { code: 554, lines: vec!["Go\u{202e} away".to_owned(), "now".to_owned()] };
        let texts = crate::texts::of("en").unwrap();
        for (unobserved, expected) in [
            (Unobserved::NoProxy, "only a proxy"),
            (Unobserved::BrowserMayNotRead, "a browser may not"),
            (Unobserved::TimedOut, "no answer in time"),
            (Unobserved::TurnedAway(reply), "turned away with 554 Go\\u{202e} away"),
            (Unobserved::PortClosedHere, "port 25"),
            (Unobserved::AddressNotAllowed, "private or reserved"),
            (Unobserved::RateLimited, "come back later"),
            (Unobserved::QuestionLimit, "not asked"),
            (Unobserved::ResolverFailed, "the resolver cannot"),
            (resolution(false), "the resolver has no answer (response code 2)"),
            (resolution(true), "signatures do not verify"),
            (Unobserved::DnssecUnchecked, "does not vouch for DNSSEC"),
            (Unobserved::NotCovered, "not part of"),
            (Unobserved::DependsOnUnobserved, "depends on"),
        ] {
            let why = Sentence::from(&unobserved);
            let sentence = harmless(&fill(texts.word(why.key), &why.params)).into_owned();
            assert!(sentence.contains(expected), "{unobserved:?}: {sentence}");
        }
    }
}

//! What the widget tells the page that it is in: the `detail` of each event.
//!
//! Hosts write code against this. A field may come; one that goes or changes its meaning raises
//! [`VERSION`].

use mxray_browser::{Part, Voice};
use mxray_facts::{Domain, Timestamp};
use mxray_records::{Rule, Severity};
use mxray_scan::{Answer, Check, CheckFinding, CheckId, Protection, Report, Stage, Step, Verdict};

use crate::card::{Links, Looking};
use crate::to_js::fields;

/// The version of all that is told.
pub const VERSION: u32 = 1;

/// Of `mxray-start`: somebody wants to know how a domain stands.
#[derive(Debug)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Start {
    /// [`VERSION`].
    pub version: u32,
    /// What is looked at, as it was understood.
    pub domain: Domain,
}

/// Of `mxray-progress`: one more check is complete.
#[derive(Debug)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Progress {
    /// [`VERSION`].
    pub version: u32,
    /// What is looked at.
    pub domain: Domain,
    /// How many checks are complete.
    pub done: usize,
    /// How many there are.
    pub all: usize,
    /// Which one it is.
    pub check: CheckId,
    /// How it stands.
    pub verdict: Verdict,
}

/// Of `mxray-result`: all is said.
#[derive(Debug)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Outcome<'a> {
    /// [`VERSION`].
    pub version: u32,
    /// What was looked at.
    pub domain: &'a Domain,
    /// When, in seconds since 1970.
    pub at: Timestamp,
    /// *Is mail to you protected on its way?*
    pub transport: Said,
    /// *Is your name protected against forged mail?*
    pub forgery: Said,
    /// Where MTA-STS stands.
    pub stage: Stage,
    /// Why mail may be refused, if it may.
    pub alarms: Vec<ToDo>,
    /// What to do first: at most three.
    pub steps: Vec<ToDo>,
    /// Where all of it can be read.
    pub report_url: String,
}

/// An answer, in a word for programs and a sentence for people.
#[derive(Debug)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Said {
    /// Yes is good in both questions.
    pub protection: Protection,
    /// Why.
    pub sentence: String,
}

/// Something to do, as the visitor reads it.
#[derive(Debug)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct ToDo {
    /// The code of the rule that applied.
    pub rule: &'static str,
    /// The check that found it.
    pub check: CheckId,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter.
    pub title: String,
    /// What to do about it.
    pub fix: String,
}

/// Of `mxray-error`: nothing could be looked at.
#[derive(Debug)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Trouble {
    /// [`VERSION`].
    pub version: u32,
    /// The key of the sentence, such as `domain.no-dot`.
    pub reason: String,
    /// The sentence that the visitor reads.
    pub message: String,
}

fields! {
    Start { version, domain }
    Progress { version, domain, done, all, check, verdict }
    Outcome<'_> { version, domain, at, transport, forgery, stage, alarms, steps, report_url }
    Said { protection, sentence }
    ToDo { rule, check, severity, title, fix }
    Trouble { version, reason, message }
}

pub(crate) fn progress(looking: &Looking, check: &Check) -> Progress {
    let domain = looking.domain.clone();
    let (done, all) = (looking.done, CheckId::ALL.len());
    Progress { version: VERSION, domain, done, all, check: check.id, verdict: check.verdict }
}

pub(crate) fn outcome<'a>(voice: &Voice, links: &Links, report: &'a Report) -> Outcome<'a> {
    let said = |answer: &Answer| Said {
        protection: answer.protection,
        sentence: voice.sentence(&answer.because),
    };
    Outcome {
        version: VERSION,
        domain: &report.domain,
        at: report.at,
        transport: said(&report.transport),
        forgery: said(&report.forgery),
        stage: report.stage,
        alarms: all(voice, report, &report.alarms),
        steps: all(voice, report, &report.steps),
        report_url: links.report(&report.domain),
    }
}

/// Steps, as the visitor reads them.
pub(crate) fn all(voice: &Voice, report: &Report, steps: &[Step]) -> Vec<ToDo> {
    let found = steps.iter().filter_map(|step| Some((step.check, found(report, step)?)));
    let to_do = |(check, found): (CheckId, &CheckFinding)| {
        let finding = &found.finding;
        ToDo {
            rule: finding.rule.code,
            check,
            severity: finding.rule.severity,
            title: voice.finding(finding, Part::Title),
            fix: voice.finding(finding, Part::Fix),
        }
    };
    found.map(to_do).collect()
}

/// The rules of which something is said.
pub(crate) fn rules(report: &Report) -> Vec<&'static Rule> {
    let steps = report.alarms.iter().chain(&report.steps);
    steps.filter_map(|step| Some(found(report, step)?.finding.rule)).collect()
}

fn found<'a>(report: &'a Report, step: &Step) -> Option<&'a CheckFinding> {
    report.checks.iter().find(|check| check.id == step.check)?.findings.get(step.finding)
}

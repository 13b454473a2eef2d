//! What the page says at the top of its report once the depth has looked: what to do first, by the whole
//! plan, and which checks stand worse than the first look showed.

use std::cmp::Reverse;

use mxray_browser::Part;
use mxray_browser::told::{Task, Told, Worse, Write};
use mxray_records::Severity;
use mxray_scan::depth::{self, Depth};
use mxray_scan::{Report, Verdict};

use crate::given::Given;
use crate::keep::found;
use crate::plan;

/// The most that is asked of anybody at once.
const FIRST: usize = 3;

/// All of it.
pub(crate) fn told(given: &Given, deep: &Depth) -> Told {
    let tasks = deep.plan.iter().take(FIRST).map(|it| task(given, deep, it)).collect();
    let more = if deep.plan.is_empty() { "depth.title" } else { "depth.more" };
    let more = given.voice.word(more);
    let said = given.voice.word(said(&given.report, deep));
    Told { said, tasks, more, worse: worse(given, deep) }
}

/// Nothing found is not the same as nothing wrong.
fn said(report: &Report, deep: &Depth) -> &'static str {
    let counted = || report.checks.iter().filter(|check| check.id.counts());
    let unknown = counted().filter(|check| check.verdict == Verdict::Unknown).count();
    match unknown {
        _ if !deep.plan.is_empty() => "depth.steps.who",
        0 => "depth.steps.nothing",
        all if all == counted().count() => "depth.steps.blind",
        _ => "depth.steps.nothing-seen",
    }
}

fn task(given: &Given, deep: &Depth, task: &depth::Task) -> Task {
    let voice = &given.voice;
    let place = |write: &depth::Write| plan::place(voice, &write.place);
    let code = code(given, task);
    Task {
        code: code.to_owned(),
        what: voice.sentence(&task.what),
        lines: [Some(plan::who(voice, task)), plan::careful(voice, task)]
            .into_iter()
            .flatten()
            .collect(),
        why: why(given, deep, code),
        writes: task
            .writes
            .iter()
            .map(|write| Write { place: place(write), text: write.text.clone() })
            .collect(),
    }
}

/// The most urgent of the rules that ask for a task.
fn code(given: &Given, task: &depth::Task) -> &'static str {
    let report = &given.report;
    let urgent = report.steps.iter().filter_map(|step| found(report, step));
    let mut urgent = urgent.map(|finding| finding.rule.code);
    let first = urgent.find(|code| task.rules.contains(code));
    first.or(task.rules.first().copied()).unwrap_or_default()
}

/// Where on the page a rule's finding stands: with its check, or with what was found in depth.
fn why(given: &Given, deep: &Depth, code: &str) -> String {
    for check in &given.report.checks {
        let place = check.findings.iter().position(|found| found.finding.rule.code == code);
        if let Some(place) = place {
            return format!("{}-{}", check.id.as_str(), place + 1);
        }
    }
    let place = deep.findings.iter().position(|note| note.finding.rule.code == code);
    place.map_or_else(|| "plan".to_owned(), |place| format!("deep-{}", place + 1))
}

/// Checks about which the depth found worse than the first look; the worst finding says it.
fn worse(given: &Given, deep: &Depth) -> Vec<Worse> {
    let counted = given.report.checks.iter().filter(|check| check.id.counts());
    let worse = counted.filter_map(|check| {
        let notes = deep.findings.iter().enumerate();
        let notes = notes.filter(|(_, note)| note.check == check.id);
        let (place, note) =
            notes.min_by_key(|(place, note)| (Reverse(note.finding.rule.severity), *place))?;
        let severity = note.finding.rule.severity;
        let is_worse = match check.verdict {
            Verdict::Pass | Verdict::Notice => severity > Severity::Notice,
            Verdict::Warning => severity > Severity::Warning,
            Verdict::Fail | Verdict::Unknown | Verdict::NotApplicable => false,
        };
        is_worse.then(|| Worse {
            check: check.id.as_str().to_owned(),
            verdict: Verdict::from(severity).as_str().to_owned(),
            what: given.voice.finding(&note.finding, Part::Title),
            why: format!("deep-{}", place + 1),
        })
    });
    worse.collect()
}

//! What to do first: three things at most.

use mxray_scan::{CheckFinding, Report, Verdict};
use yew::prelude::*;

use super::{copy, finding};
use crate::voice::Voice;

/// The first steps, or that there is nothing to do.
pub(super) fn steps(voice: &Voice, report: &Report) -> Html {
    let steps = report.steps.iter().filter_map(|step| finding::found(report, step));
    html! {
        <section class="steps" aria-labelledby="steps">
            <h3 id="steps">{ voice.word("report.steps") }</h3>
            if report.steps.is_empty() {
                <p>{ voice.word(nothing(report)) }</p>
            } else {
                <ol>{ for steps.map(|(id, found)| step(voice, &id, found)) }</ol>
            }
        </section>
    }
}

/// Nothing found is not the same as nothing wrong.
fn nothing(report: &Report) -> &'static str {
    let unknown =
        report.checks.iter().any(|check| check.id.counts() && check.verdict == Verdict::Unknown);
    if unknown { "page.steps.nothing-seen" } else { "page.steps.nothing" }
}

fn step(voice: &Voice, id: &str, found: &CheckFinding) -> Html {
    let finding = &found.finding;
    html! {
        <li data-step={finding.rule.code}>
            <h4>{ voice.finding(finding, |text| &text.title) }</h4>
            <p>{ voice.finding(finding, |text| &text.fix) }</p>
            if let Some(text) = &finding.fix {
                { copy::copyable(voice, text) }
            }
            <p class="more"><a href={format!("#{id}")}>{ voice.word("page.steps.details") }</a></p>
        </li>
    }
}

//! What to do first: three things at most.

use mxray_scan::{Report, Stage, Verdict};

use super::copy::Copying;
use super::element::{Attribute, Element, classed, element, link};
use super::finding::{self, Found};
use super::heading;
use mxray_browser::Part;

/// The first steps, or that there is nothing to do.
pub(super) fn steps(copying: &Copying<'_>, report: &Report) -> Element {
    let voice = copying.voice;
    let section = classed("section", "steps").is(Attribute::AriaLabelledby, "steps");
    let section = section.with(heading(voice, "steps", "report.steps"));
    if report.steps.is_empty() {
        return section.with(element("p").text(voice.word(nothing(report))));
    }
    let steps = report.steps.iter().filter_map(|step| finding::found(report, step));
    let section = section.with(element("p").text(voice.word("page.steps.who")));
    section.with(steps.fold(element("ol"), |list, found| list.with(step(copying, &found))))
}

/// Nothing found is not the same as nothing wrong.
fn nothing(report: &Report) -> &'static str {
    let counted = || report.checks.iter().filter(|check| check.id.counts());
    let unknown = counted().filter(|check| check.verdict == Verdict::Unknown).count();
    match unknown {
        _ if report.stage == Stage::Testing => "page.steps.testing",
        0 => "page.steps.nothing",
        all if all == counted().count() => "page.steps.blind",
        _ => "page.steps.nothing-seen",
    }
}

fn step(copying: &Copying<'_>, Found { id, check, found }: &Found<'_>) -> Element {
    let (voice, finding) = (copying.voice, &found.finding);
    let details = link(&["#", id]).text(voice.word("page.steps.details"));
    element("li")
        .is(Attribute::DataStep, finding.rule.code)
        .with(element("h4").text(voice.finding(finding, Part::Title)))
        .with(element("p").text(voice.finding(finding, Part::Fix)))
        .node(copying.corrected(check, found))
        .with(classed("p", "more").with(details))
}

//! A finding: for the owner what is the matter and what to do, for the administrator the exact statement.

use mxray_records::Rule;
use mxray_scan::{Check, CheckFinding, CheckId, Report, Step, Verdict};
use yew::Html;

use super::badge::badge;
use super::copy::Copying;
use super::element::{Attribute, Element, classed, element, link};
use mxray_browser::{Part, Voice};

/// Where on the page a check's finding stands.
pub(super) fn id(check: CheckId, index: usize) -> String {
    format!("{}-{}", check.as_str(), index + 1)
}

/// The finding that a step points to, and where it stands.
pub(super) fn found<'a>(report: &'a Report, step: &Step) -> Option<Found<'a>> {
    let check = report.checks.iter().find(|check| check.id == step.check)?;
    let found = check.findings.get(step.finding)?;
    Some(Found { id: id(check.id, step.finding), found })
}

/// A finding, and where on the page it stands.
pub(super) struct Found<'a> {
    pub(super) id: String,
    pub(super) found: &'a CheckFinding,
}

/// A finding of a check.
pub(super) fn finding(copying: &Copying<'_>, check: &Check, index: usize) -> Html {
    let Some(found) = check.findings.get(index) else { return Html::default() };
    let finding = &found.finding;
    let voice = copying.voice;
    let severity = Verdict::from(finding.rule.severity).as_str();
    let heading = element("h5")
        .with(badge(severity))
        .with(classed("span", "hidden").text(voice.of("verdict", severity)).sign(": "))
        .text(voice.finding(finding, Part::Title));
    let fix = classed("p", "fix").with(element("strong").text(voice.word("page.fix"))).sign(" ");
    let exact = classed("p", "exact")
        .text(voice.finding(finding, Part::Exact))
        .sign(" · ")
        .with(section(finding.rule))
        .sign(" · ")
        .with(reference(voice, finding.rule));
    classed("article", "finding")
        .set(Attribute::Id, id(check.id, index))
        .is(Attribute::DataFinding, finding.rule.code)
        .is(Attribute::Tabindex, "-1")
        .with(heading)
        .with(element("p").text(voice.finding(finding, Part::Why)))
        .with(fix.text(voice.finding(finding, Part::Fix)))
        .node(copying.corrected(check, found))
        .with(exact)
        .into()
}

/// The rule's code, as a link to its page of the reference.
fn reference(voice: &Voice, rule: &'static Rule) -> Element {
    link(&[&voice.word("page.rules"), rule.code, ".html"]).with(element("code").sign(rule.code))
}

/// The section of the standard, as a link to it.
fn section(rule: &'static Rule) -> Element {
    match rule.link() {
        Some(href) => link(&[&href]).is(Attribute::Rel, "noreferrer").sign(rule.section),
        None => element("span").sign(rule.section),
    }
}

//! A finding: for the owner what is the matter and what to do, for the administrator the exact statement.

use mxray_scan::{Check, CheckFinding, CheckId, Report, Step};
use yew::prelude::*;

use super::badge::badge;
use super::copy;
use crate::voice::Voice;

/// Where on the page a check's finding stands.
pub(super) fn id(check: CheckId, index: usize) -> String {
    format!("{}-{}", check.as_str(), index + 1)
}

/// The finding that a step points to, and where it stands.
pub(super) fn found<'a>(report: &'a Report, step: &Step) -> Option<(String, &'a CheckFinding)> {
    let check = report.checks.iter().find(|check| check.id == step.check)?;
    Some((id(check.id, step.finding), check.findings.get(step.finding)?))
}

/// A finding of a check.
pub(super) fn finding(voice: &Voice, check: &Check, index: usize, found: &CheckFinding) -> Html {
    let finding = &found.finding;
    let severity = mxray_scan::Verdict::from(finding.rule.severity).as_str();
    html! {
        <article class="finding" id={id(check.id, index)} data-finding={finding.rule.code} tabindex="-1">
            <h4>
                { badge(severity) }
                <span class="hidden">{ voice.of("verdict", severity) }{ ": " }</span>
                { voice.finding(finding, |text| &text.title) }
            </h4>
            <p>{ voice.finding(finding, |text| &text.why) }</p>
            <p class="fix"><strong>{ voice.word("page.fix") }</strong>{ " " }{ voice.finding(finding, |text| &text.fix) }</p>
            if let Some(text) = &finding.fix {
                { copy::copyable(voice, text) }
            }
            <p class="exact">
                { voice.finding(finding, |text| &text.exact) }{ " · " }{ section(finding.rule.section) }
                { " · " }<code>{ finding.rule.code }</code>
            </p>
        </article>
    }
}

/// The section of the standard, as a link where it is one of an RFC.
fn section(section: &'static str) -> Html {
    match link(section) {
        Some(href) => html! { <a {href} rel="noreferrer">{ section }</a> },
        None => html! { { section } },
    }
}

fn link(section: &str) -> Option<String> {
    let (number, section) = section.strip_prefix("RFC ")?.split_once(" §")?;
    let section = section.split([' ', ',']).next()?;
    Some(format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::link;

    #[test]
    fn every_section_of_an_rfc_is_a_link_to_it() {
        for rule in mxray_records::catalog().chain(mxray_scan::catalog()) {
            let is_rfc = rule.section.starts_with("RFC ");
            assert_eq!(link(rule.section).is_some(), is_rfc, "{}: {}", rule.code, rule.section);
        }
        let expected = "https://www.rfc-editor.org/rfc/rfc8461#section-3.2";
        assert_eq!(link("RFC 8461 §3.2").as_deref(), Some(expected));
    }
}

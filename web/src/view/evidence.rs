//! What was seen: the records and the policy file, as they are.

use mxray_browser::{Layout, Mark, Voice};
use mxray_facts::{PolicyFetch, PolicyOutcome};
use mxray_scan::{Check, Evidence, Line, Source};
use yew::Html;

use super::element::{Attribute, Element, classed, element};
use super::finding;
use super::marked::marked;

/// The least bytes of a text that does not fit on the screen at once.
const SCROLLS: usize = 600;

/// An evidence of a check, with what its findings are about underlined.
pub(super) fn evidence(voice: &Voice, check: &Check, index: usize) -> Html {
    let Some(evidence) = check.evidence.get(index) else { return Html::default() };
    let figure = classed("figure", "evidence").with(source(voice, evidence));
    if evidence.texts.is_empty() {
        let none = classed("p", "none").text(voice.word(match evidence.source {
            Source::Dns { .. } => "page.evidence.none",
            Source::Policy(_) => "page.evidence.unread",
        }));
        return figure.with(none).into();
    }
    let texts = evidence.texts.iter().enumerate();
    texts
        .fold(figure, |figure, (record, line)| figure.with(text(voice, check, index, record, line)))
        .into()
}

fn text(voice: &Voice, check: &Check, evidence: usize, record: usize, line: &Line) -> Element {
    let mut marks = Vec::new();
    for (index, found) in check.findings.iter().enumerate() {
        if let Some(place) = found.finding.place
            && found.evidence == Some(evidence)
            && place.record == record
        {
            let target = finding::id(check.id, index);
            marks.push(Mark { span: place.span, severity: found.finding.rule.severity, target });
        }
    }
    let layout = match check.evidence.get(evidence).map(|evidence| &evidence.source) {
        Some(Source::Policy(_)) => Layout::Lines,
        _ => Layout::Record,
    };
    let text = marked(&line.text, layout, &marks, &voice.word("page.missing"));
    let shown = element("pre").with(text);
    // What scrolls has to be reached by keyboard (WCAG 2.1.1).
    if line.text.len() > SCROLLS { shown.is(Attribute::Tabindex, "0") } else { shown }
}

fn source(voice: &Voice, evidence: &Evidence) -> Element {
    let (place, kind, facts) = match &evidence.source {
        Source::Dns { name, record_type, aliases, authenticated, ttl } => {
            let alias = |alias: &mxray_facts::Name| {
                voice.with_one("page.evidence.alias", "name", alias.to_string())
            };
            let mut facts: Vec<String> = aliases.iter().map(alias).collect();
            if *authenticated {
                facts.push(voice.word("page.evidence.signed"));
            }
            if let Some(ttl) = ttl {
                let minutes = ttl.div_ceil(60).to_string();
                facts.push(voice.with_one("page.evidence.ttl", "minutes", minutes));
            }
            (name.to_string(), *record_type, facts)
        }
        Source::Policy(fetch) => (policy_url(fetch), "", policy_facts(voice, fetch)),
    };
    let caption = element("figcaption").with(element("code").text(place)).sign(" ").sign(kind);
    facts
        .into_iter()
        .fold(caption, |caption, fact| caption.with(classed("span", "fact").text(fact)))
}

/// Where senders look for the policy (RFC 8461 §3.3).
pub(super) fn policy_url(fetch: &PolicyFetch) -> String {
    ["https://", fetch.host.as_str(), "/.well-known/mta-sts.txt"].concat()
}

fn policy_facts(voice: &Voice, fetch: &PolicyFetch) -> Vec<String> {
    let mut facts = Vec::new();
    if let PolicyOutcome::Response(response) = &fetch.outcome {
        facts.push(voice.with_one("page.evidence.status", "status", response.status.to_string()));
        facts.extend(response.content_type.clone());
    }
    facts
}

//! What was seen: the records and the policy file, as they are.

use mxray_facts::{PolicyFetch, PolicyOutcome, Tls};
use mxray_scan::{Check, Evidence, Line, Source};
use yew::prelude::*;

use super::finding;
use super::marked::{Mark, marked};
use crate::voice::Voice;

/// An evidence of a check, with what its findings are about underlined.
pub(super) fn evidence(voice: &Voice, check: &Check, index: usize) -> Html {
    let Some(evidence) = check.evidence.get(index) else { return Html::default() };
    html! {
        <figure class="evidence">
            <figcaption>{ source(voice, evidence) }</figcaption>
            if evidence.texts.is_empty() {
                <p class="none">{ voice.word("page.evidence.none") }</p>
            }
            { for evidence.texts.iter().enumerate().map(|(record, line)| text(check, index, record, line)) }
        </figure>
    }
}

fn text(check: &Check, evidence: usize, record: usize, line: &Line) -> Html {
    let marks: Vec<Mark> = check
        .findings
        .iter()
        .enumerate()
        .filter(|(_, found)| found.evidence == Some(evidence))
        .filter_map(|(index, found)| {
            let place = found.finding.place.filter(|place| place.record == record)?;
            let target = finding::id(check.id, index);
            Some(Mark { span: place.span, severity: found.finding.rule.severity, target })
        })
        .collect();
    html! { <pre tabindex="0"><code>{ marked(&line.text, &marks) }</code></pre> }
}

fn source(voice: &Voice, evidence: &Evidence) -> Html {
    match &evidence.source {
        Source::Dns { name, record_type, aliases, authenticated, ttl } => {
            let mut facts: Vec<String> = aliases
                .iter()
                .map(|alias| voice.with("page.evidence.alias", &vec![("name", alias.to_string())]))
                .collect();
            facts.extend(authenticated.then(|| voice.word("page.evidence.signed")));
            facts.extend(ttl.map(|ttl| {
                voice.with("page.evidence.ttl", &vec![("minutes", ttl.div_ceil(60).to_string())])
            }));
            html! { <><code>{ name.as_str() }</code>{ " " }{ *record_type }{ list(facts) }</> }
        }
        Source::Policy(fetch) => {
            let url = format!("https://{}/.well-known/mta-sts.txt", fetch.host);
            html! { <><code>{ url }</code>{ list(policy_facts(voice, fetch)) }</> }
        }
    }
}

fn list(facts: Vec<String>) -> Html {
    html! { { for facts.into_iter().map(|fact| html! { <span class="fact">{ fact }</span> }) } }
}

fn policy_facts(voice: &Voice, fetch: &PolicyFetch) -> Vec<String> {
    let mut facts = Vec::new();
    if let PolicyOutcome::Response(response) = &fetch.outcome {
        facts.push(
            voice.with("page.evidence.status", &vec![("status", response.status.to_string())]),
        );
        facts.extend(response.content_type.clone());
    }
    facts.extend(fetch.tls.as_ref().and_then(|tls| certificate(voice, tls)));
    facts
}

/// The server's certificate: whom it is for, and until when.
pub(super) fn certificate(voice: &Voice, tls: &Tls) -> Option<String> {
    let own = tls.chain.first()?;
    let names = own.dns_names.join(", ");
    let until = voice.date(own.not_after);
    Some(voice.with("page.evidence.certificate", &vec![("names", names), ("until", until)]))
}

//! One check: how it stands, what was found, and what was seen.

use mxray_records::harmless;
use mxray_scan::{Check, CheckId, Gap, Sentence, Verdict};
use yew::prelude::*;

use super::badge::badge;
use super::{evidence, finding};
use crate::scanning::{Phase, Scanning};
use crate::voice::Voice;

/// A check, complete or awaited.
pub(super) fn check(voice: &Voice, scanning: &Scanning, id: CheckId) -> Html {
    match (scanning.check(id), &scanning.phase) {
        (Some(check), _) => complete(voice, check),
        (None, Phase::Running) => awaited(voice, id, "page.looking"),
        (None, _) => awaited(voice, id, "page.not-looked"),
    }
}

fn awaited(voice: &Voice, id: CheckId, word: &str) -> Html {
    html! {
        <div class="check awaited">
            <p class="head">
                { badge("awaited") }
                <span class="name">{ voice.of("check", id.as_str()) }</span>
                <span class="sentence">{ voice.word(word) }</span>
            </p>
        </div>
    }
}

fn complete(voice: &Voice, check: &Check) -> Html {
    let (id, verdict) = (check.id.as_str(), check.verdict.as_str());
    // What is wrong is open to be read; the rest is a click away.
    let open = matches!(check.verdict, Verdict::Fail | Verdict::Warning);
    html! {
        <details class="check" id={format!("check-{id}")} data-check={id} data-verdict={verdict} {open}>
            <summary class="head">
                { badge(verdict) }
                <span class="name">{ voice.of("check", id) }</span>
                <span class={classes!("verdict", format!("is-{verdict}"))}>{ voice.of("verdict", verdict) }</span>
                <span class="sentence">{ voice.sentence(&check.summary) }</span>
            </summary>
            <div class="body">
                <p class="about">{ voice.of("page.about", id) }</p>
                { for check.findings.iter().enumerate().map(|(index, found)| finding::finding(voice, check, index, found)) }
                { for (0..check.evidence.len()).map(|index| evidence::evidence(voice, check, index)) }
                { gaps(voice, &check.gaps) }
            </div>
        </details>
    }
}

fn gaps(voice: &Voice, gaps: &[Gap]) -> Html {
    if gaps.is_empty() {
        return Html::default();
    }
    html! {
        <div class="gaps">
            <h4>{ voice.word("page.gaps") }</h4>
            <ul>
                { for gaps.iter().map(|gap| html! {
                    <li data-gap={gap.what.clone()}>
                        <code>{ harmless(&gap.what).into_owned() }</code>{ ": " }{ voice.sentence(&Sentence::from(&gap.reason)) }
                    </li>
                }) }
            </ul>
        </div>
    }
}

//! What is on the screen. Each file shows one thing; data comes in, HTML goes out.

mod alarm;
mod answers;
mod badge;
mod check;
mod copy;
mod evidence;
mod finding;
mod form;
mod hosts;
mod marked;
mod progress;
mod stage;
mod steps;

use mxray_facts::Domain;
use mxray_scan::{CheckId, Report};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use yew::prelude::*;

pub(crate) use form::form;

use crate::scanning::Scanning;
use crate::voice::Voice;

/// What is known of a domain, from the first question to the report.
pub(crate) fn result(
    voice: &Voice,
    scanning: &Scanning,
    again: Callback<Domain>,
    stop: Callback<()>,
) -> Html {
    let report = scanning.report();
    html! {
        <div id="result">
            { progress::progress(voice, scanning, again.clone(), stop) }
            if let Some(report) = report {
                { suggestion(voice, report, again) }
                { alarm::alarm(voice, report) }
                { answers::answers(voice, report) }
                { stage::stage(voice, report) }
                { steps::steps(voice, report) }
            }
            <section class="checks" aria-labelledby="checks">
                <h3 id="checks">{ voice.word("page.checks") }</h3>
                { for CheckId::ALL.iter().map(|&id| check::check(voice, scanning, id)) }
            </section>
            if let Some(report) = report {
                { hosts::hosts(voice, report) }
                <script type="application/json" id="report-json">{ json(report) }</script>
            }
        </div>
    }
}

/// `www.example.com` has no mail, and `example.com` has.
fn suggestion(voice: &Voice, report: &Report, look: Callback<Domain>) -> Html {
    let Some(parent) = report.suggestion.clone() else { return Html::default() };
    let name = parent.to_string();
    let sentence = voice.with("report.suggestion", &vec![("domain", name.clone())]);
    let href = format!("?domain={name}");
    let clicked = Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        look.emit(parent.clone());
    });
    html! {
        <p id="suggestion" class="note">
            { sentence }{ " " }<a {href} onclick={clicked}>{ voice.with("page.suggestion.check", &vec![("domain", name)]) }</a>
        </p>
    }
}

/// The report as programs read it, the same as the command's `--json`.
fn json(report: &Report) -> String {
    let value = report.serialize(&Serializer::json_compatible()).ok();
    let text = value.and_then(|value| js_sys::JSON::stringify(&value).ok());
    text.map(String::from).unwrap_or_default()
}

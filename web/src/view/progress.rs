//! How far the scan is, and what the visitor can do about it.

use mxray_facts::Domain;
use mxray_scan::CheckId;
use yew::prelude::*;

use crate::scanning::{Phase, Scanning};
use crate::voice::Voice;

/// The name of what is looked at, how far it is, and a button.
pub(super) fn progress(
    voice: &Voice,
    scanning: &Scanning,
    again: Callback<Domain>,
    stop: Callback<()>,
) -> Html {
    let (done, all) = (scanning.checks.len(), CheckId::ALL.len());
    let (state, key) = match scanning.phase {
        Phase::Running => ("running", "page.status.running"),
        Phase::Stopped => ("stopped", "page.status.stopped"),
        Phase::Done(_) => ("done", "page.status.done"),
    };
    let params = vec![("done", done.to_string()), ("all", all.to_string())];
    html! {
        <div class="progress">
            <h2>{ voice.word("page.report") }{ " " }<span class="name">{ scanning.domain.as_str() }</span></h2>
            <p id="status" role="status" data-state={state}>{ voice.with(key, &params) }</p>
            <progress max={all.to_string()} value={done.to_string()} aria-hidden="true"></progress>
            { button(voice, scanning, again, stop) }
        </div>
    }
}

fn button(voice: &Voice, scanning: &Scanning, again: Callback<Domain>, stop: Callback<()>) -> Html {
    let domain = scanning.domain.clone();
    if matches!(scanning.phase, Phase::Running) {
        let clicked = stop.reform(|_: MouseEvent| ());
        html! { <button type="button" class="quiet" onclick={clicked}>{ voice.word("page.stop") }</button> }
    } else {
        let clicked = again.reform(move |_: MouseEvent| domain.clone());
        html! { <button type="button" class="quiet" onclick={clicked}>{ voice.word("page.again") }</button> }
    }
}

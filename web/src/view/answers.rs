//! The two questions, answered in a word and a sentence.

use mxray_scan::{Answer, Report};
use yew::prelude::*;

use super::badge::badge;
use crate::voice::Voice;

/// Both answers.
pub(super) fn answers(voice: &Voice, report: &Report) -> Html {
    html! {
        <div class="answers">
            { answer(voice, "transport", &report.transport) }
            { answer(voice, "forgery", &report.forgery) }
        </div>
    }
}

fn answer(voice: &Voice, question: &'static str, answer: &Answer) -> Html {
    let protection = answer.protection.as_str();
    html! {
        <section class={classes!("answer", format!("is-{protection}"))}
            data-answer={question} data-protection={protection} aria-labelledby={format!("answer-{question}")}>
            <h3 id={format!("answer-{question}")}>{ voice.of("question", question) }</h3>
            <p class="word">{ badge(protection) }{ voice.of("protection", protection) }</p>
            <p>{ voice.sentence(&answer.because) }</p>
        </section>
    }
}

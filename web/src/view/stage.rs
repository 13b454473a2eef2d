//! Where MTA-STS stands on its way from nothing to enforce.

use mxray_scan::{Report, Stage};
use yew::prelude::*;

use crate::voice::Voice;

/// The way, with this domain's place on it.
pub(super) fn stage(voice: &Voice, report: &Report) -> Html {
    let stage = report.stage;
    let first = if stage == Stage::Broken { Stage::Broken } else { Stage::None };
    let way = [first, Stage::Testing, Stage::Enforce];
    html! {
        <section class="stage" aria-labelledby="stage" data-stage={stage.as_str()}>
            <h3 id="stage">{ voice.word("page.stage") }</h3>
            <ol>{ for way.iter().map(|step| station(voice, *step, stage)) }</ol>
            <p>{ voice.of("page.stage", stage.as_str()) }</p>
        </section>
    }
}

fn station(voice: &Voice, step: Stage, stage: Stage) -> Html {
    let here = (step == stage).then_some("step");
    html! { <li class={format!("is-{}", step.as_str())} aria-current={here}>{ voice.of("stage", step.as_str()) }</li> }
}

//! Where MTA-STS stands on its way from nothing to enforce.

use mxray_scan::{Report, Stage};

use super::element::{Element, classed, element};
use super::heading;
use crate::voice::Voice;

/// The way, with this domain's place on it.
pub(super) fn stage(voice: &Voice, report: &Report) -> Element {
    let stage = report.stage;
    let first = if stage == Stage::Broken { Stage::Broken } else { Stage::None };
    let way = [first, Stage::Testing, Stage::Enforce];
    let stations = way.iter().map(|step| station(voice, *step, stage));
    // In force, and something does not fit: that is no arrival.
    let refused = stage == Stage::Enforce && !report.alarms.is_empty();
    let sentence = if refused { "refused" } else { stage.as_str() };
    classed("section", "stage")
        .is("aria-labelledby", "stage")
        .is("data-stage", stage.as_str())
        .with(heading(voice, "stage", "page.stage"))
        .with(stations.fold(element("ol"), Element::with))
        .with(element("p").text(voice.of("page.stage", sentence)))
}

fn station(voice: &Voice, step: Stage, stage: Stage) -> Element {
    let name = step.as_str();
    let station = element("li").set("class", ["is-", name].concat()).text(voice.of("stage", name));
    if step == stage { station.is("aria-current", "step") } else { station }
}

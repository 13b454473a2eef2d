//! Where MTA-STS stands on its way from nothing to enforce.

use mxray_scan::{Report, Stage};

use super::element::{Attribute, Element, classed, element};
use super::heading;
use mxray_browser::Voice;

/// The way, with this domain's place on it.
pub(super) fn stage(voice: &Voice, report: &Report) -> Element {
    let stage = report.stage;
    let first = if stage == Stage::Broken { Stage::Broken } else { Stage::None };
    let way = [first, Stage::Testing, Stage::Enforce];
    let stations = way.iter().map(|step| station(voice, *step, stage));
    let sentence = report.stage_said();
    classed("section", "stage")
        .is(Attribute::AriaLabelledby, "stage")
        .is(Attribute::DataSentence, sentence)
        .is(Attribute::DataStage, stage.as_str())
        .with(heading(voice, "stage", "page.stage"))
        .with(stations.fold(element("ol"), Element::with))
        .with(element("p").text(voice.of("page.stage", sentence)))
}

fn station(voice: &Voice, step: Stage, stage: Stage) -> Element {
    let name = step.as_str();
    let station =
        element("li").set(Attribute::Class, ["is-", name].concat()).text(voice.of("stage", name));
    if step == stage { station.is(Attribute::AriaCurrent, "step") } else { station }
}

//! Where MTA-STS stands on its way from nothing to enforce.

use mxray_scan::{CheckId, Report, Stage, Step, Verdict};

use super::element::{Attribute, Element, classed, element};
use super::heading;
use mxray_browser::Voice;

/// The way, with this domain's place on it.
pub(super) fn stage(voice: &Voice, report: &Report) -> Element {
    let stage = report.stage;
    let first = if stage == Stage::Broken { Stage::Broken } else { Stage::None };
    let way = [first, Stage::Testing, Stage::Enforce];
    let stations = way.iter().map(|step| station(voice, *step, stage));
    let sentence = sentence(report);
    classed("section", "stage")
        .is(Attribute::AriaLabelledby, "stage")
        .is(Attribute::DataSentence, sentence)
        .is(Attribute::DataStage, stage.as_str())
        .with(heading(voice, "stage", "page.stage"))
        .with(stations.fold(element("ol"), Element::with))
        .with(element("p").text(voice.of("page.stage", sentence)))
}

fn sentence(report: &Report) -> &'static str {
    let stands =
        |id, verdict| report.checks.iter().any(|check| check.id == id && check.verdict == verdict);
    // In force, and mail may be refused on its way: that is no arrival.
    let on_its_way = |step: &Step| {
        matches!(step.check, CheckId::MtaSts | CheckId::MailServers | CheckId::Dane | CheckId::Mx)
    };
    match report.stage {
        Stage::Enforce if report.alarms.iter().any(on_its_way) => "refused",
        Stage::Enforce if stands(CheckId::MailServers, Verdict::Unknown) => "untested",
        _ if stands(CheckId::MtaSts, Verdict::NotApplicable) => "no-mail",
        stage => stage.as_str(),
    }
}

fn station(voice: &Voice, step: Stage, stage: Stage) -> Element {
    let name = step.as_str();
    let station =
        element("li").set(Attribute::Class, ["is-", name].concat()).text(voice.of("stage", name));
    if step == stage { station.is(Attribute::AriaCurrent, "step") } else { station }
}

//! The two questions, answered in a word and a sentence.

use mxray_scan::{Answer, Report};

use super::badge::badge;
use super::element::{Attribute, Element, classed, element};
use mxray_browser::Voice;

/// Both answers.
pub(super) fn answers(voice: &Voice, report: &Report) -> Element {
    classed("div", "answers").with(answer(voice, "transport", &report.transport)).with(answer(
        voice,
        "forgery",
        &report.forgery,
    ))
}

fn answer(voice: &Voice, question: &'static str, answer: &Answer) -> Element {
    let protection = answer.protection.as_str();
    let word = classed("p", "word").with(badge(protection));
    element("section")
        .set(Attribute::Class, ["answer is-", protection].concat())
        .is(Attribute::DataAnswer, question)
        .is(Attribute::DataProtection, protection)
        .is(Attribute::AriaLabelledby, question)
        .with(element("h3").is(Attribute::Id, question).text(voice.of("question", question)))
        .with(word.text(voice.of("protection", protection)))
        .with(element("p").text(voice.sentence(&answer.because)))
}

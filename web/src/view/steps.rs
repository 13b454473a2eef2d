//! What to do first: three things at most, in the words of the depth, which has the whole plan.

use mxray_browser::Voice;
use mxray_browser::told::Task;

use super::copy::Copying;
use super::element::{Attribute, Element, classed, element, link};
use super::heading;
use crate::app::Depth;

/// The first steps, or that there is nothing to do.
pub(super) fn steps(copying: &Copying<'_>, depth: &Depth) -> Element {
    let voice = copying.voice;
    let section = classed("section", "steps").is(Attribute::AriaLabelledby, "steps");
    let section = section.with(heading(voice, "steps", "report.steps"));
    let said = |word| element("p").text(voice.word(word));
    let told = match depth {
        Depth::Awaited => return section.with(said("page.looking")),
        Depth::Failed => {
            return section.with(said("page.depth.failed").is(Attribute::Class, "error"));
        }
        Depth::Told(told) => told,
    };
    let list = told.tasks.iter().map(|task| step(copying, task)).fold(element("ol"), Element::with);
    let more = link(&["#plan"]).text(told.more.clone());
    section
        .with(element("p").text(told.said.clone()))
        .with(list)
        .with(classed("p", "more").with(more))
}

fn step(copying: &Copying<'_>, task: &Task) -> Element {
    let head = element("h4").text(task.what.clone());
    let mut step = element("li").set(Attribute::DataStep, task.code.clone()).with(head);
    for line in &task.lines {
        step = step.with(element("p").text(line.clone()));
    }
    for write in &task.writes {
        step = step.node(copying.text(write.place.clone(), &write.text));
    }
    step.with(details(copying.voice, &task.why))
}

/// A link to where it says why.
pub(super) fn details(voice: &Voice, there: &str) -> Element {
    let there = link(&["#", there]).text(voice.word("page.steps.details"));
    classed("p", "more").with(there)
}

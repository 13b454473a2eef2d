//! What is on the screen. Each file shows one thing; data comes in, HTML goes out.

mod alarm;
mod answers;
mod badge;
mod check;
mod copy;
mod element;
mod evidence;
mod finding;
mod form;
mod marked;
mod progress;
mod stage;
mod steps;
#[cfg(test)]
mod words;

use mxray_scan::{CheckId, Report};
use yew::prelude::*;

use copy::Copying;
pub(crate) use copy::copy;
use element::{Attribute, Element, classed, element, link, nodes};

use crate::app::{App, Depth};
use crate::scanning::Scanning;
use mxray_browser::Voice;

/// The whole page below its head.
pub(crate) fn page(app: &App, context: &Context<App>) -> Html {
    let result = app.scanning.as_ref().map(|scanning| result(app, context, scanning).into());
    nodes(vec![form::form(app, context), result.unwrap_or_default()])
}

/// What is known of a domain, from the first question to the report.
///
/// What comes last has its place from the start: Yew compares lists from their end, so that one
/// that grows would be made anew, and what somebody has opened would fall shut.
fn result(app: &App, context: &Context<App>, scanning: &Scanning) -> Element {
    let voice = &context.props().voice;
    let copying = Copying { voice, copied: &app.copied, link: context.link() };
    let above = scanning.report_in(voice).map_or_else(Default::default, |report| {
        nodes(vec![
            suggestion(voice, report),
            alarm::alarm(voice, report),
            answers::answers(voice, report).into(),
            stage::stage(voice, report).into(),
            steps::steps(&copying, &app.depth).into(),
        ])
    });
    let progress = progress::progress(voice, context.link(), scanning, &app.depth);
    let checks = checks(&copying, scanning, &app.depth).into();
    let result = element("div")
        .is(Attribute::Id, "result")
        .set(Attribute::DataDomain, scanning.domain.to_string());
    result.all(vec![progress, above, checks])
}

fn checks(copying: &Copying<'_>, scanning: &Scanning, depth: &Depth) -> Element {
    let heading = element("h3").is(Attribute::Id, "checks").text(copying.voice.word("page.checks"));
    let checks = CheckId::ALL.iter().map(|&id| check::check(copying, scanning, depth, id));
    let section =
        classed("section", "checks").is(Attribute::AriaLabelledby, "checks").with(heading);
    checks.fold(section, Element::with)
}

/// `www.example.com` has no mail, and `example.com` has.
fn suggestion(voice: &Voice, report: &Report) -> Html {
    let Some(parent) = &report.suggestion else { return Html::default() };
    let name = parent.to_string();
    let there = link(&["?domain=", &name]);
    let there = there.text(voice.with_one("page.suggestion.check", "domain", name.clone()));
    let line = classed("p", "note").is(Attribute::Id, "suggestion");
    line.text(voice.with_one("report.suggestion", "domain", name)).sign(" ").with(there).into()
}

/// A heading with a name for others to refer to.
fn heading(voice: &Voice, id: &'static str, word: &str) -> Element {
    element("h3").is(Attribute::Id, id).text(voice.word(word))
}

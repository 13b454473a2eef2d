//! How far the scan is, and what the visitor can do about it.

use mxray_scan::CheckId;
use yew::html::Scope;
use yew::prelude::*;

use super::element::{Attribute, Element, button, classed, element};
use crate::app::{App, Depth, Happening};
use crate::scanning::{Phase, Scanning};
use mxray_browser::Voice;

/// The name of what is looked at, how far it is, and a button.
pub(super) fn progress(
    voice: &Voice,
    link: &Scope<App>,
    scanning: &Scanning,
    depth: &Depth,
) -> Html {
    let told = CheckId::ALL.iter().filter(|&&id| scanning.check_in(voice, id).is_some());
    let (done, all) = (told.count().to_string(), CheckId::ALL.len().to_string());
    let (state, key) = match scanning.phase {
        Phase::Stopped => ("stopped", "page.status.stopped"),
        Phase::Done(..)
            if scanning.report_in(voice).is_some() && !matches!(depth, Depth::Awaited) =>
        {
            ("done", "page.status.done")
        }
        _ => ("running", "page.status.running"),
    };
    let params = vec![("done", done.clone()), ("all", all.clone())];
    let name = classed("span", "name").text(scanning.domain.to_string());
    let heading = element("h2").text(voice.word("page.report")).sign(" ").with(name);
    let status = element("p")
        .is(Attribute::Id, "status")
        .is(Attribute::Role, "status")
        .is(Attribute::DataState, state);
    let bar = element("progress")
        .set(Attribute::Max, all)
        .set(Attribute::Value, done)
        .is(Attribute::AriaHidden, "true");
    classed("div", "progress")
        .with(heading)
        .with(status.text(voice.with(key, &params)))
        .with(bar)
        .with(stop_or_again(voice, link, scanning))
        .into()
}

fn stop_or_again(voice: &Voice, link: &Scope<App>, scanning: &Scanning) -> Element {
    let (word, happening) = match scanning.phase {
        Phase::Running => ("page.stop", Happening::Stop),
        _ => ("page.again", Happening::AskedFor(scanning.domain.clone())),
    };
    button(link, voice.word(word), happening)
}

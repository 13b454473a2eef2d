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
mod hosts;
mod marked;
mod progress;
mod stage;
mod steps;

use mxray_scan::{CheckId, Report};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use yew::prelude::*;

use copy::Copying;
pub(crate) use copy::copy;
use element::{Element, classed, element, nodes};

use crate::app::{App, Happening};
use crate::scanning::Scanning;
use crate::voice::Voice;

/// The whole page below its head.
pub(crate) fn page(app: &App, context: &Context<App>) -> Html {
    let mut parts = vec![form::form(app, context)];
    if let Some(scanning) = &app.scanning {
        parts.push(result(app, context, scanning).into());
    }
    nodes(parts)
}

/// What is known of a domain, from the first question to the report.
fn result(app: &App, context: &Context<App>, scanning: &Scanning) -> Element {
    let voice = &context.props().voice;
    let copying = Copying { voice, copied: &app.copied, link: context.link() };
    let mut parts = vec![progress::progress(voice, context.link(), scanning)];
    if let Some(report) = scanning.report() {
        parts.push(suggestion(context, report));
        parts.push(alarm::alarm(voice, report));
        parts.push(answers::answers(voice, report).into());
        parts.push(stage::stage(voice, report).into());
        parts.push(steps::steps(&copying, report).into());
    }
    parts.push(checks(&copying, scanning).into());
    if let Some(report) = scanning.report() {
        parts.push(hosts::hosts(voice, report));
        let json = element("script").is("type", "application/json").is("id", "report-json");
        parts.push(json.text(self::json(report)).into());
    }
    element("div").is("id", "result").all(parts)
}

fn checks(copying: &Copying<'_>, scanning: &Scanning) -> Element {
    let heading = element("h3").is("id", "checks").text(copying.voice.word("page.checks"));
    let checks = CheckId::ALL.iter().map(|&id| check::check(copying, scanning, id));
    let section = classed("section", "checks").is("aria-labelledby", "checks").with(heading);
    checks.fold(section, Element::with)
}

/// `www.example.com` has no mail, and `example.com` has.
fn suggestion(context: &Context<App>, report: &Report) -> Html {
    let Some(parent) = report.suggestion.clone() else { return Html::default() };
    let voice = &context.props().voice;
    let name = parent.to_string();
    let href = format!("?domain={name}");
    let clicked = context.link().callback(move |event: MouseEvent| {
        event.prevent_default();
        Happening::AskedFor(parent.clone())
    });
    html! {
        <p id="suggestion" class="note">
            { voice.with_one("report.suggestion", "domain", name.clone()) }{ " " }
            <a {href} onclick={clicked}>{ voice.with_one("page.suggestion.check", "domain", name) }</a>
        </p>
    }
}

/// The report as programs read it, the same as the command's `--json`.
fn json(report: &Report) -> String {
    let value = report.serialize(&Serializer::json_compatible()).ok();
    let text = value.and_then(|value| js_sys::JSON::stringify(&value).ok());
    text.map(String::from).unwrap_or_default()
}

/// A heading with a name for others to refer to.
fn heading(voice: &Voice, id: &'static str, word: &str) -> Element {
    element("h3").is("id", id).text(voice.word(word))
}

//! The field and the button, and what is to be said about what was typed.

use std::rc::Rc;

use mxray_facts::{DomainError, TypedError};
use web_sys::{Event, HtmlSelectElement};
use yew::html::{onchange, onsubmit};
use yew::prelude::*;

use super::element::{Attribute, Element, classed, element};
use crate::app::{App, Happening, Notice};
use mxray_browser::{Settings, Voice};

/// The form, as `index.html` shows it too.
pub(super) fn form(app: &App, context: &Context<App>) -> Html {
    let voice = &context.props().voice;
    let invalid = matches!(app.notice, Some(Notice::Misunderstood(_)));
    let submitted = context.link().callback(|event: SubmitEvent| {
        event.prevent_default();
        Happening::Asked
    });
    let label = element("label").is(Attribute::For, "domain").text(voice.word("page.domain"));
    let input = element("input")
        .is(Attribute::Id, "domain")
        .is(Attribute::Name, "domain")
        .is(Attribute::Type, "text")
        .is(Attribute::Inputmode, "url")
        .is(Attribute::Autocomplete, "off")
        .is(Attribute::Spellcheck, "false")
        .is(Attribute::Autocapitalize, "none")
        .is(Attribute::Placeholder, "example.com")
        .is(Attribute::Maxlength, "2000")
        .is(Attribute::AriaDescribedby, "domain-notice resolver")
        .is(Attribute::AriaInvalid, if invalid { "true" } else { "false" });
    let button = element("button").is(Attribute::Type, "submit").text(voice.word("page.check"));
    let notice =
        element("div").is(Attribute::Id, "domain-notice").is(Attribute::AriaLive, "polite");
    let notice = app.notice.iter().fold(notice, |line, notice| line.with(said(voice, notice)));
    classed("form", "ask")
        .is(Attribute::Method, "get")
        .is(Attribute::Novalidate, "")
        .listening(Rc::new(onsubmit::Wrapper::new(submitted)))
        .with(label)
        .with(classed("div", "field").with(input.known_as(&app.field)).with(button))
        .with(notice)
        .with(asked(app, context))
        .into()
}

fn said(voice: &Voice, notice: &Notice) -> Element {
    match notice {
        Notice::Misunderstood(error) => {
            let character = match error {
                TypedError::Domain(DomainError::Character(c)) => c.to_string(),
                _ => String::new(),
            };
            let sentence = voice.with_one(error.key(), "character", character);
            element("p")
                .is(Attribute::Id, "domain-error")
                .is(Attribute::Class, "error")
                .text(sentence)
        }
        Notice::DroppedWww(domain) => {
            let sentence = voice.with_one("page.dropped-www", "domain", domain.to_string());
            element("p")
                .is(Attribute::Id, "dropped-www")
                .is(Attribute::Class, "note")
                .text(sentence)
        }
    }
}

/// Who is asked, and so sees the domain.
fn asked(app: &App, context: &Context<App>) -> Element {
    let settings = &context.props().settings;
    let key = if settings.proxy.is_some() { "page.asks.proxy" } else { "page.asks.no-proxy" };
    let sentence = context.props().voice.word(key);
    let (before, rest) = sentence.split_once('{').unwrap_or((&sentence, ""));
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    let line = element("p").is(Attribute::Id, "resolver").is(Attribute::Class, "asks");
    line.text(before.to_owned()).node(choice(app, context, settings)).text(after.to_owned())
}

fn choice(app: &App, context: &Context<App>, settings: &Settings) -> Html {
    if let [only] = settings.resolvers.as_slice() {
        return element("strong").text(only.name.clone()).into();
    }
    let changed = context.link().batch_callback(|event: Event| {
        let index = event.target_dyn_into::<HtmlSelectElement>()?.selected_index();
        usize::try_from(index).ok().map(Happening::Resolver)
    });
    let select =
        element("select").set(Attribute::AriaLabel, context.props().voice.word("page.resolver"));
    let select = select.listening(Rc::new(onchange::Wrapper::new(changed)));
    let names = settings.resolvers.iter().map(|resolver| &resolver.name);
    let all = names.enumerate().fold(select, |select, (index, name)| {
        let option = element("option").text(name.clone());
        select.with(if index == app.resolver { option.is(Attribute::Selected, "") } else { option })
    });
    all.into()
}

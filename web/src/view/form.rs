//! The field and the button, and what is to be said about what was typed.

use mxray_facts::{DomainError, TypedError};
use web_sys::{Event, HtmlSelectElement};
use yew::prelude::*;

use super::element::{Element, element};
use crate::app::{App, Happening, Notice};
use crate::settings::Settings;
use crate::voice::Voice;

/// The form, as `index.html` shows it too.
pub(super) fn form(app: &App, context: &Context<App>) -> Html {
    let voice = &context.props().voice;
    let invalid = matches!(app.notice, Some(Notice::Misunderstood(_)));
    let submitted = context.link().callback(|event: SubmitEvent| {
        event.prevent_default();
        Happening::Asked
    });
    html! {
        <form class="ask" method="get" novalidate=true onsubmit={submitted}>
            <label for="domain">{ voice.word("page.domain") }</label>
            <div class="field">
                <input id="domain" name="domain" type="text" ref={app.field.clone()}
                    inputmode="url" autocomplete="off" autocapitalize="none" spellcheck="false"
                    placeholder="example.com" maxlength="2000"
                    aria-invalid={if invalid { "true" } else { "false" }}
                    aria-describedby="domain-notice resolver" />
                <button type="submit">{ voice.word("page.check") }</button>
            </div>
            <div id="domain-notice" aria-live="polite">
                { app.notice.as_ref().map(|notice| Html::from(said(voice, notice))).unwrap_or_default() }
            </div>
            { asked(app, context) }
        </form>
    }
}

fn said(voice: &Voice, notice: &Notice) -> Element {
    match notice {
        Notice::Misunderstood(error) => {
            let character = match error {
                TypedError::Domain(DomainError::Character(c)) => c.to_string(),
                _ => String::new(),
            };
            let sentence = voice.with_one(error.key(), "character", character);
            element("p").is("id", "domain-error").is("class", "error").text(sentence)
        }
        Notice::DroppedWww(domain) => {
            let sentence = voice.with_one("page.dropped-www", "domain", domain.to_string());
            element("p").is("id", "dropped-www").is("class", "note").text(sentence)
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
    let line = element("p").is("id", "resolver").is("class", "asks");
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
    let option = |(index, name): (usize, &String)| {
        let option = element("option").text(name.clone());
        Html::from(if index == app.resolver { option.is("selected", "") } else { option })
    };
    let names = settings.resolvers.iter().map(|resolver| &resolver.name);
    html! {
        <select aria-label={context.props().voice.word("page.resolver")} onchange={changed}>
            { names.enumerate().map(option).collect::<Html>() }
        </select>
    }
}

//! The field and the button, and what is to be said about what was typed.

use web_sys::{Event, HtmlSelectElement};
use yew::prelude::*;

use crate::app::Notice;
use crate::settings::Settings;
use crate::voice::Voice;

/// The form, as `index.html` shows it too.
pub(crate) fn form(
    voice: &Voice,
    settings: &Settings,
    field: &NodeRef,
    notice: Option<&Notice>,
    resolver: usize,
    submitted: Callback<SubmitEvent>,
    chosen: Callback<usize>,
) -> Html {
    let invalid = matches!(notice, Some(Notice::Misunderstood(_)));
    html! {
        <form class="ask" method="get" novalidate=true onsubmit={submitted}>
            <label for="domain">{ voice.word("page.domain") }</label>
            <div class="field">
                <input id="domain" name="domain" type="text" ref={field.clone()}
                    inputmode="url" autocomplete="off" autocapitalize="none" spellcheck="false"
                    placeholder="example.com" maxlength="2000"
                    aria-invalid={invalid.to_string()} aria-describedby="domain-notice resolver" />
                <button type="submit">{ voice.word("page.check") }</button>
            </div>
            <div id="domain-notice" aria-live="polite">{ for notice.map(|notice| said(voice, notice)) }</div>
            { asked(voice, settings, resolver, chosen) }
        </form>
    }
}

fn said(voice: &Voice, notice: &Notice) -> Html {
    match notice {
        Notice::Misunderstood(error) => {
            let mut params = Vec::new();
            if let mxray_facts::TypedError::Domain(mxray_facts::DomainError::Character(c)) = error {
                params.push(("character", c.to_string()));
            }
            html! { <p id="domain-error" class="error">{ voice.with(error.key(), &params) }</p> }
        }
        Notice::DroppedWww(domain) => {
            let params = vec![("domain", domain.to_string())];
            html! { <p id="dropped-www" class="note">{ voice.with("page.dropped-www", &params) }</p> }
        }
    }
}

/// Who is asked, and so sees the domain.
fn asked(voice: &Voice, settings: &Settings, resolver: usize, chosen: Callback<usize>) -> Html {
    let key = if settings.proxy.is_some() { "page.asks.proxy" } else { "page.asks.no-proxy" };
    let sentence = voice.word(key);
    let (before, after) = sentence.split_once("{resolver}").unwrap_or((&sentence, ""));
    html! {
        <p id="resolver" class="asks">
            { before }{ choice(voice, settings, resolver, chosen) }{ after }
        </p>
    }
}

fn choice(voice: &Voice, settings: &Settings, resolver: usize, chosen: Callback<usize>) -> Html {
    if let [only] = settings.resolvers.as_slice() {
        return html! { <strong>{ &only.name }</strong> };
    }
    let changed = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            chosen.emit(usize::try_from(select.selected_index()).unwrap_or_default());
        }
    });
    let option = |(index, name): (usize, &String)| {
        html! { <option selected={index == resolver}>{ name }</option> }
    };
    html! {
        <select aria-label={voice.word("page.resolver")} onchange={changed}>
            { for settings.resolvers.iter().map(|resolver| &resolver.name).enumerate().map(option) }
        </select>
    }
}

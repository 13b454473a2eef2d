//! What was found under DKIM's selectors.

use mxray_browser::Voice;
use mxray_scan::depth::{Below, Keys, Selector, SelectorState, Selectors};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// Whether there are keys, and each selector under which something is.
pub(crate) fn keys(given: &Given, selectors: &Selectors) -> Html {
    let voice = &given.voice;
    let key = match selectors.keys {
        Keys::Found => "selectors.found",
        Keys::NotFound => "selectors.not-found",
        Keys::CannotKnow => "selectors.cannot-know",
    };
    let said = voice.with_one(key, "count", selectors.tried.len().to_string());
    let nothing = (selectors.below == Below::Nothing)
        .then(|| html! { <p class="about">{voice.word("selectors.nothing-below")}</p> });
    let content = html! {
        <>
            <p>{said}</p>
            {nothing}
            <ul>{for selectors.tried.iter().filter_map(|tried| selector(voice, tried))}</ul>
        </>
    };
    part("keys", voice.word("selectors.title"), content)
}

/// `None` if nothing is there.
fn selector(voice: &Voice, selector: &Selector) -> Option<Html> {
    let key = match selector.state {
        SelectorState::Key => "selectors.key",
        SelectorState::Revoked => "selectors.revoked",
        SelectorState::Unusable => "selectors.unusable",
        SelectorState::Dangling => "selectors.dangling",
        SelectorState::Unknown => "selectors.unknown",
        SelectorState::Absent => return None,
    };
    let end = selector.aliases.last().map(ToString::to_string).unwrap_or_default();
    let provider = selector.provider.as_ref();
    Some(html! {
        <li>
            <code>{selector.selector.clone()}</code>{": "}{voice.with_one(key, "end", end)}
            {for provider.map(|name| html! { <span class="came">{" "}{name}</span> })}
        </li>
    })
}

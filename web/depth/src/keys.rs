//! What was found under DKIM's selectors.

use mxray_browser::Voice;
use mxray_scan::depth::{Below, Keys, Selector, SelectorState, Selectors};
use yew::prelude::*;

use crate::dates::number;
use crate::deep::part;
use crate::given::Given;

/// Whether there are keys, and each selector under which something is.
pub(crate) fn keys(given: &Given, selectors: &Selectors) -> Html {
    let voice = &given.voice;
    let count = number(voice, selectors.tried.len() as u64);
    let (key, listed) = match selectors.keys {
        Keys::Found => ("selectors.found", true),
        Keys::NotFound if selectors.below == Below::Nothing => ("depth.keys.nothing-below", true),
        Keys::NotFound => ("selectors.not-found", true),
        // What each of them says then says nothing of it.
        Keys::CannotKnow if is_every_answered(selectors) => ("depth.keys.every", false),
        Keys::CannotKnow => ("selectors.cannot-know", true),
    };
    let tried = selectors.tried.iter().filter(|_| listed).filter_map(|it| selector(voice, it));
    let tried: Vec<Html> = tried.collect();
    let content = html! {
        <>
            <p>{voice.with_one(key, "count", count)}</p>
            if !tried.is_empty() { <ul>{for tried}</ul> }
        </>
    };
    part("keys", voice.word("selectors.title"), content)
}

fn is_every_answered(selectors: &Selectors) -> bool {
    let mut states = selectors.tried.iter().map(|selector| selector.state);
    states.all(|state| !matches!(state, SelectorState::Absent | SelectorState::Unknown))
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

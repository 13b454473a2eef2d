//! Text to paste somewhere else.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::window;
use yew::prelude::*;

use crate::given::Given;

/// What is to be copied, and what the button says.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) given: Given,
    pub(crate) text: String,
    pub(crate) word: String,
}

/// A button that copies a text and says that it did; none where the browser lets no page write to
/// the clipboard.
#[component]
pub(crate) fn Copy(props: &Props) -> Html {
    let copied = use_state_eq(|| None::<String>);
    if !window().is_some_and(|window| window.is_secure_context()) {
        return Html::default();
    }
    let (text, done) = (props.text.clone(), copied.setter());
    let onclick = move |_| {
        let (text, done) = (text.clone(), done.clone());
        spawn_local(async move {
            let Some(window) = window() else { return };
            let written = window.navigator().clipboard().write_text(&text);
            if JsFuture::from(written).await.is_ok() {
                done.set(Some(text));
            }
        });
    };
    let is_copied = copied.as_ref() == Some(&props.text);
    let word = if is_copied { props.given.voice.word("page.copied") } else { props.word.clone() };
    html! { <button type="button" class="quiet" aria-live="polite" {onclick}>{word}</button> }
}

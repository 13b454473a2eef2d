//! Files and texts to take away.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url, window};
use yew::prelude::*;

use crate::given::Given;

/// Hands out a file to save.
pub(crate) fn save(name: &str, kind: &str, content: &[u8]) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let content = Array::of1(&Uint8Array::from(content).into());
    let blob = Blob::new_with_u8_array_sequence_and_options(&content, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link = window()?.document()?.create_element("a").ok()?;
    let link: HtmlAnchorElement = link.dyn_into().ok()?;
    link.set_download(name);
    link.set_href(&url);
    link.click();
    Some(())
}

/// A button that hands out a file.
pub(crate) fn saving(
    id: &'static str,
    word: String,
    file: impl Fn() -> (String, &'static str, Vec<u8>) + 'static,
) -> Html {
    let onclick = move |_| {
        let (name, kind, content) = file();
        // What a browser does not let a page save, it says itself.
        let _ = save(&name, kind, &content);
    };
    html! { <button type="button" class="quiet" {id} {onclick}>{word}</button> }
}

/// What is to be copied, and what the button says.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) given: Given,
    pub(crate) text: String,
    pub(crate) word: String,
}

/// A button that copies a text and says that it did; none where the browser lets no page write to the
/// clipboard.
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

//! Files and texts to take away, for the modules that the page opens.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url, window};
use yew::prelude::*;

/// Hands out a file to save, of this media type; `None` where the browser does not let a page do so.
pub fn save(name: &str, kind: &str, content: &[u8]) -> Option<()> {
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

/// What a button that copies needs to know.
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct CopyProps {
    /// What goes to the clipboard.
    pub text: String,
    /// What the button says.
    pub word: String,
    /// What it says once that is done.
    pub copied: String,
}

/// A button that copies a text and says that it did; none where the browser lets no page write to the
/// clipboard.
#[component]
pub fn Copy(props: &CopyProps) -> Html {
    let last = use_state_eq(|| None::<String>);
    if !window().is_some_and(|window| window.is_secure_context()) {
        return Html::default();
    }
    let (text, done) = (props.text.clone(), last.setter());
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
    let is_copied = last.as_ref() == Some(&props.text);
    let word = if is_copied { &props.copied } else { &props.word };
    html! { <button type="button" class="quiet" aria-live="polite" {onclick}>{word}</button> }
}

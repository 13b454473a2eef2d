//! A file that the visitor chooses, or drops on the field: read here, and sent nowhere.

use js_sys::JsString;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

/// More than any result, policy or zone of somebody who looks after one domain, in bytes.
const MOST: f64 = (4 << 20) as f64;

/// What the field says, and whom it tells.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) id: &'static str,
    pub(crate) label: String,
    /// The content; `None` if it cannot be read, or is too much.
    pub(crate) onread: Callback<Option<String>>,
}

/// The field.
#[component]
pub(crate) fn FileField(props: &Props) -> Html {
    let onchange = {
        let onread = props.onread.clone();
        move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            // The same file may be chosen again.
            input.set_value("");
            let onread = onread.clone();
            spawn_local(async move { onread.emit(text(&file).await) });
        }
    };
    html! {
        <>
            <label for={props.id}>{&props.label}</label>
            <input id={props.id} type="file" {onchange} />
        </>
    }
}

async fn text(file: &File) -> Option<String> {
    if file.size() > MOST {
        return None;
    }
    let text: JsString = JsFuture::from(file.text()).await.ok()?.dyn_into().ok()?;
    Some(text.into())
}

//! Text to paste somewhere else.

use mxray_records::harmless;
use web_sys::window;
use yew::prelude::*;

use crate::voice::Voice;

/// A text and a button that copies it, where the browser lets a page do so.
pub(super) fn copyable(voice: &Voice, text: &str) -> Html {
    html! {
        <div class="copyable">
            <pre tabindex="0"><code>{ for text.split('\n').map(|line| format!("{}\n", harmless(line))) }</code></pre>
            if window().is_some_and(|window| window.is_secure_context()) {
                <Copy text={text.to_owned()} voice={voice.clone()} />
            }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct Props {
    text: String,
    voice: Voice,
}

#[component]
fn Copy(props: &Props) -> Html {
    let copied = use_state(|| false);
    let clicked = {
        let (copied, text) = (copied.setter(), props.text.clone());
        Callback::from(move |_: MouseEvent| {
            let (copied, text) = (copied.clone(), text.clone());
            wasm_bindgen_futures::spawn_local(async move { copied.set(copy(&text).await) });
        })
    };
    let word = if *copied { "page.copied" } else { "page.copy" };
    html! { <button type="button" class="quiet" aria-live="polite" onclick={clicked}>{ props.voice.word(word) }</button> }
}

async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let written = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(written).await.is_ok()
}

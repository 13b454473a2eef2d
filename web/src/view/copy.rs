//! Text to paste somewhere else.

use mxray_records::{Finding, harmless};
use wasm_bindgen_futures::JsFuture;
use web_sys::window;
use yew::html::Scope;
use yew::prelude::*;

use super::element::{classed, element};
use crate::app::{App, Happening};
use crate::voice::Voice;

/// What it takes to offer a text.
pub(super) struct Copying<'a> {
    pub(super) voice: &'a Voice,
    /// The text that was copied last.
    pub(super) copied: &'a str,
    pub(super) link: &'a Scope<App>,
}

impl Copying<'_> {
    /// A finding's corrected text, if it has one.
    pub(super) fn corrected(&self, finding: &Finding) -> Html {
        let Some(text) = &finding.fix else { return Html::default() };
        let lines: Vec<_> = text.trim_end().split('\n').map(harmless).collect();
        let code = element("code").text(lines.join("\n"));
        let shown = element("pre").with(code);
        classed("div", "copyable").with(shown).node(self.button(text)).into()
    }

    /// None where the browser lets no page write to the clipboard.
    fn button(&self, text: &str) -> Html {
        if !window().is_some_and(|window| window.is_secure_context()) {
            return Html::default();
        }
        let word = if self.copied == text { "page.copied" } else { "page.copy" };
        let text = text.to_owned();
        let clicked = self.link.callback(move |_: MouseEvent| Happening::Copy(text.clone()));
        html! {
            <button type="button" class="quiet" aria-live="polite" onclick={clicked}>
                { self.voice.word(word) }
            </button>
        }
    }
}

/// Puts a text on the clipboard, and says so if the browser allowed it.
pub(crate) async fn copy(text: String, copied: Callback<String>) {
    let Some(window) = window() else { return };
    if JsFuture::from(window.navigator().clipboard().write_text(&text)).await.is_ok() {
        copied.emit(text);
    }
}

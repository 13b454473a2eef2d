//! Text to paste somewhere else.

use mxray_records::harmless;
use mxray_scan::{Check, CheckFinding, Source};
use wasm_bindgen_futures::JsFuture;
use web_sys::window;
use yew::html::Scope;
use yew::prelude::*;

use super::element::{Attribute, button, classed, element};
use super::evidence;
use crate::app::{App, Happening};
use mxray_browser::Voice;

/// What it takes to offer a text.
pub(super) struct Copying<'a> {
    pub(super) voice: &'a Voice,
    /// The text that was copied last.
    pub(super) copied: &'a str,
    pub(super) link: &'a Scope<App>,
}

impl Copying<'_> {
    /// A finding's corrected text, if it has one.
    pub(super) fn corrected(&self, check: &Check, found: &CheckFinding) -> Html {
        let Some(text) = &found.finding.fix else { return Html::default() };
        self.text(self.place(check, found).unwrap_or_default(), text)
    }

    /// A text, and where it belongs.
    pub(super) fn text(&self, place: String, text: &str) -> Html {
        let lines: Vec<_> = text.trim_end().split('\n').map(harmless).collect();
        let code = element("code").text(lines.join("\n"));
        let shown = element("pre").with(code);
        let place = classed("p", "place").text(place);
        classed("div", "copyable").with(place).with(shown).node(self.button(text)).into()
    }

    /// Where the text belongs: where the wrong one was seen, or where there is none yet.
    fn place(&self, check: &Check, found: &CheckFinding) -> Option<String> {
        let of = |name| {
            let params = &found.finding.params;
            params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
        };
        let seen = found.evidence.and_then(|index| check.evidence.get(index));
        let (key, place) = match seen.map(|evidence| &evidence.source) {
            Some(Source::Dns { name, .. }) => ("page.place.record", name.to_string()),
            Some(Source::Policy(fetch)) => ("page.place.file", evidence::policy_url(fetch)),
            None => match of("url") {
                Some(url) => ("page.place.file", url),
                None => ("page.place.record", of("name")?),
            },
        };
        Some(self.voice.with_one(key, "place", place))
    }

    /// None where the browser lets no page write to the clipboard.
    fn button(&self, text: &str) -> Html {
        if !window().is_some_and(|window| window.is_secure_context()) {
            return Html::default();
        }
        let word = if self.copied == text { "page.copied" } else { "page.copy" };
        let copy = Happening::Copy(text.to_owned());
        button(self.link, self.voice.word(word), copy).is(Attribute::AriaLive, "polite").into()
    }
}

/// Puts a text on the clipboard, and says so if the browser allowed it.
pub(crate) async fn copy(text: String, copied: Callback<String>) {
    let Some(window) = window() else { return };
    if JsFuture::from(window.navigator().clipboard().write_text(&text)).await.is_ok() {
        copied.emit(text);
    }
}

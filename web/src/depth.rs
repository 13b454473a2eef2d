//! The depth of a report: a module of its own, for what the first load has no room for.

use std::rc::Rc;

use js_sys::Array;
use mxray_browser::Voice;
use mxray_browser::told::Told;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::window;

use crate::scanning::Scanning;

#[wasm_bindgen(module = "/src/depth.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = open)]
    async fn open_with(
        module: &str,
        domain: &str,
        at: f64,
        seen: &Array,
        resolver: &str,
        proxy: Option<&str>,
        texts: &JsValue,
        language: &str,
    ) -> Result<JsValue, JsValue>;

    /// Ends it, and whatever was shown in its place.
    pub(crate) fn close();

    /// The visitor's own settings, as the depth has kept them.
    pub(crate) fn kept() -> Option<String>;

    #[wasm_bindgen(js_name = show)]
    fn show_with(module: &str, texts: &JsValue, language: &str);
}

/// Opens it; what was seen is handed over, so that nothing is asked twice. `None` if it cannot be had.
pub(crate) fn open(
    scanning: &Scanning,
    voice: &Voice,
) -> impl Future<Output = Option<Told>> + use<> {
    let (domain, at) = (scanning.domain.clone(), scanning.started.0 as f64);
    let (browser, voice) = (Rc::clone(&scanning.browser), voice.clone());
    async move {
        let (module, seen) = (address()?, &browser.seen);
        let (resolver, proxy) = (&browser.resolver, browser.proxy.as_deref());
        let (texts, language) = (&voice.texts, &voice.language);
        let told =
            open_with(&module, domain.as_str(), at, seen, resolver, proxy, texts, language).await;
        Told::read(&told.ok()?.as_string()?)
    }
}

/// Shows what somebody else saw, if the address of the page holds it, or the settings.
pub(crate) fn show(voice: &Voice) {
    if let Some(module) = address() {
        show_with(&module, &voice.texts, &voice.language);
    }
}

/// Where the build has put it.
fn address() -> Option<String> {
    let document = window()?.document()?;
    document.query_selector("meta[name=mxray-depth]").ok()??.get_attribute("content")
}

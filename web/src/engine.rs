//! The engine as a module of its own, for what the first load has no room for.

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::window;

use crate::scanning::Scanning;

#[wasm_bindgen(module = "/src/engine.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = save)]
    async fn save_with(
        engine: &str,
        domain: &str,
        at: f64,
        seen: &Array,
    ) -> Result<JsValue, JsValue>;
}

/// Saves the report as a file for programs: what the command's `--json` prints.
pub(crate) fn save(scanning: &Scanning) -> impl Future<Output = bool> + use<> {
    let (domain, seen) = (scanning.domain.clone(), scanning.seen.clone());
    let at = scanning.started.0 as f64;
    async move {
        match address() {
            Some(engine) => save_with(&engine, domain.as_str(), at, &seen).await.is_ok(),
            None => false,
        }
    }
}

/// Where the build has put it.
fn address() -> Option<String> {
    let document = window()?.document()?;
    document.query_selector("meta[name=mxray-engine]").ok()??.get_attribute("content")
}

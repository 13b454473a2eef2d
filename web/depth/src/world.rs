//! What is known of the world beforehand: providers by their names, senders by their code.
//!
//! It is data of our own, which the build puts beside the module.

use gloo_net::http::Request;
use js_sys::JSON;
use mxray_browser::Fetcher;
use mxray_scan::depth::Known;
use web_sys::Document;

/// `None` if it cannot be had: then names are missing, and who honors the policy.
pub(crate) async fn known(document: &Document) -> Option<Known> {
    let meta = document.query_selector("meta[name=mxray-depth]").ok()??;
    let module = meta.get_attribute("content")?;
    let (folder, _) = module.rsplit_once('/')?;
    let file = format!("{folder}/known.json");
    let text = Fetcher::new()?.small_text(Request::get(&file)).await?;
    serde_wasm_bindgen::from_value(JSON::parse(&text).ok()?).ok()
}

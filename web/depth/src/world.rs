//! What is known of the world beforehand: providers by their names, senders by their code.

use gloo_net::http::Request;
use js_sys::JSON;
use mxray_browser::Fetcher;
use mxray_records::mta_sts::senders::Sender;
use mxray_scan::depth::Known;
use mxray_scan::providers::Providers;
use serde::Deserialize;
use web_sys::Document;

/// It is data of our own, which the build puts beside the module.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct World {
    #[serde(default)]
    providers: Providers,
    /// Those whose code was read, the standard first.
    #[serde(default)]
    pub(crate) senders: Vec<Sender>,
}

impl World {
    /// `None` if it cannot be had: then some names are missing, and nothing else.
    pub(crate) async fn load(document: &Document) -> Option<Self> {
        let meta = document.query_selector("meta[name=mxray-depth]").ok()??;
        let module = meta.get_attribute("content")?;
        let (folder, _) = module.rsplit_once('/')?;
        let file = format!("{folder}/known.json");
        let text = Fetcher::new()?.small_text(Request::get(&file)).await?;
        serde_wasm_bindgen::from_value(JSON::parse(&text).ok()?).ok()
    }

    pub(crate) fn known(&self) -> Known {
        Known { providers: self.providers.clone(), ..Known::default() }
    }
}

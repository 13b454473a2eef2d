//! `config.json`: what whoever runs this page can set without building it again.

use gloo_net::http::Request;
use wasm_bindgen::JsValue;
use web_sys::RequestCache;

use crate::fetch::Fetcher;
use crate::from_js::{FromJs, field, from_json, structs};

/// What stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the proxy is, such as `https://proxy.example`; empty for the page's own server.
    pub proxy: Option<String>,
    /// The resolvers to choose from; the first is asked unless somebody chooses another.
    pub resolvers: Vec<Resolver>,
}

/// A resolver that speaks DNS over HTTPS (RFC 8484).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolver {
    /// What people call it.
    pub name: String,
    /// Where it is asked.
    pub url: String,
}

structs! {
    Settings { proxy, resolvers }
    Resolver { name, url }
}

impl Settings {
    /// Reads the file beside the page; `None` if it is not there or names no resolver.
    pub async fn load() -> Option<Self> {
        let request = Request::get("config.json").cache(RequestCache::NoCache);
        Self::read(&Fetcher::new()?.small_text(request).await?)
    }

    /// What a text says that is written as the file is; `None` if it is not, or names no resolver.
    pub fn read(text: &str) -> Option<Self> {
        let settings: Self = from_json(text)?;
        (!settings.resolvers.is_empty()).then_some(settings)
    }
}

//! What the visitor's browser keeps: settings, and the last result about a domain.
//!
//! A browser may keep nothing, as in a private window: then all is as it comes with the page.

use js_sys::JSON;
use mxray_browser::Settings;
use mxray_engine::to_json;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::from_value;
use web_sys::{Storage, window};

/// Under which name the settings are kept; the page reads them before it asks for its own.
const SETTINGS: &str = "mxraySettings";

/// What begins the name of a result; the domain follows.
const RESULT: &str = "mxrayResult.";

/// Resolvers that anybody may ask from a page.
const PUBLIC: [(&str, &str); 2] = [
    ("Cloudflare", "https://cloudflare-dns.com/dns-query"),
    ("Google", "https://dns.google/dns-query"),
];

/// What the visitor has set, in the shape of the page's own `config.json`, with more to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chosen {
    /// The proxy; empty for the page's own server.
    pub(crate) proxy: Option<String>,
    /// The resolvers, that which is asked first.
    pub(crate) resolvers: Vec<Resolver>,
    /// A resolver that is asked the same.
    #[serde(default)]
    pub(crate) second: Option<String>,
}

/// A resolver that speaks DNS over HTTPS (RFC 8484).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resolver {
    pub(crate) name: String,
    pub(crate) url: String,
}

impl Chosen {
    /// What was kept, if there is anything that can be read.
    pub(crate) fn read() -> Option<Self> {
        let text = storage()?.get_item(SETTINGS).ok()??;
        from_value(JSON::parse(&text).ok()?).ok()
    }

    /// Keeps it, and says whether the browser did.
    pub(crate) fn keep(&self) -> bool {
        let kept = || storage()?.set_item(SETTINGS, &to_json(self)?).ok();
        kept().is_some()
    }

    /// What comes with the page.
    pub(crate) async fn of_page() -> Option<Self> {
        let Settings { proxy, resolvers } = Settings::load().await?;
        let resolvers = resolvers.into_iter();
        let resolvers =
            resolvers.map(|resolver| Resolver { name: resolver.name, url: resolver.url });
        Some(Self { proxy, resolvers: resolvers.collect(), second: None })
    }
}

/// Every resolver that there is to choose from: those of the page, those that were set, public ones.
/// Then the second one, if one was set.
pub(crate) async fn resolvers() -> (Vec<Resolver>, Option<String>) {
    let (own, chosen) = (Chosen::of_page().await, Chosen::read());
    let second = chosen.as_ref().and_then(|chosen| chosen.second.clone());
    let named = [own, chosen].into_iter().flatten().flat_map(|settings| settings.resolvers);
    let public = PUBLIC.map(|(name, url)| Resolver { name: name.to_owned(), url: url.to_owned() });
    let mut resolvers: Vec<Resolver> = Vec::new();
    for resolver in named.chain(public) {
        if resolvers.iter().all(|known| known.url != resolver.url) {
            resolvers.push(resolver);
        }
    }
    (resolvers, second)
}

/// The last result about a domain, as a link holds it.
pub(crate) fn result(domain: &str) -> Option<String> {
    storage()?.get_item(&[RESULT, domain].concat()).ok()?
}

/// Keeps a result in the place of an older one; where there is no room left, in the place of all others.
pub(crate) fn keep_result(domain: &str, link: &str) {
    let Some(storage) = storage() else { return };
    let name = [RESULT, domain].concat();
    if storage.set_item(&name, link).is_err() {
        forget_results();
        // A browser that keeps nothing at all has said so before.
        let _ = storage.set_item(&name, link);
    }
}

/// Forgets the settings.
pub(crate) fn forget_settings() {
    let _ = storage().map(|storage| storage.remove_item(SETTINGS));
}

/// Forgets every result.
pub(crate) fn forget_results() {
    let Some(storage) = storage() else { return };
    let names = (0..storage.length().unwrap_or_default()).filter_map(|at| storage.key(at).ok()?);
    let names: Vec<String> = names.filter(|name| name.starts_with(RESULT)).collect();
    for name in names {
        let _ = storage.remove_item(&name);
    }
}

/// A browser can have none, and can refuse to show it.
fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

//! After the check: set it up, roll it out, move to other mail servers, read the reports.
//!
//! A module of its own that the depth opens when somebody wants it, with all that was seen of the domain.
//! Nothing that is typed or dropped here leaves the machine; what is typed is kept by the browser, under
//! the domain's name, until somebody clears it.

mod app;
mod changes;
mod chart;
mod files;
mod given;
mod handing;
mod mending;
mod moving;
mod planning;
mod reading;
mod setup;
mod typed;

use gloo_net::http::Request;
use js_sys::{Array, Function, JSON, Object, Reflect};
use mxray_browser::{Browser, Fetcher, Voice};
use mxray_engine::{judge_again, read_seen};
use mxray_facts::{Domain, Timestamp};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsError, JsValue};
use web_sys::{CssStyleSheet, Element, window};

use crate::app::{After, Props};
use crate::given::{Given, Inner};

/// The page's, for the same reason: Rust's own is made for more threads and larger heaps.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Opens it in an element.
///
/// What is handed over is what the depth was opened with; `folder` is where this module's own texts are.
///
/// # Errors
/// If the domain is none, what was seen cannot be read, or the browser lacks what it takes.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "JavaScript has no types to put them into")]
pub async fn open(
    root: Element,
    folder: String,
    domain: &str,
    at: f64,
    seen: Array,
    resolver: String,
    proxy: Option<String>,
    texts: JsValue,
    language: String,
) -> Result<(), JsError> {
    let domain = Domain::from_ascii(domain)?;
    let seen = read_seen(&seen).ok_or_else(|| JsError::new("what was seen cannot be read"))?;
    let has_proxy = proxy.is_some();
    let browser = Browser::new(resolver, proxy);
    let browser = browser.ok_or_else(|| JsError::new("requests cannot be ended here"))?;
    learn(&texts, &format!("{folder}/texts-{language}.json")).await;
    // The depth's is the folder above.
    let known = small_text(&format!("{folder}/../known.json")).await;
    let known = known.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let voice = Voice { texts, language, folder: String::new() };
    let report = judge_again(&domain, Timestamp(at as i64), seen.clone());
    let _ = style();
    let given = Given::new(Inner { report, seen, voice, browser, folder, known, has_proxy });
    yew::Renderer::<After>::with_root_and_props(root, Props { given }).render();
    Ok(())
}

/// Reads dropped files, after what was read before; the answer is all of it as JSON. It is what the worker does.
#[wasm_bindgen]
pub async fn read_files(files: Array, kept: Option<String>, told: Function) -> String {
    files::read_here(&files, kept.as_deref(), &told).await
}

/// Adds its style to those of page and depth, once. Without it everything is plain, and all there.
fn style() -> Result<(), JsValue> {
    let document = window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let sheets: Array = Reflect::get(&document, &"adoptedStyleSheets".into())?.dyn_into()?;
    // The depth's is the first.
    if sheets.length() < 2 {
        let sheet = CssStyleSheet::new()?;
        sheet.replace_sync(include_str!("../style.css"))?;
        sheets.push(&sheet);
    }
    Ok(())
}

/// Adds this module's words to those that are there. Without them keys stand in their place.
async fn learn(texts: &JsValue, file: &str) {
    let Some(text) = small_text(file).await else { return };
    let words = Reflect::get(texts, &"words".into());
    if let (Ok(words), Ok(more)) = (words, JSON::parse(&text)) {
        let (words, more): (Object, Object) = (words.unchecked_into(), more.unchecked_into());
        Object::assign(&words, &more);
    }
}

async fn small_text(file: &str) -> Option<String> {
    Fetcher::new()?.small_text(Request::get(file)).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// The pieces of the sources that are written as keys are; ids of fields have their own.
    const SOURCES: [&str; 11] = [
        include_str!("app.rs"),
        include_str!("changes.rs"),
        include_str!("chart.rs"),
        include_str!("mending.rs"),
        include_str!("moving.rs"),
        include_str!("planning.rs"),
        include_str!("reading.rs"),
        include_str!("setup.rs"),
        include_str!("../../../crates/setup/src/moving.rs"),
        include_str!("../../../crates/setup/src/rollout.rs"),
        include_str!("../../../crates/setup/src/spf.rs"),
    ];

    /// Keys that are put together, by what they begin with.
    const FAMILIES: [&str; 6] = [
        "after.goal",
        "after.mode",
        "after.hosting",
        "after.format",
        "after.stands",
        "after.change",
    ];

    fn table(text: &str) -> BTreeSet<String> {
        text.parse::<toml::Table>().unwrap().into_iter().map(|(key, _)| key).collect()
    }

    fn named() -> BTreeSet<&'static str> {
        SOURCES.iter().flat_map(|file| file.split('"')).collect()
    }

    #[test]
    fn every_word_that_is_said_is_written() {
        let written: BTreeSet<String> = [
            include_str!("../../../texts/en/page.toml"),
            include_str!("../../../texts/en/depth/report.toml"),
            include_str!("../../../texts/en/after/mending.toml"),
            include_str!("../../../texts/en/after/page.toml"),
            include_str!("../../../texts/en/after/reports.toml"),
        ]
        .iter()
        .flat_map(|file| table(file))
        .collect();
        let begins = ["after.", "mend.", "rollout.", "moving.", "reports.", "plan.write."];
        let is_key = |piece: &&&str| {
            begins.iter().any(|begin| piece.starts_with(begin))
                && piece.bytes().all(|it| it.is_ascii_lowercase() || b".-".contains(&it))
                && !piece.ends_with('.')
        };
        let missing = named();
        let missing: Vec<_> = missing
            .iter()
            .filter(is_key)
            .filter(|key| {
                let family = format!("{key}.");
                !written.contains(**key) && !written.iter().any(|it| it.starts_with(&family))
            })
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn no_word_is_left_over() {
        let named = named();
        let is_said = |key: &str| {
            let id = key.strip_prefix("after.").map(|id| id.strip_suffix(".about").unwrap_or(id));
            named.contains(key)
                || id.is_some_and(|id| named.contains(id))
                || FAMILIES
                    .iter()
                    .any(|family| key.strip_prefix(family).is_some_and(|it| it.starts_with('.')))
        };
        let mut written = table(include_str!("../../../texts/en/after/page.toml"));
        written.extend(table(include_str!("../../../texts/en/after/mending.toml")));
        let left: Vec<_> = written.iter().filter(|key| !is_said(key)).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

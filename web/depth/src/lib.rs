//! The depth of a report: each server, and ways to try, keep and share.
//!
//! The page's first load has no room for it. It is a module of its own that the page opens below
//! its report, with all that was seen, so that nothing is asked twice.

mod copying;
mod depth;
mod findings;
mod given;
mod hosts;
mod keep;
mod linting;
mod marked;
mod sending;
mod signing;

use js_sys::{Array, Reflect};
use mxray_browser::{Browser, Voice};
use mxray_engine::judge_again;
use mxray_facts::{Domain, Timestamp};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsError, JsValue};
use web_sys::{CssStyleSheet, Document, Element, window};

use crate::depth::{Depth, Props};
use crate::given::Given;

/// The page's, for the same reason: Rust's own is made for more threads and larger heaps.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Opens the depth of a scan in an element.
///
/// `at` is when the domain was looked at, in seconds since 1970, `seen` what was seen of it
/// ([`mxray_engine::report`]). `resolver` and `proxy` are asked what nobody asked yet; `texts` are
/// those of the page, in the `language`.
///
/// # Errors
/// If the domain is none, what was seen cannot be read, or the browser lacks what it takes.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "JavaScript has no types to put them into")]
pub async fn open(
    root: Element,
    domain: &str,
    at: f64,
    seen: Array,
    resolver: String,
    proxy: Option<String>,
    texts: JsValue,
    language: String,
) -> Result<(), JsError> {
    let domain = Domain::from_ascii(domain)?;
    let at = Timestamp(at as i64);
    let report = judge_again(&domain, at, &seen);
    let report = report.ok_or_else(|| JsError::new("what was seen cannot be read"))?;
    let browser = Browser::new(resolver, proxy);
    let browser = browser.ok_or_else(|| JsError::new("requests cannot be ended here"))?;
    let voice = Voice { texts, language };
    voice.learn_words("depth").await;
    let _ = window().and_then(|window| window.document()).map(|document| style(&document));
    let given = Given::new(report, browser, voice);
    yew::Renderer::<Depth>::with_root_and_props(root, Props { given }).render();
    Ok(())
}

/// Adds the depth's style to the page's, once. Without it the depth is plain, and all there.
fn style(document: &Document) -> Result<(), JsValue> {
    let sheets: Array = Reflect::get(document, &"adoptedStyleSheets".into())?.dyn_into()?;
    if sheets.length() == 0 {
        let sheet = CssStyleSheet::new()?;
        sheet.replace_sync(include_str!("../style.css"))?;
        sheets.push(&sheet);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mxray_records::lint::Kind;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Keys that are put together: the family, and what may follow.
    fn families() -> Vec<String> {
        let columns = crate::hosts::COLUMNS.map(|name| format!("depth.hosts.{name}"));
        let kinds = Kind::ALL.map(|kind| format!("depth.linting.{kind}"));
        columns.into_iter().chain(kinds).collect()
    }

    #[test]
    fn every_word_of_the_depth_is_written_and_none_is_left_over() {
        let source = [
            include_str!("findings.rs"),
            include_str!("hosts.rs"),
            include_str!("keep.rs"),
            include_str!("linting.rs"),
            include_str!("sending.rs"),
            include_str!("signing.rs"),
        ];
        let said = source.iter().flat_map(|file| file.split('"'));
        let mut used: BTreeSet<&str> = said.filter(|piece| piece.starts_with("depth.")).collect();
        let families = families();
        used.extend(families.iter().map(String::as_str));
        let texts: toml::Table = include_str!("../../../texts/en/depth/page.toml").parse().unwrap();
        let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
        assert_eq!(written, used);
    }
}

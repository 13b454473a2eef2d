//! The depth of a report: each server and each sender, SPF as a whole; ways to try, keep and share.
//!
//! The page's first load has no room for it. It is a module of its own that the page opens below
//! its report, with all that was seen, so that nothing is asked twice.

mod after;
mod answers;
mod certificates;
mod changed;
mod dane;
mod dates;
mod deep;
mod exchanges;
mod file;
mod findings;
mod forged;
mod given;
mod hosts;
mod keep;
mod kept;
mod keys;
mod link;
mod linting;
mod marked;
mod matrix;
mod plan;
mod reports;
mod second;
mod senders;
mod sending;
mod settings;
mod shared;
mod shown;
mod signing;
mod spf;
mod told;
mod world;

use std::cell::RefCell;

use js_sys::{Array, Function, Reflect};
use mxray_browser::{Browser, Voice};
use mxray_engine::{judge_again, read_seen};
use mxray_facts::{Domain, Timestamp};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsError, JsValue};
use web_sys::{CssStyleSheet, Document, Element, window};
use yew::AppHandle;

use crate::deep::{Deep, WholeProps};
use crate::given::{Given, Inner};
use crate::link::Shared;
use crate::settings::Settings;
use crate::shared::Shown;

/// What stands behind the address of the page to open the settings.
const SETTINGS: &str = "#settings";

/// The page's, for the same reason: Rust's own is made for more threads and larger heaps.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[wasm_bindgen(module = "/src/fold.js")]
extern "C" {
    /// Lets links lead to what is folded.
    fn unfold();
}

thread_local! {
    /// What is open.
    static OPEN: RefCell<Option<AppHandle<Deep>>> = const { RefCell::new(None) };
}

/// Opens the depth of a scan in an element, whose parent is folded under a `summary` before it.
///
/// `at` is when the domain was looked at, in seconds since 1970, `seen` what was seen of it
/// ([`mxray_engine::report`]). `resolver` and `proxy` are asked what nobody asked yet; `texts` are
/// those of the page, in the `language`. `tell` is called once, with what the top of the report is to say
/// ([`mxray_browser::told::Told`]).
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
    tell: Function,
) -> Result<(), JsError> {
    let domain = Domain::from_ascii(domain)?;
    let at = Timestamp(at as i64);
    let handed = seen.slice(0, seen.length());
    let seen = read_seen(&seen).ok_or_else(|| JsError::new("what was seen cannot be read"))?;
    let voice = Voice { texts, language, folder: String::new() };
    let browser = Browser::new(resolver, proxy);
    let given = given(Shared { domain, at, seen }, handed, &voice, browser).await?;
    if !root.is_connected() {
        // The page was done with it before all of it was there.
        return Ok(());
    }
    // It fails for a name that is no element's, and these are.
    let _ = name(&root, &voice);
    unfold();
    let props = WholeProps { given, tell };
    let open = yew::Renderer::<Deep>::with_root_and_props(root, props).render();
    OPEN.with(|place| place.replace(Some(open)));
    Ok(())
}

/// Ends what is open, and every request of it.
#[wasm_bindgen]
pub fn close() {
    if let Some(open) = OPEN.with(RefCell::take) {
        open.destroy();
    }
}

/// Says above an element what it holds.
fn name(root: &Element, voice: &Voice) -> Result<(), JsValue> {
    let document = window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let summary = document.create_element("summary")?;
    for (tag, word) in [("h3", "depth.title"), ("span", "depth.about")] {
        let said = document.create_element(tag)?;
        said.set_text_content(Some(&voice.word(word)));
        summary.append_child(&said)?;
    }
    root.before_with_node_1(&summary)
}

/// Shows what `link` asks for, which stands behind the address of the page: the settings, or what
/// somebody else saw, or that it does not hold that.
///
/// # Errors
/// If the browser lacks what it takes.
#[wasm_bindgen]
pub async fn show(
    root: Element,
    link: &str,
    texts: JsValue,
    language: String,
) -> Result<(), JsError> {
    let voice = Voice { texts, language, folder: String::new() };
    if link == SETTINGS {
        voice.learn_words("depth").await;
        let _ = window().and_then(|window| window.document()).map(|document| style(&document));
        yew::Renderer::<Settings>::with_root_and_props(root, settings::Props { voice }).render();
        return Ok(());
    }
    let given = match Shared::unpack(link).await {
        // Nobody is asked for anything.
        Some(shared) => {
            let browser = Browser::new(String::new(), None);
            Some(given(shared, Array::new(), &voice, browser).await?)
        }
        None => None,
    };
    voice.learn_words("depth").await;
    if let Some(given) = &given {
        let findings = given.report.checks.iter().flat_map(|check| &check.findings);
        voice.learn(findings.map(|found| found.finding.rule).collect()).await;
    }
    yew::Renderer::<Shown>::with_root_and_props(root, shared::Props { given, voice }).render();
    Ok(())
}

/// What was seen, judged, with all that the parts of the depth need.
async fn given(
    shared: Shared,
    handed: Array,
    voice: &Voice,
    browser: Option<Browser>,
) -> Result<Given, JsError> {
    let Shared { domain, at, seen } = shared;
    let browser = browser.ok_or_else(|| JsError::new("requests cannot be ended here"))?;
    let document = window().and_then(|window| window.document());
    let document = document.ok_or_else(|| JsError::new("there is no page"))?;
    voice.learn_words("depth").await;
    let _ = style(&document);
    let known = world::known(&document).await.unwrap_or_default();
    let report = judge_again(&domain, at, seen.clone());
    Ok(Given::new(Inner { report, seen, handed, voice: voice.clone(), known, browser }))
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
    use mxray_scan::CheckId;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen::JsCast;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Keys that are put together: the family, and what may follow.
    fn families() -> Vec<String> {
        let columns = crate::hosts::COLUMNS.map(|name| format!("depth.hosts.{name}"));
        let kinds = Kind::ALL.map(|kind| format!("depth.linting.{kind}"));
        // The page says these.
        let checks = CheckId::ALL.map(|id| format!("page.about.{}", id.as_str()));
        let more = ["title", "about", "linting.zone"].map(|name| format!("depth.{name}"));
        columns.into_iter().chain(kinds).chain(checks).chain(more).collect()
    }

    const SOURCE: [&str; 25] = [
        include_str!("after.rs"),
        include_str!("answers.rs"),
        include_str!("certificates.rs"),
        include_str!("changed.rs"),
        include_str!("dane.rs"),
        include_str!("deep.rs"),
        include_str!("exchanges.rs"),
        include_str!("findings.rs"),
        include_str!("forged.rs"),
        include_str!("hosts.rs"),
        include_str!("keep.rs"),
        include_str!("keys.rs"),
        include_str!("linting.rs"),
        include_str!("matrix.rs"),
        include_str!("plan.rs"),
        include_str!("reports.rs"),
        include_str!("second.rs"),
        include_str!("senders.rs"),
        include_str!("sending.rs"),
        include_str!("settings.rs"),
        include_str!("shared.rs"),
        include_str!("shown.rs"),
        include_str!("signing.rs"),
        include_str!("spf.rs"),
        include_str!("told.rs"),
    ];

    /// What is written like a key and is an address, or the name of a file.
    const NO_KEYS: [&str; 5] =
        ["resolver.example", "192.0.2.1", "127.0.0.1", "a.example", "config.json"];

    /// The pieces of the source that are written as keys are.
    fn keys() -> BTreeSet<&'static str> {
        let is_key = |piece: &&str| {
            let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            piece.contains('.')
                && piece.split('.').all(|part| !part.is_empty() && part.chars().all(named))
        };
        let pieces = SOURCE.iter().flat_map(|file| file.split('"')).filter(is_key);
        pieces.filter(|piece| !NO_KEYS.contains(piece)).collect()
    }

    fn table(text: &str) -> BTreeSet<String> {
        text.parse::<toml::Table>().unwrap().into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn every_word_that_is_said_is_written() {
        let written: BTreeSet<String> = [
            include_str!("../../../texts/en/page.toml"),
            include_str!("../../../texts/en/report.toml"),
            include_str!("../../../texts/en/terms.toml"),
            include_str!("../../../texts/en/depth/page.toml"),
            include_str!("../../../texts/en/depth/report.toml"),
            include_str!("../../../texts/en/depth/resolver.toml"),
            include_str!("../../../texts/en/depth/senders.toml"),
            include_str!("../../../texts/en/depth/servers.toml"),
            include_str!("../../../texts/en/depth/spf.toml"),
        ]
        .iter()
        .flat_map(|file| table(file))
        .collect();
        let is_family =
            |key: &str| written.iter().any(|whole| whole.starts_with(&format!("{key}.")));
        let known = |key: &str| written.contains(key) || is_family(key);
        let missing = keys().into_iter().filter(|key| !known(key));
        assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn no_word_of_the_depth_is_left_over() {
        let (keys, families) = (keys(), families());
        let written = table(include_str!("../../../texts/en/depth/page.toml"));
        let left =
            written.iter().filter(|key| !keys.contains(key.as_str()) && !families.contains(key));
        assert_eq!(left.collect::<Vec<_>>(), Vec::<&String>::new());
    }

    // A document is the browser's.
    #[cfg(target_arch = "wasm32")]
    #[wasm_bindgen_test::wasm_bindgen_test]
    async fn what_the_page_has_done_with_is_not_opened() {
        let document = super::window().unwrap().document().unwrap();
        let element = |name| document.create_element(name).unwrap();
        let (there, gone) = (element("details"), element("details"));
        let body = document.query_selector("body").unwrap().unwrap();
        body.append_child(&there).unwrap();
        let mut opened = Vec::new();
        for parent in [&there, &gone] {
            let root = parent.append_child(&element("div")).unwrap().unchecked_into();
            let (seen, tell) = (super::Array::new(), super::Function::default());
            let (resolver, language) = ("https://resolver.example/".to_owned(), "en".to_owned());
            let texts = js_sys::Object::new().into();
            let open =
                super::open(root, "a.example", 0.0, seen, resolver, None, texts, language, tell);
            assert!(open.await.is_ok());
            opened.push(parent.query_selector("summary").unwrap().is_some());
            super::close();
        }
        there.remove();
        assert_eq!(opened, [true, false], "in the page, and no longer in it");
    }
}

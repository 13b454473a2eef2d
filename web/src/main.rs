//! The page: a domain typed, a report read.
//!
//! `index.html` shows the form before anything of this is there, and sends it
//! as a plain GET. Once the settings and the texts are loaded, [`App`] takes its
//! place, with what was typed meanwhile.

mod address;
mod app;
mod depth;
mod scanning;
mod view;

use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlInputElement, window};

use crate::app::{App, Props};
use mxray_browser::{Settings, Voice};

/// Rust's own is made for more threads and larger heaps than a page has, and weighs 1.5 KB of brotli
/// more.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    wasm_bindgen_futures::spawn_local(start());
}

/// Loads what the page needs and puts the app where the form without it stood.
async fn start() {
    let Some(document) = window().and_then(|window| window.document()) else { return };
    let (settings, voice) = futures_util::join!(settings(), Voice::load(&document));
    let (Some(root), Some(settings), Some(voice)) =
        (document.get_element_by_id("app"), settings, voice)
    else {
        reveal(&document, "trouble");
        return;
    };
    let typed = typed_so_far(&document);
    depth::show(&voice);
    yew::Renderer::<App>::with_root_and_props(root, Props { settings, voice, typed }).render();
}

/// The visitor's own, or those that come with the page.
async fn settings() -> Option<Settings> {
    match depth::kept().and_then(|kept| Settings::read(&kept)) {
        None => Settings::load().await,
        kept => kept,
    }
}

/// Shows a sentence that stands in the document for when nothing else can be said.
fn reveal(document: &Document, id: &str) {
    if let Some(element) = document.get_element_by_id(id) {
        // It fails for a name that is no attribute's, and this is one.
        let _ = element.remove_attribute("hidden");
    }
}

fn typed_so_far(document: &Document) -> String {
    let field = document.get_element_by_id("domain");
    field
        .and_then(|field| field.dyn_into::<HtmlInputElement>().ok())
        .map_or_else(String::new, |field| field.value())
}

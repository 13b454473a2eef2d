//! The widget's result: a domain looked at, and told in short, in a page of somebody else's.
//!
//! `web/widget/use.js` loads this when somebody uses the widget, and opens it in a shadow root of the
//! host's page or in a frame of ours. What it shows, it also tells, for the host's own funnel
//! ([`detail`]).

mod card;
pub mod detail;
mod element;
mod to_js;
mod view;

use js_sys::Function;
use mxray_browser::Voice;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;
use yew::AppHandle;

use crate::card::{Card, Happening, Links, Props, Tell};

/// The page's, for the same reason: Rust's own is made for more threads and larger heaps.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// A card that is open in a page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Shown(AppHandle<Card>);

/// Opens an empty card in an element.
///
/// `texts` are those that the build made for the widget, in the `language`; what is rarely said is in
/// the `folder`. The card links to the full `report`, which takes a `?domain=`, and to `cta_href` by the name of `cta_label`, if there is
/// one, opened in `cta_target`. `tell` is called with the name of an event and its [`detail`]; with a
/// result also with all that was seen, of which the engine makes the report.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "JavaScript has no types to put them into")]
pub fn open(
    root: Element,
    texts: JsValue,
    language: String,
    folder: String,
    report: String,
    cta_label: Option<String>,
    cta_href: Option<String>,
    cta_target: String,
    tell: Function,
) -> Shown {
    let links = Links { report, call: cta_label.zip(cta_href), target: cta_target };
    let props = Props { voice: Voice { texts, language, folder }, links, tell: Tell(tell) };
    Shown(yew::Renderer::<Card>::with_root_and_props(root, props).render())
}

#[wasm_bindgen]
impl Shown {
    /// Looks at what somebody typed, and at nothing else any more. The `resolver` is asked for DNS
    /// records (RFC 8484), the `proxy` for the rest, if there is one.
    pub fn scan(&self, typed: String, resolver: String, proxy: Option<String>) {
        self.0.send_message(Happening::Asked { typed, resolver, proxy });
    }

    /// Ends it, with all that is under way.
    pub fn close(self) {
        self.0.destroy();
    }
}

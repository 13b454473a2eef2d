//! What comes after the check: a module of its own, for nobody but those who want it.

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, window};
use yew::prelude::*;

use crate::deep::{Props, part};
use crate::given::Given;

#[wasm_bindgen(module = "/src/after.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = open)]
    async fn open_with(
        module: &str,
        root: &Element,
        domain: &str,
        at: f64,
        seen: &Array,
        resolver: &str,
        proxy: Option<&str>,
        texts: &JsValue,
        language: &str,
    ) -> Result<JsValue, JsValue>;
}

/// Whether it is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Loading,
    Open,
    Failed,
}

/// A button that opens it: below all of the depth, beside its root, since it has a Yew of its own, and each
/// Yew takes every event below its root for one of its elements'.
#[component]
pub(crate) fn After(props: &Props) -> Html {
    let given = &props.given;
    let state = use_state_eq(|| State::Closed);
    let onclick = {
        let (given, state) = (given.clone(), state.setter());
        move |_| {
            let (given, state) = (given.clone(), state.clone());
            state.set(State::Loading);
            spawn_local(async move {
                let opened = open(&given).await;
                state.set(if opened.is_some() { State::Open } else { State::Failed });
            });
        }
    };
    let voice = &given.voice;
    let content = html! {
        <>
            if *state != State::Open {
                <p class="about">{voice.word("depth.after.about")}</p>
                <p class="choices">
                    <button type="button" class="quiet" id="after-open"
                        disabled={*state == State::Loading} {onclick}>
                        {voice.word("depth.after.open")}
                    </button>
                </p>
            }
            if *state == State::Failed {
                <p class="error" role="alert">{voice.word("depth.after.failed")}</p>
            }
        </>
    };
    part("after", voice.word("depth.after"), content)
}

async fn open(given: &Given) -> Option<()> {
    let root = place()?;
    let (report, browser, voice) = (&given.report, &given.browser, &given.voice);
    let module = address()?;
    let opened = open_with(
        &module,
        &root,
        report.domain.as_str(),
        report.at.0 as f64,
        &given.handed,
        &browser.resolver,
        browser.proxy.as_deref(),
        &voice.texts,
        &voice.language,
    );
    opened.await.ok().map(|_| ())
}

/// Made new, so that what could not be loaded can be tried again.
fn place() -> Option<Element> {
    let document = window()?.document()?;
    if let Some(old) = document.get_element_by_id("after-here") {
        old.remove();
    }
    let place = document.create_element("div").ok()?;
    place.set_id("after-here");
    document.get_element_by_id("depth-here")?.append_child(&place).ok()?;
    Some(place)
}

/// The build has put it below the depth.
fn address() -> Option<String> {
    let meta = window()?.document()?.query_selector("meta[name=mxray-depth]").ok()??;
    let depth = meta.get_attribute("content")?;
    let (folder, _) = depth.rsplit_once('/')?;
    Some(format!("{folder}/after/mxray_after.js"))
}

//! The page's own address: `?domain=` is what is looked at, so that a link runs the check again.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Url, UrlSearchParams, Window, window};

/// The domain that the address names, as somebody may have typed it there.
pub(crate) fn domain() -> Option<String> {
    let search = window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get("domain").filter(|domain| !domain.is_empty())
}

/// Makes the address name a domain: as a new step to go back from, unless it names it already.
pub(crate) fn name(domain: &str) {
    let (Some(window), false) = (window(), self::domain().as_deref() == Some(domain)) else {
        return;
    };
    // Without a history the address stays as it is, and all else works.
    let _ = window.history().and_then(|history| {
        history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&link(&window, domain)))
    });
}

/// The address of this page with another domain.
fn link(window: &Window, domain: &str) -> String {
    let here = window.location().href().and_then(|href| Url::new(&href));
    let Ok(here) = here else { return format!("?domain={domain}") };
    here.search_params().set("domain", domain);
    here.set_hash("");
    here.href()
}

/// Calls back when the visitor goes back or forward, as long as the page lives.
pub(crate) fn on_move(moved: impl Fn() + 'static) {
    let moved = Closure::<dyn Fn()>::new(moved).into_js_value();
    let listen =
        |window: Window| window.add_event_listener_with_callback("popstate", moved.unchecked_ref());
    // It fails for what is no function, and this is one.
    let _ = window().map(listen);
}

/// Puts the domain before the page's title, for the tabs and the history.
pub(crate) fn title(domain: Option<&str>) {
    let Some(document) = window().and_then(|window| window.document()) else { return };
    let title = document.title();
    // A domain holds no space, and the page's own words do.
    let own = match title.split_once('·') {
        Some((before, own)) if !before.trim_end().contains(' ') => own.trim_start(),
        _ => &title,
    };
    document
        .set_title(&domain.map_or_else(|| own.to_owned(), |domain| format!("{domain} · {own}")));
}

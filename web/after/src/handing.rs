//! Files to take away.

use mxray_browser::save;
use yew::prelude::*;

/// A button that hands out a file.
pub(crate) fn saving(
    id: &'static str,
    word: String,
    file: impl Fn() -> (String, &'static str, Vec<u8>) + 'static,
) -> Html {
    let onclick = move |_| {
        let (name, kind, content) = file();
        // What a browser does not let a page save, it says itself.
        let _ = save(&name, kind, &content);
    };
    html! { <button type="button" class="quiet" {id} {onclick}>{word}</button> }
}

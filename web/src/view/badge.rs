//! A small sign for how something stands; the word beside it says the same.

use yew::prelude::*;

/// A sign drawn by the style sheet. Screen readers hear the word that follows, not this.
pub(super) fn badge(kind: &str) -> Html {
    html! { <span class={classes!("badge", format!("is-{kind}"))} aria-hidden="true"></span> }
}

//! A small sign for how something stands; the word beside it says the same.

use super::element::{Attribute, Element, element};

/// A sign drawn by the style sheet. Screen readers hear the word that follows, not this.
pub(super) fn badge(kind: &str) -> Element {
    element("span")
        .set(Attribute::Class, ["badge is-", kind].concat())
        .is(Attribute::AriaHidden, "true")
}

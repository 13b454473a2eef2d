//! What opens the depth, which comes below.

use mxray_browser::Voice;
use yew::html::Scope;
use yew::prelude::*;

use super::element::{Attribute, Element, button, classed, element};
use super::heading;
use crate::app::{App, Depth, Happening};

/// What there is to see, and a button to see it.
pub(super) fn depth(voice: &Voice, link: &Scope<App>, depth: Depth) -> Html {
    let open = button(link, voice.word("page.depth.open"), Happening::Deepen);
    let open = open.is(Attribute::Id, "deepen");
    let said = element("p").is(Attribute::Role, "status");
    let (open, said) = match depth {
        Depth::Closed => (Some(open), said.text(voice.word("page.depth.about"))),
        Depth::Opening => {
            (Some(open.is(Attribute::Disabled, "")), said.text(voice.word("page.looking")))
        }
        Depth::Failed => {
            (Some(open), said.is(Attribute::Class, "error").text(voice.word("page.depth.failed")))
        }
        Depth::Open => (None, said),
    };
    let section =
        classed("section", "depth").with(heading(voice, "depth", "page.depth")).with(said);
    open.into_iter().fold(section, Element::with).into()
}

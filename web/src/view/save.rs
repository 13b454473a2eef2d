//! The report to keep, for programs.

use yew::html::Scope;
use yew::prelude::*;

use super::element::{Attribute, button, classed};
use crate::app::{App, Happening, Saving};
use crate::voice::Voice;

/// A button, and what came of it.
pub(super) fn save(voice: &Voice, link: &Scope<App>, saving: &Saving) -> Html {
    let button = button(link, voice.word("page.save"), Happening::Save).is(Attribute::Id, "save");
    let button = match saving {
        Saving::UnderWay => button.is(Attribute::Disabled, ""),
        _ => button,
    };
    let trouble = match saving {
        Saving::Failed => voice.word("page.save.failed"),
        _ => String::new(),
    };
    let said = classed("span", "error").is(Attribute::Role, "status").text(trouble);
    classed("p", "save").with(button).sign(" ").with(said).into()
}

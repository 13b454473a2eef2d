//! The whole of it: one part below the other.

use yew::prelude::*;

use crate::given::Given;
use crate::hosts::Hosts;
use crate::keep::Keep;
use crate::linting::Linting;
use crate::sending::Sending;
use crate::signing::Signing;

/// What each part is given.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) given: Given,
}

/// The depth of a report.
#[component]
pub(crate) fn Depth(props: &Props) -> Html {
    let given = &props.given;
    html! {
        <>
            <Hosts given={given.clone()} />
            <Sending given={given.clone()} />
            <Signing given={given.clone()} />
            <Linting given={given.clone()} />
            <Keep given={given.clone()} />
        </>
    }
}

/// A part, under its heading.
pub(crate) fn part(id: &'static str, heading: String, content: Html) -> Html {
    html! {
        <section class="part" id={id} aria-labelledby={format!("{id}-heading")}>
            <h4 id={format!("{id}-heading")}>{heading}</h4>
            {content}
        </section>
    }
}

//! The whole of it: one part below the other. What the page saw is there at once; what takes more
//! questions comes when they are answered.

use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{abortable, join};
use js_sys::Function;
use mxray_engine::to_json;
use mxray_facts::BimiFacts;
use mxray_scan::depth::{Asked, Depth, depth};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::after::After;
use crate::answers::answers as asked;
use crate::certificates::certificates;
use crate::changed::Changed;
use crate::dane::dane;
use crate::exchanges::{delegation, exchanges};
use crate::findings::found;
use crate::forged::forged;
use crate::given::Given;
use crate::hosts::Hosts;
use crate::keep::Keep;
use crate::keys::keys;
use crate::linting::Linting;
use crate::matrix::matrix;
use crate::plan::plan;
use crate::reports::reports;
use crate::second::Second;
use crate::senders::senders;
use crate::sending::Sending;
use crate::shown::shown;
use crate::signing::Signing;
use crate::spf::spf;
use crate::told::told;

/// What each part is given.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) given: Given,
}

/// What the whole is given.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct WholeProps {
    pub(crate) given: Given,
    /// Hears what the top of the report is to say.
    pub(crate) tell: Function,
}

/// How far the second stage of the scan is.
#[derive(Clone, Debug)]
enum Progress {
    Asking(Asked),
    Done(Rc<Seen>),
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    pub(crate) depth: Depth,
    /// The files that the BIMI record names, where a proxy looked at them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bimi: Option<BimiFacts>,
}

/// The depth of a report.
#[component]
pub(crate) fn Deep(props: &WholeProps) -> Html {
    let given = &props.given;
    let progress = use_state(|| Progress::Asking(Asked { questions: 0, open: 0 }));
    {
        let look = look(given.clone(), progress.setter(), props.tell.clone());
        use_effect_with((), move |()| {
            let (look, handle) = abortable(look);
            // One that was ended has nothing to say.
            spawn_local(look.map(|_| ()));
            move || handle.abort()
        });
    }
    let (above, below, seen) = match &*progress {
        Progress::Asking(asked) => (asking(given, *asked), Html::default(), None),
        Progress::Done(seen) => {
            let above = html! { <>{plan(given, &seen.depth.plan)}{arrival(given, seen)}</> };
            (above, explained(given, seen), Some(seen.clone()))
        }
    };
    html! {
        <>
            {above}
            <Hosts given={given.clone()} />
            {below}
            <Sending given={given.clone()} />
            <Signing given={given.clone()} />
            <Linting given={given.clone()} />
            // Below what is tried, as it comes later.
            {for seen.is_some().then(|| checked_again(given))}
            <Keep given={given.clone()} {seen} />
            <After given={given.clone()} />
        </>
    }
}

async fn look(given: Given, progress: UseStateSetter<Progress>, tell: Function) {
    let observe = |asked| progress.set(Progress::Asking(asked));
    let seen = given.seen.iter().cloned();
    let deep = depth(&given, &given.report, seen, &given.known, &observe);
    let (depth, bimi) = join(Box::pin(deep), Box::pin(given.bimi())).await;
    given.voice.learn(depth.findings.iter().map(|note| note.finding.rule).collect()).await;
    let told = to_json(&told(&given, &depth)).unwrap_or_default();
    progress.set(Progress::Done(Rc::new(Seen { depth, bimi })));
    // Whoever listens no longer wants to know.
    let _ = tell.call1(&JsValue::NULL, &told.into());
}

fn asking(given: &Given, asked: Asked) -> Html {
    let params = vec![("open", asked.open.to_string())];
    html! { <p role="status">{given.voice.with("depth.asking", &params)}</p> }
}

/// What is wrong beyond the report, and how mail arrives.
pub(crate) fn arrival(given: &Given, seen: &Seen) -> Html {
    let deep = &seen.depth;
    html! {
        <>
            {found(given, deep)}
            {matrix(given, &deep.matrix)}
        </>
    }
}

pub(crate) fn explained(given: &Given, seen: &Seen) -> Html {
    let deep = &seen.depth;
    html! {
        <>
            {exchanges(given, &deep.mx)}
            {certificates(given)}
            {dane(given, deep)}
            {delegation(given, &deep.mta_sts)}
            {senders(given, &deep.senders)}
            {spf(given, &deep.spf)}
            {keys(given, &deep.dkim)}
            {forged(given, &deep.dmarc)}
            {reports(given, deep)}
            {shown(given, seen)}
        </>
    }
}

/// What came before, what others say, and how old all of it is.
fn checked_again(given: &Given) -> Html {
    html! {
        <>
            <Changed given={given.clone()} />
            <Second given={given.clone()} />
            {asked(given)}
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

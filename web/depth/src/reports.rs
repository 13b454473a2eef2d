//! Where reports go, and whether they would arrive.

use mxray_browser::Voice;
use mxray_records::harmless;
use mxray_scan::depth::{Depth, Destination, Reports};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// Each place that reports are sent to, if there are any.
pub(crate) fn reports(given: &Given, deep: &Depth) -> Html {
    let voice = &given.voice;
    let destinations: Vec<_> = deep.dmarc.reports.iter().chain(&deep.tls_rpt).collect();
    if destinations.is_empty() {
        return Html::default();
    }
    let content =
        html! { <ul>{for destinations.into_iter().map(|to| destination(voice, to))}</ul> };
    part("reports", voice.word("reports.title"), content)
}

fn destination(voice: &Voice, to: &Destination) -> Html {
    let kind = voice.word(match to.reports {
        Reports::Aggregate => "reports.aggregate",
        Reports::Failure => "reports.failure",
        Reports::Tls => "reports.tls",
    });
    let line = voice.with_one(to.arrival(), "uri", harmless(&to.uri).into_owned());
    let own_way = to.own_way.then(|| voice.word("reports.own-way"));
    html! { <li>{kind}{": "}{line}{for own_way.map(|said| format!(" {said}"))}</li> }
}

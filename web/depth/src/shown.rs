//! What the servers showed, for whoever runs them.

use mxray_browser::Voice;
use mxray_scan::depth::{Line, Shown, servers};
use yew::prelude::*;

use crate::deep::{Seen, part};
use crate::given::Given;

/// Each server and file, with its facts.
pub(crate) fn shown(given: &Given, seen: &Seen) -> Html {
    let voice = &given.voice;
    let servers = servers(&given.report, seen.bimi.as_ref());
    if servers.is_empty() {
        return Html::default();
    }
    part(
        "shown",
        voice.word("servers.title"),
        servers.iter().map(|one| server(voice, one)).collect(),
    )
}

fn server(voice: &Voice, shown: &Shown) -> Html {
    let lines = shown.lines.iter().map(|line| html! { <li>{said(voice, line)}</li> });
    html! {
        <details>
            <summary><code>{voice.sentence(&shown.what)}</code></summary>
            <ul>{for lines}</ul>
        </details>
    }
}

fn said(voice: &Voice, line: &Line) -> String {
    line.iter().map(|sentence| voice.sentence(sentence)).collect::<Vec<_>>().join(" ")
}

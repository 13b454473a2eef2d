//! What became of an SPF record, and what is left to decide.

use std::rc::Rc;

use mxray_scan::Sentence;
use mxray_scan::depth::sending;
use mxray_setup::Published;
use mxray_setup::spf::{Mending, meant, mend};
use yew::prelude::*;

use crate::given::Given;

/// Reads all that the domain's record leads to, and mends it.
pub(crate) async fn mended(given: &Given) -> Rc<Mending> {
    let published = Published::of(&given.report);
    let meant = meant(&published);
    let seen = given.seen.iter().cloned();
    let sending = match meant.text.as_deref() {
        Some(text) => Some(sending(given, &given.report, seen, &given.known, text).await),
        None => None,
    };
    Rc::new(mend(&given.report.domain, &published, meant, sending.as_ref()))
}

/// What is said above the record; nothing yet while it is read.
pub(crate) fn explained(given: &Given, mending: Option<&Mending>) -> Html {
    let voice = &given.voice;
    let Some(mending) = mending else {
        return html! { <p role="status">{voice.word("after.mend.reading")}</p> };
    };
    let answer = match (&mending.draft, mending.open.is_empty()) {
        (Some(_), _) => None,
        (None, true) => Some("after.mend.sound"),
        (None, false) => Some("after.mend.nothing-written"),
    };
    let lookups = mending.lookups.map(|it| {
        let is_same = it.before == it.after;
        let key = if is_same { "after.mend.lookups.same" } else { "after.mend.lookups" };
        let counts = vec![("before", it.before.to_string()), ("after", it.after.to_string())];
        html! { <p id="after-lookups" data-after={it.after.to_string()}>{voice.with(key, &counts)}</p> }
    });
    html! {
        <div id="after-mended">
            {for answer.map(|key| html! { <p><strong>{voice.word(key)}</strong></p> })}
            {for lookups}
            {list(given, "after.mend.done", &mending.done)}
            {list(given, "after.mend.open", &mending.open)}
            {costs(given, mending)}
        </div>
    }
}

fn list(given: &Given, title: &'static str, sentences: &[Sentence]) -> Html {
    let voice = &given.voice;
    if sentences.is_empty() {
        return Html::default();
    }
    let said = sentences.iter().map(|sentence| {
        html! { <li data-mend={sentence.key}>{voice.sentence(sentence)}</li> }
    });
    html! { <><p><strong>{voice.word(title)}</strong></p><ul>{for said}</ul></> }
}

fn costs(given: &Given, mending: &Mending) -> Html {
    let voice = &given.voice;
    if mending.costs.is_empty() {
        return Html::default();
    }
    let rows = mending.costs.iter().map(|cost| {
        let provider = cost.provider.iter().map(|name| format!(" ({name})"));
        html! {
            <tr>
                <th scope="row"><code>{cost.term.clone()}</code>{for provider}</th>
                <td>{cost.lookups}</td>
            </tr>
        }
    });
    html! {
        <div class="scroll" tabindex="0" role="group" aria-label={voice.word("after.mend.cost")}>
            <table id="after-costs">
                <thead><tr>
                    <th scope="col">{voice.word("after.mend.term")}</th>
                    <th scope="col">{voice.word("after.mend.cost")}</th>
                </tr></thead>
                <tbody>{for rows}</tbody>
            </table>
        </div>
    }
}

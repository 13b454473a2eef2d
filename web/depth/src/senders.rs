//! Who honors the policy: what the code of each sender takes from it.

use mxray_browser::Voice;
use mxray_scan::depth::{Because, Honoring};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// A row for each sender, where a policy was read.
pub(crate) fn senders(given: &Given, rows: &[Honoring]) -> Html {
    let voice = &given.voice;
    if rows.is_empty() {
        return Html::default();
    }
    let rows = rows.iter().map(|sender| row(voice, sender));
    let content = html! {
        <div class="scroll" tabindex="0" role="group" aria-labelledby="senders-heading">
            <table><tbody>{for rows}</tbody></table>
        </div>
    };
    part("senders", voice.word("senders.title"), content)
}

fn row(voice: &Voice, row: &Honoring) -> Html {
    let (tone, word) = match row.mode {
        Some("enforce") => ("pass", "enforce".to_owned()),
        Some(mode) => ("warning", mode.to_owned()),
        None => ("fail", voice.word("senders.refused")),
    };
    let uncovered = (!row.uncovered.is_empty())
        .then(|| voice.with_one("senders.uncovered", "hosts", row.uncovered.join(", ")));
    let said = row.because.iter().map(|why| because(voice, why)).chain(uncovered);
    html! {
        <tr data-sender={row.sender.clone()}>
            <th scope="row">
                <a href={row.link.clone()} rel="noreferrer">{&row.sender}</a>
                <div class="because">{&row.version}{", "}{&row.read}</div>
            </th>
            <td>
                <div class={format!("delivery is-{tone}")}>
                    <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}{word}
                </div>
                {for said.map(|said| html! { <div class="because">{said}</div> })}
            </td>
        </tr>
    }
}

fn because(voice: &Voice, because: &Because) -> String {
    let what = match because.done {
        "" => voice.of("senders", because.case),
        done => voice.of("senders", &format!("{}.{done}", because.case)),
    };
    match because.line {
        Some(line) => voice.with("senders.line", &vec![("line", line.to_string()), ("what", what)]),
        None => what,
    }
}

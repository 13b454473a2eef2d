//! Who honors the policy: what the code of each sender takes from it.

use mxray_browser::Voice;
use mxray_facts::Timestamp;
use mxray_scan::depth::{Because, Honoring};
use yew::prelude::*;

use crate::dates::{day, number};
use crate::deep::part;
use crate::given::Given;

/// One line if all read it alike, and a row for each sender, where a policy was read.
pub(crate) fn senders(given: &Given, rows: &[Honoring]) -> Html {
    let voice = &given.voice;
    let Some(first) = rows.first() else { return Html::default() };
    let is_alike = rows.iter().all(|row| reads(row) == reads(first));
    let table = table(voice, "senders-heading", rows);
    let content = html! {
        <>
            <p class="about">{voice.word("depth.senders.about")}</p>
            if is_alike {
                <p data-senders="alike">{alike(voice, first, rows.len())}</p>
                <details><summary>{voice.word("depth.senders.each")}</summary>{table}</details>
            } else {
                {table}
            }
        </>
    };
    part("senders", voice.word("depth.senders"), content)
}

/// A row for each sender, below a heading.
pub(crate) fn table(voice: &Voice, heading: &'static str, rows: &[Honoring]) -> Html {
    html! {
        <div class="scroll" tabindex="0" role="group" aria-labelledby={heading}>
            <table><tbody>{for rows.iter().map(|sender| row(voice, sender))}</tbody></table>
        </div>
    }
}

/// What a sender takes from the policy.
fn reads(row: &Honoring) -> (Option<&'static str>, Option<u32>, &[String], &[String]) {
    (row.mode, row.max_age, &row.mx, &row.uncovered)
}

fn alike(voice: &Voice, row: &Honoring, count: usize) -> String {
    let key =
        if row.mode.is_some() { "depth.senders.alike" } else { "depth.senders.alike.refused" };
    let count = number(voice, count as u64);
    voice.with(key, &vec![("count", count), ("mode", row.mode.unwrap_or_default().to_owned())])
}

/// A policy that is accepted can be one by which mail is lost: so the word says what it is about.
fn row(voice: &Voice, row: &Honoring) -> Html {
    let read = match row.mode {
        Some(mode) => {
            let accepted = voice.with_one("depth.senders.accepted", "mode", mode.to_owned());
            html! { <div class="delivery">{accepted}</div> }
        }
        None => html! {
            <div class="delivery is-fail">
                <span class="badge is-fail" aria-hidden="true" />{" "}{voice.word("senders.refused")}
            </div>
        },
    };
    let uncovered = (!row.uncovered.is_empty())
        .then(|| voice.with_one("senders.uncovered", "hosts", row.uncovered.join(", ")));
    let said = row.because.iter().map(|why| because(voice, why)).chain(uncovered);
    let day = Timestamp::from_rfc3339(&row.read).map_or(row.read.clone(), |at| day(voice, at));
    html! {
        <tr data-sender={row.sender.clone()}>
            <th scope="row">
                <a href={row.link.clone()} rel="noreferrer">{&row.sender}</a>
                <div class="because">{&row.version}{", "}{day}</div>
            </th>
            <td>
                {read}
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

//! How mail arrives: each server against each kind of sender, as a table.

use mxray_scan::Sentence;
use mxray_scan::depth::{Cell, Delivery, Matrix, Row, Way};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// The table; servers to which mail arrives alike share a row.
pub(crate) fn matrix(given: &Given, matrix: &Matrix) -> Html {
    let voice = &given.voice;
    let content = match &matrix.unknown {
        Some(why) => {
            let why = voice.sentence(&Sentence::from(why));
            html! { <p>{voice.with_one("matrix.unknown", "why", why)}</p> }
        }
        None if matrix.hosts.is_empty() => html! { <p>{voice.word("matrix.none")}</p> },
        None => table(given, matrix),
    };
    part("matrix", voice.word("matrix.title"), content)
}

fn table(given: &Given, matrix: &Matrix) -> Html {
    let ways = Way::ALL.map(|way| {
        html! { <th scope="col">{given.voice.of("way", way.as_str())}</th> }
    });
    let rows = alike(&matrix.hosts).into_iter().map(|rows| row(given, &rows));
    html! {
        <div class="scroll" tabindex="0" role="group" aria-labelledby="matrix-heading">
            <table class="matrix">
                <thead><tr><th scope="col">{given.voice.word("depth.hosts.host")}</th>{for ways}</tr></thead>
                <tbody>{for rows}</tbody>
            </table>
        </div>
    }
}

/// Rows with the same cells together, in their order.
fn alike(rows: &[Row]) -> Vec<Vec<&Row>> {
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        match groups.iter_mut().find(|group| group.iter().any(|one| one.cells == row.cells)) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

fn row(given: &Given, rows: &[&Row]) -> Html {
    let hosts = rows.iter().map(|row| html! { <div><code>{row.host.to_string()}</code></div> });
    let cells = rows.first().map(|row| &*row.cells).unwrap_or_default();
    html! {
        <tr>
            <th scope="row">{for hosts}</th>
            {for cells.iter().map(|one| cell(given, one))}
        </tr>
    }
}

fn cell(given: &Given, cell: &Cell) -> Html {
    let (voice, tone) = (&given.voice, tone(cell.delivery));
    html! {
        <td data-way={cell.way.as_str()} data-delivery={cell.delivery.as_str()}>
            <div class={format!("delivery is-{tone}")}>
                <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}
                {voice.of("delivery", cell.delivery.as_str())}
            </div>
            <div class="because">{voice.sentence(&cell.because)}</div>
        </td>
    }
}

fn tone(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Safe => "pass",
        Delivery::Unsafe => "warning",
        Delivery::Refused => "fail",
        Delivery::Unknown => "unknown",
    }
}

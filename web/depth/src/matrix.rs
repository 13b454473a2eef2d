//! How mail arrives: each kind of sender against each server, drawn, in a table.

use mxray_scan::Sentence;
use mxray_scan::depth::{Cell, Delivery, Matrix, Row, Way};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// More groups of servers than these do not stand side by side.
const MOST_COLUMNS: usize = 4;

/// The table; servers to which mail arrives alike share a column.
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

/// It says by its roles what it is, as a narrow screen shows it as no table.
fn table(given: &Given, matrix: &Matrix) -> Html {
    let groups = alike(&matrix.hosts);
    let hosts = groups.iter().map(|group| {
        html! { <th scope="col" role="columnheader">{names(group)}</th> }
    });
    let rows = Way::ALL.iter().enumerate().map(|(place, way)| row(given, &groups, place, *way));
    let class = classes!(
        "matrix",
        (groups.len() > MOST_COLUMNS).then_some("stacked"),
        (groups.len() > 1).then_some("several"),
    );
    html! {
        <table class={class} role="table" aria-labelledby="matrix-heading">
            <thead role="rowgroup">
                <tr role="row">
                    <th scope="col" role="columnheader">{given.voice.word("depth.matrix.sender")}</th>
                    {for hosts}
                </tr>
            </thead>
            <tbody role="rowgroup">{for rows}</tbody>
        </table>
    }
}

/// Servers with the same cells together, in their order.
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

fn names(group: &[&Row]) -> Html {
    group.iter().map(|row| html! { <div><code>{row.host.to_string()}</code></div> }).collect()
}

fn row(given: &Given, groups: &[Vec<&Row>], place: usize, way: Way) -> Html {
    let cells = groups.iter().filter_map(|group| {
        let cell = group.first()?.cells.get(place)?;
        Some(self::cell(given, group, cell))
    });
    html! {
        <tr role="row">
            <th scope="row" role="rowheader">{given.voice.of("way", way.as_str())}</th>
            {for cells}
        </tr>
    }
}

fn cell(given: &Given, group: &[&Row], cell: &Cell) -> Html {
    let (voice, tone) = (&given.voice, tone(cell.delivery));
    html! {
        <td role="cell" data-way={cell.way.as_str()} data-delivery={cell.delivery.as_str()}>
            // The head of the column says it, where there are columns.
            <div class="host" aria-hidden="true">{names(group)}</div>
            <div class={format!("delivery is-{tone}")}>
                {drawn(cell.delivery)}{" "}
                <span>{voice.of("delivery", cell.delivery.as_str())}</span>
            </div>
            <div class="because">{voice.sentence(&cell.because)}</div>
        </td>
    }
}

/// The way from the sender to the server: whole and locked, broken and open, barred, or lost.
fn drawn(delivery: Delivery) -> Html {
    let way = match delivery {
        Delivery::Safe => html! {
            <>
                <path class="way" d="M10 12H60" />
                <path class="lock" d="M30 11h10v8H30z" />
                <path class="way" d="M32 11V8a3 3 0 0 1 6 0v3" />
            </>
        },
        Delivery::Unsafe => html! {
            <>
                <path class="way broken" d="M10 12H28M42 12H60" />
                <path class="open" d="M30 11h10v8H30z" />
                <path class="way" d="M32 11V6a3 3 0 0 1 6 0" />
            </>
        },
        Delivery::Refused => {
            html! { <path class="way" d="M10 12H34M34 4V20M40 8l8 8M48 8l-8 8" /> }
        }
        Delivery::Unknown => html! { <path class="way lost" d="M10 12H60" /> },
    };
    html! {
        <svg class="path" viewBox="0 0 72 24" aria-hidden="true">
            <circle class="end" cx="6" cy="12" r="4" />
            {way}
            <path class="end" d="M60 6h10v12H60z" />
        </svg>
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

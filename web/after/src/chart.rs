//! What was reported over time, drawn: a strip of bars for all, for each sender and for each reason.

use mxray_facts::Timestamp;
use mxray_reports::{Picture, PictureRow, RowOf, Sessions};
use yew::prelude::*;

use crate::changes::days;
use crate::given::Given;

/// The height of a strip, and the width of a column; it is stretched to what room there is.
const HEIGHT: f64 = 40.0;
const WIDTH: f64 = 10.0;

/// The least of a bar that can be seen.
const LEAST: f64 = 3.0;

/// The strips, and the same as a table.
pub(crate) fn chart(given: &Given, picture: &Picture) -> Html {
    let voice = &given.voice;
    let (Some(first), Some(last)) = (picture.columns.first(), picture.columns.last()) else {
        return Html::default();
    };
    let each = voice.with_one("reports.picture.each", "days", days(voice, picture.days));
    let left_out = (picture.senders_left_out > 0).then(|| {
        let count = picture.senders_left_out.to_string();
        voice.with_one("reports.picture.left-out", "count", count)
    });
    html! {
        <figure id="after-picture" class="picture">
            <figcaption>
                <strong>{voice.word("reports.picture")}</strong>
                <p class="about">{each}{" "}{voice.word("reports.picture.legend")}</p>
            </figcaption>
            {stripes()}
            {for picture.rows.iter().map(|row| strip(given, picture, row))}
            <p class="ends"><span>{given.day(*first)}</span><span>{given.day(*last)}</span></p>
            {for left_out.map(|said| html! { <p class="about">{said}</p> })}
            {table(given, picture)}
        </figure>
    }
}

/// How failures are filled: to be told apart without colors, and on paper.
fn stripes() -> Html {
    html! {
        <svg width="0" height="0" aria-hidden="true">
            <pattern id="after-stripes" width="4" height="4" patternUnits="userSpaceOnUse">
                <rect class="stripe" width="4" height="2.5" />
            </pattern>
        </svg>
    }
}

fn strip(given: &Given, picture: &Picture, row: &PictureRow) -> Html {
    let name = name(given, &row.of);
    let whole = row.cells.iter().copied().fold(Sessions::default(), Sessions::with);
    let said = said(given, &row.of, whole);
    let most = row.cells.iter().map(|cell| cell.total()).max().unwrap_or(0).max(1) as f64;
    let bars = row.cells.iter().zip(&picture.columns).enumerate();
    let bars = bars.map(|(place, (cell, from))| bar(given, &row.of, place, most, *cell, *from));
    let width = WIDTH * row.cells.len() as f64;
    html! {
        <div class="strip" data-strip={kind(&row.of)}>
            <p><span>{name.clone()}</span><span>{said.clone()}</span></p>
            <svg viewBox={format!("0 0 {width} {HEIGHT}")} preserveAspectRatio="none" role="img"
                aria-label={format!("{name}: {said}")}>
                {for bars}
                <line class="ground" x1="0" x2={width.to_string()} y1={HEIGHT.to_string()}
                    y2={HEIGHT.to_string()} />
            </svg>
        </div>
    }
}

/// All sessions of a column, and from the ground up those that failed.
fn bar(
    given: &Given,
    of: &RowOf,
    place: usize,
    most: f64,
    cell: Sessions,
    from: Timestamp,
) -> Html {
    if cell.total() == 0 {
        return Html::default();
    }
    let tall = |count: u64| (count as f64 / most * HEIGHT).max(LEAST);
    let rect = |class: &'static str, fill: Option<&'static str>, height: f64| {
        let (x, width) = (place as f64 * WIDTH + WIDTH * 0.1, WIDTH * 0.8);
        html! {
            <rect {class} {fill} x={x.to_string()} y={(HEIGHT - height).to_string()}
                width={width.to_string()} height={height.to_string()} />
        }
    };
    html! {
        <g>
            <title>{format!("{}: {}", given.day(from), said(given, of, cell))}</title>
            {rect("all", None, tall(cell.total()))}
            if cell.failed > 0 {
                {rect("failed", Some("url(#after-stripes)"), tall(cell.failed))}
            }
        </g>
    }
}

/// A row for each column of the picture, in which there is anything.
fn table(given: &Given, picture: &Picture) -> Html {
    let voice = &given.voice;
    let heads =
        picture.rows.iter().map(|row| html! { <th scope="col">{name(given, &row.of)}</th> });
    let rows = picture.columns.iter().enumerate().filter(|(place, _)| {
        picture.rows.iter().any(|row| row.cells.get(*place).is_some_and(|cell| cell.total() > 0))
    });
    let rows = rows.map(|(place, from)| {
        let cells = picture.rows.iter().map(|row| {
            let cell = row.cells.get(place).copied().unwrap_or_default();
            html! { <td>{if cell.total() == 0 { "–".to_owned() } else { said(given, &row.of, cell) }}</td> }
        });
        html! { <tr><th scope="row">{given.day(*from)}</th>{for cells}</tr> }
    });
    html! {
        <details>
            <summary>{voice.word("reports.picture.table")}</summary>
            <div class="scroll" tabindex="0" role="group" aria-label={voice.word("reports.picture")}>
                <table>
                    <thead><tr><th scope="col">{voice.word("reports.picture.from")}</th>{for heads}</tr></thead>
                    <tbody>{for rows}</tbody>
                </table>
            </div>
        </details>
    }
}

fn said(given: &Given, of: &RowOf, sessions: Sessions) -> String {
    let voice = &given.voice;
    match of {
        RowOf::Result(_) => {
            voice.with_one("reports.picture.failed", "failed", sessions.failed.to_string())
        }
        _ => {
            let (failed, total) = (sessions.failed.to_string(), sessions.total().to_string());
            voice.with("reports.row", &vec![("failed", failed), ("total", total)])
        }
    }
}

fn kind(of: &RowOf) -> &'static str {
    match of {
        RowOf::All => "all",
        RowOf::Sender(_) => "sender",
        RowOf::Result(_) => "result",
    }
}

fn name(given: &Given, of: &RowOf) -> String {
    let voice = &given.voice;
    match of {
        RowOf::All => voice.word("reports.picture.all"),
        RowOf::Sender(name) if name.is_empty() => voice.word("reports.nobody"),
        RowOf::Sender(name) => name.clone(),
        RowOf::Result(result) => {
            let kind = result.as_str().to_owned();
            voice.with_one(&format!("reports.result.{}", result.key()), "type", kind)
        }
    }
}

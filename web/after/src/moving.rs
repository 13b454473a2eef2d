//! A move to other mail servers, tried before it is made.

use mxray_scan::depth::{Published, honoring};
use mxray_setup::Published as Now;
use mxray_setup::formats::TTL;
use mxray_setup::moving::{DESTINATIONS, Move, Phase, Step, destination, work_out};
use yew::prelude::*;

use crate::app::{Form, part};
use crate::changes::{area, choice, copyable, mark, place, soon};
use crate::given::{Given, now};
use crate::typed::lines;

/// Where to, and what that takes.
pub(crate) fn moving(given: &Given, form: &Form) -> Html {
    let (voice, typed) = (&given.voice, &form.typed);
    let domain = &given.report.domain;
    let to = lines(
        &typed.to.to_ascii_lowercase().replace("{dashed}", &domain.as_str().replace('.', "-")),
    );
    let chosen = DESTINATIONS.iter().find(|(name, _)| destination(name, domain) == to);
    let chosen = chosen.map_or("", |(name, _)| *name);
    let none = (String::new(), voice.word("after.provider.none"));
    let names = DESTINATIONS.iter().map(|(name, _)| ((*name).to_owned(), (*name).to_owned()));
    let providers = [none].into_iter().chain(names).collect();
    let result = if to.is_empty() { Html::default() } else { way(given, to) };
    let content = html! {
        <>
            <form class="trial" onsubmit={|event: SubmitEvent| event.prevent_default()}>
                {choice(voice, form, "provider", providers, chosen, |all, name| {
                    let hosts = DESTINATIONS.iter().find(|(known, _)| *known == name);
                    all.to = hosts.map(|(_, hosts)| hosts.join("\n")).unwrap_or_default();
                })}
                {area(voice, form, "to", to_shown(given, &typed.to), |all, text| all.to = text)}
            </form>
            {result}
        </>
    };
    part("after-move", voice.word("after.move"), content)
}

/// The hosts as they are for this domain.
fn to_shown(given: &Given, typed: &str) -> String {
    typed.replace("{dashed}", &given.report.domain.as_str().replace('.', "-"))
}

fn way(given: &Given, to: Vec<String>) -> Html {
    let voice = &given.voice;
    let published = Now::of(&given.report);
    let mut from: Vec<String> = given.report.hosts.iter().map(|it| it.host.to_string()).collect();
    from.dedup();
    let way = work_out(
        &Move {
            domain: given.report.domain.clone(),
            from,
            to,
            policy: published.policy(),
            record_ttl: published.mta_sts_ttl.unwrap_or(TTL),
            mx_ttl: published.mx_ttl.unwrap_or(TTL),
        },
        now(),
    );
    let traps = way.traps.iter().map(|trap| {
        html! {
            <p data-trap={trap.key}>
                <span class="badge is-warning" aria-hidden="true" />{" "}{voice.sentence(trap)}
            </p>
        }
    });
    let before = [None].into_iter().chain(way.steps.iter().map(Some));
    let steps = way.steps.iter().zip(before).map(|(it, before)| step(given, it, before));
    html! {
        <>
            {for traps}
            if way.steps.is_empty() {
                <p>{voice.word("after.nothing-to-do")}</p>
            }
            <ol class="plan" id="after-way">{for steps}</ol>
            {for way.phases.iter().map(|it| phase(given, it))}
        </>
    }
}

fn step(given: &Given, step: &Step, before: Option<&Step>) -> Html {
    let voice = &given.voice;
    let (earliest, safe) = (given.day(step.earliest), given.day(step.safe));
    let before = before.filter(|before| given.day(before.safe) == safe);
    let when = match before.and_then(|before| soon(given, before.earliest, step.earliest)) {
        Some(soon) => soon,
        None if earliest == safe => voice.with_one("moving.from", "date", earliest),
        None => voice.with("moving.from-safely", &vec![("date", earliest), ("safe", safe)]),
    };
    let writes =
        step.writes.iter().map(|(where_to, text)| copyable(given, place(voice, where_to), text));
    html! {
        <li data-step={step.what.key}>
            <p><strong>{voice.sentence(&step.what)}</strong>{" "}<span class="who">{when}</span></p>
            {for writes}
        </li>
    }
}

/// Who is refused by whom, while this is published.
fn phase(given: &Given, phase: &Phase) -> Html {
    let voice = &given.voice;
    let rows = phase.hosts.iter().map(|host| {
        html! {
            <tr>
                <th scope="row"><code>{host.host.clone()}</code></th>
                <td>{mark(voice, Some(host.now))}</td>
                <td>{mark(voice, Some(host.remembered))}</td>
            </tr>
        }
    });
    if phase.policy.is_empty() {
        return Html::default();
    }
    html! {
        <div class="scroll" data-phase={phase.name} tabindex="0" role="group" aria-labelledby="after-move-heading">
            <table>
                <thead><tr>
                    <th scope="col">{voice.word(phase.name)}</th>
                    <th scope="col">{voice.word("moving.covered")}</th>
                    <th scope="col">{voice.word("moving.remembered")}</th>
                </tr></thead>
                <tbody>{for rows}</tbody>
            </table>
            {senders(given, phase)}
        </div>
    }
}

/// What each sender makes of the policy while it is served.
fn senders(given: &Given, phase: &Phase) -> Html {
    let voice = &given.voice;
    let hosts: Vec<String> = phase.hosts.iter().map(|it| it.host.clone()).collect();
    let content_type = Some("text/plain; charset=utf-8");
    let published = Published { policy: &phase.policy, content_type, mx: &hosts };
    let rows = honoring(&given.known.senders, published).into_iter().map(|row| {
        let uncovered = row.uncovered.join(", ");
        html! {
            <tr data-sender={row.sender.clone()}>
                <th scope="row">{row.sender}</th>
                <td>{mark(voice, Some(row.accepted))}</td>
                <td><code>{if uncovered.is_empty() { "–".to_owned() } else { uncovered }}</code></td>
            </tr>
        }
    });
    html! {
        <details>
            <summary>{voice.word("moving.senders")}</summary>
            <table>
                <thead><tr>
                    <th scope="col">{voice.word("moving.sender")}</th>
                    <th scope="col">{voice.word("moving.accepts")}</th>
                    <th scope="col">{voice.word("moving.refuses")}</th>
                </tr></thead>
                <tbody>{for rows}</tbody>
            </table>
        </details>
    }
}

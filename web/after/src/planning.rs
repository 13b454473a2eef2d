//! When what may be done, and how to go back.

use mxray_browser::{Copy, Voice};
use mxray_facts::Timestamp;
use mxray_reports::Summary;
use mxray_setup::calendar::{Entry, calendar, ticket};
use mxray_setup::rollout::{Need, Reports, Rollout, Standing, Step};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::{Form, part};
use crate::changes::{choice, days, field, mark, soon};
use crate::given::{Given, now};
use crate::handing::saving;

/// Days of clean reports to choose from.
const CLEAN_DAYS: [u32; 4] = [7, 14, 30, 60];

/// Needs and dates.
pub(crate) fn planning(given: &Given, form: &Form, read: Option<&Summary>) -> Html {
    let (voice, typed) = (&given.voice, &form.typed);
    let standing = standing(given, form, read);
    let rollout =
        if typed.back { standing.to_none() } else { standing.to_enforce(typed.clean_days) };
    let clean = CLEAN_DAYS.map(|count| (count.to_string(), days(voice, count)));
    let back = {
        let form = form.clone();
        move |event: Event| {
            let ticked = event.target_dyn_into::<HtmlInputElement>();
            let ticked = ticked.is_some_and(|ticked| ticked.checked());
            form.change(move |all| all.back = ticked);
        }
    };
    let content = html! {
        <>
            <p>{voice.of("after.stands", standing.stage.as_str())}</p>
            <form class="trial" onsubmit={|event: SubmitEvent| event.prevent_default()}>
                {choice(voice, form, "clean-days", clean.to_vec(), &typed.clean_days.to_string(), |all, days| {
                    all.clean_days = days.parse().unwrap_or(14);
                })}
                {field(voice, form, "since", typed.since.clone(), |all, since| all.since = since)}
                <label>
                    <input type="checkbox" id="back" checked={typed.back} onchange={back} />
                    {" "}{voice.word("after.back")}
                </label>
            </form>
            {needs(voice, &rollout.needs)}
            {steps(given, &rollout)}
        </>
    };
    part("after-plan", voice.word("after.plan"), content)
}

/// Where the domain stands: what the scan saw, what somebody knows better, and the reports that were read.
fn standing(given: &Given, form: &Form, read: Option<&Summary>) -> Standing {
    let seen = Standing::of(&given.report);
    let typed = Timestamp::from_rfc3339(form.typed.since.trim());
    let reports = read.and_then(|read| {
        Some(Reports { begin: read.begin?, end: read.end?, safe: read.enforce_is_safe() })
    });
    Standing { now: now(), since: typed.or(seen.since), reports, ..seen }
}

fn needs(voice: &Voice, needs: &[Need]) -> Html {
    if needs.is_empty() {
        return Html::default();
    }
    let rows = needs.iter().map(|need| {
        html! {
            <li data-need={need.what.key}>{mark(voice, need.met)}{": "}{voice.sentence(&need.what)}</li>
        }
    });
    html! { <><p>{voice.word("after.needs")}</p><ul id="after-needs">{for rows}</ul></> }
}

fn steps(given: &Given, rollout: &Rollout) -> Html {
    let voice = &given.voice;
    if rollout.steps.is_empty() {
        return html! { <p>{voice.word("after.nothing-to-do")}</p> };
    }
    let before = [None].into_iter().chain(rollout.steps.iter().map(|step| Some(step.at)));
    let rows = rollout.steps.iter().zip(before).map(|(step, before)| {
        let soon = before.and_then(|before| soon(given, before, step.at));
        let when = soon.unwrap_or_else(|| given.day(step.at));
        html! {
            <li data-step={step.what.key}>
                <strong>{when}</strong>{": "}{voice.sentence(&step.what)}
            </li>
        }
    });
    let domain = given.report.domain.clone();
    let title = voice.with_one("after.ticket", "domain", domain.to_string());
    let entries: Vec<Entry> =
        rollout.steps.iter().map(|step| entry(voice, &domain, step)).collect();
    let text = ticket(&title, &entries);
    let dates = move || {
        let content = calendar(&domain, now(), &entries).into_bytes();
        (format!("mxray-{domain}.ics"), "text/calendar", content)
    };
    html! {
        <>
            <ol id="after-steps">{for rows}</ol>
            <p class="choices">
                {saving("after-calendar", voice.word("after.calendar"), dates)}
                <Copy copied={given.voice.word("page.copied")} {text} word={voice.word("after.copy-ticket")} />
            </p>
        </>
    }
}

fn entry(voice: &Voice, domain: &mxray_facts::Domain, step: &Step) -> Entry {
    let text = voice.sentence(&step.what);
    Entry { at: step.at, title: format!("{domain}: {text}"), text }
}

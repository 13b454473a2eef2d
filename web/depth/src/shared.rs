//! A result that came by a link: what somebody else saw, judged here.

use std::rc::Rc;

use js_sys::{Array, Date, Intl, Object, Reflect};
use mxray_browser::told::Worse;
use mxray_browser::{Layout, Mark, Part, Voice};
use mxray_facts::{Timestamp, Unobserved};
use mxray_scan::depth::judge_depth;
use mxray_scan::{Answer, Check, Report, Sentence, Source, Verdict};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::dates::day;
use crate::deep::{Seen, arrival, explained};
use crate::findings::noted;
use crate::given::Given;
use crate::hosts::Hosts;
use crate::keep::found;
use crate::marked::marked;
use crate::plan::plan;
use crate::told::told;

/// The result, or nothing of it if the link holds none.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) given: Option<Given>,
    pub(crate) voice: Voice,
}

/// What was shared.
#[component]
pub(crate) fn Shown(props: &Props) -> Html {
    match &props.given {
        Some(given) => shown(given),
        None => html! {
            <p id="shared" class="error" role="alert">{props.voice.word("depth.shared.broken")}</p>
        },
    }
}

fn shown(given: &Given) -> Html {
    let (voice, report) = (&given.voice, &given.report);
    let depth = judge_depth(report, given.seen.clone(), &Unobserved::NotCovered, &given.known);
    let worse = told(given, &depth).worse;
    let seen = Seen { depth, bimi: None };
    let checks = report.checks.iter().map(|check| {
        self::check(given, check, worse.iter().find(|worse| worse.check == check.id.as_str()))
    });
    let stage = voice.of("page.stage", report.stage_said());
    html! {
        <section id="shared" aria-labelledby="shared-heading" data-domain={report.domain.to_string()}>
            <h2 id="shared-heading">{voice.word("page.report")}{" "}<strong>{report.domain.to_string()}</strong></h2>
            {origin(voice, report.domain.as_str(), report.at)}
            {alarm(voice, report)}
            <div class="answers">
                {answer(voice, "transport", &report.transport)}
                {answer(voice, "forgery", &report.forgery)}
            </div>
            <section aria-labelledby="shared-stage" data-stage={report.stage.as_str()}>
                <h3 id="shared-stage">{voice.word("page.stage")}</h3>
                <p>{stage}</p>
            </section>
            {plan(given, &seen.depth.plan)}
            <section class="checks" aria-labelledby="shared-checks">
                <h3 id="shared-checks">{voice.word("page.checks")}</h3>
                {for checks}
            </section>
            {arrival(given, &seen)}
            <Hosts given={given.clone()} />
            {explained(given, &seen)}
        </section>
    }
}

/// What could not wait when somebody saw it.
fn alarm(voice: &Voice, report: &Report) -> Html {
    if report.alarms.is_empty() {
        return Html::default();
    }
    let alarms = report.alarms.iter().filter_map(|step| found(report, step)).map(|finding| {
        html! { <li data-alarm={finding.rule.code}>{voice.finding(finding, Part::Title)}</li> }
    });
    html! {
        <section class="alarm" aria-labelledby="shared-alarm">
            <h3 id="shared-alarm">{voice.word("report.alarm")}</h3>
            <ul>{for alarms}</ul>
        </section>
    }
}

/// Whose result it is, how old, and how to look anew.
fn origin(voice: &Voice, domain: &str, at: Timestamp) -> Html {
    let params = vec![("date", day(voice, at)), ("age", age(voice, at))];
    html! {
        <p class="note">
            {voice.with("depth.shared.origin", &params)}{" "}
            <a href={format!("?domain={domain}")}>{voice.word("depth.shared.now")}</a>
        </p>
    }
}

/// “3 days ago”, “today”, as people of this language say it.
fn age(voice: &Voice, at: Timestamp) -> String {
    let now = Timestamp((Date::now() / 1000.0) as i64);
    let options = Object::new();
    // It fails for an object that is frozen, and this is not.
    let _ = Reflect::set(&options, &"numeric".into(), &"auto".into());
    let language = Array::of1(&JsValue::from_str(&voice.language));
    let days = at.days_until(now).max(0);
    Intl::RelativeTimeFormat::new(&language, &options).format(-(days as f64), "day").into()
}

fn answer(voice: &Voice, question: &'static str, answer: &Answer) -> Html {
    let protection = answer.protection.as_str();
    html! {
        <section class={format!("answer is-{protection}")} data-answer={question}
            data-protection={protection} aria-labelledby={format!("shared-{question}")}>
            <h3 id={format!("shared-{question}")}>{voice.of("question", question)}</h3>
            <p class="word">
                <span class={format!("badge is-{protection}")} aria-hidden="true" />{" "}
                {voice.of("protection", protection)}
            </p>
            <p>{voice.sentence(&answer.because)}</p>
        </section>
    }
}

fn check(given: &Given, check: &Rc<Check>, worse: Option<&Worse>) -> Html {
    let voice = &given.voice;
    let id = check.id.as_str();
    let (verdict, said) = match worse {
        Some(worse) => (worse.verdict.clone(), worse.what.clone()),
        None => (check.verdict.as_str().to_owned(), voice.sentence(&check.summary)),
    };
    let findings = check.findings.iter().map(|found| &found.finding).enumerate();
    let findings =
        findings.map(|(index, finding)| noted(given, &format!("shared-{id}"), index, finding));
    let gaps = check.gaps.iter().map(|gap| {
        let why = voice.sentence(&Sentence::from(&gap.reason));
        html! { <li><code>{mxray_records::harmless(&gap.what).into_owned()}</code>{": "}{why}</li> }
    });
    // What is wrong is open to be read; the rest is a click away.
    let open = worse.is_some() || matches!(check.verdict, Verdict::Fail | Verdict::Warning);
    let evidence = (0..check.evidence.len()).map(|index| evidence(given, check, index));
    html! {
        <details class="check" data-check={id} data-verdict={verdict.clone()} {open}>
            <summary class="head">
                <span class={format!("badge is-{verdict}")} aria-hidden="true" />
                <h4 class="name">{voice.of("check", id)}</h4>
                <span class={format!("verdict is-{verdict}")}>{voice.of("verdict", &verdict)}</span>
                <span class="sentence">{said}</span>
            </summary>
            <div class="body">{for findings}{for evidence}<ul>{for gaps}</ul></div>
        </details>
    }
}

/// What was seen: the texts as they were, underlined where a finding is about them.
fn evidence(given: &Given, check: &Check, index: usize) -> Html {
    let Some(evidence) = check.evidence.get(index) else { return Html::default() };
    let (place, layout) = match &evidence.source {
        Source::Dns { name, record_type, .. } => {
            (html! { <><code>{name.to_string()}</code>{" "}{*record_type}</> }, Layout::Record)
        }
        Source::Policy(fetch) => (html! { <code>{fetch.host.to_string()}</code> }, Layout::Lines),
    };
    let missing = given.voice.word("page.missing");
    let texts = evidence.texts.iter().enumerate().map(|(record, line)| {
        let marks = check.findings.iter().enumerate().filter_map(|(number, found)| {
            let there = found.finding.place.filter(|place| place.record == record)?;
            let severity = found.finding.rule.severity;
            let target = format!("shared-{}-{}", check.id.as_str(), number + 1);
            (found.evidence == Some(index)).then_some(Mark { span: there.span, severity, target })
        });
        marked(&line.text, layout, &marks.collect::<Vec<_>>(), &missing)
    });
    html! { <figure class="evidence"><figcaption>{place}</figcaption>{for texts}</figure> }
}

//! May this server send in the domain's name? SPF, as a receiver evaluates it (RFC 7208 §4).

use std::net::IpAddr;
use std::rc::Rc;

use js_sys::Date;
use mxray_browser::Voice;
use mxray_facts::Timestamp;
use mxray_records::harmless;
use mxray_scan::Sentence;
use mxray_scan::spf::{
    Attempt, Evaluation, MAX_LOOKUPS, MAX_VOID_LOOKUPS, Outcome, Reason, Step, StepProgress, Visit,
    check_host,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::deep::{Props, part};
use crate::given::Given;

/// How far a trial is.
#[derive(Clone, PartialEq)]
enum Trial {
    /// Nobody tried.
    None,
    /// What was typed is no address.
    NoAddress,
    /// Its questions are under way.
    UnderWay,
    /// It came to this.
    Done(Rc<(Attempt, Evaluation)>),
}

/// A field for an address, and what SPF says of it.
#[component]
pub(crate) fn Sending(props: &Props) -> Html {
    let trial = use_state(|| Trial::None);
    let field = use_node_ref();
    let voice = &props.given.voice;
    let onsubmit = {
        let (given, trial, field) = (props.given.clone(), trial.setter(), field.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let typed = field.cast::<HtmlInputElement>().map(|field| field.value());
            match typed.unwrap_or_default().trim().parse() {
                Ok(ip) => attempt(given.clone(), ip, trial.clone()),
                Err(_) => trial.set(Trial::NoAddress),
            }
        }
    };
    let wrong = *trial == Trial::NoAddress;
    let content = html! {
        <>
            <p class="about">{voice.word("depth.sending.about")}</p>
            <form class="trial" {onsubmit} novalidate=true>
                <label for="sending-ip">{voice.word("depth.sending.ip")}</label>
                <div class="field">
                    <input id="sending-ip" ref={field} type="text" inputmode="text" autocomplete="off"
                        autocapitalize="none" spellcheck="false" placeholder="192.0.2.1"
                        maxlength="45" aria-describedby="sending-said"
                        aria-invalid={wrong.to_string()} />
                    <button type="submit" disabled={*trial == Trial::UnderWay}>
                        {voice.word("depth.sending.try")}
                    </button>
                </div>
            </form>
            <div id="sending-said" aria-live="polite">{said(voice, &trial)}</div>
        </>
    };
    part("sending", voice.word("depth.sending"), content)
}

fn attempt(given: Given, ip: IpAddr, trial: UseStateSetter<Trial>) {
    trial.set(Trial::UnderWay);
    let domain = given.report.domain.to_string();
    let attempt = Attempt {
        ip,
        sender: format!("postmaster@{domain}"),
        helo: domain.clone(),
        domain,
        at: Timestamp((Date::now() / 1000.0) as i64),
    };
    spawn_local(async move {
        let evaluation = check_host(&given, &attempt).await;
        trial.set(Trial::Done(Rc::new((attempt, evaluation))));
    });
}

fn said(voice: &Voice, trial: &Trial) -> Html {
    match trial {
        Trial::None => Html::default(),
        Trial::NoAddress => {
            html! { <p class="error">{voice.word("depth.sending.no-address")}</p> }
        }
        Trial::UnderWay => html! { <p>{voice.word("page.looking")}</p> },
        Trial::Done(came) => result(voice, &came.0, &came.1),
    }
}

fn result(voice: &Voice, attempt: &Attempt, evaluation: &Evaluation) -> Html {
    let word = evaluation.result.as_str();
    let sentence = voice.with_one(&format!("spf.result.{word}"), "ip", attempt.ip.to_string());
    let counts = vec![
        ("lookups", evaluation.lookups.to_string()),
        ("most", MAX_LOOKUPS.to_string()),
        ("void", evaluation.void_lookups.to_string()),
        ("most_void", MAX_VOID_LOOKUPS.to_string()),
    ];
    html! {
        <>
            <p data-result={word} class={format!("is-{}", tone(evaluation.result))}>
                <span class={format!("badge is-{}", tone(evaluation.result))} aria-hidden="true" />
                {" "}<strong>{word}</strong>{": "}{sentence}
            </p>
            <p>{reason(voice, &evaluation.reason)}</p>
            {explanation(voice, attempt, evaluation)}
            <p class="about">{voice.with("spf.lookups", &counts)}</p>
            if attempt.ip.is_ipv6() && evaluation.void_lookups > 0 {
                <p class="about">{voice.word("depth.sending.void-ipv6")}</p>
            }
            {visit(voice, &evaluation.visit)}
        </>
    }
}

/// A stranger's words, said to be theirs.
fn explanation(voice: &Voice, attempt: &Attempt, evaluation: &Evaluation) -> Html {
    let Some(text) = &evaluation.explanation else { return Html::default() };
    let whose = voice.with_one("spf.explanation", "domain", attempt.domain.clone());
    html! { <p>{whose}{" "}<q>{harmless(text).into_owned()}</q></p> }
}

fn reason(voice: &Voice, reason: &Reason) -> String {
    let said = voice.sentence(&Sentence::from(reason));
    let Reason::Unobserved { name, record_type, .. } = reason else { return said };
    let params =
        vec![("name", name.to_string()), ("type", record_type.as_str().to_owned()), ("why", said)];
    voice.with("spf.reason.unobserved", &params)
}

/// A record, term by term, and below each the record that it leads to.
fn visit(voice: &Voice, visit: &Visit) -> Html {
    let steps = visit.steps.iter().map(|taken| step(voice, taken));
    html! {
        <div class="visit">
            <p class="place"><code>{harmless(&visit.domain).into_owned()}</code>{" TXT"}</p>
            <ol class="terms">{for steps}</ol>
        </div>
    }
}

fn step(voice: &Voice, step: &Step) -> Html {
    let came = voice.of("spf.step", progress(step.progress));
    let below = step.below.as_deref().map(|below| visit(voice, below));
    html! {
        <li data-progress={progress(step.progress)}>
            <code>{harmless(&step.term).into_owned()}</code>{" "}<span class="came">{came}</span>
            {below}
        </li>
    }
}

fn progress(progress: StepProgress) -> &'static str {
    match progress {
        StepProgress::NotReached => "not-reached",
        StepProgress::NoMatch => "no-match",
        StepProgress::Match => "match",
        StepProgress::Followed => "followed",
        StepProgress::Error => "error",
        StepProgress::Passive => "passive",
    }
}

fn tone(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail | Outcome::PermError => "fail",
        Outcome::SoftFail | Outcome::Neutral => "warning",
        Outcome::None | Outcome::TempError => "unknown",
    }
}

//! Each answer of the resolver: how old it is, how long the old one may be remembered after a change,
//! and what the resolver said about it.

use mxray_browser::Voice;
use mxray_engine::read_seen;
use mxray_facts::dns::{Answer, Checking, ExtendedError, Question, RecordType};
use mxray_facts::{Observation, Resolution, Timestamp, Unobserved};
use mxray_records::harmless;
use mxray_scan::Seen;
use yew::prelude::*;

use crate::dates::{clock, from, moment, now, number, span};
use crate::deep::part;
use crate::given::Given;

/// A question, and what came of it.
type Answered = (Question, Observation<Answer>);

/// Everything that the resolver was asked.
pub(crate) fn answers(given: &Given) -> Html {
    let voice = &given.voice;
    let later = read_seen(&given.browser.seen).unwrap_or_default();
    let dns = |seen| match seen {
        Seen::Dns(question, answer) => Some((question, answer)),
        Seen::Policy(_) | Seen::MailHost(..) => None,
    };
    let answered: Vec<Answered> = given.seen.iter().cloned().chain(later).filter_map(dns).collect();
    let content = html! {
        <>
            {ages(voice, given.report.at, &answered)}
            {errors(voice, &answered)}
        </>
    };
    part("ages", voice.word("depth.ages"), content)
}

/// When all was asked, until when old answers may be remembered, and each answer by itself.
fn ages(voice: &Voice, at: Timestamp, answered: &[Answered]) -> Html {
    let asked = vec![("moment", moment(voice, at)), ("age", from(voice, now(), at))];
    let remembered =
        |(question, answer): &Answered| Some((question.clone(), answer.as_ref().ok()?.ttl?));
    let mut remembered: Vec<(Question, u32)> = answered.iter().filter_map(remembered).collect();
    remembered.sort_by(|(one, _), (other, _)| one.cmp(other));
    remembered.dedup_by(|(one, _), (other, _)| {
        one.name == other.name && one.record_type == other.record_type
    });
    let longest =
        remembered.iter().filter(|(question, _)| is_record(question)).map(|(_, ttl)| *ttl).max();
    let longest = longest.map(|ttl| {
        let until = Timestamp(at.0.saturating_add(i64::from(ttl)));
        let said = vec![("span", span(voice, ttl)), ("time", until_said(voice, ttl, until))];
        html! { <p>{voice.with("depth.ages.longest", &said)}</p> }
    });
    let count = number(voice, remembered.len() as u64);
    html! {
        <>
            <p>{voice.with("depth.ages.asked", &asked)}</p>
            {for longest}
            if !remembered.is_empty() {
                <details>
                    <summary>{voice.with_one("depth.ages.each", "count", count)}</summary>
                    <ul class="ages">{for remembered.iter().map(|(question, ttl)| age(voice, question, *ttl))}</ul>
                </details>
            }
        </>
    }
}

/// Records of the domain's own, which somebody may have changed; addresses change by themselves.
fn is_record(question: &Question) -> bool {
    matches!(question.record_type, RecordType::Mx | RecordType::Txt | RecordType::Tlsa)
        && question.checking == Checking::Enabled
        && !question.name.is_root()
}

fn until_said(voice: &Voice, ttl: u32, until: Timestamp) -> String {
    const DAY: u32 = 86_400;
    if ttl < DAY { clock(voice, until) } else { moment(voice, until) }
}

fn age(voice: &Voice, question: &Question, ttl: u32) -> Html {
    let said = voice.with_one("depth.ages.ttl", "span", span(voice, ttl));
    html! {
        <li><code>{question.name.to_string()}</code>{" "}{question.record_type.as_str()}{": "}{said}</li>
    }
}

/// What the resolver said about its answers (RFC 8914), if anything.
fn errors(voice: &Voice, answered: &[Answered]) -> Html {
    let said = |(question, answer): &Answered| {
        let errors = extended(answer);
        (!errors.is_empty()).then(|| {
            let errors: Vec<String> = errors.iter().map(|error| reason(voice, error)).collect();
            let name = question.name.to_string();
            html! { <li><code>{name}</code>{" "}{question.record_type.as_str()}{": "}{errors.join("; ")}</li> }
        })
    };
    let mut lines = answered.iter().filter_map(said).peekable();
    if lines.peek().is_none() {
        return Html::default();
    }
    html! { <><p>{voice.word("depth.ages.errors")}</p><ul id="extended-errors">{for lines}</ul></> }
}

fn extended(answer: &Observation<Answer>) -> &[ExtendedError] {
    match answer {
        Ok(answer) => &answer.extended_errors,
        Err(Unobserved::Resolution(Resolution { extended_errors, .. })) => extended_errors,
        Err(_) => &[],
    }
}

/// The meaning of a code, and the resolver's own words.
fn reason(voice: &Voice, ExtendedError { code, text }: &ExtendedError) -> String {
    let key = format!("extended-error.{code}");
    let meaning = match voice.word(&key) {
        missing if missing == key => {
            voice.with_one("extended-error.other", "code", code.to_string())
        }
        meaning => meaning,
    };
    match text.as_str() {
        "" => meaning,
        text => format!("{meaning} (“{}”)", harmless(text)),
    }
}

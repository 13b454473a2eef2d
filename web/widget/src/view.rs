//! What is on the card: the two answers, where MTA-STS stands, the first steps, and where to go on.

use mxray_browser::Voice;
use mxray_scan::{Answer, CheckId, Report, Stage, Verdict};
use yew::Html;

use crate::card::{Links, Props, State};
use crate::detail::{self, ToDo};
use crate::element::{Attribute, Element, element, part};

/// The whole card. Each part has a name for the host's own style.
pub(crate) fn card(props: &Props, state: &State) -> Html {
    let (said, kind) = status(&props.voice, state);
    let status = part("p", "status").is(Attribute::Role, "status").text(said);
    let card = part("div", "card").is(Attribute::DataState, kind).with(status);
    match state {
        State::Done(report) => card.all(told(props, report)).into(),
        _ => card.into(),
    }
}

fn status(voice: &Voice, state: &State) -> (String, &'static str) {
    match state {
        State::Empty => (String::new(), "empty"),
        State::Misunderstood(why) => (why.clone(), "error"),
        State::Looking(looking) => {
            let params = vec![
                ("domain", looking.domain.to_string()),
                ("done", looking.done.to_string()),
                ("all", CheckId::ALL.len().to_string()),
            ];
            (voice.with("widget.looking", &params), "looking")
        }
        State::Done(report) => {
            (voice.with_one("widget.done", "domain", report.domain.to_string()), "done")
        }
    }
}

fn told(Props { voice, links, .. }: &Props, report: &Report) -> Vec<Element> {
    let answers = part("div", "answers")
        .with(answer(voice, "transport", &report.transport))
        .with(answer(voice, "forgery", &report.forgery));
    let rest = [answers, stage(voice, report), steps(voice, report), more(voice, links, report)];
    alarms(voice, report).into_iter().chain(rest).collect()
}

fn alarms(voice: &Voice, report: &Report) -> Option<Element> {
    let alarms = detail::all(voice, report, &report.alarms);
    if alarms.is_empty() {
        return None;
    }
    let lines = alarms.into_iter().map(|alarm| element("li").text(alarm.title));
    let heading = element("h3").text(voice.word("report.alarm"));
    Some(part("div", "alarm").with(heading).with(element("ul").all(lines)))
}

fn answer(voice: &Voice, question: &'static str, answer: &Answer) -> Element {
    let protection = answer.protection.as_str();
    element("div")
        .set(Attribute::Class, ["answer is-", protection].concat())
        .is(Attribute::Part, "answer")
        .is(Attribute::DataAnswer, question)
        .is(Attribute::DataProtection, protection)
        .with(element("h3").text(voice.of("question", question)))
        .with(part("p", "word").text(voice.of("protection", protection)))
        .with(element("p").text(voice.sentence(&answer.because)))
}

fn stage(voice: &Voice, report: &Report) -> Element {
    let first = if report.stage == Stage::Broken { Stage::Broken } else { Stage::None };
    let stations = [first, Stage::Testing, Stage::Enforce].map(|station| {
        let name = station.as_str();
        let shown = element("li")
            .set(Attribute::Class, ["is-", name].concat())
            .text(voice.of("stage", name));
        if station == report.stage { shown.is(Attribute::AriaCurrent, "step") } else { shown }
    });
    let unknown = (report.stage == Stage::Unknown)
        .then(|| element("p").text(voice.word("page.stage.unknown")));
    part("div", "stage")
        .is(Attribute::DataStage, report.stage.as_str())
        .with(element("h3").text(voice.word("widget.stage")))
        .with(element("ol").all(stations))
        .all(unknown)
}

fn steps(voice: &Voice, report: &Report) -> Element {
    let section = part("div", "steps").with(element("h3").text(voice.word("report.steps")));
    let steps = detail::all(voice, report, &report.steps);
    if steps.is_empty() {
        return section.with(element("p").text(voice.word(nothing(report))));
    }
    section.with(element("ol").all(steps.into_iter().map(step)))
}

fn step(ToDo { rule, title, fix, .. }: ToDo) -> Element {
    element("li")
        .is(Attribute::Part, "step")
        .is(Attribute::DataStep, rule)
        .with(element("h4").text(title))
        .with(element("p").text(fix))
}

/// Nothing found is not the same as nothing wrong.
fn nothing(report: &Report) -> &'static str {
    let counted = || report.checks.iter().filter(|check| check.id.counts());
    let unknown = counted().filter(|check| check.verdict == Verdict::Unknown).count();
    match unknown {
        _ if report.stage == Stage::Testing => "page.steps.testing",
        0 => "page.steps.nothing",
        all if all == counted().count() => "page.steps.blind",
        _ => "widget.nothing-seen",
    }
}

/// What the host offers, and the full report.
fn more(voice: &Voice, links: &Links, report: &Report) -> Element {
    let call = links.call.iter().map(|(label, href)| {
        let call = part("a", "cta").set(Attribute::Href, href.clone());
        call.set(Attribute::Target, links.target.clone()).text(label.clone())
    });
    let whole = part("a", "report")
        .set(Attribute::Href, links.report(&report.domain))
        .is(Attribute::Target, "_blank")
        .is(Attribute::Rel, "noopener")
        .text(voice.word("widget.report"));
    part("p", "more").all(call).with(whole)
}

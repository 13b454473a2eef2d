//! The report to keep, to print, and to send to whoever can mend the domain.

use std::rc::Rc;

use mxray_browser::{Copy, Voice, save};
use mxray_engine::{read_seen, to_json};
use mxray_records::Finding;
use mxray_scan::{Answer, Report, Step};
use serde::Serialize;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Url, window};
use yew::prelude::*;

use crate::dates::day;
use crate::deep::{Seen, part};
use crate::given::Given;
use crate::kept;
use crate::link::Shared;
use crate::plan;

/// The report, and what was found in depth as soon as it is there.
#[derive(Clone, Debug, Properties)]
pub(crate) struct Props {
    pub(crate) given: Given,
    pub(crate) seen: Option<Rc<Seen>>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        self.given == other.given && self.seen.is_some() == other.seen.is_some()
    }
}

/// All of it, in one object.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(flatten)]
    seen: Option<&'a Seen>,
}

/// Buttons, each for a way to keep or to share.
#[component]
pub(crate) fn Keep(props: &Props) -> Html {
    let given = &props.given;
    let voice = &given.voice;
    let save = {
        let (given, seen) = (given.clone(), props.seen.clone());
        move |_| {
            // What a browser does not let a page save, it says itself.
            let _ = save_whole(&Whole { report: &given.report, seen: seen.as_deref() });
        }
    };
    let result = use_state(|| None::<String>);
    {
        let (given, result) = (given.clone(), result.setter());
        use_effect_with(props.seen.is_some(), move |is_whole| {
            if *is_whole {
                spawn_local(async move {
                    if let Some(packed) = packed(&given).await {
                        kept::keep_result(given.report.domain.as_str(), &packed);
                        result.set(page().map(|page| [page.href(), packed].concat()));
                    }
                });
            }
        });
    }
    let result = result.as_ref().map(|text| {
        let word = voice.word("depth.keep.result");
        html! { <Copy copied={given.voice.word("page.copied")} text={text.clone()} {word} /> }
    });
    let letter = props.seen.as_ref().map(|seen| {
        let (text, word) = (letter(given, seen), voice.word("depth.keep.letter"));
        html! { <Copy copied={given.voice.word("page.copied")} {text} {word} /> }
    });
    let print = |_| {
        let _ = window().map(|window| window.print());
    };
    let content = html! {
        <>
            <p class="about">{voice.word("depth.keep.about")}</p>
            <p class="choices">
                {for letter}
                <Copy copied={given.voice.word("page.copied")} text={address(&given.report)}
                    word={voice.word("depth.keep.link")} />
                {for result}
                <button type="button" class="quiet" onclick={print}>{voice.word("depth.keep.print")}</button>
                <button type="button" class="quiet" id="save" disabled={props.seen.is_none()} onclick={save}>
                    {voice.word("depth.keep.json")}
                </button>
            </p>
        </>
    };
    part("keep", voice.word("depth.keep"), content)
}

/// A link that runs the check again.
fn address(report: &Report) -> String {
    page()
        .map(|url| {
            url.set_search(&format!("?domain={}", report.domain));
            url.href()
        })
        .unwrap_or_default()
}

/// What was seen, as a link holds it; `None` where it would be too long, or nothing can be compressed.
async fn packed(given: &Given) -> Option<String> {
    let second = read_seen(&given.browser.seen)?;
    let seen = given.seen.iter().cloned().chain(second).collect();
    let shared = Shared { domain: given.report.domain.clone(), at: given.report.at, seen };
    shared.pack().await
}

/// The address of the page, without what is asked.
fn page() -> Option<Url> {
    let url = Url::new(&window()?.location().href().ok()?).ok()?;
    url.set_hash("");
    url.set_search("");
    Some(url)
}

/// What a mail to the administrator says: the two answers, what to do, where to see all.
fn letter(given: &Given, seen: &Seen) -> String {
    let (voice, report) = (&given.voice, &given.report);
    let day = day(voice, report.at);
    let params = vec![("domain", report.domain.to_string()), ("date", day)];
    let mut lines = vec![voice.with("depth.letter.intro", &params), String::new()];
    lines.push(answer(voice, "question.transport", &report.transport));
    lines.push(answer(voice, "question.forgery", &report.forgery));
    let tasks = &seen.depth.plan;
    if !tasks.is_empty() {
        lines.extend([String::new(), format!("{}:", voice.word("plan.title"))]);
    }
    for (number, task) in (1..).zip(tasks) {
        let what = voice.sentence(&task.what);
        lines.push(format!("{number}. {what} ({})", plan::who(voice, task)));
        for write in &task.writes {
            lines.push(format!("   {}", plan::place(voice, &write.place)));
            let text = write.text.trim_end().split('\n');
            lines.extend(text.map(|line| format!("      {line}")));
        }
        lines.extend(plan::careful(voice, task).map(|careful| format!("   {careful}")));
    }
    lines.extend([String::new(), voice.with_one("depth.letter.more", "url", address(report))]);
    lines.join("\n")
}

fn answer(voice: &Voice, question: &str, answer: &Answer) -> String {
    let word = voice.of("protection", answer.protection.as_str());
    format!("{} {word}. {}", voice.word(question), voice.sentence(&answer.because))
}

/// The finding that a step points to.
pub(crate) fn found<'a>(report: &'a Report, step: &Step) -> Option<&'a Finding> {
    let check = report.checks.iter().find(|check| check.id == step.check)?;
    check.findings.get(step.finding).map(|found| &found.finding)
}

/// Hands out the report as the command's `--json` prints it.
fn save_whole(whole: &Whole<'_>) -> Option<()> {
    save(&format!("{}.json", whole.report.domain), "application/json", to_json(whole)?.as_bytes())
}

//! TLS reports that are dropped: read here, and sent nowhere.

use std::rc::Rc;

use mxray_browser::{Part, Voice};
use mxray_facts::Timestamp;
use mxray_reports::live::{self, Joined, Now};
use mxray_reports::{Picture, Reading, Sessions, Summary, Tally, csv};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, File, FileList, HtmlInputElement, Storage, window};
use yew::prelude::*;

use crate::app::part;
use crate::chart::chart;
use crate::files;
use crate::given::Given;
use crate::handing::saving;

/// What it is given, and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) given: Given,
    pub(crate) onread: Callback<Option<Summary>>,
}

/// Everything that was read.
#[derive(Debug)]
struct Read {
    reading: Reading,
    summary: Summary,
}

/// What is under way, or came of it.
#[derive(Clone, Debug)]
enum State {
    Nothing,
    /// So many files of so many.
    Busy(usize, usize),
    Done(Rc<Read>),
    /// The browser has no workers.
    Failed,
}

impl State {
    fn done(reading: Reading) -> Self {
        let summary = Summary::of(&reading);
        Self::Done(Rc::new(Read { reading, summary }))
    }
}

/// A place to drop files, and what they say together.
#[component]
pub(crate) fn Reports(props: &Props) -> Html {
    let given = &props.given;
    let voice = &given.voice;
    let state = use_state(|| kept().map_or(State::Nothing, State::done));
    {
        let (onread, state) = (props.onread.clone(), state.clone());
        use_effect_with((), move |()| {
            if let State::Done(read) = &*state {
                onread.emit(Some(read.summary.clone()));
            }
        });
    }
    let is_busy = matches!(*state, State::Busy(..));
    let last = use_state(|| None::<State>);
    let desk = Desk { state: state.setter(), last: last.setter(), onread: props.onread.clone() };
    let take = {
        let (given, before, desk) = (given.clone(), (*state).clone(), desk.clone());
        Callback::from(move |files: Option<FileList>| {
            let files =
                files.iter().flat_map(|list| (0..list.length()).filter_map(|it| list.get(it)));
            let files: Vec<File> = files.collect();
            if !files.is_empty() && !is_busy {
                spawn_local(read_all(given.clone(), files, before.clone(), desk.clone()));
            }
        })
    };
    let onchange = {
        let take = take.clone();
        move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                take.emit(input.files());
                // The same file may be chosen again.
                input.set_value("");
            }
        }
    };
    let ondrop = move |event: DragEvent| {
        event.prevent_default();
        take.emit(event.data_transfer().and_then(|dropped| dropped.files()));
    };
    let clear = {
        let (before, desk) = ((*state).clone(), desk.clone());
        move |_| desk.lay(State::Nothing, Some(before.clone()))
    };
    let can_undo = last.is_some() && !is_busy;
    let undo = {
        let last = (*last).clone();
        move |_| desk.lay(last.clone().unwrap_or(State::Nothing), None)
    };
    let said = match &*state {
        State::Nothing => Html::default(),
        State::Busy(done, all) => {
            let params = vec![("done", done.to_string()), ("all", all.to_string())];
            html! { <p role="status">{voice.with("after.reading", &params)}</p> }
        }
        State::Done(read) => shown(given, read),
        State::Failed => html! {
            <p class="error" role="alert">{voice.word("after.reading.failed")}</p>
        },
    };
    let content = html! {
        <div class="drop" {ondrop} ondragover={|event: DragEvent| event.prevent_default()}>
            <p class="about">{voice.word("after.reports.about")}</p>
            <form class="trial" onsubmit={|event: SubmitEvent| event.prevent_default()}>
                <label for="after-files">{voice.word("after.files")}</label>
                <input id="after-files" type="file" multiple=true disabled={is_busy} {onchange} />
                <button type="button" class="quiet" id="after-forget" disabled={is_busy} onclick={clear}>
                    {voice.word("after.forget")}
                </button>
                <button type="button" class="quiet" id="after-reports-undo" disabled={!can_undo} onclick={undo}>
                    {voice.word("after.undo")}
                </button>
            </form>
            <div id="after-said" aria-live="polite">{said}</div>
        </div>
    };
    part("after-reports", voice.word("after.reports"), content)
}

/// Where what was read lies: shown, kept for as long as the tab is open, and told to the planner.
#[derive(Clone)]
struct Desk {
    state: UseStateSetter<State>,
    /// What was there before, for whoever wants it back.
    last: UseStateSetter<Option<State>>,
    onread: Callback<Option<Summary>>,
}

impl Desk {
    fn lay(&self, state: State, last: Option<State>) {
        let read = match &state {
            State::Done(read) => Some(read),
            _ => None,
        };
        keep(read.map(|read| &read.reading));
        self.onread.emit(read.map(|read| read.summary.clone()));
        self.state.set(state);
        self.last.set(last);
    }
}

/// Reads files, and lays what came of them beside what was there.
async fn read_all(given: Given, files: Vec<File>, before: State, desk: Desk) {
    let all = files.len();
    desk.state.set(State::Busy(0, all));
    let told = {
        let state = desk.state.clone();
        move |done| state.set(State::Busy(done, all))
    };
    let kept = match &before {
        State::Done(read) => serde_json::to_string(&read.reading).ok(),
        _ => None,
    };
    let text = files::read(&given, &files, kept.as_deref(), told).await;
    match text.and_then(|text| serde_json::from_str(&text).ok()) {
        Some(reading) => desk.lay(State::done(reading), Some(before)),
        None => desk.state.set(State::Failed),
    }
}

/// Where the browser keeps what was read, as long as this tab is open.
const KEY: &str = "mxray-reports";

/// Keeps what was read; `None` forgets it.
fn keep(reading: Option<&Reading>) {
    let Some(storage) = storage() else { return };
    let text = reading.and_then(|reading| serde_json::to_string(reading).ok());
    // Where there is no room for it, it is there until the page is left.
    let _ = match text {
        Some(text) => storage.set_item(KEY, &text),
        None => storage.remove_item(KEY),
    };
}

fn kept() -> Option<Reading> {
    serde_json::from_str(&storage()?.get_item(KEY).ok()??).ok()
}

fn storage() -> Option<Storage> {
    window()?.session_storage().ok()?
}

fn shown(given: &Given, read: &Rc<Read>) -> Html {
    let (voice, summary) = (&given.voice, &read.summary);
    let joined = live::join(summary, &given.report);
    let results = summary.results.iter().map(|tally| result(given, tally, &joined));
    let picture = Picture::of(summary);
    let dateless = summary.days.iter().find(|day| day.date.is_none());
    let senders = summary.senders.iter().map(|row| {
        (
            if row.sender.is_empty() { voice.word("reports.nobody") } else { row.sender.clone() },
            row.sessions,
        )
    });
    let (as_json, as_csv) = (Rc::clone(read), Rc::clone(read));
    html! {
        <>
            {top(given, summary)}
            if !live::is_about(summary, &given.report.domain) && summary.reports > 0 {
                <p>{voice.with_one("reports.now.other-domain", "domain", given.report.domain.to_string())}</p>
            }
            <ul class="plan" id="after-results">{for results}</ul>
            {chart(given, &picture)}
            {for dateless.map(|day| html! {
                <p>{voice.word("reports.no-date")}{": "}{voice.with("reports.row", &counted(day.sessions))}</p>
            })}
            {table(voice, "reports.by-sender", senders.collect())}
            {unread(voice, &read.reading)}
            <p class="choices">
                {saving("after-json", voice.word("after.json"), move || {
                    let content = serde_json::to_vec(&(&as_json.summary, &as_json.reading));
                    ("tls-reports.json".to_owned(), "application/json", content.unwrap_or_default())
                })}
                {saving("after-csv", voice.word("after.csv"), move || {
                    ("tls-reports.csv".to_owned(), "text/csv", csv::table(&as_csv.reading).into_bytes())
                })}
            </p>
        </>
    }
}

/// The answer: how many sessions, how many failed, and what enforcing costs.
fn top(given: &Given, summary: &Summary) -> Html {
    let voice = &given.voice;
    if summary.reports == 0 {
        return html! { <p><strong>{voice.word("reports.none")}</strong></p> };
    }
    let sessions = summary.sessions;
    let key = match (sessions.total(), sessions.failed) {
        (0, _) => "reports.sessions.none",
        (_, 0) => "reports.sessions.good",
        _ => "reports.sessions",
    };
    let date = |at: Option<Timestamp>| at.map_or_else(|| "?".to_owned(), |at| given.day(at));
    let counts = vec![
        ("reports", summary.reports.to_string()),
        ("senders", summary.senders.len().to_string()),
        ("begin", date(summary.begin)),
        ("end", date(summary.end)),
    ];
    let cost = summary.cost;
    let safe = match summary.enforce_is_safe() {
        Some(true) => Some("reports.enforce.safe"),
        Some(false) => None,
        None => Some("reports.enforce.unknown"),
    };
    let costs = [
        ("reports.enforce.refused", cost.refused),
        ("reports.enforce.would", cost.would_be_refused),
        ("reports.enforce.dane", cost.by_dane),
        ("reports.enforce.went-on", cost.went_on),
        ("reports.enforce.unexplained", cost.unexplained),
    ];
    let costs = costs.into_iter().filter(|(_, count)| *count > 0);
    let duplicates = (summary.duplicates > 0).then(|| summary.duplicates.to_string());
    html! {
        <>
            <p data-sessions={sessions.total().to_string()}><strong>{voice.with(key, &counted(sessions))}</strong></p>
            {for safe.map(|key| html! { <p data-cost={key}>{voice.word(key)}</p> })}
            {for costs.map(|(key, count)| html! {
                <p data-cost={key}>{voice.with_one(key, "count", count.to_string())}</p>
            })}
            <p class="about">{voice.with("reports.count", &counts)}{". "}
                {voice.with_one("reports.domains", "domains", summary.domains.join(", "))}{". "}
                {for duplicates.map(|count| voice.with_one("reports.duplicates", "count", count))}
            </p>
        </>
    }
}

fn counted(sessions: Sessions) -> Vec<(&'static str, String)> {
    vec![("total", sessions.total().to_string()), ("failed", sessions.failed.to_string())]
}

/// A reason, in plain words, and how it stands now.
fn result(given: &Given, tally: &Tally, joined: &[Joined]) -> Html {
    let voice = &given.voice;
    let kind = vec![("type", tally.result.as_str().to_owned())];
    let said = |what: &str| voice.with(&format!("reports.{what}.{}", tally.result.key()), &kind);
    let senders = tally.senders.iter().cloned().collect::<Vec<_>>().join(", ");
    let by = vec![("count", tally.sessions.to_string()), ("senders", senders)];
    let hosts = tally.mx_hosts.iter().cloned().collect::<Vec<_>>().join(", ");
    let reasons = tally.reasons.iter().cloned().collect::<Vec<_>>().join(", ");
    let now = joined.iter().filter(|it| it.result == tally.result);
    html! {
        <li data-result={tally.result.as_str().to_owned()}>
            <p><strong>{said("result")}</strong></p>
            <p class="who">
                {voice.with("reports.said-by", &by)}
                if !hosts.is_empty() {
                    {", "}{voice.with_one("reports.at", "hosts", hosts)}
                }
            </p>
            if !reasons.is_empty() {
                <p class="about">{voice.with_one("reports.reasons", "reasons", reasons)}</p>
            }
            <p>{said("cause")}{" "}{said("mend")}</p>
            {for now.map(|it| standing(given, it))}
        </li>
    }
}

fn standing(given: &Given, joined: &Joined) -> Html {
    let voice = &given.voice;
    let title = |rule: &str| {
        let checks = given.report.checks.iter();
        let mut found = checks.flat_map(|check| &check.findings).map(|it| &it.finding);
        let finding = found.find(|finding| finding.rule.code == rule);
        finding.map_or_else(|| rule.to_owned(), |it| voice.finding(it, Part::Title))
    };
    let (met, word, said) = match &joined.now {
        Now::Mended => ("pass", "mended", voice.word("reports.now.mended")),
        Now::Lacking => ("fail", "lacking", voice.word("reports.now.lacking")),
        Now::Gone => ("pass", "gone", voice.word("reports.now.gone")),
        Now::CannotTell => ("unknown", "cannot-tell", voice.word("reports.now.cannot-tell")),
        Now::Still(rule) => {
            ("fail", "still", voice.with_one("reports.now.still", "title", title(rule)))
        }
    };
    let host = joined.mx_host.iter().map(|host| format!(" {host}"));
    html! {
        <p data-now={word}>
            <span class={format!("badge is-{met}")} aria-hidden="true" />
            {" "}{voice.word("reports.now.title")}{for host}{": "}{said}
        </p>
    }
}

/// Sessions by day or by sender, each with a bar of those that failed.
fn table(voice: &Voice, title: &'static str, rows: Vec<(String, Sessions)>) -> Html {
    if rows.is_empty() {
        return Html::default();
    }
    let rows = rows.into_iter().map(|(name, sessions)| {
        let (failed, total) = (sessions.failed as f64, sessions.total() as f64);
        let said = voice.with("reports.row", &counted(sessions));
        html! {
            <tr>
                <th scope="row">{name}</th>
                <td><meter min="0" max={total.max(1.0).to_string()} value={failed.to_string()} low="0" high="0"
                    optimum="0" aria-label={said.clone()} /></td>
                <td>{said}</td>
            </tr>
        }
    });
    html! {
        <div class="scroll" data-table={title} tabindex="0" role="group" aria-label={voice.word(title)}>
            <table>
                <thead><tr><th scope="col" colspan="3">{voice.word(title)}</th></tr></thead>
                <tbody>{for rows}</tbody>
            </table>
        </div>
    }
}

/// Lines of one kind that somebody reads.
const MOST_LINES: usize = 50;

fn unread(voice: &Voice, reading: &Reading) -> Html {
    if reading.troubles.is_empty() {
        return Html::default();
    }
    let rows = reading.troubles.iter().take(MOST_LINES).map(|trouble| {
        let source = trouble.source.to_string();
        let named = match trouble.times {
            1 => source,
            times => {
                let more = ("count", (times - 1).to_string());
                voice.with("reports.times", &vec![("source", source), more])
            }
        };
        html! {
            <li data-trouble={trouble.why.as_str()}>
                {named}{": "}{voice.of("reports.trouble", trouble.why.as_str())}
            </li>
        }
    });
    html! { <><p>{voice.word("reports.unread")}</p><ul id="after-unread">{for rows}</ul></> }
}

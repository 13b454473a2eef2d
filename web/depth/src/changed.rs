//! What changed since an earlier result: one that this browser kept, that was saved, or that came by
//! a link.

use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::JSON;
use mxray_browser::{Part, Voice};
use mxray_engine::{judge_again, to_json};
use mxray_facts::{Domain, Timestamp};
use mxray_records::{Finding, Rule, harmless};
use mxray_scan::Report;
use serde::Deserialize;
use serde_wasm_bindgen::from_value;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlTextAreaElement, Url};
use yew::prelude::*;

use crate::dates::{from, moment};
use crate::deep::{Props, part};
use crate::file::FileField;
use crate::given::Given;
use crate::kept;
use crate::link::{BEGINNING, Shared};

/// Of a report in JSON, what is compared.
#[derive(Debug, Deserialize)]
struct Outline {
    domain: Domain,
    at: Timestamp,
    transport: Answer,
    forgery: Answer,
    checks: Vec<Check>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    protection: String,
}

#[derive(Debug, Deserialize)]
struct Check {
    id: String,
    verdict: String,
    findings: Vec<Found>,
    evidence: Vec<Evidence>,
}

#[derive(Debug, Deserialize)]
struct Found {
    finding: Named,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Named {
    rule: String,
    params: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Evidence {
    source: Source,
    texts: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Source {
    Dns { name: String, record_type: String },
    Policy { host: String },
}

#[derive(Debug, Deserialize)]
struct Line {
    text: String,
}

impl Outline {
    fn of(report: &Report) -> Option<Self> {
        Self::read(&to_json(report)?)
    }

    fn read(json: &str) -> Option<Self> {
        from_value(JSON::parse(json).ok()?).ok()
    }

    /// What a link holds, judged as of today.
    async fn unpack(link: &str) -> Option<Self> {
        let Shared { domain, at, seen } = Shared::unpack(link).await?;
        Self::of(&judge_again(&domain, at, seen))
    }

    /// A result that somebody gives: what the page saved, or the address of a shared one.
    async fn given(text: &str) -> Option<Self> {
        let text = text.trim();
        match Url::new(text).map(|url| url.hash()) {
            Ok(hash) if hash.starts_with(BEGINNING) => Self::unpack(&hash).await,
            _ if text.starts_with(BEGINNING) => Self::unpack(text).await,
            _ => Self::read(text),
        }
    }
}

/// What there is to say.
#[derive(Clone, Debug, PartialEq)]
enum State {
    /// There is no earlier result.
    Nothing,
    /// This is none.
    Unreadable,
    /// It is about another domain.
    Other(Domain),
    /// Since then.
    Changed(Rc<Changes>),
}

/// The two answers, checks and records that differ.
#[derive(Debug, PartialEq)]
struct Changes {
    at: Timestamp,
    answers: Vec<(&'static str, String, String)>,
    checks: Vec<CheckChange>,
    records: Vec<RecordChange>,
}

#[derive(Debug, PartialEq)]
struct CheckChange {
    id: String,
    /// Before and now, if they differ.
    verdict: Option<(String, String)>,
    gone: Vec<Named>,
    new: Vec<Named>,
}

/// Texts that are at a place no more, and those that came.
#[derive(Debug, PartialEq)]
struct RecordChange {
    place: String,
    gone: Vec<String>,
    new: Vec<String>,
}

impl Changes {
    fn between(before: Outline, now: Outline) -> Self {
        let answers = [
            ("transport", before.transport.protection, now.transport.protection),
            ("forgery", before.forgery.protection, now.forgery.protection),
        ];
        let answers = answers.into_iter().filter(|(_, before, now)| before != now).collect();
        let records = record_changes(&records(&before.checks), &records(&now.checks));
        let mut earlier: BTreeMap<String, Check> =
            before.checks.into_iter().map(|check| (check.id.clone(), check)).collect();
        let checks = now.checks.into_iter().filter_map(|check| {
            let before = earlier.remove(&check.id)?;
            CheckChange::between(before, check)
        });
        Self { at: before.at, answers, checks: checks.collect(), records }
    }

    fn is_none(&self) -> bool {
        self.answers.is_empty() && self.checks.is_empty() && self.records.is_empty()
    }

    fn rules(&self) -> Vec<&'static Rule> {
        let named = self.checks.iter().flat_map(|check| check.gone.iter().chain(&check.new));
        named.filter_map(Named::rule).collect()
    }
}

impl CheckChange {
    fn between(before: Check, now: Check) -> Option<Self> {
        let named = |findings: Vec<Found>| -> Vec<Named> {
            findings.into_iter().map(|found| found.finding).collect()
        };
        let (mut gone, mut new) = (named(before.findings), named(now.findings));
        gone.retain(|finding| match new.iter().position(|other| other == finding) {
            Some(same) => {
                new.remove(same);
                false
            }
            None => true,
        });
        let verdict = (before.verdict != now.verdict).then_some((before.verdict, now.verdict));
        let is_same = verdict.is_none() && gone.is_empty() && new.is_empty();
        (!is_same).then_some(Self { id: now.id, verdict, gone, new })
    }
}

/// The texts at each place.
fn records(checks: &[Check]) -> BTreeMap<String, Vec<&str>> {
    let evidence = checks.iter().flat_map(|check| &check.evidence);
    let placed = evidence.map(|evidence| {
        let place = match &evidence.source {
            Source::Dns { name, record_type } => format!("{name} {record_type}"),
            Source::Policy { host } => format!("https://{host}/.well-known/mta-sts.txt"),
        };
        (place, evidence.texts.iter().map(|line| line.text.as_str()).collect())
    });
    placed.collect()
}

fn record_changes(
    before: &BTreeMap<String, Vec<&str>>,
    now: &BTreeMap<String, Vec<&str>>,
) -> Vec<RecordChange> {
    let without = |texts: &[&str], others: &[&str]| -> Vec<String> {
        texts.iter().filter(|text| !others.contains(text)).map(|text| (*text).to_owned()).collect()
    };
    // What one of the two did not look at is no change.
    let both = now.iter().filter_map(|(place, texts)| Some((place, before.get(place)?, texts)));
    let changes = both.map(|(place, before, now)| RecordChange {
        place: place.clone(),
        gone: without(before, now),
        new: without(now, before),
    });
    changes.filter(|change| !change.gone.is_empty() || !change.new.is_empty()).collect()
}

impl Named {
    fn rule(&self) -> Option<&'static Rule> {
        mxray_records::catalog().chain(mxray_scan::catalog()).find(|rule| rule.code == self.rule)
    }

    /// What was the matter; its code, if there is no such rule any more.
    fn title(&self, voice: &Voice) -> String {
        let Some(rule) = self.rule() else { return self.rule.clone() };
        let template = voice.finding(&Finding::new(rule), Part::Title);
        self.params.iter().fold(template, |title, (name, value)| {
            title.replace(&format!("{{{name}}}"), &harmless(value))
        })
    }
}

/// What changed since the result that was kept here, and fields for another one.
#[component]
pub(crate) fn Changed(props: &Props) -> Html {
    let given = &props.given;
    let state = use_state(|| State::Nothing);
    let field = use_node_ref();
    {
        let (given, state) = (given.clone(), state.setter());
        use_effect_with((), move |()| {
            spawn_local(async move {
                let last = kept::result(given.report.domain.as_str());
                if let Some(last) = last
                    && let Some(last) = Outline::unpack(&last).await
                    && last.at < given.report.at
                {
                    state.set(compare(&given, last).await);
                }
            });
        });
    }
    let look = {
        let (given, state) = (given.clone(), state.setter());
        Callback::from(move |text: Option<String>| {
            let (given, state) = (given.clone(), state.clone());
            spawn_local(async move {
                state.set(match Outline::given(&text.unwrap_or_default()).await {
                    Some(earlier) => compare(&given, earlier).await,
                    None => State::Unreadable,
                });
            });
        })
    };
    let onsubmit = {
        let (look, field) = (look.clone(), field.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            look.emit(field.cast::<HtmlTextAreaElement>().map(|field| field.value()));
        }
    };
    let voice = &given.voice;
    let content = html! {
        <>
            <p class="about">{voice.word("depth.changed.about")}</p>
            <div id="changed-said" aria-live="polite">{said(given, &state)}</div>
            <details>
                <summary>{voice.word("depth.changed.other")}</summary>
                <form class="trial" {onsubmit}>
                    <FileField id="changed-file" label={voice.word("depth.changed.file")} onread={look} />
                    <label for="changed-link">{voice.word("depth.changed.link")}</label>
                    <textarea id="changed-link" ref={field} rows="2" spellcheck="false" autocapitalize="none"
                        autocomplete="off" aria-describedby="changed-said" />
                    <button type="submit">{voice.word("depth.changed.compare")}</button>
                </form>
            </details>
        </>
    };
    part("changed", voice.word("depth.changed"), content)
}

async fn compare(given: &Given, earlier: Outline) -> State {
    if earlier.domain != given.report.domain {
        return State::Other(earlier.domain);
    }
    let Some(now) = Outline::of(&given.report) else { return State::Unreadable };
    let changes = Changes::between(earlier, now);
    given.voice.learn(changes.rules()).await;
    State::Changed(Rc::new(changes))
}

fn said(given: &Given, state: &State) -> Html {
    let voice = &given.voice;
    match state {
        State::Nothing => html! { <p>{voice.word("depth.changed.nothing")}</p> },
        State::Unreadable => {
            html! { <p class="error">{voice.word("depth.changed.unreadable")}</p> }
        }
        State::Other(domain) => {
            let said = voice.with_one("depth.changed.domain", "domain", domain.to_string());
            html! { <p class="error">{said}</p> }
        }
        State::Changed(changes) => changed(voice, given.report.at, changes),
    }
}

fn changed(voice: &Voice, now: Timestamp, changes: &Changes) -> Html {
    let since = vec![("date", moment(voice, changes.at)), ("age", from(voice, now, changes.at))];
    let key = if changes.is_none() { "depth.changed.same" } else { "depth.changed.since" };
    let answers = changes.answers.iter().map(|(question, before, now)| {
        let (before, now) = (voice.of("protection", before), voice.of("protection", now));
        html! { <li>{voice.of("question", question)}{" "}{turned(voice, &before, &now)}</li> }
    });
    html! {
        <div data-changed={if changes.is_none() { "nothing" } else { "something" }}>
            <p><strong>{voice.with(key, &since)}</strong></p>
            <ul>
                {for answers}
                {for changes.checks.iter().map(|change| check(voice, change))}
            </ul>
            {for changes.records.iter().map(|change| record(voice, change))}
        </div>
    }
}

fn check(voice: &Voice, change: &CheckChange) -> Html {
    let verdict = change.verdict.as_ref().map(|(before, now)| {
        let (before, now) = (voice.of("verdict", before), voice.of("verdict", now));
        html! { <>{": "}{turned(voice, &before, &now)}</> }
    });
    let line = |key: &'static str, finding: &Named| {
        html! { <li>{voice.word(key)}{": "}{finding.title(voice)}</li> }
    };
    let gone = change.gone.iter().map(|finding| line("depth.changed.gone", finding));
    let new = change.new.iter().map(|finding| line("depth.changed.new", finding));
    html! {
        <li data-change={change.id.clone()}>
            <strong>{voice.of("check", &change.id)}</strong>{for verdict}
            <ul>{for gone.chain(new)}</ul>
        </li>
    }
}

fn turned(voice: &Voice, before: &str, now: &str) -> String {
    let params = vec![("before", before.to_owned()), ("now", now.to_owned())];
    voice.with("depth.changed.turned", &params)
}

/// As it was, and as it is: by words, for whoever sees no colors.
fn record(voice: &Voice, change: &RecordChange) -> Html {
    let line = |key: &'static str, text: &String| {
        let text = text.trim_end().split('\n').map(|line| harmless(line).into_owned());
        let text = text.collect::<Vec<_>>().join("\n");
        html! { <><p class="about">{voice.word(key)}</p><pre><code>{text}</code></pre></> }
    };
    html! {
        <div class="difference">
            <p class="place"><code>{&change.place}</code></p>
            {for change.gone.iter().map(|text| line("depth.changed.before", text))}
            {for change.new.iter().map(|text| line("depth.changed.now", text))}
        </div>
    }
}

// JSON is the browser's.
#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use mxray_facts::Unobserved;
    use mxray_facts::dns::{Answer, Existence, Question, Record, RecordType};
    use mxray_scan::Seen;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// A report about a domain with this DMARC record; none, if it is empty.
    fn outline(dmarc: &str) -> Outline {
        let domain = Domain::from_ascii("a.example").unwrap();
        let mut answer = Answer::absent(Existence::Exists);
        if !dmarc.is_empty() {
            answer.records.push(Record::Txt(vec![dmarc.as_bytes().into()]));
        }
        let question = Question::new("_dmarc.a.example".parse().unwrap(), RecordType::Txt);
        let unseen = Seen::Policy(Err(Unobserved::TimedOut));
        let report =
            judge_again(&domain, Timestamp(0), vec![Seen::Dns(question, Ok(answer)), unseen]);
        Outline::of(&report).unwrap()
    }

    #[wasm_bindgen_test]
    fn a_report_is_read_again_from_what_it_says() {
        let outline = outline("v=DMARC1; p=none");
        assert_eq!((outline.domain.as_str(), outline.checks.len()), ("a.example", 9));
    }

    #[wasm_bindgen_test]
    fn what_is_the_same_is_no_change() {
        let record = "v=DMARC1; p=none";
        assert!(Changes::between(outline(record), outline(record)).is_none());
    }

    #[wasm_bindgen_test]
    fn records_verdicts_and_findings_that_differ_are_told() {
        let changes = Changes::between(outline("v=DMARC1; p=none"), outline("v=DMARC1; p=reject"));
        let [record] = &*changes.records else { unreachable!("{changes:?}") };
        assert_eq!(record.place, "_dmarc.a.example TXT");
        assert_eq!(record.gone, ["v=DMARC1; p=none"]);
        assert_eq!(record.new, ["v=DMARC1; p=reject"]);
        let dmarc = changes.checks.iter().find(|change| change.id == "dmarc").unwrap();
        assert!(dmarc.gone.iter().any(|gone| gone.rule.ends_with(".policy-none")), "{dmarc:?}");
    }
}

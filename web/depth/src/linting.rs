//! A text is tried before it is published: the rules and underlines of the report, on what was pasted.

use mxray_browser::{Layout, Mark, Part, Voice};
use mxray_records::lint::{Kind, Lint, lint};
use mxray_records::{Finding, Text};
use mxray_scan::Verdict;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::copying::Copy;
use crate::depth::{Props, part};
use crate::given::Given;
use crate::marked::marked;

/// The most that is read of what was pasted, in bytes: as much as of a policy (RFC 8461 §3.3).
const MOST: usize = 64 * 1024;

/// A place for a text, and what there is to say about it as it is typed.
#[component]
pub(crate) fn Linting(props: &Props) -> Html {
    let given = &props.given;
    let voice = &given.voice;
    let kind = use_state_eq(|| Kind::MtaStsPolicy);
    let text = use_state_eq(String::new);
    let linted = (!text.trim().is_empty()).then(|| linted(*kind, &text));
    use_sentences(given, linted.as_ref().map_or(&[], |linted| &linted.findings));
    let onchange = {
        let kind = kind.setter();
        move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>();
            let index = chosen.and_then(|chosen| usize::try_from(chosen.selected_index()).ok());
            if let Some(&chosen) = index.and_then(|index| Kind::ALL.get(index)) {
                kind.set(chosen);
            }
        }
    };
    let oninput = {
        let text = text.setter();
        move |event: InputEvent| {
            let typed = event.target_dyn_into::<HtmlTextAreaElement>();
            text.set(typed.map(|typed| typed.value()).unwrap_or_default());
        }
    };
    let kinds = Kind::ALL.map(|each| {
        html! { <option selected={each == *kind}>{voice.of("depth.linting", each.as_str())}</option> }
    });
    let content = html! {
        <>
            <p class="about">{voice.word("depth.linting.about")}</p>
            <div class="trial">
                <label for="linting-kind">{voice.word("depth.linting.kind")}</label>
                <select id="linting-kind" {onchange}>{for kinds}</select>
                <label for="linting-text">{voice.word("depth.linting.text")}</label>
                <textarea id="linting-text" rows="5" spellcheck="false" autocapitalize="none"
                    autocomplete="off" maxlength={MOST.to_string()} {oninput} />
            </div>
            <div id="linting-said" aria-live="polite">
                {linted.map(|linted| said(given, *kind, &text, &linted))}
            </div>
        </>
    };
    part("linting", voice.word("depth.linting"), content)
}

fn linted(kind: Kind, text: &str) -> Lint {
    let texts: Vec<Text> = match kind {
        Kind::MtaStsPolicy => vec![text.into()],
        kind if kind.is_a_record_a_line() => records(text).map(Text::from).collect(),
        _ => vec![text.trim().into()],
    };
    lint(kind, &texts, &[], None)
}

/// The lines that hold a record each.
fn records(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Loads the sentences of what was found, and shows all anew with them.
#[hook]
fn use_sentences(given: &Given, findings: &[Finding]) {
    let learned = use_force_update();
    let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
    let voice = given.voice.clone();
    use_effect_with(rules, move |rules| {
        let rules = rules.clone();
        spawn_local(async move {
            voice.learn(rules).await;
            learned.force_update();
        });
    });
}

fn said(given: &Given, kind: Kind, text: &str, lint: &Lint) -> Html {
    let voice = &given.voice;
    let (tone, key) = match (lint.usable, lint.findings.is_empty()) {
        (true, true) => ("pass", "depth.linting.clean"),
        (true, false) => ("warning", "depth.linting.usable"),
        (false, _) => ("fail", "depth.linting.unusable"),
    };
    let findings = lint.findings.iter().enumerate();
    html! {
        <>
            <p data-lint={tone}>
                <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}
                <strong>{voice.word(key)}</strong>
            </p>
            {underlined(voice, kind, text, &lint.findings)}
            {for findings.map(|(index, finding)| shown(given, index, finding))}
        </>
    }
}

/// The text as it was read, with what the findings are about underlined.
fn underlined(voice: &Voice, kind: Kind, text: &str, findings: &[Finding]) -> Html {
    let missing = voice.word("page.missing");
    let record = |index: usize, text: &str, layout| {
        let here = findings.iter().enumerate().filter_map(|(number, finding)| {
            let place = finding.place.filter(|place| place.record == index)?;
            let (severity, target) = (finding.rule.severity, id(number));
            Some(Mark { span: place.span, severity, target })
        });
        marked(text, layout, &here.collect::<Vec<_>>(), &missing)
    };
    match kind {
        Kind::MtaStsPolicy => record(0, text, Layout::Lines),
        kind if kind.is_a_record_a_line() => {
            let lines = records(text).enumerate();
            lines.map(|(index, text)| record(index, text, Layout::Record)).collect()
        }
        _ => record(0, text.trim(), Layout::Record),
    }
}

fn id(index: usize) -> String {
    format!("lint-{}", index + 1)
}

fn shown(given: &Given, index: usize, finding: &Finding) -> Html {
    let voice = &given.voice;
    let severity = Verdict::from(finding.rule.severity).as_str();
    let section = match finding.rule.link() {
        Some(href) => html! { <a {href} rel="noreferrer">{finding.rule.section}</a> },
        None => finding.rule.section.into(),
    };
    let code = finding.rule.code;
    html! {
        <article class="finding" id={id(index)} data-finding={code} tabindex="-1">
            <h5>
                <span class={format!("badge is-{severity}")} aria-hidden="true" />
                <span class="hidden">{voice.of("verdict", severity)}{": "}</span>
                {voice.finding(finding, Part::Title)}
            </h5>
            <p>{voice.finding(finding, Part::Why)}</p>
            <p class="fix">
                <strong>{voice.word("page.fix")}</strong>{" "}{voice.finding(finding, Part::Fix)}
            </p>
            {corrected(given, finding)}
            <p class="exact">
                {voice.finding(finding, Part::Exact)}{" · "}{section}{" · "}
                <a href={format!("rules/{code}.html")}><code>{code}</code></a>
            </p>
        </article>
    }
}

fn corrected(given: &Given, finding: &Finding) -> Html {
    let Some(text) = &finding.fix else { return Html::default() };
    let word = given.voice.word("page.copy");
    html! {
        <div class="copyable">
            {marked(text.trim_end(), Layout::Lines, &[], "")}
            <Copy given={given.clone()} text={text.clone()} {word} />
        </div>
    }
}

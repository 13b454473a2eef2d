//! What was found in texts: whether others can use them, the bytes underlined, each finding explained.

use mxray_browser::{Copy, Layout, Mark, Part, Voice};
use mxray_records::lint::{Kind, Lint};
use mxray_records::{Finding, Severity, Text};
use mxray_scan::Verdict;
use mxray_scan::depth::Depth;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;
use crate::marked::marked;

/// Loads the sentences of what was found, and shows all anew with them.
#[hook]
pub(crate) fn use_sentences(given: &Given, findings: &[Finding]) {
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

/// Texts as they were read, and what there is to say about them; `id` sets the places on the page apart.
pub(crate) fn linted(given: &Given, id: &str, kind: Kind, texts: &[Text], lint: &Lint) -> Html {
    let texts = texts.iter().enumerate();
    let findings = lint.findings.iter().enumerate();
    html! {
        <>
            {verdict(&given.voice, lint.usable, lint.findings.iter())}
            {for texts.map(|(record, text)| underlined(given, id, kind, (record, text), lint))}
            {for findings.map(|(index, finding)| shown(given, place(id, index), finding))}
        </>
    }
}

/// Whether others can use a text, and how much there is to say about it.
pub(crate) fn verdict<'a>(
    voice: &Voice,
    usable: bool,
    findings: impl Iterator<Item = &'a Finding>,
) -> Html {
    let (tone, key) = match findings.map(|finding| finding.rule.severity).max() {
        _ if !usable => ("fail", "depth.linting.unusable"),
        None => ("pass", "depth.linting.clean"),
        Some(Severity::Notice) => ("notice", "depth.linting.notice"),
        Some(Severity::Warning) => ("warning", "depth.linting.warning"),
        Some(Severity::Fail) => ("fail", "depth.linting.fail"),
    };
    html! {
        <p data-lint={tone}>
            <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}
            <strong>{voice.word(key)}</strong>
        </p>
    }
}

/// What was found in depth, beyond what the report says.
pub(crate) fn found(given: &Given, deep: &Depth) -> Html {
    if deep.findings.is_empty() {
        return Html::default();
    }
    let notes = deep.findings.iter().enumerate();
    let notes = notes.map(|(index, note)| shown(given, place("deep", index), &note.finding));
    part("found", given.voice.word("depth.findings"), notes.collect())
}

fn underlined(given: &Given, id: &str, kind: Kind, record: (usize, &Text), lint: &Lint) -> Html {
    let (record, text) = record;
    let marks = lint.findings.iter().enumerate().filter_map(|(index, finding)| {
        let here = finding.place.filter(|place| place.record == record)?;
        Some(Mark { span: here.span, severity: finding.rule.severity, target: place(id, index) })
    });
    let layout = match kind {
        Kind::MtaStsPolicy => Layout::Lines,
        _ => Layout::Record,
    };
    let missing = given.voice.word("page.missing");
    marked(text.as_str(), layout, &marks.collect::<Vec<_>>(), &missing)
}

fn place(id: &str, index: usize) -> String {
    format!("{id}-{}", index + 1)
}

/// One finding among those about something; `id` sets the places on the page apart.
pub(crate) fn noted(given: &Given, id: &str, index: usize, finding: &Finding) -> Html {
    shown(given, place(id, index), finding)
}

fn shown(given: &Given, id: String, finding: &Finding) -> Html {
    let voice = &given.voice;
    let severity = Verdict::from(finding.rule.severity).as_str();
    let section = match finding.rule.link() {
        Some(href) => html! { <a {href} rel="noreferrer">{finding.rule.section}</a> },
        None => finding.rule.section.into(),
    };
    let code = finding.rule.code;
    let reference = format!("{}{code}.html", voice.word("page.rules"));
    html! {
        <article class="finding" {id} data-finding={code} tabindex="-1">
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
                <a href={reference}><code>{code}</code></a>
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
            <Copy copied={given.voice.word("page.copied")} text={text.clone()} {word} />
        </div>
    }
}

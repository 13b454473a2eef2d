//! A text is tried before it is published: the rules and underlines of the report, on what was pasted.

use mxray_records::Text;
use mxray_records::lint::{Kind, lint};
use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::deep::{Props, part};
use crate::findings::{linted, use_sentences};

/// The most that is read of what was pasted, in bytes: as much as of a policy (RFC 8461 §3.3).
const MOST: usize = 64 * 1024;

/// A place for a text, and what there is to say about it as it is typed.
#[component]
pub(crate) fn Linting(props: &Props) -> Html {
    let given = &props.given;
    let voice = &given.voice;
    let kind = use_state_eq(|| Kind::MtaStsPolicy);
    let text = use_state_eq(String::new);
    let texts = texts(*kind, &text);
    let lint = (!text.trim().is_empty()).then(|| lint(*kind, &texts, &[], None));
    use_sentences(given, lint.as_ref().map_or(&[], |lint| &lint.findings));
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
                {lint.map(|lint| linted(given, "lint", *kind, &texts, &lint))}
            </div>
        </>
    };
    part("linting", voice.word("depth.linting"), content)
}

fn texts(kind: Kind, text: &str) -> Vec<Text> {
    match kind {
        Kind::MtaStsPolicy => vec![text.into()],
        kind if kind.is_a_record_a_line() => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(Text::from).collect()
        }
        _ => vec![text.trim().into()],
    }
}

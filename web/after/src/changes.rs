//! Form fields, and texts with where they go.

use mxray_browser::{Copy, Part, Voice};
use mxray_facts::Timestamp;
use mxray_records::Finding;
use mxray_scan::Verdict;
use mxray_scan::depth::Place;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::app::Form;
use crate::given::Given;
use crate::typed::Typed;

/// A field of one line, with the sentence that explains it.
pub(crate) fn field(
    voice: &Voice,
    form: &Form,
    id: &'static str,
    value: String,
    set: fn(&mut Typed, String),
) -> Html {
    let form = form.clone();
    let oninput = move |event: InputEvent| {
        let typed = event.target_dyn_into::<HtmlInputElement>();
        let typed = typed.map(|typed| typed.value()).unwrap_or_default();
        form.change(move |all| set(all, typed));
    };
    html! {
        <>
            <label for={id}>{voice.of("after", id)}</label>
            <p class="about">{voice.word(&format!("after.{id}.about"))}</p>
            <input {id} class="line" type="text" autocomplete="off" autocapitalize="none" spellcheck="false"
                maxlength="400" {value} {oninput} />
        </>
    }
}

/// A field of several lines.
pub(crate) fn area(
    voice: &Voice,
    form: &Form,
    id: &'static str,
    value: String,
    set: fn(&mut Typed, String),
) -> Html {
    let form = form.clone();
    let oninput = move |event: InputEvent| {
        let typed = event.target_dyn_into::<HtmlTextAreaElement>();
        let typed = typed.map(|typed| typed.value()).unwrap_or_default();
        form.change(move |all| set(all, typed));
    };
    html! {
        <>
            <label for={id}>{voice.of("after", id)}</label>
            <p class="about">{voice.word(&format!("after.{id}.about"))}</p>
            <textarea {id} rows="3" autocomplete="off" autocapitalize="none" spellcheck="false"
                maxlength="4000" {value} {oninput} />
        </>
    }
}

/// A list to choose from: what is kept of a choice, and what is shown of it.
pub(crate) fn choice(
    voice: &Voice,
    form: &Form,
    id: &'static str,
    options: Vec<(String, String)>,
    chosen: &str,
    set: fn(&mut Typed, String),
) -> Html {
    let (form, values) = (form.clone(), options.clone());
    let onchange = move |event: Event| {
        let list = event.target_dyn_into::<HtmlSelectElement>();
        let index = list.and_then(|list| usize::try_from(list.selected_index()).ok());
        if let Some((value, _)) = index.and_then(|index| values.get(index)).cloned() {
            form.change(move |all| set(all, value));
        }
    };
    let options = options.iter().map(|(value, shown)| {
        html! { <option value={value.clone()} selected={value == chosen}>{shown.clone()}</option> }
    });
    html! {
        <>
            <label for={id}>{voice.of("after", id)}</label>
            <p class="about">{voice.word(&format!("after.{id}.about"))}</p>
            <select {id} {onchange}>{for options}</select>
        </>
    }
}

/// Where a text goes.
pub(crate) fn place(voice: &Voice, place: &Place) -> String {
    match place {
        Place::Dns { name, record_type } => {
            let params = vec![("name", name.to_string()), ("type", (*record_type).to_owned())];
            voice.with("plan.write.dns", &params)
        }
        Place::File { url } => voice.with_one("plan.write.file", "url", url.clone()),
    }
}

/// A text to copy.
pub(crate) fn copyable(given: &Given, place: String, text: &str) -> Html {
    let word = given.voice.word("page.copy");
    html! {
        <div class="copyable">
            <p class="place">{place}</p>
            <pre>{text.trim_end().to_owned()}</pre>
            <Copy copied={given.voice.word("page.copied")} text={text.to_owned()} {word} />
        </div>
    }
}

/// What is wrong with a text.
pub(crate) fn finding(voice: &Voice, finding: &Finding) -> Html {
    let tone = Verdict::from(finding.rule.severity).as_str();
    html! {
        <p data-finding={finding.rule.code}>
            <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}
            <strong>{voice.finding(finding, Part::Title)}</strong>{". "}
            {voice.finding(finding, Part::Fix)}
        </p>
    }
}

/// When something is done after something else, if that is on the same day.
pub(crate) fn soon(given: &Given, before: Timestamp, at: Timestamp) -> Option<String> {
    let voice = &given.voice;
    let seconds = u64::try_from(at.0.saturating_sub(before.0)).unwrap_or(0);
    match seconds.div_ceil(3600) {
        _ if given.day(before) != given.day(at) => None,
        0 => Some(voice.word("after.then")),
        hours => Some(voice.with_one("after.later", "hours", hours.to_string())),
    }
}

/// So many days.
pub(crate) fn days(voice: &Voice, days: u32) -> String {
    match days {
        1 => voice.word("after.days.one"),
        days => voice.with_one("after.days.of", "days", days.to_string()),
    }
}

/// A mark for what is true, false or unknown.
pub(crate) fn mark(voice: &Voice, met: Option<bool>) -> Html {
    let (tone, key) = match met {
        Some(true) => ("pass", "after.yes"),
        Some(false) => ("fail", "after.no"),
        None => ("unknown", "after.unknown"),
    };
    html! {
        <><span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}{voice.word(key)}</>
    }
}

//! What to do, in order: what to write and where, whose task it is, and what comes before it.

use mxray_browser::{Copy, Layout, Voice};
use mxray_scan::depth::{Place, Task, Write};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;
use crate::marked::marked;

/// The whole plan.
pub(crate) fn plan(given: &Given, tasks: &[Task]) -> Html {
    let voice = &given.voice;
    let content = if tasks.is_empty() {
        html! { <p>{voice.word("plan.nothing")}</p> }
    } else {
        html! { <ol class="plan">{for tasks.iter().map(|planned| task(given, planned))}</ol> }
    };
    part("plan", voice.word("plan.title"), content)
}

fn task(given: &Given, task: &Task) -> Html {
    let voice = &given.voice;
    let after: Vec<_> = task.after.iter().map(|place| (place + 1).to_string()).collect();
    let after =
        (!after.is_empty()).then(|| voice.with_one("plan.after", "steps", after.join(", ")));
    let danger = careful(voice, task).map(|what| {
        html! { <p class="danger"><span class="badge is-warning" aria-hidden="true" />{" "}{what}</p> }
    });
    let check = voice.word(&format!("{}.check", task.what.key));
    html! {
        <li data-task={task.what.key}>
            <p><strong>{voice.sentence(&task.what)}</strong>{" "}<span class="who">{who(voice, task)}</span></p>
            {for task.writes.iter().map(|text| write(given, text))}
            {danger}
            {after.map(|after| html! { <p class="about">{after}</p> })}
            <p class="about">{voice.with_one("plan.look", "what", check)}</p>
        </li>
    }
}

/// Whose task it is, in words.
pub(crate) fn who(voice: &Voice, task: &Task) -> String {
    voice.with_one("plan.who", "who", voice.of("who", task.who.as_str()))
}

/// What is dangerous about it, if anything is.
pub(crate) fn careful(voice: &Voice, task: &Task) -> Option<String> {
    let danger = task.danger.as_ref()?;
    Some(voice.with_one("plan.careful", "what", voice.sentence(danger)))
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

fn write(given: &Given, write: &Write) -> Html {
    let voice = &given.voice;
    html! {
        <div class="copyable">
            <p class="place">{place(voice, &write.place)}</p>
            {marked(write.text.trim_end(), Layout::Lines, &[], "")}
            <Copy copied={given.voice.word("page.copied")} text={write.text.clone()} word={voice.word("page.copy")} />
        </div>
    }
}

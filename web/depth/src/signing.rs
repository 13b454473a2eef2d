//! A key that nobody can guess: under a selector that somebody knows, or that a message tells.

use std::rc::Rc;

use mxray_browser::Voice;
use mxray_facts::dns::{Question, RecordType};
use mxray_facts::{Bytes, Domain, Name, Unobserved};
use mxray_records::lint::{Kind, Lint, lint};
use mxray_records::{Finding, Text};
use mxray_scan::signature::keys;
use mxray_scan::{Network, Sentence};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::deep::{Props, part};
use crate::findings::{linted, use_sentences};
use crate::given::Given;

/// The most keys that are looked at for one text: a message rarely has more than two.
const MOST: usize = 8;

/// How far a look is.
#[derive(Clone, PartialEq)]
enum Look {
    /// Nobody asked.
    None,
    /// The text tells of no key.
    NoKey,
    /// Its questions are under way.
    UnderWay,
    /// This is there.
    Done(Rc<Vec<Key>>),
}

/// A name, and what is published there.
#[derive(PartialEq)]
struct Key {
    name: Name,
    found: Result<(Vec<Text>, Lint), Unobserved>,
}

/// A place for a selector or a header, and what is said of its keys.
#[component]
pub(crate) fn Signing(props: &Props) -> Html {
    let look = use_state(|| Look::None);
    let field = use_node_ref();
    let voice = &props.given.voice;
    let onsubmit = {
        let (given, look, field) = (props.given.clone(), look.setter(), field.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let typed = field.cast::<HtmlTextAreaElement>().map(|field| field.value());
            let mut names = keys(&typed.unwrap_or_default(), &given.report.domain);
            names.truncate(MOST);
            if names.is_empty() {
                look.set(Look::NoKey);
            } else {
                ask(given.clone(), names, look.clone());
            }
        }
    };
    let found: &[Key] = if let Look::Done(found) = &*look { found } else { &[] };
    use_sentences(&props.given, &findings(found));
    let content = html! {
        <>
            <p class="about">{voice.word("depth.signing.about")}</p>
            <form class="trial" {onsubmit} novalidate=true>
                <label for="signing-text">{voice.word("depth.signing.text")}</label>
                <textarea id="signing-text" ref={field} rows="2" spellcheck="false" autocapitalize="none"
                    autocomplete="off" maxlength="100000" aria-describedby="signing-said"
                    aria-invalid={(*look == Look::NoKey).to_string()} />
                <button type="submit" disabled={*look == Look::UnderWay}>
                    {voice.word("depth.signing.look")}
                </button>
            </form>
            <div id="signing-said" aria-live="polite">{said(&props.given, &look)}</div>
        </>
    };
    part("signing", voice.word("depth.signing"), content)
}

fn ask(given: Given, names: Vec<Name>, look: UseStateSetter<Look>) {
    look.set(Look::UnderWay);
    spawn_local(async move {
        let mut found = Vec::new();
        for name in names {
            found.push(Key { found: key(&given, &name).await, name });
        }
        look.set(Look::Done(Rc::new(found)));
    });
}

async fn key(given: &Given, name: &Name) -> Result<(Vec<Text>, Lint), Unobserved> {
    let answer = given.dns(&Question::new(name.clone(), RecordType::Txt)).await?;
    let texts = answer.texts().map(|strings| Text::join(strings.iter().map(Bytes::to_text)));
    let texts: Vec<Text> = texts.collect();
    let lint = lint(Kind::DkimKey, &texts, &[], None);
    Ok((texts, lint))
}

fn findings(keys: &[Key]) -> Vec<Finding> {
    let found = keys.iter().filter_map(|key| key.found.as_ref().ok());
    found
        .filter(|(texts, _)| !texts.is_empty())
        .flat_map(|(_, lint)| lint.findings.clone())
        .collect()
}

fn said(given: &Given, look: &Look) -> Html {
    let voice = &given.voice;
    match look {
        Look::None => Html::default(),
        Look::NoKey => html! { <p class="error">{voice.word("depth.signing.no-key")}</p> },
        Look::UnderWay => html! { <p>{voice.word("page.looking")}</p> },
        Look::Done(keys) => {
            keys.iter().enumerate().map(|(index, key)| shown(given, index, key)).collect()
        }
    }
}

fn shown(given: &Given, index: usize, key: &Key) -> Html {
    let said = match &key.found {
        Err(why) => plain("unknown", unseen(&given.voice, why)),
        Ok((texts, _)) if texts.is_empty() => {
            plain("fail", given.voice.word("depth.signing.absent"))
        }
        Ok((texts, lint)) => {
            linted(given, &format!("key-{}", index + 1), Kind::DkimKey, texts, lint)
        }
    };
    html! {
        <>
            <p class="place"><code>{key.name.to_string()}</code>{" TXT"}</p>
            if is_foreign(&key.name, &given.report.domain) {
                {plain("warning", given.voice.word("depth.signing.other"))}
            }
            {said}
        </>
    }
}

/// Whether the key's domain is neither the mail's, nor below or above it. Others of the same
/// organization align too (RFC 9989 §4.4.1), which takes a tree walk to tell.
fn is_foreign(key: &Name, domain: &Domain) -> bool {
    let key = key.as_str().trim_end_matches('.');
    let signs = key.split_once("._domainkey.").map_or(key, |(_, signs)| signs);
    let is_below = |name: &str, above: &str| {
        name.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !is_below(signs, domain.as_str()) && !is_below(domain.as_str(), signs)
}

fn plain(tone: &'static str, sentence: String) -> Html {
    html! {
        <p data-lint={tone}>
            <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}{sentence}
        </p>
    }
}

fn unseen(voice: &Voice, why: &Unobserved) -> String {
    voice.with_one("page.reason", "reason", voice.sentence(&Sentence::from(why)))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_key_is_foreign_if_neither_domain_is_within_the_other() {
        for (case, expected) in [
            ("a.example for a.example", false),
            ("news.a.example for a.example", false),
            ("a.example for news.a.example", false),
            ("b.example for a.example", true),
            ("bad-a.example for a.example", true),
        ] {
            let (signs, domain) = case.split_once(" for ").unwrap();
            let key = format!("s._domainkey.{signs}").parse().unwrap();
            let domain = Domain::from_ascii(domain).unwrap();
            assert_eq!(is_foreign(&key, &domain), expected, "{case}");
        }
    }
}

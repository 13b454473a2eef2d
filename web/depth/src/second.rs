//! A second resolver, asked the same: where it answers otherwise, a change is on its way.

use std::rc::Rc;

use mxray_browser::{Browser, Voice};
use mxray_engine::read_seen;
use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch, Unobserved};
use mxray_records::harmless;
use mxray_scan::depth::{Compared, Difference, Said, compare};
use mxray_scan::{Gap, Network, Sentence};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::dates::{number, span};
use crate::deep::{Props, part};
use crate::given::Given;
use crate::kept::{self, Resolver};

/// How far it is.
#[derive(Clone, PartialEq)]
enum Look {
    /// Nobody asked.
    None,
    /// Its questions are under way.
    UnderWay,
    /// It came to this.
    Done(Rc<Compared>),
}

/// Who else could be asked, and what that one says. Whoever has set a second resolver need not ask.
#[component]
pub(crate) fn Second(props: &Props) -> Html {
    let given = &props.given;
    let look = use_state(|| Look::None);
    let others = use_state_eq(Vec::<Resolver>::new);
    let choice = use_node_ref();
    {
        let (given, look, others) = (given.clone(), look.setter(), others.setter());
        use_effect_with((), move |()| {
            spawn_local(async move {
                let (resolvers, second) = kept::resolvers().await;
                let other = |resolver: &Resolver| resolver.url != given.browser.resolver;
                others.set(resolvers.into_iter().filter(other).collect());
                if let Some(second) = second {
                    ask(given, second, look);
                }
            });
        });
    }
    let voice = &given.voice;
    let onsubmit = {
        let (given, look, others) = (given.clone(), look.setter(), others.clone());
        let choice = choice.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let index = choice.cast::<HtmlSelectElement>().map(|choice| choice.selected_index());
            let index = index.and_then(|index| usize::try_from(index).ok());
            if let Some(chosen) = index.and_then(|index| others.get(index)) {
                ask(given.clone(), chosen.url.clone(), look.clone());
            }
        }
    };
    let names = others.iter().map(|other| html! { <option>{&other.name}</option> });
    let content = html! {
        <>
            <p class="about">
                {voice.word("depth.second.about")}{" "}
                <a href="?#settings">{voice.word("depth.settings")}</a>
            </p>
            if !others.is_empty() {
                <form class="trial" {onsubmit}>
                    <label for="second-resolver">{voice.word("depth.second.resolver")}</label>
                    <div class="choices">
                        <select id="second-resolver" ref={choice}>{for names}</select>
                        <button type="submit" disabled={*look == Look::UnderWay}>
                            {voice.word("depth.second.ask")}
                        </button>
                    </div>
                </form>
            }
            <div id="second-said" aria-live="polite">{said(voice, &look)}</div>
        </>
    };
    part("second", voice.word("second.title"), content)
}

fn ask(given: Given, resolver: String, look: UseStateSetter<Look>) {
    let Some(browser) = Browser::new(resolver, None) else { return };
    look.set(Look::UnderWay);
    spawn_local(async move {
        let later = read_seen(&given.browser.seen).unwrap_or_default();
        let seen = given.seen.iter().cloned().chain(later);
        look.set(Look::Done(Rc::new(compare(&Resolving(browser), seen).await)));
    });
}

/// A browser that asks for nothing but DNS records.
struct Resolving(Browser);

impl Network for Resolving {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        self.0.dns(question).await
    }

    async fn policy(&self, _: &Domain) -> Observation<PolicyFetch> {
        Err(Unobserved::NoProxy)
    }

    async fn mail_host(&self, _: &Domain, _: &Name) -> Observation<MailHost> {
        Err(Unobserved::NoProxy)
    }
}

fn said(voice: &Voice, look: &Look) -> Html {
    match look {
        Look::None => Html::default(),
        Look::UnderWay => html! { <p>{voice.word("page.looking")}</p> },
        Look::Done(compared) => shown(voice, compared),
    }
}

fn shown(voice: &Voice, compared: &Compared) -> Html {
    let Compared { answered, differences, gaps } = compared;
    let count = number(voice, *answered as u64);
    let (tone, sentence) = match (answered, differences.is_empty()) {
        (0, _) => ("unknown", voice.word("depth.second.none")),
        (_, true) => ("pass", voice.with_one("second.same", "count", count)),
        (_, false) => ("notice", voice.with_one("depth.second.differs", "count", count)),
    };
    html! {
        <>
            <p data-second={tone}>
                <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}{sentence}
            </p>
            {for differences.iter().map(|found| difference(voice, found))}
            <ul>{for gaps.iter().map(|found| html! { <li>{gap(voice, found)}</li> })}</ul>
        </>
    }
}

fn difference(voice: &Voice, difference: &Difference) -> Html {
    let Difference { name, record_type, first, second, over_in } = difference;
    let over = over_in.map(|over| {
        let span = span(voice, over);
        html! { <p class="about">{voice.with_one("depth.second.over", "span", span)}</p> }
    });
    html! {
        <div class="difference">
            <p class="place"><code>{name.to_string()}</code>{" "}{*record_type}</p>
            <ul>{records(voice, "second.first", first)}{records(voice, "second.second", second)}</ul>
            {for over}
        </div>
    }
}

fn records(voice: &Voice, key: &str, said: &Said) -> Html {
    let records = match said.records.as_slice() {
        [] => voice.word("second.nothing"),
        records => harmless(&records.join(" | ")).into_owned(),
    };
    let until = said.ttl.map(|ttl| {
        html! { <span class="came">{" · "}{voice.with_one("depth.second.remembers", "span", span(voice, ttl))}</span> }
    });
    html! { <li>{voice.with_one(key, "records", records)}{for until}</li> }
}

fn gap(voice: &Voice, Gap { what, reason }: &Gap) -> String {
    let why = voice.sentence(&Sentence::from(reason));
    voice.with("second.gap", &vec![("what", what.clone()), ("why", why)])
}

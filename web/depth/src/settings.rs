//! The visitor's own settings: who is asked, kept in the browser, for every later check.

use mxray_browser::{Voice, save};
use mxray_engine::to_json;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlSelectElement, Url};
use yew::prelude::*;

use crate::kept::{self, Chosen, Resolver};

/// The visitor's language.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) voice: Voice,
}

/// The panel, once it is known what the page comes with.
#[component]
pub(crate) fn Settings(props: &Props) -> Html {
    let known = use_state(|| None::<Known>);
    {
        let known = known.setter();
        use_effect_with((), move |()| {
            spawn_local(async move { known.set(Some(Known::read().await)) });
        });
    }
    let voice = &props.voice;
    html! {
        <section id="settings" class="part" aria-labelledby="settings-heading">
            <h2 id="settings-heading">{voice.word("depth.settings")}</h2>
            <p class="about">{voice.word("depth.settings.about")}</p>
            {for known.as_ref().map(|known| html! { <Form voice={voice.clone()} known={known.clone()} /> })}
        </section>
    }
}

/// What there is to choose from, and what was chosen.
#[derive(Clone, PartialEq)]
struct Known {
    of_page: Chosen,
    chosen: Chosen,
    resolvers: Vec<Resolver>,
}

impl Known {
    async fn read() -> Self {
        let nothing = Chosen { proxy: None, resolvers: Vec::new(), second: None };
        let of_page = Chosen::of_page().await.unwrap_or(nothing);
        let (resolvers, _) = kept::resolvers().await;
        let chosen = Chosen::read().unwrap_or_else(|| of_page.clone());
        Self { of_page, chosen, resolvers }
    }
}

/// What was typed and chosen: addresses.
#[derive(Clone, PartialEq)]
struct Typed {
    resolver: String,
    second: String,
    proxy: String,
}

/// Stands for no proxy at all; an empty one is the page's own server.
const NO_PROXY: &str = "-";

/// How a field is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Resolver,
    Second,
    Proxy,
}

/// What came of the last button.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Wrong(Wrong),
    Kept,
    NotKept,
    AsItCame,
    Forgotten,
}

#[derive(Clone, PartialEq, Properties)]
struct FormProps {
    voice: Voice,
    known: Known,
}

#[component]
fn Form(props: &FormProps) -> Html {
    let FormProps { voice, known } = props;
    let typed = use_state_eq(|| Typed::of(&known.chosen));
    let said = use_state_eq(|| Said::Nothing);
    let change = |set: fn(&mut Typed, String)| {
        let (typed, said) = (typed.clone(), said.setter());
        Callback::from(move |value: String| {
            let mut next = (*typed).clone();
            set(&mut next, value);
            typed.set(next);
            said.set(Said::Nothing);
        })
    };
    let onsubmit = {
        let (typed, said, known) = (typed.clone(), said.setter(), known.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            said.set(match typed.read(&known) {
                Err(wrong) => Said::Wrong(wrong),
                Ok(chosen) if chosen.keep() => Said::Kept,
                Ok(_) => Said::NotKept,
            });
        }
    };
    let export = {
        let (typed, said, known) = (typed.clone(), said.setter(), known.clone());
        move |_| match typed.read(&known) {
            Err(wrong) => said.set(Said::Wrong(wrong)),
            Ok(chosen) => {
                let text = to_json(&chosen).unwrap_or_default();
                // What a browser does not let a page save, it says itself.
                let _ = save("config.json", "application/json", text.as_bytes());
            }
        }
    };
    let clear = {
        let (typed, said, of_page) = (typed.setter(), said.setter(), known.of_page.clone());
        move |_| {
            kept::forget_settings();
            typed.set(Typed::of(&of_page));
            said.set(Said::AsItCame);
        }
    };
    let forget = {
        let said = said.setter();
        move |_| {
            kept::forget_results();
            said.set(Said::Forgotten);
        }
    };
    let resolvers = known.resolvers.iter();
    let resolvers: Vec<Offer> =
        resolvers.map(|it| Offer { value: it.url.clone(), name: it.name.clone() }).collect();
    let nobody = Offer { value: String::new(), name: voice.word("depth.settings.nobody") };
    let seconds = [nobody].into_iter().chain(resolvers.iter().cloned()).collect::<Vec<_>>();
    let wrong = |which| *said == Said::Wrong(which);
    html! {
        <>
            <form class="trial" {onsubmit} novalidate=true>
                <Choice id="settings-resolver" label={voice.word("depth.settings.resolver")} offers={resolvers}
                    other={voice.word("depth.settings.other")} value={typed.resolver.clone()}
                    wrong={wrong(Wrong::Resolver)} chose={change(|typed, value| typed.resolver = value)} />
                <Choice id="settings-second" label={voice.word("depth.settings.second")} offers={seconds}
                    other={voice.word("depth.settings.other")} value={typed.second.clone()}
                    wrong={wrong(Wrong::Second)} chose={change(|typed, value| typed.second = value)} />
                <Choice id="settings-proxy" label={voice.word("depth.settings.proxy")}
                    offers={proxies(voice, &known.of_page)}
                    other={voice.word("depth.settings.other")} value={typed.proxy.clone()}
                    wrong={wrong(Wrong::Proxy)} chose={change(|typed, value| typed.proxy = value)} />
                <p class="about">{voice.word("depth.settings.proxy.about")}</p>
                <p class="choices">
                    <button type="submit" id="settings-keep">{voice.word("depth.settings.keep")}</button>
                    <button type="button" class="quiet" id="settings-export" onclick={export}>
                        {voice.word("depth.settings.export")}
                    </button>
                    <button type="button" class="quiet" id="settings-clear" onclick={clear}>
                        {voice.word("depth.settings.clear")}
                    </button>
                    <button type="button" class="quiet" id="settings-forget" onclick={forget}>
                        {voice.word("depth.settings.forget")}
                    </button>
                </p>
            </form>
            <div id="settings-said" aria-live="polite">{sentence(voice, *said)}</div>
        </>
    }
}

/// How proxies can be chosen: as the page comes, or none.
fn proxies(voice: &Voice, of_page: &Chosen) -> Vec<Offer> {
    let none = Offer { value: NO_PROXY.to_owned(), name: voice.word("depth.settings.no-proxy") };
    let own = of_page.proxy.clone();
    let own = own.map(|value| Offer { value, name: voice.word("depth.settings.own-proxy") });
    own.into_iter().chain([none]).collect()
}

fn sentence(voice: &Voice, said: Said) -> Html {
    let error = |key| html! { <p class="error">{voice.word(key)}</p> };
    let started = |key| {
        html! {
            <p data-settings="kept">
                <span class="badge is-pass" aria-hidden="true" />{" "}{voice.word(key)}{" "}
                <a href="?">{voice.word("depth.settings.check")}</a>
            </p>
        }
    };
    match said {
        Said::Nothing => Html::default(),
        Said::Wrong(Wrong::Proxy) => error("depth.settings.bad-proxy"),
        Said::Wrong(Wrong::Resolver | Wrong::Second) => error("depth.settings.bad-resolver"),
        Said::NotKept => error("depth.settings.not-kept"),
        Said::Kept => started("depth.settings.kept"),
        Said::AsItCame => started("depth.settings.as-it-came"),
        Said::Forgotten => html! { <p>{voice.word("depth.settings.forgotten")}</p> },
    }
}

impl Typed {
    fn of(chosen: &Chosen) -> Self {
        let resolver = chosen.resolvers.first().map(|resolver| resolver.url.clone());
        Self {
            resolver: resolver.unwrap_or_default(),
            second: chosen.second.clone().unwrap_or_default(),
            proxy: chosen.proxy.clone().unwrap_or_else(|| NO_PROXY.to_owned()),
        }
    }

    fn read(&self, known: &Known) -> Result<Chosen, Wrong> {
        let is_known = |url: &str| known.resolvers.iter().any(|resolver| resolver.url == url);
        let named = |url: &str| known.resolvers.iter().find(|it| it.url == url).cloned();
        let resolver = named(&self.resolver)
            .or_else(|| address(&self.resolver).map(|url| Resolver { name: host(&url), url }))
            .ok_or(Wrong::Resolver)?;
        let second = match self.second.as_str() {
            "" => None,
            url if is_known(url) => Some(url.to_owned()),
            url => Some(address(url).ok_or(Wrong::Second)?),
        };
        let proxy = match self.proxy.as_str() {
            NO_PROXY => None,
            proxy if known.of_page.proxy.as_deref() == Some(proxy) => Some(proxy.to_owned()),
            proxy => Some(address(proxy).ok_or(Wrong::Proxy)?.trim_end_matches('/').to_owned()),
        };
        let others = known.of_page.resolvers.iter().filter(|other| other.url != resolver.url);
        let resolvers = [resolver.clone()].into_iter().chain(others.cloned()).collect();
        Ok(Chosen { proxy, resolvers, second })
    }
}

/// An address that a page may ask: HTTPS, or this machine (see the Content-Security-Policy).
fn address(typed: &str) -> Option<String> {
    let url = Url::new(typed.trim()).ok()?;
    let is_here = matches!(&*url.hostname(), "127.0.0.1" | "localhost");
    let is_allowed = url.protocol() == "https:" || url.protocol() == "http:" && is_here;
    (is_allowed && !url.hostname().is_empty() && url.username().is_empty()).then(|| url.href())
}

fn host(url: &str) -> String {
    Url::new(url).map(|url| url.host()).unwrap_or_default()
}

/// Something to choose.
#[derive(Clone, PartialEq)]
struct Offer {
    value: String,
    name: String,
}

#[derive(Clone, PartialEq, Properties)]
struct ChoiceProps {
    id: &'static str,
    label: String,
    offers: Vec<Offer>,
    /// What the offer of an address of one's own is called.
    other: String,
    value: String,
    wrong: bool,
    chose: Callback<String>,
}

/// A list, and a field for what is not in it.
#[component]
fn Choice(props: &ChoiceProps) -> Html {
    const BEGINNING: &str = "https://";
    let ChoiceProps { id, label, offers, other, value, wrong, chose } = props;
    let place = offers.iter().position(|offer| offer.value == *value);
    let onchange = {
        let (offers, chose) = (offers.clone(), chose.clone());
        move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>();
            let index = chosen.and_then(|chosen| usize::try_from(chosen.selected_index()).ok());
            let offer = index.and_then(|index| offers.get(index));
            chose.emit(offer.map_or_else(|| BEGINNING.to_owned(), |offer| offer.value.clone()));
        }
    };
    let oninput = {
        let chose = chose.clone();
        move |event: InputEvent| {
            let typed = event.target_dyn_into::<HtmlInputElement>();
            chose.emit(typed.map(|typed| typed.value()).unwrap_or_default());
        }
    };
    let options = offers.iter().enumerate().map(|(index, offer)| {
        html! { <option selected={place == Some(index)}>{&offer.name}</option> }
    });
    html! {
        <>
            <label for={*id}>{label}</label>
            <select id={*id} {onchange}>
                {for options}
                <option selected={place.is_none()}>{other}</option>
            </select>
            if place.is_none() {
                <div class="field">
                    <input id={format!("{id}-own")} type="url" aria-label={label.clone()} value={value.clone()}
                        autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="500"
                        aria-invalid={wrong.to_string()} aria-describedby="settings-said" {oninput} />
                </div>
            }
        </>
    }
}

// Addresses are read by the browser.
#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn an_address_is_one_that_a_page_may_ask() {
        for (typed, expected) in [
            ("https://resolver.example/dns-query", true),
            (" https://resolver.example ", true),
            ("http://127.0.0.1:8053/dns-query", true),
            ("http://localhost/", true),
            ("http://resolver.example/dns-query", false),
            ("https://", false),
            ("https://user@resolver.example/", false),
            ("resolver.example", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            assert_eq!(address(typed).is_some(), expected, "{typed}");
        }
    }
}

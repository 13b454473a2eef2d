//! What becomes of a domain that was typed: it is looked at, and told as it goes.

use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use js_sys::{Date, Function};
use mxray_browser::{Browser, Sight, Voice, understand};
use mxray_facts::{Domain, DomainError, Timestamp, TypedError};
use mxray_scan::{Check, Event, Report, scan};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::detail::{self, VERSION};
use crate::to_js::ToJs;
use crate::view;

/// What a card starts from.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) voice: Voice,
    pub(crate) links: Links,
    pub(crate) tell: Tell,
}

/// Where a visitor can go on from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Links {
    /// The page with the full report, which takes a `?domain=`.
    pub(crate) report: String,
    /// What the host offers: its words, and where it is.
    pub(crate) call: Option<(String, String)>,
    /// Where the host's offer opens.
    pub(crate) target: String,
}

impl Links {
    /// The full report about a domain.
    pub(crate) fn report(&self, domain: &Domain) -> String {
        let joint = if self.report.contains('?') { "&" } else { "?" };
        [&self.report, joint, "domain=", domain.as_str()].concat()
    }
}

/// Who hears of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tell(pub(crate) Function);

impl Tell {
    fn tell(&self, event: &str, detail: &impl ToJs) {
        self.tell_with(event, detail, &JsValue::UNDEFINED);
    }

    fn tell_with(&self, event: &str, detail: &impl ToJs, seen: &JsValue) {
        // What the host does with it is the host's.
        let _ = self.0.call3(&JsValue::NULL, &event.into(), &detail.to_js(), seen);
    }
}

/// What happens.
#[derive(Debug)]
pub(crate) enum Happening {
    /// Somebody typed something, and wants it looked at.
    Asked { typed: String, resolver: String, proxy: Option<String> },
    /// A check is complete.
    Check(Rc<Check>),
    /// All is said, of what was seen here.
    Report(Rc<Report>, Rc<Browser>),
}

/// The card.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) state: State,
}

/// What there is to say.
#[derive(Debug)]
pub(crate) enum State {
    /// Nobody asked.
    Empty,
    /// What was typed is no domain, for this reason.
    Misunderstood(String),
    /// Answers are awaited.
    Looking(Looking),
    /// All is said.
    Done(Rc<Report>),
}

/// A scan under way; dropping it ends it, and every request of its own.
#[derive(Debug)]
pub(crate) struct Looking {
    pub(crate) domain: Domain,
    /// How many checks are complete.
    pub(crate) done: usize,
    handle: AbortHandle,
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

impl Component for Card {
    type Message = Happening;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self { state: State::Empty }
    }

    fn update(&mut self, context: &Context<Self>, happening: Happening) -> bool {
        let tell = &context.props().tell;
        match happening {
            Happening::Asked { typed, resolver, proxy } => {
                // The old one ends before the new one begins.
                self.state = State::Empty;
                self.state = ask(context, &typed, Browser::new(resolver, proxy));
            }
            Happening::Check(check) => {
                let State::Looking(looking) = &mut self.state else { return false };
                looking.done += 1;
                tell.tell("mxray-progress", &detail::progress(looking, &check));
            }
            Happening::Report(report, browser) => {
                let Props { voice, links, .. } = context.props();
                let outcome = detail::outcome(voice, links, &report);
                tell.tell_with("mxray-result", &outcome, &browser.seen);
                self.state = State::Done(report);
            }
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        view::card(context.props(), &self.state)
    }
}

fn ask(context: &Context<Card>, typed: &str, browser: Option<Browser>) -> State {
    let Props { voice, tell, .. } = context.props();
    let trouble = |reason: &str, message: String| {
        let detail = detail::Trouble { version: VERSION, reason: reason.to_owned(), message };
        tell.tell("mxray-error", &detail);
        State::Misunderstood(detail.message)
    };
    match (understand(typed), browser) {
        (Err(error), _) => {
            let character = match error {
                TypedError::Domain(DomainError::Character(character)) => character.to_string(),
                _ => String::new(),
            };
            trouble(error.key(), voice.with_one(error.key(), "character", character))
        }
        (_, None) => trouble("widget.old-browser", voice.word("widget.old-browser")),
        (Ok(typed), Some(browser)) => {
            let domain = typed.domain.clone();
            tell.tell("mxray-start", &detail::Start { version: VERSION, domain });
            State::Looking(look(context, typed.domain, browser))
        }
    }
}

fn look(context: &Context<Card>, domain: Domain, browser: Browser) -> Looking {
    let (handle, registration) = AbortHandle::new_pair();
    let (link, scanned, browser) = (context.link().clone(), domain.clone(), Rc::new(browser));
    let voice = context.props().voice.clone();
    let scan = async move {
        let observe = |event| {
            if let Event::Finished(check) = event {
                link.send_message(Happening::Check(check));
            }
        };
        let now = Timestamp((Date::now() / 1000.0) as i64);
        let report = scan(&Sight(Rc::clone(&browser)), &scanned, now, &observe).await;
        voice.learn(detail::rules(&report)).await;
        link.send_message(Happening::Report(Rc::new(report), browser));
    };
    wasm_bindgen_futures::spawn_local(async move {
        // An aborted scan has nothing to say.
        let _ = Abortable::new(scan, registration).await;
    });
    Looking { domain, done: 0, handle }
}

//! The whole page below its head: the form, and what came of it.

use std::cell::RefCell;
use std::rc::Rc;

use mxray_facts::{Domain, TypedError};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::network::Browser;
use crate::scanning::{Action, Running, State, start};
use crate::settings::Settings;
use crate::voice::Voice;
use crate::{address, input, view};

/// What the page has loaded before it can say anything.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    /// What whoever runs the page has set.
    pub(crate) settings: Settings,
    /// The visitor's language.
    pub(crate) voice: Voice,
    /// What was typed before.
    pub(crate) typed: String,
}

/// What there is to say about what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// No domain could be understood.
    Misunderstood(TypedError),
    /// A leading `www.` was left out.
    DroppedWww(Domain),
}

/// The page.
#[component]
pub(crate) fn App(props: &Props) -> Html {
    let Props { settings, voice, typed } = props;
    let state = use_reducer(State::default);
    let notice = use_state(|| None::<Notice>);
    let resolver = use_state(|| 0);
    let running = use_mut_ref(|| None);
    let field = use_node_ref();
    let checker = Checker {
        resolver: settings.resolvers[*resolver].url.clone(),
        proxy: settings.proxy.clone(),
        field: field.clone(),
        notice: notice.setter(),
        state: state.dispatcher(),
        running,
    };

    let (first, typed) = (checker.clone(), typed.clone());
    use_effect_with((), move |()| {
        first.fill(&typed);
        first.follow_address();
    });
    let follower = checker.clone();
    use_effect_with(*resolver, move |_| {
        let moved = address::on_move(move || follower.follow_address());
        move || drop(moved)
    });

    let submitted = {
        let checker = checker.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            checker.look(&checker.typed());
        })
    };
    let again = {
        let checker = checker.clone();
        Callback::from(move |domain: Domain| checker.look(domain.as_str()))
    };
    let stop = Callback::from(move |()| checker.stop());
    let chosen = {
        let resolver = resolver.setter();
        Callback::from(move |index| resolver.set(index))
    };
    html! {
        <>
            { view::form(voice, settings, &field, notice.as_ref(), *resolver, submitted, chosen) }
            if let Some(scanning) = &state.scanning {
                { view::result(voice, scanning, again, stop) }
            }
        </>
    }
}

/// What the visitor's actions do.
#[derive(Clone)]
struct Checker {
    resolver: String,
    proxy: Option<String>,
    field: NodeRef,
    notice: UseStateSetter<Option<Notice>>,
    state: UseReducerDispatcher<State>,
    running: Rc<RefCell<Option<Running>>>,
}

impl Checker {
    /// Checks what was typed, or says why it cannot be.
    fn look(&self, typed: &str) {
        match input::understand(typed) {
            Ok(typed) => {
                let dropped = typed.dropped_www.then(|| Notice::DroppedWww(typed.domain.clone()));
                self.notice.set(dropped);
                address::name(typed.domain.as_str());
                self.start(typed.domain);
            }
            Err(error) => self.notice.set(Some(Notice::Misunderstood(error))),
        }
    }

    /// Checks the domain that the page's address names, unless it is on the screen already.
    fn follow_address(&self) {
        match address::domain() {
            Some(domain) if !self.shows(&domain) => {
                self.fill(&domain);
                self.look(&domain);
            }
            Some(_) => {}
            None => self.leave(),
        }
    }

    fn shows(&self, domain: &str) -> bool {
        self.running.borrow().as_ref().is_some_and(|running| running.domain.as_str() == domain)
    }

    fn start(&self, domain: Domain) {
        address::title(Some(domain.as_str()));
        let Some(browser) = Browser::new(self.resolver.clone(), self.proxy.clone()) else { return };
        let state = self.state.clone();
        // The old one ends before the new one begins.
        self.running.take();
        let running = start(browser, domain, Callback::from(move |action| state.dispatch(action)));
        self.running.replace(Some(running));
    }

    fn stop(&self) {
        self.running.take();
        self.state.dispatch(Action::Stop);
    }

    fn leave(&self) {
        address::title(None);
        self.running.take();
        self.notice.set(None);
        self.state.dispatch(Action::Leave);
    }

    fn typed(&self) -> String {
        self.field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default()
    }

    fn fill(&self, typed: &str) {
        if let Some(field) = self.field.cast::<HtmlInputElement>() {
            field.set_value(typed);
        }
    }
}

//! A scan as the page sees it: what is known so far, from the first question to the report.

use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use js_sys::Date;
use mxray_facts::{Domain, Timestamp};
use mxray_scan::{Check, CheckId, Event, Report, scan};
use yew::{Callback, Reducible};

use crate::network::Browser;

/// What is known of a domain so far.
#[derive(Clone, Debug)]
pub(crate) struct Scanning {
    /// What is looked at.
    pub(crate) domain: Domain,
    /// Each check that is complete.
    pub(crate) checks: Vec<Rc<Check>>,
    /// How far it is.
    pub(crate) phase: Phase,
}

/// How far a scan is.
#[derive(Clone, Debug)]
pub(crate) enum Phase {
    /// Answers are awaited.
    Running,
    /// The visitor ended it.
    Stopped,
    /// All is said.
    Done(Rc<Report>),
}

impl Scanning {
    fn new(domain: Domain) -> Self {
        Self { domain, checks: Vec::new(), phase: Phase::Running }
    }

    /// A check, if it is complete.
    pub(crate) fn check(&self, id: CheckId) -> Option<&Rc<Check>> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// The report, if all is said.
    pub(crate) fn report(&self) -> Option<&Rc<Report>> {
        match &self.phase {
            Phase::Done(report) => Some(report),
            _ => None,
        }
    }
}

/// The scan that the page shows, if it shows one.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) scanning: Option<Scanning>,
}

/// What happens to it.
pub(crate) enum Action {
    /// A scan began.
    Begin(Domain),
    /// A check is complete.
    Complete(Rc<Check>),
    /// All is said.
    Finish(Rc<Report>),
    /// The visitor ended it.
    Stop,
    /// The visitor went back to where there was none.
    Leave,
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut scanning = self.scanning.clone();
        match (action, &mut scanning) {
            (Action::Begin(domain), scanning) => *scanning = Some(Scanning::new(domain)),
            (Action::Leave, scanning) => *scanning = None,
            (Action::Complete(check), Some(scanning)) => scanning.checks.push(check),
            (Action::Finish(report), Some(scanning)) => scanning.phase = Phase::Done(report),
            (Action::Stop, Some(scanning)) => scanning.phase = Phase::Stopped,
            (_, None) => {}
        }
        Rc::new(Self { scanning })
    }
}

/// A scan under way; dropping it ends it and every request of its own.
#[derive(Debug)]
pub(crate) struct Running {
    /// What is looked at.
    pub(crate) domain: Domain,
    handle: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

/// Starts a scan and tells of it.
pub(crate) fn start(browser: Browser, domain: Domain, tell: Callback<Action>) -> Running {
    let (handle, registration) = AbortHandle::new_pair();
    tell.emit(Action::Begin(domain.clone()));
    let running = Running { domain: domain.clone(), handle };
    let scan = async move {
        let observe = |event| {
            if let Event::Finished(check) = event {
                tell.emit(Action::Complete(Rc::from(check)));
            }
        };
        let report = scan(&browser, &domain, now(), &observe).await;
        tell.emit(Action::Finish(Rc::new(report)));
    };
    wasm_bindgen_futures::spawn_local(async move {
        // An aborted scan has nothing to say.
        let _ = Abortable::new(scan, registration).await;
    });
    running
}

fn now() -> Timestamp {
    Timestamp((Date::now() / 1000.0) as i64)
}

//! A scan as the page sees it: what is known so far, from the first question to the report.

use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use js_sys::Date;
use mxray_browser::{Browser, Sight, Voice};
use mxray_facts::{Domain, Timestamp};
use mxray_scan::{Check, CheckId, Event, Report, scan};
use yew::Callback;

/// What is known of a domain so far. Dropping it ends the scan and every request of its own.
#[derive(Debug)]
pub(crate) struct Scanning {
    /// What is looked at.
    pub(crate) domain: Domain,
    /// When it began.
    pub(crate) started: Timestamp,
    /// Who looks, and has kept all that was seen.
    pub(crate) browser: Rc<Browser>,
    /// Each check that is complete.
    pub(crate) checks: Vec<Rc<Check>>,
    /// How far it is.
    pub(crate) phase: Phase,
    handle: AbortHandle,
}

/// How far a scan is.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Answers are awaited.
    Running,
    /// The visitor ended it.
    Stopped,
    /// All is said.
    Done(Rc<Report>),
}

/// What a scan has to say.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// A check is complete.
    Check(Rc<Check>),
    /// All is said.
    Report(Rc<Report>),
}

impl Scanning {
    /// Starts a scan, which tells of itself.
    pub(crate) fn start(browser: Browser, domain: Domain, tell: Callback<News>) -> Self {
        let (handle, registration) = AbortHandle::new_pair();
        let (scanned, started, browser) = (domain.clone(), now(), Rc::new(browser));
        let sight = Sight(Rc::clone(&browser));
        let scan = async move {
            let observe = |event| {
                if let Event::Finished(check) = event {
                    tell.emit(News::Check(check));
                }
            };
            let report = scan(&sight, &scanned, started, &observe).await;
            tell.emit(News::Report(Rc::new(report)));
        };
        wasm_bindgen_futures::spawn_local(async move {
            // An aborted scan has nothing to say.
            let _ = Abortable::new(scan, registration).await;
        });
        Self { domain, started, browser, checks: Vec::new(), phase: Phase::Running, handle }
    }

    /// Takes note of what the scan says.
    pub(crate) fn hear(&mut self, news: News) {
        match news {
            News::Check(check) => self.checks.push(check),
            News::Report(report) => self.phase = Phase::Done(report),
        }
    }

    /// Ends it; what is known stays.
    pub(crate) fn stop(&mut self) {
        self.handle.abort();
        self.phase = Phase::Stopped;
    }

    /// A check, if it is complete and can be told.
    pub(crate) fn check_in(&self, voice: &Voice, id: CheckId) -> Option<&Check> {
        let check = self.checks.iter().map(Rc::as_ref).find(|check| check.id == id);
        check.filter(|check| voice.knows(check))
    }

    /// The report, if all is said and can be told.
    pub(crate) fn report_in(&self, voice: &Voice) -> Option<&Report> {
        match &self.phase {
            Phase::Done(report) if report.checks.iter().all(|check| voice.knows(check)) => {
                Some(report)
            }
            _ => None,
        }
    }
}

impl Drop for Scanning {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

fn now() -> Timestamp {
    Timestamp((Date::now() / 1000.0) as i64)
}

//! What every part starts from.

use std::ops::Deref;
use std::rc::Rc;

use js_sys::Date;
use mxray_browser::{Browser, Voice};
use mxray_facts::Timestamp;
use mxray_scan::Report;
use mxray_scan::depth::Known;

/// The scan's report, the browser's view for what is to be tried, and the visitor's language.
#[derive(Clone, Debug)]
pub(crate) struct Given(Rc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) report: Report,
    pub(crate) voice: Voice,
    pub(crate) browser: Browser,
    /// Senders that honor policies, as the depth knows them.
    pub(crate) known: Known,
    /// Whether somebody can talk to mail servers for us.
    pub(crate) has_proxy: bool,
}

impl Given {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Rc::new(inner))
    }
}

impl Deref for Given {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// It never changes.
impl PartialEq for Given {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The moment.
pub(crate) fn now() -> Timestamp {
    Timestamp((Date::now() / 1000.0) as i64)
}

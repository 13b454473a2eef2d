//! What every part of the depth starts from.

use std::ops::Deref;
use std::rc::Rc;

use js_sys::Array;
use mxray_browser::{Browser, Voice};
use mxray_engine::{mail_host, policy};
use mxray_facts::dns::{Answer, Question};
use mxray_facts::{BimiFacts, Domain, MailHost, Name, Observation, PolicyFetch};
use mxray_scan::depth::Known;
use mxray_scan::{Network, Report, Seen};
use serde_wasm_bindgen::from_value;

/// A report, the browser's view for what nobody asked yet, and the visitor's language.
#[derive(Clone, Debug)]
pub(crate) struct Given(Rc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) report: Report,
    /// All that the report was made of.
    pub(crate) seen: Vec<Seen>,
    /// The same as it came, for what is opened next.
    pub(crate) handed: Array,
    pub(crate) voice: Voice,
    pub(crate) known: Known,
    pub(crate) browser: Browser,
}

impl Given {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Rc::new(inner))
    }
}

impl Given {
    /// The files that the BIMI record names, if there is a proxy to look at them.
    pub(crate) async fn bimi(&self) -> Option<BimiFacts> {
        from_value(self.browser.bimi(&self.report.domain).await.ok()?).ok()
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

/// The browser's view, read with serde.
impl Network for Given {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        self.browser.dns(question).await
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        policy(self.browser.policy(domain).await?)
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        mail_host(self.browser.mail_host(domain, host).await?, host)
    }
}

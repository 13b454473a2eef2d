//! What every part starts from.

use std::ops::Deref;
use std::rc::Rc;

use js_sys::{Date, Object, Reflect};
use mxray_browser::{Browser, Voice};
use mxray_engine::{mail_host, policy};
use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch, Timestamp};
use mxray_scan::depth::Known;
use mxray_scan::{Network, Report, Seen};
use wasm_bindgen::JsValue;

/// The scan's report, the browser's view for what is to be tried, and the visitor's language.
#[derive(Clone, Debug)]
pub(crate) struct Given(Rc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) report: Report,
    /// All that the report was made of.
    pub(crate) seen: Vec<Seen>,
    pub(crate) voice: Voice,
    pub(crate) browser: Browser,
    /// Where this module is.
    pub(crate) folder: String,
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

impl Inner {
    /// A day, as people of this language write it. Every date here is one of UTC, as those in reports are.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        let date = Date::new(&JsValue::from_f64(at.0 as f64 * 1000.0));
        let options = Object::new();
        for (name, value) in [("dateStyle", "medium"), ("timeZone", "UTC")] {
            // It fails for an object that is frozen, and this is not.
            let _ = Reflect::set(&options, &name.into(), &value.into());
        }
        date.to_locale_date_string(&self.voice.language, &options).into()
    }
}

/// The moment.
pub(crate) fn now() -> Timestamp {
    Timestamp((Date::now() / 1000.0) as i64)
}

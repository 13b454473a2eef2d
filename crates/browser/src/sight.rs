//! How the page and the widget read what the browser sees of a domain: at little weight.

use std::rc::Rc;

use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch, Unobserved};
use mxray_scan::Network;
use wasm_bindgen::JsValue;

use crate::from_js::{FromJs, field, structs};
use crate::look::Browser;

/// Of `MxFacts`, what is of use here: the page has looked up the MX set itself.
struct Hosts {
    hosts: Vec<MailHost>,
}

structs! {
    Hosts { hosts }
}

/// The browser's view, in the engine's types.
#[derive(Clone, Debug)]
pub struct Sight(pub Rc<Browser>);

impl Network for Sight {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        self.0.dns(question).await
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        understood(self.0.policy(domain).await)
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        let Hosts { hosts } = understood(self.0.mail_host(domain, host).await)?;
        hosts.into_iter().find(|seen| seen.host == *host).ok_or(Unobserved::NotCovered)
    }
}

fn understood<T: FromJs>(answer: Observation<JsValue>) -> Observation<T> {
    Observation::<T>::from_js(&answer?).ok_or(Unobserved::NoProxy)?
}

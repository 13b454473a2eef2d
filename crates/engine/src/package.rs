//! What the engine does besides for other people's pages and for Node: lint, and a scan by the caller's own
//! lookups.

use js_sys::{Function, Promise, Uint8Array};
use mxray_facts::dns::{Answer, Question, decode, encode};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch, Timestamp, Unobserved};
use mxray_records::lint::Kind;
use mxray_records::{Finding, Text};
use mxray_scan::{Event, Network};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::{bytes, mail_host, policy, reason, to_json};

/// What was found in a text.
#[derive(Serialize)]
struct Linted<'a> {
    usable: bool,
    findings: &'a [Finding],
}

/// Reads a text that is meant to be of a kind: `{"usable", "findings"}` in JSON.
///
/// A text has a record a line where several belong together. `mx` are the hosts that a policy has to
/// cover, `content_type` what it was served with.
///
/// # Errors
/// If there is no such kind.
#[wasm_bindgen]
pub fn lint(
    kind: &str,
    text: &str,
    mx: Vec<String>,
    content_type: Option<String>,
) -> Result<String, JsError> {
    let kind: Kind = kind.parse()?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let texts: Vec<Text> =
        if kind.is_a_record_a_line() { lines.map(Text::from).collect() } else { vec![text.into()] };
    let linted = mxray_records::lint::lint(kind, &texts, &mx, content_type.as_deref());
    let linted = Linted { usable: linted.usable, findings: &linted.findings };
    to_json(&linted).ok_or_else(|| JsError::new("what was found cannot be written"))
}

/// Looks at a domain, at a moment in seconds since 1970: the report as JSON.
///
/// Each lookup is called with what is asked, and gives a promise of an answer as `report` takes it:
/// `dns(query)`, `policy(domain)`, `mail_host(domain, host)`. `checked` hears of each check that is
/// complete, in JSON.
///
/// # Errors
/// If the domain is none.
#[wasm_bindgen]
pub async fn scan(
    domain: String,
    at: f64,
    dns: Function,
    policy: Function,
    mail_host: Function,
    checked: Function,
) -> Result<String, JsError> {
    let domain = Domain::from_ascii(&domain)?;
    let observe = |event| {
        if let Event::Finished(check) = event {
            let check = to_json(&*check).unwrap_or_default();
            // What the caller does with it is the caller's.
            let _ = checked.call1(&JsValue::NULL, &check.into());
        }
    };
    let lookups = Lookups { dns, policy, mail_host };
    let report = mxray_scan::scan(&lookups, &domain, Timestamp(at as i64), &observe).await;
    to_json(&report).ok_or_else(|| JsError::new("the report cannot be written"))
}

/// The caller's view.
struct Lookups {
    dns: Function,
    policy: Function,
    mail_host: Function,
}

impl Network for Lookups {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        let query = encode(question).map_err(|_| Unobserved::ResolverFailed)?;
        let query = Uint8Array::from(&query[..]).into();
        let answer = answered(self.dns.call1(&JsValue::NULL, &query)).await?;
        decode(question, &bytes(answer).ok_or(Unobserved::ResolverFailed)?)
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        policy(answered(self.policy.call1(&JsValue::NULL, &domain.as_str().into())).await?)
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        let (of, asked) = (domain.as_str().into(), host.as_str().into());
        let answer = answered(self.mail_host.call2(&JsValue::NULL, &of, &asked)).await?;
        mail_host(answer, host)
    }
}

/// What a lookup gives, or why it gives nothing.
async fn answered(called: Result<JsValue, JsValue>) -> Observation<JsValue> {
    let promise = called.map_err(|_| Unobserved::ResolverFailed)?;
    let answer = JsFuture::from(Promise::resolve(&promise)).await;
    let answer = answer.map_err(|_| Unobserved::ResolverFailed)?;
    match reason(&answer) {
        Some(why) => Err(why),
        None => Ok(answer),
    }
}

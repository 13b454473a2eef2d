//! How a browser looks at a domain: DNS over HTTPS, and the proxy if there is one.

use gloo_net::http::{Request, RequestBuilder, Response};
use js_sys::{Array, JSON, Uint8Array};
use mxray_facts::dns::{Answer, Question, decode, encode};
use mxray_facts::{Domain, MAX_POLICY_BYTES, Name, Observation, Unobserved};
use mxray_scan::Sentence;
use wasm_bindgen::JsValue;
use web_sys::{RequestCache, RequestCredentials, RequestRedirect, ResponseType, window};

use crate::fetch::{Failure, Fetcher, read};

/// Milliseconds; the proxy's own deadlines pass earlier, so that it can say what happened.
mod deadline {
    pub(super) const DNS: u32 = 12_000;
    /// Mail servers wait for 2 to 60 seconds; few hosts that answer need more than 10.
    pub(super) const POLICY: u32 = 10_000;
    pub(super) const PROXY_POLICY: u32 = 20_000;
    pub(super) const PROXY_MX: u32 = 45_000;
}

/// The most that a DNS message can hold (RFC 1035 §4.2.2).
const MAX_MESSAGE: usize = 65_535;

/// More than the facts about one host can take: chains of certificates, replies in full.
const MAX_FACTS: usize = 4 << 20;

/// A browser's view; dropping it ends every request.
#[derive(Debug)]
pub struct Browser {
    /// Where the resolver is asked (RFC 8484).
    pub resolver: String,
    /// Where the proxy is, if there is one.
    pub proxy: Option<String>,
    /// All that was seen, as `mxray_engine::report` wants it.
    pub seen: Array,
    fetcher: Fetcher,
}

impl Browser {
    /// Asks this resolver, and this proxy if there is one; `None` where a browser cannot cancel
    /// requests at all.
    pub fn new(resolver: String, proxy: Option<String>) -> Option<Self> {
        Some(Self { resolver, proxy, seen: Array::new(), fetcher: Fetcher::new()? })
    }

    /// The resolver's answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn dns(&self, question: &Question) -> Observation<Answer> {
        let query = encode(question).map_err(|_| Unobserved::ResolverFailed)?;
        let message = self.message(&query).await;
        let kept = message.clone().map(|message| bytes(&message));
        self.note("dns", bytes(&query), &kept);
        decode(question, &message?)
    }

    /// What the proxy's `/v1/policy` says, or the same of what could be seen without it.
    ///
    /// # Errors
    /// Why nothing could be seen.
    pub async fn policy(&self, domain: &Domain) -> Observation<JsValue> {
        let asked = [("domain", domain.as_str())];
        let answer = match self.facts("/v1/policy", &asked, deadline::PROXY_POLICY).await {
            Err(Unobserved::NoProxy | Unobserved::RateLimited) => {
                self.policy_from_here(domain).await
            }
            answer => answer,
        };
        self.note("policy", JsValue::NULL, &answer);
        answer
    }

    /// What the proxy's `/v1/mx` says of one host.
    ///
    /// # Errors
    /// Why nothing could be seen.
    pub async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<JsValue> {
        let asked = [("domain", domain.as_str()), ("host", host.as_str())];
        let answer = self.facts("/v1/mx", &asked, deadline::PROXY_MX).await;
        self.note("mail-host", host.as_str().into(), &answer);
        answer
    }

    /// What the proxy's `/v1/bimi` says of the files that a BIMI record names.
    ///
    /// # Errors
    /// Why nothing could be seen.
    pub async fn bimi(&self, domain: &Domain) -> Observation<JsValue> {
        self.facts("/v1/bimi", &[("domain", domain.as_str())], deadline::PROXY_POLICY).await
    }

    /// Asks the proxy for facts, as JSON has them; `NoProxy` if there is none or it does not answer.
    async fn facts(
        &self,
        path: &str,
        parameters: &[(&'static str, &str)],
        deadline: u32,
    ) -> Observation<JsValue> {
        let proxy = self.proxy.as_deref().ok_or(Unobserved::NoProxy)?;
        let request = unstored(Request::get(&format!("{proxy}{path}")));
        let request = request.query(parameters.iter().copied());
        let response =
            self.fetcher.send(request, deadline).await.map_err(|failure| match failure {
                Failure::TimedOut => Unobserved::TimedOut,
                Failure::Failed => Unobserved::NoProxy,
            })?;
        if let Some(refusal) = refused(response.status()) {
            return Err(refusal);
        }
        let body = read(&response, MAX_FACTS).await.map_err(|_| Unobserved::NoProxy)?;
        let text = String::from_utf8(body.bytes).map_err(|_| Unobserved::NoProxy)?;
        JSON::parse(&text).map_err(|_| Unobserved::NoProxy)
    }

    /// Reads a policy without a proxy, where its host lets every page do so (CORS). The facts are
    /// written as a proxy writes them: so they are read, and kept, in one way.
    async fn policy_from_here(&self, domain: &Domain) -> Observation<JsValue> {
        let host = domain.child("mta-sts");
        let request = unstored(Request::get(&format!("https://{host}/.well-known/mta-sts.txt")))
            .redirect(RequestRedirect::Manual)
            .credentials(RequestCredentials::Omit);
        let started = js_sys::Date::now();
        let response = self.fetcher.send(request, deadline::POLICY).await.map_err(unread)?;
        let outcome = outcome(&response).await?;
        let elapsed = (js_sys::Date::now() - started) as u32;
        let fetch = format!(
            r#"{{"Ok":{{"host":"{host}","addresses":[],"outcome":{outcome},"elapsed_ms":{elapsed}}}}}"#
        );
        JSON::parse(&fetch).map_err(|_| Unobserved::BrowserMayNotRead)
    }

    /// Asks the resolver, RFC 8484 §4.1, by GET: no preflight.
    async fn message(&self, query: &[u8]) -> Observation<Vec<u8>> {
        let query = base64(query).ok_or(Unobserved::ResolverFailed)?;
        // Base64url without padding (RFC 8484 §6).
        let query = query.trim_end_matches('=').replace('+', "-").replace('/', "_");
        let request = unstored(Request::get(&self.resolver))
            .query([("dns", query)])
            .header("Accept", "application/dns-message");
        let failed = |failure| match failure {
            Failure::TimedOut => Unobserved::TimedOut,
            Failure::Failed => Unobserved::ResolverFailed,
        };
        let response = self.fetcher.send(request, deadline::DNS).await.map_err(failed)?;
        match response.status() {
            200 => {}
            429 => return Err(Unobserved::RateLimited),
            _ => return Err(Unobserved::ResolverFailed),
        }
        Ok(read(&response, MAX_MESSAGE).await.map_err(failed)?.bytes)
    }

    /// Keeps what was seen.
    fn note(&self, kind: &str, asked: JsValue, answer: &Observation<JsValue>) {
        let answer = match answer {
            Ok(answer) => answer.clone(),
            Err(why) => reason(why).into(),
        };
        self.seen.push(&Array::of3(&kind.into(), &asked, &answer));
    }
}

/// Its name in the facts' JSON, which is that of its sentence too.
fn reason(why: &Unobserved) -> &'static str {
    Sentence::from(why).key.rsplit('.').next().unwrap_or_default()
}

/// What a proxy's status means, if it is not that facts follow.
fn refused(status: u16) -> Option<Unobserved> {
    match status {
        200 => None,
        429 | 503 => Some(Unobserved::RateLimited),
        // The proxy does not look at this name, or sees another MX set than we do.
        400 | 403 | 409 => Some(Unobserved::NotCovered),
        _ => Some(Unobserved::NoProxy),
    }
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// By the browser, which weighs nothing.
fn base64(bytes: &[u8]) -> Option<String> {
    let latin1: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    window()?.btoa(&latin1).ok()
}

/// Every look is a new one: whoever mended something wants to see it.
fn unstored(request: RequestBuilder) -> RequestBuilder {
    request.cache(RequestCache::NoStore)
}

/// A browser reports a dead host and one that other pages may not read in the same way.
fn unread(failure: Failure) -> Unobserved {
    match failure {
        Failure::TimedOut => Unobserved::TimedOut,
        Failure::Failed => Unobserved::BrowserMayNotRead,
    }
}

/// A `PolicyOutcome` in JSON.
async fn outcome(response: &Response) -> Observation<String> {
    if response.type_() == ResponseType::Opaqueredirect {
        return Ok(r#"{"redirect":{}}"#.to_owned());
    }
    let body = read(response, MAX_POLICY_BYTES).await.map_err(unread)?;
    let (status, truncated) = (response.status(), body.truncated);
    let kind = response.headers().get("content-type").map_or(JsValue::NULL, JsValue::from);
    let kind = JSON::stringify(&kind).map(String::from).unwrap_or_default();
    let body = base64(&body.bytes).unwrap_or_default();
    Ok(format!(
        r#"{{"response":{{"status":{status},"content_type":{kind},"body":"{body}","truncated":{truncated}}}}}"#
    ))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn only_what_a_proxy_of_ours_would_say_is_taken_for_its_word() {
        for (status, meaning, why) in [
            (200, None, "facts"),
            (400, Some(Unobserved::NotCovered), "a name that it does not look at"),
            (403, Some(Unobserved::NotCovered), "a domain that asked to be left alone"),
            (404, Some(Unobserved::NoProxy), "a static host without the path"),
            (405, Some(Unobserved::NoProxy), "another server"),
            (409, Some(Unobserved::NotCovered), "a host that it does not find among the domain's"),
            (429, Some(Unobserved::RateLimited), "too much for this client"),
            (502, Some(Unobserved::NoProxy), "a web server whose proxy is gone"),
            (503, Some(Unobserved::RateLimited), "too much for the proxy"),
        ] {
            assert_eq!(refused(status), meaning, "{status}: {why}");
        }
    }
}

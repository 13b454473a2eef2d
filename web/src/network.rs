//! How a browser looks at a domain: DNS over HTTPS, and the proxy if there is one.

use gloo_net::http::{Request, RequestBuilder, Response};
use mxray_facts::dns::{Answer, Question, decode, encode};
use mxray_facts::{
    Bytes, Domain, MAX_POLICY_BYTES, MailHost, Name, Observation, PolicyFetch, PolicyOutcome,
    PolicyResponse, Unobserved,
};
use mxray_scan::Network;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use web_sys::{RequestCache, RequestCredentials, RequestRedirect, ResponseType, window};

use crate::fetch::{Failure, Fetcher, read};
use crate::from_js::from_json;
use crate::settings::Resolver;

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

/// Of `MxFacts`, what is of use here: the page has looked up the MX set itself.
#[derive(Deserialize)]
struct Hosts {
    hosts: Vec<MailHost>,
}

/// A browser's view; dropping it ends every request.
#[derive(Debug)]
pub(crate) struct Browser {
    resolver: String,
    proxy: Option<String>,
    fetcher: Fetcher,
}

impl Browser {
    /// Asks this resolver, and this proxy if there is one.
    pub(crate) fn new(resolver: &Resolver, proxy: Option<&str>) -> Option<Self> {
        let (resolver, proxy) = (resolver.url.clone(), proxy.map(str::to_owned));
        Some(Self { resolver, proxy, fetcher: Fetcher::new()? })
    }

    /// Asks the proxy for facts; `NoProxy` if there is none or it does not answer.
    async fn facts<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&'static str, &str)],
        deadline: u32,
    ) -> Observation<T> {
        let proxy = self.proxy.as_deref().ok_or(Unobserved::NoProxy)?;
        let request = unstored(Request::get(&format!("{proxy}{path}")));
        let request = request.query(parameters.iter().copied());
        let response =
            self.fetcher.send(request, deadline).await.map_err(|failure| match failure {
                Failure::TimedOut => Unobserved::TimedOut,
                Failure::Failed => Unobserved::NoProxy,
            })?;
        match response.status() {
            200 => {}
            429 | 503 => return Err(Unobserved::RateLimited),
            // The proxy does not look at this name, or sees another MX set than we do.
            400 | 403 => return Err(Unobserved::NotCovered),
            _ => return Err(Unobserved::NoProxy),
        }
        let body = read(&response, MAX_FACTS).await.map_err(|_| Unobserved::NoProxy)?;
        let text = String::from_utf8(body.bytes).map_err(|_| Unobserved::NoProxy)?;
        from_json::<Observation<T>>(&text).ok_or(Unobserved::NoProxy)?
    }

    /// Reads a policy without a proxy, where its host lets every page do so (CORS).
    async fn policy_from_here(&self, domain: &Domain) -> Observation<PolicyFetch> {
        let host = domain.child("mta-sts");
        let request = unstored(Request::get(&format!("https://{host}/.well-known/mta-sts.txt")))
            .redirect(RequestRedirect::Manual)
            .credentials(RequestCredentials::Omit);
        let started = js_sys::Date::now();
        let response = self.fetcher.send(request, deadline::POLICY).await.map_err(unread)?;
        let outcome = outcome(&response).await?;
        let elapsed_ms = (js_sys::Date::now() - started) as u32;
        Ok(PolicyFetch { host, addresses: Vec::new(), tls: None, outcome, elapsed_ms })
    }
}

impl Network for Browser {
    /// RFC 8484 §4.1, by GET: no preflight.
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        let query = encode(question).map_err(|_| Unobserved::ResolverFailed)?;
        let request = unstored(Request::get(&self.resolver))
            .query([("dns", base64url(&query).ok_or(Unobserved::ResolverFailed)?)])
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
        let body = read(&response, MAX_MESSAGE).await.map_err(failed)?;
        decode(question, &body.bytes)
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        let asked = [("domain", domain.as_str())];
        match self.facts("/v1/policy", &asked, deadline::PROXY_POLICY).await {
            Err(Unobserved::NoProxy | Unobserved::RateLimited) => {
                self.policy_from_here(domain).await
            }
            seen => seen,
        }
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        let asked = [("domain", domain.as_str()), ("host", host.as_str())];
        let facts: Hosts = self.facts("/v1/mx", &asked, deadline::PROXY_MX).await?;
        facts.hosts.into_iter().find(|seen| seen.host == *host).ok_or(Unobserved::NotCovered)
    }
}

/// Base64url without padding (RFC 8484 §6), by the browser, which weighs nothing.
fn base64url(bytes: &[u8]) -> Option<String> {
    let latin1: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    let base64 = window()?.btoa(&latin1).ok()?;
    Some(base64.trim_end_matches('=').replace('+', "-").replace('/', "_"))
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

async fn outcome(response: &Response) -> Observation<PolicyOutcome> {
    if response.type_() == ResponseType::Opaqueredirect {
        return Ok(PolicyOutcome::Redirect { status: None, location: None });
    }
    let body = read(response, MAX_POLICY_BYTES).await.map_err(unread)?;
    Ok(PolicyOutcome::Response(PolicyResponse {
        status: response.status(),
        content_type: response.headers().get("content-type"),
        body: Bytes(body.bytes),
        truncated: body.truncated,
    }))
}

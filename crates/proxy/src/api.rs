//! `/v1`: facts about a domain. It takes a domain, never a URL, an address or a port.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{AGE, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::future::{self, join_all};
use mxray_facts::{
    BimiFacts, BimiFile, Contact, Domain, MailHost, MxFacts, Name, Observation, Observed,
    PolicyFetch, PolicyOutcome, StartTls, Unobserved,
};
use mxray_probe::{Allowances, BimiRecord, BimiUrl, MxSet, Probe};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::cache::{Age, Cache, Kept, LIFETIME, SHORT_LIFETIME, Said, Seen};
use crate::names;
use crate::opt_out::OptOut;
use crate::refusal::{self, Refusal, Refusals};
use crate::shared::Shared;

/// The most hosts of one domain that are talked to.
const MAX_HOSTS: usize = 10;

/// What the handlers share. What was seen of a host is kept by its name, whichever domain it was
/// seen for: whoever serves ten thousand domains is talked to as often as anybody else.
pub(crate) struct Looker {
    pub(crate) probe: Probe,
    pub(crate) names: Names,
    pub(crate) opt_out: OptOut,
    /// What is left to each domain of the questions that its name servers may get by way of us.
    pub(crate) domains: Allowances<String>,
    pub(crate) policies: Cache<Domain, Said<Observation<PolicyFetch>>>,
    pub(crate) mx_sets: Cache<Domain, Said<MxSet>>,
    pub(crate) mail_hosts: Cache<Name, Observation<Said<MailHost>>>,
    pub(crate) bimi: Cache<Domain, Said<BimiFacts>>,
    /// With other proxies, if there are some.
    pub(crate) shared: Option<Arc<Shared>>,
}

/// [`MxFacts`], put together from what is said already.
#[derive(Serialize)]
pub(crate) struct SaidMxFacts {
    set: Said<MxSet>,
    hosts: Vec<Said<MailHost>>,
}

/// Which names are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Those of the public DNS.
    Public,
    /// Any, where the operator has opened a network of their own.
    Any,
}

impl Names {
    pub(crate) fn check(self, name: &str) -> Result<(), Refusal> {
        if self == Self::Any || names::is_public(name) {
            return Ok(());
        }
        let message = format!("{name} is no name of the public DNS, and others are not looked at");
        Err(Refusal::new(StatusCode::FORBIDDEN, "name-not-public", message))
    }
}

#[derive(Deserialize)]
pub(crate) struct Parameters {
    domain: Option<String>,
    host: Option<String>,
}

/// The parameter that all looks have, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its shape is what counts")]
struct Whose {
    /// A mail domain in ASCII, with at least one dot.
    #[param(
        max_length = 253,
        pattern = r"^([0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+(?![0-9]+$)[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?$",
        example = "example.com"
    )]
    domain: String,
}

type Asked = Result<Query<Parameters>, QueryRejection>;

/// Fetches the MTA-STS policy of a domain.
///
/// The answer says what its policy host did (RFC 8461 §3.3), whatever that is, or why nothing could be
/// seen. It says nothing about whether the policy is good.
#[utoipa::path(
    get,
    path = "/v1/policy",
    params(Whose),
    responses(
        (status = OK, body = Observed<PolicyFetch>, headers(
            ("age" = u64, description = "How long ago it was seen, in seconds."),
            ("cache-control" = String, description = "For how long it is handed out."),
        )),
        Refusals,
    ),
)]
pub(crate) async fn policy(
    State(looker): State<Arc<Looker>>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let domain = looker.domain(&parameters(asked)?)?;
    let look = async || {
        let fetch = async {
            looker.may_ask(domain.as_str()).await?;
            looker.probe.policy(&domain).await
        };
        Said::new(fetch.await, |fetch| fetch)
    };
    let Seen { value: fetch, age } = looker.policies.get(domain.clone(), look).await;
    if *fetch.value == Err(Unobserved::RateLimited) {
        return Err(target_busy());
    }
    Ok(answer(age, fetch.json()))
}

/// Talks to the mail servers of a domain as far as STARTTLS.
///
/// To all of them, ten at most, or to the one that is named.
#[utoipa::path(
    get,
    path = "/v1/mx",
    params(
        Whose,
        ("host" = Option<String>, Query, description = "One of the hosts of the domain's MX records."),
    ),
    responses(
        (status = CONFLICT, body = refusal::Body, description = "The host is none of the domain's."),
        (status = OK, body = Observed<MxFacts>, headers(
            ("age" = u64, description = "How long ago it was seen, in seconds."),
            ("cache-control" = String, description = "For how long it is handed out."),
        )),
        Refusals,
    ),
)]
pub(crate) async fn mx(
    State(looker): State<Arc<Looker>>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let parameters = parameters(asked)?;
    let domain = looker.domain(&parameters)?;
    let host = parameters.host.map(|host| host.parse::<Name>()).transpose();
    let host = host.map_err(|error| bad("bad-host", format!("host: {error}")))?;
    let Seen { value: facts, age } = match host {
        Some(host) => looker.mail_host(&domain, host).await?,
        None => looker.all_mail_hosts(&domain).await,
    };
    if let Err(Unobserved::RateLimited) = facts {
        return Err(target_busy());
    }
    // Facts always make JSON.
    Ok(answer(age, serde_json::to_vec(&facts).unwrap_or_default()))
}

/// Fetches the logo and the certificate that the BIMI record of a domain names.
///
/// They may be anywhere, so what is neither an SVG document nor certificates in PEM is not handed
/// out. No redirect is followed.
#[utoipa::path(
    get,
    path = "/v1/bimi",
    params(Whose),
    responses(
        (status = OK, body = BimiFacts, headers(
            ("age" = u64, description = "How long ago it was seen, in seconds."),
            ("cache-control" = String, description = "For how long it is handed out."),
        )),
        Refusals,
    ),
)]
pub(crate) async fn bimi(
    State(looker): State<Arc<Looker>>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let domain = looker.domain(&parameters(asked)?)?;
    let look = async || {
        let facts = match looker.may_ask(domain.as_str()).await {
            Ok(()) => looker.bimi_facts(&domain).await,
            Err(reason) => BimiFacts { record: Err(reason), logo: None, certificate: None },
        };
        Said::new(facts, |facts| facts)
    };
    let Seen { value: facts, age } = looker.bimi.get(domain.clone(), look).await;
    if facts.value.record == Err(Unobserved::RateLimited) {
        return Err(target_busy());
    }
    Ok(answer(age, facts.json()))
}

impl Looker {
    fn domain(&self, parameters: &Parameters) -> Result<Domain, Refusal> {
        let text = parameters.domain.as_deref().ok_or_else(|| {
            bad("missing-domain", "the parameter domain is missing; expected ?domain=example.com")
        })?;
        let domain =
            Domain::from_ascii(text).map_err(|error| bad("bad-domain", error.to_string()))?;
        self.names.check(domain.as_str())?;
        self.leave_alone(domain.as_str())?;
        Ok(domain)
    }

    fn leave_alone(&self, name: &str) -> Result<(), Refusal> {
        if !self.opt_out.names(name) {
            return Ok(());
        }
        let message =
            format!("{name} is not looked at from here, because its operator asked for that");
        Err(Refusal::new(StatusCode::FORBIDDEN, "opted-out", message))
    }

    /// Whether the name servers that know a name may be asked: anybody can make up names without end
    /// below the domain of somebody else.
    pub(crate) async fn may_ask(&self, name: &str) -> Observation<()> {
        let domain = names::domain(name).to_owned();
        self.domains.take(domain, 1.0).await.map_err(|_| Unobserved::RateLimited)
    }

    async fn bimi_facts(&self, domain: &Domain) -> BimiFacts {
        let BimiRecord { answer, logo, certificate } = self.probe.bimi_record(domain).await;
        let (logo, certificate) =
            future::join(self.bimi_file(logo), self.bimi_file(certificate)).await;
        BimiFacts { record: answer, logo, certificate }
    }

    async fn bimi_file(&self, url: Option<BimiUrl>) -> Option<BimiFile> {
        let url = url?;
        let fetch = match url.host() {
            None => None,
            Some(host) => match self.may_turn_to(host).await {
                Ok(()) => self.probe.bimi_file(&url).await,
                Err(reason) => Some(Err(reason)),
            },
        };
        Some(url.with(fetch))
    }

    /// Whether a host may be turned to that a record of somebody else names.
    async fn may_turn_to(&self, host: &Name) -> Observation<()> {
        if self.names.check(host.as_str()).is_err() || self.opt_out.names(host.as_str()) {
            return Err(Unobserved::AddressNotAllowed);
        }
        self.may_ask(host.as_str()).await
    }

    async fn mx_set(&self, domain: &Domain) -> Seen<Said<MxSet>> {
        let look = async || {
            let set = match self.may_ask(domain.as_str()).await {
                Ok(()) => self.probe.mx_set(domain).await,
                Err(reason) => MxSet { answer: Err(reason), hosts: Vec::new() },
            };
            Said::new(set, |set| &set.answer)
        };
        self.mx_sets.get(domain.clone(), look).await
    }

    async fn host(&self, host: Name) -> Seen<Observation<Said<MailHost>>> {
        let look = async || {
            self.may_ask(host.as_str()).await?;
            Ok(Said::new(self.probe.mail_host(&host).await?, |host| host))
        };
        self.mail_hosts.get(host.clone(), look).await
    }

    /// One host, if it is one of the domain's: this is no port scanner.
    async fn mail_host(
        &self,
        domain: &Domain,
        host: Name,
    ) -> Result<Seen<Observation<SaidMxFacts>>, Refusal> {
        let Seen { value: set, age } = self.mx_set(domain).await;
        if let Err(reason) = &set.value.answer {
            // Nobody is talked to who might be no mail server of the domain.
            return Ok(Seen { value: Err(reason.clone()), age });
        }
        if !set.value.hosts.contains(&host) {
            return Err(unknown_host());
        }
        self.leave_alone(host.as_str())?;
        let host = self.host(host).await;
        if host.value.as_ref().is_ok_and(|host| is_rate_limited(&host.value)) {
            return Err(target_busy());
        }
        let facts = host.value.map(|host| SaidMxFacts { set, hosts: vec![host] });
        Ok(Seen { value: facts, age: age.or_older(host.age) })
    }

    /// A host that is left alone, or whose addresses cannot be had, is left out: it was not asked.
    async fn all_mail_hosts(&self, domain: &Domain) -> Seen<Observation<SaidMxFacts>> {
        let Seen { value: set, age } = self.mx_set(domain).await;
        let hosts = set.value.hosts.iter().take(MAX_HOSTS).cloned();
        let hosts = hosts.filter(|host| self.leave_alone(host.as_str()).is_ok());
        let hosts = join_all(hosts.map(|host| self.host(host))).await;
        let age = hosts.iter().fold(age, |age, host| age.or_older(host.age));
        let hosts = hosts.into_iter().filter_map(|host| host.value.ok()).collect();
        Seen { value: Ok(SaidMxFacts { set, hosts }), age }
    }
}

impl Kept for Said<Observation<PolicyFetch>> {
    fn lifetime(&self) -> Duration {
        match &*self.value {
            Err(Unobserved::RateLimited) => Duration::ZERO,
            Ok(PolicyFetch { outcome: PolicyOutcome::Response(response), .. })
                if response.status == 200 =>
            {
                LIFETIME
            }
            _ => SHORT_LIFETIME,
        }
    }

    fn to_json(&self) -> Vec<u8> {
        self.json().to_vec()
    }

    fn from_json(json: &[u8]) -> Option<Self> {
        Some(Self::new(serde_json::from_slice(json).ok()?, |fetch| fetch))
    }
}

impl Kept for Said<MxSet> {
    fn lifetime(&self) -> Duration {
        match self.value.answer {
            Ok(_) => LIFETIME,
            Err(Unobserved::RateLimited) => Duration::ZERO,
            Err(_) => SHORT_LIFETIME,
        }
    }

    /// With the hosts, which are not said.
    fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&(&self.value.answer, &self.value.hosts)).unwrap_or_default()
    }

    fn from_json(json: &[u8]) -> Option<Self> {
        let (answer, hosts) = serde_json::from_slice(json).ok()?;
        Some(Self::new(MxSet { answer, hosts }, |set| &set.answer))
    }
}

impl Kept for Observation<Said<MailHost>> {
    fn lifetime(&self) -> Duration {
        match self {
            Ok(host) if is_rate_limited(&host.value) => Duration::ZERO,
            Ok(host) if host.value.sessions.iter().any(|it| is_secured(&it.contact)) => LIFETIME,
            Err(Unobserved::RateLimited) => Duration::ZERO,
            Ok(_) | Err(_) => SHORT_LIFETIME,
        }
    }

    fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn from_json(json: &[u8]) -> Option<Self> {
        let host: Observation<MailHost> = serde_json::from_slice(json).ok()?;
        Some(host.map(|host| Said::new(host, |host| host)))
    }
}

impl Kept for Said<BimiFacts> {
    fn lifetime(&self) -> Duration {
        let BimiFacts { record, logo, certificate } = &*self.value;
        let is_over = |file: &Option<BimiFile>| {
            let fetch = file.as_ref().and_then(|file| file.fetch.as_ref());
            fetch == Some(&Err(Unobserved::RateLimited))
        };
        match record {
            Err(Unobserved::RateLimited) => Duration::ZERO,
            Ok(_) if !is_over(logo) && !is_over(certificate) => LIFETIME,
            _ => SHORT_LIFETIME,
        }
    }

    fn to_json(&self) -> Vec<u8> {
        self.json().to_vec()
    }

    fn from_json(json: &[u8]) -> Option<Self> {
        Some(Self::new(serde_json::from_slice(json).ok()?, |facts| facts))
    }
}

fn is_secured(contact: &Observation<Contact>) -> bool {
    let Ok(Contact::Talked(session)) = contact else { return false };
    matches!(session.starttls, Some(StartTls::Established(_)))
}

/// Whether a host has addresses and all of them were connected to too often.
fn is_rate_limited(host: &MailHost) -> bool {
    !host.sessions.is_empty()
        && host.sessions.iter().all(|session| session.contact == Err(Unobserved::RateLimited))
}

fn unknown_host() -> Refusal {
    let message = "this host is none of the domain's mail servers (its MX records)";
    // Not 404, which any server says that is no proxy of ours.
    Refusal::new(StatusCode::CONFLICT, "unknown-host", message)
}

/// Somebody else, or many, are interested in the same server.
pub(crate) fn target_busy() -> Refusal {
    let message = "this server was looked at often enough for now; please come back in a moment";
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "target-busy", message).after(SHORT_LIFETIME)
}

fn parameters(asked: Asked) -> Result<Parameters, Refusal> {
    asked.map(|Query(parameters)| parameters).map_err(|rejection| {
        bad("bad-query", format!("the query cannot be read: {}", rejection.body_text()))
    })
}

fn bad(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, message)
}

/// Facts in JSON, with how old they are: for who asked, and for the log.
fn answer(age: Age, json: impl Into<Body>) -> Response {
    let max_age = HeaderValue::from_str(&format!("max-age={}", age.lifetime.as_secs()));
    // With room for those that every response has.
    let mut headers = HeaderMap::with_capacity(12);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(AGE, HeaderValue::from(age.age.as_secs()));
    headers.insert(CACHE_CONTROL, max_age.unwrap_or(HeaderValue::from_static("no-cache")));
    let mut response = Response::new(json.into());
    *response.headers_mut() = headers;
    response.extensions_mut().insert(age);
    response
}

//! `/v1`: facts about a domain. It takes a domain, never a URL, an address or a port.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{AGE, CACHE_CONTROL};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use mxray_facts::{Domain, MxFacts, Name, Observation, PolicyFetch};
use mxray_probe::{NotInMxSet, Probe};
use serde::Deserialize;

use crate::cache::{Cache, LIFETIME};
use crate::names;
use crate::refusal::Refusal;

/// What the handlers share.
pub(crate) struct Looker {
    pub(crate) probe: Probe,
    pub(crate) names: Names,
    pub(crate) policies: Cache<Domain, Observation<PolicyFetch>>,
    pub(crate) mail: Cache<(Domain, Option<Name>), Result<Observation<MxFacts>, NotInMxSet>>,
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

type Asked = Result<Query<Parameters>, QueryRejection>;

/// `GET /v1/policy?domain=`: an `Observation<PolicyFetch>`.
pub(crate) async fn policy(
    State(looker): State<Arc<Looker>>,
    asked: Asked,
) -> Result<impl IntoResponse, Refusal> {
    let domain = looker.domain(&parameters(asked)?)?;
    let look = looker.probe.policy(&domain);
    let (fetch, age) = looker.policies.get(domain.clone(), look).await;
    Ok((freshness(age), Json(fetch)))
}

/// `GET /v1/mx?domain=[&host=]`: an `Observation<MxFacts>`, of all hosts or of one.
pub(crate) async fn mx(
    State(looker): State<Arc<Looker>>,
    asked: Asked,
) -> Result<impl IntoResponse, Refusal> {
    let parameters = parameters(asked)?;
    let domain = looker.domain(&parameters)?;
    let host = parameters.host.map(|host| host.parse::<Name>()).transpose();
    let host = host.map_err(|error| bad("bad-host", format!("host: {error}")))?;
    let look = looker.probe.mail_hosts(&domain, host.as_ref());
    let (facts, age) = looker.mail.get((domain.clone(), host.clone()), look).await;
    let facts = facts.map_err(|error| bad("unknown-host", error.to_string()))?;
    Ok((freshness(age), Json(facts)))
}

impl Looker {
    fn domain(&self, parameters: &Parameters) -> Result<Domain, Refusal> {
        let text = parameters.domain.as_deref().ok_or_else(|| {
            bad("missing-domain", "the parameter domain is missing; expected ?domain=example.com")
        })?;
        let domain =
            Domain::from_ascii(text).map_err(|error| bad("bad-domain", error.to_string()))?;
        self.names.check(domain.as_str())?;
        Ok(domain)
    }
}

fn parameters(asked: Asked) -> Result<Parameters, Refusal> {
    asked.map(|Query(parameters)| parameters).map_err(|rejection| {
        bad("bad-query", format!("the query cannot be read: {}", rejection.body_text()))
    })
}

fn bad(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, message)
}

/// For how long the result is handed out, and how much of that is over.
fn freshness(age: Duration) -> [(HeaderName, HeaderValue); 2] {
    let max_age = HeaderValue::from_str(&format!("max-age={}", LIFETIME.as_secs()));
    let max_age = max_age.unwrap_or(HeaderValue::from_static("no-cache"));
    [(AGE, HeaderValue::from(age.as_secs())), (CACHE_CONTROL, max_age)]
}

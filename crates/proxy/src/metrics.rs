//! What an operator watches: Prometheus' text format, on a socket of its own; and `/healthz`.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use mxray_probe::{Family, Outcome, Service, SmtpReach};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::api::Looker;
use crate::limits::Limits;

/// The paths that are counted apart.
const PATHS: [&str; 5] = ["/v1/policy", "/v1/mx", "/v1/bimi", "/dns-query", "/healthz"];

/// What was answered so far.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<BTreeMap<(&'static str, u16), Answered>>);

#[derive(Clone, Copy, Debug, Default)]
struct Answered {
    count: u64,
    time: Duration,
}

/// All that is watched.
pub(crate) struct Watched {
    pub(crate) requests: Arc<Requests>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) looker: Arc<Looker>,
}

impl Requests {
    /// Counts a request by its path, if that is one of ours, and by the status that it is answered with.
    pub(crate) async fn count(
        &self,
        request: Request,
        answer: impl AsyncFnOnce(Request) -> Response,
    ) -> Response {
        let asked = request.uri().path();
        let path = PATHS.into_iter().find(|path| *path == asked).unwrap_or("other");
        let started = Instant::now();
        let response = answer(request).await;
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = requests.entry((path, response.status().as_u16())).or_default();
        answered.count += 1;
        answered.time += started.elapsed();
        response
    }
}

/// `GET /metrics`
pub(crate) async fn metrics(State(watched): State<Arc<Watched>>) -> impl IntoResponse {
    let mut text = String::new();
    // Writing to memory does not fail.
    let _ = watched.write(&mut text);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

impl Watched {
    fn write(&self, out: &mut String) -> fmt::Result {
        self.write_requests(out)?;
        self.write_looks(out)?;
        self.write_sharing(out)?;
        self.write_connections(out)
    }

    fn write_requests(&self, out: &mut String) -> fmt::Result {
        let requests = self.requests.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        head(out, "mxray_requests_total", "counter", "Requests by path and status.")?;
        for ((path, status), answered) in &requests {
            let count = answered.count;
            writeln!(out, "mxray_requests_total{{path=\"{path}\",status=\"{status}\"}} {count}")?;
        }
        let name = "mxray_request_seconds_total";
        head(out, name, "counter", "Time that requests took, by path and status.")?;
        for ((path, status), answered) in &requests {
            let seconds = answered.time.as_secs_f64();
            writeln!(out, "{name}{{path=\"{path}\",status=\"{status}\"}} {seconds}")?;
        }
        Ok(())
    }

    fn write_looks(&self, out: &mut String) -> fmt::Result {
        let name = "mxray_under_way";
        head(out, name, "gauge", "What is under way: ten for a look, one for a question.")?;
        writeln!(out, "{name} {}", self.limits.under_way())?;
        let caches = [
            ("policy", self.looker.policies.counts()),
            ("mx", self.looker.mx_sets.counts()),
            ("host", self.looker.mail_hosts.counts()),
            ("bimi", self.looker.bimi.counts()),
        ];
        head(out, "mxray_asked_total", "counter", "How often something was wanted.")?;
        for (what, counts) in caches {
            let asked = counts.asked.load(Ordering::Relaxed);
            writeln!(out, "mxray_asked_total{{what=\"{what}\"}} {asked}")?;
        }
        head(out, "mxray_looked_total", "counter", "How often that took a look at a stranger.")?;
        for (what, counts) in caches {
            let looked = counts.looked.load(Ordering::Relaxed);
            writeln!(out, "mxray_looked_total{{what=\"{what}\"}} {looked}")?;
        }
        Ok(())
    }

    fn write_sharing(&self, out: &mut String) -> fmt::Result {
        let Some(shared) = &self.looker.shared else { return Ok(()) };
        let name = "mxray_shared";
        head(out, name, "gauge", "1 while what is kept is shared, 0 while Redis is gone.")?;
        writeln!(out, "{name} {}", u8::from(shared.is_up()))?;
        let name = "mxray_redis_failures_total";
        head(out, name, "counter", "How often Redis did not do what it was asked for.")?;
        writeln!(out, "{name} {}", shared.failures())
    }

    fn write_connections(&self, out: &mut String) -> fmt::Result {
        let name = "mxray_connections_total";
        head(out, name, "counter", "What became of connections to the public internet.")?;
        for ((service, family, outcome), count) in self.looker.probe.connections() {
            let (service, family) = (service_label(service), family_label(family));
            let outcome = outcome_label(outcome);
            let labels = format!("service=\"{service}\",family=\"{family}\",outcome=\"{outcome}\"");
            writeln!(out, "{name}{{{labels}}} {count}")?;
        }
        Ok(())
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn service_label(service: Service) -> &'static str {
    match service {
        Service::Https => "https",
        Service::Smtp => "smtp",
    }
}

fn family_label(family: Family) -> &'static str {
    match family {
        Family::V4 => "ipv4",
        Family::V6 => "ipv6",
    }
}

fn outcome_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Connected => "connected",
        Outcome::Refused => "refused",
        Outcome::TimedOut => "timed-out",
        Outcome::NotFromHere => "not-from-here",
        Outcome::NotAllowed => "not-allowed",
        Outcome::TooOften => "too-often",
    }
}

/// What this server can see, which is no fault of any domain.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: &'static str,
    /// The version of this server.
    version: &'static str,
    /// Whether mail servers can be reached: `reached`, `no-way`, `no-answer` or `untried`; learned
    /// from those that were looked at.
    port_25: &'static str,
    /// Whether there is a way into the IPv6 internet.
    ipv6: bool,
    /// Whether what is kept is shared with other servers.
    sharing: Sharing,
}

/// Whether what is kept is shared.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Sharing {
    /// Nobody asked for that.
    Off,
    /// It is.
    On,
    /// Redis is gone; this server goes on alone until it is back.
    Lost,
}

/// Says what this server can see.
#[utoipa::path(get, path = "/healthz", responses((status = OK, body = Health)))]
pub(crate) async fn health(State(looker): State<Arc<Looker>>) -> impl IntoResponse {
    let port_25 = match SmtpReach::of(&looker.probe.connections()) {
        SmtpReach::Reached => "reached",
        SmtpReach::NoWay => "no-way",
        SmtpReach::NoAnswer => "no-answer",
        SmtpReach::Untried => "untried",
    };
    let ipv6 = looker.probe.has_ipv6();
    let sharing = match &looker.shared {
        None => Sharing::Off,
        Some(shared) if shared.is_up() => Sharing::On,
        Some(_) => Sharing::Lost,
    };
    let version = env!("CARGO_PKG_VERSION");
    let health = Health { status: "ok", version, port_25, ipv6, sharing };
    ([(CACHE_CONTROL, "no-store")], Json(health))
}

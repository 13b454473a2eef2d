//! Fetching a policy file (RFC 8461 §3.3).

use std::net::IpAddr;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, LOCATION, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use mxray_facts::{
    Domain, MAX_POLICY_BYTES, Name, Observation, PolicyFetch, PolicyOutcome, PolicyResponse, Tls,
    Unobserved,
};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::Inner;
use crate::bounded::Bounded;
use crate::door::{self, MAX_TRIES, NoWay};
use crate::harmless::harmless;
use crate::reach::Service;

const PATH: &str = "/.well-known/mta-sts.txt";

/// The most header fields that are read, and the most octets of them.
const MAX_FIELDS: usize = 100;
const MAX_HEAD: usize = 64 * 1024;

/// Fetches the policy of a domain; what its host answers is a fact, even a bad certificate's.
pub(crate) async fn fetch(probe: &Inner, domain: &Domain) -> Observation<PolicyFetch> {
    let started = Instant::now();
    let asked = ask(probe, domain.child("mta-sts"));
    let mut fetch =
        timeout(probe.deadlines.policy, asked).await.map_err(|_| Unobserved::TimedOut)??;
    fetch.elapsed_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
    Ok(fetch)
}

async fn ask(probe: &Inner, host: Name) -> Observation<PolicyFetch> {
    let addresses = door::addresses(&probe.resolver, &host).await?;
    let (tls, outcome) = match connect(probe, &addresses).await? {
        Some(stream) => talk(probe, &host, stream).await?,
        None if addresses.is_empty() => (None, PolicyOutcome::NoAddress),
        None => (None, PolicyOutcome::Refused),
    };
    Ok(PolicyFetch { host, addresses, tls, outcome, elapsed_ms: 0 })
}

/// The first connection that comes about; none if every address refuses.
async fn connect(probe: &Inner, addresses: &[IpAddr]) -> Observation<Option<Bounded>> {
    let mut unobserved = None;
    for address in addresses.iter().take(MAX_TRIES) {
        match probe.door.connect(Service::Https, *address, probe.https_port).await {
            Ok(stream) => return Ok(Some(stream)),
            Err(NoWay::Refused) => {}
            Err(NoWay::NotAllowed) => unobserved = Some(Unobserved::AddressNotAllowed),
            Err(NoWay::NotFromHere) => unobserved = Some(Unobserved::NotCovered),
            Err(NoWay::TimedOut) => unobserved = Some(Unobserved::TimedOut),
            Err(NoWay::TooOften) => unobserved = Some(Unobserved::RateLimited),
        }
    }
    unobserved.map_or(Ok(None), Err)
}

async fn talk(
    probe: &Inner,
    host: &Name,
    stream: Bounded,
) -> Observation<(Option<Tls>, PolicyOutcome)> {
    let handshake = timeout(probe.deadlines.tls, probe.observer.handshake(host, stream)).await;
    match handshake.map_err(|_| Unobserved::TimedOut)? {
        Err(reason) => Ok((None, PolicyOutcome::TlsFailed(reason))),
        Ok((stream, tls)) => {
            let outcome = get(probe, host, stream).await;
            let broken = |error: String| PolicyOutcome::Broken(harmless(error.as_bytes()));
            Ok((Some(tls), outcome.unwrap_or_else(broken)))
        }
    }
}

async fn get(
    probe: &Inner,
    host: &Name,
    stream: TlsStream<Bounded>,
) -> Result<PolicyOutcome, String> {
    let words = |error: hyper::Error| error.to_string();
    let mut builder = http1::Builder::new();
    builder.max_headers(MAX_FIELDS).max_buf_size(MAX_HEAD);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(words)?;
    // Dropping the set ends the connection, whatever the server still sends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let request = Request::get(PATH)
        .header(HOST, host.as_str())
        .header(USER_AGENT, probe.user_agent.as_str())
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let response = sender.send_request(request).await.map_err(words)?;
    read(response).await.map_err(words)
}

async fn read(response: Response<Incoming>) -> hyper::Result<PolicyOutcome> {
    let field =
        |name: HeaderName| response.headers().get(name).map(|value| harmless(value.as_bytes()));
    let status = response.status();
    // Redirects MUST NOT be followed (RFC 8461 §3.3). 304 answers a question that was not asked.
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        let (status, location) = (Some(status.as_u16()), field(LOCATION));
        return Ok(PolicyOutcome::Redirect { status, location });
    }
    let (status, content_type) = (status.as_u16(), field(CONTENT_TYPE));
    let (body, truncated) = read_body(response.into_body()).await?;
    let body = mxray_facts::Bytes(body);
    Ok(PolicyOutcome::Response(PolicyResponse { status, content_type, body, truncated }))
}

/// The body as far as anybody reads it, and whether there is more.
async fn read_body(mut body: Incoming) -> hyper::Result<(Vec<u8>, bool)> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        read.extend_from_slice(&data);
        if read.len() > MAX_POLICY_BYTES {
            read.truncate(MAX_POLICY_BYTES);
            return Ok((read, true));
        }
    }
    Ok((read, false))
}

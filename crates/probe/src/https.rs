//! One GET from a stranger's web server: no redirect is followed, and no certificate refused.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, LOCATION, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use mxray_facts::{Name, Observation, PolicyOutcome, PolicyResponse, Times, Tls, Unobserved};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::Inner;
use crate::bounded::Bounded;
use crate::door::NoWay;
use crate::harmless::harmless;
use crate::reach::Service;
use crate::tls::Hello;

/// The most header fields that are read, and the most octets of them.
const MAX_FIELDS: usize = 100;
const MAX_HEAD: usize = 64 * 1024;

/// What is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Get<'a> {
    pub(crate) host: &'a Name,
    /// Path and query.
    pub(crate) target: &'a str,
    /// The most octets of the body that are read.
    pub(crate) most: usize,
}

/// What came of asking one address.
pub(crate) struct Came {
    pub(crate) tls: Option<Tls>,
    /// [`PolicyOutcome::Refused`] where there was no connection.
    pub(crate) outcome: PolicyOutcome,
}

/// Asks one address, and notes when it got how far.
pub(crate) async fn ask(
    probe: &Inner,
    get: Get<'_>,
    address: IpAddr,
    watch: &Watch,
) -> Observation<Came> {
    let stream = match probe.door.connect(Service::Https, address, probe.https_port).await {
        Ok(stream) => stream,
        Err(NoWay::Refused) => return Ok(Came { tls: None, outcome: PolicyOutcome::Refused }),
        Err(NoWay::NotAllowed) => return Err(Unobserved::AddressNotAllowed),
        Err(NoWay::NotFromHere) => return Err(Unobserved::NotCovered),
        Err(NoWay::TimedOut) => return Err(Unobserved::TimedOut),
        Err(NoWay::TooOften) => return Err(Unobserved::RateLimited),
    };
    watch.note(|times| &mut times.connected);
    let handshake = probe.observer.handshake(get.host, stream, Hello::PostQuantum);
    match timeout(probe.deadlines.tls, handshake).await.map_err(|_| Unobserved::TimedOut)? {
        Err(reason) => Ok(Came { tls: None, outcome: PolicyOutcome::TlsFailed(reason) }),
        Ok((stream, tls)) => {
            watch.note(|times| &mut times.secured);
            let outcome = request(probe, get, stream, watch).await;
            let broken = |error: String| PolicyOutcome::Broken(harmless(error.as_bytes()));
            Ok(Came { tls: Some(tls), outcome: outcome.unwrap_or_else(broken) })
        }
    }
}

async fn request(
    probe: &Inner,
    get: Get<'_>,
    stream: TlsStream<Bounded>,
    watch: &Watch,
) -> Result<PolicyOutcome, String> {
    let words = |error: hyper::Error| error.to_string();
    let mut builder = http1::Builder::new();
    builder.max_headers(MAX_FIELDS).max_buf_size(MAX_HEAD);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(words)?;
    // Dropping the set ends the connection, whatever the server still sends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let request = Request::get(get.target)
        .header(HOST, get.host.as_str())
        .header(USER_AGENT, probe.user_agent.as_str())
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let response = sender.send_request(request).await.map_err(words)?;
    watch.note(|times| &mut times.answered);
    let outcome = read(response, get.most).await.map_err(words)?;
    watch.note(|times| &mut times.read);
    Ok(outcome)
}

async fn read(response: Response<Incoming>, most: usize) -> hyper::Result<PolicyOutcome> {
    let field =
        |name: HeaderName| response.headers().get(name).map(|value| harmless(value.as_bytes()));
    let status = response.status();
    // Redirects MUST NOT be followed (RFC 8461 §3.3). 304 answers a question that was not asked.
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        let (status, location) = (Some(status.as_u16()), field(LOCATION));
        return Ok(PolicyOutcome::Redirect { status, location });
    }
    let (status, content_type) = (status.as_u16(), field(CONTENT_TYPE));
    let (body, truncated) = read_body(response.into_body(), most).await?;
    let body = mxray_facts::Bytes(body);
    Ok(PolicyOutcome::Response(PolicyResponse { status, content_type, body, truncated }))
}

/// The body as far as anybody reads it, and whether there is more.
async fn read_body(mut body: Incoming, most: usize) -> hyper::Result<(Vec<u8>, bool)> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        read.extend_from_slice(&data);
        if read.len() > most {
            read.truncate(most);
            return Ok((read, true));
        }
    }
    Ok((read, false))
}

/// Notes when a connection got how far: what is noted is there even if nobody waits for the rest.
pub(crate) struct Watch {
    begun: Instant,
    times: Mutex<Times>,
}

impl Watch {
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now(), times: Mutex::default() }
    }

    pub(crate) fn times(&self) -> Times {
        *self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn has_connected(&self) -> bool {
        self.times().connected.is_some()
    }

    fn note(&self, which: impl FnOnce(&mut Times) -> &mut Option<u32>) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        *which(&mut times) = Some(milliseconds(self.begun));
    }
}

/// Since then.
pub(crate) fn milliseconds(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

//! `/dns-query`: the operator's resolver for the page (RFC 8484), and nobody's way into a network.
//!
//! What is asked is read and asked anew: one question of a type that a scan uses, about a name of
//! the public DNS. An answer with an address that the probe would not connect to is withheld.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::base::iana::{Class, ExtendedErrorCode, Opcode, Rcode, Rtype};
use domain::base::opt::ExtendedError;
use domain::base::{Message, MessageBuilder};
use domain::rdata::{A, Aaaa};
use mxray_facts::Unobserved;
use mxray_facts::dns::{Checking, Question, RecordType, decode};
use tokio::time::timeout;
use utoipa::{IntoResponses, ToSchema};

use crate::api::{Looker, target_busy};
use crate::refusal::{self, Refusal, Refusals};

const MEDIA_TYPE: &str = "application/dns-message";

/// The longest query that is read: a name of 255 octets (RFC 1035 §2.3.4), its type, and padding to
/// three blocks of 128 (RFC 8467 §4.1).
const MAX_QUERY: usize = 512;

/// How long a client may take for a query of that length.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// Asks the resolver (RFC 8484).
///
/// For records of the types A, AAAA, MX, TXT and TLSA, of names of the public DNS.
#[utoipa::path(
    get,
    operation_id = "ask",
    path = "/dns-query",
    params(("dns" = String, Query, description = "A DNS query in base64url without padding, of at most 512 octets.", format = "base64url", example = "AAABAAABAAAAAAAAB2V4YW1wbGUDY29tAAAPAAE")),
    responses(
        (status = OK, body = DnsMessage, content_type = "application/dns-message", headers(
            ("cache-control" = String, description = "For how long the records may be kept."),
        )),
        Refusals,
        RelayRefusals,
    ),
)]
pub(crate) async fn get(
    State(looker): State<Arc<Looker>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = query.unwrap_or_default();
    let encoded = query.split('&').find_map(|pair| pair.strip_prefix("dns="));
    let encoded = encoded.ok_or_else(|| {
        bad("missing-dns", "the parameter dns is missing; expected a DNS message in base64url")
    })?;
    let query = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).map_err(|_| {
        bad("bad-dns", "the parameter dns cannot be read; expected base64url without padding")
    })?;
    relay(&looker, &query).await
}

/// Asks the resolver (RFC 8484), with the query as the body.
#[utoipa::path(
    post,
    operation_id = "ask_by_post",
    path = "/dns-query",
    request_body(content = DnsMessage, content_type = "application/dns-message", description = "A DNS query, of at most 512 octets."),
    responses(
        (status = OK, body = DnsMessage, content_type = "application/dns-message", headers(
            ("cache-control" = String, description = "For how long the records may be kept."),
        )),
        (status = REQUEST_TIMEOUT, body = refusal::Body, description = "The query did not arrive in time."),
        (status = UNSUPPORTED_MEDIA_TYPE, body = refusal::Body, description = "The body is of another type."),
        Refusals,
        RelayRefusals,
    ),
)]
pub(crate) async fn post(
    State(looker): State<Arc<Looker>>,
    request: Request,
) -> Result<Response, Refusal> {
    if request.headers().get(CONTENT_TYPE).is_none_or(|given| given != MEDIA_TYPE) {
        let message = format!("expected a body of the type {MEDIA_TYPE}");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, "unsupported-media-type", message));
    }
    let query = timeout(BODY_PATIENCE, to_bytes(request.into_body(), MAX_QUERY)).await;
    let query = query.map_err(|_| too_slow())?.map_err(|_| too_large())?;
    relay(&looker, &query).await
}

/// A DNS message (RFC 1035 §4.1).
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "its shape is what counts")]
struct DnsMessage(Vec<u8>);

/// What may stand in the way of a question besides, for the OpenAPI document.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "its shape is what counts")]
enum RelayRefusals {
    /// The query is too large.
    #[response(status = PAYLOAD_TOO_LARGE)]
    TooLarge(refusal::Body),
    /// The resolver cannot be reached, or not understood.
    #[response(status = BAD_GATEWAY)]
    Failed(refusal::Body),
    /// The resolver did not answer in time.
    #[response(status = GATEWAY_TIMEOUT)]
    TimedOut(refusal::Body),
}

async fn relay(looker: &Looker, query: &[u8]) -> Result<Response, Refusal> {
    if query.len() > MAX_QUERY {
        return Err(too_large());
    }
    let (query, question) = read(query)?;
    looker.names.check(question.name.as_str())?;
    looker.may_ask(question.name.as_str()).await.map_err(|_| target_busy())?;
    let answer = looker.probe.dns_message(&question).await.map_err(|reason| failed(&reason))?;
    let is_private = |address| !looker.probe.connects_to(address);
    let message = if names_address(&answer, is_private) {
        withhold(&query)
    } else {
        Some(with_id(answer, &query))
    };
    let message = message.ok_or_else(|| failed(&Unobserved::ResolverFailed))?;
    // A failure is worth asking again at once (RFC 8484 §5.1).
    let ttl = decode(&question, &message).ok().and_then(|answer| answer.ttl).unwrap_or(0);
    let headers =
        [(CONTENT_TYPE, MEDIA_TYPE.to_owned()), (CACHE_CONTROL, format!("max-age={ttl}"))];
    Ok((headers, Body::from(message)).into_response())
}

/// A query, and its question if it is one that a scan asks.
fn read(query: &[u8]) -> Result<(Message<&[u8]>, Question), Refusal> {
    let unreadable = || bad("bad-dns", "expected a DNS query with one question");
    let query = Message::from_octets(query).map_err(|_| unreadable())?;
    let asked = query.sole_question().map_err(|_| unreadable())?;
    let header = query.header();
    if header.qr() || header.opcode() != Opcode::QUERY || asked.qclass() != Class::IN {
        return Err(unreadable());
    }
    // With the final dot, which for the root is all there is.
    let name = format!("{}.", asked.qname()).parse().map_err(|_| unreadable())?;
    let record_type = record_type(asked.qtype()).ok_or_else(type_not_served)?;
    let checking = if header.cd() { Checking::Disabled } else { Checking::Enabled };
    Ok((query, Question { name, record_type, checking }))
}

fn record_type(wire: Rtype) -> Option<RecordType> {
    match wire {
        Rtype::A => Some(RecordType::A),
        Rtype::AAAA => Some(RecordType::Aaaa),
        Rtype::MX => Some(RecordType::Mx),
        Rtype::TXT => Some(RecordType::Txt),
        Rtype::TLSA => Some(RecordType::Tlsa),
        _ => None,
    }
}

fn names_address(message: &[u8], wanted: impl Fn(IpAddr) -> bool) -> bool {
    let Ok(message) = Message::from_octets(message) else { return false };
    message.iter().filter_map(Result::ok).any(|(record, _)| {
        let v4 = || Some(IpAddr::from(record.to_record::<A>().ok()??.data().addr()));
        let v6 = || Some(IpAddr::from(record.to_record::<Aaaa>().ok()??.data().addr()));
        v4().or_else(v6).is_some_and(&wanted)
    })
}

/// An answer that says that there is one. Left out, the address would seem not to exist.
fn withhold(query: &Message<&[u8]>) -> Option<Vec<u8>> {
    let reason = "an address of a private network";
    let reason =
        ExtendedError::<Vec<u8>>::new_with_str(ExtendedErrorCode::FILTERED, reason).ok()?;
    let answer = MessageBuilder::new_vec().start_answer(query, Rcode::REFUSED).ok()?;
    let mut additional = answer.additional();
    additional.opt(|opt| opt.push(&reason)).ok()?;
    Some(additional.finish())
}

fn with_id(mut answer: Vec<u8>, query: &Message<&[u8]>) -> Vec<u8> {
    if let (Some(place), Some(id)) = (answer.get_mut(..2), query.as_slice().get(..2)) {
        place.copy_from_slice(id);
    }
    answer
}

fn failed(reason: &Unobserved) -> Refusal {
    match reason {
        Unobserved::TimedOut => Refusal::new(
            StatusCode::GATEWAY_TIMEOUT,
            "resolver-timed-out",
            "the resolver did not answer in time",
        ),
        Unobserved::RateLimited => Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "resolver-busy",
            "the resolver asks to come back later",
        )
        .after(Duration::from_secs(60)),
        _ => Refusal::new(
            StatusCode::BAD_GATEWAY,
            "resolver-failed",
            "the resolver cannot be reached, or not understood",
        ),
    }
}

fn type_not_served() -> Refusal {
    let message = "only records that a scan uses are asked for: A, AAAA, MX, TXT and TLSA";
    Refusal::new(StatusCode::FORBIDDEN, "type-not-served", message)
}

fn too_slow() -> Refusal {
    let message = "the query did not arrive in time";
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "too-slow", message)
}

fn too_large() -> Refusal {
    let message = format!("the query is too large; at most {MAX_QUERY} octets are read");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
}

fn bad(code: &'static str, message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, message)
}

#[cfg(test)]
mod tests {
    use domain::base::iana::Rtype;

    use super::record_type;

    #[test]
    fn only_what_a_scan_asks_for_is_served() {
        let served: Vec<u16> = (0..=u16::MAX)
            .filter(|number| record_type(Rtype::from_int(*number)).is_some())
            .collect();
        assert_eq!(served, [1, 15, 16, 28, 52], "A, MX, TXT, AAAA and TLSA, by IANA's registry");
    }
}

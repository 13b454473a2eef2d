//! Policy hosts.

use mxray_facts::{Domain, MAX_POLICY_BYTES, Observation, PolicyFetch, PolicyOutcome, Unobserved};
use mxray_probe::Probe;

use crate::chains::{self, record};
use crate::server::Act::{self, Cut, Hear, Reset, Silence, Tls, Trickle};
use crate::server::{forever, say, start};
use crate::{Alone, TIMED_OUT, config, probe};

/// What comes of asking for a policy, in short.
async fn observe(probe: Probe) -> String {
    sum_up(&probe.policy(&Domain::from_ascii("a.example").unwrap()).await)
}

fn sum_up(fetch: &Observation<PolicyFetch>) -> String {
    match fetch {
        Err(Unobserved::TimedOut) => TIMED_OUT.to_owned(),
        Err(other) => format!("{other:?}"),
        Ok(fetch) => match &fetch.outcome {
            PolicyOutcome::NoAddress => "no address".to_owned(),
            PolicyOutcome::Refused => "refused".to_owned(),
            PolicyOutcome::TlsFailed(why) => format!("no TLS: {why}"),
            PolicyOutcome::Broken(why) => format!("broken: {why}"),
            PolicyOutcome::Redirect { status, location } => format!("{status:?} {location:?}"),
            PolicyOutcome::Response(response) => {
                let (length, truncated) = (response.body.0.len(), response.truncated);
                assert!(length <= MAX_POLICY_BYTES);
                let more = if truncated { ", and more" } else { "" };
                let media = response.content_type.as_deref().unwrap_or("no type");
                format!("{}, {length} octets{more}, {media}", response.status)
            }
        },
    }
}

/// What comes after the request.
fn answers(then: impl IntoIterator<Item = Act>) -> Vec<Act> {
    [Tls(chains::plain()), Hear].into_iter().chain(then).collect()
}

/// A sound head but for these fields, and a body.
fn response(fields: &str, body: impl Into<Vec<u8>>) -> Act {
    let mut octets = format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into_bytes();
    octets.extend(body.into());
    say(octets)
}

#[tokio::test]
async fn no_policy_host_holds_up_a_look_or_fills_memory() {
    let alone = Alone::begin().await;
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (reason, script, expected) in [
        // TLS.
        ("silence", vec![Silence], TIMED_OUT),
        ("closed at once", vec![], "no TLS: the server closed"),
        ("reset at once", vec![Reset], "no TLS:"),
        ("no TLS", vec![Hear, say("HTTP/1.1 400 Bad Request\r\n\r\n"), Silence], "no TLS:"),
        ("noise", vec![forever("noise")], "no TLS:"),
        (
            "an alert",
            vec![Hear, say(record(21, &[2, 80])), Silence],
            "no TLS: received fatal alert",
        ),
        ("a certificate of 1 MB", vec![Tls(chains::huge(1_000_000)), Silence], "no TLS:"),
        ("no certificate", vec![Tls(chains::garbage()), Silence], "no TLS:"),
        // The head.
        ("silence after the request", answers([Silence]), TIMED_OUT),
        ("an octet a moment", answers([Trickle(b"HTTP/1.1 200 OK\r\n".to_vec())]), TIMED_OUT),
        ("closed after the request", answers([]), "broken:"),
        ("cut after the request", answers([Cut]), "broken:"),
        ("reset after the request", answers([Reset]), "broken:"),
        ("half a head, and silence", answers([say("HTTP/1.1 200 OK\r\nx: y"), Silence]), TIMED_OUT),
        ("half a head", answers([say("HTTP/1.1 200 OK\r\nx: y")]), "broken:"),
        ("noise for a head", answers([forever("noise")]), "broken:"),
        ("noughts for a head", answers([forever("\0")]), "broken:"),
        ("empty lines for a head", answers([forever("\r\n")]), "broken:"),
        ("no status", answers([say("HTTP/1.1 OK\r\n\r\n")]), "broken:"),
        ("a status of no class", answers([say("HTTP/1.1 000 OK\r\n\r\n")]), "broken:"),
        ("a reason without end", answers([say("HTTP/1.1 200 "), forever("x")]), "broken:"),
        (
            "fields without end",
            answers([say("HTTP/1.1 200 OK\r\n"), forever("x: y\r\n")]),
            "broken:",
        ),
        ("a field without end", answers([say("HTTP/1.1 200 OK\r\nx: "), forever("y")]), "broken:"),
        ("101 fields", answers([response(&"x: y\r\n".repeat(101), "")]), "broken:"),
        ("a nought in a field", answers([response("x: \0\r\n", "")]), "broken:"),
        ("a field that is folded", answers([response("x: y\r\n z\r\n", "")]), "broken:"),
        (
            "a type with octets that are no text",
            answers([say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type: \xff\r\n\r\n")]),
            "200, 0 octets, \u{fffd}",
        ),
        ("the preface of HTTP/2", answers([say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]), "broken:"),
        ("frames of HTTP/2", answers([forever([0, 0, 0, 4, 0, 0, 0, 0, 0])]), "broken:"),
        ("HTTP/3", answers([say("HTTP/3 200 OK\r\n\r\n")]), "broken:"),
        ("go on, forever", answers([forever("HTTP/1.1 100 Continue\r\n\r\n")]), "broken:"),
        (
            "hints forever",
            answers([forever("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")]),
            "broken:",
        ),
        (
            "go on, and a policy",
            answers([say("HTTP/1.1 100 Continue\r\n\r\n"), response("", "x")]),
            "200, 1 octets",
        ),
        (
            "another protocol",
            answers([say("HTTP/1.1 101 x\r\nUpgrade: x\r\n\r\n"), forever("x")]),
            "101, 0 octets",
        ),
        (
            "an answer before the question",
            vec![Tls(chains::plain()), response("Content-Length: 1\r\n", "x"), Silence],
            "",
        ),
        // Where else it is.
        (
            "a redirect to a private address",
            answers([say("HTTP/1.1 302 x\r\nLocation: https://127.0.0.1/\r\n\r\n")]),
            "Some(302) Some(\"https://127.0.0.1/\")",
        ),
        (
            "a redirect to itself",
            answers([say("HTTP/1.1 301 x\r\nLocation: /.well-known/mta-sts.txt\r\n\r\n")]),
            "Some(301)",
        ),
        // The body.
        (
            "no body, and silence",
            answers([response("Content-Length: 9\r\n", ""), Silence]),
            TIMED_OUT,
        ),
        (
            "an octet of body a moment",
            answers([response("Content-Length: 999\r\n", ""), Trickle(b"x".to_vec())]),
            TIMED_OUT,
        ),
        ("a body that is too short", answers([response("Content-Length: 9\r\n", "x")]), "broken:"),
        (
            "a body that is too long",
            answers([response("Content-Length: 1\r\n", "xyz")]),
            "200, 1 octets",
        ),
        ("a body that is cut", answers([response("", "x"), Cut]), "broken:"),
        (
            "a body that is reset",
            answers([response("Content-Length: 9\r\n", "x"), Reset]),
            "broken:",
        ),
        (
            "two lengths",
            answers([response("Content-Length: 1\r\nContent-Length: 2\r\n", "xy")]),
            "broken:",
        ),
        (
            "a length of less than nothing",
            answers([response("Content-Length: -1\r\n", "x")]),
            "broken:",
        ),
        (
            "a length of too much",
            answers([response("Content-Length: 99999999999999999999\r\n", "x")]),
            "broken:",
        ),
        (
            "gigabytes that are announced",
            answers([response("Content-Length: 9999999999999\r\n", ""), forever("x")]),
            "200, 65536 octets, and more",
        ),
        (
            "gigabytes that are not",
            answers([response("", ""), forever("x")]),
            "200, 65536 octets, and more",
        ),
        ("compressed", answers([response("Content-Encoding: gzip\r\n", "\x1f")]), "200, 1 octets"),
        ("chunks of no size", answers([response(chunked, "zz\r\n")]), "broken:"),
        ("a chunk of too much", answers([response(chunked, "fffffffffffffffff\r\nx")]), "broken:"),
        ("a size without end", answers([response(chunked, ""), forever("0")]), "broken:"),
        (
            "chunks without end",
            answers([response(chunked, ""), forever("1\r\nx\r\n")]),
            "200, 65536 octets, and more",
        ),
        ("an extension without end", answers([response(chunked, "1;"), forever("x")]), "broken:"),
        (
            "extensions without end",
            answers([response(chunked, ""), forever("1;xxxxxxxxxxxxxxxxxxxxxxxx\r\nx\r\n")]),
            "broken:",
        ),
        (
            "trailers without end",
            answers([response(chunked, "0\r\n"), forever("x: y\r\n")]),
            "broken:",
        ),
        ("a chunk that is cut", answers([response(chunked, "9\r\nx"), Cut]), "broken:"),
        (
            "a length and chunks",
            answers([response(&format!("Content-Length: 9\r\n{chunked}"), "1\r\nx\r\n0\r\n\r\n")]),
            "",
        ),
        (
            "a body to nothing",
            answers([say("HTTP/1.1 204 x\r\nContent-Length: 1\r\n\r\nx")]),
            "204, 0 octets",
        ),
    ] {
        let port = start(script).await;
        alone.look(reason, expected, observe(probe(expected, config(port).await))).await;
    }
}

//! What stands where a BIMI record says that a logo and a certificate are.

use mxray_facts::{Domain, FileContent, FileOutcome, MAX_BIMI_BYTES, Unobserved};
use mxray_probe::{Probe, ProbeConfig, ResolverChoice};

use crate::chains;
use crate::server::Act::{self, Hear, Reset, Silence, Tls, Trickle};
use crate::server::{forever, say, start};
use crate::{Alone, TIMED_OUT, config, probe, resolver};

/// What is told of the logo, in short.
async fn observe(probe: Probe) -> String {
    let record = probe.bimi_record(&Domain::from_ascii("a.example").unwrap()).await;
    let Some(url) = record.logo else { return "no logo".to_owned() };
    let fetch = match probe.bimi_file(&url).await {
        None => return "not asked".to_owned(),
        Some(Err(Unobserved::TimedOut)) => return TIMED_OUT.to_owned(),
        Some(Err(other)) => return format!("{other:?}"),
        Some(Ok(fetch)) => fetch,
    };
    match fetch.outcome {
        FileOutcome::Response { status, octets, truncated, content, .. } => {
            assert!(octets <= MAX_BIMI_BYTES);
            let content = match content {
                None => "nothing",
                Some(FileContent::Svg(_)) => "a logo",
                Some(FileContent::Certificates(_)) => "certificates",
            };
            let more = if truncated { ", and more" } else { "" };
            format!("{status}, {octets} octets{more}, {content}")
        }
        other => format!("{other:?}"),
    }
}

/// The same for a resolver that knows this record, and one address for all names.
async fn at(record: &'static str, expected: &str, port: u16) -> Probe {
    let answer = move |query: &[u8]| match resolver::record_type(query) {
        1 => resolver::answer(query, 1, &resolver::record(1, &[127, 0, 0, 1])),
        16 => {
            let data = [&[u8::try_from(record.len()).unwrap()], record.as_bytes()].concat();
            resolver::answer(query, 1, &resolver::record(16, &data))
        }
        _ => resolver::answer(query, 0, &[]),
    };
    let resolver = ResolverChoice::Socket(crate::everything_answers(answer).await);
    probe(expected, ProbeConfig { resolver, ..config(port).await })
}

const RECORD: &str = "v=BIMI1; l=https://logo.a.example/logo.svg; a=";

/// A sound answer with a body, after the request.
fn serves(body: impl Into<Vec<u8>>) -> Vec<Act> {
    let mut octets = b"HTTP/1.1 200 OK\r\nContent-Type: image/svg+xml\r\n\r\n".to_vec();
    octets.extend(body.into());
    answers([say(octets)])
}

fn answers(then: impl IntoIterator<Item = Act>) -> Vec<Act> {
    [Tls(chains::plain()), Hear].into_iter().chain(then).collect()
}

#[tokio::test]
async fn no_file_holds_up_a_look_or_fills_memory_or_is_shown_for_what_it_is_not() {
    let alone = Alone::begin().await;
    let head = || say("HTTP/1.1 200 OK\r\n\r\n<svg>");
    for (reason, script, expected) in [
        ("a logo", serves("<svg></svg>"), "200, 11 octets, a logo"),
        ("silence", vec![Silence], TIMED_OUT),
        ("closed at once", vec![], "TlsFailed("),
        ("reset at once", vec![Reset], "TlsFailed("),
        ("noise", vec![forever("noise")], "TlsFailed("),
        ("silence after the request", answers([Silence]), TIMED_OUT),
        ("an octet a moment", answers([head(), Trickle(b"x".to_vec())]), TIMED_OUT),
        ("reset in the body", answers([head(), Reset]), "Broken("),
        ("gigabytes", answers([head(), forever("<g>")]), "200, 65536 octets, and more, nothing"),
        (
            "a redirect to a private address",
            answers([say("HTTP/1.1 301 x\r\nLocation: https://127.0.0.1/\r\n\r\n")]),
            "Redirect { status: 301, location: Some(\"https://127.0.0.1/\") }",
        ),
        ("a web page", serves("<!DOCTYPE html><p><svg/>"), "200, 24 octets, nothing"),
        ("a secret", serves("key=1234"), "200, 8 octets, nothing"),
        ("no text", serves([0xff; 100]), "200, 100 octets, nothing"),
        ("nothing", serves(""), "200, 0 octets, nothing"),
        ("comments without end", serves("<!---->".repeat(9000)), "200, 63000 octets, nothing"),
        ("a comment that never ends", serves("<!--".repeat(9000)), "200, 36000 octets, nothing"),
        ("elements in elements", serves("<svg>".repeat(13_000)), "200, 65000 octets, a logo"),
    ] {
        let port = start(script).await;
        alone.look(reason, expected, observe(at(RECORD, expected, port).await)).await;
    }
}

#[tokio::test]
async fn what_a_record_names_is_asked_for_if_it_is_one_file() {
    let alone = Alone::begin().await;
    let port = start(serves("<svg/>")).await;
    for (reason, record, expected) in [
        ("a name", RECORD, "200, 6 octets, a logo"),
        ("no TLS", "v=BIMI1; l=http://a.example/", "not asked"),
        ("an address", "v=BIMI1; l=https://127.0.0.1/", "not asked"),
        ("another port", "v=BIMI1; l=https://a.example:25/", "not asked"),
        ("no logo", "v=BIMI1; l=; a=self", "no logo"),
        ("another record", "v=spf1 l=https://a.example/", "no logo"),
        ("no record", "l=https://a.example/", "no logo"),
    ] {
        alone.look(reason, expected, observe(at(record, expected, port).await)).await;
    }
}

/// What is told of a certificate: how many there are.
async fn certificates(body: Vec<u8>) -> Option<usize> {
    let port = start(serves(body)).await;
    let record = "v=BIMI1; l=; a=https://a.example/vmc.pem";
    let probe = at(record, "", port).await;
    let record = probe.bimi_record(&Domain::from_ascii("a.example").unwrap()).await;
    let fetch = probe.bimi_file(&record.certificate.unwrap()).await.unwrap().unwrap();
    let FileOutcome::Response { content, .. } = fetch.outcome else { panic!("{fetch:?}") };
    content.map(|content| match content {
        FileContent::Certificates(certificates) => certificates.len(),
        FileContent::Svg(_) => panic!("a logo"),
    })
}

#[tokio::test]
async fn certificates_are_read_as_far_as_they_are_some() {
    let _alone = Alone::begin().await;
    let pem = chains::pem();
    let broken = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    for (reason, body, expected) in [
        ("two", pem.repeat(2), Some(2)),
        ("forty", pem.repeat(40), Some(10)),
        ("one, and one that is none", format!("{pem}{broken}"), Some(1)),
        ("none", broken.to_owned(), None),
        ("one without end", "-----BEGIN CERTIFICATE-----\nMAA=".to_owned(), None),
        ("no PEM", "<svg/>".to_owned(), None),
        ("nothing", String::new(), None),
    ] {
        assert_eq!(certificates(body.into_bytes()).await, expected, "{reason}");
    }
}

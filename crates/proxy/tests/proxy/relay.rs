//! `/dns-query`.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mxray_facts::dns::{Answer, Question, RecordType, decode, encode};
use mxray_facts::{Observation, Resolution, Unobserved};
use mxray_probe::Allowance;
use mxray_proxy::{Bounds, ProxyConfig, router};

use crate::client::{Reply, alone, config, get, lab, nobody_to_ask, send, strict};

fn ask(name: &str, record_type: RecordType) -> Question {
    Question::new(name.parse().unwrap(), record_type)
}

async fn by_get(router: &Router, query: &[u8]) -> Reply {
    get(router, &format!("/dns-query?dns={}", URL_SAFE_NO_PAD.encode(query))).await
}

async fn by_post(router: &Router, query: Vec<u8>) -> Reply {
    let request = Request::post("/dns-query").header("content-type", "application/dns-message");
    send(router, request.body(Body::from(query)).unwrap()).await
}

async fn answer(router: &Router, question: &Question) -> Observation<Answer> {
    let reply = by_get(router, &encode(question).unwrap()).await;
    assert_eq!(reply.status, 200, "{question:?}");
    decode(question, &reply.body)
}

#[tokio::test]
async fn an_answer_comes_by_get_and_by_post() {
    let lab = lab(&[("a.example", "ttl = 300\ndnssec = 'secure'")]).await;
    let router = router(config(&lab)).unwrap();
    let question = ask("a.example", RecordType::Mx);
    let query = encode(&question).unwrap();
    let reply = by_get(&router, &query).await;
    assert_eq!(reply.header("content-type"), Some("application/dns-message"));
    assert_eq!(reply.header("cache-control"), Some("max-age=300"), "the shortest TTL");
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let decoded = decode(&question, &reply.body).unwrap();
    assert!(decoded.authenticated && !decoded.exchanges().is_empty());

    let mut numbered = query;
    numbered[..2].copy_from_slice(b"id");
    let reply = by_post(&router, numbered).await;
    assert_eq!(reply.body[..2], *b"id", "the ID is the client's");
    assert_eq!(decode(&question, &reply.body).unwrap(), decoded);
}

#[tokio::test]
async fn the_longest_name_can_be_asked_about_and_nothing_longer_is_read() {
    let lab = lab(&[("a.example", "")]).await;
    let router = router(config(&lab)).unwrap();
    let labels = format!(
        "{}.{}",
        ["a".repeat(63), "b".repeat(63), "c".repeat(63)].join("."),
        "d".repeat(51)
    );
    let name = format!("{labels}.a.example");
    let query = encode(&ask(&name, RecordType::Txt)).unwrap();
    for (reason, length, status) in
        [("as it is", query.len(), 200), ("padded", 512, 200), ("longer", 513, 413)]
    {
        // What follows the last record says nothing, as padding does.
        let mut query = query.clone();
        query.resize(length, 0);
        assert_eq!(by_get(&router, &query).await.status, status, "{reason}");
        assert_eq!(by_post(&router, query).await.status, status, "{reason}");
    }
}

#[tokio::test]
async fn absence_failure_and_length_pass_through() {
    let lab = lab(&[
        ("a.example", "[records.'@']\nfill_message = 65535"),
        ("bogus.example", "dnssec = 'bogus'"),
    ])
    .await;
    let router = router(strict(&lab)).unwrap();
    let absent = answer(&router, &ask("no.a.example", RecordType::Txt)).await;
    assert_eq!(absent.unwrap().records, []);
    let root = answer(&router, &ask(".", RecordType::Txt)).await.unwrap();
    assert!(root.authenticated, "by the root a client finds out that the resolver validates");
    let long = answer(&router, &ask("a.example", RecordType::Txt)).await.unwrap();
    assert!(long.texts().flatten().map(|string| string.0.len()).sum::<usize>() > 65_000);
    let query = encode(&ask("a.example", RecordType::Txt)).unwrap();
    for reply in [by_get(&router, &query).await, by_post(&router, query.clone()).await] {
        assert_eq!(reply.body.len(), 65_535, "the longest message that there is");
    }
    let bogus = answer(&router, &ask("bogus.example", RecordType::Txt)).await;
    let Err(Unobserved::Resolution(Resolution { rcode: 2, extended_errors, .. })) = bogus else {
        panic!("{bogus:?}")
    };
    assert_eq!(extended_errors[0].code, 6, "RFC 8914: DNSSEC bogus");
}

#[tokio::test]
async fn private_addresses_are_withheld_and_not_denied() {
    let special = "
        [records.public]
        A = ['1.1.1.1']
        AAAA = ['2606:4700:4700::1111']
        [records.private]
        A = ['10.0.0.1']
        AAAA = ['fd00::1']
        [records.both]
        A = ['1.1.1.1', '169.254.169.254']
        AAAA = ['2606:4700:4700::1111', '::ffff:10.0.0.1']
        [records.translated]
        AAAA = ['64:ff9b::a00:1']
        [records.alias]
        CNAME = 'private'
        [records.mx]
        MX = ['10 private']";
    let lab = lab(&[("a.example", special)]).await;
    let (strict, open) = (router(strict(&lab)).unwrap(), router(config(&lab)).unwrap());
    for (name, record_type, withheld) in [
        ("public", RecordType::A, false),
        ("public", RecordType::Aaaa, false),
        ("private", RecordType::A, true),
        ("private", RecordType::Aaaa, true),
        ("both", RecordType::A, true),
        ("both", RecordType::Aaaa, true),
        ("translated", RecordType::Aaaa, true),
        ("alias", RecordType::A, true),
        ("mx", RecordType::Mx, false),
        ("private", RecordType::Txt, false),
        ("mail", RecordType::A, true),
    ] {
        let question = ask(&format!("{name}.a.example"), record_type);
        let answered = answer(&strict, &question).await;
        let Err(Unobserved::Resolution(refused)) = answered else {
            assert!(!withheld, "{question:?}: a private address went out");
            continue;
        };
        assert!(withheld, "{question:?}: {refused:?}");
        let seen = (refused.rcode, refused.extended_errors[0].code);
        assert_eq!(seen, (5, 17), "{question:?}: refused, as filtered (RFC 8914 §4.18)");
    }
    let shown = answer(&open, &ask("mail.a.example", RecordType::A)).await.unwrap();
    assert_eq!(shown.addresses().count(), 1, "with --allow-net");
}

#[tokio::test]
async fn ten_questions_count_as_one_look() {
    let one = Allowance { at_once: 1.0, per_second: 0.001 };
    let bounds = Bounds { per_client: one, ..Bounds::default() };
    let router = router(ProxyConfig { bounds, ..nobody_to_ask() }).unwrap();
    let query = URL_SAFE_NO_PAD.encode(encode(&ask("a.example", RecordType::A)).unwrap());
    let client = ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000)));
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let request = Request::get(format!("/dns-query?dns={query}")).extension(client);
        let reply = send(&router, request.body(Body::empty()).unwrap()).await;
        statuses.push(reply.status.as_u16());
    }
    assert_eq!(statuses[..10], [502; 10], "there is no resolver to ask");
    assert_eq!(statuses[10..], [429; 2]);
}

#[tokio::test]
async fn it_is_no_way_into_a_network() {
    let router = alone();
    for name in ["localhost", "printer.local", "db.internal", "1.0.0.10.in-addr.arpa", "com"] {
        let reply = by_get(&router, &encode(&ask(name, RecordType::A)).unwrap()).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (403, "name-not-public"),
            "{name}"
        );
    }
    let query = encode(&ask("a.example", RecordType::A)).unwrap();
    let place = query.len() - 11 - 4;
    for (reason, octet, value, code) in [
        ("ANY", place + 1, 255, "type-not-served"),
        ("AXFR", place + 1, 252, "type-not-served"),
        ("PTR", place + 1, 12, "type-not-served"),
        ("another class", place + 3, 3, "bad-dns"),
        ("an answer", 2, 0x80, "bad-dns"),
        ("an update", 2, 0x28, "bad-dns"),
        ("two questions", 5, 2, "bad-dns"),
    ] {
        let mut query = query.clone();
        query[octet] = value;
        assert_eq!(by_get(&router, &query).await.code(), code, "{reason}");
    }
}

#[tokio::test]
async fn a_resolver_that_is_gone_is_said_to_be() {
    let reply = by_get(&alone(), &encode(&ask("a.example", RecordType::A)).unwrap()).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (502, "resolver-failed"));
}

//! Each refusal has a status, a code and a sentence.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use futures_util::stream;
use mxray_proxy::router;

use crate::client::{alone, config, get, lab, send};

#[tokio::test]
async fn what_is_asked_for_wrongly_is_refused_with_the_reason() {
    let router = alone();
    let long_label = format!("/v1/policy?domain={}.example", "a".repeat(64));
    let long = format!("/v1/policy?domain={}example", "a.".repeat(147));
    let large = format!("/dns-query?dns={}", "A".repeat(10_000));
    for (path, status, code) in [
        ("/v1/policy", 400, "missing-domain"),
        ("/v1/policy?domain=", 400, "bad-domain"),
        ("/v1/policy?domain=192.0.2.1", 400, "bad-domain"),
        ("/v1/policy?domain=https://example.com/", 400, "bad-domain"),
        ("/v1/policy?domain=example.com:25", 400, "bad-domain"),
        ("/v1/policy?domain=b%C3%BCcher.example", 400, "bad-domain"),
        (&long_label, 400, "bad-domain"),
        (&long, 400, "bad-domain"),
        ("/v1/policy?domain=a.example&domain=b.example", 400, "bad-query"),
        ("/v1/policy?domain=printer.local", 403, "name-not-public"),
        ("/v1/mx", 400, "missing-domain"),
        ("/v1/mx?domain=a..example", 400, "bad-domain"),
        ("/v1/mx?domain=a.example&host=a..b", 400, "bad-host"),
        ("/v1/mx?domain=db.internal", 403, "name-not-public"),
        ("/v1/", 404, "not-found"),
        ("/v1/else?domain=a.example", 404, "not-found"),
        ("/else", 404, "not-found"),
        ("/dns-query", 400, "missing-dns"),
        ("/dns-query?dns=!", 400, "bad-dns"),
        ("/dns-query?dns=AAAA", 400, "bad-dns"),
        (&large, 413, "too-large"),
    ] {
        let reply = get(&router, path).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{path}");
    }
}

#[tokio::test]
async fn the_sentence_is_the_domains_own() {
    let long = format!("{}example", "a.".repeat(147));
    for (domain, sentence) in [
        ("192.0.2.1", "this is a number address; expected a name such as example.com"),
        (&long, "the name is over 253 characters long, the most that DNS allows"),
    ] {
        let reply = get(&alone(), &format!("/v1/policy?domain={domain}")).await;
        let refusal: serde_json::Value = reply.json();
        assert_eq!(refusal["message"], sentence);
    }
}

#[tokio::test]
async fn other_methods_and_bodies_are_refused() {
    let router = alone();
    let request = |method: &Method, path: &str| Request::builder().method(method).uri(path);
    for (method, path) in [
        (Method::POST, "/v1/policy?domain=a.example"),
        (Method::DELETE, "/v1/mx?domain=a.example"),
        (Method::PUT, "/dns-query"),
        (Method::POST, "/healthz"),
        (Method::POST, "/config.json"),
    ] {
        let reply = send(&router, request(&method, path).body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(reply.code(), "method-not-allowed", "{method} {path}");
    }
    for (media_type, size, code) in [
        ("text/plain", 10, "unsupported-media-type"),
        ("application/dns-message", 5000, "too-large"),
        ("application/dns-message", 10, "bad-dns"),
    ] {
        let request = request(&Method::POST, "/dns-query").header("content-type", media_type);
        let reply = send(&router, request.body(Body::from(vec![0; size])).unwrap()).await;
        assert_eq!(reply.code(), code, "{media_type}, {size} octets");
    }
}

#[tokio::test]
async fn a_host_of_another_domain_is_refused() {
    let lab = lab(&[("a.example", ""), ("b.example", "")]).await;
    let router = router(config(&lab)).unwrap();
    let reply = get(&router, "/v1/mx?domain=a.example&host=mail.b.example").await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "unknown-host"));
    assert_eq!(lab.smtp_log("mail.b.example").connections, 0, "this is no port scanner");
}

#[tokio::test]
async fn a_greedy_client_is_asked_to_come_back() {
    let router = alone();
    let client = ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000)));
    let request = || Request::get("/v1/policy").extension(client).body(Body::empty()).unwrap();
    for _ in 0..60 {
        assert_eq!(send(&router, request()).await.status, 400);
    }
    let reply = send(&router, request()).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (429, "too-many-requests"));
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "a page may read this too");
    assert_eq!(get(&router, "/healthz").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_query_that_never_comes_to_an_end_is_not_waited_for() {
    let endless = Body::from_stream(stream::pending::<Result<Vec<u8>, Infallible>>());
    let request = Request::post("/dns-query").header("content-type", "application/dns-message");
    let reply = send(&alone(), request.body(endless).unwrap()).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (408, "too-slow"));
}

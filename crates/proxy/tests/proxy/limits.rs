//! How often strangers are reached, and how much a client may ask for.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use mxray_facts::dns::{Question, RecordType, encode};
use mxray_facts::{MxFacts, Observation, Unobserved};
use mxray_probe::{Allowance, ProbeConfig};
use mxray_proxy::{Bounds, Listen, Proxy, ProxyConfig, StartError, router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Reply, alone, config, get, lab, send};

#[tokio::test]
async fn a_host_is_talked_to_once_for_all_who_ask_and_all_domains_it_serves() {
    let shared = "mx = [{ host = 'mx.provider.example.' }]";
    let lab = lab(&[("provider.example", ""), ("a.example", shared), ("b.example", shared)]).await;
    let router = router(config(&lab)).unwrap();
    let paths = ["a", "b"].map(|name| format!("/v1/mx?domain={name}.example"));
    let asked = (0..50).flat_map(|_| &paths).map(|path| get(&router, path));
    for reply in join_all(asked).await {
        let facts: Observation<MxFacts> = reply.json();
        assert_eq!(facts.unwrap().hosts[0].host.as_str(), "mx.provider.example");
    }
    let one = "/v1/mx?domain=a.example&host=mx.provider.example";
    assert_eq!(get(&router, one).await.status, 200);
    let connections = lab.smtp_log("mx.provider.example").connections;
    assert_eq!(connections, 2, "a look is one connection, and one for old versions of TLS");
}

#[tokio::test]
async fn what_somebody_may_be_mending_is_looked_at_again_sooner() {
    let lab = lab(&[
        ("sound.example", ""),
        ("missing.example", "policy = { status = 404 }"),
        ("down.example", "mx = [{ host = 'mail', server = 'down' }]"),
        ("plain.example", "mx = [{ host = 'mail', server = 'no-starttls' }]"),
        ("failing.example", "[records.'@']\nrcode = 'SERVFAIL'"),
    ])
    .await;
    let router = router(config(&lab)).unwrap();
    for (path, kept) in [
        ("/v1/policy?domain=sound.example", "max-age=60"),
        ("/v1/policy?domain=missing.example", "max-age=15"),
        ("/v1/mx?domain=sound.example", "max-age=60"),
        ("/v1/mx?domain=down.example", "max-age=15"),
        ("/v1/mx?domain=plain.example", "max-age=15"),
        ("/v1/mx?domain=failing.example", "max-age=15"),
    ] {
        assert_eq!(get(&router, path).await.header("cache-control"), Some(kept), "{path}");
    }
}

/// A proxy to which any name of `a.example` is one public address, where nobody speaks TLS or SMTP.
async fn one_victim(allowance: Allowance) -> (mxray_lab::Lab, Router) {
    let lab = lab(&[("a.example", "[records.'*']\nA = ['1.1.1.1']")]).await;
    let closed = SocketAddr::from(([127, 0, 0, 1], 1));
    let probe = ProbeConfig {
        https_port: 443,
        smtp_port: 25,
        routes: [25, 443].map(|port| (SocketAddr::from(([1, 1, 1, 1], port)), closed)).into(),
        per_address: Some(allowance),
        ..config(&lab).probe
    };
    let router = router(ProxyConfig { probe, ..ProxyConfig::default() }).unwrap();
    (lab, router)
}

#[tokio::test]
async fn ten_thousand_names_cannot_aim_at_one_address() {
    let (_lab, router) = one_victim(Allowance { at_once: 3.0, per_second: 0.001 }).await;
    for number in 0..3 {
        let reply = get(&router, &format!("/v1/policy?domain=d{number}.a.example")).await;
        assert_eq!(reply.status, 200);
    }
    for path in [
        "/v1/policy?domain=d3.a.example",
        "/v1/policy?domain=d3.a.example",
        "/v1/mx?domain=d4.a.example&host=d4.a.example",
    ] {
        let reply = get(&router, path).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (429, "target-busy"), "{path}");
        assert_eq!(reply.header("retry-after"), Some("15"), "{path}");
    }
    let all = get(&router, "/v1/mx?domain=d4.a.example").await;
    assert!(
        String::from_utf8_lossy(&all.body).contains("rate-limited"),
        "of many, the others stay"
    );
}

#[tokio::test]
async fn names_made_up_below_a_domain_do_not_flood_its_name_servers() {
    let lab = lab(&[("a.example", ""), ("b.example", "")]).await;
    let per_domain = Allowance { at_once: 3.0, per_second: 0.001 };
    let bounds = Bounds { per_domain, ..Bounds::default() };
    let router = router(ProxyConfig { bounds, ..config(&lab) }).unwrap();
    let question = |name: &str| {
        let question = Question::new(name.parse().unwrap(), RecordType::Txt);
        format!("/dns-query?dns={}", URL_SAFE_NO_PAD.encode(encode(&question).unwrap()))
    };
    for name in ["r1.a.example", "r2.r3.a.example", "a.example"] {
        assert_eq!(get(&router, &question(name)).await.status, 200, "{name}");
    }
    for path in [
        &question("r4.a.example"),
        "/v1/policy?domain=r5.a.example",
        "/v1/mx?domain=r6.a.example&host=mail.a.example",
    ] {
        let reply = get(&router, path).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (429, "target-busy"), "{path}");
    }
    let all: Observation<MxFacts> = get(&router, "/v1/mx?domain=r7.a.example").await.json();
    assert_eq!(all.unwrap().set, Err(Unobserved::RateLimited), "which is no word about the domain");
    assert_eq!(get(&router, &question("r1.b.example")).await.status, 200, "another domain's");
}

#[tokio::test]
async fn how_much_is_too_much_is_the_operators_choice() {
    let one = Allowance { at_once: 1.0, per_second: 0.001 };
    let usual = Bounds::default();
    for (reason, bounds, code) in [
        ("one look", Bounds { per_client: one, ..usual }, "too-many-requests"),
        ("none at a time", Bounds { at_a_time: 0, ..usual }, "busy"),
        ("none of a client", Bounds { at_a_time_per_client: 0, ..usual }, "too-many-requests"),
    ] {
        let router = router(ProxyConfig { bounds, ..crate::client::nobody_to_ask() }).unwrap();
        by(&router, [192, 0, 2, 1], None).await;
        let reply = by(&router, [192, 0, 2, 1], None).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (429, code), "{reason}");
    }
}

#[tokio::test]
async fn a_connection_too_many_waits_for_its_turn() {
    let bounds = Bounds { connections: 1, ..Bounds::default() };
    let listen = Listen::At(SocketAddr::from(([127, 0, 0, 1], 0)));
    let config = ProxyConfig { bounds, listen, ..crate::client::nobody_to_ask() };
    let proxy = Proxy::start(config).await.unwrap();
    let ask = async |stream: &mut TcpStream| {
        let request = b"GET /healthz HTTP/1.1\r\nHost: proxy\r\n\r\n";
        stream.write_all(request).await.unwrap();
        stream.read(&mut [0; 1024]).await.unwrap()
    };
    let mut first = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(ask(&mut first).await > 0);
    let mut second = TcpStream::connect(proxy.address()).await.unwrap();
    let moment = Duration::from_millis(100);
    assert!(timeout(moment, ask(&mut second)).await.is_err(), "there is one place");
    drop(first);
    assert!(second.read(&mut [0; 1024]).await.unwrap() > 0, "and it is free again");
}

async fn by(router: &Router, peer: [u8; 4], forwarded_for: Option<&str>) -> Reply {
    let mut request =
        Request::get("/v1/policy").extension(ConnectInfo(SocketAddr::from((peer, 1))));
    if let Some(text) = forwarded_for {
        request = request.header("x-forwarded-for", text);
    }
    send(router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_forged_address_does_not_make_a_new_client() {
    for (reason, trusted, peer, forwarded_for, limited) in [
        ("nobody is trusted", None, [192, 0, 2, 1], "198.51.100.{}", true),
        (
            "left of the real one",
            Some("10.0.0.0/8"),
            [10, 0, 0, 1],
            "198.51.100.{}, 192.0.2.1",
            true,
        ),
        ("really many clients", Some("10.0.0.0/8"), [10, 0, 0, 1], "192.0.2.{}", false),
        ("a forgotten proxy of our own", None, [127, 0, 0, 1], "192.0.2.{}", true),
    ] {
        let trusted_proxies = trusted.into_iter().map(|net| net.parse().unwrap()).collect();
        let config = ProxyConfig { trusted_proxies, ..crate::client::nobody_to_ask() };
        let router = router(config).unwrap();
        let mut statuses = Vec::new();
        for number in 0..61 {
            let forwarded_for = forwarded_for.replace("{}", &number.to_string());
            statuses.push(by(&router, peer, Some(&forwarded_for)).await.status.as_u16());
        }
        assert_eq!(statuses.contains(&429), limited, "{reason}: {statuses:?}");
    }
}

#[tokio::test]
async fn who_sits_at_the_machine_is_not_counted() {
    let router = alone();
    for _ in 0..200 {
        assert_eq!(by(&router, [127, 0, 0, 1], None).await.status, 400);
    }
}

#[tokio::test]
async fn whoever_trusts_everybody_is_told_what_that_would_mean() {
    for everybody in ["0.0.0.0/0", "::/0"] {
        let trusted_proxies = vec![everybody.parse().unwrap()];
        let error = router(ProxyConfig { trusted_proxies, ..ProxyConfig::default() }).unwrap_err();
        assert!(matches!(error, StartError::TrustsEverybody(_)));
        assert!(error.to_string().contains("--trusted-proxy"), "{error}");
    }
}

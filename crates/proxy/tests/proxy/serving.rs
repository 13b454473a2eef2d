//! The proxy on a real socket.

use std::net::SocketAddr;
use std::time::Duration;

use mxray_facts::{Observation, PolicyFetch, Unobserved};
use mxray_probe::ProbeConfig;
use mxray_proxy::{Listen, Proxy, ProxyConfig, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::client::{config, lab};

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    // A connection that is cut is an end too.
    let _ = stream.read_to_string(&mut response).await;
    response
}

#[tokio::test]
async fn it_serves_until_it_is_stopped() {
    let lab = lab(&[("a.example", "mx = [{ host = 'mail', server = 'silent' }]")]).await;
    let proxy = Proxy::start(config(&lab)).await.unwrap();
    let address = proxy.address();
    let close = "HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n";
    let healthy = exchange(address, &format!("GET /healthz {close}")).await;
    assert!(healthy.starts_with("HTTP/1.1 200"), "{healthy}");

    // The host is silent, so that the answer is still to come when the proxy ends.
    let waiting = format!("GET /v1/mx?domain=a.example {close}");
    let waiting = tokio::spawn(async move { exchange(address, &waiting).await });
    while lab.smtp_log("mail.a.example").connections == 0 {
        tokio::task::yield_now().await;
    }
    proxy.stop().await;
    let cut = timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert_eq!(cut, "", "no answer, and no waiting for one");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_is_under_way_is_finished_and_patience_has_an_end() {
    let slow = "policy = { delay_ms = 500 }\nmx = [{ host = 'mail', server = 'silent' }]";
    for (path, patience, answered) in [
        ("/v1/policy?domain=a.example", Duration::from_secs(60), true),
        ("/v1/mx?domain=a.example", Duration::from_millis(100), false),
    ] {
        let lab = lab(&[("a.example", slow)]).await;
        let proxy = Proxy::start(config(&lab)).await.unwrap();
        let address = proxy.address();
        // One that asks, and one that only keeps its connection.
        let _idle = TcpStream::connect(address).await.unwrap();
        let asked = format!("GET {path} HTTP/1.1\r\nHost: proxy\r\n\r\n");
        let waiting = tokio::spawn(async move { exchange(address, &asked).await });
        while lab.https_log("mta-sts.a.example").is_empty()
            && lab.smtp_log("mail.a.example").connections == 0
        {
            tokio::task::yield_now().await;
        }
        timeout(Duration::from_secs(60), proxy.finish(patience)).await.unwrap();
        assert_eq!(waiting.await.unwrap().starts_with("HTTP/1.1 200"), answered, "{path}");
        assert!(TcpStream::connect(address).await.is_err(), "{path}: nobody is accepted any more");
    }
}

#[tokio::test]
async fn metrics_have_a_socket_of_their_own() {
    let lab = lab(&[("a.example", "[records.mail]\nA = ['1.1.1.1']")]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap();
    let mut config = config(&lab);
    config.metrics = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.probe.smtp_port = 25;
    config.probe.routes.push((SocketAddr::from(([1, 1, 1, 1], 25)), target));
    let proxy = Proxy::start(config).await.unwrap();
    let (address, metrics) = (proxy.address(), proxy.metrics_address().unwrap());
    let close = "HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n";
    let health = exchange(address, &format!("GET /healthz {close}")).await;
    assert!(health.contains(r#""port_25":"untried""#) && health.contains(r#""ipv6":"#), "{health}");

    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    for path in ["/v1/mx?domain=a.example", "/v1/mx?domain=a.example", "/v1/mx?domain=192.0.2.1"] {
        exchange(address, &format!("GET {path} {close}")).await;
    }
    let text = exchange(metrics, &format!("GET /metrics {close}")).await;
    for line in [
        r#"mxray_requests_total{path="/v1/mx",status="200"} 2"#,
        r#"mxray_requests_total{path="/v1/mx",status="400"} 1"#,
        r#"mxray_asked_total{what="host"} 2"#,
        r#"mxray_looked_total{what="host"} 1"#,
        r#"mxray_connections_total{service="smtp",family="ipv4",outcome="connected"} 1"#,
        "mxray_under_way 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    let health = exchange(address, &format!("GET /healthz {close}")).await;
    assert!(health.contains(r#""port_25":"reached""#), "{health}");
    let elsewhere = exchange(address, &format!("GET /metrics {close}")).await;
    assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
}

#[tokio::test]
async fn a_head_without_end_is_cut() {
    let proxy = Proxy::start(config(&lab(&[]).await)).await.unwrap();
    let endless = format!("GET /healthz HTTP/1.1\r\nx: {}", "y".repeat(100_000));
    let answer = exchange(proxy.address(), &endless).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_busy_port_is_passed_over_or_said_to_be() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let busy = taken.local_addr().unwrap();
    let lab = lab(&[]).await;
    let at = |listen| ProxyConfig { listen, ..config(&lab) };
    let refused = Proxy::start(at(Listen::At(busy))).await.unwrap_err();
    assert!(matches!(refused, StartError::Listen(..)));
    assert!(refused.to_string().contains("--listen"), "{refused}");
    let next = Proxy::start(at(Listen::From(busy))).await.unwrap();
    assert!(next.address().port() > busy.port());
}

#[tokio::test]
async fn it_is_not_led_to_itself() {
    let address = [127, 0, 0, 77];
    // The probe has to know the port before there is a proxy. It is free, and at an address of our own.
    let free = TcpListener::bind(SocketAddr::from((address, 0))).await.unwrap();
    let listening = free.local_addr().unwrap();
    drop(free);
    let lab = lab(&[("own.example", "[records.mta-sts]\nA = ['127.0.0.77']")]).await;
    let probe =
        ProbeConfig { https_port: listening.port(), routes: Vec::new(), ..config(&lab).probe };
    let listen = Listen::At(listening);
    let proxy = Proxy::start(ProxyConfig { listen, probe, ..ProxyConfig::default() }).await;
    let close = "HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n";
    let asked = format!("GET /v1/policy?domain=own.example {close}");
    let answer = exchange(proxy.unwrap().address(), &asked).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let fetch: Observation<PolicyFetch> = serde_json::from_str(body).unwrap();
    assert_eq!(fetch, Err(Unobserved::AddressNotAllowed));
}

#[tokio::test(start_paused = true)]
async fn a_redis_that_never_answers_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for (reason, address) in
        [("silent", silent.local_addr().unwrap().to_string()), ("down", "127.0.0.1:1".to_owned())]
    {
        let lab = lab(&[("a.example", "")]).await;
        let redis = format!("redis://{address}").parse().unwrap();
        let proxy = Proxy::start(ProxyConfig { redis: Some(redis), ..config(&lab) }).await.unwrap();
        let address = proxy.address();
        let close = "HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n";
        let health = exchange(address, &format!("GET /healthz {close}")).await;
        assert!(health.contains(r#""sharing":"lost""#), "{reason}: {health}");
        let policy = exchange(address, &format!("GET /v1/policy?domain=a.example {close}")).await;
        assert!(policy.starts_with("HTTP/1.1 200"), "{reason}: {policy}");
    }
}

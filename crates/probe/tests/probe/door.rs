//! Tricks by which a name leads to an address that is not the public internet's.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mxray_facts::{Contact, PolicyOutcome, Unobserved};
use mxray_probe::{Allowance, Probe, ProbeConfig, ResolverChoice};
use tokio::net::{TcpListener, UdpSocket};

use crate::world::{config, domain, lab, name, probe};

/// A resolver whose answers about IPv4 addresses change from one question to the next.
struct Rebinding {
    resolver: ResolverChoice,
    asked: Arc<AtomicUsize>,
}

impl Rebinding {
    async fn start(addresses: &'static [Ipv4Addr]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let resolver = ResolverChoice::Socket(socket.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut query = [0; 512];
            while let Ok((length, client)) = socket.recv_from(&mut query).await {
                let wants_v4 = is_about_v4(&query[..length]);
                let turn = if wants_v4 { count.fetch_add(1, Ordering::Relaxed) } else { 0 };
                let address = wants_v4.then(|| addresses[turn.min(addresses.len() - 1)]);
                socket.send_to(&answer(&query[..length], address), client).await.unwrap();
            }
        });
        Self { resolver, asked }
    }
}

/// The end of the question: after the name's last label come type and class (RFC 1035 §4.1.2).
fn end_of_question(query: &[u8]) -> usize {
    12 + query[12..].iter().position(|octet| *octet == 0).unwrap() + 1 + 4
}

fn is_about_v4(query: &[u8]) -> bool {
    let end = end_of_question(query);
    query[end - 4..end - 2] == [0, 1]
}

/// The question, and one record with a time to live of nothing.
fn answer(query: &[u8], address: Option<Ipv4Addr>) -> Vec<u8> {
    let mut message = query[..end_of_question(query)].to_vec();
    message[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    if let Some(address) = address {
        message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        message.extend(address.octets());
    }
    message
}

#[tokio::test]
async fn a_name_that_is_bound_anew_leads_where_it_led_when_it_was_judged() {
    const ALLOWED: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);
    const FORBIDDEN: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
    for (reason, addresses, goes) in [
        ("first the allowed one", &[ALLOWED, FORBIDDEN], true),
        ("first the forbidden one", &[FORBIDDEN, ALLOWED], false),
    ] {
        let open = TcpListener::bind((ALLOWED, 0)).await.unwrap();
        let port = open.local_addr().unwrap().port();
        let secret = TcpListener::bind((FORBIDDEN, port)).await.unwrap();
        let rebinding = Rebinding::start(addresses).await;
        let probe = Probe::new(ProbeConfig {
            resolver: rebinding.resolver,
            allowed_nets: vec![format!("{ALLOWED}/32").parse().unwrap()],
            https_port: port,
            ..ProbeConfig::default()
        });
        let probe = probe.unwrap();
        let rebound = domain("rebound.example");
        let fetch = tokio::spawn(async move { probe.policy(&rebound).await });
        if goes {
            // Nothing is said there, so that the handshake fails.
            drop(open.accept().await.unwrap());
            let outcome = fetch.await.unwrap().unwrap().outcome;
            assert!(matches!(outcome, PolicyOutcome::TlsFailed(_)), "{reason}: {outcome:?}");
        } else {
            assert_eq!(fetch.await.unwrap(), Err(Unobserved::AddressNotAllowed), "{reason}");
        }
        assert_eq!(rebinding.asked.load(Ordering::Relaxed), 1, "{reason}: resolved once");
        let nobody = std::future::poll_fn(|context| {
            std::task::Poll::Ready(secret.poll_accept(context).is_pending())
        });
        assert!(nobody.await, "{reason}: the forbidden one is not connected to");
    }
}

#[tokio::test]
async fn every_way_that_dns_knows_to_a_private_address_ends_at_the_door() {
    for (reason, records) in [
        ("an address", "[records.mta-sts]\nA = ['10.0.0.1']\n[records.mail]\nA = ['10.0.0.1']"),
        (
            "the cloud's metadata",
            "[records.mta-sts]\nA = ['169.254.169.254']\n[records.mail]\nA = ['169.254.169.254']",
        ),
        (
            "a name of another domain",
            "[records.mta-sts]\nCNAME = 'inner.b.example.'\n[records.mail]\nCNAME = 'inner.b.example.'",
        ),
        (
            "one name after the other",
            "[records.mta-sts]\nCNAME = 'outer.b.example.'\n[records.mail]\nCNAME = 'outer.b.example.'",
        ),
        (
            "an IPv4 address in IPv6's clothes",
            "[records.mta-sts]\nA = []\nAAAA = ['::ffff:127.0.0.1']\n\
             [records.mail]\nA = []\nAAAA = ['::ffff:127.0.0.1']",
        ),
        (
            "through a translator",
            "[records.mta-sts]\nA = []\nAAAA = ['64:ff9b::10.0.0.1', '64:ff9b:1::1.1.1.1']\n\
             [records.mail]\nA = []\nAAAA = ['64:ff9b::10.0.0.1', '64:ff9b:1::1.1.1.1']",
        ),
    ] {
        let inner = "[records.inner]\nA = ['127.0.0.1']\n[records.outer]\nCNAME = 'inner'";
        let lab = lab(&[("a.example", records), ("b.example", inner)]).await;
        let strict = ProbeConfig { resolver: config(&lab).resolver, ..ProbeConfig::default() };
        let probe = Probe::new(strict).unwrap();
        let fetch = probe.policy(&domain("a.example")).await;
        assert_eq!(fetch, Err(Unobserved::AddressNotAllowed), "{reason}");
        let host = probe.mail_host(&name("mail.a.example")).await.unwrap();
        assert!(!host.sessions.is_empty(), "{reason}");
        for session in host.sessions {
            assert_eq!(session.contact, Err(Unobserved::AddressNotAllowed), "{reason}");
        }
    }
}

#[tokio::test]
async fn many_names_of_one_address_are_one_address() {
    let victim = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = victim.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = victim.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            drop(stream);
        }
    });
    let lab = lab(&[("a.example", "[records.'*']\nA = ['1.1.1.1']")]).await;
    let probe = Probe::new(ProbeConfig {
        https_port: 443,
        smtp_port: 25,
        routes: [25, 443].map(|port| (([1, 1, 1, 1], port).into(), address)).into(),
        // What comes back within the test is no whole connection.
        per_address: Some(Allowance { at_once: 5.0, per_second: 0.001 }),
        ..config(&lab)
    });
    let probe = probe.unwrap();
    for number in 0..5 {
        let fetch = probe.policy(&domain(&format!("d{number}.a.example"))).await.unwrap();
        assert!(matches!(fetch.outcome, PolicyOutcome::TlsFailed(_)), "{fetch:?}");
    }
    for number in 5..20 {
        let fetch = probe.policy(&domain(&format!("d{number}.a.example"))).await;
        assert_eq!(fetch, Err(Unobserved::RateLimited));
        let host = probe.mail_host(&name(&format!("h{number}.a.example"))).await.unwrap();
        assert_eq!(host.sessions[0].contact, Err(Unobserved::RateLimited), "nor by another port");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 5);
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    for location in [
        "https://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "//mta-sts.b.example/.well-known/mta-sts.txt",
        "file:///etc/passwd",
    ] {
        for status in [301, 302, 303, 307, 308] {
            let special = format!("policy = {{ status = {status}, location = '{location}' }}");
            let lab = lab(&[("a.example", &special), ("b.example", "")]).await;
            let fetch = probe(&lab).policy(&domain("a.example")).await.unwrap();
            let expected = PolicyOutcome::Redirect {
                status: Some(status),
                location: Some(location.to_owned()),
            };
            assert_eq!(fetch.outcome, expected, "{status} {location}: told, not followed");
            assert!(lab.https_log("mta-sts.b.example").is_empty(), "{status} {location}");
        }
    }
}

#[tokio::test]
async fn an_alias_of_a_public_name_is_followed_to_a_public_address_only() {
    let alias = "[records.mail]\nCNAME = 'mail.b.example.'";
    let lab = lab(&[("a.example", alias), ("b.example", "")]).await;
    let host = probe(&lab).mail_host(&name("mail.a.example")).await.unwrap();
    assert!(matches!(host.sessions[0].contact, Ok(Contact::Talked(_))), "with --allow-net");
}

//! Asking resolvers over UDP and TCP.

use std::net::SocketAddr;
use std::time::Duration;

use mxray_facts::dns::{Checking, Existence, Question, RecordType};
use mxray_facts::{Resolution, Unobserved};
use mxray_probe::{Deadlines, Probe, ProbeConfig, ResolverChoice};
use tokio::net::UdpSocket;

use crate::world::{lab, name, probe};

fn ask(text: &str, record_type: RecordType) -> Question {
    Question::new(name(text), record_type)
}

fn probe_of(resolver: SocketAddr, patience: Duration) -> Probe {
    let deadlines = Deadlines { dns: patience, ..Deadlines::default() };
    let resolver = ResolverChoice::Socket(resolver);
    Probe::new(ProbeConfig { resolver, deadlines, ..ProbeConfig::default() }).unwrap()
}

#[tokio::test]
async fn records_absence_and_failure_are_told_apart() {
    let lab = lab(&[
        ("a.example", "dnssec = 'secure'"),
        ("bogus.example", "dnssec = 'bogus'"),
        ("long.example", "[records.'@']\nfill_message = 65535"),
    ])
    .await;
    let probe = probe(&lab);

    let mx = probe.dns(&ask("a.example", RecordType::Mx)).await.unwrap();
    assert!(mx.authenticated && !mx.exchanges().is_empty());

    let absent = probe.dns(&ask("no.a.example", RecordType::Txt)).await.unwrap();
    assert_eq!(absent.existence, Existence::DoesNotExist);

    let bogus = ask("bogus.example", RecordType::Mx);
    let failed = probe.dns(&bogus).await;
    assert!(matches!(failed, Err(Unobserved::Resolution(Resolution { rcode: 2, .. }))));
    let unchecked = Question { checking: Checking::Disabled, ..bogus };
    assert!(probe.dns(&unchecked).await.is_ok(), "the signatures are broken, not the servers");

    let long = probe.dns(&ask("long.example", RecordType::Txt)).await.unwrap();
    let octets: usize = long.texts().flatten().map(|string| string.0.len()).sum();
    assert!(octets > 65_000, "over TCP, since it fits into no datagram: {octets}");
    let message = probe.dns_message(&ask("long.example", RecordType::Txt)).await.unwrap();
    assert_eq!(message.len(), 65_535, "the longest that there is");
}

/// A resolver that answers with what `answers` makes of each query.
async fn resolver(answers: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut query = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut query).await {
            for answer in answers(&query[..length]) {
                socket.send_to(&answer, client).await.unwrap();
            }
        }
    });
    address
}

/// The answer that there is nothing.
fn nothing(query: &[u8]) -> Vec<u8> {
    let mut answer = query.to_vec();
    answer[2] |= 0x80;
    answer
}

fn with_other_id(message: Vec<u8>) -> Vec<u8> {
    let mut message = message;
    message[0] ^= 0xff;
    message
}

fn with_other_name(message: Vec<u8>) -> Vec<u8> {
    let mut message = message;
    message[13] ^= 1;
    message
}

#[tokio::test]
async fn only_the_answer_to_the_question_counts() {
    let question = ask("a.example", RecordType::Txt);
    let patient = Duration::from_secs(5);

    let forged = resolver(|query| vec![with_other_id(nothing(query)), nothing(query)]).await;
    assert!(probe_of(forged, patient).dns(&question).await.is_ok(), "another ID is passed over");

    let wrong = resolver(|query| vec![with_other_name(nothing(query))]).await;
    let answer = probe_of(wrong, patient).dns(&question).await;
    assert_eq!(answer, Err(Unobserved::ResolverFailed), "another name is no answer");

    let noise = resolver(|_| vec![b"noise".to_vec()]).await;
    let answer = probe_of(noise, Duration::from_millis(200)).dns(&question).await;
    assert_eq!(answer, Err(Unobserved::TimedOut), "noise is none");
}

#[tokio::test]
async fn a_lost_question_is_asked_once_more() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let deaf_at_first =
        resolver(move |query| match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => Vec::new(),
            _ => vec![nothing(query)],
        })
        .await;
    let probe = probe_of(deaf_at_first, Duration::from_secs(2));
    assert!(probe.dns(&ask("a.example", RecordType::Txt)).await.is_ok());
}

#[tokio::test]
async fn nobody_at_the_resolvers_address_is_no_answer() {
    let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let probe = probe_of(closed, Duration::from_secs(5));
    let answer = probe.dns(&ask("a.example", RecordType::Txt)).await;
    assert_eq!(answer, Err(Unobserved::ResolverFailed));
}

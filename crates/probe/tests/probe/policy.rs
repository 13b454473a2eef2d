//! Fetching policies.

use mxray_facts::{
    KeyAlgorithm, Link, MAX_POLICY_BYTES, NameMatch, PathResult, PolicyOutcome, PolicyResponse,
    Times, Tls, TlsVersion, Unobserved, VisitOutcome,
};
use mxray_probe::{Probe, ProbeConfig};
use tokio::net::TcpListener;

use crate::world::{config, domain, impatient, lab, name, probe};

#[tokio::test]
async fn a_policy_comes_with_what_was_seen_on_the_way() {
    let lab = lab(&[("sound.example", "")]).await;
    let fetch = probe(&lab).policy(&domain("sound.example")).await.unwrap();
    assert_eq!(fetch.host.as_str(), "mta-sts.sound.example");
    assert!(
        fetch.addresses.iter().all(std::net::IpAddr::is_loopback) && !fetch.addresses.is_empty()
    );
    let PolicyOutcome::Response(response) = fetch.outcome else { panic!("no response") };
    assert_eq!((response.status, response.content_type.as_deref()), (200, Some("text/plain")));
    assert!(response.body.to_text().starts_with("version: STSv1") && !response.truncated);

    let tls = fetch.tls.unwrap();
    assert_eq!(tls.version, TlsVersion::Tls13);
    assert_eq!((&tls.path, &tls.path_when_valid), (&PathResult::Trusted, &PathResult::Trusted));
    assert_eq!(tls.name, NameMatch::Matches);
    let [leaf, intermediate] = tls.chain.as_slice() else { panic!("{:?}", tls.chain) };
    assert_eq!(leaf.dns_names, ["mta-sts.sound.example"]);
    assert_eq!(leaf.subject, "CN=mta-sts.sound.example");
    assert_eq!(leaf.issuer, intermediate.subject);
    assert_eq!(leaf.not_before.days_until(leaf.not_after), 90);
    assert_eq!((&leaf.key.algorithm, leaf.key.bits), (&KeyAlgorithm::Ecdsa, 256));
    assert_eq!((leaf.sha256.0.len(), leaf.key_sha512.0.len()), (32, 64));
    assert_eq!((leaf.signed_by_next, intermediate.signed_by_next), (Some(true), None));
    assert_eq!(
        lab.https_log("mta-sts.sound.example"),
        ["GET /.well-known/mta-sts.txt HTTP/1.1"],
        "once"
    );
}

#[tokio::test]
async fn every_fault_of_a_certificate_is_told_apart() {
    use NameMatch::{Differs, Matches};
    use PathResult::{Expired, NotYetValid, SelfSigned, Trusted, UnknownIssuer};
    for (kind, path, when_valid, name) in [
        ("good", Trusted, Trusted, Matches),
        ("ends-soon", Trusted, Trusted, Matches),
        ("expired", Expired, Trusted, Matches),
        ("not-yet-valid", NotYetValid, Trusted, Matches),
        ("self-signed", SelfSigned, SelfSigned, Matches),
        ("wrong-name", Trusted, Trusted, Differs),
        ("common-name-only", Trusted, Trusted, Differs),
        ("untrusted-root", UnknownIssuer, UnknownIssuer, Matches),
        ("missing-intermediate", UnknownIssuer, UnknownIssuer, Matches),
    ] {
        let lab = lab(&[("a.example", &format!("policy = {{ certificate = '{kind}' }}"))]).await;
        let fetch = probe(&lab).policy(&domain("a.example")).await.unwrap();
        let Some(Tls { path: seen, path_when_valid, name: matched, .. }) = fetch.tls else {
            panic!("{kind}: no session")
        };
        assert_eq!((seen, path_when_valid, matched), (path, when_valid, name), "{kind}");
        assert!(
            matches!(fetch.outcome, PolicyOutcome::Response(_)),
            "{kind}: the policy is read whatever the certificate"
        );
    }
}

#[tokio::test]
async fn each_address_says_how_it_answers_and_when() {
    let addresses = "[records.mta-sts]\nA = ['127.0.1.2', '127.0.1.1', '10.0.0.1']";
    let lab = lab(&[("a.example", addresses)]).await;
    let fetch = probe(&lab).policy(&domain("a.example")).await.unwrap();
    let PolicyOutcome::Response(response) = &fetch.outcome else { panic!("{fetch:?}") };
    let details = fetch.details.get().unwrap();
    let [down, up, private] = &*details.visits else { panic!("{details:?}") };
    assert_eq!((&down.outcome, down.times), (&Ok(VisitOutcome::Refused), Times::default()));
    assert_eq!(private.outcome, Err(Unobserved::AddressNotAllowed));
    let Ok(VisitOutcome::Answered { status: 200, octets, sha256 }) = &up.outcome else {
        panic!("{up:?}")
    };
    assert_eq!((*octets, sha256.0.len()), (response.body.0.len(), 32));
    let Times { connected, secured, answered, read } = up.times;
    assert!(connected.is_some() && connected <= secured, "{up:?}");
    assert!(secured <= answered && answered <= read && read <= Some(fetch.elapsed_ms), "{up:?}");
}

#[tokio::test]
async fn an_address_that_says_nothing_does_not_hold_up_the_one_that_answers() {
    let addresses = "[records.mta-sts]\nA = ['127.0.1.1', '127.0.1.9']";
    let lab = lab(&[("a.example", addresses)]).await;
    let silent = TcpListener::bind(("127.0.1.9", lab.https_port)).await.unwrap();
    let fetch = probe(&lab).policy(&domain("a.example")).await.unwrap();
    assert!(matches!(fetch.outcome, PolicyOutcome::Response(_)), "{fetch:?}");
    let details = fetch.details.get().unwrap();
    let [answers, says_nothing] = &*details.visits else { panic!("{fetch:?}") };
    assert!(answers.times.read.is_some(), "{answers:?}");
    assert_eq!(says_nothing.outcome, Err(Unobserved::TimedOut));
    assert!(says_nothing.times.connected.is_some() && says_nothing.times.secured.is_none());
    let answered = details.resolved_ms + answers.times.read.unwrap();
    assert!(fetch.elapsed_ms < answered + 500, "its time is that of the one that answers");
    drop(silent);
}

#[tokio::test]
async fn the_names_on_the_way_are_told() {
    let lab = lab(&[
        ("a.example", "[records.mta-sts]\nCNAME = 'policies.b.example.'"),
        ("b.example", "[records.policies]\nCNAME = 'mta-sts.b.example.'"),
    ])
    .await;
    let fetch = probe(&lab).policy(&domain("a.example")).await.unwrap();
    let aliases = &fetch.details.get().unwrap().aliases;
    assert_eq!(*aliases, ["policies.b.example", "mta-sts.b.example"].map(name));
}

#[tokio::test]
async fn how_certificates_lead_to_one_another_is_a_fact() {
    let links = |signed_by: &[Option<usize>], trusted: &[bool]| -> Vec<Link> {
        let link = |(signed_by, trusted): (&Option<usize>, &bool)| Link {
            signed_by: *signed_by,
            issuer_is_trusted: *trusted,
            issuer_urls: Vec::new(),
        };
        signed_by.iter().zip(trusted).map(link).collect()
    };
    let says_where = |link: Link| Link {
        issuer_urls: vec!["http://ca.lab.example/intermediate.der".to_owned()],
        ..link
    };
    let missing = links(&[None], &[false]).into_iter().map(says_where).collect();
    for (kind, expected) in [
        ("good", links(&[Some(1), None], &[false, true])),
        ("missing-intermediate", missing),
        ("self-signed", links(&[Some(0)], &[false])),
        ("untrusted-root", links(&[Some(1), None], &[false, false])),
    ] {
        let lab = lab(&[("a.example", &format!("policy = {{ certificate = '{kind}' }}"))]).await;
        let fetch = probe(&lab).policy(&domain("a.example")).await.unwrap();
        let tls = fetch.tls.unwrap();
        assert_eq!(tls.details.get().unwrap().links, expected, "{kind}");
    }
}

/// The reason, what is special about the domain, and what is expected.
type Row<'a> = (&'a str, &'a str, fn(&PolicyOutcome) -> bool);

#[tokio::test]
async fn how_a_host_answers_is_a_fact() {
    let flood: String = (0..200).map(|number| format!("x-{number} = 'y', ")).collect();
    let flood = format!("policy = {{ headers = {{ {} }} }}", flood.trim_end_matches(", "));
    let broken = |outcome: &PolicyOutcome| matches!(outcome, PolicyOutcome::Broken(_));
    let rows: [Row<'_>; 8] = [
        ("not found", "policy = { status = 404 }", |outcome| {
            matches!(outcome, PolicyOutcome::Response(PolicyResponse { status: 404, .. }))
        }),
        ("no host", "policy = { server = 'absent' }", |outcome| {
            *outcome == PolicyOutcome::NoAddress
        }),
        ("refused", "policy = { server = 'down' }", |outcome| *outcome == PolicyOutcome::Refused),
        (
            "hangs up",
            "policy = { server = 'aborts-handshake' }",
            |outcome| matches!(outcome, PolicyOutcome::TlsFailed(reason) if reason.contains("closed")),
        ),
        (
            "elsewhere",
            "policy = { status = 301, location = 'https://mta-sts.b.example/' }",
            |outcome| {
                let location = Some("https://mta-sts.b.example/".to_owned());
                *outcome == PolicyOutcome::Redirect { status: Some(301), location }
            },
        ),
        ("10 MB", "policy = { size = 10_000_000 }", |outcome| {
            matches!(outcome, PolicyOutcome::Response(response)
                if response.truncated && response.body.0.len() == MAX_POLICY_BYTES)
        }),
        ("64 KiB, just so", "policy = { size = 65_536 }", |outcome| {
            matches!(outcome, PolicyOutcome::Response(response)
                if !response.truncated && response.body.0.len() == MAX_POLICY_BYTES)
        }),
        ("a flood of header fields", &flood, broken),
    ];
    for (reason, special, expected) in rows {
        let lab = lab(&[("a.example", special), ("b.example", "")]).await;
        let fetch = probe(&lab).policy(&domain("a.example")).await.unwrap();
        assert!(expected(&fetch.outcome), "{reason}: {:?}", fetch.outcome);
        assert!(lab.https_log("mta-sts.b.example").is_empty(), "{reason}: nobody else is asked");
    }
}

#[tokio::test]
async fn nobody_is_waited_for_beyond_the_deadline() {
    for (reason, special) in [
        ("an octet a second", "policy = { bytes_per_second = 1 }"),
        ("silence after the request", "policy = { server = 'hangs' }"),
        ("silence in the handshake", "policy = { server = 'hangs-in-handshake' }"),
    ] {
        let lab = lab(&[("a.example", special)]).await;
        let fetch = impatient(&lab).policy(&domain("a.example")).await;
        assert_eq!(fetch, Err(Unobserved::TimedOut), "{reason}");
    }
}

#[tokio::test]
async fn a_public_name_for_a_private_address_is_not_followed() {
    let lab = lab(&[("sound.example", "")]).await;
    let strict = ProbeConfig {
        resolver: config(&lab).resolver,
        ca_pem: lab.ca_pem.clone(),
        ..ProbeConfig::default()
    };
    let fetch = Probe::new(strict).unwrap().policy(&domain("sound.example")).await;
    assert_eq!(fetch, Err(Unobserved::AddressNotAllowed));
    assert!(lab.https_log("mta-sts.sound.example").is_empty());
}

#[tokio::test]
async fn what_dns_cannot_tell_is_unobserved() {
    let lab = lab(&[("a.example", "[records.mta-sts]\nrcode = 'SERVFAIL'")]).await;
    let fetch = probe(&lab).policy(&domain("a.example")).await;
    assert!(matches!(fetch, Err(Unobserved::Resolution(failed)) if failed.rcode == 2));
}

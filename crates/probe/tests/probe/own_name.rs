//! Our name in EHLO.

use mxray_facts::Unobserved;
use mxray_probe::{NameDoubt, Probe, ProbeConfig};

use crate::world::{config, domain, lab, name};

#[tokio::test]
async fn a_name_that_does_not_lead_back_is_doubtful() {
    let lab = lab(&[
        (
            "a.example",
            "[records]
            confirmed = { A = ['10.0.0.1'] }
            unconfirmed = { A = ['10.0.0.2', '10.0.0.1'] }
            unnamed = { A = ['10.0.0.3'] }
            failing = { rcode = 'SERVFAIL' }
            half = { A = ['10.0.0.4'] }
            '1.0.0.10.in-addr.arpa.' = { PTR = ['confirmed'] }
            '2.0.0.10.in-addr.arpa.' = { PTR = ['other', 'another'] }
            '4.0.0.10.in-addr.arpa.' = { rcode = 'SERVFAIL' }",
        ),
        ("10.in-addr.arpa", ""),
    ])
    .await;
    let address = |last: u8| std::net::IpAddr::from([10, 0, 0, last]);
    let others = vec![name("another.a.example"), name("other.a.example")];
    for (reason, host, expected) in [
        ("there and back", "confirmed", vec![]),
        (
            "back to another",
            "unconfirmed",
            vec![
                NameDoubt::NotConfirmed(address(1), vec![name("confirmed.a.example")]),
                NameDoubt::NotConfirmed(address(2), others),
            ],
        ),
        ("no way back", "unnamed", vec![NameDoubt::NotConfirmed(address(3), vec![])]),
        ("nowhere", "missing", vec![NameDoubt::Nowhere]),
    ] {
        let ehlo_name = Some(domain(&format!("{host}.a.example")));
        let probe = Probe::new(ProbeConfig { ehlo_name, ..config(&lab) }).unwrap();
        let mut doubts = probe.name_doubts().await;
        // What this machine's own address is, no test knows.
        doubts.retain(|doubt| !matches!(doubt, NameDoubt::NotHere(_)));
        doubts.sort_by_key(ToString::to_string);
        for doubt in &mut doubts {
            if let NameDoubt::NotConfirmed(_, names) = doubt {
                names.sort();
            }
        }
        assert_eq!(doubts, expected, "{reason}");
    }
    for (host, is_expected) in [
        (
            "failing",
            (|doubt| matches!(doubt, NameDoubt::Unknown(Unobserved::Resolution(_))))
                as fn(&_) -> bool,
        ),
        ("half", |doubt| matches!(doubt, NameDoubt::Unconfirmed(..))),
    ] {
        let ehlo_name = Some(domain(&format!("{host}.a.example")));
        let probe = Probe::new(ProbeConfig { ehlo_name, ..config(&lab) }).unwrap();
        let doubts = probe.name_doubts().await;
        assert!(doubts.iter().any(is_expected), "{host}: {doubts:?}");
    }
}

#[tokio::test]
async fn without_a_name_there_is_nothing_to_doubt() {
    let lab = lab(&[]).await;
    assert_eq!(Probe::new(config(&lab)).unwrap().name_doubts().await, []);
}

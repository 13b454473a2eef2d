//! The examples of RFC 9989: its tree walk (§4.10), and what it finds (Appendix B.4).

use std::collections::BTreeSet;

use mxray_scan::depth::Policies;
use tokio::test;

use crate::depth::look;
use crate::zone::Zone;

async fn policies(zone: &str, domain: &str) -> Policies {
    look(&Zone::parse(zone), domain).await.dmarc.policies.unwrap()
}

#[test]
async fn a_walk_from_far_below_asks_eight_times() {
    let domain = "a.b.c.d.e.f.g.h.i.j.mail.example.com";
    let zone = Zone::parse(&format!("{domain} TXT x"));
    look(&zone, domain).await;
    let asked = zone.asked.into_inner();
    let names = asked.iter().map(|question| question.name.as_str());
    let walk: BTreeSet<&str> = names.filter(|name| name.starts_with("_dmarc.")).collect();
    assert_eq!(
        walk,
        BTreeSet::from([
            "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
            "_dmarc.g.h.i.j.mail.example.com",
            "_dmarc.h.i.j.mail.example.com",
            "_dmarc.i.j.mail.example.com",
            "_dmarc.j.mail.example.com",
            "_dmarc.mail.example.com",
            "_dmarc.example.com",
            "_dmarc.com",
        ])
    );
}

#[test]
async fn the_organization_and_the_policy_are_those_of_the_examples() {
    let simple = "
        example.com                        TXT x
        signing.example.com                TXT x
        a.b.c.d.e.f.g.h.i.j.k.example.com  TXT x
        _dmarc.example.com                 TXT v=DMARC1; p=reject
        _dmarc.signing.example.com         TXT v=DMARC1; p=none
    ";
    let bank = "
        giant.bank.example         TXT x
        mail.giant.bank.example    TXT x
        mail.mega.bank.example     TXT x
        _dmarc.bank.example        TXT v=DMARC1; p=reject; psd=y
        _dmarc.giant.bank.example  TXT v=DMARC1; p=quarantine
    ";
    let deep = "a.b.c.d.e.f.g.h.i.j.k.example.com";
    for (example, zone, domain, organization, record) in [
        ("B.4.1, author", simple, "example.com", "example.com", "example.com"),
        ("B.4.1, signer", simple, "signing.example.com", "example.com", "signing.example.com"),
        ("B.4.2, author", simple, deep, "example.com", "example.com"),
        ("B.4.3, author", bank, "giant.bank.example", "giant.bank.example", "giant.bank.example"),
        (
            "B.4.3, sender",
            bank,
            "mail.giant.bank.example",
            "giant.bank.example",
            "giant.bank.example",
        ),
        ("B.4.3, signer", bank, "mail.mega.bank.example", "mega.bank.example", "bank.example"),
    ] {
        let policies = policies(zone, domain).await;
        assert_eq!(policies.organization.as_str(), organization, "{example}");
        assert_eq!(policies.domain.record.as_str(), format!("_dmarc.{record}"), "{example}");
    }
}

#[test]
async fn several_records_are_none_and_the_walk_goes_on() {
    let zone = "
        a.b.example.com         TXT x
        _dmarc.b.example.com    TXT v=DMARC1; p=none
        _dmarc.b.example.com    TXT v=DMARC1; p=reject
        _dmarc.example.com      TXT v=DMARC1; p=quarantine
    ";
    let policies = policies(zone, "a.b.example.com").await;
    assert_eq!(
        (policies.domain.policy, policies.organization.as_str()),
        ("quarantine", "example.com")
    );
}

//! What was reported, held against what a scan sees.

use mxray_reports::live::{Now, is_about, join};
use mxray_reports::{Reader, Summary};
use mxray_scan::scan;

use crate::making::report;
use crate::zone::{NOW, Server, Zone};

const RECORDS: &str = "
    example.com MX 10 mx.example.com
    mx.example.com A 192.0.2.25
    _mta-sts.example.com TXT v=STSv1; id=1
";
const POLICY: &str = "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n";

fn now(result: &str, zone: &Zone) -> Now {
    let mut reader = Reader::default();
    reader.read("r.json", report("1", "testing", result, 3).to_string().as_bytes());
    let summary = Summary::of(&reader.finish());
    let domain = "example.com".parse().unwrap();
    assert!(is_about(&summary, &domain));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let scan = runtime.block_on(scan(zone, &domain, NOW, &|_| {}));
    let joined = join(&summary, &scan);
    assert_eq!(joined.len(), 1, "{joined:?}");
    joined[0].now.clone()
}

#[test]
fn each_reason_is_mended_still_so_or_cannot_be_told() {
    let with = |server| {
        Zone::parse(RECORDS)
            .with_policy("example.com", POLICY)
            .with_server("mx.example.com", server)
    };
    let unseen = || Zone::parse(RECORDS).with_policy("example.com", POLICY);
    let broken = || with(Server::Good).with_policy("example.com", "mode: testing\n");
    let gone =
        || Zone::parse("example.com MX 10 other.example.com\nother.example.com A 192.0.2.26");
    let signed = |zone: Zone| {
        let names = [".", "example.com", "mx.example.com", "_25._tcp.mx.example.com"];
        names.iter().fold(zone, |zone, name| zone.signed(name))
    };
    let dane = |digest: &str| {
        let zone = format!("{RECORDS}_25._tcp.mx.example.com TLSA 3 1 1 {digest}");
        let zone = Zone::parse(&zone).with_policy("example.com", POLICY);
        signed(zone.with_server("mx.example.com", Server::Good))
    };
    let bogus = || with(Server::Good).bogus("example.com");
    for (result, reason, zone, expected) in [
        ("starttls-not-supported", "it is offered", with(Server::Good), Now::Mended),
        (
            "starttls-not-supported",
            "it is not",
            with(Server::NoStartTls),
            Now::Still("smtp.starttls-missing"),
        ),
        ("starttls-not-supported", "nobody looked", unseen(), Now::CannotTell),
        ("starttls-not-supported", "turned away", with(Server::Busy), Now::CannotTell),
        ("starttls-not-supported", "another host", gone(), Now::Gone),
        ("certificate-not-trusted", "it is", with(Server::Good), Now::Mended),
        (
            "certificate-not-trusted",
            "self-signed",
            with(Server::SelfSigned),
            Now::Still("smtp.certificate-self-signed"),
        ),
        ("certificate-expired", "another flaw", with(Server::SelfSigned), Now::Mended),
        ("certificate-expired", "no certificate to see", with(Server::NoStartTls), Now::CannotTell),
        ("certificate-host-mismatch", "it matches", with(Server::Good), Now::Mended),
        ("validation-failure", "all is well", with(Server::Good), Now::Mended),
        (
            "validation-failure",
            "something is not",
            with(Server::Refuses),
            Now::Still("smtp.starttls-refused"),
        ),
        ("sts-policy-fetch-error", "it is there", with(Server::Good), Now::Mended),
        (
            "sts-policy-fetch-error",
            "it is not",
            Zone::parse(RECORDS),
            Now::Still("mta-sts.host-missing"),
        ),
        ("sts-policy-invalid", "it is read", with(Server::Good), Now::Mended),
        ("sts-policy-invalid", "it is not", broken(), Now::Still("mta-sts.policy.version-missing")),
        ("sts-webpki-invalid", "it is served", with(Server::Good), Now::Mended),
        ("tlsa-invalid", "it fits", dane("key"), Now::Mended),
        ("tlsa-invalid", "it does not", dane("another"), Now::Still("dane.mismatch")),
        ("tlsa-invalid", "there is none any more", with(Server::Good), Now::Mended),
        ("dnssec-invalid", "they verify", dane("key"), Now::Mended),
        ("dnssec-invalid", "they do not", bogus(), Now::Still("mx.bogus")),
        ("dane-required", "it is there", dane("key"), Now::Mended),
        ("dane-required", "there is none", signed(with(Server::Good)), Now::Lacking),
        ("cosmic-ray", "nobody knows", with(Server::Good), Now::CannotTell),
    ] {
        assert_eq!(now(result, &zone), expected, "{result}: {reason}");
    }
}

#[test]
fn what_nobody_could_look_at_is_never_mended() {
    let policy_unread = Zone::parse(RECORDS)
        .with_policy_unobserved("example.com", mxray_facts::Unobserved::BrowserMayNotRead);
    for result in ["sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"] {
        assert_eq!(now(result, &policy_unread), Now::CannotTell, "{result}");
    }
}

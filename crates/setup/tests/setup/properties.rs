//! Whatever is wished for lints clean, means the same in every format, and scans without a fail.

use mxray_facts::Domain;
use mxray_records::Severity;
use mxray_records::mta_sts::policy::Mode;
use mxray_scan::depth::Place;
use mxray_scan::{Stage, Verdict};
use mxray_setup::{Draft, Published, Wishes};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::zone::{Server, Zone};
use crate::{NOON, formats};

fn label() -> impl Strategy<Value = String> {
    "[a-z]([a-z0-9-]{0,10}[a-z0-9])?"
}

fn hosts() -> impl Strategy<Value = Vec<String>> {
    let host = (vec(label(), 1..3), "(com|org|example|xn--p1ai)")
        .prop_map(|(labels, end)| format!("{}.{end}", labels.join(".")));
    vec(host, 1..5).prop_map(|mut hosts| {
        hosts.sort();
        hosts.dedup();
        hosts
    })
}

fn wishes() -> impl Strategy<Value = Wishes> {
    let modes = prop_oneof![Just(Mode::Testing), Just(Mode::Enforce)];
    let lifetimes = prop::sample::select(vec![604_800, 1_209_600, 2_592_000, 31_536_000]);
    let local = "[a-z!;,]{1,8}".prop_filter("dots", |it| !it.is_empty());
    (hosts(), modes, lifetimes, local, any::<bool>()).prop_map(
        |(mx, mode, max_age, local, elsewhere)| {
            let domain: Domain = "example.com".parse().unwrap();
            let host = if elsewhere { "reports.example.org" } else { "example.com" };
            let plain = local.replace(['!', ';', ','], "x");
            Wishes {
                mx,
                mode,
                max_age,
                tls_reports: if elsewhere {
                    format!("https://{host}/tls?a={local}")
                } else {
                    format!("{plain}@{host}")
                },
                dmarc_reports: format!("{plain}@{host}"),
                ..Wishes::new(domain)
            }
        },
    )
}

fn everything(wishes: &Wishes) -> Draft {
    let none = Published::default();
    Draft::mta_sts(wishes, &none, NOON)
        .with(Draft::tls_rpt(wishes, &none))
        .with(Draft::dmarc(wishes, &none))
}

/// The draft, published for the hosts.
fn published(draft: &Draft, wishes: &Wishes) -> Zone {
    let mut zone = String::from("example.com TXT v=spf1 mx -all\n");
    for (place, host) in wishes.mx.iter().enumerate() {
        zone.push_str(&format!("example.com MX {place} {host}\n{host} A 192.0.2.25\n"));
    }
    for change in &draft.changes {
        if let Place::Dns { name, record_type } = &change.place {
            zone.push_str(&format!("{name} {record_type} {}\n", change.after[0]));
        }
    }
    let zone = Zone::parse(&zone).with_policy("example.com", draft.policy().unwrap());
    wishes.mx.iter().fold(zone, |zone, host| zone.with_server(host, Server::Good))
}

proptest! {
    #[test]
    fn whatever_comes_out_lints_clean(wishes in wishes()) {
        // A first DMARC record is to change nothing yet.
        let expected = "dmarc.record.policy-none";
        for (_, finding) in everything(&wishes).lint(&wishes.mx) {
            let is_fine = finding.rule.severity == Severity::Notice || finding.rule.code == expected;
            prop_assert!(is_fine, "{:?}: {finding:?}", wishes);
        }
    }

    #[test]
    fn every_format_says_the_same(wishes in wishes()) {
        let draft = everything(&wishes);
        let expected = formats::expected(&draft);
        for provider in formats::PROVIDERS {
            prop_assert_eq!(formats::terraform(provider, &draft), expected.clone());
        }
        prop_assert_eq!(formats::octodns(&draft), expected);
    }

    #[test]
    fn published_it_scans_without_a_fail(wishes in wishes()) {
        let draft = everything(&wishes);
        let report = crate::look(&published(&draft, &wishes));
        let stage = if wishes.mode == Mode::Enforce { Stage::Enforce } else { Stage::Testing };
        prop_assert_eq!(report.stage, stage);
        for check in &report.checks {
            prop_assert!(check.verdict != Verdict::Fail, "{:?}: {check:?}", wishes);
        }
    }

    #[test]
    fn what_is_published_again_keeps_its_id(wishes in wishes()) {
        let draft = everything(&wishes);
        let seen = Published::of(&crate::look(&published(&draft, &wishes)));
        let again = Draft::mta_sts(&wishes, &seen, NOON.after_days(9));
        prop_assert_eq!(again.changes.last().map(|it| &it.after), Some(&seen.mta_sts));
    }
}

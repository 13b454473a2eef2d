//! Moves between real providers' MX hosts, with the steps that each takes.

use mxray_records::mta_sts::policy;
use mxray_scan::depth::Place;
use mxray_scan::providers::Providers;
use mxray_setup::moving::{DESTINATIONS, Move, Way, destination, work_out};

use crate::{NOON, domain};

const GOOGLE: &[&str] =
    &["aspmx.l.google.com", "alt1.aspmx.l.google.com", "alt2.aspmx.l.google.com"];
const GOOGLE_ONE: &[&str] = &["smtp.google.com"];
const MICROSOFT: &[&str] = &["example-com.mail.protection.outlook.com"];
const MICROSOFT_DANE: &[&str] = &["example-com.a-v1.mx.microsoft"];
const FASTMAIL: &[&str] = &["in1-smtp.messagingengine.com", "in2-smtp.messagingengine.com"];
const PROTON: &[&str] = &["mail.protonmail.ch", "mailsec.protonmail.ch"];
const MAILBOX: &[&str] = &["mxext1.mailbox.org", "mxext2.mailbox.org", "mxext3.mailbox.org"];
const ZOHO: &[&str] = &["mx.zoho.eu", "mx2.zoho.eu", "mx3.zoho.eu"];
const OWN: &[&str] = &["mx1.example.com", "mx2.example.com"];

fn way(from: &[&str], to: &[&str], mode: &str, lines: &[&str], max_age: u32) -> Way {
    let owned = |hosts: &[&str]| hosts.iter().map(|host| (*host).to_owned()).collect();
    let mx: String = lines.iter().map(|line| format!("mx: {line}\n")).collect();
    let text = format!("version: STSv1\nmode: {mode}\n{mx}max_age: {max_age}\n");
    let moving = Move {
        domain: domain(),
        from: owned(from),
        to: owned(to),
        policy: policy::parse(&text).value,
        record_ttl: 3600,
        mx_ttl: 3600,
    };
    work_out(&moving, NOON)
}

/// The steps, without what each begins with.
fn steps(way: &Way) -> Vec<&str> {
    way.steps.iter().filter_map(|it| it.what.key.strip_prefix("moving.step.")).collect()
}

const ALL: &[&str] = &[
    "new-servers",
    "add-lines",
    "new-id",
    "short-ttl",
    "change-mx",
    "old-servers",
    "drop-lines",
    "last-id",
];
const COVERED: &[&str] =
    &["new-servers", "short-ttl", "change-mx", "old-servers", "drop-lines", "last-id"];
const LINES_STAY: &[&str] = &["new-servers", "short-ttl", "change-mx", "old-servers"];

#[test]
fn ten_moves() {
    for (reason, from, to, lines, expected, added, traps) in [
        (
            "Google to Microsoft",
            GOOGLE,
            MICROSOFT,
            &["*.l.google.com", "*.aspmx.l.google.com"][..],
            ALL,
            MICROSOFT,
            &[][..],
        ),
        (
            "Microsoft to Google",
            MICROSOFT,
            GOOGLE,
            &["*.mail.protection.outlook.com"],
            ALL,
            GOOGLE,
            &[],
        ),
        (
            "Google's five to its one",
            GOOGLE,
            GOOGLE_ONE,
            &["*.google.com", "aspmx.l.google.com", "*.aspmx.l.google.com"],
            COVERED,
            &[],
            &[],
        ),
        (
            "Microsoft to its hosts for DANE",
            MICROSOFT,
            MICROSOFT_DANE,
            &["*.mail.protection.outlook.com", "*.mx.microsoft"],
            ALL,
            MICROSOFT_DANE,
            &["moving.trap.one-label", "moving.trap.microsoft"],
        ),
        ("own to Fastmail", OWN, FASTMAIL, OWN, ALL, FASTMAIL, &[]),
        ("Fastmail to Proton", FASTMAIL, PROTON, &["*.messagingengine.com"], ALL, PROTON, &[]),
        (
            "Proton to mailbox.org",
            PROTON,
            MAILBOX,
            &["*.protonmail.ch", "*.mailbox.org"],
            COVERED,
            &[],
            &[],
        ),
        ("mailbox.org to Zoho", MAILBOX, ZOHO, MAILBOX, ALL, ZOHO, &[]),
        (
            "Zoho to own, named already",
            ZOHO,
            OWN,
            &["*.zoho.eu", "*.example.com"],
            COVERED,
            &[],
            &[],
        ),
        (
            "one own to another by the same line",
            &["mx1.example.com"],
            &["mx2.example.com"],
            &["*.example.com"],
            LINES_STAY,
            &[],
            &[],
        ),
    ] {
        let way = way(from, to, "enforce", lines, 604_800);
        assert_eq!(steps(&way), expected, "{reason}");
        let keys: Vec<_> = way.traps.iter().map(|trap| trap.key).collect();
        assert_eq!(keys, traps, "{reason}");
        let [before, between, after] = &way.phases[..] else { panic!("{reason}") };
        for line in added {
            assert!(
                !before.policy.contains(line) && between.policy.contains(&format!("mx: {line}\n")),
                "{reason}: {line}"
            );
        }
        // Nobody is refused who follows the steps.
        for phase in [before, between, after] {
            assert!(phase.hosts.iter().all(|host| host.now), "{reason}: {phase:?}");
        }
        for line in lines {
            let useful = policy::parse(&before.policy).value.unwrap().mx.iter().any(|pattern| {
                pattern.to_string() == *line && to.iter().any(|host| pattern.matches(host))
            });
            assert_eq!(after.policy.contains(&format!("mx: {line}\n")), useful, "{reason}: {line}");
        }
    }
}

#[test]
fn the_mx_set_changes_when_senders_know_the_new_line() {
    let way =
        way(GOOGLE, MICROSOFT, "enforce", &["*.l.google.com", "*.aspmx.l.google.com"], 604_800);
    let change = way.steps.iter().find(|it| it.what.key == "moving.step.change-mx").unwrap();
    // Those who ask before they give up know it with the record; the others when they have forgotten.
    assert_eq!(change.earliest.0 - NOON.0, 3600);
    assert_eq!(NOON.days_until(change.safe), 7);
    assert_eq!(change.writes[0].1, "10 example-com.mail.protection.outlook.com.");
    let drop = way.steps.iter().find(|it| it.what.key == "moving.step.drop-lines").unwrap();
    assert_eq!((NOON.days_until(drop.earliest), NOON.days_until(drop.safe)), (5, 12));
    let Place::File { url } = &drop.writes[0].0 else { panic!("{drop:?}") };
    assert_eq!(url, "https://mta-sts.example.com/.well-known/mta-sts.txt");
    assert!(!drop.writes[0].1.contains("google"));
}

#[test]
fn a_policy_that_is_only_tested_makes_nobody_wait() {
    let way = way(GOOGLE, MICROSOFT, "testing", &["*.l.google.com"], 31_557_600);
    let change = way.steps.iter().find(|it| it.what.key == "moving.step.change-mx").unwrap();
    assert_eq!(change.safe.0 - NOON.0, 3600);
    assert!(way.traps.is_empty());
}

#[test]
fn between_the_moves_a_sender_that_remembers_the_old_policy_refuses_the_new_host() {
    let way = way(OWN, PROTON, "enforce", OWN, 31_557_600);
    let between = &way.phases[1];
    let remembered: Vec<_> =
        between.hosts.iter().map(|it| (it.host.as_str(), it.remembered)).collect();
    assert_eq!(
        remembered,
        [
            ("mx1.example.com", true),
            ("mx2.example.com", true),
            ("mail.protonmail.ch", false),
            ("mailsec.protonmail.ch", false),
        ]
    );
    assert_eq!(way.traps[0].key, "moving.trap.long-memory");
}

#[test]
fn without_a_policy_only_the_mx_set_changes() {
    for mode in ["none", "nonsense"] {
        let way = way(GOOGLE, PROTON, mode, &[], 86_400);
        assert_eq!(steps(&way), LINES_STAY, "{mode}");
        assert_eq!(way.traps[0].key, "moving.trap.no-policy");
    }
    assert!(way(GOOGLE, GOOGLE, "enforce", &["*.l.google.com"], 86_400).steps.is_empty());
}

#[test]
fn every_destination_is_the_providers_whose_name_it_has() {
    let providers = include_str!("../../../scan/data/providers.toml");
    let providers: Providers = toml::from_str(providers).unwrap();
    for (name, _) in DESTINATIONS {
        let hosts = destination(name, &domain());
        assert!(!hosts.is_empty());
        for host in hosts {
            let provider = providers.of_mx(&host.parse().unwrap());
            assert_eq!(provider.map(|it| it.name.as_str()), Some(name), "{host}");
        }
    }
}

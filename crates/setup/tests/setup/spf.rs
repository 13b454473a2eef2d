//! SPF records mended: what is done, what is asked, and that no sender gets lost on the way.

use std::net::IpAddr;

use mxray_records::Severity;
use mxray_scan::depth::{Known, Sending, sending};
use mxray_scan::spf::{Attempt, Outcome, check_host};
use mxray_setup::spf::{Mending, meant, mend};
use mxray_setup::{Draft, Published};
use proptest::prelude::*;

use crate::zone::{NOW, Zone};
use crate::{domain, look};

/// What the domain's own names are, and those of two providers.
const WORLD: &str = "
    example.com MX 10 mx.example.com
    mx.example.com A 192.0.2.25
    www.example.com A 192.0.2.80
    www.example.com AAAA 2001:db8::80
    one.example.com TXT v=spf1 ip4:198.51.100.1 -all
    two.example.com TXT v=spf1 include:one.example.com ip4:198.51.100.2 -all
    vain.example.com TXT v=spf1 -all
    slip.example.com TXT v=spf1 ipv4:198.51.100.3 -all
    three.example.com TXT v=spf1 +all
    round.example.com TXT v=spf1 ip4:198.51.100.4 include:example.com -all
    sender.test TXT v=spf1 ip4:203.0.113.0/24 -all
    broken.test TXT v=spf1 ipv4:203.0.113.1 -all
    dead.test TXT v=spf1 include:gone.sender.test -all
    five.test TXT v=spf1 a:a1.five.test a:a2.five.test a:a3.five.test a:a4.five.test -all
    a1.five.test A 203.0.113.1
    a2.five.test A 203.0.113.2
    a3.five.test A 203.0.113.3
    a4.five.test A 203.0.113.4
    six.test TXT v=spf1 include:five.test -all
    other.test TXT v=spf1 a:a1.five.test a:a2.five.test a:a3.five.test a:a4.five.test a:a1.five.test/28 -all
";

fn zone(texts: &[&str]) -> Zone {
    let own: String = texts.iter().map(|text| format!("example.com TXT {text}\n")).collect();
    Zone::parse(&(own + WORLD))
}

/// What the texts lead to, and what they come to.
fn mended(texts: &[&str]) -> (Mending, Option<Sending>) {
    let zone = zone(texts);
    let report = look(&zone);
    let published = Published::of(&report);
    let meant = meant(&published);
    let seen = meant.text.as_deref().map(|text| follow(&zone, text));
    (mend(&domain(), &published, meant, seen.as_ref()), seen)
}

fn follow(zone: &Zone, text: &str) -> Sending {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (report, known) = (look(zone), Known::default());
    runtime.block_on(sending(zone, &report, [], &known, text))
}

fn texts(draft: Option<&Draft>) -> Vec<&str> {
    let changes = draft.into_iter().flat_map(|draft| &draft.changes);
    changes.flat_map(|change| &change.after).map(String::as_str).collect()
}

/// What is done, without what each key begins with.
fn keys<'a>(sentences: &'a [mxray_scan::Sentence], begin: &str) -> Vec<&'a str> {
    sentences.iter().filter_map(|it| it.key.strip_prefix(begin)).collect()
}

/// Ten names of the domain's own, none of which can go.
fn ten_own() -> (String, String) {
    let names: Vec<_> = (1..=11).map(|n| format!("h{n}.example.com")).collect();
    let record = names.iter().map(|name| format!("a:{name} ")).collect::<String>();
    let lines = names.iter().zip(1..).map(|(name, n)| format!("{name} A 192.0.2.{n}\n"));
    (format!("v=spf1 {record}-all"), lines.collect())
}

#[test]
fn each_flaw_is_mended_or_asked_about() {
    for (reason, record, after, done, open) in [
        ("sound", "v=spf1 mx -all", &[][..], &[][..], &[][..]),
        (
            "a slip",
            "v=spf1 inlcude:sender.test -all",
            &["v=spf1 include:sender.test -all"],
            &["spelled"],
            &[],
        ),
        (
            "twice",
            "v=spf1 mx include:sender.test MX -all",
            &["v=spf1 mx include:sender.test -all"],
            &["twice"],
            &[],
        ),
        ("everybody", "v=spf1 mx +all", &["v=spf1 mx ~all"], &["all"], &[]),
        ("nobody in particular", "v=spf1 mx ?all", &["v=spf1 mx ~all"], &["neutral"], &[]),
        ("no end", "v=spf1 mx", &["v=spf1 mx ~all"], &["end"], &[]),
        ("another record is the end", "v=spf1 redirect=sender.test", &[], &[], &[]),
        ("behind the end", "v=spf1 mx -all a", &["v=spf1 mx -all"], &["unreached"], &[]),
        (
            "a dead include",
            "v=spf1 mx include:gone.sender.test -all",
            &["v=spf1 mx -all"],
            &["gone"],
            &[],
        ),
        (
            "an include in vain",
            "v=spf1 mx include:vain.example.com -all",
            &["v=spf1 mx -all"],
            &["in-vain"],
            &[],
        ),
        (
            "a name without an address",
            "v=spf1 mx a:gone.example.com -all",
            &["v=spf1 mx -all"],
            &["void"],
            &[],
        ),
        (
            "two ways to one record",
            "v=spf1 include:one.example.com include:two.example.com -all",
            &["v=spf1 include:two.example.com -all"],
            &["included"],
            &[],
        ),
        (
            "narrow and wide",
            "v=spf1 a:www.example.com a:www.example.com/28 -all",
            &["v=spf1 a:www.example.com/28 -all"],
            &["within"],
            &[],
        ),
        (
            "narrow, and refused in between",
            "v=spf1 a:www.example.com -ip4:192.0.2.81 a:www.example.com/28 -all",
            &[],
            &[],
            &[],
        ),
        (
            "a slip in an own record",
            "v=spf1 include:slip.example.com -all",
            &["v=spf1 ip4:198.51.100.3 -all"],
            &["spelled-there"],
            &["unsure"],
        ),
        (
            "everybody, by an own record",
            "v=spf1 include:three.example.com -all",
            &["v=spf1 ~all"],
            &["all"],
            &[],
        ),
        (
            "a circle",
            "v=spf1 mx include:round.example.com -all",
            &["v=spf1 ip4:198.51.100.4 -all"],
            &["loop"],
            &[],
        ),
        (
            "a record of others that is broken",
            "v=spf1 include:broken.test -all",
            &[],
            &[],
            &["broken", "unsure"],
        ),
        (
            "a record of others with a dead include",
            "v=spf1 include:dead.test -all",
            &[],
            &[],
            &["of-others"],
        ),
        ("ptr", "v=spf1 ptr -all", &[], &[], &["ptr"]),
        ("a dead redirect", "v=spf1 redirect=gone.sender.test", &[], &[], &["redirect"]),
        ("no text at all", "v=spf1 nonsense!x -all", &[], &[], &["unreadable"]),
    ] {
        let (mending, _) = mended(&[record]);
        assert_eq!(texts(mending.draft.as_ref()), after, "{reason}: {mending:?}");
        assert_eq!(keys(&mending.done, "mend.done."), done, "{reason}");
        assert_eq!(keys(&mending.open, "mend.open."), open, "{reason}");
    }
}

#[test]
fn several_records_become_one_that_lets_pass_whomever_one_of_them_does() {
    for (reason, records, after) in [
        ("the same", &["v=spf1 mx -all", "v=spf1 mx -all"][..], "v=spf1 mx -all"),
        (
            "other senders",
            &["v=spf1 mx -all", "v=spf1 include:sender.test -all"],
            "v=spf1 mx include:sender.test -all",
        ),
        (
            "other ends",
            &["v=spf1 mx -all", "v=spf1 a:www.example.com ~all"],
            "v=spf1 mx a:www.example.com ~all",
        ),
        ("everybody", &["v=spf1 mx -all", "v=spf1 +all"], "v=spf1 mx ~all"),
        (
            "a redirect",
            &["v=spf1 mx -all", "v=spf1 redirect=sender.test"],
            "v=spf1 mx include:sender.test -all",
        ),
    ] {
        let (mending, _) = mended(records);
        assert_eq!(texts(mending.draft.as_ref()), [after], "{reason}");
        assert!(mending.done[0].key == "mend.done.joined", "{reason}");
    }
}

#[test]
fn without_a_record_there_is_a_first_one() {
    let (mending, _) = mended(&[]);
    assert_eq!(texts(mending.draft.as_ref()), ["v=spf1 mx ~all"]);
    let nothing = Published::default();
    let mending = mend(&domain(), &nothing, meant(&nothing), None);
    assert_eq!((mending.draft, keys(&mending.open, "mend.open.")), (None, vec!["nothing"]));
}

#[test]
fn names_of_ones_own_are_written_out_only_where_that_is_enough() {
    let (record, lines) = ten_own();
    let look_at = |record: &str| {
        let zone = Zone::parse(&format!("example.com TXT {record}\n{WORLD}{lines}"));
        let published = Published::of(&look(&zone));
        let meant = meant(&published);
        let seen = follow(&zone, meant.text.as_deref().unwrap());
        mend(&domain(), &published, meant, Some(&seen))
    };
    let mending = look_at(&record);
    let lookups = mending.lookups.unwrap();
    assert_eq!((lookups.before, lookups.after), (11, 10));
    assert_eq!(keys(&mending.done, "mend.done."), ["written-out"]);
    assert!(texts(mending.draft.as_ref())[0].starts_with("v=spf1 ip4:192.0.2.1 a:h2.example.com "));
    // Two providers alone are above the limit: then nothing is written out, and each cost is named.
    let mending = look_at("v=spf1 include:other.test include:six.test mx -all");
    assert_eq!((mending.draft, mending.lookups.unwrap().after), (None, 13));
    assert_eq!(keys(&mending.open, "mend.open."), ["lookups"]);
    let costs: Vec<_> = mending.costs.iter().map(|it| (it.term.as_str(), it.lookups)).collect();
    assert_eq!(costs, [("include:other.test", 6), ("include:six.test", 6), ("mx", 1)]);
}

#[test]
fn what_a_mended_record_costs_is_what_the_scan_counts() {
    for record in [
        "v=spf1 mx a:www.example.com include:one.example.com include:two.example.com a:gone.example.com -all",
        "v=spf1 include:two.example.com include:sender.test include:five.test mx mx -all",
        "v=spf1 a:www.example.com a:www.example.com/30 a:www.example.com/28 include:six.test -all",
    ] {
        let (mending, _) = mended(&[record]);
        let text = texts(mending.draft.as_ref())[0].to_owned();
        let counted = follow(&zone(&[&text]), &text).tree.lookups;
        assert_eq!(mending.lookups.unwrap().after, counted, "{record} as {text}");
    }
}

/// Terms of every kind, sound ones and those with a flaw.
const TERMS: [&str; 18] = [
    "mx",
    "a:www.example.com",
    "a:www.example.com/28",
    "a:gone.example.com",
    "ip4:192.0.2.80",
    "-ip4:192.0.2.81",
    "?ip4:203.0.113.7",
    "include:one.example.com",
    "include:two.example.com",
    "~include:one.example.com",
    "include:vain.example.com",
    "include:round.example.com",
    "include:sender.test",
    "include:gone.sender.test",
    "include:six.test",
    "exists:www.example.com",
    "exists:gone.example.com",
    "-all",
];

const SENDERS: [&str; 8] = [
    "192.0.2.25",
    "192.0.2.80",
    "192.0.2.81",
    "198.51.100.1",
    "198.51.100.2",
    "203.0.113.3",
    "203.0.113.7",
    "2001:db8::80",
];

/// What comes of each sender.
fn outcomes(zone: &Zone) -> Vec<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = |ip: &&str| {
        let ip: IpAddr = ip.parse().unwrap();
        let attempt = Attempt {
            ip,
            domain: "example.com".to_owned(),
            sender: "a@example.com".to_owned(),
            helo: "mail.example.com".to_owned(),
            at: NOW,
        };
        runtime.block_on(check_host(zone, &attempt)).result
    };
    SENDERS.iter().map(outcome).collect()
}

proptest! {
    #[test]
    fn whoever_passed_passes_and_nobody_else_who_was_judged(
        terms in proptest::collection::vec(prop::sample::select(&TERMS[..]), 0..8)
    ) {
        let record = format!("v=spf1 {} ~all", terms.join(" "));
        let (mending, _) = mended(&[&record]);
        let Some(draft) = mending.draft else { return Ok(()) };
        for (_, finding) in draft.lint(&[]) {
            prop_assert!(finding.rule.severity == Severity::Notice, "{}: {:?}", record, finding);
        }
        let mut after = WORLD.to_owned();
        for change in &draft.changes {
            let mxray_scan::depth::Place::Dns { name, .. } = &change.place else { continue };
            let others = after.lines().filter(|line| !line.trim().starts_with(&format!("{name} TXT")));
            after = others.map(|line| format!("{line}\n")).collect();
            after += &format!("{name} TXT {}\n", change.after[0]);
        }
        if !after.contains("\nexample.com TXT") {
            after += &format!("example.com TXT {record}\n");
        }
        let (before, after) = (outcomes(&zone(&[&record])), outcomes(&Zone::parse(&after)));
        for ((ip, before), after) in SENDERS.iter().zip(before).zip(after) {
            // Nobody was judged where receivers met an error.
            if before != Outcome::PermError {
                prop_assert_eq!(before, after, "{}: {} as {:?}", ip, record, draft);
            }
        }
    }
}

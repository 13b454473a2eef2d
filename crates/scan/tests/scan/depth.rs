//! What is found in depth, after the report.

use mxray_facts::{Domain, Unobserved};
use mxray_scan::depth::{
    Branch, Delivery, Depth, Kept, Keys, Known, Place, SelectorState, State, Task, Told, Way,
    depth, judge_depth,
};
use mxray_scan::{CheckId, MAX_QUESTIONS, judge, scan};
use tokio::test;

use crate::reports::{ENFORCE, SOUND, sound};
use crate::zone::{AUTHORITY_DIGEST, KEY_DIGEST, NOW, Server, Zone};

/// The providers that these tests know.
pub(crate) fn known() -> Known {
    toml::from_str(
        r#"
        [[providers.provider]]
        name = "Sender"
        spf = ["spf.sender.example"]
        mx = ["dkim.sender.example"]
        dkim = ["sender1", "sender2"]
        "#,
    )
    .unwrap()
}

/// Looks in both stages, and judges what was seen once more: everything here is made both ways.
pub(crate) async fn look(zone: &Zone, domain: &str) -> Depth {
    look_knowing(zone, domain, &known()).await
}

async fn look_knowing(zone: &Zone, domain: &str, known: &Known) -> Depth {
    let (domain, kept) = (domain.parse::<Domain>().unwrap(), Kept::new(zone));
    let report = scan(&kept, &domain, NOW, &|_| {}).await;
    let depth = depth(&kept, &report, kept.seen(), known, &|_| {}).await;
    let unseen = Unobserved::NotCovered;
    let again = judge(&domain, NOW, kept.seen(), &unseen);
    assert_eq!(format!("{again:?}"), format!("{report:?}"), "what depth saw changes no report");
    let again = judge_depth(&report, kept.seen(), &unseen, known);
    assert_eq!(format!("{again:#?}"), format!("{depth:#?}"), "the same, judged once more");
    depth
}

async fn of(zone: &Zone) -> Depth {
    look(zone, "example.com").await
}

fn codes(depth: &Depth, check: CheckId) -> Vec<&'static str> {
    let notes = depth.findings.iter().filter(|note| note.check == check);
    notes.map(|note| note.finding.rule.code).collect()
}

fn deliveries(depth: &Depth) -> Vec<Delivery> {
    depth.matrix.hosts[0].cells.iter().map(|cell| cell.delivery).collect()
}

/// A sound domain with a line more.
fn with(lines: &str) -> Zone {
    Zone::parse(&format!("{SOUND}\n{lines}"))
        .with_policy("example.com", ENFORCE)
        .with_server("mx.example.com", Server::Good)
}

/// A sound domain whose SPF record is this.
fn with_spf(record: &str, lines: &str) -> Zone {
    let rest = SOUND.replace("v=spf1 mx -all", record);
    Zone::parse(&format!("{rest}\n{lines}")).with_policy("example.com", ENFORCE)
}

fn signed(zone: Zone) -> Zone {
    [".", "example.com", "mx.example.com", "_25._tcp.mx.example.com"]
        .iter()
        .fold(zone, |zone, name| zone.signed(name))
}

#[test]
async fn mail_arrives_as_the_sender_insists() {
    use Delivery::{Refused, Safe, Unknown, Unsafe};
    let hex = KEY_DIGEST;
    let tlsa = |digest: &str| format!("_25._tcp.mx.example.com TLSA 3 1 1 {digest}");
    let fits = || signed(with(&tlsa(hex)));
    let differs = || signed(with(&tlsa("other")));
    let unusable = || signed(with("_25._tcp.mx.example.com TLSA 1 1 1 key"));
    let testing = ENFORCE.replace("enforce", "testing");
    let by_authority = || {
        let line = format!("_25._tcp.mx.example.com TLSA 2 1 1 {AUTHORITY_DIGEST}");
        signed(with(&line)).with_policy("example.com", &testing)
    };
    let elsewhere = ENFORCE.replace("mx.example.com", "mail.example.com");
    let server = |zone: Zone, server| zone.with_server("mx.example.com", server);
    // Both, MTA-STS, DANE, opportunistic, never.
    for (reason, zone, expected) in [
        ("enforced", sound(), [Safe, Safe, Unsafe, Unsafe, Unsafe]),
        ("testing", sound().with_policy("example.com", &testing), [Unsafe; 5]),
        (
            "not covered",
            sound().with_policy("example.com", &elsewhere),
            [Refused, Refused, Unsafe, Unsafe, Unsafe],
        ),
        (
            "enforced, a certificate of its own",
            server(sound(), Server::SelfSigned),
            [Refused, Refused, Unsafe, Unsafe, Unsafe],
        ),
        (
            "enforced, no encryption",
            server(sound(), Server::NoStartTls),
            [Refused, Refused, Unsafe, Unsafe, Unsafe],
        ),
        ("enforced, the server is busy", server(sound(), Server::Busy), [Unknown; 5]),
        ("enforced, nothing answers", server(sound(), Server::Down), [Unknown; 5]),
        (
            "policy unread",
            sound().with_policy_unobserved("example.com", Unobserved::TimedOut),
            [Unknown, Unknown, Unsafe, Unsafe, Unsafe],
        ),
        ("DANE fits", fits(), [Safe, Safe, Safe, Unsafe, Unsafe]),
        (
            "DANE fits, in testing mode",
            fits().with_policy("example.com", &testing),
            [Safe, Unsafe, Safe, Unsafe, Unsafe],
        ),
        (
            "DANE fits, and the policy leaves the host out",
            fits().with_policy("example.com", &elsewhere),
            [Refused, Refused, Safe, Unsafe, Unsafe],
        ),
        (
            "a policy does not override DANE that fails (RFC 8461 §2)",
            differs(),
            [Refused, Safe, Refused, Unsafe, Unsafe],
        ),
        (
            "an authority fits that signed for another host (RFC 7672 §3.1.2)",
            server(by_authority(), Server::OtherName),
            [Refused, Unsafe, Refused, Unsafe, Unsafe],
        ),
        (
            "records that nobody uses leave it to the policy",
            unusable(),
            [Safe, Safe, Unsafe, Unsafe, Unsafe],
        ),
        (
            "records that nobody uses, and no encryption (RFC 7672 §2.2)",
            server(unusable().with_policy("example.com", &testing), Server::NoStartTls),
            [Refused, Unsafe, Refused, Unsafe, Unsafe],
        ),
        (
            "TLSA unread",
            sound().servfail("_25._tcp.mx.example.com"),
            [Unknown, Safe, Unknown, Unsafe, Unsafe],
        ),
        (
            "TLSA bogus: the host counts as unreachable (RFC 7672 §2.1.1)",
            sound().bogus("_25._tcp.mx.example.com"),
            [Refused, Safe, Refused, Unsafe, Unsafe],
        ),
    ] {
        assert_eq!(deliveries(&of(&zone).await), expected, "{reason}");
    }
    let ways: Vec<Way> =
        of(&sound()).await.matrix.hosts[0].cells.iter().map(|cell| cell.way).collect();
    assert_eq!(ways, Way::ALL);
}

#[test]
async fn the_hosts_are_unknown_or_there_are_none() {
    let depth = of(&sound().servfail("example.com")).await;
    assert!(depth.matrix.hosts.is_empty() && depth.matrix.unknown.is_some());
    let depth = of(&Zone::parse("example.com MX 0 .")).await;
    assert!(depth.matrix.hosts.is_empty() && depth.matrix.unknown.is_none());
}

fn tasks(depth: &Depth) -> Vec<&'static str> {
    depth.plan.iter().map(|task| task.what.key).collect()
}

fn task<'a>(depth: &'a Depth, what: &str) -> &'a Task {
    depth.plan.iter().find(|task| task.what.key == what).unwrap()
}

#[test]
async fn the_plan_is_in_the_order_in_which_nothing_breaks() {
    let testing = ENFORCE.replace("enforce", "testing");
    let elsewhere = ENFORCE.replace("mx.example.com", "mail.example.com");
    let bare = "
        example.com      MX 10 mx.example.com
        mx.example.com   A  192.0.2.25
    ";
    for (reason, zone, expected) in [
        ("nothing to do", sound(), vec![]),
        (
            "nothing is published",
            Zone::parse(bare).with_server("mx.example.com", Server::Good),
            vec![
                "plan.tls-reports",
                "plan.policy",
                "plan.policy-record",
                "plan.enforce",
                "plan.enforce-id",
                "plan.spf",
                "plan.dmarc",
                "plan.dmarc-enforce",
            ],
        ),
        (
            "testing",
            sound().with_policy("example.com", &testing),
            vec!["plan.enforce", "plan.enforce-id"],
        ),
        (
            "enforced, and a host is left out",
            sound().with_policy("example.com", &elsewhere),
            vec!["plan.cover", "plan.new-id"],
        ),
        (
            "enforced, and a certificate is bad",
            sound().with_server("mx.example.com", Server::SelfSigned),
            vec!["plan.relax", "plan.certificate", "plan.new-id"],
        ),
        (
            "no mail, and nothing says so",
            Zone::parse("example.com TXT x"),
            vec!["plan.no-mail", "plan.no-senders", "plan.refuse-all"],
        ),
        (
            "no mail, and all of it said",
            Zone::parse(
                "example.com MX 0 .
                 example.com TXT v=spf1 -all
                 _dmarc.example.com TXT v=DMARC1; p=reject",
            ),
            vec![],
        ),
        ("no such domain", Zone::parse("other.example TXT x"), vec!["plan.spelling"]),
    ] {
        assert_eq!(tasks(&of(&zone).await), expected, "{reason}");
    }
}

#[test]
async fn a_task_has_the_exact_text_and_what_comes_before_it() {
    let testing = ENFORCE.replace("enforce", "testing");
    let zone = sound()
        .with_policy("example.com", &testing)
        .with_server("mx.example.com", Server::SelfSigned);
    let depth = of(&zone).await;
    assert_eq!(tasks(&depth), ["plan.certificate", "plan.enforce", "plan.enforce-id"]);
    let enforce = task(&depth, "plan.enforce");
    assert_eq!(enforce.after, [0], "the certificate first");
    assert_eq!(enforce.writes[0].text, ENFORCE);
    let danger = enforce.danger.as_ref().unwrap();
    assert_eq!(danger.key, "plan.enforce.danger.hosts");
    assert_eq!(danger.params, [("hosts", "mx.example.com".to_owned())]);
    let id = task(&depth, "plan.enforce-id");
    assert_eq!(id.after, [1], "the file first, then its record (RFC 8461 §8.1)");
    let Place::Dns { name, record_type } = &id.writes[0].place else { panic!("{id:?}") };
    assert_eq!((name.as_str(), *record_type), ("_mta-sts.example.com", "TXT"));
    assert_eq!(id.writes[0].text, format!("v=STSv1; id={}", NOW.0 + 1));
}

#[test]
async fn a_certificate_that_differs_gets_its_record() {
    let depth = of(&signed(with("_25._tcp.mx.example.com TLSA 3 1 1 other"))).await;
    let tlsa = task(&depth, "plan.tlsa");
    assert_eq!(tlsa.writes[0].text, "3 1 1 6b6579", "the digest of its key");
    let lines = "_25._tcp.mx.example.com TLSA 3 1 1 key\n_25._tcp.mx.example.com TLSA 3 0 2 other";
    let depth = of(&signed(with(lines))).await;
    let texts: Vec<_> = task(&depth, "plan.tlsa").writes.iter().map(|it| &it.text).collect();
    assert_eq!(texts, ["3 0 2 6365727469666963617465"], "of the kind of which none fits");
}

#[test]
async fn dmarc_goes_from_watching_to_quarantine() {
    let zone = Zone::parse(&SOUND.replace("p=reject", "p=none"));
    let depth = of(&zone.with_policy("example.com", ENFORCE)).await;
    let enforce = task(&depth, "plan.dmarc-enforce");
    assert_eq!(enforce.writes[0].text, "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com");
    assert!(enforce.danger.is_some());
}

#[test]
async fn a_text_is_mended_where_it_stands() {
    let zone = Zone::parse(&SOUND.replace("v=STSv1; id=20260101", "v=STSv1; id=2026-01-01"));
    let depth = of(&zone.with_policy("example.com", ENFORCE)).await;
    let record = &task(&depth, "plan.policy-record").writes[0];
    let Place::Dns { name, .. } = &record.place else { panic!("{record:?}") };
    assert_eq!(name.as_str(), "_mta-sts.example.com");

    let depth = of(&with_spf("v=spf1 ipv4:192.0.2.1 -all", "")).await;
    assert_eq!(task(&depth, "plan.spf").writes[0].text, "v=spf1 ip4:192.0.2.1 -all");
    let depth = of(&with_dmarc("v=DMARC1; p=rejct; rua=mailto:dmarc@example.com", "")).await;
    let mended = &task(&depth, "plan.dmarc").writes[0].text;
    assert_eq!(mended, "v=DMARC1; p=reject; rua=mailto:dmarc@example.com");

    let zone = Zone::parse(
        "mail.example.com     MX  10 mx.example.com
         mx.example.com       A   192.0.2.25
         _dmarc.example.com   TXT v=DMARC1; p=none; rua=mailto:x@example.com",
    );
    let depth = look(&zone, "mail.example.com").await;
    let enforce = task(&depth, "plan.dmarc-enforce");
    assert!(enforce.writes.is_empty(), "that of the domain above is not this one's: {enforce:?}");
}

#[test]
async fn tlsa_records_tell_what_the_next_renewal_does_to_them() {
    let tlsa = |records: &[&str]| {
        let line = |record: &&str| format!("_25._tcp.mx.example.com TLSA {record}\n");
        with(&records.iter().map(line).collect::<String>())
    };
    for (reason, records, expected, prepared) in [
        ("the key", &["3 1 1 key"][..], vec![], false),
        ("the key, and the next one", &["3 1 1 key", "3 1 1 next"], vec![], true),
        ("the certificate", &["3 0 1 certificate"], vec!["dane.renewal-breaks"], false),
        ("the certificate, and the next", &["3 0 1 certificate", "3 0 1 next"], vec![], true),
        ("the certificate and the key", &["3 0 1 certificate", "3 1 1 key"], vec![], false),
        (
            "a kind of which none fits",
            &["3 1 1 key", "3 1 2 other"],
            vec!["dane.combination-unmatched"],
            true,
        ),
        ("a kind that senders pass over", &["3 1 1 key", "1 1 1 other"], vec![], false),
        ("none fits, as the report says", &["3 1 1 other"], vec![], false),
    ] {
        let depth = of(&signed(tlsa(records))).await;
        let mut codes = codes(&depth, CheckId::Dane);
        // That the digests of these tests are no digests.
        codes.retain(|code| !code.starts_with("tlsa."));
        assert_eq!(codes, expected, "{reason}");
        assert_eq!(depth.dane[0].prepared, prepared, "{reason}");
    }
    let without = signed(tlsa(&["3 1 1 key"])).with_server("mx.example.com", Server::NoStartTls);
    assert_eq!(codes(&of(&without).await, CheckId::Dane)[0], "dane.starttls-missing");
    let unsigned = of(&tlsa(&["3 0 1 certificate"])).await;
    assert!(!codes(&unsigned, CheckId::Dane).contains(&"dane.renewal-breaks"), "nobody trusts it");
    assert!(of(&sound()).await.dane.is_empty());
}

#[test]
async fn records_of_numbers_are_linted_as_texts_are() {
    let digest = "d".repeat(32);
    for (reason, records, expected) in [
        ("by the book", format!("3 1 1 {digest}"), vec![]),
        ("not for mail", format!("1 1 1 {digest}"), vec!["tlsa.record.usage-not-for-mail"]),
        ("no such kind of digest", format!("3 1 3 {digest}"), vec!["tlsa.record.matching-unknown"]),
        ("too short a digest", format!("3 1 2 {digest}"), vec!["tlsa.record.digest-length"]),
    ] {
        let depth = of(&signed(with(&format!("_25._tcp.mx.example.com TLSA {records}")))).await;
        assert_eq!(codes(&depth, CheckId::Dane), expected, "{reason}");
    }
}

#[test]
async fn mail_servers_are_names_and_addresses() {
    let of_lines = |lines: &str| {
        let rest = SOUND.replace("10 mx.example.com", "10 mx1.example.com");
        Zone::parse(&format!("{rest}\n{lines}")).with_policy("example.com", ENFORCE)
    };
    let two = "example.com MX 20 mx2.example.com\nmx1.example.com A 192.0.2.1\n";
    for (reason, lines, expected, networks, ipv6) in [
        ("one host", "mx1.example.com A 192.0.2.1".to_owned(), vec![], 1, Told::No),
        (
            "one host with IPv6",
            "mx1.example.com A 192.0.2.1\nmx1.example.com AAAA 2001:db8::1".to_owned(),
            vec![],
            1,
            Told::Yes,
        ),
        ("two networks", format!("{two}mx2.example.com A 198.51.100.1"), vec![], 2, Told::No),
        (
            "two hosts beside one another",
            format!("{two}mx2.example.com A 192.0.2.2"),
            vec!["mx.one-place"],
            1,
            Told::No,
        ),
        (
            "the same by IPv6 alone",
            "example.com MX 20 mx2.example.com
             mx1.example.com AAAA 2001:db8::1
             mx2.example.com AAAA 2001:db8::2"
                .to_owned(),
            vec!["mx.one-place"],
            1,
            Told::Yes,
        ),
        (
            "an alias",
            "mx1.example.com CNAME a.test\na.test A 192.0.2.1".to_owned(),
            vec!["mx.host-is-alias"],
            1,
            Told::No,
        ),
        (
            "a host twice",
            "example.com MX 20 mx1.example.com\nmx1.example.com A 192.0.2.1".to_owned(),
            vec!["mx.set.repeated"],
            1,
            Told::No,
        ),
        (
            "an address as a host",
            "example.com MX 20 192.0.2.1\nmx1.example.com A 192.0.2.1".to_owned(),
            vec!["mx.set.host-is-address"],
            1,
            Told::No,
        ),
    ] {
        let depth = of(&of_lines(&lines)).await;
        assert_eq!(codes(&depth, CheckId::Mx), expected, "{reason}");
        assert_eq!((depth.mx.networks, depth.mx.ipv6), (networks, ipv6), "{reason}");
    }
    let unseen =
        of(&of_lines(&format!("{two}x.test A 192.0.2.2")).servfail("mx2.example.com")).await;
    assert_eq!(codes(&unseen, CheckId::Mx), Vec::<&str>::new(), "one could not be looked at");
    assert_eq!(unseen.mx.ipv6, Told::Unknown);
}

#[test]
async fn what_was_to_be_filled_in_is_found_where_it_stands() {
    let depth = of(&with_spf("v=spf1 include:spf.yourdomain.test -all", "")).await;
    assert!(codes(&depth, CheckId::Spf).contains(&"spf.record.placeholder"), "{depth:?}");
    assert!(tasks(&depth).contains(&"plan.spf"));
}

#[test]
async fn each_sender_reads_the_policy_in_its_own_way() {
    let senders = include_str!("../../../records/data/senders.toml");
    let senders: toml::Table = senders.parse().unwrap();
    let senders = senders["sender"].clone().try_into().unwrap();
    let known = Known { senders, ..Known::default() };
    let policy = ENFORCE.replace("max_age", "\nmax_age");
    let zone = sound().with_policy("example.com", &policy);
    let rows = look_knowing(&zone, "example.com", &known).await.senders;
    assert!(!rows[0].accepted, "the standard knows no blank lines");
    assert_eq!((rows[0].because[0].case, rows[0].because[0].line), ("blank-line", Some(4)));
    let accepting = rows.iter().find(|row| row.accepted).unwrap();
    assert_eq!((accepting.mode, &accepting.uncovered), (Some("enforce"), &Vec::new()));
    let unread = sound().with_policy_unobserved("example.com", Unobserved::TimedOut);
    assert!(look_knowing(&unread, "example.com", &known).await.senders.is_empty());
}

/// Every branch of a tree, depth first.
fn branches(depth: &Depth) -> Vec<&Branch> {
    fn all<'a>(branches: &'a [Branch], into: &mut Vec<&'a Branch>) {
        for branch in branches {
            into.push(branch);
            branch.below.iter().for_each(|below| all(&below.terms, into));
        }
    }
    let mut into = Vec::new();
    all(&depth.spf.record.as_ref().unwrap().terms, &mut into);
    into
}

#[test]
async fn every_term_is_counted_in_its_turn() {
    let zone = with_spf(
        "v=spf1 a mx include:spf.sender.example ip4:192.0.2.0/24 exists:%{i}.x.example.com ?all redirect=y.example.com",
        "spf.sender.example   TXT v=spf1 ip4:198.51.100.0/25 ip6:2001:db8::/48 include:two.sender.example ~all
         two.sender.example   TXT v=spf1 ip4:192.0.2.77 -all
         example.com          A   203.0.113.7",
    );
    let depth = of(&zone).await;
    let seen: Vec<_> = branches(&depth)
        .into_iter()
        .map(|branch| (branch.term.as_str(), branch.count, branch.lookups, branch.reached))
        .collect();
    assert_eq!(
        seen,
        [
            ("a", Some(1), 1, true),
            ("mx", Some(2), 1, true),
            ("include:spf.sender.example", Some(3), 2, true),
            ("ip4:198.51.100.0/25", None, 0, true),
            ("ip6:2001:db8::/48", None, 0, true),
            ("include:two.sender.example", Some(4), 1, true),
            ("ip4:192.0.2.77", None, 0, true),
            ("-all", None, 0, true),
            ("~all", None, 0, true),
            ("ip4:192.0.2.0/24", None, 0, true),
            ("exists:%{i}.x.example.com", Some(5), 1, true),
            ("?all", None, 0, true),
            ("redirect=y.example.com", None, 0, false),
        ]
    );
    let tree = &depth.spf;
    assert_eq!((tree.lookups, tree.void_lookups, tree.complete), (5, 0, true));
    // 256 in the network, which holds the /32 of the second include and the MX host, 128, and one.
    assert_eq!((tree.senders.ipv4, tree.senders.ipv6_prefix), (256 + 128 + 1, Some(48)));
    assert_eq!(tree.senders.uncountable, ["exists:%{i}.x.example.com"]);
    assert_eq!((tree.flattened.saves, tree.flattened.networks), (4, 4));
    assert_eq!(branches(&depth)[2].provider.as_deref(), Some("Sender"));
    assert_eq!(codes(&depth, CheckId::Spf), Vec::<&str>::new());
}

#[test]
async fn the_tree_tells_what_is_wrong_in_it() {
    let chain: String = (1..=11)
        .map(|n| format!("s{n}.example.com TXT v=spf1 include:s{}.example.com -all\n", n + 1))
        .collect();
    let chain = format!("{chain} s12.example.com TXT v=spf1 ip4:192.0.2.1 -all");
    let many: String =
        (0..11).map(|n| format!("m.example.com MX {n} h{n}.example.com\n")).collect();
    for (reason, record, lines, expected) in [
        ("sound", "v=spf1 mx -all", "", vec![]),
        (
            "twelve deep",
            "v=spf1 include:s1.example.com -all",
            &*chain,
            vec!["spf.lookups-exceeded"],
        ),
        (
            "it includes itself",
            "v=spf1 include:a.example.com -all",
            "a.example.com TXT v=spf1 include:example.com -all",
            vec!["spf.loop"],
        ),
        (
            "an include of nothing",
            "v=spf1 include:a.example.com -all",
            "",
            vec!["spf.target-without-record"],
        ),
        (
            "an include of a record with a mistake",
            "v=spf1 include:a.example.com -all",
            "a.example.com TXT v=spf1 ip4:nonsense -all",
            vec!["spf.target-broken"],
        ),
        (
            "an include of two records",
            "v=spf1 include:a.example.com -all",
            "a.example.com TXT v=spf1 -all\na.example.com TXT v=spf1 +all",
            vec!["spf.target-broken"],
        ),
        (
            "an include that lets nobody pass",
            "v=spf1 include:a.example.com -all",
            "a.example.com TXT v=spf1 ~ip4:192.0.2.1 -all",
            vec!["spf.include-in-vain"],
        ),
        (
            "the same twice, by different ways",
            "v=spf1 include:a.example.com include:b.example.com -all",
            "a.example.com TXT v=spf1 ip4:192.0.2.1 -all
             b.example.com TXT v=spf1 include:a.example.com -all",
            vec!["spf.included-twice"],
        ),
        (
            "three names without an address",
            "v=spf1 a:x.example.com a:y.example.com mx:z.example.com -all",
            "",
            vec!["spf.void-lookups-exceeded"],
        ),
        ("eleven MX hosts", "v=spf1 mx:m.example.com -all", &*many, vec!["spf.too-many-mx-hosts"]),
        (
            "a redirect to nothing",
            "v=spf1 redirect=a.example.com",
            "",
            vec!["spf.target-without-record"],
        ),
        (
            "a name that hangs on the message is not followed",
            "v=spf1 include:%{o}.a.example.com -all",
            "",
            vec![],
        ),
        (
            "the domain's own name is known",
            "v=spf1 include:_spf.%{d} -all",
            "_spf.example.com TXT v=spf1 ip4:192.0.2.1 -all",
            vec![],
        ),
    ] {
        let depth = of(&with_spf(record, lines)).await;
        let mut found = codes(&depth, CheckId::Spf);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{reason}");
    }
}

#[test]
async fn a_tree_that_was_not_read_is_incomplete_and_not_wrong() {
    let zone = with_spf("v=spf1 include:a.example.com -all", "").servfail("a.example.com");
    let depth = of(&zone).await;
    assert_eq!(codes(&depth, CheckId::Spf), Vec::<&str>::new());
    assert!(!depth.spf.complete);
    assert_eq!(branches(&depth)[0].below.as_ref().unwrap().state, State::Unknown);
}

fn with_dmarc(record: &str, lines: &str) -> Zone {
    let rest = SOUND.replace("v=DMARC1; p=reject; rua=mailto:dmarc@example.com", record);
    Zone::parse(&format!("{rest}\n{lines}")).with_policy("example.com", ENFORCE)
}

#[test]
async fn policies_are_those_that_receivers_come_to() {
    // In the domain's name, below it, below it where nothing exists; and what RFC 7489 does otherwise.
    for (reason, record, expected, differences) in [
        ("reject", "v=DMARC1; p=reject", ["reject"; 3], vec![]),
        ("sp", "v=DMARC1; p=reject; sp=none", ["reject", "none", "none"], vec![]),
        ("np", "v=DMARC1; p=none; np=reject", ["none", "none", "reject"], vec!["dmarc.rfc7489.np"]),
        (
            "testing takes a level away",
            "v=DMARC1; p=reject; sp=quarantine; t=y",
            ["quarantine", "none", "none"],
            vec!["dmarc.rfc7489.testing"],
        ),
        ("a share", "v=DMARC1; p=reject; pct=20", ["reject"; 3], vec!["dmarc.rfc7489.pct"]),
        (
            "p is not second",
            "v=DMARC1; sp=none; p=reject",
            ["reject", "none", "none"],
            vec!["dmarc.rfc7489.order"],
        ),
        ("psd", "v=DMARC1; p=reject; psd=n", ["reject"; 3], vec!["dmarc.rfc7489.psd"]),
    ] {
        let depth = of(&with_dmarc(record, "")).await;
        let policies = depth.dmarc.policies.unwrap();
        let found = [&policies.domain, &policies.subdomains, &policies.nonexistent];
        assert_eq!(found.map(|effective| effective.policy), expected, "{reason}");
        let found: Vec<_> = policies.by_rfc7489.iter().map(|it| it.key).collect();
        assert_eq!(found, differences, "{reason}");
    }
}

#[test]
async fn alignment_is_what_the_record_says() {
    let depth = of(&with_dmarc("v=DMARC1; p=reject; adkim=s; aspf=r", "")).await;
    let policies = depth.dmarc.policies.unwrap();
    assert_eq!((policies.dkim_alignment, policies.spf_alignment), ("strict", "relaxed"));
}

#[test]
async fn a_domain_below_another_has_no_say_for_those_below_it() {
    let zone = Zone::parse(
        "mail.example.com          TXT x
         _dmarc.mail.example.com   TXT v=DMARC1; p=reject; sp=reject
         _dmarc.example.com        TXT v=DMARC1; p=quarantine; sp=none",
    );
    let policies = look(&zone, "mail.example.com").await.dmarc.policies.unwrap();
    assert_eq!((policies.domain.policy, policies.subdomains.policy), ("reject", "none"));
    assert_eq!(policies.organization.as_str(), "example.com");
    let policies = look(&zone, "other.example.com").await.dmarc.policies.unwrap();
    assert_eq!(policies.domain.policy, "none", "the organization's sp");
}

#[test]
async fn reports_go_where_they_are_wanted_and_can_arrive() {
    let not_authorized = "dmarc.reports-not-authorized";
    let undeliverable = "dmarc.reports-undeliverable";
    for (reason, to, lines, expected) in [
        ("one's own", "mailto:dmarc@example.com", "", vec![]),
        ("below one's own", "mailto:x@in.example.com", "in.example.com A 192.0.2.1", vec![]),
        (
            "another's, who wants them",
            "mailto:x@reports.test",
            "reports.test MX 1 mx.reports.test
             example.com._report._dmarc.reports.test TXT v=DMARC1;",
            vec![],
        ),
        (
            "another's, who says nothing",
            "mailto:x@reports.test",
            "reports.test MX 1 mx.reports.test",
            vec![not_authorized],
        ),
        (
            "another's, who takes no mail",
            "mailto:x@reports.test!10m",
            "reports.test MX 0 .
             example.com._report._dmarc.reports.test TXT v=DMARC1",
            vec![undeliverable],
        ),
        ("one's own, where nothing is", "mailto:x@gone.example.com", "", vec![undeliverable]),
        (
            "a name that only resembles one's own",
            "mailto:x@notexample.com",
            "notexample.com A 192.0.2.1",
            vec![not_authorized],
        ),
    ] {
        let depth = of(&with_dmarc(&format!("v=DMARC1; p=reject; rua={to}"), lines)).await;
        assert_eq!(codes(&depth, CheckId::Dmarc), expected, "{reason}");
    }
    let unread =
        with_dmarc("v=DMARC1; p=reject; rua=mailto:x@reports.test", "reports.test A 192.0.2.1")
            .servfail("example.com._report._dmarc.reports.test");
    let depth = of(&unread).await;
    assert_eq!(codes(&depth, CheckId::Dmarc), Vec::<&str>::new());
    assert_eq!(depth.dmarc.reports[0].authorized, Some(Told::Unknown));
    assert_eq!(depth.dmarc.reports[0].receives, Told::Yes);
}

#[test]
async fn a_host_is_asked_to_say_that_it_wants_reports() {
    let zone =
        with_dmarc("v=DMARC1; p=reject; rua=mailto:x@reports.test", "reports.test A 192.0.2.1");
    let depth = of(&zone).await;
    let write = &task(&depth, "plan.dmarc-reports").writes[0];
    let Place::Dns { name, .. } = &write.place else { panic!("{write:?}") };
    assert_eq!(name.as_str(), "example.com._report._dmarc.reports.test");
    assert_eq!(write.text, "v=DMARC1");
}

#[test]
async fn tls_reports_need_no_leave_and_a_place_to_go() {
    for (reason, to, lines, expected) in [
        ("another's", "mailto:x@reports.test", "reports.test A 192.0.2.1", vec![]),
        (
            "another's, who takes no mail",
            "mailto:x@reports.test",
            "reports.test MX 0 .",
            vec!["tls-rpt.reports-undeliverable"],
        ),
        ("one's own, enforced", "mailto:x@example.com", "", vec![]),
        ("a web address", "https://reports.test/tls", "reports.test AAAA 2001:db8::1", vec![]),
        (
            "a web address of nobody",
            "https://reports.test/tls",
            "other.test A 192.0.2.1",
            vec!["tls-rpt.endpoint-missing"],
        ),
    ] {
        let rest = SOUND.replace("mailto:tls@example.com", to);
        let zone = Zone::parse(&format!("{rest}\n{lines}")).with_policy("example.com", ENFORCE);
        assert_eq!(codes(&of(&zone).await, CheckId::TlsRpt), expected, "{reason}");
    }
    let testing = sound().with_policy("example.com", &ENFORCE.replace("enforce", "testing"));
    assert!(!of(&testing).await.tls_rpt[0].own_way);
    assert!(of(&sound()).await.tls_rpt[0].own_way, "a mailbox behind the policy that it is about");
}

#[test]
async fn selectors_are_those_of_the_providers_that_the_records_name() {
    let key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let bare = "example.com TXT v=spf1 include:spf.sender.example -all
        spf.sender.example TXT v=spf1 ip4:192.0.2.1 -all";
    let state = |depth: &Depth, selector: &str| {
        let tried = &depth.dkim.tried;
        tried.iter().find(|tried| tried.selector == selector).map(|tried| tried.state)
    };
    let depth = of(&Zone::parse(bare)).await;
    assert_eq!(depth.dkim.keys, Keys::NotFound);
    assert_eq!(state(&depth, "sender2"), Some(SelectorState::Absent), "tried on account of SPF");
    assert_eq!(state(&depth, "sender3"), None);

    let found = format!("{bare}\nsender1._domainkey.example.com TXT {key}");
    let depth = of(&Zone::parse(&found)).await;
    assert_eq!(
        (depth.dkim.keys, state(&depth, "sender1")),
        (Keys::Found, Some(SelectorState::Key))
    );

    let named = Known { selectors: vec!["Elsewhere.2026".parse().unwrap()], ..Known::default() };
    let zone = Zone::parse(&format!("{bare}\nelsewhere.2026._domainkey.example.com TXT {key}"));
    let depth = look_knowing(&zone, "example.com", &named).await;
    assert_eq!(depth.dkim.keys, Keys::Found, "under a selector that somebody names");

    let led = "example.com TXT x\ns1._domainkey.example.com CNAME s1.dkim.sender.example";
    let depth = of(&Zone::parse(led)).await;
    assert_eq!(
        state(&depth, "sender1"),
        Some(SelectorState::Absent),
        "tried on account of a CNAME"
    );
    assert_eq!(state(&depth, "s1"), Some(SelectorState::Dangling));
    assert_eq!(codes(&depth, CheckId::Dkim), ["dkim.selector-dangling"]);
    assert_eq!(depth.dkim.keys, Keys::NotFound, "none was found, and that is no fault");

    let depth =
        of(&Zone::parse("example.com TXT x").with_wildcard("_domainkey.example.com", key)).await;
    assert_eq!(depth.dkim.keys, Keys::CannotKnow, "every selector is answered");

    let depth = of(&Zone::parse(bare).servfail("sender1._domainkey.example.com")).await;
    assert_eq!(depth.dkim.keys, Keys::CannotKnow, "one could not be asked");
}

#[test]
async fn who_keeps_the_policy_is_shown_and_judged() {
    let without = |name: &str, lines: &str| {
        let rest: Vec<&str> = SOUND.lines().filter(|line| !line.contains(name)).collect();
        Zone::parse(&format!("{}\n{lines}", rest.join("\n")))
    };
    let nothing = || without("_mta-sts.example.com", "");
    let none = "version: STSv1\nmode: none\nmax_age: 2592000\n";
    let day = "version: STSv1\nmode: none\nmax_age: 86400\n";
    for (reason, zone, expected) in [
        ("kept by oneself", sound(), vec![]),
        (
            "both led away",
            without(
                "_mta-sts.example.com",
                "_mta-sts.example.com CNAME _mta-sts.keeper.test
                 _mta-sts.keeper.test TXT v=STSv1; id=1
                 mta-sts.example.com CNAME mta-sts.keeper.test
                 mta-sts.keeper.test A 192.0.2.80",
            )
            .with_policy("example.com", ENFORCE),
            vec![],
        ),
        (
            "the record led away, the policy not",
            without(
                "_mta-sts.example.com",
                "_mta-sts.example.com CNAME _mta-sts.keeper.test
                 _mta-sts.keeper.test TXT v=STSv1; id=1
                 mta-sts.example.com A 192.0.2.80",
            )
            .with_policy("example.com", ENFORCE),
            vec!["mta-sts.delegation-partly"],
        ),
        (
            "led to where nothing is",
            without("nothing at all", "mta-sts.example.com CNAME mta-sts.keeper.test"),
            vec!["mta-sts.delegation-dangling"],
        ),
        (
            "any host of the domain",
            sound().with_policy("example.com", &ENFORCE.replace("mx.example", "*.example")),
            vec!["mta-sts.pattern-too-wide"],
        ),
        (
            "any host of a part of the domain",
            sound().with_policy("example.com", &ENFORCE.replace("mx.example", "*.mx.example")),
            vec![],
        ),
        (
            "none for a month",
            sound().with_policy("example.com", none),
            vec!["mta-sts.none-with-long-life"],
        ),
        ("none for a day", sound().with_policy("example.com", day), vec![]),
        ("nothing anywhere", nothing(), vec![]),
        (
            "the record at the domain itself",
            without("_mta-sts.example.com", "example.com TXT v=STSv1; id=1"),
            vec!["mta-sts.record-at-wrong-name"],
        ),
        (
            "the record at the domain itself, and a policy that nobody looks for",
            without("_mta-sts.example.com", "example.com TXT v=STSv1; id=1")
                .with_policy("example.com", ENFORCE),
            vec!["mta-sts.record-at-wrong-name"],
        ),
        (
            "the record at the policy host",
            without("_mta-sts.example.com", "mta-sts.example.com TXT v=STSv1; id=1"),
            vec!["mta-sts.record-at-wrong-name"],
        ),
    ] {
        assert_eq!(codes(&of(&zone).await, CheckId::MtaSts), expected, "{reason}");
    }
    let depth = look(&with("in.example.com MX 1 mx.example.com"), "in.example.com").await;
    assert_eq!(codes(&depth, CheckId::MtaSts), ["mta-sts.not-inherited"]);
}

/// What a domain can do to whoever looks at it.
fn hostile() -> Vec<(&'static str, Zone)> {
    let lines = |range: std::ops::Range<usize>, line: &dyn Fn(usize) -> String| {
        range.map(line).collect::<Vec<_>>().join("\n")
    };
    let fan = lines(0..1000, &|n| format!("include:s{n}.example.com"));
    let fan = format!("example.com TXT v=spf1 {} -all", fan.replace('\n', " "));
    let rua = lines(0..300, &|n| format!("mailto:x@r{n}.test")).replace('\n', ",");
    vec![
        (
            "SPF records that include one another",
            Zone::parse(
                "example.com TXT v=spf1 include:a.test include:b.test -all
                 a.test TXT v=spf1 include:b.test include:a.test include:example.com -all
                 b.test TXT v=spf1 include:a.test include:b.test redirect=example.com",
            ),
        ),
        ("a thousand includes", Zone::parse(&fan)),
        (
            "a chain of a hundred redirects",
            Zone::parse(&format!(
                "example.com TXT v=spf1 redirect=s0.test\n{}",
                lines(0..100, &|n| format!("s{n}.test TXT v=spf1 redirect=s{}.test", n + 1))
            )),
        ),
        (
            "a tree that doubles at every level",
            Zone::parse(&format!(
                "example.com TXT v=spf1 include:s0.test ?include:s0.test -all\n{}",
                lines(0..60, &|n| {
                    let m = n + 1;
                    format!("s{n}.test TXT v=spf1 include:s{m}.test ?include:s{m}.test -all")
                })
            )),
        ),
        (
            "CNAMEs in a circle",
            Zone::parse(
                "example.com TXT v=spf1 include:a.test -all
                 a.test CNAME b.test
                 b.test CNAME a.test
                 _mta-sts.example.com CNAME _mta-sts.example.com",
            ),
        ),
        (
            "five hundred MX hosts",
            Zone::parse(&format!(
                "example.com TXT v=spf1 mx mx:a.test mx:b.test -all\n{}",
                lines(0..500, &|n| format!("example.com MX {n} mx{n}.example.com"))
            )),
        ),
        (
            "three hundred addresses for reports",
            Zone::parse(&format!(
                "example.com TXT x\n_dmarc.example.com TXT v=DMARC1; p=none; rua={rua}; ruf={rua}
                 _smtp._tls.example.com TXT v=TLSRPTv1; rua={rua}"
            )),
        ),
        (
            "everything below is answered",
            Zone::parse("example.com TXT x")
                .with_wildcard("example.com", "v=spf1 include:%{d}.example.com"),
        ),
        ("nothing is answered", Zone::parse("example.com TXT x").servfail("example.com")),
    ]
}

#[test]
async fn no_domain_makes_a_scan_ask_more_than_it_may_or_anything_twice() {
    for (reason, zone) in hostile() {
        let depth = of(&zone).await;
        let mut asked = zone.asked.into_inner();
        let count = asked.len();
        assert!(count <= MAX_QUESTIONS, "{reason}: {count} questions");
        assert_eq!(depth.questions, count, "{reason}");
        asked.sort();
        asked.dedup();
        assert_eq!(asked.len(), count, "{reason}: each once");
    }
}

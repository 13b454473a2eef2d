//! What is published, held against what there is.

use mxray_records::Severity;
use mxray_records::mta_sts::policy::{self, Mode};
use mxray_scan::Verdict;
use mxray_scan::depth::Place;
use mxray_setup::{Draft, Kept, Named, Published, Wishes};

use crate::zone::Zone;
use crate::{NOON, domain, look, wishes};

const POLICY: &str = "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n";

fn published() -> Published {
    Published {
        mta_sts: vec!["v=STSv1; id=20260101000000;".to_owned()],
        policy: Some(POLICY.to_owned()),
        ..Published::default()
    }
}

fn places(draft: &Draft) -> Vec<String> {
    let place = |place: &Place| match place {
        Place::Dns { name, record_type } => format!("{name} {record_type}"),
        Place::File { url } => url.clone(),
    };
    draft.changes.iter().map(|change| place(&change.place)).collect()
}

#[test]
fn the_file_comes_before_the_record_and_the_host_before_both() {
    let mut wishes = wishes();
    for (target, first) in [
        ("user.github.io", "mta-sts.example.com CNAME"),
        ("192.0.2.80", "mta-sts.example.com A"),
        ("2001:db8::80", "mta-sts.example.com AAAA"),
    ] {
        wishes.target = target.to_owned();
        let draft = Draft::mta_sts(&wishes, &Published::default(), NOON);
        let expected = [
            first,
            "https://mta-sts.example.com/.well-known/mta-sts.txt",
            "_mta-sts.example.com TXT",
        ];
        assert_eq!(places(&draft), expected);
        assert!(draft.changes.iter().all(|change| change.kept() == Kept::Added));
    }
}

#[test]
fn the_id_is_new_whenever_the_policy_changed_and_only_then() {
    type Change = fn(&mut Wishes);
    for (reason, change, is_new) in [
        ("nothing", (|_| {}) as Change, false),
        ("the mode", |it| it.mode = Mode::Enforce, true),
        ("the lifetime", |it| it.max_age = 1_209_600, true),
        ("a host more", |it| it.mx.push("mx2.example.com".to_owned()), true),
        ("another host", |it| it.mx = vec!["mx2.example.com".to_owned()], true),
        ("the case of a host", |it| it.mx = vec!["MX.example.com".to_owned()], false),
        ("where reports go", |it| it.tls_reports = "a@example.org".to_owned(), false),
        ("none", |it| it.mode = Mode::None, true),
    ] {
        let mut wishes = wishes();
        change(&mut wishes);
        let draft = Draft::mta_sts(&wishes, &published(), NOON);
        let record = draft.changes.last().unwrap();
        let text =
            if is_new { "v=STSv1; id=20260401120000;" } else { "v=STSv1; id=20260101000000;" };
        assert_eq!(record.after, [text], "{reason}");
    }
}

#[test]
fn an_id_is_never_the_one_that_is_there() {
    let published = Published {
        mta_sts: vec!["v=STSv1; id=20260401120000;".to_owned()],
        policy: None,
        ..Published::default()
    };
    let draft = Draft::mta_sts(&wishes(), &published, NOON);
    assert_eq!(draft.changes.last().unwrap().after, ["v=STSv1; id=20260401120001;"]);
}

#[test]
fn two_records_and_a_broken_one_become_one() {
    for texts in [&["v=STSv1; id=1;", "v=STSv1; id=2;"][..], &["v=STSv1; id=a-b;"]] {
        let mta_sts = texts.iter().map(|it| (*it).to_owned()).collect();
        let published = Published { mta_sts, ..published() };
        let draft = Draft::mta_sts(&wishes(), &published, NOON);
        assert_eq!(draft.changes.last().unwrap().after, ["v=STSv1; id=20260401120000;"]);
    }
}

#[test]
fn what_is_typed_wrongly_is_found() {
    let mut wishes = wishes();
    wishes.mx = vec!["192.0.2.1".to_owned()];
    wishes.tls_reports = "nobody".to_owned();
    let draft = Draft::mta_sts(&wishes, &Published::default(), NOON)
        .with(Draft::tls_rpt(&wishes, &Published::default()));
    let codes: Vec<_> = draft.lint(&[]).iter().map(|(place, it)| (*place, it.rule.code)).collect();
    let expected = [(0, "mta-sts.policy.mx-address"), (2, "tls-rpt.record.address-malformed")];
    for found in expected {
        assert!(codes.contains(&found), "{codes:?}");
    }
}

#[test]
fn an_mx_host_that_no_line_covers_is_found() {
    let draft = Draft::mta_sts(&wishes(), &Published::default(), NOON);
    let found = draft.lint(&["mx.example.com".to_owned(), "mx2.example.com".to_owned()]);
    let codes: Vec<_> = found.iter().map(|(_, it)| it.rule.code).collect();
    assert!(codes.contains(&"mta-sts.policy.mx-not-covered-in-testing"), "{codes:?}");
}

#[test]
fn reports_to_another_domain_need_its_word() {
    let mut wishes = wishes();
    for (address, count) in
        [("a@example.com", 1), ("a@mail.example.com", 1), ("a@reports.example.org", 2)]
    {
        wishes.dmarc_reports = address.to_owned();
        let draft = Draft::dmarc(&wishes, &Published::default());
        assert_eq!(draft.changes.len(), count, "{address}");
    }
    let draft = Draft::dmarc(&wishes, &Published::default());
    assert_eq!(places(&draft)[0], "example.com._report._dmarc.reports.example.org TXT");
}

#[test]
fn a_dmarc_record_that_is_there_keeps_its_policy() {
    for (before, after) in [
        ("v=DMARC1; p=reject", "v=DMARC1; p=reject; rua=mailto:a@example.com"),
        ("v=DMARC1;p=reject;", "v=DMARC1; p=reject; rua=mailto:a@example.com"),
        (
            "v=DMARC1; p=reject; rua=mailto:b@example.com",
            "v=DMARC1; p=reject; rua=mailto:b@example.com,mailto:a@example.com",
        ),
        (
            "v=DMARC1;p=reject; rua=mailto:a@example.com",
            "v=DMARC1;p=reject; rua=mailto:a@example.com",
        ),
        ("v=DMARC1 p=reject", "v=DMARC1; p=none; rua=mailto:a@example.com"),
    ] {
        let published = Published { dmarc: vec![before.to_owned()], ..Published::default() };
        let wishes = Wishes { dmarc_reports: "a@example.com".to_owned(), ..wishes() };
        assert_eq!(Draft::dmarc(&wishes, &published).changes[0].after, [after], "{before}");
    }
}

#[test]
fn reports_that_go_somewhere_go_there_still() {
    for (before, address, after) in [
        (
            "v=TLSRPTv1;rua=mailto:a@example.com",
            "a@example.com",
            "v=TLSRPTv1;rua=mailto:a@example.com",
        ),
        (
            "v=TLSRPTv1; rua=mailto:a@example.com",
            "b@example.com",
            "v=TLSRPTv1; rua=mailto:b@example.com",
        ),
        ("v=TLSRPTv1", "a@example.com", "v=TLSRPTv1; rua=mailto:a@example.com"),
    ] {
        let published = Published { tls_rpt: vec![before.to_owned()], ..Published::default() };
        let wishes = Wishes { tls_reports: address.to_owned(), ..wishes() };
        assert_eq!(Draft::tls_rpt(&wishes, &published).changes[0].after, [after], "{before}");
    }
}

#[test]
fn the_hosts_that_were_found_are_asked_for_not_those_of_the_policy() {
    let texts = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    for (reason, hosts, lines, kept, missing, idle) in [
        (
            "no policy",
            &["mx1.example.com"][..],
            &[][..],
            &[][..],
            &["mx1.example.com"][..],
            &[][..],
        ),
        (
            "one forgotten",
            &["mx1.example.com", "mx2.example.com"],
            &["mx1.example.com"],
            &["mx1.example.com"],
            &["mx2.example.com"],
            &[],
        ),
        (
            "a pattern for both",
            &["mx1.example.com", "mx2.example.com"],
            &["*.example.com"],
            &["*.example.com"],
            &[],
            &[],
        ),
        (
            "one too many",
            &["mx1.example.com"],
            &["mx1.example.com", "old.example.com"],
            &["mx1.example.com"],
            &[],
            &["old.example.com"],
        ),
        ("nobody knows the hosts", &[], &["mx1.example.com"], &["mx1.example.com"], &[], &[]),
    ] {
        let mx: String = lines.iter().map(|line| format!("mx: {line}\n")).collect();
        let policy = policy::parse(&format!("version: STSv1\nmode: testing\n{mx}max_age: 86400\n"));
        let policy = policy.value.filter(|_| !lines.is_empty());
        let named = Named::of(&texts(hosts), policy.as_ref());
        let expected = Named { kept: texts(kept), missing: texts(missing), idle: texts(idle) };
        assert_eq!(named, expected, "{reason}");
    }
}

#[test]
fn no_mail_is_said_in_four_places() {
    let draft = Draft::no_mail(&domain(), &Published::default());
    let texts: Vec<_> = draft.changes.iter().map(|it| it.after[0].as_str()).collect();
    assert_eq!(texts, ["0 .", "v=spf1 -all", "v=DMARC1; p=reject", "v=DKIM1; p="]);
    assert!(draft.lint(&[]).iter().all(|(_, it)| it.rule.severity == Severity::Notice));
}

#[test]
fn a_domain_without_mail_scans_without_a_fail() {
    let draft = Draft::no_mail(&domain(), &Published::default());
    let records = draft.changes.iter().map(|change| match &change.place {
        Place::Dns { name, record_type } => format!("{name} {record_type} {}\n", change.after[0]),
        Place::File { url } => panic!("{url}"),
    });
    let report = look(&Zone::parse(&records.collect::<String>()));
    for check in &report.checks {
        assert_ne!(check.verdict, Verdict::Fail, "{check:?}");
    }
}

#[test]
fn what_a_scan_saw_is_what_is_published_and_what_is_wished_for() {
    let zone = Zone::parse(
        "example.com MX 10 mx.example.com
         example.com TXT v=spf1 mx -all
         example.com TXT another
         mx.example.com A 192.0.2.25
         _mta-sts.example.com TXT v=STSv1; id=20260101000000;
         _smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.com
         _dmarc.example.com TXT v=DMARC1; p=none",
    );
    let report = look(&zone.with_policy("example.com", POLICY));
    let seen = Published::of(&report);
    assert_eq!(seen.policy.as_deref(), Some(POLICY));
    assert_eq!(seen.mta_sts, ["v=STSv1; id=20260101000000;"]);
    assert_eq!(seen.tls_rpt, ["v=TLSRPTv1; rua=mailto:a@example.com"]);
    assert_eq!(seen.dmarc, ["v=DMARC1; p=none"]);
    assert_eq!(seen.spf, ["v=spf1 mx -all"]);
    assert_eq!(seen.mx, ["10 mx.example.com"]);
    let wished = Wishes::of(&report);
    assert_eq!(
        (wished.mx.as_slice(), wished.tls_reports.as_str()),
        (&["mx.example.com".to_owned()][..], "a@example.com")
    );
    let seen = Published { policy: Some(POLICY.replace('\n', "\r\n")), ..seen };
    let draft = Draft::mta_sts(&Wishes::of(&report), &seen, NOON);
    assert!(draft.changes.iter().all(|change| change.kept() == Kept::Same), "{draft:?}");
}

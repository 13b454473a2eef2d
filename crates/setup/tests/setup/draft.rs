//! What is published, held against what there is.

use mxray_records::Severity;
use mxray_records::mta_sts::policy::Mode;
use mxray_scan::depth::Place;
use mxray_setup::{Draft, Kept, Published, Wishes};

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
fn no_mail_is_said_in_four_places() {
    let draft = Draft::no_mail(&domain(), &Published::default());
    let texts: Vec<_> = draft.changes.iter().map(|it| it.after[0].as_str()).collect();
    assert_eq!(texts, ["0 .", "v=spf1 -all", "v=DMARC1; p=reject", "v=DKIM1; p="]);
    assert!(draft.lint(&[]).iter().all(|(_, it)| it.rule.severity == Severity::Notice));
}

#[test]
fn a_broken_spf_record_is_mended_and_a_sound_one_is_left() {
    for (text, mended) in [
        ("v=spf1 inlcude:_spf.example.com -all", Some("v=spf1 include:_spf.example.com -all")),
        ("v=spf1 include:_spf.example.com -all", None),
    ] {
        let published = Published { spf: vec![text.to_owned()], ..Published::default() };
        let draft = Draft::spf(&domain(), &published);
        let after = draft.map(|draft| draft.changes[0].after[0].clone());
        assert_eq!(after.as_deref(), mended, "{text}");
    }
    assert_eq!(Draft::spf(&domain(), &Published::default()), None);
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
    assert_eq!(Wishes::of(&report).mx, ["mx.example.com"]);
    let seen = Published { policy: Some(POLICY.replace('\n', "\r\n")), ..seen };
    let draft = Draft::mta_sts(&Wishes::of(&report), &seen, NOON);
    assert!(draft.changes.iter().all(|change| change.kept() == Kept::Same), "{draft:?}");
}

//! What a report says of a domain.

use crate::zone::{KEY_DIGEST, NOW, Server, Zone};
use mxray_facts::{Name, PolicyOutcome, PolicyResponse, Timestamp, Unobserved};
use mxray_scan::depth::Kept;
use mxray_scan::{
    CheckId, MAX_QUESTIONS, Protection, Report, Seen, Stage, Step, Verdict, judge, scan,
};
#[cfg(not(target_arch = "wasm32"))]
use tokio::test;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(crate) const SOUND: &str = "
    example.com                      MX   10 mx.example.com
    example.com                      TXT  v=spf1 mx -all
    mx.example.com                   A    192.0.2.25
    _mta-sts.example.com             TXT  v=STSv1; id=20260101
    _smtp._tls.example.com           TXT  v=TLSRPTv1; rua=mailto:tls@example.com
    _dmarc.example.com               TXT  v=DMARC1; p=reject; rua=mailto:dmarc@example.com
    default._domainkey.example.com   TXT  v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
";

pub(crate) const ENFORCE: &str =
    "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 1209600\n";

pub(crate) fn sound() -> Zone {
    Zone::parse(SOUND)
        .with_policy("example.com", ENFORCE)
        .with_server("mx.example.com", Server::Good)
}

fn without(name: &str) -> Zone {
    let rest: Vec<&str> =
        SOUND.lines().filter(|line| !line.trim().starts_with(&format!("{name} "))).collect();
    Zone::parse(&rest.join("\n"))
        .with_policy("example.com", ENFORCE)
        .with_server("mx.example.com", Server::Good)
}

/// Scans, and judges what was seen once more: every report here is made both ways.
async fn run(zone: &Zone) -> Report {
    let (domain, kept) = ("example.com".parse().unwrap(), Kept::new(zone));
    let report = scan(&kept, &domain, NOW, &|_| {}).await;
    let again = judge(&domain, NOW, kept.seen(), &Unobserved::NotCovered);
    assert_eq!(format!("{again:#?}"), format!("{report:#?}"), "the same, judged once more");
    report
}

fn codes(report: &Report, id: CheckId) -> Vec<&'static str> {
    let check = report.checks.iter().find(|check| check.id == id).unwrap();
    check.findings.iter().map(|found| found.finding.rule.code).collect()
}

fn verdict(report: &Report, id: CheckId) -> Verdict {
    report.checks.iter().find(|check| check.id == id).unwrap().verdict
}

fn code(report: &Report, step: &Step) -> &'static str {
    let check = report.checks.iter().find(|check| check.id == step.check).unwrap();
    check.findings[step.finding].finding.rule.code
}

fn first(report: &Report) -> Option<&'static str> {
    report.steps.first().map(|step| code(report, step))
}

#[test]
async fn a_sound_domain_passes_everything() {
    let report = run(&sound()).await;
    assert_eq!(
        (report.transport.protection, report.forgery.protection),
        (Protection::Yes, Protection::Yes)
    );
    assert_eq!(report.stage, Stage::Enforce);
    assert_eq!((report.alarms.len(), first(&report)), (0, None));
    for check in report.checks.iter().filter(|check| check.id.counts() && check.id != CheckId::Dane)
    {
        assert_eq!(check.verdict, Verdict::Pass, "{:?}: {:?}", check.id, check.findings);
    }
    assert_eq!(report.checks.iter().map(|check| check.id).collect::<Vec<_>>(), CheckId::ALL);
    assert_eq!(report.hosts[0].host.as_str(), "mx.example.com");
}

#[test]
async fn the_stage_and_the_first_step_tell_what_is_wrong_with_the_policy() {
    let response = |status, body: &str| {
        PolicyOutcome::Response(PolicyResponse {
            status,
            content_type: Some("text/plain".to_owned()),
            body: body.as_bytes().into(),
            truncated: false,
        })
    };
    let redirect = PolicyOutcome::Redirect {
        status: Some(301),
        location: Some("https://example.com/".to_owned()),
    };
    let testing = ENFORCE.replace("enforce", "testing");
    let uncovered = ENFORCE.replace("mx.example.com", "mail.example.com");
    let rows = [
        ("enforce", sound(), Stage::Enforce, None),
        ("testing", sound().with_policy("example.com", &testing), Stage::Testing, None),
        (
            "none",
            sound().with_policy("example.com", "version: STSv1\nmode: none\nmax_age: 86400\n"),
            Stage::None,
            Some("mta-sts.switched-off"),
        ),
        (
            "no record, no policy",
            without("_mta-sts.example.com").with_outcome("example.com", PolicyOutcome::NoAddress),
            Stage::None,
            Some("mta-sts.absent"),
        ),
        (
            "no record, an unrelated web page",
            without("_mta-sts.example.com").with_outcome("example.com", response(404, "")),
            Stage::None,
            Some("mta-sts.absent"),
        ),
        (
            "no record, a policy",
            without("_mta-sts.example.com"),
            Stage::Broken,
            Some("mta-sts.policy-without-record"),
        ),
        (
            "no policy host",
            sound().with_outcome("example.com", PolicyOutcome::NoAddress),
            Stage::Broken,
            Some("mta-sts.host-missing"),
        ),
        (
            "refused",
            sound().with_outcome("example.com", PolicyOutcome::Refused),
            Stage::Broken,
            Some("mta-sts.host-refuses"),
        ),
        (
            "a redirect",
            sound().with_outcome("example.com", redirect),
            Stage::Broken,
            Some("mta-sts.policy-redirects"),
        ),
        (
            "404",
            sound().with_outcome("example.com", response(404, "no")),
            Stage::Broken,
            Some("mta-sts.policy-status"),
        ),
        (
            "a host is not covered",
            sound().with_policy("example.com", &uncovered),
            Stage::Enforce,
            Some("mta-sts.policy.mx-not-covered"),
        ),
        (
            "policy unread",
            sound().with_policy_unobserved("example.com", Unobserved::BrowserMayNotRead),
            Stage::Unknown,
            None,
        ),
        ("record unread", sound().servfail("_mta-sts.example.com"), Stage::Unknown, None),
    ];
    for (reason, zone, stage, code) in rows {
        let report = run(&zone).await;
        assert_eq!((report.stage, first(&report)), (stage, code), "{reason}");
    }
}

#[test]
async fn what_is_said_of_a_line_of_the_policy_is_said_with_the_policy() {
    let policy = ENFORCE.replace("max_age", "mx: old.example.com\nmax_age");
    let report = run(&sound().with_policy("example.com", &policy)).await;
    let check = report.checks.iter().find(|check| check.id == CheckId::MtaSts).unwrap();
    let [found] = check.findings.as_slice() else { panic!("{:?}", check.findings) };
    assert_eq!(found.finding.rule.code, "mta-sts.policy.pattern-unused");
    let text = &check.evidence[found.evidence.unwrap()].texts[0].text;
    assert_eq!(found.finding.place.unwrap().span.of(text), "old.example.com");
}

#[test]
async fn mail_servers_are_judged_by_themselves_and_by_the_policy() {
    let rows = [
        ("good", Server::Good, Verdict::Pass, Protection::Yes, 0),
        ("no STARTTLS", Server::NoStartTls, Verdict::Fail, Protection::Partly, 1),
        ("self-signed", Server::SelfSigned, Verdict::Fail, Protection::Partly, 1),
        ("STARTTLS is refused", Server::Refuses, Verdict::Fail, Protection::Partly, 1),
        ("put off: it may work later", Server::PutsOff, Verdict::Unknown, Protection::Yes, 0),
        ("turned away: it may serve others", Server::Busy, Verdict::Unknown, Protection::Yes, 0),
        (
            "garbled: it says nothing about TLS",
            Server::Garbled,
            Verdict::Unknown,
            Protection::Yes,
            0,
        ),
        ("down: it says nothing about TLS", Server::Down, Verdict::Unknown, Protection::Yes, 0),
    ];
    for (reason, server, expected, protection, alarms) in rows {
        let report = run(&sound().with_server("mx.example.com", server)).await;
        let seen = (
            verdict(&report, CheckId::MailServers),
            report.transport.protection,
            report.alarms.len(),
        );
        assert_eq!(seen, (expected, protection, alarms), "{reason}");
    }
}

#[test]
async fn a_server_that_garbles_is_not_one_that_does_not_answer() {
    for (server, code) in
        [(Server::Garbled, "smtp.conversation-broken"), (Server::Down, "smtp.unreachable")]
    {
        let report = run(&sound().with_server("mx.example.com", server)).await;
        assert_eq!(codes(&report, CheckId::MailServers), [code]);
    }
}

#[test]
async fn an_alarm_is_raised_where_mail_may_be_refused_and_nowhere_else() {
    let testing = ENFORCE.replace("enforce", "testing");
    let uncovered = ENFORCE.replace("mx.example.com", "mail.example.com");
    let uncovered_testing = testing.replace("mx.example.com", "mail.example.com");
    let with = |more: &str| {
        Zone::parse(&format!("{SOUND}\n{more}"))
            .with_policy("example.com", ENFORCE)
            .with_server("mx.example.com", Server::Good)
    };
    let self_signed = || sound().with_server("mx.example.com", Server::SelfSigned);
    for (reason, zone, expected) in [
        ("all is well", sound(), &[][..]),
        (
            "enforced, a host is not covered",
            sound().with_policy("example.com", &uncovered),
            &["mta-sts.policy.mx-not-covered"],
        ),
        ("the same in testing mode", sound().with_policy("example.com", &uncovered_testing), &[]),
        ("enforced, a certificate fails", self_signed(), &["smtp.refused-by-policy"]),
        ("the same in testing mode", self_signed().with_policy("example.com", &testing), &[]),
        ("two SPF records", with("example.com TXT v=spf1 -all"), &["spf.record.several-records"]),
        ("a second text that is none", with("example.com TXT hello"), &[]),
    ] {
        let report = run(&zone).await;
        let alarms: Vec<_> = report.alarms.iter().map(|step| code(&report, step)).collect();
        assert_eq!(alarms, expected, "{reason}");
        assert_eq!(
            first(&report).filter(|first| expected.contains(first)),
            expected.first().copied(),
            "{reason}: what raises it is to be mended first"
        );
    }
}

#[test]
async fn a_certificate_is_judged_by_the_moment_of_the_scan() {
    const DAY: i64 = 86_400;
    // The server's ends sixty days after the moment of these tests.
    for (days, expected) in [(0, None), (46, None), (47, Some("13")), (60, Some("0"))] {
        let now = Timestamp(NOW.0 + DAY * days);
        let report = scan(&sound(), &"example.com".parse().unwrap(), now, &|_| {}).await;
        let check = report.checks.iter().find(|check| check.id == CheckId::MailServers).unwrap();
        let left = check.findings.first().map(|found| {
            assert_eq!(found.finding.rule.code, "smtp.certificate-ends-soon");
            found.finding.params.iter().find(|(name, _)| *name == "days").unwrap().1.as_str()
        });
        assert_eq!(left, expected, "after {days} days");
    }
}

#[test]
async fn a_domain_without_mail_is_not_punished() {
    let zone = Zone::parse(
        "
        example.com        MX   0 .
        example.com        TXT  v=spf1 -all
    ",
    );
    let report = run(&zone).await;
    assert_eq!(
        (report.transport.protection, report.forgery.protection),
        (Protection::Yes, Protection::Yes)
    );
    for id in [CheckId::MtaSts, CheckId::MailServers, CheckId::TlsRpt] {
        assert_eq!(verdict(&report, id), Verdict::NotApplicable, "{id:?}");
    }
}

#[test]
async fn a_name_without_mail_servers_suggests_its_parent() {
    for (reason, records, expected) in [
        ("nothing at all", "", Some("example.com")),
        (
            "a web server, to which nobody means to send mail",
            "www.example.com A 192.0.2.80",
            Some("example.com"),
        ),
        ("mail servers of its own", "www.example.com MX 10 mx.example.com", None),
        ("it says that it takes none", "www.example.com MX 0 .", None),
    ] {
        let zone = Zone::parse(&format!("{SOUND}\n{records}"));
        let report = scan(&zone, &"www.example.com".parse().unwrap(), NOW, &|_| {}).await;
        let suggested = report.suggestion.map(|parent| parent.to_string());
        assert_eq!(suggested.as_deref(), expected, "{reason}");
    }
}

#[test]
async fn dkim_is_never_missing_and_a_wildcard_proves_nothing() {
    let report = run(&without("default._domainkey.example.com")).await;
    assert_eq!(verdict(&report, CheckId::Dkim), Verdict::Unknown);
    assert_eq!(codes(&report, CheckId::Dkim), [""; 0]);

    let parked = without("default._domainkey.example.com")
        .with_wildcard("._domainkey.example.com", "v=DKIM1; p=");
    let report = run(&parked).await;
    assert_eq!(codes(&report, CheckId::Dkim), ["dkim.wildcard"]);
    assert_eq!(verdict(&report, CheckId::Dkim), Verdict::Unknown);
}

#[test]
async fn dmarc_is_inherited_from_the_domain_above() {
    let domain = "news.example.com".parse().unwrap();
    let zone = Zone::parse(
        "
        news.example.com     MX   10 mx.example.com
        mx.example.com       A    192.0.2.25
        _dmarc.example.com   TXT  v=DMARC1; p=reject; sp=none
    ",
    );
    let report = scan(&zone, &domain, NOW, &|_| {}).await;
    assert!(codes(&report, CheckId::Dmarc).contains(&"dmarc.inherited"));
    let check = report.checks.iter().find(|check| check.id == CheckId::Dmarc).unwrap();
    assert_eq!(check.summary.key, "check.dmarc.watching", "the subdomain policy applies, not p");
}

#[test]
async fn dane_counts_only_where_everything_is_signed() {
    let published = |tlsa: &str| {
        Zone::parse(&format!("{SOUND}\n_25._tcp.mx.example.com TLSA {tlsa}"))
            .with_server("mx.example.com", Server::Good)
            .with_policy_unobserved("example.com", Unobserved::BrowserMayNotRead)
    };
    let secure = |tlsa: &str| {
        ["example.com", "mx.example.com", "_25._tcp.mx.example.com"]
            .into_iter()
            .fold(published(tlsa), Zone::signed)
    };
    let good = format!("3 1 1 {KEY_DIGEST}");
    let two = format!("3 1 1 other\n_25._tcp.mx.example.com TLSA {good}");
    for (reason, zone, protection, expected) in [
        ("it matches", secure(&good), Protection::Yes, &[][..]),
        ("one of two matches", secure(&two), Protection::Yes, &[]),
        ("it does not", secure("3 1 1 other"), Protection::Partly, &["dane.mismatch"]),
        (
            "of a kind that mail senders pass over",
            secure("1 1 1 other"),
            Protection::Unknown,
            &["dane.unusable"],
        ),
        (
            "not signed: nobody may trust it, so it refuses nobody either",
            published("3 1 1 other").signed("."),
            Protection::Unknown,
            &["dane.unsigned"],
        ),
        (
            "nobody vouches for signatures, so it may be signed",
            published("3 1 1 other"),
            Protection::Unknown,
            &[],
        ),
    ] {
        let report = run(&zone).await;
        assert_eq!(codes(&report, CheckId::Dane), expected, "{reason}");
        assert_eq!(report.transport.protection, protection, "{reason}");
        assert_eq!(report.alarms.len(), usize::from(expected == ["dane.mismatch"]), "{reason}");
    }
    let report = run(&published(&good)).await;
    assert_eq!(verdict(&report, CheckId::Dane), Verdict::Unknown);
}

#[test]
async fn what_was_not_seen_is_unknown_and_never_failed() {
    for name in
        ["example.com", "_mta-sts.example.com", "_smtp._tls.example.com", "_dmarc.example.com"]
    {
        let report = run(&sound().servfail(name)).await;
        for check in &report.checks {
            assert_ne!(
                check.verdict,
                Verdict::Fail,
                "{name} unread: {:?} {:?}",
                check.id,
                check.findings
            );
        }
    }
}

#[test]
async fn every_question_is_asked_once() {
    let zone = sound();
    run(&zone).await;
    let mut asked = zone.asked.into_inner();
    let count = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), count);
}

#[test]
async fn five_hundred_mx_hosts_stay_within_the_question_limit() {
    let hosts: String =
        (0..500).map(|n| format!("example.com MX {n} mx{n}.example.com\n")).collect();
    let zone = Zone::parse(&hosts);
    let report = run(&zone).await;
    assert!(zone.asked.borrow().len() <= MAX_QUESTIONS, "{} questions", zone.asked.borrow().len());
    assert_eq!(report.hosts.len(), 500);
    assert_eq!(report.hosts[499].addresses, Err(Unobserved::QuestionLimit));
}

#[test]
async fn signatures_that_do_not_verify_are_an_alarm_and_servers_that_fail_are_not() {
    for (reason, zone, expected) in [
        ("bogus", sound().bogus("example.com"), (Verdict::Fail, 1)),
        ("broken", sound().servfail("example.com"), (Verdict::Unknown, 0)),
    ] {
        let report = run(&zone).await;
        assert_eq!((verdict(&report, CheckId::Mx), report.alarms.len()), expected, "{reason}");
        assert_eq!(
            report.transport.protection,
            Protection::Unknown,
            "{reason}: the policy is in force, and for which servers is not known"
        );
    }
}

#[test]
async fn a_domain_that_does_not_exist_is_one_thing_to_do_and_no_answer() {
    let domain = "exampel.com".parse().unwrap();
    let report = scan(&sound(), &domain, NOW, &|_| {}).await;
    let answers = (report.transport.protection, report.forgery.protection);
    assert_eq!(answers, (Protection::Unknown, Protection::Unknown));
    assert_eq!((report.steps.len(), first(&report)), (1, Some("mx.no-domain")));
}

#[test]
async fn what_nobody_saw_is_unknown_for_the_reason_given() {
    let (domain, timed_out) = ("example.com".parse().unwrap(), Unobserved::TimedOut);
    let report = judge(&domain, NOW, [], &timed_out);
    for check in &report.checks {
        assert_eq!(check.verdict, Verdict::Unknown, "{:?}", check.id);
    }
    let reasons: Vec<_> = report.checks[0].gaps.iter().map(|gap| &gap.reason).collect();
    assert_eq!(reasons, [&timed_out; 2], "the record, and the policy");
}

#[test]
async fn what_was_never_asked_changes_nothing() {
    let strange = "elsewhere.example".parse::<Name>().unwrap();
    let zone = sound();
    let kept = Kept::new(&zone);
    let domain = "example.com".parse().unwrap();
    let report = scan(&kept, &domain, NOW, &|_| {}).await;
    let strange = Seen::MailHost(strange, Err(Unobserved::TimedOut));
    let seen = kept.seen().into_iter().chain([strange]);
    let again = judge(&domain, NOW, seen, &Unobserved::NotCovered);
    assert_eq!(format!("{again:?}"), format!("{report:?}"));
}

#[test]
async fn a_domain_without_mail_is_told_how_to_say_that_it_sends_none() {
    for (reason, zone) in [
        ("null MX", "example.com MX 0 ."),
        ("neither MX nor address", "example.com TXT something else"),
    ] {
        let report = run(&Zone::parse(zone)).await;
        for (id, code, text) in [
            (CheckId::Spf, "spf.absent-without-mail", "v=spf1 -all"),
            (CheckId::Dmarc, "dmarc.absent-without-mail", "v=DMARC1; p=reject"),
        ] {
            assert_eq!(codes(&report, id), [code], "{reason}");
            let check = report.checks.iter().find(|check| check.id == id).unwrap();
            assert_eq!(check.findings[0].finding.fix.as_deref(), Some(text), "{reason}");
        }
    }
}

#[test]
async fn where_nobody_may_send_no_key_is_missed() {
    let nobody = "example.com MX 0 .\nexample.com TXT v=spf1 -all\n";
    let revoked = "v=DKIM1; p=";
    let key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    for (reason, zone, expected) in [
        ("none found", Zone::parse(nobody), Verdict::NotApplicable),
        (
            "all revoked, as is good practice",
            Zone::parse(nobody).with_wildcard("_domainkey.example.com", revoked),
            Verdict::Notice,
        ),
        (
            "one found",
            Zone::parse(&format!("{nobody}default._domainkey.example.com TXT {key}")),
            Verdict::Pass,
        ),
        ("somebody may send", Zone::parse("example.com TXT v=spf1 mx -all"), Verdict::Unknown),
        ("nothing is said of that", Zone::parse("example.com MX 0 ."), Verdict::Unknown),
    ] {
        assert_eq!(verdict(&run(&zone).await, CheckId::Dkim), expected, "{reason}");
    }
}

#[test]
async fn nothing_is_to_be_mended_in_a_domain_that_does_not_exist() {
    let report = run(&Zone::parse("other.example TXT x")).await;
    for id in [CheckId::Spf, CheckId::Dmarc] {
        assert_eq!(verdict(&report, id), Verdict::NotApplicable, "{id:?}");
        assert_eq!(codes(&report, id), Vec::<&str>::new(), "{id:?}");
    }
}

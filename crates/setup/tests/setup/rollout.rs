//! When what may be done.

use mxray_facts::Timestamp;
use mxray_scan::Stage;
use mxray_setup::rollout::{Host, Reports, Rollout, Standing};

use crate::zone::{NOW, Server, Zone};
use crate::{NOON, look};

const WEEK: u32 = 604_800;

fn standing(stage: Stage) -> Standing {
    let host =
        Host { name: "mx.example.com".to_owned(), covered: Some(true), verified: Some(true) };
    Standing {
        now: NOON,
        stage,
        max_age: WEEK,
        ttl: 3600,
        since: None,
        hosts: vec![host],
        reported: Some(true),
        reports: None,
    }
}

/// Each step, and after how many days it is.
fn days(rollout: &Rollout) -> Vec<(&'static str, i64)> {
    let day = |at: Timestamp| NOON.days_until(at);
    rollout.steps.iter().map(|step| (step.what.key, day(step.at))).collect()
}

#[test]
fn from_nothing_to_enforce() {
    let start = Standing { max_age: 0, ..standing(Stage::None) };
    assert_eq!(
        days(&start.to_enforce(14)),
        [
            ("rollout.step.publish", 0),
            ("rollout.step.known", 0),
            ("rollout.step.first-reports", 2),
            ("rollout.step.enforce", 15),
            ("rollout.step.enforce-id", 15),
            ("rollout.step.enforced", 15),
        ]
    );
}

#[test]
fn what_was_tested_already_counts() {
    for (reason, since, reports, at) in [
        ("nobody knows since when", None, None, 15),
        ("for ten days", Some(-10), None, 5),
        ("for a year", Some(-365), None, 0),
        ("clean reports", Some(-30), Some(Some(true)), 0),
        ("reports of failures until yesterday", Some(-30), Some(Some(false)), 14),
    ] {
        let reports = reports.map(|safe| Reports {
            begin: NOON.after_days(-29),
            end: NOON.after_days(-1),
            safe,
        });
        let since = since.map(|days| NOON.after_days(days));
        let standing = Standing { since, reports, ..standing(Stage::Testing) };
        let days = days(&standing.to_enforce(14));
        let enforce = days.iter().find(|(key, _)| *key == "rollout.step.enforce").unwrap();
        assert_eq!(enforce.1, at, "{reason}");
    }
}

#[test]
fn what_is_flawed_is_mended_before_the_days_count() {
    let mut standing = Standing { since: Some(NOON.after_days(-90)), ..standing(Stage::Testing) };
    standing.hosts[0].verified = Some(false);
    let days = days(&standing.to_enforce(14));
    assert!(
        days.contains(&("rollout.step.mend", 0)) && days.contains(&("rollout.step.enforce", 15))
    );
}

#[test]
fn the_last_sender_knows_when_what_it_remembers_has_run_out() {
    let known = standing(Stage::Testing).known(NOON);
    assert_eq!((known.soon.0 - NOON.0, NOON.days_until(known.last)), (3600, 7));
    let days = days(&standing(Stage::Testing).to_enforce(14));
    assert_eq!(days.last(), Some(&("rollout.step.last-knows", 22)));
}

#[test]
fn the_way_back_waits_for_all_that_is_remembered() {
    let month = Standing { max_age: 30 * 86_400, ..standing(Stage::Enforce) };
    assert_eq!(
        days(&month.to_none()),
        [
            ("rollout.back.file", 0),
            ("rollout.back.record", 0),
            ("rollout.back.known", 0),
            ("rollout.back.remove-record", 30),
            ("rollout.back.remove-file", 30),
        ]
    );
    let hour = Standing { max_age: 3600, ..standing(Stage::Enforce) };
    assert!(days(&hour.to_none()).contains(&("rollout.back.remove-record", 1)));
    let nothing = Standing { max_age: 0, ..standing(Stage::None) };
    assert!(nothing.to_none().steps.is_empty());
}

#[test]
fn what_must_be_true_is_told_with_what_nobody_knows() {
    let records = "example.com MX 10 mx.example.com
        example.com MX 20 old.example.com
        mx.example.com A 192.0.2.25
        old.example.com A 192.0.2.26
        _mta-sts.example.com TXT v=STSv1; id=20260101000000;
        _smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.com";
    let policy = "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n";
    let zone = Zone::parse(records).with_policy("example.com", policy);
    let seen = Standing::of(&look(&zone.with_server("mx.example.com", Server::Good)));
    assert_eq!(seen.since, Timestamp::from_rfc3339("2026-01-01"));
    assert_eq!((seen.now, seen.max_age, seen.stage), (NOW, WEEK, Stage::Testing));
    let needs: Vec<_> =
        seen.to_enforce(14).needs.into_iter().map(|need| (need.what.key, need.met)).collect();
    assert_eq!(
        needs,
        [
            ("rollout.need.covered", Some(true)),
            ("rollout.need.verified", Some(true)),
            ("rollout.need.covered", Some(false)),
            ("rollout.need.verified", None),
            ("rollout.need.reported", Some(true)),
            ("rollout.need.clean", None),
        ]
    );
}

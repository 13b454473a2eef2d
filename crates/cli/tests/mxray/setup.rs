//! What is set up, published: in a zone file for `mxray lint --zone`, and in the lab for `mxray check`.

use std::sync::OnceLock;

use mxray_facts::{Domain, Timestamp};
use mxray_lab::{Config, DomainFile};
use mxray_records::mta_sts::policy::Mode;
use mxray_scan::depth::Place;
use mxray_setup::formats::{Format, write};
use mxray_setup::{Draft, Published, Wishes};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::command::run;
use crate::laboratory::Laboratory;

const NOON: Timestamp = Timestamp(1_775_044_800);

fn wishes(domain: &str, hosts: &[String], mode: Mode) -> Wishes {
    let domain: Domain = domain.parse().unwrap();
    let mx = hosts.iter().map(|host| format!("{host}.{domain}")).collect();
    Wishes { mx, mode, max_age: 1_209_600, ..Wishes::new(domain) }
}

fn everything(wishes: &Wishes) -> Draft {
    let none = Published::default();
    Draft::mta_sts(wishes, &none, NOON)
        .with(Draft::tls_rpt(wishes, &none))
        .with(Draft::dmarc(wishes, &none))
}

/// A domain of the lab that has nothing but what the draft says.
fn laid_out(draft: &Draft, hosts: &[String]) -> DomainFile {
    let mut text = format!(
        "domain = \"{}\"\nabout = \"What was set up.\"\nbase = \"nothing\"\n\
         expect = {{ transport = \"\", forgery = \"\", stage = \"\", first = \"\" }}\n",
        draft.domain
    );
    let mx: Vec<_> = hosts.iter().map(|host| format!("{{ host = {host:?} }}")).collect();
    text += &format!("mx = [{}]\n", mx.join(", "));
    if let Some(policy) = draft.policy() {
        text += &format!("policy = {{ body = {policy:?} }}\n");
    }
    text += "[records]\n\"@\" = { TXT = [\"v=spf1 mx -all\"] }\n";
    for change in &draft.changes {
        if let Place::Dns { name, record_type } = &change.place {
            let texts = &change.after;
            text += &format!("\"{name}.\" = {{ {record_type} = {texts:?} }}\n");
        }
    }
    DomainFile::inline(text)
}

#[test]
fn a_zone_file_lints_clean() {
    let domain: Domain = "set-up.example".parse().unwrap();
    let all = everything(&wishes("set-up.example", &["mx".to_owned()], Mode::Testing));
    for draft in [all, Draft::no_mail(&domain, &Published::default())] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), write(Format::Zone, &draft)).unwrap();
        let path = file.path().to_str().unwrap();
        let ran =
            run(&["lint", "--zone", path, "--origin", "set-up.example", "--format", "json"], "");
        let sets: Vec<Value> =
            ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // Every record of the zone is read as what it is.
        let records = draft.changes.iter().filter(|it| matches!(it.place, Place::Dns { .. }));
        assert_eq!(sets.len(), records.count(), "{}", ran.stdout);
        for finding in sets.iter().flat_map(|set| set["findings"].as_array().unwrap()) {
            // A first DMARC record is to change nothing yet; a domain without mail has no keys.
            let is_meant = ["dmarc.record.policy-none", "dkim.key.revoked"]
                .contains(&finding["rule"].as_str().unwrap());
            assert!(is_meant || finding["severity"] == "notice", "{finding}");
        }
    }
}

#[test]
fn whatever_is_set_up_scans_without_a_fail_in_the_lab() {
    let hosts = vec("[a-z]{1,8}", 1..4);
    let mut runner = TestRunner::deterministic();
    let mut drafts = Vec::new();
    for place in 0..12 {
        let mut hosts: Vec<String> = hosts.new_tree(&mut runner).unwrap().current();
        hosts.sort();
        hosts.dedup();
        let mode = if place % 2 == 0 { Mode::Testing } else { Mode::Enforce };
        let domain = format!("set-up-{place}.example");
        drafts.push((everything(&wishes(&domain, &hosts, mode)), hosts, mode));
    }
    let files = drafts.iter().map(|(draft, hosts, _)| laid_out(draft, hosts)).collect();
    let laboratory = Laboratory::start(Config { files, ..Config::default() });
    let domains = drafts.iter().map(|(draft, ..)| draft.domain.as_str());
    let switches = laboratory.switches.iter().map(String::as_str);
    let arguments: Vec<_> =
        ["check", "--json"].into_iter().chain(domains).chain(switches).collect();
    let ran = run(&arguments, "");
    assert_eq!(ran.stdout.lines().count(), drafts.len(), "{}", ran.stderr);
    for (line, (draft, _, mode)) in ran.stdout.lines().zip(&drafts) {
        let report: Value = serde_json::from_str(line).unwrap();
        assert_eq!(report["domain"], draft.domain.as_str());
        assert_eq!(report["stage"], mode.as_str(), "{report:#}");
        for check in report["checks"].as_array().unwrap() {
            assert_ne!(check["verdict"], "fail", "{check:#}");
        }
    }
}

/// A domain of the lab with flaws that the set-up mends.
const FLAWED: &str = r#"
domain = "flawed.example"
about = "A policy that names one of two hosts, and an SPF record of twelve lookups."
base = "nothing"
mx = [{ host = "mx1" }, { host = "mx2", preference = 20 }]
policy = { body = "version: STSv1\nmode: enforce\nmx: mx1.flawed.example\nmax_age: 604800\n" }
expect = { transport = "", forgery = "", stage = "", first = "" }
[records]
"_mta-sts" = { TXT = ["v=STSv1; id=20260101000000;"] }
"_smtp._tls" = { TXT = ["v=TLSRPTv1; rua=mailto:tls@flawed.example"] }
"@" = { TXT = ["v=spf1 include:one.flawed.example include:two.flawed.example -all"] }
one = { TXT = ["v=spf1 a:mx1.flawed.example a:mx1.flawed.example/31 a:mx1.flawed.example/30 a:mx1.flawed.example/29 a:mx1.flawed.example/28 -all"] }
two = { TXT = ["v=spf1 a:mx2.flawed.example a:mx2.flawed.example/31 a:mx2.flawed.example/30 a:mx2.flawed.example/29 a:mx2.flawed.example/28 -all"] }
"#;

/// Runs a command against the lab with that domain.
fn in_the_lab(arguments: &[&str]) -> crate::command::Ran {
    static LABORATORY: OnceLock<Laboratory> = OnceLock::new();
    let laboratory = LABORATORY.get_or_init(|| {
        Laboratory::start(Config { files: vec![DomainFile::inline(FLAWED)], ..Config::default() })
    });
    let switches = laboratory.switches.iter().map(String::as_str);
    run(&arguments.iter().copied().chain(switches).collect::<Vec<_>>(), "")
}

/// Whether these lines are there, each behind the one before.
fn says(ran: &crate::command::Ran, expected: &[&str]) {
    let mut lines = ran.stdout.lines();
    for expected in expected {
        assert!(lines.any(|line| line.starts_with(expected)), "{expected:?} in {ran:?}");
    }
}

#[test]
fn the_hosts_that_are_found_are_set_up_and_shown_as_a_difference() {
    let ran = in_the_lab(&["setup", "flawed.example"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(
        &ran,
        &[
            "1. at _smtp._tls.flawed.example, type TXT: (Stays as it is)",
            "2. as the file https://mta-sts.flawed.example/.well-known/mta-sts.txt: (Takes the place of",
            "   mode: enforce",
            " + mx: mx2.flawed.example",
            "3. at _mta-sts.flawed.example, type TXT:",
            " - v=STSv1; id=20260101000000;",
            " + v=STSv1; id=",
        ],
    );
    let zone = in_the_lab(&["setup", "flawed.example", "--format", "zone"]).stdout;
    assert_eq!(zone.lines().count(), 2, "{zone}");
}

#[test]
fn an_spf_record_of_twelve_lookups_is_mended_and_each_change_named() {
    let ran = in_the_lab(&["setup", "flawed.example", "--goal", "spf"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(
        &ran,
        &[
            "Lookups: 12 now, 4 with this record.",
            "What is different, and why:",
            "- \u{201c}a:mx1.flawed.example\u{201d} is gone: ",
            "1. at one.flawed.example, type TXT:",
            " + v=spf1 a:mx1.flawed.example/28 -all",
            "2. at two.flawed.example, type TXT:",
        ],
    );
}

#[test]
fn a_bundle_is_written() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let ran = in_the_lab(&["setup", "flawed.example", "--bundle", path]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(std::fs::read(path).unwrap().starts_with(b"PK"));
}

#[test]
fn a_plan_has_needs_and_dates_and_a_calendar() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let ran = in_the_lab(&["plan", "flawed.example", "--back", "--calendar", path]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran, &["MTA-STS is in enforce mode.", "  20"]);
    assert!(std::fs::read_to_string(path).unwrap().starts_with("BEGIN:VCALENDAR\r\n"));
    let ran = in_the_lab(&["plan", "flawed.example"]);
    says(
        &ran,
        &["Before enforce, this must be true:", "  no: the policy names mx2.flawed.example"],
    );
}

#[test]
fn a_move_names_its_traps_and_what_to_write() {
    let host = "flawed-example.a-v1.mx.microsoft";
    let ran = in_the_lab(&["plan", "flawed.example", "--to", host]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(
        &ran,
        &[
            "Microsoft",
            "1. ",
            "2. Add the new servers to the policy",
            "     mx: flawed-example.a-v1.mx.microsoft",
            "Between",
        ],
    );
}

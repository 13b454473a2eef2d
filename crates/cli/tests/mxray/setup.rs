//! What is set up, published: in a zone file for `mxray lint --zone`, and in the lab for `mxray check`.

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

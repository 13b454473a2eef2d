//! `mxray rules` and `mxray explain`: what can be found, and what it means.

use serde_json::{Value, json};

use crate::command::run;

#[test]
fn a_rule_is_explained() {
    let ran = run(&["explain", "spf.record.ptr"], "");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let starts = [
        "warning[spf.record.ptr]: ",
        "",
        "Why it matters: ",
        "What to do: ",
        "In exact words: ",
        "Standard: RFC 7208 §5.5",
        "  https://www.rfc-editor.org/rfc/rfc7208#section-5.5",
        "",
        "Where it says …, a finding names what it found.",
    ];
    assert_eq!(ran.stdout.lines().count(), starts.len(), "{}", ran.stdout);
    for (line, start) in ran.stdout.lines().zip(starts) {
        assert!(line.starts_with(start), "{line:?} begins {start:?}");
    }
}

#[test]
fn what_only_a_finding_knows_is_left_blank() {
    let ran = run(&["explain", "mta-sts.policy.mode-unknown"], "");
    assert!(ran.stdout.contains('…') && !ran.stdout.contains('{'), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("Where it says …, a finding names what it found.\n"));
}

#[test]
fn rules_of_every_part_are_explained() {
    for rule in
        ["mta-sts.policy.mode-unknown", "dane.mismatch", "zone.unreadable", "bimi.record.declined"]
    {
        let ran = run(&["explain", rule, "--json"], "");
        let explained: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(explained["rule"], rule);
        let keys: Vec<_> = explained.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["exact", "fix", "link", "rule", "section", "severity", "title", "why"]);
    }
}

#[test]
fn who_does_not_know_the_code_is_helped() {
    for (typed, expected) in [
        ("mode-unknown", "there is mta-sts.policy.mode-unknown"),
        ("no-such-rule", "`mxray rules` lists them"),
        ("\u{1b}[2J", "\\u{1b}[2J"),
    ] {
        let ran = run(&["explain", typed], "");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{typed}");
        assert!(ran.stderr.contains(expected), "{typed}: {}", ran.stderr);
    }
}

#[test]
fn all_rules_are_listed() {
    let listed = run(&["rules"], "");
    let objects = run(&["rules", "--json"], "");
    assert_eq!((listed.code, objects.code), (Some(0), Some(0)));
    assert_eq!(listed.stdout.lines().count(), objects.stdout.lines().count());
    for (line, object) in listed.stdout.lines().zip(objects.stdout.lines()) {
        let object: Value = serde_json::from_str(object).unwrap();
        for key in ["rule", "severity", "section", "title"] {
            let said = object[key].as_str().unwrap();
            let before_a_blank = said.split('{').next().unwrap();
            assert!(line.contains(before_a_blank), "{key} in {line}");
        }
        assert!(!line.contains('{'), "{line}");
        assert_ne!(object["link"], json!(null), "{object}");
    }
}

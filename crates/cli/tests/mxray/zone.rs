//! `mxray lint --zone`: every record of a zone that concerns mail, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use mxray_records::example::{Example, Examples};
use mxray_records::zone::rules::RULES;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{Ran, run};

/// A file that is gone when it is dropped.
struct Zone {
    _folder: TempDir,
    path: PathBuf,
}

impl Zone {
    fn new(content: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.zone");
        fs::write(&path, content).unwrap();
        Self { _folder: folder, path }
    }

    fn lint(&self, options: &[&str]) -> Ran {
        run(&[&["lint", "--zone", self.path.to_str().unwrap()], options].concat(), "")
    }
}

/// Each set of records as `owner kind: rule rule`, in the order of the answer.
fn sets(content: &str) -> Vec<String> {
    let ran = Zone::new(content).lint(&["--origin", "b.example", "--json"]);
    assert_eq!(ran.stderr, "", "{content}");
    let answer = |line: &str| {
        let answer: Value = serde_json::from_str(line).unwrap();
        let about = ["owner", "kind"].map(|key| answer[key].as_str().unwrap_or("-").to_owned());
        let rules = answer["findings"].as_array().unwrap().iter();
        let rules: Vec<_> = rules.map(|found| found["rule"].as_str().unwrap().to_owned()).collect();
        format!("{}: {}", about.join(" "), rules.join(" ")).trim_end().to_owned()
    };
    ran.stdout.lines().map(answer).collect()
}

#[test]
fn a_policy_is_missed_where_one_above_does_not_protect() {
    let announced = "@ MX 10 mail\n_mta-sts TXT \"v=STSv1; id=1;\"\n";
    for (reason, more, missed) in [
        ("no domain below", "", false),
        ("one that takes mail", "a MX 10 mail", true),
        ("two levels below", "a.b MX 10 mail", true),
        ("every name below", "* MX 10 mail", true),
        ("one that takes none", "a MX 0 .", false),
        ("one with a record of its own", "a MX 10 mail\n_mta-sts.a TXT \"v=STSv1; id=1;\"", false),
        ("one with an alias in its place", "a MX 10 mail\n_mta-sts.a CNAME _mta-sts", false),
        ("a name that only ends alike", "x.ab.example. MX 10 mail", false),
    ] {
        let found = sets(&format!("{announced}{more}"));
        let said = found.iter().any(|set| set.contains("zone.policy-not-inherited"));
        assert_eq!(said, missed, "{reason}: {found:?}");
    }
    let nobody = sets("@ MX 10 mail\na MX 10 mail");
    assert!(!nobody.iter().any(|set| set.contains("zone.")), "no policy at all: {nobody:?}");
}

#[test]
fn each_record_is_linted_as_what_its_name_says() {
    let digest = "ab".repeat(32);
    for (reason, content, expected) in [
        ("MTA-STS", "_mta-sts TXT \"v=STSv1; id=1;\"", vec!["_mta-sts.b.example mta-sts-record:"]),
        (
            "TLS-RPT",
            "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:a@b.example\"",
            vec!["_smtp._tls.b.example tlsrpt-record:"],
        ),
        (
            "DMARC",
            "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@b.example\"",
            vec!["_dmarc.b.example dmarc-record:"],
        ),
        (
            "DKIM",
            "s._domainkey TXT \"p=\"",
            vec!["s._domainkey.b.example dkim-key: dkim.key.revoked"],
        ),
        (
            "a selector of two labels",
            "s.t._domainkey TXT \"p=\"",
            vec!["s.t._domainkey.b.example dkim-key: dkim.key.revoked"],
        ),
        ("no selector", "_adsp._domainkey TXT \"dkim=unknown\"", vec![]),
        (
            "BIMI",
            "default._bimi TXT \"v=BIMI1; l=; a=;\"",
            vec!["default._bimi.b.example bimi-record: bimi.record.declined"],
        ),
        ("SPF at the apex", "@ TXT \"v=spf1 -all\"", vec!["b.example spf-record:"]),
        (
            "SPF that others include",
            "_spf TXT \"v=spf1 ip4:192.0.2.1 -all\"",
            vec!["_spf.b.example spf-record:"],
        ),
        ("a text of another kind", "@ TXT \"hello\"", vec![]),
        (
            "what allows reports to go elsewhere is no policy",
            "c.example._report._dmarc TXT \"v=DMARC1\"",
            vec![],
        ),
        (
            "TLSA for mail",
            &format!("_25._tcp.mx TLSA 3 1 1 {digest}"),
            vec!["_25._tcp.mx.b.example tlsa-record:"],
        ),
        ("TLSA for the web", "_443._tcp.www TLSA 1 1 1 00", vec![]),
        ("MX", "@ MX 10 mx", vec!["b.example mx-set:"]),
        ("CAA", "@ CAA 0 issue \"ca.example\"", vec!["b.example caa-record:"]),
        ("others are passed over", "@ A 192.0.2.1\n@ WHATEVER x ( y )", vec![]),
    ] {
        assert_eq!(sets(content), expected, "{reason}");
    }
}

#[test]
fn records_at_a_name_belong_together_wherever_they_stand() {
    for (reason, content, expected) in [
        (
            "two records of one kind",
            "@ TXT \"v=spf1 -all\"\n@ A 192.0.2.1\nB.example. TXT \"v=spf1 a -all\"",
            "b.example spf-record: spf.record.several-records",
        ),
        ("a null MX", "@ MX 0 .\n MX 10 mx", "b.example mx-set: mx.set.null-with-others"),
        (
            "another text",
            "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@b.example\"\n_dmarc TXT \"hello\"",
            "_dmarc.b.example dmarc-record: dmarc.record.unrelated",
        ),
    ] {
        assert_eq!(sets(content), [expected], "{reason}");
    }
}

#[test]
fn a_zone_is_read_as_name_servers_read_it() {
    let (host, spf) = ("mx.set.host-doubled", "b.example spf-record:");
    for (reason, content, expected) in [
        ("an owner that is left out", "@ SOA x\n  MX 10 mx", vec!["b.example mx-set:"]),
        ("time to live and class, in any order", "@ 1h IN TXT \"v=spf1 -all\"", vec![spf]),
        ("the other order", "@ IN 3600 TXT \"v=spf1 -all\"", vec![spf]),
        ("lower case", "@ in txt \"v=spf1 -all\"", vec![spf]),
        ("several lines", "@ TXT ( \"v=spf1 \" ; first\n \"-all\" )\n", vec![spf]),
        ("strings are joined without a space", "@ TXT \"v=spf1\" \" -all\"", vec![spf]),
        ("escapes", "@ TXT \"v=spf1\\032-\\097ll\"", vec![spf]),
        (
            "no quotation marks",
            "@ TXT v=spf1",
            vec!["b.example spf-record: spf.record.all-missing"],
        ),
        ("an origin", "$ORIGIN c.example.\n@ MX 10 mx.d.example.", vec!["c.example mx-set:"]),
        ("a relative origin", "$ORIGIN c\n@ MX 10 mx", vec!["c.b.example mx-set:"]),
        (
            "a final dot that is missing",
            "@ MX 10 mx.b.example",
            vec![&*format!("b.example mx-set: {host}")],
        ),
        (
            "data in the form for any type",
            r"_25._tcp.mx TLSA \# 4 03010000",
            vec!["- -: zone.skipped"],
        ),
        (
            "an included file",
            "$TTL 1h\n$INCLUDE other.zone\n@ MX 10 mx",
            vec!["- -: zone.skipped", "b.example mx-set:"],
        ),
    ] {
        assert_eq!(sets(content), expected, "{reason}");
    }
}

#[test]
fn what_cannot_be_read_is_found_and_the_rest_is_linted() {
    let long = format!("@ TXT \"{}\"", "a".repeat(256));
    let sound = "b.example mx-set:";
    for (reason, content, expected) in [
        ("a string over 255 octets", &*long, vec!["- -: zone.unreadable", sound]),
        ("a mark that nothing closes", "@ TXT \"v=spf1 -all", vec!["- -: zone.unreadable", sound]),
        ("a name that is none", "a..b MX 10 mx", vec!["- -: zone.unreadable", sound]),
        ("nothing", "c MX", vec!["- -: zone.unreadable", sound]),
        ("no name", " MX 10 mx", vec!["- -: zone.unreadable", sound]),
        (
            "what a rule explains is found by it alone",
            "c MX 65536 mx",
            vec!["c.b.example mx-set: mx.set.preference-malformed", sound],
        ),
        (
            "an address for a name",
            "c MX 10 192.0.2.1",
            vec!["c.b.example mx-set: mx.set.host-is-address", sound],
        ),
        (
            "letters beyond ASCII",
            "_mta-sts TXT \"v=STSv1; id=é\"",
            vec!["_mta-sts.b.example mta-sts-record: mta-sts.record.not-ascii", sound],
        ),
    ] {
        assert_eq!(sets(&format!("{content}\n@ MX 10 mx\n")), expected, "{reason}");
    }
    assert_eq!(
        sets("@ MX 10 ( mx\n@ MX 20 mx\n"),
        ["- -: zone.unreadable"],
        "it takes in all that follows"
    );
}

#[test]
fn each_rule_of_a_zone_has_an_example_that_raises_it_and_a_near_miss_that_does_not() {
    let text = include_str!("../../../records/examples/zone.toml");
    let examples: BTreeMap<String, Examples> = toml::from_str(text).unwrap();
    assert_eq!(examples.len(), RULES.len());
    for (code, Examples { raises, near }) in examples {
        let raised = |example: &Example| {
            let Example::File(zone) = example else { panic!("{code}: expected a zone") };
            sets(zone).iter().any(|set| set.contains(&code))
        };
        assert_eq!((raised(&raises), raised(&near)), (true, false), "{code}");
    }
}

#[test]
fn findings_are_drawn_where_they_stand_in_the_file() {
    let zone =
        Zone::new("$ORIGIN b.example.\n\n_dmarc 1h IN TXT ( \"v=DMARC1; \"\n  \"p=block\" )\n");
    let ran = zone.lint(&[]);
    let path = zone.path.to_str().unwrap();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for expected in [
        &*format!("--> {path}:4:6\n"),
        "4 |   \"p=block\" )\n",
        "  |      ^^^^^ ",
        &*format!("{path}: _dmarc.b.example dmarc-record: not usable; 1 fail"),
    ] {
        assert!(ran.stdout.contains(expected), "{expected:?} in\n{}", ran.stdout);
    }
}

#[test]
fn json_names_the_records_and_the_line() {
    let zone = Zone::new("\n_mta-sts.b.example. TXT \"v=STSv1; \" \"id=a-b\"\n");
    let ran = zone.lint(&["--json"]);
    assert_eq!(ran.code, Some(1));
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["file"], zone.path.to_str().unwrap());
    assert_eq!(answer["owner"], "_mta-sts.b.example");
    assert_eq!(answer["kind"], "mta-sts-record");
    assert_eq!(answer["usable"], false);
    let found = &answer["findings"][0];
    assert_eq!((&found["line"], &found["span"]), (&json!(2), &json!([0, 13, 14])));
}

#[test]
fn the_exit_code_is_that_of_the_worst() {
    for (reason, content, expected) in [
        ("nothing about mail", "@ A 192.0.2.1", 0),
        ("a warning", "@ MX 10 mx.b.example", 0),
        ("a fail", "@ MX 10 192.0.2.1.", 1),
        ("what cannot be read", "@ TXT \"a", 1),
    ] {
        assert_eq!(
            Zone::new(content).lint(&["--origin", "b.example"]).code,
            Some(expected),
            "{reason}"
        );
    }
    let ran = Zone::new("www A 192.0.2.1\n").lint(&[]);
    assert!(ran.stdout.ends_with("b.zone: no records about mail\n"), "{ran:?}");
}

#[test]
fn a_relative_name_needs_an_origin() {
    let ran = Zone::new("\n@ MX 10 mx\n").lint(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("line 2: “@” is relative"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--origin"), "{}", ran.stderr);
}

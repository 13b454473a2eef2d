//! `mxray reports`: files in, what they say out.

use std::sync::OnceLock;

use mxray_lab::{Config, DomainFile};
use serde_json::Value;

use crate::command::run;
use crate::laboratory::Laboratory;

const REPORT: &str = r#"{
    "organization-name": "Company-X", "contact-info": "tls@company-x.example", "report-id": "1",
    "date-range": {"start-datetime": "2026-04-01T00:00:00Z", "end-datetime": "2026-04-01T23:59:59Z"},
    "policies": [{
        "policy": {"policy-type": "sts", "policy-domain": "reported.example",
            "policy-string": ["version: STSv1", "mode: testing", "mx: mx.reported.example", "max_age: 86400"]},
        "summary": {"total-successful-session-count": 40, "total-failure-session-count": 2},
        "failure-details": [{"result-type": "starttls-not-supported", "failed-session-count": 2,
            "receiving-mx-hostname": "mx.reported.example"}]
    }]
}"#;

const DOMAIN: &str = r#"
domain = "reported.example"
about = "A mail server without STARTTLS, as its reports say."
base = "nothing"
mx = [{ host = "mx", server = "no-starttls" }]
expect = { transport = "", forgery = "", stage = "", first = "" }
"#;

#[test]
fn a_person_reads_what_failed_why_and_what_enforcing_costs() {
    let ran = run(&["reports", "-"], REPORT);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let mut lines = ran.stdout.lines();
    for expected in [
        "2 of 42 sessions failed",
        "Reports: 1; senders: 1; from 2026-04-01 to 2026-04-01",
        "About reported.example",
        "Sessions that an enforced policy would have refused: 2. Their mail would have waited, and been returned in the end.",
        "Why sessions failed",
        "  The mail server did not offer encryption  starttls-not-supported",
        "    Sessions: 2; told by Company-X, at mx.reported.example",
        "By sender",
        "  Company-X                         2 of 42 failed",
    ] {
        assert!(lines.any(|line| line == expected), "{expected:?} in its turn in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("attack"));
}

#[test]
fn the_exit_code_tells_failures_from_what_cannot_be_told() {
    let good =
        REPORT.replace("\"total-failure-session-count\": 2", "\"total-failure-session-count\": 0");
    let good = good.replace("\"failed-session-count\": 2", "\"failed-session-count\": 0");
    for (reason, input, code) in [
        ("failures", REPORT, 1),
        ("none", &good, 0),
        ("no report", "hello", 3),
        ("no sessions", r#"{"organization-name": "X", "report-id": "1", "policies": []}"#, 3),
    ] {
        assert_eq!(run(&["reports", "-"], input).code, Some(code), "{reason}");
    }
}

#[test]
fn json_and_csv_hold_everything() {
    let ran = run(&["reports", "-", "--json"], REPORT);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["summary"]["sessions"]["failed"], 2);
    assert_eq!(answer["summary"]["cost"]["would_be_refused"], 2);
    assert_eq!(answer["reports"][0][0], "-");
    assert_eq!(
        answer["reports"][0][1]["outcomes"][0]["failures"][0]["result"],
        "starttls-not-supported"
    );
    let ran = run(&["reports", "-", "--csv"], REPORT);
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
}

#[test]
fn a_domain_is_looked_at_for_what_is_mended() {
    static LABORATORY: OnceLock<Laboratory> = OnceLock::new();
    let laboratory = LABORATORY.get_or_init(|| {
        Laboratory::start(Config { files: vec![DomainFile::inline(DOMAIN)], ..Config::default() })
    });
    let switches = laboratory.switches.iter().map(String::as_str);
    let arguments: Vec<_> =
        ["reports", "-", "--now", "reported.example"].into_iter().chain(switches).collect();
    let ran = run(&arguments, REPORT);
    let expected = "    And now mx.reported.example: still so: ";
    assert!(
        ran.stdout.lines().any(|line| line.starts_with(expected)),
        "{}\n{}",
        ran.stdout,
        ran.stderr
    );
}

#[test]
fn what_a_report_says_does_nothing_to_a_terminal() {
    let hostile = REPORT.replace("Company-X", "\\u001b[2JCompany\\u202e");
    for format in [&["reports", "-"][..], &["reports", "-", "--json"]] {
        let ran = run(format, &hostile);
        assert!(
            !ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{202e}'),
            "{}",
            ran.stdout
        );
    }
}

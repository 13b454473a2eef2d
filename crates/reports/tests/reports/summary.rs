//! What many reports say together.

use mxray_reports::{Cause, Cost, Reader, ResultType, Summary, csv};
use serde_json::json;

use crate::making::{ordinary, read, report};

fn summary(reports: &[serde_json::Value]) -> Summary {
    let mut reader = Reader::default();
    for report in reports {
        reader.read("r.json", report.to_string().as_bytes());
    }
    Summary::of(&reader.finish())
}

#[test]
fn every_result_type_costs_what_its_cause_says() {
    let mut types: Vec<ResultType> = ResultType::STANDARD.into();
    types.push(ResultType::Other("cosmic-ray".to_owned()));
    for result in types {
        for (mode, is_enforced) in [("testing", false), ("enforce", true)] {
            let summary = summary(&[report("1", mode, result.as_str(), 7)]);
            let cost = match result.cause() {
                Cause::MailServer if is_enforced => Cost { refused: 7, ..Cost::default() },
                Cause::MailServer => Cost { would_be_refused: 7, ..Cost::default() },
                Cause::Dane => Cost { by_dane: 7, ..Cost::default() },
                Cause::Policy => Cost { went_on: 7, ..Cost::default() },
                Cause::Unknown => Cost { unexplained: 7, ..Cost::default() },
            };
            assert_eq!(summary.cost, cost, "{result:?} {mode}");
            assert_eq!(summary.results[0].result, result);
            let safe = match result.cause() {
                Cause::MailServer => Some(false),
                Cause::Dane | Cause::Policy => Some(true),
                Cause::Unknown => None,
            };
            assert_eq!(summary.enforce_is_safe(), safe, "{result:?}");
        }
    }
}

#[test]
fn names_are_read_as_they_are_meant() {
    for (written, meant) in [
        ("CERTIFICATE_EXPIRED", ResultType::CertificateExpired),
        (" starttls-not-supported ", ResultType::StarttlsNotSupported),
        ("sts-policy-fetch-error", ResultType::StsPolicyFetchError),
        ("Something New", ResultType::Other("something new".to_owned())),
    ] {
        assert_eq!(ResultType::of(written), meant);
    }
}

#[test]
fn sessions_are_counted_by_sender_day_and_reason() {
    let mut other = report("2", "testing", "starttls-not-supported", 5);
    other["organization-name"] = json!("Company-Z");
    other["date-range"]["start-datetime"] = json!("2026-04-03T00:00:00Z");
    let summary = summary(&[report("1", "testing", "certificate-expired", 3), other]);
    assert_eq!((summary.sessions.successful, summary.sessions.failed), (200, 8));
    assert_eq!(summary.domains, ["example.com"]);
    let senders: Vec<_> =
        summary.senders.iter().map(|row| (row.sender.as_str(), row.sessions.failed)).collect();
    assert_eq!(senders, [("Company-Z", 5), ("Company-X", 3)]);
    let days: Vec<_> =
        summary.days.iter().map(|day| (day.date.as_deref(), day.sessions.failed)).collect();
    assert_eq!(days, [(Some("2026-04-01"), 3), (Some("2026-04-03"), 5)]);
    let results: Vec<_> =
        summary.results.iter().map(|tally| (tally.result.as_str(), tally.sessions)).collect();
    assert_eq!(results, [("starttls-not-supported", 5), ("certificate-expired", 3)]);
    assert!(summary.results[0].mx_hosts.contains("mx.example.com"));
}

#[test]
fn without_sessions_nothing_is_known_to_be_safe() {
    assert_eq!(summary(&[]).enforce_is_safe(), None);
    let empty = json!({"organization-name": "X", "report-id": "1", "policies": []});
    assert_eq!(summary(&[empty]).enforce_is_safe(), None);
    let mut good = report("1", "testing", "certificate-expired", 0);
    good["policies"][0]["failure-details"] = json!([]);
    assert_eq!(summary(&[good]).enforce_is_safe(), Some(true));
}

#[test]
fn what_failed_without_a_reason_is_unexplained() {
    let mut silent = report("1", "testing", "certificate-expired", 9);
    silent["policies"][0]["failure-details"][0]["failed-session-count"] = json!(4);
    let cost = summary(&[silent]).cost;
    assert_eq!((cost.would_be_refused, cost.unexplained), (4, 5));
}

#[test]
fn the_table_has_a_line_for_each_failure_and_no_formula() {
    let json = ordinary().replace("Company-X", "=HYPERLINK(\\\"x\\\"), Inc.");
    let table = csv::table(&read("r.json", json.as_bytes()));
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    assert!(lines[1].starts_with("\"'=HYPERLINK(\"\"x\"\"), Inc.\",1,2026-04-01T00:00:00Z,"));
    assert!(
        lines[2]
            .contains(",example.com,sts,testing,certificate-expired,3,mx.example.com,192.0.2.7,")
    );
}

//! What holds for whatever is read.

use mxray_reports::{ResultType, Summary, csv};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::making::{gzip, message, ordinary, read, report};

/// JSON with the names that a report has, in any shape.
fn shapes() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        Just(Value::from("2026-01-01T00:00:00Z")),
        prop::sample::select(ResultType::STANDARD.to_vec())
            .prop_map(|it| Value::from(it.as_str().to_owned())),
    ];
    let names = [
        "organization-name",
        "report-id",
        "contact-info",
        "date-range",
        "start-datetime",
        "end-datetime",
        "policies",
        "policy",
        "policy-type",
        "policy-string",
        "policy-domain",
        "mx-host",
        "summary",
        "total-successful-session-count",
        "total-failure-session-count",
        "failure-details",
        "result-type",
        "failed-session-count",
        "receiving-mx-hostname",
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(names.to_vec()), inner, 0..6)
                .prop_map(|map| map.into_iter().map(|(key, it)| (key.to_owned(), it)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_shape_is_read_without_a_panic_and_sums_hold(value in shapes()) {
        let reading = read("r.json", value.to_string().as_bytes());
        let summary = Summary::of(&reading);
        let by_sender: u64 = summary.senders.iter().map(|row| row.sessions.total()).sum();
        let by_day: u64 = summary.days.iter().map(|day| day.sessions.total()).sum();
        prop_assert_eq!(by_sender, summary.sessions.total());
        prop_assert_eq!(by_day, summary.sessions.total());
        let cost = summary.cost;
        let explained = cost.refused + cost.would_be_refused + cost.by_dane + cost.went_on;
        prop_assert_eq!(explained + cost.unexplained, summary.sessions.failed);
        prop_assert!(csv::table(&reading).lines().count() >= 1);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..400)) {
        let reading = read("file", &bytes);
        prop_assert!(!reading.troubles.is_empty() || !reading.reports.is_empty());
    }

    #[test]
    fn a_file_with_one_byte_changed_is_read_without_a_panic(
        which in 0..3, at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let json = ordinary().into_bytes();
        let mut bytes = match which {
            0 => json,
            1 => gzip(&json),
            _ => message("application/tlsrpt+gzip", &gzip(&json)).into_bytes(),
        };
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let reading = read("file", &bytes);
        prop_assert!(!reading.troubles.is_empty() || !reading.reports.is_empty());
    }

    #[test]
    fn the_order_of_the_files_changes_nothing(
        counts in vec(0..50_u64, 1..8).prop_shuffle(),
    ) {
        let reports: Vec<_> = counts
            .iter()
            .map(|count| report(&count.to_string(), "testing", "certificate-expired", *count))
            .collect();
        let of = |reports: Vec<Value>| {
            Summary::of(&read("r.json", Value::from(reports).to_string().as_bytes()))
        };
        let reversed = of(reports.iter().rev().cloned().collect());
        prop_assert_eq!(of(reports), reversed);
    }
}

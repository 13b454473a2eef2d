//! What was reported over time.

use mxray_reports::{Picture, Reader, RowOf, Sessions, Summary};
use serde_json::{Value, json};

use crate::making::report;

fn on(date: &str, sender: &str, result: &str, failed: u64) -> Value {
    let mut report = report(&format!("{date}{sender}"), "testing", result, failed);
    report["organization-name"] = json!(sender);
    report["date-range"]["start-datetime"] = json!(format!("{date}T00:00:00Z"));
    report
}

fn picture(reports: &[Value]) -> Picture {
    let mut reader = Reader::default();
    for report in reports {
        reader.read("r.json", report.to_string().as_bytes());
    }
    Picture::of(&Summary::of(&reader.finish()))
}

#[test]
fn all_senders_and_reasons_have_a_row_with_the_same_days() {
    let picture = picture(&[
        on("2026-04-01", "X", "certificate-expired", 3),
        on("2026-04-03", "X", "certificate-expired", 0),
        on("2026-04-03", "Y", "starttls-not-supported", 7),
    ]);
    let dates: Vec<_> = picture.columns.iter().map(|at| at.date()).collect();
    assert_eq!(dates, ["2026-04-01", "2026-04-02", "2026-04-03"]);
    let sessions = |successful, failed| Sessions { successful, failed };
    let none = Sessions::default();
    let rows: Vec<_> = picture.rows.iter().map(|row| (&row.of, row.cells.as_slice())).collect();
    let of = |result: &str| RowOf::Result(mxray_reports::ResultType::of(result));
    assert_eq!(
        rows,
        [
            (&RowOf::All, &[sessions(100, 3), none, sessions(200, 7)][..]),
            (&RowOf::Sender("Y".to_owned()), &[none, none, sessions(100, 7)]),
            (&RowOf::Sender("X".to_owned()), &[sessions(100, 3), none, sessions(100, 0)]),
            (&of("starttls-not-supported"), &[none, none, sessions(0, 7)]),
            (&of("certificate-expired"), &[sessions(0, 3), none, none]),
        ]
    );
}

#[test]
fn a_long_time_and_many_senders_are_drawn_together_and_nothing_is_lost() {
    let many: Vec<Value> = (0..400)
        .map(|day| {
            let at = mxray_facts::Timestamp(1_775_001_600).after_days(day).date();
            on(&at, &format!("S{}", day % 20), "certificate-expired", 1)
        })
        .collect();
    let picture = picture(&many);
    assert_eq!((picture.columns.len(), picture.days, picture.senders_left_out), (58, 7, 12));
    let all: u64 = picture.rows[0].cells.iter().map(|cell| cell.failed).sum();
    assert_eq!(all, 400);
}

#[test]
fn without_dates_there_is_no_picture() {
    let mut dateless = report("1", "testing", "certificate-expired", 3);
    dateless["date-range"] = json!(null);
    assert_eq!(picture(&[dateless]), Picture::default());
    let mut far = on("0001-01-01", "X", "certificate-expired", 3);
    far["report-id"] = json!("far");
    let picture = picture(&[far, on("9999-12-31", "X", "certificate-expired", 3)]);
    assert!(picture.columns.len() <= 60);
}

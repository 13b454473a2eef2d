//! What holds for every file that is read as TLS reports: it ends in a count or in a reason.

use mxray_reports::{Limits, Picture, Reader, Summary, csv};

// The limits are as for a report of some pages, so that what goes beyond them is tried, too.
const LIMITS: Limits = Limits { text: 1 << 16, unpacked: 1 << 18, names: 20, depth: 4 };

pub(crate) fn hold(bytes: &[u8]) {
    let mut reader = Reader::new(LIMITS);
    reader.read("file", bytes);
    let reading = reader.finish();
    assert!(!reading.reports.is_empty() || !reading.troubles.is_empty(), "nothing is said of it");
    let summary = Summary::of(&reading);
    let by_day: u64 = summary.days.iter().map(|day| day.sessions.total()).sum();
    assert_eq!(by_day, summary.sessions.total(), "a session is lost");
    let cost = summary.cost;
    let explained = cost.refused + cost.would_be_refused + cost.by_dane + cost.went_on;
    assert_eq!(explained + cost.unexplained, summary.sessions.failed, "a failure is lost");
    let dated = summary.days.iter().filter(|day| day.date.is_some());
    let dated: u64 = dated.map(|day| day.sessions.total()).sum();
    let rows = Picture::of(&summary).rows;
    let drawn: u64 = rows.iter().take(1).flat_map(|row| &row.cells).map(|cell| cell.total()).sum();
    assert_eq!(drawn, dated, "a session is not drawn");
    assert!(csv::table(&reading).lines().count() > 0);
}

//! Dates for a calendar and for a ticket.

use mxray_setup::calendar::{Entry, calendar, ticket};

use crate::{NOON, domain};

fn entries() -> Vec<Entry> {
    let entry = |days, title: &str| Entry {
        at: NOON.after_days(days),
        title: title.to_owned(),
        text: "First the file; then, the record.\nNot before.".to_owned(),
    };
    vec![entry(0, "Publish"), entry(30, &"Wünsche ".repeat(12))]
}

#[test]
fn lines_are_folded_values_escaped_and_days_whole() {
    let file = calendar(&domain(), NOON, &entries());
    assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
    assert!(!file.replace("\r\n", "").contains(['\r', '\n']));
    let unfolded = file.replace("\r\n ", "");
    for line in [
        "DTSTAMP:20260401T120000Z",
        "DTSTART;VALUE=DATE:20260501",
        "DTEND;VALUE=DATE:20260502",
        "DESCRIPTION:First the file\\; then\\, the record.\\nNot before.",
    ] {
        assert!(unfolded.lines().any(|it| it == line), "{line} in {unfolded}");
    }
    let ids: std::collections::BTreeSet<_> =
        unfolded.lines().filter(|line| line.starts_with("UID:")).collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn a_ticket_is_a_list_to_tick_off() {
    let text = ticket("Move", &entries());
    assert!(text.contains("- [ ] 2026-04-01  Publish\n      First the file; then, the record.\n"));
}

//! Dates for a calendar (RFC 5545), and as text for a ticket.

use std::fmt::Write;

use mxray_facts::{Domain, Timestamp};

/// Something with a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// On this day, in UTC.
    pub at: Timestamp,
    /// In a line.
    pub title: String,
    /// All of it.
    pub text: String,
}

/// A calendar file with a whole day for each entry.
#[must_use]
pub fn calendar(domain: &Domain, now: Timestamp, entries: &[Entry]) -> String {
    let mut file = String::new();
    let mut line = |text: &str| fold(&mut file, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//mxray//rollout//EN");
    for (place, entry) in entries.iter().enumerate() {
        let date = |at: Timestamp| at.date().replace('-', "");
        line("BEGIN:VEVENT");
        line(&format!("UID:{}-{place}-{}@{domain}", now.0, date(entry.at)));
        line(&format!("DTSTAMP:{}T{}Z", date(now), now.time().replace(':', "")));
        line(&format!("DTSTART;VALUE=DATE:{}", date(entry.at)));
        line(&format!("DTEND;VALUE=DATE:{}", date(entry.at.after_days(1))));
        line(&format!("SUMMARY:{}", escaped(&entry.title)));
        line(&format!("DESCRIPTION:{}", escaped(&entry.text)));
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    file
}

/// A list to tick off, by date.
#[must_use]
pub fn ticket(title: &str, entries: &[Entry]) -> String {
    let mut text = format!("{title}\n");
    for entry in entries {
        let _ = write!(text, "\n- [ ] {}  {}\n", entry.at.date(), entry.title);
        for line in entry.text.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
    text
}

/// A text as a value (RFC 5545 §3.3.11).
fn escaped(text: &str) -> String {
    let mut value = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => value.extend(['\\', c]),
            '\n' => value.push_str("\\n"),
            '\r' => {}
            c => value.push(c),
        }
    }
    value
}

/// The most octets of a line (RFC 5545 §3.1).
const MOST_IN_LINE: usize = 75;

/// Adds a line, in pieces if it is long: each piece after the first begins with a space.
fn fold(file: &mut String, line: &str) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > MOST_IN_LINE {
            file.push_str("\r\n ");
            length = 1;
        }
        file.push(c);
        length += c.len_utf8();
    }
    file.push_str("\r\n");
}

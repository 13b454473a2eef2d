//! All failures and all sessions as a table for a spreadsheet (RFC 4180).

use std::fmt::Write;

use crate::reader::Reading;
use crate::report::{Failure, Outcome, PolicyType, Report};

const COLUMNS: &str = "organization,report_id,begin,end,policy_domain,policy_type,policy_mode,result,sessions,mx_host,\
    sending_ip,receiving_ip,reason,more";

/// A line for the successful sessions of each policy, and one for each failure; what failed without a
/// reason has a line of its own.
#[must_use]
pub fn table(reading: &Reading) -> String {
    let mut table = format!("{COLUMNS}\r\n");
    for (_, report) in &reading.reports {
        for outcome in &report.outcomes {
            line(&mut table, report, outcome, "success", outcome.successful, None);
            for failure in &outcome.failures {
                let result = failure.result.as_str();
                line(&mut table, report, outcome, result, failure.sessions, Some(failure));
            }
            let explained =
                outcome.failures.iter().map(|it| it.sessions).fold(0, u64::saturating_add);
            if let left @ 1.. = outcome.failed.saturating_sub(explained) {
                line(&mut table, report, outcome, "unexplained", left, None);
            }
        }
    }
    table
}

fn line(
    table: &mut String,
    report: &Report,
    outcome: &Outcome,
    result: &str,
    sessions: u64,
    failure: Option<&Failure>,
) {
    let moment = |it: Option<mxray_facts::Timestamp>| {
        it.map(|it| format!("{}T{}Z", it.date(), it.time())).unwrap_or_default()
    };
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    let of = |field: fn(&Failure) -> &Option<String>| failure.map(|it| text(field(it)));
    let fields = [
        text(&report.organization),
        text(&report.id),
        moment(report.begin),
        moment(report.end),
        text(&outcome.domain),
        match outcome.policy {
            PolicyType::Sts => "sts",
            PolicyType::Tlsa => "tlsa",
            PolicyType::NoPolicyFound => "no-policy-found",
            PolicyType::Unknown => "",
        }
        .to_owned(),
        outcome.mode().map(|mode| mode.as_str().to_owned()).unwrap_or_default(),
        result.to_owned(),
        sessions.to_string(),
        of(|it| &it.mx_host).unwrap_or_default(),
        of(|it| &it.sending_ip).unwrap_or_default(),
        of(|it| &it.receiving_ip).unwrap_or_default(),
        of(|it| &it.reason).unwrap_or_default(),
        of(|it| &it.more).unwrap_or_default(),
    ];
    let fields: Vec<String> = fields.iter().map(|it| field(it)).collect();
    // Writing to a string does not fail.
    let _ = write!(table, "{}\r\n", fields.join(","));
}

/// A field as RFC 4180 quotes it. What a spreadsheet would take for a formula is made a text: whoever
/// sends a report writes what is in it.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

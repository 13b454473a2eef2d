//! One picture of all reports: how many sessions, how many failed, why, and what enforcing costs.

use std::collections::{BTreeMap, BTreeSet};

use mxray_facts::Timestamp;
use mxray_records::mta_sts::policy::Mode;
use serde::Serialize;

use crate::reader::Reading;
use crate::report::{Failure, Outcome, PolicyType, Report};
use crate::result::{Cause, ResultType};

/// What all reports say together.
///
/// A sender that applies two policies to a session, DANE and MTA-STS, counts it under each
/// (RFC 8460 §4.4), and so it is counted here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Reports, each once.
    pub reports: usize,
    /// Copies of them that were left out.
    pub duplicates: usize,
    /// Files, and pieces of files, that could not be read.
    pub unread: usize,
    /// The domains they are about.
    pub domains: Vec<String>,
    /// When the first period begins.
    pub begin: Option<Timestamp>,
    /// When the last one ends.
    pub end: Option<Timestamp>,
    /// All sessions.
    pub sessions: Sessions,
    /// What a policy in enforce mode does, or would do, to them.
    pub cost: Cost,
    /// By reason, the most frequent first.
    pub results: Vec<Tally>,
    /// By sender, the one with most failures first.
    pub senders: Vec<Row>,
    /// By day, the first one first; reports without a date are last.
    pub days: Vec<Day>,
}

/// Sessions that were as the policy wants them, and those that were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sessions {
    /// Those that were.
    pub successful: u64,
    /// Those that were not.
    pub failed: u64,
}

impl Sessions {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        more(self.successful, self.failed)
    }

    /// Those and others.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            successful: more(self.successful, other.successful),
            failed: more(self.failed, other.failed),
        }
    }

    fn add(&mut self, outcome: &Outcome) {
        self.successful = more(self.successful, outcome.successful);
        self.failed = more(self.failed, outcome.failed);
    }
}

/// What a policy in enforce mode does to the sessions that failed.
///
/// A session that is refused is mail that waits: a sender tries again for days (RFC 8461 §5), and
/// tells its user in the end. So sessions are counted, never messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// A policy in enforce mode had them refused.
    pub refused: u64,
    /// Nothing did, as the policy was in testing mode or there was none; enforce would have.
    pub would_be_refused: u64,
    /// DANE had them refused; MTA-STS changes nothing about that (RFC 8461 §2).
    pub by_dane: u64,
    /// The policy itself could not be had: mail went on without it (RFC 8461 §3.3).
    pub went_on: u64,
    /// The report does not say why they failed.
    pub unexplained: u64,
}

/// Sessions that failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The reason.
    pub result: ResultType,
    /// How many.
    pub sessions: u64,
    /// Who met it.
    pub senders: BTreeSet<String>,
    /// At which MX hosts.
    pub mx_hosts: BTreeSet<String>,
    /// What senders' software says of it.
    pub reasons: BTreeSet<String>,
    /// When the first report that has it begins.
    pub first: Option<Timestamp>,
    /// When the last one ends.
    pub last: Option<Timestamp>,
}

/// What one sender met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Who.
    pub sender: String,
    /// How many reports.
    pub reports: usize,
    /// The sessions.
    pub sessions: Sessions,
    /// Why some failed.
    pub results: BTreeMap<ResultType, u64>,
}

/// What one day brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Its date in UTC: that on which a report begins.
    pub date: Option<String>,
    /// The sessions.
    pub sessions: Sessions,
    /// By sender.
    pub senders: BTreeMap<String, Sessions>,
    /// Why some failed.
    pub results: BTreeMap<ResultType, u64>,
}

/// A sum that JavaScript can still count exactly.
fn more(a: u64, b: u64) -> u64 {
    a.saturating_add(b).min((1 << 53) - 1)
}

/// Texts of each kind in a tally; nobody reads more.
const MOST_TEXTS: usize = 50;

impl Summary {
    /// Counts everything that was read.
    #[must_use]
    pub fn of(reading: &Reading) -> Self {
        let mut count = Count::default();
        reading.reports.iter().for_each(|(_, report)| count.report(report));
        let unread = reading.troubles.iter().map(|trouble| trouble.times).sum();
        Self {
            reports: reading.reports.len(),
            duplicates: reading.duplicates,
            unread,
            ..count.finish()
        }
    }

    /// Whether an enforced policy loses nothing that these reports know of; `None` if they say too little.
    #[must_use]
    pub fn enforce_is_safe(&self) -> Option<bool> {
        let Cost { refused, would_be_refused, unexplained, .. } = self.cost;
        match (more(refused, would_be_refused), unexplained) {
            (1.., _) => Some(false),
            (0, 0) if self.sessions.total() > 0 => Some(true),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Count {
    summary: Summary,
    domains: BTreeSet<String>,
    results: BTreeMap<ResultType, Tally>,
    senders: BTreeMap<String, Row>,
    days: BTreeMap<Option<String>, Day>,
}

impl Count {
    fn report(&mut self, report: &Report) {
        let sender = report.organization.clone().unwrap_or_default();
        self.summary.begin = least(self.summary.begin, report.begin);
        self.summary.end = self.summary.end.max(report.end);
        let row = self.senders.entry(sender.clone()).or_default();
        row.reports += 1;
        let date = report.begin.map(Timestamp::date);
        for outcome in &report.outcomes {
            self.domains.extend(outcome.domain.clone());
            self.summary.sessions.add(outcome);
            self.summary.cost.add(outcome);
            let row = self.senders.entry(sender.clone()).or_default();
            let day = self.days.entry(date.clone()).or_default();
            row.sessions.add(outcome);
            day.sessions.add(outcome);
            day.senders.entry(sender.clone()).or_default().add(outcome);
            for failure in &outcome.failures {
                for results in [&mut row.results, &mut day.results] {
                    let sessions = results.entry(failure.result.clone()).or_default();
                    *sessions = more(*sessions, failure.sessions);
                }
                let tally = self.results.entry(failure.result.clone());
                let tally = tally.or_insert_with(|| Tally::of(&failure.result));
                tally.add(failure, &sender, report);
            }
        }
    }

    fn finish(self) -> Summary {
        let mut results: Vec<_> = self.results.into_values().collect();
        results.sort_by_key(|tally| std::cmp::Reverse(tally.sessions));
        let mut senders: Vec<_> =
            self.senders.into_iter().map(|(sender, row)| Row { sender, ..row }).collect();
        senders.sort_by_key(|row| {
            (std::cmp::Reverse(row.sessions.failed), std::cmp::Reverse(row.sessions.successful))
        });
        let mut days: Vec<_> =
            self.days.into_iter().map(|(date, day)| Day { date, ..day }).collect();
        days.sort_by_key(|day| day.date.is_none());
        Summary {
            domains: self.domains.into_iter().collect(),
            results,
            senders,
            days,
            ..self.summary
        }
    }
}

fn least(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

impl Tally {
    fn of(result: &ResultType) -> Self {
        Self {
            result: result.clone(),
            sessions: 0,
            senders: BTreeSet::new(),
            mx_hosts: BTreeSet::new(),
            reasons: BTreeSet::new(),
            first: None,
            last: None,
        }
    }

    fn add(&mut self, failure: &Failure, sender: &str, report: &Report) {
        self.sessions = more(self.sessions, failure.sessions);
        let mut note = |texts: fn(&mut Self) -> &mut BTreeSet<String>, text: Option<&str>| {
            let texts = texts(self);
            if texts.len() < MOST_TEXTS {
                texts.extend(text.map(str::to_owned));
            }
        };
        note(|it| &mut it.senders, Some(sender));
        note(|it| &mut it.mx_hosts, failure.mx_host.as_deref());
        note(|it| &mut it.reasons, failure.reason.as_deref());
        self.first = least(self.first, report.begin);
        self.last = self.last.max(report.end);
    }
}

impl Cost {
    fn add(&mut self, outcome: &Outcome) {
        let enforced = outcome.mode() == Some(Mode::Enforce);
        // Reasons can overlap, so there may be more of them than sessions that failed.
        let mut left = outcome.failed;
        for failure in &outcome.failures {
            let sessions = failure.sessions.min(left);
            left -= sessions;
            let part = match (failure.result.cause(), outcome.policy) {
                (Cause::Unknown, _) => &mut self.unexplained,
                (Cause::Policy, _) => &mut self.went_on,
                (Cause::Dane, _) | (_, PolicyType::Tlsa) => &mut self.by_dane,
                (Cause::MailServer, PolicyType::Sts) if enforced => &mut self.refused,
                (Cause::MailServer, _) => &mut self.would_be_refused,
            };
            *part = more(*part, sessions);
        }
        self.unexplained = more(self.unexplained, left);
    }
}

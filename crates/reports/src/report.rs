//! One report, read from JSON as it really arrives (RFC 8460 §4.4).

use mxray_facts::Timestamp;
use mxray_records::mta_sts::policy::{self, Mode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Oddity, ResultType};

/// One sender's report about one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Who sends it.
    pub organization: Option<String>,
    /// What the sender calls it.
    pub id: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// From when.
    pub begin: Option<Timestamp>,
    /// Until when.
    pub end: Option<Timestamp>,
    /// What came of the sessions, by the policy that was applied.
    pub outcomes: Vec<Outcome>,
    /// What it says otherwise than the standard has it, each once.
    pub oddities: Vec<Oddity>,
}

/// What came of the sessions to which a policy applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What kind of policy.
    pub policy: PolicyType,
    /// The policy's text, a line each.
    pub text: Vec<String>,
    /// Whose policy.
    pub domain: Option<String>,
    /// The patterns of the policy, or the domain's MX hosts.
    pub mx_hosts: Vec<String>,
    /// Sessions that were as the policy wants them.
    pub successful: u64,
    /// Sessions that were not.
    pub failed: u64,
    /// Why they were not.
    pub failures: Vec<Failure>,
}

/// What kind of policy applied to sessions (RFC 8460 §4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyType {
    /// DANE.
    Tlsa,
    /// MTA-STS.
    Sts,
    /// None was found.
    NoPolicyFound,
    /// The report does not say.
    Unknown,
}

/// Sessions that failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Why.
    pub result: ResultType,
    /// How many.
    pub sessions: u64,
    /// The address that sent.
    pub sending_ip: Option<String>,
    /// The MX host that was to receive.
    pub mx_host: Option<String>,
    /// What that called itself.
    pub mx_helo: Option<String>,
    /// Its address.
    pub receiving_ip: Option<String>,
    /// Where the sender says more.
    pub more: Option<String>,
    /// What the sender's software says of it.
    pub reason: Option<String>,
}

impl Outcome {
    /// The mode of the MTA-STS policy that was applied, if its text tells.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        let text = self.text.join("\n");
        policy::parse(&text).value.map(|policy| policy.mode)
    }
}

/// Counts above this are no counts: nobody sends so much mail to one domain in a day.
const MOST_SESSIONS: u64 = 1_000_000_000_000;

/// Reads a JSON value as a report; `None` if it is none.
///
/// Nearly everything may be missing; what makes it a report is that it speaks of policies, or of a
/// sender and what that calls it.
#[must_use]
pub fn read(value: &Value) -> Option<Report> {
    let report = value.as_object()?;
    let named = report.contains_key("organization-name") && report.contains_key("report-id");
    if !report.contains_key("policies") && !named {
        return None;
    }
    let mut odd = Odd::default();
    let text = |key| text(report.get(key));
    let organization = odd.missing(text("organization-name"), Oddity::NoOrganization);
    let id = odd.missing(text("report-id"), Oddity::NoReportId);
    let contact = odd.missing(text("contact-info"), Oddity::NoContact);
    let (begin, end) = dates(report, &mut odd);
    let outcomes = policies(report.get("policies"), &mut odd);
    let oddities = odd.0;
    Some(Report { organization, id, contact, begin, end, outcomes, oddities })
}

/// What is odd, each once.
#[derive(Default)]
struct Odd(Vec<Oddity>);

impl Odd {
    fn note(&mut self, oddity: Oddity) {
        if !self.0.contains(&oddity) {
            self.0.push(oddity);
        }
    }

    fn missing<T>(&mut self, value: Option<T>, oddity: Oddity) -> Option<T> {
        if value.is_none() {
            self.note(oddity);
        }
        value
    }
}

fn dates(report: &Map<String, Value>, odd: &mut Odd) -> (Option<Timestamp>, Option<Timestamp>) {
    let range = report.get("date-range");
    let read = |key| Timestamp::from_rfc3339(range?.get(key)?.as_str()?.trim());
    let begin = odd.missing(read("start-datetime"), Oddity::NoDates);
    let end = odd.missing(read("end-datetime"), Oddity::NoDates);
    if begin.zip(end).is_some_and(|(begin, end)| begin > end) {
        odd.note(Oddity::DatesReversed);
    }
    (begin, end)
}

fn policies(value: Option<&Value>, odd: &mut Odd) -> Vec<Outcome> {
    let policies: &[Value] = match value {
        Some(Value::Array(policies)) => policies,
        Some(one @ Value::Object(_)) => {
            odd.note(Oddity::PoliciesNotList);
            std::slice::from_ref(one)
        }
        _ => &[],
    };
    let outcomes: Vec<Outcome> =
        policies.iter().filter_map(Value::as_object).map(|it| outcome(it, odd)).collect();
    if outcomes.is_empty() {
        odd.note(Oddity::NoPolicies);
    }
    outcomes
}

fn outcome(entry: &Map<String, Value>, odd: &mut Odd) -> Outcome {
    let policy = entry.get("policy");
    let of_policy = |key| policy.and_then(|policy| policy.get(key));
    let kind = match of_policy("policy-type").and_then(Value::as_str) {
        Some("tlsa") => PolicyType::Tlsa,
        Some("sts") => PolicyType::Sts,
        Some("no-policy-found") => PolicyType::NoPolicyFound,
        _ => {
            odd.note(Oddity::NoPolicyType);
            PolicyType::Unknown
        }
    };
    let failures = failures(entry.get("failure-details"), odd);
    let summary = odd.missing(entry.get("summary"), Oddity::NoSummary);
    let counted = |key, odd: &mut Odd| sessions(summary.and_then(|it| it.get(key)), odd);
    let successful = counted("total-successful-session-count", odd).unwrap_or(0);
    let explained = failures.iter().map(|failure| failure.sessions).fold(0, u64::saturating_add);
    let failed = counted("total-failure-session-count", odd).unwrap_or(explained);
    if failed > 0 && failures.is_empty() {
        odd.note(Oddity::FailuresUnexplained);
    }
    Outcome {
        policy: kind,
        text: lines(of_policy("policy-string"), Oddity::PolicyTextNotList, odd),
        domain: text(of_policy("policy-domain")).map(|domain| name(&domain)),
        mx_hosts: mx_hosts(of_policy("mx-host"), odd),
        successful,
        failed,
        failures,
    }
}

/// Some copy the policy's line.
fn mx_hosts(value: Option<&Value>, odd: &mut Odd) -> Vec<String> {
    let hosts = lines(value, Oddity::MxHostNotList, odd);
    hosts.iter().map(|host| name(host.strip_prefix("mx:").unwrap_or(host).trim())).collect()
}

fn failures(value: Option<&Value>, odd: &mut Odd) -> Vec<Failure> {
    let failures: &[Value] = match value {
        Some(Value::Array(failures)) => failures,
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    failures.iter().filter_map(Value::as_object).map(|it| failure(it, odd)).collect()
}

fn failure(entry: &Map<String, Value>, odd: &mut Odd) -> Failure {
    let text = |key| text(entry.get(key));
    let result = odd.missing(text("result-type"), Oddity::NoResultType);
    Failure {
        result: ResultType::of(&result.unwrap_or_default()),
        sessions: sessions(entry.get("failed-session-count"), odd).unwrap_or(0),
        sending_ip: text("sending-mta-ip"),
        mx_host: text("receiving-mx-hostname").map(|host| name(&host)),
        mx_helo: text("receiving-mx-helo"),
        receiving_ip: text("receiving-ip"),
        // The standard's text has the one name, its example the other (§4.4).
        more: text("additional-information").or_else(|| text("additional-info-uri")),
        reason: text("failure-reason-code").or_else(|| text("failure-error-code")),
    }
}

/// A number of sessions; some write it as a string.
fn sessions(value: Option<&Value>, odd: &mut Odd) -> Option<u64> {
    let count = match value? {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    };
    let count = count.filter(|count| *count <= MOST_SESSIONS);
    odd.missing(count, Oddity::CountMalformed)
}

fn text(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A name as DNS compares it.
fn name(text: &str) -> String {
    text.trim_end_matches('.').to_ascii_lowercase()
}

/// A list of texts, or one that holds several lines.
fn lines(value: Option<&Value>, oddity: Oddity, odd: &mut Odd) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => {
            values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(Value::String(text)) => {
            odd.note(oddity);
            // JSON in JSON has its line ends written as `\n`, too.
            let text = text.replace("\\r", "").replace("\\n", "\n");
            text.lines().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

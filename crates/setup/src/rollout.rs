//! When what may be done: on to enforce, and back to nothing.

use mxray_facts::Timestamp;
use mxray_records::mta_sts::record;
use mxray_records::{Severity, Text};
use mxray_scan::{CheckId, Coverage, Report, Sentence, Stage, Verdict};

use crate::published::Published;
use crate::wishes::DAY;

/// Where a domain stands, as far as its rollout is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The moment.
    pub now: Timestamp,
    /// Where MTA-STS stands.
    pub stage: Stage,
    /// How long senders may remember the policy that is served, in seconds; of several that were
    /// served, the longest.
    pub max_age: u32,
    /// For how many seconds resolvers may remember the record.
    pub ttl: u32,
    /// Since when the policy has been as it is.
    pub since: Option<Timestamp>,
    /// The MX hosts.
    pub hosts: Vec<Host>,
    /// Whether somebody gets TLS reports.
    pub reported: Option<bool>,
    /// What the reports say that were read, if any.
    pub reports: Option<Reports>,
}

/// An MX host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Whether the policy covers it.
    pub covered: Option<bool>,
    /// Whether senders can verify its certificate.
    pub verified: Option<bool>,
}

/// What TLS reports say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reports {
    /// When the first one begins.
    pub begin: Timestamp,
    /// When the last one ends.
    pub end: Timestamp,
    /// Whether an enforced policy loses none of that mail.
    pub safe: Option<bool>,
}

/// What is to be done when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// What must be true before enforce.
    pub needs: Vec<Need>,
    /// What to do, and what happens by itself, by date.
    pub steps: Vec<Step>,
}

/// Something that must be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What.
    pub what: Sentence,
    /// Whether it is; `None` if nobody can tell.
    pub met: Option<bool>,
}

/// Something that is done, or happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The earliest moment.
    pub at: Timestamp,
    /// What.
    pub what: Sentence,
}

impl Step {
    pub(crate) fn new(at: Timestamp, key: &'static str) -> Self {
        Self { at, what: Sentence::new(key) }
    }
}

/// When a change is known (RFC 8461 §3.3, §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// By whoever asks for the record before it delivers.
    pub soon: Timestamp,
    /// By the last sender: what it remembers has run out.
    pub last: Timestamp,
}

impl Standing {
    /// What a scan saw. The policy's age is what its id tells, if that is a date.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let published = Published::of(report);
        let check = |id| report.checks.iter().find(|check| check.id == id);
        let reported = check(CheckId::TlsRpt).and_then(|check| match check.verdict {
            Verdict::Pass | Verdict::Notice => Some(true),
            Verdict::Unknown => None,
            _ => Some(check.findings.iter().all(|it| it.finding.rule.severity < Severity::Fail))
                .filter(|_| !published.tls_rpt.is_empty())
                .or(Some(false)),
        });
        Self {
            now: report.at,
            stage: report.stage,
            max_age: published.policy().map_or(0, |policy| policy.max_age),
            ttl: published.mta_sts_ttl.unwrap_or(crate::formats::TTL),
            since: since(&published).filter(|since| *since <= report.at),
            hosts: hosts(report),
            reported,
            reports: None,
        }
    }

    /// When a change that is made at a moment is known.
    #[must_use]
    pub fn known(&self, changed: Timestamp) -> Known {
        let soon = later(changed, self.ttl);
        Known { soon, last: later(changed, self.max_age).max(soon) }
    }

    /// The way to enforce, with so many days of clean reports before it.
    #[must_use]
    pub fn to_enforce(&self, clean_days: u32) -> Rollout {
        let mut steps = Vec::new();
        let now = self.now;
        let tested = match self.stage {
            Stage::Enforce => {
                steps.push(Step::new(now, "rollout.step.keep"));
                return Rollout { needs: self.needs(clean_days), steps };
            }
            Stage::Testing => self.since.unwrap_or(now),
            Stage::None | Stage::Broken | Stage::Unknown => {
                steps.push(Step::new(now, "rollout.step.publish"));
                steps.push(Step::new(later(now, self.ttl), "rollout.step.known"));
                now
            }
        };
        // A report is about a day, and comes on the next (RFC 8460 §4.1).
        if self.reports.is_none() {
            steps.push(Step::new(later(tested, 2 * DAY).max(now), "rollout.step.first-reports"));
        }
        let begin = match self.reports {
            // What failed has to be mended first, and its reports to be over.
            Some(Reports { end, safe: Some(false), .. }) => end.max(tested),
            _ => tested,
        };
        let open = self.needs(0).iter().any(|need| need.met == Some(false));
        let begin = if open { begin.max(now) } else { begin };
        if open && self.stage == Stage::Testing {
            steps.push(Step::new(now, "rollout.step.mend"));
        }
        let enforce = later(begin, (clean_days + 1) * DAY).max(now);
        let known = self.known(enforce);
        steps.push(Step::new(enforce, "rollout.step.enforce"));
        steps.push(Step::new(enforce, "rollout.step.enforce-id"));
        steps.push(Step::new(known.soon, "rollout.step.enforced"));
        if known.last > known.soon {
            steps.push(Step::new(known.last, "rollout.step.last-knows"));
        }
        Rollout { needs: self.needs(clean_days), steps }
    }

    /// The way back to nothing (RFC 8461 §8.3).
    #[must_use]
    pub fn to_none(&self) -> Rollout {
        let now = self.now;
        if matches!(self.stage, Stage::None | Stage::Unknown) && self.max_age == 0 {
            return Rollout { needs: Vec::new(), steps: Vec::new() };
        }
        // The policy that says so is remembered for a day itself.
        let gone = later(now, self.max_age.max(DAY)).max(later(now, self.ttl));
        let steps = vec![
            Step::new(now, "rollout.back.file"),
            Step::new(now, "rollout.back.record"),
            Step::new(later(now, self.ttl), "rollout.back.known"),
            Step::new(gone, "rollout.back.remove-record"),
            Step::new(later(gone, self.ttl), "rollout.back.remove-file"),
        ];
        Rollout { needs: Vec::new(), steps }
    }

    fn needs(&self, clean_days: u32) -> Vec<Need> {
        let mut needs = Vec::new();
        let mut need = |what: Sentence, met| needs.push(Need { what, met });
        for Host { name, covered, verified } in &self.hosts {
            let of = |key| Sentence::new(key).with("host", name.as_str());
            // Before there is a policy, the one that is to come names every host.
            if self.stage != Stage::None {
                need(of("rollout.need.covered"), *covered);
            }
            need(of("rollout.need.verified"), *verified);
        }
        need(Sentence::new("rollout.need.reported"), self.reported);
        if clean_days > 0 {
            let clean = self.reports.and_then(|reports| {
                let long = reports.begin.days_until(reports.end) + 1 >= i64::from(clean_days);
                reports.safe.map(|safe| safe && long)
            });
            let days = clean_days.to_string();
            need(Sentence::new("rollout.need.clean").with("days", days), clean);
        }
        needs
    }
}

pub(crate) fn later(moment: Timestamp, seconds: u32) -> Timestamp {
    Timestamp(moment.0.saturating_add(i64::from(seconds)))
}

fn hosts(report: &Report) -> Vec<Host> {
    let servers = report.checks.iter().find(|check| check.id == CheckId::MailServers);
    let findings = || servers.iter().flat_map(|check| &check.findings).map(|it| &it.finding);
    let flawed = |name: &str| {
        findings().any(|finding| {
            finding.rule.severity > Severity::Notice
                && finding.params.iter().any(|(key, value)| *key == "host" && value == name)
        })
    };
    let gap = |name: &str| servers.is_none_or(|it| it.gaps.iter().any(|gap| gap.what == name));
    let host = |host: &mxray_scan::HostReport| {
        let name = host.host.to_string();
        let covered = match host.coverage {
            Coverage::NoPolicy => None,
            Coverage::CoveredBy(_) => Some(true),
            Coverage::NotCovered => Some(false),
        };
        let looked = host.contact.is_ok() && !gap(&name);
        let verified = if flawed(&name) { Some(false) } else { looked.then_some(true) };
        Host { name, covered, verified }
    };
    report.hosts.iter().map(host).collect()
}

/// The moment that an id tells. It need not mean anything (RFC 8461 §3.1); most are a date or a moment.
fn since(published: &Published) -> Option<Timestamp> {
    let texts: Vec<Text> = published.mta_sts.iter().map(|it| it.as_str().into()).collect();
    of_id(&record::read_set(&texts).value?.id)
}

fn of_id(id: &str) -> Option<Timestamp> {
    let digits = id.bytes().take_while(u8::is_ascii_digit).count();
    let plausible = |moment: &Timestamp| (1_500_000_000..4_000_000_000).contains(&moment.0);
    let date = date_of(id.get(..digits)?).filter(plausible);
    let seconds = || id[..digits].parse().ok().map(Timestamp).filter(plausible);
    date.or_else(seconds)
}

/// `20260401`, with a number of the day or a time behind it or not.
fn date_of(digits: &str) -> Option<Timestamp> {
    let part = |from: usize, to: usize| digits.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let time = match (part(8, 10), part(10, 12), part(12, 14)) {
        (Some(hour), Some(minute), Some(second)) => format!("T{hour}:{minute}:{second}Z"),
        _ => String::new(),
    };
    Timestamp::from_rfc3339(&format!("{year}-{month}-{day}{time}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_moment_if_it_is_one() {
        for (id, moment) in [
            ("20260401", Some(1_775_001_600)),
            ("20260401120000", Some(1_775_044_800)),
            ("20260401120000Z", Some(1_775_044_800)),
            ("2026040101", Some(1_775_001_600)),
            ("1775001600", Some(1_775_001_600)),
            ("1", None),
            ("20261399", None),
            ("abc", None),
            ("99999999999999", None),
        ] {
            assert_eq!(of_id(id), moment.map(Timestamp), "{id}");
        }
    }
}

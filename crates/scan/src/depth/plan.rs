//! What to do, in order: each task with what to write, whose it is, what to look at afterwards, and what
//! is dangerous before another is done.
//!
//! The order is that of [`PLAN`]: first what makes mail arrive again, then what lets problems be seen,
//! then what protects, then what enforces. A rule can ask for several tasks.

use mxray_facts::dns::RecordType;
use mxray_facts::{Name, Tls};
use mxray_records::example::kind;
use mxray_records::lint::lint;
use mxray_records::mta_sts::policy::{Mode, Policy};
use mxray_records::{Finding, Severity, Text, dmarc};
use serde::Serialize;

use super::Note;
use super::matrix::Matrix;
use super::reports::Told;
use crate::checks::dane::{associated, session, tlsa_name};
use crate::checks::mail_servers::contacts;
use crate::checks::{Context, Seen, mta_sts, mx, texts};
use crate::report::{CheckFinding, Report, Sentence, Source, Stage};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// What: a key of the texts, such as `plan.enforce`; what to look at afterwards is at the key
    /// with `.check` behind it.
    pub what: Sentence,
    /// Who can do it.
    pub who: Who,
    /// What to write, and where.
    pub writes: Vec<Write>,
    /// What is dangerous about it, if anything is.
    pub danger: Option<Sentence>,
    /// The tasks to be done before it, by their place in the plan.
    pub after: Vec<usize>,
    /// The codes of the rules that ask for it.
    pub rules: Vec<&'static str>,
}

/// Who can do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Whoever has the domain's DNS.
    Dns,
    /// Whoever runs the mail servers.
    MailHost,
    /// Whoever runs the web server that hands out the policy.
    WebHost,
    /// Whoever gets the reports.
    ReportReceiver,
}

impl Who {
    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::MailHost => "mail-host",
            Self::WebHost => "web-host",
            Self::ReportReceiver => "report-receiver",
        }
    }
}

/// A text, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Write {
    /// Where.
    pub place: Place,
    /// The text: a record's data as in a zone file, or the whole file.
    pub text: String,
}

/// Where a text goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A record.
    Dns {
        /// The name.
        name: Name,
        /// The type, as in a zone file.
        record_type: &'static str,
    },
    /// A file.
    File {
        /// Its address.
        url: String,
    },
}

/// A task as the plan knows it.
struct Planned {
    what: &'static str,
    who: Who,
    /// The codes of the rules that ask for it; with a `*` at the end, all that begin so, are no
    /// mere notices and stand nowhere else in the plan by their own code.
    asked_by: &'static [&'static str],
    /// The tasks to be done before it, if they are in the plan.
    after: &'static [&'static str],
    /// The key of what is dangerous about it.
    danger: Option<&'static str>,
    writes: fn(&Facts<'_>) -> Vec<Write>,
}

/// Every task, in the order in which they are done.
const PLAN: &[Planned] = &[
    Planned {
        what: "plan.spelling",
        who: Who::Dns,
        asked_by: &["mx.no-domain"],
        after: &[],
        danger: None,
        writes: nothing,
    },
    Planned {
        what: "plan.signatures",
        who: Who::Dns,
        asked_by: &["mx.bogus"],
        after: &[],
        danger: Some("plan.signatures.danger"),
        writes: nothing,
    },
    Planned {
        what: "plan.several-spf",
        who: Who::Dns,
        asked_by: &["spf.record.several-records"],
        after: &[],
        danger: None,
        writes: fixes_of,
    },
    Planned {
        what: "plan.relax",
        who: Who::WebHost,
        asked_by: &["smtp.refused-by-policy"],
        after: &[],
        danger: None,
        writes: |facts| facts.policy_file(Mode::Testing, Vec::new()),
    },
    Planned {
        what: "plan.cover",
        who: Who::WebHost,
        asked_by: &["mta-sts.policy.mx-not-covered", "mta-sts.policy.mx-not-covered-in-testing"],
        after: &[],
        danger: None,
        writes: policy_fix,
    },
    Planned {
        what: "plan.tlsa",
        who: Who::Dns,
        asked_by: &["dane.mismatch", "dane.combination-unmatched", "dane.unusable", "tlsa.*"],
        after: &[],
        danger: Some("plan.tlsa.danger"),
        writes: |facts| facts.tlsa_records(),
    },
    Planned {
        what: "plan.mx",
        who: Who::Dns,
        asked_by: &[
            "mx.null-with-others",
            "mx.host-without-address",
            "mx.no-host-with-address",
            "mx.*",
        ],
        after: &[],
        danger: None,
        writes: nothing,
    },
    Planned {
        what: "plan.no-mail",
        who: Who::Dns,
        asked_by: &["mx.nothing"],
        after: &[],
        danger: Some("plan.no-mail.danger"),
        writes: |facts| vec![facts.dns("", "MX", "0 .")],
    },
    Planned {
        what: "plan.no-senders",
        who: Who::Dns,
        asked_by: &["spf.absent-without-mail"],
        after: &[],
        danger: Some("plan.no-senders.danger"),
        writes: fixes_of,
    },
    Planned {
        what: "plan.refuse-all",
        who: Who::Dns,
        asked_by: &["dmarc.absent-without-mail"],
        after: &[],
        danger: Some("plan.no-senders.danger"),
        writes: fixes_of,
    },
    Planned {
        what: "plan.answer",
        who: Who::MailHost,
        asked_by: &["smtp.unreachable", "smtp.conversation-broken", "smtp.address-fails"],
        after: &[],
        danger: None,
        writes: nothing,
    },
    Planned {
        what: "plan.starttls",
        who: Who::MailHost,
        asked_by: &[
            "smtp.starttls-missing",
            "smtp.starttls-refused",
            "smtp.starttls-put-off",
            "smtp.tls-failed",
            "dane.starttls-missing",
        ],
        after: &[],
        danger: None,
        writes: nothing,
    },
    Planned {
        what: "plan.certificate",
        who: Who::MailHost,
        asked_by: &["dane.authority-wrong-name", "smtp.*"],
        after: &[],
        danger: None,
        writes: nothing,
    },
    Planned {
        what: "plan.tls-reports",
        who: Who::Dns,
        asked_by: &["tls-rpt.*"],
        after: &[],
        danger: None,
        writes: fixes_of,
    },
    Planned {
        what: "plan.policy-host",
        who: Who::WebHost,
        asked_by: &[
            "mta-sts.host-missing",
            "mta-sts.host-refuses",
            "mta-sts.host-tls-failed",
            "mta-sts.host-broken",
            "mta-sts.policy-redirects",
            "mta-sts.policy-status",
            "mta-sts.policy-too-large",
            "mta-sts.delegation-dangling",
            // The policy's own rules have a dot there.
            "mta-sts.policy-*",
            "mta-sts.host-*",
        ],
        after: &[],
        danger: None,
        writes: nothing,
    },
    Planned {
        what: "plan.policy",
        who: Who::WebHost,
        asked_by: &["mta-sts.absent"],
        after: &["plan.tls-reports"],
        danger: None,
        writes: fixes_of,
    },
    Planned {
        what: "plan.policy-on",
        who: Who::WebHost,
        asked_by: &["mta-sts.switched-off"],
        after: &["plan.tls-reports"],
        danger: None,
        writes: |facts| facts.first_policy(),
    },
    Planned {
        what: "plan.policy-text",
        who: Who::WebHost,
        asked_by: &["mta-sts.policy.*"],
        after: &["plan.policy-host"],
        danger: None,
        writes: policy_fix,
    },
    Planned {
        what: "plan.policy-record",
        who: Who::Dns,
        asked_by: &[
            "mta-sts.absent",
            "mta-sts.policy-without-record",
            "mta-sts.record-at-wrong-name",
            "mta-sts.record.*",
        ],
        after: &["plan.policy", "plan.policy-text", "plan.policy-host"],
        danger: None,
        writes: |facts| vec![facts.new_id()],
    },
    Planned {
        what: "plan.new-id",
        who: Who::Dns,
        asked_by: &[
            "smtp.refused-by-policy",
            "mta-sts.policy.mx-not-covered",
            "mta-sts.policy.mx-not-covered-in-testing",
            "mta-sts.switched-off",
        ],
        after: &["plan.relax", "plan.cover", "plan.policy-on"],
        danger: None,
        writes: |facts| vec![facts.new_id()],
    },
    Planned {
        what: "plan.enforce",
        who: Who::WebHost,
        asked_by: &["mta-sts.testing", "mta-sts.absent", "mta-sts.switched-off"],
        after: &[
            "plan.cover",
            "plan.answer",
            "plan.starttls",
            "plan.certificate",
            "plan.tls-reports",
            "plan.policy",
            "plan.policy-on",
            "plan.policy-host",
            "plan.policy-text",
            "plan.policy-record",
        ],
        danger: Some("plan.enforce.danger"),
        writes: |facts| facts.enforced_policy(),
    },
    Planned {
        what: "plan.enforce-id",
        who: Who::Dns,
        asked_by: &["mta-sts.testing", "mta-sts.absent", "mta-sts.switched-off"],
        after: &["plan.enforce"],
        danger: None,
        writes: |facts| vec![facts.later_id()],
    },
    Planned {
        what: "plan.report-address",
        who: Who::Dns,
        asked_by: &[
            "dmarc.reports-undeliverable",
            "tls-rpt.reports-undeliverable",
            "tls-rpt.endpoint-missing",
        ],
        after: &[],
        danger: None,
        writes: nothing,
    },
    Planned {
        what: "plan.spf-tree",
        who: Who::Dns,
        asked_by: &[
            "spf.lookups-exceeded",
            "spf.void-lookups-exceeded",
            "spf.loop",
            "spf.target-without-record",
            "spf.target-broken",
            "spf.too-many-mx-hosts",
        ],
        after: &["plan.several-spf"],
        danger: Some("plan.spf-tree.danger"),
        writes: nothing,
    },
    Planned {
        what: "plan.spf",
        who: Who::Dns,
        asked_by: &["spf.*"],
        after: &["plan.several-spf"],
        danger: Some("plan.spf.danger"),
        writes: fixes_of,
    },
    Planned {
        what: "plan.dkim",
        who: Who::MailHost,
        asked_by: &["dkim.*"],
        after: &[],
        danger: None,
        writes: nothing,
    },
    Planned {
        what: "plan.dmarc",
        who: Who::Dns,
        asked_by: &["dmarc.absent", "dmarc.*"],
        after: &[],
        danger: None,
        writes: fixes_of,
    },
    Planned {
        what: "plan.dmarc-reports",
        who: Who::ReportReceiver,
        asked_by: &["dmarc.reports-not-authorized"],
        after: &[],
        danger: None,
        writes: |facts| facts.authorizations(),
    },
    Planned {
        what: "plan.dmarc-enforce",
        who: Who::Dns,
        asked_by: &[
            "dmarc.absent",
            "dmarc.record.policy-none",
            "dmarc.record.subdomain-policy-none",
            "dmarc.record.testing",
        ],
        after: &[
            "plan.spf",
            "plan.spf-tree",
            "plan.several-spf",
            "plan.dkim",
            "plan.dmarc",
            "plan.dmarc-reports",
        ],
        danger: Some("plan.dmarc-enforce.danger"),
        writes: |facts| facts.enforced_dmarc(),
    },
];

/// Makes the plan of what was found.
pub(super) fn draw(
    context: &Context<'_>,
    report: &Report,
    matrix: &Matrix,
    notes: &[Note],
) -> Vec<Task> {
    let mut tasks: Vec<(&Planned, Task)> = Vec::new();
    let found = found(report, notes);
    for planned in PLAN {
        let asking: Vec<&Found<'_>> =
            found.iter().filter(|found| planned.is_asked_by(found.finding)).collect();
        if asking.is_empty() {
            continue;
        }
        let place = |what: &&str| tasks.iter().position(|(before, _)| before.what == *what);
        let after = planned.after.iter().filter_map(place).collect();
        let facts = Facts { context, report, asking: &asking };
        let mut rules: Vec<&'static str> = Vec::new();
        for code in asking.iter().map(|found| found.finding.rule.code) {
            if !rules.contains(&code) {
                rules.push(code);
            }
        }
        let danger = planned.danger.map(|key| danger(key, matrix));
        let (what, who) = (Sentence::new(planned.what), planned.who);
        let writes = (planned.writes)(&facts);
        tasks.push((planned, Task { what, who, writes, danger, after, rules }));
        if planned.what == "plan.spelling" {
            // All else that is missing is missing with the domain.
            break;
        }
    }
    tasks.into_iter().map(|(_, task)| task).collect()
}

/// A finding, and the text that it is about.
struct Found<'a> {
    finding: &'a Finding,
    place: Option<Place>,
    text: Option<&'a str>,
}

impl Found<'_> {
    /// What a finding names.
    fn names(&self, what: &str) -> Option<&str> {
        let param = self.finding.params.iter().find(|(name, _)| *name == what);
        param.map(|(_, value)| value.as_str())
    }

    /// The text as it was meant, if that is plain.
    fn fix(&self) -> Option<String> {
        self.finding.fix.clone().or_else(|| {
            let (kind, text) = (kind(self.finding.rule.code)?, Text::from(self.text?));
            lint(kind, &[text], &[], None).findings.into_iter().find_map(|finding| finding.fix)
        })
    }
}

/// What counts, and then what was found in depth.
fn found<'a>(report: &'a Report, notes: &'a [Note]) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for check in report.checks.iter().filter(|check| check.id.counts()) {
        for CheckFinding { evidence, finding } in &check.findings {
            let evidence = evidence.and_then(|place| check.evidence.get(place));
            let record = finding.place.map_or(0, |place| place.record);
            let text = evidence.and_then(|it| it.texts.get(record)).map(|line| line.text.as_str());
            found.push(Found { finding, place: evidence.map(|it| Place::of(&it.source)), text });
        }
    }
    let deep = notes.iter().map(|note| &note.finding);
    found.extend(deep.map(|finding| Found { finding, place: None, text: None }));
    found
}

impl Place {
    fn of(source: &Source) -> Self {
        match source {
            Source::Dns { name, record_type, .. } => Self::Dns { name: name.clone(), record_type },
            Source::Policy(fetch) => Self::policy(&fetch.host),
        }
    }

    fn policy(host: &Name) -> Self {
        Self::File { url: format!("https://{host}/.well-known/mta-sts.txt") }
    }
}

impl Planned {
    fn is_asked_by(&self, finding: &Finding) -> bool {
        let code = finding.rule.code;
        if self.asked_by.contains(&code) {
            return true;
        }
        let begins = |asked: &&str| asked.strip_suffix('*').is_some_and(|it| code.starts_with(it));
        finding.rule.severity > Severity::Notice
            && self.asked_by.iter().any(begins)
            && !PLAN.iter().any(|planned| planned.asked_by.contains(&code))
    }
}

/// Which hosts would not stand an enforced policy, or were not tested.
fn danger(key: &'static str, matrix: &Matrix) -> Sentence {
    let open = matrix.hosts.iter().filter(|row| row.ready != Told::Yes);
    let open: Vec<&str> = open.map(|row| row.host.as_str()).collect();
    match open.as_slice() {
        [_, ..] if key == "plan.enforce.danger" => {
            Sentence::new("plan.enforce.danger.hosts").with("hosts", open.join(", "))
        }
        _ => Sentence::new(key),
    }
}

/// What the texts of a task are made of.
struct Facts<'a> {
    context: &'a Context<'a>,
    report: &'a Report,
    /// What asks for the task.
    asking: &'a [&'a Found<'a>],
}

/// DANE-EE, of the key, by SHA-256 (RFC 7672 §3.1.1).
const RECOMMENDED: &str = "3 1 1";

/// The TLSA record with these parameters that fits what a host showed.
fn fitting(tls: &Tls, parameters: &str) -> Option<String> {
    let numbers: Vec<u8> = parameters.split(' ').filter_map(|it| it.parse().ok()).collect();
    let [usage, selector, matching] = numbers[..] else { return None };
    // An authority is the first above the server's own certificate.
    let certificate = tls.chain.get(usize::from(usage == 2))?;
    let data = associated(certificate, selector, matching)?;
    Some(format!("{parameters} {}", data.to_hex()))
}

fn nothing(_: &Facts<'_>) -> Vec<Write> {
    Vec::new()
}

/// The corrected text of the first finding that has one: the others of that text have the same.
fn fixes_of(facts: &Facts<'_>) -> Vec<Write> {
    let fixes = facts.asking.iter().filter_map(|found| facts.fix_of(found));
    fixes.take(1).collect()
}

/// The policy with all corrections that were made.
fn policy_fix(facts: &Facts<'_>) -> Vec<Write> {
    let fix = facts.asking.iter().find_map(|found| found.fix());
    fix.map(|text| facts.file(text)).into_iter().collect()
}

impl Facts<'_> {
    /// A corrected text goes where the wrong one stands; what is missing, where its rule says.
    fn fix_of(&self, found: &Found<'_>) -> Option<Write> {
        let text = found.fix()?;
        if let Some(place) = found.place.clone() {
            return Some(Write { place, text });
        }
        Some(match found.finding.rule.code {
            "mta-sts.absent" => self.file(text),
            "tls-rpt.absent" => self.dns("_smtp._tls", "TXT", &text),
            code if code.starts_with("dmarc.") => self.dns("_dmarc", "TXT", &text),
            _ => self.dns("", "TXT", &text),
        })
    }

    fn dns(&self, labels: &str, record_type: &'static str, text: &str) -> Write {
        let domain = self.context.domain;
        let name = if labels.is_empty() { domain.name() } else { domain.child(labels) };
        Write { place: Place::Dns { name, record_type }, text: text.to_owned() }
    }

    fn file(&self, text: String) -> Write {
        Write { place: Place::policy(&self.context.domain.child("mta-sts")), text }
    }

    /// An id that the record has not had (RFC 8461 §3.1): the moment.
    fn new_id(&self) -> Write {
        self.dns("_mta-sts", "TXT", &format!("v=STSv1; id={}", self.report.at.0))
    }

    /// Another one, for the change after that.
    fn later_id(&self) -> Write {
        self.dns("_mta-sts", "TXT", &format!("v=STSv1; id={}", self.report.at.0.saturating_add(1)))
    }

    /// The policy that is served, in another mode.
    fn policy_file(&self, mode: Mode, otherwise: Vec<Write>) -> Vec<Write> {
        let reading = mta_sts::read(self.context);
        let Some(Seen::Usable(served)) = reading.map(|reading| reading.seen) else {
            return otherwise;
        };
        let policy = Policy { mode, ..served.policy };
        vec![self.file(policy.to_string())]
    }

    /// One for the hosts that there are, in testing mode, for a week (RFC 8461 §3.2).
    fn first_policy(&self) -> Vec<Write> {
        self.policy_for_hosts("testing", 604_800)
    }

    fn policy_for_hosts(&self, mode: &str, max_age: u32) -> Vec<Write> {
        let hosts = self.context.mx_set().map(mx::MxSet::host_names).unwrap_or_default();
        if hosts.is_empty() {
            return Vec::new();
        }
        let hosts: String = hosts.iter().map(|host| format!("mx: {host}\n")).collect();
        vec![self.file(format!("version: STSv1\nmode: {mode}\n{hosts}max_age: {max_age}\n"))]
    }

    /// In force; the policy that is tested now if there is one, else one for the hosts, for two weeks.
    fn enforced_policy(&self) -> Vec<Write> {
        match self.report.stage {
            Stage::Testing => self.policy_file(Mode::Enforce, Vec::new()),
            _ => self.policy_for_hosts("enforce", 1_209_600),
        }
    }

    /// The records that the certificates would have to have. They stand beside the old ones until
    /// those are forgotten (RFC 7671 §8.1).
    fn tlsa_records(&self) -> Vec<Write> {
        let (set, contacts) = (self.context.mx_set(), contacts(self.context));
        let (Some(set), Some(contacts)) = (set, contacts) else { return Vec::new() };
        let mut writes = Vec::new();
        for (host, contact) in set.asked().iter().zip(&contacts) {
            let is_meant = |found: &&&Found<'_>| found.names("host") == Some(host.name.as_str());
            let Some(tls) = session(contact) else { continue };
            for found in self.asking.iter().filter(is_meant) {
                let place =
                    Place::Dns { name: tlsa_name(host), record_type: RecordType::Tlsa.as_str() };
                let text = fitting(tls, found.names("combination").unwrap_or(RECOMMENDED));
                writes.extend(text.map(|text| Write { place, text }));
            }
        }
        writes
    }

    /// What each host has to publish that is to get the reports (RFC 9990 §4).
    fn authorizations(&self) -> Vec<Write> {
        let names = self.asking.iter().filter_map(|found| found.names("record")?.parse().ok());
        let write = |name: Name| Write {
            place: Place::Dns { name, record_type: RecordType::Txt.as_str() },
            text: "v=DMARC1".to_owned(),
        };
        names.map(write).collect()
    }

    /// The record that is there, with a policy of quarantine.
    fn enforced_dmarc(&self) -> Vec<Write> {
        let answer = self.context.look.dns(self.context.domain.child("_dmarc"), RecordType::Txt);
        let Some(Ok(answer)) = answer else { return Vec::new() };
        let is_absent = self.asking.iter().any(|found| found.finding.rule.code == "dmarc.absent");
        let first = || dmarc::Record {
            rua: vec![format!("mailto:dmarc-reports@{}", self.context.domain)],
            ..dmarc::Record::default()
        };
        let record = dmarc::read_set(&texts(&answer)).value.or_else(|| is_absent.then(first));
        // That of a domain above is not this one's to change.
        let Some(record) = record else { return Vec::new() };
        let stricter = |policy: dmarc::Policy| policy.max(dmarc::Policy::Quarantine);
        let record = dmarc::Record {
            p: Some(stricter(record.policy())),
            sp: record.sp.map(stricter),
            np: record.np.map(stricter),
            testing: false,
            ..record
        };
        vec![self.dns("_dmarc", "TXT", &record.to_string())]
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::PLAN;

    #[test]
    fn every_task_is_asked_for_by_rules_that_there_are() {
        let codes: Vec<&str> =
            mxray_records::catalog().chain(crate::catalog()).map(|rule| rule.code).collect();
        for planned in PLAN {
            for asked in planned.asked_by {
                let is_known = match asked.strip_suffix('*') {
                    Some(begin) => codes.iter().any(|code| code.starts_with(begin)),
                    None => codes.contains(asked),
                };
                assert!(is_known, "{}: {asked}", planned.what);
            }
        }
    }

    #[test]
    fn what_comes_before_a_task_stands_before_it() {
        for (place, planned) in PLAN.iter().enumerate() {
            for before in planned.after {
                let found = PLAN[..place].iter().any(|other| other.what == *before);
                assert!(found, "{} after {before}", planned.what);
            }
        }
    }

    #[test]
    fn whatever_fails_or_warns_asks_for_a_task() {
        // A logo is never counted, and CAA is not asked for.
        let elsewhere = ["bimi.", "caa."];
        let counted = mxray_records::catalog().chain(crate::catalog());
        let counted =
            counted.filter(|rule| !elsewhere.iter().any(|begin| rule.code.starts_with(begin)));
        for rule in counted.filter(|rule| rule.severity > mxray_records::Severity::Notice) {
            let finding = mxray_records::Finding::new(rule);
            assert!(PLAN.iter().any(|planned| planned.is_asked_by(&finding)), "{}", rule.code);
        }
    }
}

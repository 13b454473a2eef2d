//! MTA-STS: the record, the policy behind it, and whether the two and the MX set fit together (RFC 8461).

use mxray_facts::dns::RecordType;
use mxray_facts::{Name, PolicyFetch, PolicyOutcome, PolicyResponse, Timestamp};
use mxray_records::mta_sts::policy::{self, Mode, Policy};
use mxray_records::mta_sts::record;
use mxray_records::{Finding, Rule};

use super::certificate::{self, Flaw};
use super::mx::MxSet;
use super::{Context, Draft, Seen, Standing};
use crate::answers::States;
use crate::look::Shared;
use crate::report::{Check, CheckId, Sentence, Stage};

pub(crate) mod rules {
    //! Rules about record, policy and MX set together.
    mxray_records::rules! { "mta-sts":
        /// Neither record nor policy.
        ABSENT = Warning, "absent", "RFC 8461 §3";
        /// A policy that nobody looks for.
        POLICY_WITHOUT_RECORD = Fail, "policy-without-record", "RFC 8461 §3.1";
        /// The record promises a policy on a host that does not exist.
        HOST_MISSING = Fail, "host-missing", "RFC 8461 §3.3";
        /// The policy host accepts no connection.
        HOST_REFUSES = Fail, "host-refuses", "RFC 8461 §3.3";
        /// The policy host cannot agree on TLS.
        HOST_TLS_FAILED = Fail, "host-tls-failed", "RFC 8461 §3.3";
        /// The policy host answers something other than HTTP, or stops in the middle.
        HOST_BROKEN = Fail, "host-broken", "RFC 8461 §3.3";
        /// The policy host's certificate has expired.
        HOST_CERTIFICATE_EXPIRED = Fail, "host-certificate-expired", "RFC 8461 §3.3";
        /// The policy host's certificate is not valid yet.
        HOST_CERTIFICATE_NOT_YET_VALID = Fail, "host-certificate-not-yet-valid", "RFC 8461 §3.3";
        /// The policy host's certificate is signed by itself.
        HOST_CERTIFICATE_SELF_SIGNED = Fail, "host-certificate-self-signed", "RFC 8461 §3.3";
        /// No trusted authority stands behind the policy host's certificate.
        HOST_CERTIFICATE_UNTRUSTED = Fail, "host-certificate-untrusted", "RFC 8461 §3.3";
        /// The policy host's certificate is for other names.
        HOST_CERTIFICATE_WRONG_NAME = Fail, "host-certificate-wrong-name", "RFC 8461 §3.3";
        /// The policy host's certificate ends within days.
        HOST_CERTIFICATE_ENDS_SOON = Warning, "host-certificate-ends-soon", "RFC 8461 §3.3";
        /// A redirect, which no sender follows.
        POLICY_REDIRECTS = Fail, "policy-redirects", "RFC 8461 §3.3";
        /// A status other than 200.
        POLICY_STATUS = Fail, "policy-status", "RFC 8461 §3.3";
        /// More than anybody reads.
        POLICY_TOO_LARGE = Fail, "policy-too-large", "RFC 8461 §3.3";
        /// A policy that says there is none.
        SWITCHED_OFF = Warning, "switched-off", "RFC 8461 §5";
        /// Senders report and deliver all the same.
        TESTING = Notice, "testing", "RFC 8461 §5";
    }
}

/// What the answers need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// No record: senders do not look any further.
    Absent,
    /// Something is published that senders cannot use.
    Broken,
    /// `mode: none`.
    Off,
    Testing,
    /// In force; every MX host is covered as far as the set could be read.
    Enforced,
    /// In force, and an MX host is not covered.
    EnforcedPartly,
    Unknown,
}

impl State {
    pub(crate) fn stage(self) -> Stage {
        match self {
            Self::Absent | Self::Off => Stage::None,
            Self::Broken => Stage::Broken,
            Self::Testing => Stage::Testing,
            Self::Enforced | Self::EnforcedPartly => Stage::Enforce,
            Self::Unknown => Stage::Unknown,
        }
    }
}

/// Record and policy as read, before they are held against the MX set.
pub(crate) struct Reading {
    draft: Draft,
    pub(crate) seen: Seen<Served>,
}

/// A policy that senders use, and the place of its file in the draft's evidence.
pub(crate) struct Served {
    pub(crate) policy: Policy,
    evidence: usize,
}

impl Reading {
    /// The policy that senders use.
    pub(crate) fn policy(&self) -> Option<&Policy> {
        match &self.seen {
            Seen::Usable(served) => Some(&served.policy),
            _ => None,
        }
    }
}

/// Asks for the record; the policy is fetched without waiting for it.
pub(crate) fn read(context: &Context<'_>) -> Option<Reading> {
    let name = context.domain.child("_mta-sts");
    let (record, fetch) = (context.look.dns(name.clone(), RecordType::Txt), context.look.policy());
    let (record, fetch) = (record?, fetch?);
    let mut draft = Draft::default();
    let seen = match draft.txt(&name, &record, record::read_set) {
        Seen::Absent => return Some(read_without_record(draft, context, &name, &fetch)),
        Seen::Unobserved => return Some(read_without_promise(draft, context, &fetch)),
        record => match (record, read_policy(&mut draft, context, &fetch)) {
            (Seen::Unusable, _) | (_, Seen::Absent) => Seen::Unusable,
            (_, policy) => policy,
        },
    };
    Some(Reading { draft, seen })
}

/// Whether a policy is promised is not known, so that nothing is wrong if there is none.
fn read_without_promise(
    mut draft: Draft,
    context: &Context<'_>,
    fetch: &Shared<PolicyFetch>,
) -> Reading {
    let mut policy = Draft::default();
    if let Seen::Usable(_) | Seen::Unobserved = read_policy(&mut policy, context, fetch) {
        draft.append(policy);
    }
    Reading { draft, seen: Seen::Unobserved }
}

/// Nobody looks for the policy; a host that answers everything is not at fault for that.
fn read_without_record(
    mut draft: Draft,
    context: &Context<'_>,
    name: &Name,
    fetch: &Shared<PolicyFetch>,
) -> Reading {
    let mut policy = Draft::default();
    let Seen::Usable(_) = read_policy(&mut policy, context, fetch) else {
        return Reading { draft, seen: Seen::Absent };
    };
    draft.append(policy);
    draft.find(Finding::new(&rules::POLICY_WITHOUT_RECORD).with("name", name.as_str()));
    Reading { draft, seen: Seen::Unusable }
}

/// With the policy to begin with: one for these hosts, in testing mode, for a week (RFC 8461 §3.2).
fn absent(context: &Context<'_>, mx_set: &MxSet) -> Finding {
    let hosts: String = mx_set.host_names().iter().map(|host| format!("mx: {host}\n")).collect();
    let host = context.domain.child("mta-sts");
    let finding = Finding::new(&rules::ABSENT)
        .with("url", format!("https://{host}/.well-known/mta-sts.txt"))
        .with("record", context.domain.child("_mta-sts").as_str());
    if hosts.is_empty() {
        return finding;
    }
    finding.fixed(format!("version: STSv1\nmode: testing\n{hosts}max_age: 604800\n"))
}

/// Holds the policy against the MX set.
pub(crate) fn check(context: &Context<'_>, states: &mut States) -> Option<Check> {
    let (reading, mx_set) = (read(context), context.mx_set());
    let Reading { mut draft, seen } = reading?;
    states.mta_sts = match &seen {
        Seen::Absent if mx_set?.takes_no_mail() => {
            states.mta_sts = State::Absent;
            // Where no mail arrives there is nothing to protect on its way.
            let summary = Sentence::new("check.mta-sts.no-mail");
            return Some(draft.finish(CheckId::MtaSts, Standing::NotApplicable, summary));
        }
        Seen::Absent => {
            draft.find(absent(context, mx_set?));
            State::Absent
        }
        Seen::Unusable => State::Broken,
        Seen::Unobserved => State::Unknown,
        Seen::Usable(served) => judge_policy(&mut draft, served, mx_set?),
    };
    let standing = match (states.mta_sts, mx_set) {
        (State::Unknown, _) => Standing::Unobserved,
        // Whether there is anything to protect, and whether the policy covers it, is not known.
        (State::Absent | State::Testing | State::Enforced, Some(MxSet::Unobserved(_))) => {
            Standing::Unobserved
        }
        _ => Standing::Observed,
    };
    Some(draft.finish(CheckId::MtaSts, standing, summary(states.mta_sts)))
}

fn summary(state: State) -> Sentence {
    Sentence::new(match state {
        State::Absent => "check.mta-sts.absent",
        State::Broken => "check.mta-sts.broken",
        State::Off => "check.mta-sts.off",
        State::Testing => "check.mta-sts.testing",
        State::Enforced => "check.mta-sts.enforced",
        State::EnforcedPartly => "check.mta-sts.enforced-partly",
        State::Unknown => "check.mta-sts.unknown",
    })
}

fn judge_policy(draft: &mut Draft, Served { policy, evidence }: &Served, mx_set: &MxSet) -> State {
    if policy.mode == Mode::None {
        draft.find(Finding::new(&rules::SWITCHED_OFF));
        return State::Off;
    }
    let hosts = mx_set.host_names();
    let covered = match mx_set {
        MxSet::Unobserved(reason) => {
            draft.gap("MX".to_owned(), reason);
            true
        }
        _ => {
            draft.find_all_in(*evidence, policy::coverage(policy, &hosts));
            hosts.iter().all(|host| policy.covers(host))
        }
    };
    match (policy.mode, covered) {
        (Mode::Enforce, true) => State::Enforced,
        (Mode::Enforce, false) => State::EnforcedPartly,
        _ => {
            draft.find(Finding::new(&rules::TESTING));
            State::Testing
        }
    }
}

fn read_policy(
    draft: &mut Draft,
    context: &Context<'_>,
    fetch: &Shared<PolicyFetch>,
) -> Seen<Served> {
    let fetch = match fetch {
        Ok(fetch) => fetch,
        Err(reason) => {
            let url = format!("https://mta-sts.{}/.well-known/mta-sts.txt", context.domain);
            draft.gap(url, reason);
            return Seen::Unobserved;
        }
    };
    let text = match &fetch.outcome {
        PolicyOutcome::Response(response) => Some(response.body.to_text()),
        _ => None,
    };
    let evidence = draft.policy(fetch, text.as_deref());
    let flaws = certificate_findings(fetch, context.now);
    let trusted =
        !flaws.iter().any(|finding| finding.rule.severity == mxray_records::Severity::Fail);
    draft.find_all_in(evidence, flaws);
    let seen = read_outcome(draft, evidence, fetch, text.as_deref().unwrap_or_default());
    match seen {
        // RFC 8461 §3.3: without a valid certificate there is no policy, whatever the body says.
        Seen::Usable(_) if !trusted => Seen::Unusable,
        seen => seen,
    }
}

fn read_outcome(
    draft: &mut Draft,
    evidence: usize,
    fetch: &PolicyFetch,
    text: &str,
) -> Seen<Served> {
    let finding = match &fetch.outcome {
        PolicyOutcome::Response(response) => return read_response(draft, evidence, response, text),
        PolicyOutcome::NoAddress => {
            draft.find(Finding::new(&rules::HOST_MISSING).with("host", fetch.host.as_str()));
            return Seen::Absent;
        }
        PolicyOutcome::Refused => Finding::new(&rules::HOST_REFUSES),
        PolicyOutcome::TlsFailed(reason) => {
            Finding::new(&rules::HOST_TLS_FAILED).with("reason", reason)
        }
        PolicyOutcome::Broken(reason) => Finding::new(&rules::HOST_BROKEN).with("reason", reason),
        PolicyOutcome::Redirect { location, .. } => Finding::new(&rules::POLICY_REDIRECTS)
            .with("location", location.as_deref().unwrap_or("?")),
    };
    draft.find_in(evidence, finding.with("host", fetch.host.as_str()));
    Seen::Unusable
}

fn read_response(
    draft: &mut Draft,
    evidence: usize,
    response: &PolicyResponse,
    text: &str,
) -> Seen<Served> {
    if response.status != 200 {
        let status = response.status.to_string();
        draft.find_in(evidence, Finding::new(&rules::POLICY_STATUS).with("status", status));
        return Seen::Unusable;
    }
    if response.truncated {
        draft.find_in(evidence, Finding::new(&rules::POLICY_TOO_LARGE));
        return Seen::Unusable;
    }
    draft.find_all_in(evidence, policy::content_type(response.content_type.as_deref()));
    let parsed = policy::parse(text);
    draft.find_all_in(evidence, parsed.findings);
    match parsed.value {
        Some(policy) if parsed.usable => Seen::Usable(Served { policy, evidence }),
        _ => Seen::Unusable,
    }
}

fn certificate_findings(fetch: &PolicyFetch, now: Timestamp) -> Vec<Finding> {
    let Some(tls) = &fetch.tls else { return Vec::new() };
    let flaws = certificate::flaws(tls);
    let soon = if flaws.is_empty() { certificate::ends_soon(tls, now) } else { None };
    let about = |rule: &'static Rule| {
        Finding::new(rule).with("host", fetch.host.as_str()).with("names", certificate::names(tls))
    };
    let soon =
        soon.map(|days| about(&rules::HOST_CERTIFICATE_ENDS_SOON).with("days", days.to_string()));
    flaws.into_iter().map(|flaw| about(host_rule(&flaw))).chain(soon).collect()
}

fn host_rule(flaw: &Flaw) -> &'static Rule {
    match flaw {
        Flaw::Expired => &rules::HOST_CERTIFICATE_EXPIRED,
        Flaw::NotYetValid => &rules::HOST_CERTIFICATE_NOT_YET_VALID,
        Flaw::SelfSigned => &rules::HOST_CERTIFICATE_SELF_SIGNED,
        Flaw::Untrusted => &rules::HOST_CERTIFICATE_UNTRUSTED,
        Flaw::WrongName => &rules::HOST_CERTIFICATE_WRONG_NAME,
    }
}

//! The MX hosts themselves: STARTTLS and the certificate, on their own and against the policy (RFC 3207, RFC 8461 §4.2).

use mxray_facts::{
    Contact, MailHost, Reply, Session, SmtpSession, StartTls, Timestamp, Tls, Unobserved,
};
use mxray_records::mta_sts::policy::Mode;
use mxray_records::{Finding, Rule, Severity};

use super::certificate::{self, Flaw};
use super::mx::{MxHost, MxSet};
use super::{Context, Draft, Standing, mta_sts};
use crate::answers::States;
use crate::look::Shared;
use crate::report::{Check, CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about the MX hosts' sessions.
    mxray_records::rules! { "smtp":
        /// Mail can only arrive unencrypted.
        STARTTLS_MISSING = Fail, "starttls-missing", "RFC 3207 §4";
        /// Offered, then refused.
        STARTTLS_REFUSED = Fail, "starttls-refused", "RFC 3207 §4";
        /// Offered, then put off.
        STARTTLS_PUT_OFF = Warning, "starttls-put-off", "RFC 3207 §4";
        /// Offered, and the handshake fails.
        TLS_FAILED = Fail, "tls-failed", "RFC 3207 §4";
        /// The certificate has expired.
        CERTIFICATE_EXPIRED = Warning, "certificate-expired", "RFC 8461 §4.2";
        /// The certificate is not valid yet.
        CERTIFICATE_NOT_YET_VALID = Warning, "certificate-not-yet-valid", "RFC 8461 §4.2";
        /// The certificate is signed by itself.
        CERTIFICATE_SELF_SIGNED = Warning, "certificate-self-signed", "RFC 8461 §4.2";
        /// No trusted authority stands behind the certificate.
        CERTIFICATE_UNTRUSTED = Warning, "certificate-untrusted", "RFC 8461 §4.2";
        /// The certificate is for other names.
        CERTIFICATE_WRONG_NAME = Warning, "certificate-wrong-name", "RFC 8461 §4.2";
        /// The certificate ends within days.
        CERTIFICATE_ENDS_SOON = Notice, "certificate-ends-soon", "RFC 8461 §4.2";
        /// Nothing answers on port 25.
        UNREACHABLE = Warning, "unreachable", "RFC 5321 §4.5.4.1";
        /// Something answers on port 25, and not as a mail server does.
        CONVERSATION_BROKEN = Warning, "conversation-broken", "RFC 5321 §4.2";
        /// The policy in enforce mode makes senders refuse this host.
        REFUSED_BY_POLICY = Fail, "refused-by-policy", "RFC 8461 §5";
    }
}

/// What the answers need to know of the hosts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Every host offers TLS with a certificate that verifies.
    AllGood,
    /// A host does not.
    SomeFlawed,
    /// At least one could not be looked at, and none is known to be flawed.
    Unobserved,
    /// There are no hosts.
    NoHosts,
    /// None of them answers.
    Unanswered,
}

/// What came of talking to each host, in the set's order; all are talked to at the same time.
pub(crate) fn contacts(context: &Context<'_>) -> Option<Vec<Shared<MailHost>>> {
    context.mx_set()?.of_each(|host| context.look.mail_host(host))
}

/// Judges each host's session, by itself and as the policy makes senders judge it.
pub(crate) fn check(context: &Context<'_>, states: &mut States) -> Option<Check> {
    let (set, contacts, reading) = (context.mx_set()?, contacts(context)?, mta_sts::read(context)?);
    let enforced = reading.policy().is_some_and(|policy| policy.mode == Mode::Enforce);
    let mut draft = Draft::default();
    let state = judge_all(&mut draft, set, &contacts, enforced, context.now);
    states.servers = state;
    let (standing, key) = match state {
        State::AllGood => (Standing::Observed, "check.mail-servers.good"),
        State::SomeFlawed => (Standing::Observed, "check.mail-servers.flawed"),
        State::Unobserved => (Standing::Unobserved, "check.mail-servers.unknown"),
        State::Unanswered => (Standing::Unobserved, "check.mail-servers.unanswered"),
        State::NoHosts => (Standing::NotApplicable, "check.mail-servers.none"),
    };
    let summary = Sentence::new(key).with("count", set.hosts().len().to_string());
    Some(draft.finish(CheckId::MailServers, standing, summary))
}

fn judge_all(
    draft: &mut Draft,
    set: &MxSet,
    contacts: &[Shared<MailHost>],
    enforced: bool,
    now: Timestamp,
) -> State {
    if let MxSet::Unobserved(_) = set {
        draft.hosts_unknown();
        return State::Unobserved;
    }
    let mut states = Vec::new();
    for (host, contact) in set.hosts().iter().zip(contacts) {
        let judged = judge(host, contact, now);
        if enforced && judged.refusable() {
            draft.find(Finding::new(&rules::REFUSED_BY_POLICY).with("host", host.name.as_str()));
        }
        if let Some(reason) = judged.gap {
            draft.gap(host.name.as_str().to_owned(), &reason);
        }
        judged.findings.into_iter().for_each(|finding| draft.find(finding));
        states.push(judged.state);
    }
    together(&states)
}

fn together(states: &[HostState]) -> State {
    if states.is_empty() {
        State::NoHosts
    } else if states.contains(&HostState::Flawed) {
        State::SomeFlawed
    } else if states.iter().all(|state| *state == HostState::Unanswered) {
        State::Unanswered
    } else if states.iter().any(|state| *state != HostState::Good) {
        State::Unobserved
    } else {
        State::AllGood
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostState {
    Good,
    Flawed,
    Unobserved,
    /// Nothing answers there.
    Unanswered,
}

/// What one host's conversation came to.
struct Judged {
    state: HostState,
    findings: Vec<Finding>,
    gap: Option<Unobserved>,
}

impl Judged {
    fn unobserved(reason: Unobserved) -> Self {
        Self { state: HostState::Unobserved, findings: Vec::new(), gap: Some(reason) }
    }

    fn found(findings: Vec<Finding>) -> Self {
        let flawed = findings.iter().any(|finding| finding.rule.severity > Severity::Notice);
        Self {
            state: if flawed { HostState::Flawed } else { HostState::Good },
            findings,
            gap: None,
        }
    }

    /// Whether a sender that follows an enforced policy would not deliver here (RFC 8461 §5).
    fn refusable(&self) -> bool {
        self.state == HostState::Flawed
    }
}

fn judge(host: &MxHost, contact: &Shared<MailHost>, now: Timestamp) -> Judged {
    let sessions = match contact {
        Ok(mail_host) => &mail_host.sessions,
        Err(reason) => return Judged::unobserved(reason.clone()),
    };
    let about = |rule: &'static Rule| Finding::new(rule).with("host", host.name.as_str());
    if let Some(session) = sessions.iter().find_map(talked) {
        return judge_session(session, now, about);
    }
    if let Some(reason) = sessions.iter().find_map(|session| session.contact.as_ref().err()) {
        return Judged::unobserved(reason.clone());
    }
    // Nobody could talk to it. That is worth saying, and says nothing about TLS.
    let unseen = Some(Unobserved::DependsOnUnobserved);
    let (state, finding, gap) = match sessions.iter().find_map(broken) {
        Some(reason) => {
            let finding = about(&rules::CONVERSATION_BROKEN).with("reason", reason);
            (HostState::Unobserved, Some(finding), unseen)
        }
        None if sessions.is_empty() => (HostState::Unobserved, None, unseen),
        // We looked, and the finding says what came of it: nothing kept us from looking.
        None => (HostState::Unanswered, Some(about(&rules::UNREACHABLE)), None),
    };
    let findings = finding.into_iter().collect();
    Judged { state, findings, gap }
}

pub(crate) fn talked(session: &Session) -> Option<&SmtpSession> {
    match &session.contact {
        Ok(Contact::Talked(session)) => Some(session),
        _ => None,
    }
}

fn broken(session: &Session) -> Option<&str> {
    match &session.contact {
        Ok(Contact::Broken(reason)) => Some(reason),
        _ => None,
    }
}

fn judge_session(
    session: &SmtpSession,
    now: Timestamp,
    about: impl Fn(&'static Rule) -> Finding,
) -> Judged {
    match &session.starttls {
        // It turned us away before STARTTLS: it may well offer it to others.
        None => Judged::unobserved(Unobserved::TurnedAway(
            session.ehlo.as_ref().unwrap_or(&session.greeting).clone(),
        )),
        Some(StartTls::NotOffered) => Judged::found(vec![about(&rules::STARTTLS_MISSING)]),
        Some(StartTls::Refused(reply)) => judge_refusal(reply, about),
        Some(StartTls::Failed(reason)) => {
            Judged::found(vec![about(&rules::TLS_FAILED).with("reason", reason)])
        }
        Some(StartTls::Established(tls)) => Judged::found(certificate_findings(tls, now, about)),
    }
}

/// A 4xx is for now (RFC 5321 §4.2.1): worth saying, and no refusal of TLS.
fn judge_refusal(reply: &Reply, about: impl Fn(&'static Rule) -> Finding) -> Judged {
    let found = |rule| vec![about(rule).with("code", reply.code.to_string())];
    if reply.code < 500 {
        let findings = found(&rules::STARTTLS_PUT_OFF);
        return Judged { findings, ..Judged::unobserved(Unobserved::TurnedAway(reply.clone())) };
    }
    Judged::found(found(&rules::STARTTLS_REFUSED))
}

fn certificate_findings(
    tls: &Tls,
    now: Timestamp,
    about: impl Fn(&'static Rule) -> Finding,
) -> Vec<Finding> {
    let flaws = certificate::flaws(tls);
    let soon = if flaws.is_empty() { certificate::ends_soon(tls, now) } else { None };
    let soon = soon.map(|days| about(&rules::CERTIFICATE_ENDS_SOON).with("days", days.to_string()));
    let found = |flaw| about(flaw_rule(&flaw)).with("names", certificate::names(tls));
    flaws.into_iter().map(found).chain(soon).collect()
}

fn flaw_rule(flaw: &Flaw) -> &'static Rule {
    match flaw {
        Flaw::Expired => &rules::CERTIFICATE_EXPIRED,
        Flaw::NotYetValid => &rules::CERTIFICATE_NOT_YET_VALID,
        Flaw::SelfSigned => &rules::CERTIFICATE_SELF_SIGNED,
        Flaw::Untrusted => &rules::CERTIFICATE_UNTRUSTED,
        Flaw::WrongName => &rules::CERTIFICATE_WRONG_NAME,
    }
}

//! DANE at first depth: are there TLSA records that senders may trust, and does the certificate match (RFC 7672)?

use mxray_facts::dns::{Answer, Record, RecordType};
use mxray_facts::{
    Bytes, Certificate, Contact, MailHost, Name, Observation, StartTls, Tls, Unobserved,
};
use mxray_records::{Finding, Text};

use super::mail_servers::contacts;
use super::mx::{Addresses, MxHost, MxSet, addresses};
use super::{Context, Draft, Standing};
use crate::answers::States;
use crate::look::{Asked, Shared, all};
use crate::report::{Check, CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about TLSA records and what they stand on.
    mxray_records::rules! { "dane":
        /// TLSA records in a zone without signatures, which nobody may trust.
        UNSIGNED = Notice, "unsigned", "RFC 7672 §2.2";
        /// Every TLSA record is of a kind that mail senders pass over.
        UNUSABLE = Warning, "unusable", "RFC 7672 §3.1.3";
        /// Some hosts have TLSA records and others have none.
        PARTLY = Notice, "partly", "RFC 7672 §2.2";
        /// The certificate matches none of the records: DANE senders do not deliver.
        MISMATCH = Fail, "mismatch", "RFC 7672 §2.2";
    }
}

/// What the answers need to know of the hosts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Every host has secure TLSA records, and no certificate was seen to differ.
    All,
    Some,
    None,
    /// A certificate differs from its records.
    Broken,
    Unknown,
}

/// Asks for the TLSA records of every host and holds its certificate against them.
pub(crate) fn check(context: &Context<'_>, states: &mut States) -> Option<Check> {
    let set = context.mx_set()?;
    let mut draft = Draft::default();
    if let MxSet::Unobserved(_) = set {
        draft.hosts_unknown();
        states.dane = State::Unknown;
        return Some(finish(draft, states.dane));
    }
    let hosts = set.asked();
    let tlsa = all(hosts.iter().map(|host| context.look.dns(tlsa_name(host), RecordType::Tlsa)));
    let (tlsa, mx) = (tlsa?, context.look.dns(context.domain.name(), RecordType::Mx)?);
    // Only worth waiting for the mail servers if there is something to hold their certificates against.
    let published = tlsa.iter().flatten().any(|answer| !answer.records.is_empty());
    let (addresses, contacts, validates) = if published {
        let waited = (addresses(context), contacts(context), resolver_validates(context));
        (waited.0?, waited.1?, waited.2?)
    } else {
        Default::default()
    };
    let mut judged = Vec::new();
    for (index, (host, tlsa)) in hosts.iter().zip(&tlsa).enumerate() {
        let (addresses, contact) = (addresses.get(index), contacts.get(index));
        let seen = HostFacts { host, tlsa, mx: &mx, addresses, validates, contact };
        judged.push(judge(&mut draft, &seen));
    }
    states.dane = together(&mut draft, &judged);
    Some(finish(draft, states.dane))
}

fn finish(draft: Draft, state: State) -> Check {
    let (standing, key) = match state {
        State::All => (Standing::Observed, "check.dane.all"),
        State::Some => (Standing::Observed, "check.dane.some"),
        State::None => (Standing::NotApplicable, "check.dane.none"),
        State::Broken => (Standing::Observed, "check.dane.broken"),
        State::Unknown => (Standing::Unobserved, "check.dane.unknown"),
    };
    draft.finish(CheckId::Dane, standing, Sentence::new(key))
}

pub(crate) fn tlsa_name(host: &MxHost) -> Name {
    host.name.child("_25._tcp")
}

/// The root is signed: a resolver that validates vouches even for what is not there.
pub(crate) fn resolver_validates(context: &Context<'_>) -> Option<bool> {
    let root = context.look.dns(Name::root(), RecordType::Txt)?;
    Some(root.is_ok_and(|answer| answer.authenticated))
}

struct HostFacts<'a> {
    host: &'a MxHost,
    tlsa: &'a Asked,
    mx: &'a Asked,
    addresses: Option<&'a Observation<Addresses>>,
    validates: bool,
    contact: Option<&'a Shared<MailHost>>,
}

/// Whether MX, addresses and TLSA records alike are signed (RFC 7672 §2.2.1). `validates` is whether
/// the resolver tells what is signed from what is not.
pub(crate) fn signed(
    mx: &Asked,
    addresses: Option<&Observation<Addresses>>,
    tlsa: &Asked,
    validates: bool,
) -> Observation<bool> {
    let (Ok(mx), Some(Ok(addresses)), Ok(tlsa)) = (mx, addresses, tlsa) else {
        return Err(Unobserved::DependsOnUnobserved);
    };
    let signed = mx.authenticated && addresses.authenticated && tlsa.authenticated;
    if signed || validates { Ok(signed) } else { Err(Unobserved::DnssecUnchecked) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostState {
    Secure,
    Mismatch,
    None,
    Unknown,
}

fn judge(draft: &mut Draft, seen: &HostFacts<'_>) -> HostState {
    let name = tlsa_name(seen.host);
    let about = |rule| Finding::new(rule).with("host", seen.host.name.as_str());
    let answer = match seen.tlsa {
        Ok(answer) if answer.records.is_empty() => return HostState::None,
        Ok(answer) => answer,
        Err(reason) => {
            draft.unanswered(&name, RecordType::Tlsa, reason);
            return HostState::Unknown;
        }
    };
    let evidence = draft.records(&name, RecordType::Tlsa, answer, &lines(answer));
    match signed(seen.mx, seen.addresses, seen.tlsa, seen.validates) {
        Ok(true) => {}
        Ok(false) => {
            draft.find_in(evidence, about(&rules::UNSIGNED));
            return HostState::None;
        }
        Err(reason) => {
            draft.unanswered(&name, RecordType::Tlsa, &reason);
            return HostState::Unknown;
        }
    }
    if !answer.records.iter().any(is_usable) {
        draft.find_in(evidence, about(&rules::UNUSABLE));
        return HostState::None;
    }
    match seen.contact.and_then(session).map(|tls| matches_any(answer, tls)) {
        Some(false) => {
            draft.find_in(evidence, about(&rules::MISMATCH));
            HostState::Mismatch
        }
        _ => HostState::Secure,
    }
}

fn lines(answer: &Answer) -> Vec<Text> {
    let line = |record: &Record| match record {
        Record::Tlsa { usage, selector, matching, data } => {
            Some(format!("{usage} {selector} {matching} {}", data.to_hex()))
        }
        _ => None,
    };
    answer.records.iter().filter_map(line).map(|line| Text::from(line.as_str())).collect()
}

fn together(draft: &mut Draft, states: &[HostState]) -> State {
    if states.contains(&HostState::Mismatch) {
        return State::Broken;
    }
    match (
        states.contains(&HostState::Secure),
        states.contains(&HostState::None),
        states.contains(&HostState::Unknown),
    ) {
        (_, _, true) => State::Unknown,
        (true, true, _) => {
            draft.find(Finding::new(&rules::PARTLY));
            State::Some
        }
        (true, false, _) => State::All,
        (false, _, _) => State::None,
    }
}

pub(crate) fn session(contact: &Shared<MailHost>) -> Option<&Tls> {
    contact.as_ref().ok()?.sessions.iter().find_map(|session| match &session.contact {
        Ok(Contact::Talked(talk)) => match &talk.starttls {
            Some(StartTls::Established(tls)) => Some(tls),
            _ => None,
        },
        _ => None,
    })
}

/// Whether senders make use of a record: DANE-TA or DANE-EE, by numbers that RFC 6698 §2.1 assigns (RFC 7672 §3.1).
pub(crate) fn is_usable(record: &Record) -> bool {
    matches!(record, Record::Tlsa { usage: 2 | 3, selector: 0 | 1, matching: 0..=2, .. })
}

/// Whether any of the usable records matches (RFC 7672 §2.2).
fn matches_any(answer: &Answer, tls: &Tls) -> bool {
    answer.records.iter().filter(|record| is_usable(record)).any(|record| matches(record, tls))
}

/// Whether a record is for what a host showed. DANE-TA needs the authority in the chain (RFC 7672 §3.1.2);
/// that it signed for the right name is looked at in depth.
pub(crate) fn matches(record: &Record, tls: &Tls) -> bool {
    let Record::Tlsa { usage, selector, matching, data } = record else { return false };
    let is_it = |certificate: &Certificate| {
        associated(certificate, *selector, *matching).is_none_or(|own| own == *data)
    };
    match usage {
        3 => tls.chain.first().is_some_and(is_it),
        2 => tls.chain.iter().skip(1).any(is_it),
        _ => false,
    }
}

/// What a record with these parameters would hold for a certificate; `None` where we cannot say (RFC 6698 §2.1).
pub(crate) fn associated(certificate: &Certificate, selector: u8, matching: u8) -> Option<Bytes> {
    match (selector, matching) {
        (0, 0) => Some(certificate.der.clone()),
        (0, 1) => Some(certificate.sha256.clone()),
        (0, 2) => Some(certificate.sha512.clone()),
        (1, 1) => Some(certificate.key_sha256.clone()),
        (1, 2) => Some(certificate.key_sha512.clone()),
        _ => None,
    }
}

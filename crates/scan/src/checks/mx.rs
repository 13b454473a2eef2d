//! The MX set: which hosts take this domain's mail, if any (RFC 5321 §5.1, RFC 7505).

use std::net::IpAddr;
use std::rc::Rc;

use mxray_facts::dns::{Answer, RecordType};
use mxray_facts::{Domain, MailHost, Name, Observation, Unobserved};
use mxray_records::{Finding, Text};

use super::mail_servers::contact;
use super::mta_sts::Reading;
use super::{Checked, Context, Draft, Standing};
use crate::look::{Asked, all};
use crate::report::{Check, CheckId, Coverage, HostReport, Sentence};

pub(crate) mod rules {
    //! Rules about the MX set.
    mxray_records::rules! { "mx":
        /// Neither MX nor address records, and no null MX to say so.
        NOTHING = Notice, "nothing", "RFC 7505 §1";
        /// No MX records: mail goes to the domain's own address.
        IMPLICIT = Warning, "implicit", "RFC 5321 §5.1";
        /// A null MX beside others.
        NULL_WITH_OTHERS = Fail, "null-with-others", "RFC 7505 §3";
        /// An MX host without an address.
        HOST_WITHOUT_ADDRESS = Warning, "host-without-address", "RFC 5321 §5.1";
        /// None of the MX hosts has an address.
        NO_HOST_WITH_ADDRESS = Fail, "no-host-with-address", "RFC 5321 §5.1";
    }
}

/// More hosts than any domain has; the rest is not asked about.
pub(crate) const MAX_HOSTS: usize = 30;

/// Where a domain's mail goes.
#[derive(Clone, Debug)]
pub(crate) enum MxSet {
    /// These hosts, by preference.
    Hosts(Vec<MxHost>),
    /// The domain says that it takes no mail (RFC 7505).
    Null,
    /// Nowhere: there is neither an MX host nor an address.
    Nowhere,
    /// It could not be read.
    Unobserved(Unobserved),
}

/// An MX host.
#[derive(Clone, Debug)]
pub(crate) struct MxHost {
    pub(crate) preference: u16,
    pub(crate) name: Name,
}

impl MxSet {
    /// The hosts; none where there are none or they are not known.
    pub(crate) fn hosts(&self) -> &[MxHost] {
        match self {
            Self::Hosts(hosts) => hosts,
            _ => &[],
        }
    }

    pub(crate) fn host_names(&self) -> Vec<&str> {
        self.hosts().iter().map(|host| host.name.as_str()).collect()
    }
}

/// Whether the domain takes mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mail {
    Taken,
    /// It says that it takes none.
    Declined,
    /// It takes none, without saying so.
    Nowhere,
    Unknown,
}

/// What the answers and the report need to know.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) mail: Mail,
    /// The domain above, if that one names mail servers and this one none.
    pub(crate) suggestion: Option<Domain>,
}

/// The addresses of each MX host, in the set's order.
pub(crate) type Addresses = Vec<Asked>;

/// Asks for the MX set, and for the domain's own addresses, where mail goes without one (RFC 5321 §5.1).
pub(crate) fn look_up(context: &Context<'_>) -> Option<MxSet> {
    let own = context.domain.name();
    let (mx, addresses) =
        (context.look.dns(own.clone(), RecordType::Mx), address_of(context, &own));
    Some(read(own, &mx?, addresses?))
}

fn read(own: Name, mx: &Asked, addresses: Asked) -> MxSet {
    let exchanges = match mx {
        Ok(answer) => answer.exchanges(),
        Err(reason) => return MxSet::Unobserved(reason.clone()),
    };
    if exchanges.is_empty() {
        return implicit(own, addresses);
    }
    let mut hosts: Vec<MxHost> = Vec::new();
    for (preference, exchange) in exchanges {
        if !exchange.is_root() && !hosts.iter().any(|host| host.name == *exchange) {
            hosts.push(MxHost { preference, name: exchange.clone() });
        }
    }
    if hosts.is_empty() { MxSet::Null } else { MxSet::Hosts(hosts) }
}

fn implicit(own: Name, addresses: Asked) -> MxSet {
    match addresses {
        Ok(answer) if answer.records.is_empty() => MxSet::Nowhere,
        Ok(_) => MxSet::Hosts(vec![MxHost { preference: 0, name: own }]),
        Err(reason) => MxSet::Unobserved(reason),
    }
}

/// Asks for the addresses of each MX host.
pub(crate) fn addresses(context: &Context<'_>) -> Option<Addresses> {
    let hosts = context.mx_set()?.hosts();
    let mut addresses =
        all(hosts.iter().take(MAX_HOSTS).map(|host| address_of(context, &host.name)))?;
    addresses.resize_with(hosts.len(), || Err(Unobserved::QuestionLimit));
    Some(addresses)
}

/// Both families as one answer: authenticated only if both are.
fn address_of(context: &Context<'_>, name: &Name) -> Option<Asked> {
    let v4 = context.look.dns(name.clone(), RecordType::A);
    let v6 = context.look.dns(name.clone(), RecordType::Aaaa);
    Some(both(v4?, v6?))
}

fn both(v4: Asked, v6: Asked) -> Asked {
    match (v4, v6) {
        (Ok(v4), Ok(v6)) => {
            let mut both = Answer::clone(&v4);
            both.authenticated &= v6.authenticated;
            both.records.extend(v6.records.iter().cloned());
            Ok(Rc::new(both))
        }
        // One family's addresses are addresses; its absence alone proves nothing.
        (Ok(seen), Err(_)) | (Err(_), Ok(seen)) if !seen.records.is_empty() => Ok(seen),
        (Err(reason), _) | (_, Err(reason)) => Err(reason),
    }
}

/// Judges the set.
pub(crate) fn check(context: &Context<'_>) -> Option<Checked<State>> {
    let records = context.look.dns(context.domain.name(), RecordType::Mx);
    let (records, set, addresses) = (records?, context.mx_set()?, addresses(context));
    let names_none = records.as_ref().is_ok_and(|answer| answer.exchanges().is_empty());
    let suggestion = if names_none { suggest(context)? } else { None };
    let (check, mail) = judge(&context.domain.name(), &records, set, &addresses?);
    Some(Checked { check, state: State { mail, suggestion } })
}

fn judge(name: &Name, records: &Asked, set: &MxSet, addresses: &Addresses) -> (Check, Mail) {
    let mut draft = Draft::default();
    if let Ok(answer) = records {
        draft.records(name, RecordType::Mx, answer, &lines(answer));
        find_null_with_others(&mut draft, answer);
    }
    let (mail, standing, summary) = match set {
        MxSet::Unobserved(reason) => {
            draft.gap(format!("{name} MX"), reason.clone());
            (Mail::Unknown, Standing::Unobserved, Sentence::new("check.mx.unknown"))
        }
        MxSet::Null => (Mail::Declined, Standing::Observed, Sentence::new("check.mx.null")),
        MxSet::Nowhere => {
            draft.find(Finding::new(&rules::NOTHING));
            (Mail::Nowhere, Standing::Observed, Sentence::new("check.mx.nothing"))
        }
        MxSet::Hosts(hosts) => {
            if records.as_ref().is_ok_and(|answer| answer.exchanges().is_empty()) {
                draft.find(Finding::new(&rules::IMPLICIT).with("host", name.as_str()));
            }
            judge_addresses(&mut draft, hosts, addresses);
            (
                Mail::Taken,
                Standing::Observed,
                Sentence::new("check.mx.hosts").with("count", hosts.len().to_string()),
            )
        }
    };
    (draft.finish(CheckId::Mx, standing, summary), mail)
}

fn lines(answer: &Answer) -> Vec<Text> {
    let line = |(preference, exchange): (u16, &Name)| {
        Text::from(format!("{preference} {exchange}").as_str())
    };
    answer.exchanges().into_iter().map(line).collect()
}

fn find_null_with_others(draft: &mut Draft, answer: &Answer) {
    let exchanges = answer.exchanges();
    if exchanges.len() > 1 && exchanges.iter().any(|(_, exchange)| exchange.is_root()) {
        draft.find(Finding::new(&rules::NULL_WITH_OTHERS));
    }
}

fn judge_addresses(draft: &mut Draft, hosts: &[MxHost], addresses: &Addresses) {
    let without: Vec<&MxHost> = hosts
        .iter()
        .zip(addresses)
        .filter(|(_, answer)| answer.as_ref().is_ok_and(|answer| answer.records.is_empty()))
        .map(|(host, _)| host)
        .collect();
    if without.len() == hosts.len() {
        draft.find(Finding::new(&rules::NO_HOST_WITH_ADDRESS));
        return;
    }
    draft.find_all(
        without.iter().map(|host| {
            Finding::new(&rules::HOST_WITHOUT_ADDRESS).with("host", host.name.as_str())
        }),
    );
}

/// `www.example.com` has no mail servers, even if it has an address; `example.com` may.
fn suggest(context: &Context<'_>) -> Option<Option<Domain>> {
    let Some(parent) = context.domain.parent() else { return Some(None) };
    let answer = context.look.dns(parent.name(), RecordType::Mx)?;
    let takes_mail = answer
        .is_ok_and(|answer| answer.exchanges().iter().any(|(_, exchange)| !exchange.is_root()));
    Some(takes_mail.then_some(parent))
}

/// All that is known of each host, in one place.
pub(crate) fn report_hosts(context: &Context<'_>) -> Option<Vec<HostReport>> {
    let (set, reading) = (context.mx_set()?, context.reading()?);
    let (addresses, contacts) = (addresses(context)?, contact(context)?);
    let known = addresses.iter().zip(&contacts);
    let hosts = set.hosts().iter().zip(known);
    Some(
        hosts
            .map(|(host, (addresses, contact))| report_host(host, addresses, reading, contact))
            .collect(),
    )
}

fn report_host(
    host: &MxHost,
    addresses: &Asked,
    reading: &Reading,
    contact: &Observation<MailHost>,
) -> HostReport {
    let list = |answer: &Rc<Answer>| answer.addresses().collect::<Vec<IpAddr>>();
    HostReport {
        host: host.name.clone(),
        preference: host.preference,
        addresses: addresses.as_ref().map(list).map_err(Clone::clone),
        coverage: coverage(reading, &host.name),
        contact: contact.clone(),
    }
}

fn coverage(reading: &Reading, host: &Name) -> Coverage {
    let Some(policy) = reading.policy() else { return Coverage::NoPolicy };
    let matching = policy.mx.iter().find(|pattern| pattern.matches(host.as_str()));
    matching.map_or(Coverage::NotCovered, |pattern| Coverage::CoveredBy(pattern.to_string()))
}

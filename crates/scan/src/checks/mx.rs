//! The MX set: which hosts take this domain's mail, if any (RFC 5321 §5.1, RFC 7505).

use std::net::IpAddr;
use std::rc::Rc;

use mxray_facts::dns::{Answer, Existence, RecordType};
use mxray_facts::{Domain, Name, Observation, Unobserved};
use mxray_records::{Finding, Text};

use super::mail_servers::contacts;
use super::mta_sts::{self, Reading};
use super::{Context, Draft, Standing};
use crate::answers::States;
use crate::look::{Asked, all};
use crate::report::{Check, CheckId, Coverage, HostReport, Sentence};

pub(crate) mod rules {
    //! Rules about the MX set.
    mxray_records::rules! { "mx":
        /// The name does not exist at all: mistyped, most likely.
        NO_DOMAIN = Warning, "no-domain", "RFC 8020 §2";
        /// Its signatures do not verify: whoever checks them gets no answer.
        BOGUS = Fail, "bogus", "RFC 4035 §5.5";
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
const MAX_HOSTS: usize = 30;

/// Where a domain's mail goes.
#[derive(Clone, Debug)]
pub(crate) enum MxSet {
    /// These hosts, by preference.
    Hosts(Vec<MxHost>),
    /// The domain says that it takes no mail (RFC 7505).
    Null,
    /// Nowhere: there is neither an MX host nor an address.
    Nowhere,
    /// There is no domain of this name.
    NoDomain,
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

    /// Those that are asked about.
    pub(crate) fn asked(&self) -> &[MxHost] {
        let hosts = self.hosts();
        hosts.get(..MAX_HOSTS).unwrap_or(hosts)
    }

    /// What is known of each host, in the set's order, if it is known of all.
    pub(crate) fn of_each<K>(
        &self,
        ask: impl Fn(&Name) -> Option<Observation<K>>,
    ) -> Option<Vec<Observation<K>>> {
        let mut known = all(self.asked().iter().map(|host| ask(&host.name)))?;
        known.resize_with(self.hosts().len(), || Err(Unobserved::QuestionLimit));
        Some(known)
    }

    /// Whether mail is known to go nowhere.
    pub(crate) fn takes_no_mail(&self) -> bool {
        matches!(self, Self::Null | Self::Nowhere | Self::NoDomain)
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
    /// There is no domain of this name.
    NoDomain,
    Unknown,
}

/// The addresses of a host, of both families.
pub(crate) struct Addresses {
    pub(crate) all: Vec<IpAddr>,
    /// Whether the resolver says that it verified the signatures, of both.
    pub(crate) authenticated: bool,
}

/// Asks for the MX set, and for the domain's own addresses, where mail goes without one (RFC 5321 §5.1).
pub(crate) fn look_up(context: &Context<'_>) -> Option<MxSet> {
    let own = context.domain.name();
    let (mx, addresses) =
        (context.look.dns(own.clone(), RecordType::Mx), address_of(context, &own));
    Some(read(own, &mx?, addresses?))
}

fn read(own: Name, mx: &Asked, addresses: Observation<Addresses>) -> MxSet {
    let exchanges = match mx {
        Ok(answer) if answer.existence == Existence::DoesNotExist => return MxSet::NoDomain,
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

fn implicit(own: Name, addresses: Observation<Addresses>) -> MxSet {
    match addresses {
        Ok(addresses) if addresses.all.is_empty() => MxSet::Nowhere,
        Ok(_) => MxSet::Hosts(vec![MxHost { preference: 0, name: own }]),
        Err(reason) => MxSet::Unobserved(reason),
    }
}

/// The addresses of each MX host, in the set's order.
pub(crate) fn addresses(context: &Context<'_>) -> Option<Vec<Observation<Addresses>>> {
    context.mx_set()?.of_each(|host| address_of(context, host))
}

/// Both families together: authenticated only if both are.
pub(crate) fn address_of(context: &Context<'_>, name: &Name) -> Option<Observation<Addresses>> {
    let v4 = context.look.dns(name.clone(), RecordType::A);
    let v6 = context.look.dns(name.clone(), RecordType::Aaaa);
    Some(match (v4?, v6?) {
        (Ok(v4), Ok(v6)) => Ok(Addresses::of(&[v4, v6])),
        // One family's addresses are addresses; its absence alone proves nothing.
        (Ok(seen), Err(_)) | (Err(_), Ok(seen)) if !seen.records.is_empty() => {
            Ok(Addresses::of(&[seen]))
        }
        (Err(reason), _) | (_, Err(reason)) => Err(reason),
    })
}

impl Addresses {
    fn of(answers: &[Rc<Answer>]) -> Self {
        let mut addresses = Self { all: Vec::new(), authenticated: true };
        for answer in answers {
            addresses.all.extend(answer.addresses());
            addresses.authenticated &= answer.authenticated;
        }
        addresses
    }
}

/// Judges the set.
pub(crate) fn check(context: &Context<'_>, states: &mut States) -> Option<Check> {
    let (name, suggestion) = (context.domain.name(), suggestion(context));
    let records = context.look.dns(name.clone(), RecordType::Mx)?;
    let (set, addresses, _) = (context.mx_set()?, addresses(context), suggestion?);
    Some(judge(&name, &records, set, &addresses?, states))
}

fn judge(
    name: &Name,
    records: &Asked,
    set: &MxSet,
    addresses: &[Observation<Addresses>],
    states: &mut States,
) -> Check {
    let mut draft = Draft::default();
    if let Ok(answer) = records {
        draft.records(name, RecordType::Mx, answer, &lines(answer));
        find_null_with_others(&mut draft, answer);
    }
    let (mail, standing, summary) = match set {
        MxSet::NoDomain => {
            draft.find(Finding::new(&rules::NO_DOMAIN).with("domain", name.as_str()));
            (Mail::NoDomain, Standing::Observed, Sentence::new("check.no-domain"))
        }
        MxSet::Unobserved(reason) => {
            if matches!(reason, Unobserved::Resolution(resolution) if resolution.bogus) {
                draft.find(Finding::new(&rules::BOGUS).with("name", name.as_str()));
            }
            draft.unanswered(name, RecordType::Mx, reason);
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
    states.mail = mail;
    draft.finish(CheckId::Mx, standing, summary)
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

fn judge_addresses(draft: &mut Draft, hosts: &[MxHost], addresses: &[Observation<Addresses>]) {
    let without: Vec<&MxHost> = hosts
        .iter()
        .zip(addresses)
        .filter(|(_, seen)| seen.as_ref().is_ok_and(|addresses| addresses.all.is_empty()))
        .map(|(host, _)| host)
        .collect();
    if without.len() == hosts.len() {
        draft.find(Finding::new(&rules::NO_HOST_WITH_ADDRESS));
        return;
    }
    for host in without {
        draft.find(Finding::new(&rules::HOST_WITHOUT_ADDRESS).with("host", host.name.as_str()));
    }
}

/// `www.example.com` has no mail servers, even if it has an address; `example.com` may.
pub(crate) fn suggestion(context: &Context<'_>) -> Option<Option<Domain>> {
    let own = context.look.dns(context.domain.name(), RecordType::Mx)?;
    let names_none = own.is_ok_and(|answer| answer.exchanges().is_empty());
    let Some(parent) = context.domain.parent().filter(|_| names_none) else { return Some(None) };
    let above = context.look.dns(parent.name(), RecordType::Mx)?;
    let takes_mail = above
        .is_ok_and(|answer| answer.exchanges().iter().any(|(_, exchange)| !exchange.is_root()));
    Some(takes_mail.then_some(parent))
}

/// All that is known of each host, in one place.
pub(crate) fn report_hosts(context: &Context<'_>) -> Option<Vec<HostReport>> {
    let (set, reading) = (context.mx_set()?, mta_sts::read(context)?);
    let known = addresses(context)?.into_iter().zip(contacts(context)?);
    let mut reports = Vec::new();
    for (host, (addresses, contact)) in set.hosts().iter().zip(known) {
        reports.push(HostReport {
            host: host.name.clone(),
            preference: host.preference,
            addresses: addresses.map(|addresses| addresses.all),
            coverage: coverage(&reading, &host.name),
            contact,
        });
    }
    Some(reports)
}

fn coverage(reading: &Reading, host: &Name) -> Coverage {
    let Some(policy) = reading.policy() else { return Coverage::NoPolicy };
    let matching = policy.mx.iter().find(|pattern| pattern.matches(host.as_str()));
    matching.map_or(Coverage::NotCovered, |pattern| Coverage::CoveredBy(pattern.to_string()))
}

//! The MX hosts as names and addresses: what they lead to, and whether one failure takes all of them
//! (RFC 5321 §5.1).

use std::net::IpAddr;

use mxray_facts::Name;
use mxray_facts::dns::RecordType;
use mxray_records::Finding;
use serde::Serialize;

use super::Notes;
use super::networks::Networks;
use super::reports::Told;
use crate::checks::Context;
use crate::checks::mx::MxSet;
use crate::look::Asked;
use crate::report::CheckId;

pub(crate) mod rules {
    //! Rules about the MX hosts together.
    mxray_records::rules! { "mx":
        /// A host that is a CNAME, which the standard leaves no sender a way to treat.
        HOST_IS_ALIAS = Warning, "host-is-alias", "RFC 5321 §5.1";
        /// Several hosts, and one network.
        ONE_PLACE = Notice, "one-place", "RFC 5321 §5.1";
    }
}

/// A network that is run as one: what routes to the rest of the world has at least this size.
const IPV4_NETWORK: u8 = 24;
const IPV6_NETWORK: u8 = 48;

/// The MX hosts as names and addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exchanges {
    /// Each of them.
    pub hosts: Vec<Exchange>,
    /// Whether any has an IPv6 address; senders that have no other reach none without.
    pub ipv6: Told,
    /// In how many networks their addresses are, as far as they are known: a /24, or a /48 of IPv6.
    pub networks: usize,
}

/// An MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// Its name.
    pub host: Name,
    /// The names that CNAMEs lead to.
    pub aliases: Vec<Name>,
    /// Its addresses, as far as they are known.
    pub addresses: Vec<IpAddr>,
}

/// Judges what has come.
pub(super) fn draw(context: &Context<'_>, notes: &mut Notes) -> Exchanges {
    let set = context.mx_set();
    let asked = set.map(MxSet::asked).unwrap_or_default();
    let answers = asked.iter().map(|host| {
        let ask = |record_type| context.look.dns(host.name.clone(), record_type);
        (host.name.clone(), ask(RecordType::A), ask(RecordType::Aaaa))
    });
    let answers: Vec<_> = answers.collect();
    let ipv6 = ipv6(answers.iter().map(|(_, _, v6)| v6.as_ref()));
    let is_whole = answers.iter().all(|(_, v4, v6)| is_known(v4) && is_known(v6));
    let hosts: Vec<Exchange> =
        answers.into_iter().map(|(host, v4, v6)| Exchange::of(host, &v4, &v6)).collect();
    for Exchange { host, aliases, .. } in &hosts {
        // Without MX records mail goes to the domain itself.
        if let Some(end) = aliases.last().filter(|_| *host != context.domain.name()) {
            let finding = Finding::new(&rules::HOST_IS_ALIAS).with("host", host.as_str());
            notes.find(CheckId::Mx, finding.with("end", end.as_str()));
        }
    }
    let networks = networks(&hosts);
    let is_spread = hosts.iter().filter(|host| !host.addresses.is_empty()).count() > 1;
    if is_whole && is_spread && networks.len() == 1 {
        let network = networks.first().and_then(|network| network.split_once(':'));
        let network = network.map_or("", |(_, network)| network);
        let finding = Finding::new(&rules::ONE_PLACE).with("network", network);
        notes.find(CheckId::Mx, finding);
    }
    Exchanges { networks: networks.len(), hosts, ipv6 }
}

fn is_known(answer: &Option<Asked>) -> bool {
    matches!(answer, Some(Ok(_)))
}

fn ipv6<'a>(answers: impl Iterator<Item = Option<&'a Asked>>) -> Told {
    let mut told = Told::No;
    for answer in answers {
        match answer {
            Some(Ok(answer)) if !answer.records.is_empty() => return Told::Yes,
            Some(Ok(_)) => {}
            Some(Err(_)) | None => told = Told::Unknown,
        }
    }
    told
}

impl Exchange {
    fn of(host: Name, v4: &Option<Asked>, v6: &Option<Asked>) -> Self {
        let mut exchange = Self { host, aliases: Vec::new(), addresses: Vec::new() };
        for answer in [v4, v6].into_iter().flatten().flatten() {
            exchange.addresses.extend(answer.addresses());
            if exchange.aliases.is_empty() {
                exchange.aliases.clone_from(&answer.aliases);
            }
        }
        exchange
    }
}

/// The networks in which the hosts' addresses are, each family by itself if there are both.
fn networks(hosts: &[Exchange]) -> Vec<String> {
    let mut networks = Networks::default();
    let addresses = || hosts.iter().flat_map(|host| &host.addresses);
    // A host is in one place with all its addresses; those of IPv4 tell it, where there are any.
    let by_ipv4 = addresses().any(IpAddr::is_ipv4);
    for address in addresses().filter(|address| address.is_ipv4() == by_ipv4) {
        networks.add(*address, if by_ipv4 { IPV4_NETWORK } else { IPV6_NETWORK });
    }
    networks.distinct()
}

//! The one door through which every connection to a stranger goes.
//!
//! A name is resolved once, each of its addresses is judged, and the connection is made to that
//! very address: what a name points to a moment later does not matter (DNS rebinding).

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use ipnet::IpNet;
use mxray_facts::dns::{Answer, Question, RecordType};
use mxray_facts::{Name, Observation};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::ProbeConfig;
use crate::address::is_public;
use crate::allowance::{Allowances, network};
use crate::bounded::Bounded;
use crate::dns::Resolver;
use crate::reach::{Connections, Outcome, Service, Tally};

/// The most addresses of one host that are tried.
pub(crate) const MAX_TRIES: usize = 4;

/// Connects to strangers, where that is allowed.
pub(crate) struct Door {
    allowed: Vec<IpNet>,
    denied: Vec<IpNet>,
    own_sockets: Vec<SocketAddr>,
    routes: HashMap<SocketAddr, SocketAddr>,
    per_address: Option<Allowances<IpAddr>>,
    tally: Tally,
    deadline: Duration,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoWay {
    /// The address is none that we connect to.
    NotAllowed,
    /// Nobody listens, or a router on the way says that nobody can be reached.
    Refused,
    /// This machine has no way to such an address: no IPv6, or a firewall of its own.
    NotFromHere,
    /// Nobody answered in time.
    TimedOut,
    /// It was connected to as often as strangers are for now.
    TooOften,
}

impl Door {
    pub(crate) fn new(config: &ProbeConfig) -> Self {
        Self {
            allowed: config.allowed_nets.clone(),
            denied: config.denied_nets.clone(),
            own_sockets: config.own_sockets.clone(),
            routes: config.routes.iter().copied().collect(),
            per_address: config.per_address.map(|allowance| {
                Allowances::new(allowance).shared("address", config.ledger.clone())
            }),
            tally: Tally::default(),
            deadline: config.deadlines.connect,
        }
    }

    /// Whether connections to this address are made.
    pub(crate) fn lets_through(&self, address: IpAddr) -> bool {
        let is_denied = self.denied.iter().any(|net| net.contains(&address.to_canonical()));
        (is_public(address) || self.is_own_network(address)) && !is_denied
    }

    pub(crate) async fn connect(
        &self,
        service: Service,
        address: IpAddr,
        port: u16,
    ) -> Result<Bounded, NoWay> {
        let connected = self.try_to_connect(address, port).await;
        if !self.is_own_network(address) {
            self.tally.count(service, address.to_canonical(), outcome(&connected));
        }
        connected
    }

    /// What became of connections so far, those in the operator's own network aside.
    pub(crate) fn connections(&self) -> Connections {
        self.tally.so_far()
    }

    fn is_own_network(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|net| net.contains(&address.to_canonical()))
    }

    async fn try_to_connect(&self, address: IpAddr, port: u16) -> Result<Bounded, NoWay> {
        if !self.lets_through(address) {
            return Err(NoWay::NotAllowed);
        }
        let named = SocketAddr::new(address, port);
        let target = self.routes.get(&named).copied().unwrap_or(named);
        if self.own_sockets.iter().any(|own| is_own(*own, target)) {
            return Err(NoWay::NotAllowed);
        }
        self.count(address).await?;
        let connected = timeout(self.deadline, TcpStream::connect(target)).await;
        let stream = connected.map_err(|_| NoWay::TimedOut)?.map_err(|error| why(&error))?;
        // A request follows the end of the handshake at once, and is not to wait for its receipt.
        stream.set_nodelay(true).map_err(|error| why(&error))?;
        Ok(Bounded::new(stream))
    }

    /// Ten thousand names may lead to one address. The operator's own network is not counted.
    async fn count(&self, address: IpAddr) -> Result<(), NoWay> {
        match &self.per_address {
            Some(allowances) if is_public(address) => {
                allowances.take(network(address), 1.0).await.map_err(|_| NoWay::TooOften)
            }
            _ => Ok(()),
        }
    }
}

fn outcome(connected: &Result<Bounded, NoWay>) -> Outcome {
    match connected {
        Ok(_) => Outcome::Connected,
        Err(NoWay::NotAllowed) => Outcome::NotAllowed,
        Err(NoWay::Refused) => Outcome::Refused,
        Err(NoWay::NotFromHere) => Outcome::NotFromHere,
        Err(NoWay::TimedOut) => Outcome::TimedOut,
        Err(NoWay::TooOften) => Outcome::TooOften,
    }
}

/// Whether a connection to `target` would end at the socket that listens on `own`.
fn is_own(own: SocketAddr, target: SocketAddr) -> bool {
    let (listening, address) = (own.ip().to_canonical(), target.ip().to_canonical());
    own.port() == target.port()
        && (listening == address || listening.is_unspecified() && is_of_this_machine(address))
}

/// Whether an address is one of this machine's: it then is also where packets to it come from. The
/// system tells the way without any packet being sent.
fn is_of_this_machine(address: IpAddr) -> bool {
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let way = || {
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect((address, 9))?;
        socket.local_addr()
    };
    address.is_loopback() || way().is_ok_and(|from| from.ip() == address)
}

fn why(error: &io::Error) -> NoWay {
    match error.kind() {
        ErrorKind::TimedOut => NoWay::TimedOut,
        ErrorKind::NetworkUnreachable
        | ErrorKind::AddrNotAvailable
        | ErrorKind::PermissionDenied
        | ErrorKind::Unsupported => NoWay::NotFromHere,
        _ => NoWay::Refused,
    }
}

/// What DNS says of where a host is.
pub(crate) struct Addresses {
    /// The names that CNAMEs lead through.
    pub(crate) aliases: Vec<Name>,
    /// In the order in which to try them: the families by turns.
    pub(crate) all: Vec<IpAddr>,
}

pub(crate) async fn addresses(resolver: &Resolver, host: &Name) -> Observation<Addresses> {
    let ask = |record_type| {
        let question = Question::new(host.clone(), record_type);
        async move { resolver.ask(&question).await }
    };
    match tokio::join!(ask(RecordType::A), ask(RecordType::Aaaa)) {
        (Ok(v4), Ok(v6)) => {
            let all = by_turns(&v4, &v6);
            Ok(Addresses { aliases: v4.aliases, all })
        }
        // One family's addresses will do; their absence alone proves nothing.
        (Ok(seen), Err(_)) | (Err(_), Ok(seen)) if !seen.records.is_empty() => {
            Ok(Addresses { all: seen.addresses().collect(), aliases: seen.aliases })
        }
        (Err(reason), _) | (_, Err(reason)) => Err(reason),
    }
}

fn by_turns(v4: &Answer, v6: &Answer) -> Vec<IpAddr> {
    let (mut v4, mut v6) = (v4.addresses(), v6.addresses());
    let mut addresses = Vec::new();
    loop {
        let before = addresses.len();
        addresses.extend(v4.next().into_iter().chain(v6.next()));
        if addresses.len() == before {
            return addresses;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use mxray_facts::dns::{Answer, Existence, Record};
    use tokio::net::TcpListener;

    use super::{Door, NoWay, by_turns, is_own};
    use crate::ProbeConfig;
    use crate::reach::Service;

    fn answer(addresses: &[&str]) -> Answer {
        let records = addresses.iter().map(|text| Record::Address(text.parse().unwrap())).collect();
        Answer { records, ..Answer::absent(Existence::Exists) }
    }

    #[test]
    fn families_take_turns() {
        let order: Vec<String> =
            by_turns(&answer(&["1.0.0.1", "1.0.0.2", "1.0.0.3"]), &answer(&["2000::1"]))
                .iter()
                .map(IpAddr::to_string)
                .collect();
        assert_eq!(order, ["1.0.0.1", "2000::1", "1.0.0.2", "1.0.0.3"]);
    }

    #[test]
    fn what_leads_to_our_own_socket_is_ours() {
        for (reason, own, target, expected) in [
            ("itself", "192.0.2.1:443", "192.0.2.1:443", true),
            ("in IPv6's clothes", "192.0.2.1:443", "[::ffff:192.0.2.1]:443", true),
            ("another port", "192.0.2.1:8080", "192.0.2.1:443", false),
            ("another address", "192.0.2.1:443", "192.0.2.2:443", false),
            ("everywhere, and this machine", "0.0.0.0:443", "127.0.0.9:443", true),
            ("everywhere, and this machine", "[::]:443", "127.0.0.9:443", true),
            ("everywhere, and a stranger", "0.0.0.0:443", "192.0.2.1:443", false),
        ] {
            let (own, target) = (own.parse().unwrap(), target.parse().unwrap());
            assert_eq!(is_own(own, target), expected, "{reason}: {own} {target}");
        }
    }

    #[tokio::test]
    async fn what_the_operator_denies_is_not_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let local = listener.local_addr().unwrap();
        let config = ProbeConfig {
            allowed_nets: vec!["127.0.0.0/8".parse().unwrap()],
            ..ProbeConfig::default()
        };
        let denied = vec!["127.0.0.1/32".parse().unwrap(), "1.1.1.0/24".parse().unwrap()];
        for (reason, config, open) in [
            ("allowed", config.clone(), true),
            ("our own socket", ProbeConfig { own_sockets: vec![local], ..config.clone() }, false),
            ("denied, which outdoes allowed", ProbeConfig { denied_nets: denied, ..config }, false),
        ] {
            let connected =
                Door::new(&config).connect(Service::Smtp, local.ip(), local.port()).await;
            assert_eq!(connected.is_ok(), open, "{reason}");
            assert_eq!(
                Door::new(&config).lets_through("1.1.1.1".parse().unwrap()),
                config.denied_nets.is_empty()
            );
        }
    }

    #[tokio::test]
    async fn a_private_address_is_not_connected_to_unless_its_network_is_allowed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let local = listener.local_addr().unwrap();
        let strict = Door::new(&ProbeConfig::default());
        for address in ["127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1"] {
            let refused =
                strict.connect(Service::Smtp, address.parse().unwrap(), local.port()).await;
            assert_eq!(refused.unwrap_err(), NoWay::NotAllowed, "{address}");
        }
        let lab = Door::new(&ProbeConfig {
            allowed_nets: vec!["127.0.0.0/8".parse().unwrap()],
            routes: vec![("127.0.2.1:25".parse().unwrap(), local)],
            ..ProbeConfig::default()
        });
        for (reason, address, port) in [
            ("allowed", "127.0.0.1", local.port()),
            ("allowed in IPv6's clothes", "::ffff:127.0.0.1", local.port()),
            ("routed", "127.0.2.1", 25),
        ] {
            assert!(
                lab.connect(Service::Smtp, address.parse().unwrap(), port).await.is_ok(),
                "{reason}"
            );
        }
        assert_eq!(
            lab.connect(Service::Smtp, "10.0.0.1".parse().unwrap(), 25).await.unwrap_err(),
            NoWay::NotAllowed
        );
    }
}

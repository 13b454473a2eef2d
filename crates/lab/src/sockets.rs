//! Ports and addresses: every server of the lab on loopback, without privileges.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, UdpSocket};

use crate::LabError;

/// How many ports are tried until one is free on every address.
const ATTEMPTS: u16 = 50;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 256;

/// Where mail and policy hosts listen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Addresses {
    /// On addresses of their own if the system lets it, else by routes.
    #[default]
    Auto,
    /// Each on a loopback address of its own, 127.0.x.y, as Linux allows.
    Own,
    /// All on ports of 127.0.0.1; [`Lab::routes`](crate::Lab::routes) says which.
    Routed,
}

impl Addresses {
    /// Settles `Auto` by trying.
    pub(crate) async fn settle(self) -> Self {
        match self {
            Self::Auto if TcpListener::bind((Ipv4Addr::new(127, 0, 2, 1), 0)).await.is_ok() => {
                Self::Own
            }
            Self::Auto => Self::Routed,
            chosen => chosen,
        }
    }

    /// Sockets for all hosts of one kind. With routes the port is only a name: `usual`, where none
    /// is wanted.
    pub(crate) fn open(
        self,
        purpose: &str,
        hosts: &[(Ipv4Addr, Door)],
        wanted: u16,
        usual: u16,
    ) -> Result<Sockets, LabError> {
        match self {
            Self::Routed => routed(purpose, hosts, if wanted == 0 { usual } else { wanted }),
            Self::Auto | Self::Own => own_addresses(purpose, hosts, wanted),
        }
    }
}

/// What stands at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// A server listens.
    Open,
    /// Nobody listens, and nobody else can: connections are refused.
    Shut,
}

/// The sockets of all hosts of one kind.
#[derive(Debug)]
pub(crate) struct Sockets {
    /// The port that all of them seem to have.
    pub(crate) port: u16,
    /// In the order of the hosts; none for a shut door.
    pub(crate) listeners: Vec<Option<TcpListener>>,
    /// From the address that DNS names to the one that listens.
    pub(crate) routes: Vec<(SocketAddr, SocketAddr)>,
    /// Bound and not listening, so that the port stays refused.
    pub(crate) shut: Vec<TcpSocket>,
}

/// One socket for each address, all on one port: `wanted`, or the next that is free everywhere;
/// any free one where `wanted` is 0.
fn own_addresses(
    purpose: &str,
    hosts: &[(Ipv4Addr, Door)],
    wanted: u16,
) -> Result<Sockets, LabError> {
    first_free(purpose, wanted, |port| {
        let mut sockets = Sockets { port, listeners: vec![], routes: vec![], shut: vec![] };
        for (address, door) in hosts {
            let at = SocketAddr::from((*address, sockets.port));
            sockets.port = sockets.add(at, *door)?.port();
        }
        Ok(sockets)
    })
}

/// One port of 127.0.0.1 for each address, and the routes that lead there from `port`.
fn routed(purpose: &str, hosts: &[(Ipv4Addr, Door)], port: u16) -> Result<Sockets, LabError> {
    let mut sockets = Sockets { port, listeners: vec![], routes: vec![], shut: vec![] };
    for (address, door) in hosts {
        let bound = sockets.add(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), *door);
        let bound =
            bound.map_err(|source| LabError::Bind { purpose: purpose.to_owned(), source })?;
        sockets.routes.push((SocketAddr::from((*address, port)), bound));
    }
    Ok(sockets)
}

impl Sockets {
    fn add(&mut self, at: SocketAddr, door: Door) -> io::Result<SocketAddr> {
        let socket = TcpSocket::new_v4()?;
        #[cfg(unix)]
        if door == Door::Open {
            // A port that the last run left in TIME_WAIT is free.
            socket.set_reuseaddr(true)?;
        }
        socket.bind(at)?;
        let bound = socket.local_addr()?;
        match door {
            Door::Open => self.listeners.push(Some(socket.listen(BACKLOG)?)),
            Door::Shut => {
                self.shut.push(socket);
                self.listeners.push(None);
            }
        }
        Ok(bound)
    }
}

/// UDP and TCP on one port of 127.0.0.1: `wanted`, or the next that is free.
pub(crate) async fn dns(wanted: u16) -> Result<(UdpSocket, TcpListener), LabError> {
    first_free("DNS on 127.0.0.1", wanted, |port| {
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let udp = std::net::UdpSocket::bind(at)?;
        udp.set_nonblocking(true)?;
        let udp = UdpSocket::from_std(udp)?;
        let tcp = TcpSocket::new_v4()?;
        #[cfg(unix)]
        tcp.set_reuseaddr(true)?;
        tcp.bind(udp.local_addr()?)?;
        Ok((udp, tcp.listen(BACKLOG)?))
    })
}

/// Tries `bind` on one port after the other, as long as a port is taken.
fn first_free<T>(
    purpose: &str,
    wanted: u16,
    mut bind: impl FnMut(u16) -> io::Result<T>,
) -> Result<T, LabError> {
    let mut taken = io::Error::from(ErrorKind::AddrInUse);
    for step in 0..ATTEMPTS {
        // Port 0 lets the system choose: another one every time.
        let port = if wanted == 0 { 0 } else { wanted.saturating_add(step) };
        match bind(port) {
            Ok(bound) => return Ok(bound),
            Err(error) if error.kind() == ErrorKind::AddrInUse => taken = error,
            Err(source) => return Err(LabError::Bind { purpose: purpose.to_owned(), source }),
        }
    }
    Err(LabError::Bind { purpose: purpose.to_owned(), source: taken })
}

/// Neighbors in the list of mail hosts are that many networks apart before one comes again: a domain's
/// servers do not stand in one place.
const NETWORKS: usize = 200;

/// The address of the `index`th mail host.
pub(crate) fn mail_address(index: usize) -> Option<Ipv4Addr> {
    let network = u8::try_from(index % NETWORKS).ok()?.checked_add(2)?;
    let last = u8::try_from(index / NETWORKS).ok()?.checked_add(1)?;
    Some(Ipv4Addr::new(127, 0, network, last))
}

/// The address that all policy hosts share: the name in the handshake tells them apart.
pub(crate) const POLICY: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);

/// The address of policy hosts where nothing listens.
pub(crate) const POLICY_DOWN: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 2);

//! DNS over UDP, and over TCP for what does not fit into a datagram (RFC 1035 §4.2, RFC 7766).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use mxray_facts::dns::is_truncated;
use mxray_facts::{Observation, Unobserved};
use rustls::crypto::ring::default_provider;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

use super::Exchanged;

/// More than a resolver may send in a datagram by what our queries offer to take.
const MAX_DATAGRAM: usize = 4096;

/// The header alone.
const MIN_MESSAGE: usize = 12;

/// A resolver at an address.
pub(super) struct Client(pub(super) SocketAddr);

impl Client {
    pub(super) async fn exchange(
        &self,
        mut query: Vec<u8>,
        patience: Duration,
    ) -> Observation<Exchanged> {
        let deadline = Instant::now() + patience;
        if let Some(id) = query.get_mut(..2) {
            // Whoever wants to answer in the resolver's place has to guess this and our port
            // (RFC 5452 §9).
            default_provider().secure_random.fill(id).map_err(|_| Unobserved::ResolverFailed)?;
        }
        let message = self.over_udp(&query, patience, deadline).await?;
        if !is_truncated(&message) {
            return Ok(Exchanged::fresh(message));
        }
        let whole = timeout_at(deadline, self.over_tcp(&query)).await;
        let whole = whole.map_err(|_| Unobserved::TimedOut)?;
        whole.map(Exchanged::fresh).map_err(|_| Unobserved::ResolverFailed)
    }

    async fn over_udp(
        &self,
        query: &[u8],
        patience: Duration,
        deadline: Instant,
    ) -> Observation<Vec<u8>> {
        let socket = self.connect().await.map_err(|_| Unobserved::ResolverFailed)?;
        // A datagram may be lost: the question is asked once more, and an answer to either counts.
        for until in [Instant::now() + patience * 2 / 5, deadline] {
            socket.send(query).await.map_err(|_| Unobserved::ResolverFailed)?;
            if let Ok(message) = timeout_at(until, receive(&socket, query)).await {
                return message.map_err(|_| Unobserved::ResolverFailed);
            }
        }
        Err(Unobserved::TimedOut)
    }

    /// A socket on a port that the system picks at random, which hears this resolver only.
    async fn connect(&self) -> io::Result<UdpSocket> {
        let any: SocketAddr = match self.0 {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(self.0).await?;
        Ok(socket)
    }

    async fn over_tcp(&self, query: &[u8]) -> io::Result<Vec<u8>> {
        let length = u16::try_from(query.len()).map_err(io::Error::other)?;
        let mut stream = TcpStream::connect(self.0).await?;
        stream.write_all(&[&length.to_be_bytes(), query].concat()).await?;
        let length = stream.read_u16().await?;
        let mut message = vec![0; length.into()];
        stream.read_exact(&mut message).await?;
        if is_answer(&message, query) {
            Ok(message)
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }
}

/// The first datagram with the question's ID.
async fn receive(socket: &UdpSocket, query: &[u8]) -> io::Result<Vec<u8>> {
    let mut datagram = vec![0; MAX_DATAGRAM];
    loop {
        let length = socket.recv(&mut datagram).await?;
        let message = datagram.get(..length).unwrap_or_default();
        if is_answer(message, query) {
            return Ok(message.to_vec());
        }
    }
}

/// Whether a message has the query's ID; whether it answers its question is seen when it is read.
fn is_answer(message: &[u8], query: &[u8]) -> bool {
    message.len() >= MIN_MESSAGE && message.get(..2) == query.get(..2)
}

//! How much one client, and all of them together, may ask for.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::refusal::Refusal;

/// The most requests that are being looked into at the same time.
const AT_A_TIME: usize = 256;

/// What a client may ask for at once: a scan is some ten looks and up to 150 questions.
const BURST: f64 = 60.0;

/// What comes back to it with each second.
const PER_SECOND: f64 = 1.0;

/// The most clients that are remembered.
const MAX_CLIENTS: usize = 10_000;

/// What a request costs a client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Price {
    /// A stranger's server is looked at.
    Look,
    /// A resolver is asked.
    Question,
}

impl Price {
    fn amount(self) -> f64 {
        match self {
            Self::Look => 1.0,
            Self::Question => 0.1,
        }
    }
}

/// Counts what is asked for.
pub(crate) struct Limits {
    turns: Semaphore,
    clients: Mutex<HashMap<IpAddr, Bucket>>,
}

/// What is left to a client, as of a moment.
struct Bucket {
    left: f64,
    at: Instant,
}

impl Default for Limits {
    fn default() -> Self {
        Self { turns: Semaphore::new(AT_A_TIME), clients: Mutex::default() }
    }
}

/// Lets a request through, or says when to come back.
pub(crate) async fn limit(
    State((limits, price)): State<(Arc<Limits>, Price)>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        limits.charge(peer.ip(), price).map_err(too_many)?;
    }
    let _turn = limits.turns.try_acquire().map_err(|_| busy())?;
    Ok(next.run(request).await)
}

impl Limits {
    /// Fails with how long to wait.
    fn charge(&self, address: IpAddr, price: Price) -> Result<(), Duration> {
        // Whoever sits at this machine is its operator, or a server of theirs that limits by itself.
        let Some(client) = client(address) else { return Ok(()) };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= MAX_CLIENTS {
            clients.retain(|_, bucket| bucket.now_left() < BURST);
        }
        if clients.len() >= MAX_CLIENTS {
            // So many at a time are one that comes from everywhere.
            return Err(Duration::from_secs(60));
        }
        let fresh = || Bucket { left: BURST, at: Instant::now() };
        clients.entry(client).or_insert_with(fresh).take(price.amount())
    }
}

impl Bucket {
    fn now_left(&self) -> f64 {
        BURST.min(self.left + self.at.elapsed().as_secs_f64() * PER_SECOND)
    }

    fn take(&mut self, amount: f64) -> Result<(), Duration> {
        let left = self.now_left() - amount;
        if left < 0.0 {
            return Err(Duration::from_secs_f64(-left / PER_SECOND));
        }
        *self = Self { left, at: Instant::now() };
        Ok(())
    }
}

/// One household is one client: an IPv6 network of 64 bits. None for this machine.
fn client(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        local if local.is_loopback() => None,
        IpAddr::V6(address) => Some(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
        address => Some(address),
    }
}

fn too_many(pause: Duration) -> Refusal {
    let message = "that was too much at once; please come back in a moment";
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", message).after(pause)
}

fn busy() -> Refusal {
    let message = "too many domains are being looked at just now; please come back in a moment";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).after(Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use tokio::time::advance;

    use super::{Limits, Price, client};

    #[tokio::test(start_paused = true)]
    async fn a_client_gets_a_burst_and_then_its_share() {
        let limits = Limits::default();
        let [client, other]: [IpAddr; 2] =
            ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        for _ in 0..60 {
            limits.charge(client, Price::Look).unwrap();
        }
        assert_eq!(limits.charge(client, Price::Look), Err(Duration::from_secs(1)));
        limits.charge(other, Price::Look).unwrap();
        advance(Duration::from_secs(1)).await;
        limits.charge(client, Price::Look).unwrap();
        assert!(limits.charge(client, Price::Question).is_err());
    }

    #[test]
    fn a_household_is_one_client() {
        for (reason, address, expected) in [
            ("an address", "192.0.2.1", Some("192.0.2.1")),
            ("the same in IPv6's clothes", "::ffff:192.0.2.1", Some("192.0.2.1")),
            ("one of a network", "2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
            ("this machine", "127.0.0.1", None),
            ("this machine", "::1", None),
        ] {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(client(address.parse().unwrap()), expected, "{reason}");
        }
    }
}

//! How much one client, and all of them together, may ask for. What is too much is refused at once.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mxray_probe::{Allowance, Allowances, IpNet, Ledger};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::cache::Age;
use crate::client::Client;
use crate::refusal::Refusal;

/// How much is too much. A question counts as a tenth of a look; a scan is some ten looks and up to
/// 150 questions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The looks that a client may ask for.
    pub per_client: Allowance,
    /// The questions about names of one domain, as its last two labels tell it, for all clients.
    pub per_domain: Allowance,
    /// The looks that are under way at a time.
    pub at_a_time: u16,
    /// The same for one client.
    pub at_a_time_per_client: u16,
    /// The connections of clients at a time; the next ones wait to be accepted.
    pub connections: u16,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            per_client: Allowance { at_once: 60.0, per_second: 1.0 },
            per_domain: Allowance { at_once: 3000.0, per_second: 50.0 },
            at_a_time: 256,
            at_a_time_per_client: 32,
            connections: 1000,
        }
    }
}

/// What a look counts for, and a question as one.
const LOOK: u16 = 10;

/// The most characters of a request's path that are logged.
const MAX_LOGGED: usize = 400;

/// What a request costs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Price {
    /// A stranger's server is looked at.
    Look,
    /// A resolver is asked.
    Question,
}

impl Price {
    fn amount(self) -> u16 {
        match self {
            Self::Look => LOOK,
            Self::Question => 1,
        }
    }
}

/// Counts what is asked for.
pub(crate) struct Limits {
    trusted_proxies: Vec<IpNet>,
    bounds: Bounds,
    turns: Semaphore,
    clients: Allowances<IpAddr>,
    waiting: Mutex<HashMap<IpAddr, u32>>,
}

/// Lets a request through, or says when to come back. Who looked at what is logged, by their network;
/// what a resolver is asked, and what was kept, is nobody's business.
pub(crate) async fn limit(
    State((limits, price)): State<(Arc<Limits>, Price)>,
    request: Request,
    next: Next,
) -> Response {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let client = connection.map(|ConnectInfo(peer)| limits.client(peer.ip(), &request));
    let uri = request.uri().clone();
    let started = Instant::now();
    let response = match limits.admit(client, price).await {
        Ok(_admitted) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let is_kept = response.extensions().get::<Age>().is_some_and(|age| age.is_kept);
    if let (Price::Look, Some(client), false) = (price, client, is_kept) {
        let (status, ms) = (response.status().as_u16(), started.elapsed().as_millis());
        let asked: String = uri.to_string().chars().take(MAX_LOGGED).collect();
        tracing::info!(%client, asked, status, ms, "looked");
    }
    response
}

impl Limits {
    pub(crate) fn new(
        trusted_proxies: Vec<IpNet>,
        bounds: Bounds,
        ledger: Option<Arc<dyn Ledger>>,
    ) -> Self {
        Self {
            trusted_proxies,
            turns: Semaphore::new(turns(bounds.at_a_time) as usize),
            clients: Allowances::new(bounds.per_client).shared("client", ledger),
            bounds,
            waiting: Mutex::default(),
        }
    }

    /// What is being looked into now: ten for each look, one for each question.
    pub(crate) fn under_way(&self) -> u32 {
        let free = u32::try_from(self.turns.available_permits()).unwrap_or(u32::MAX);
        turns(self.bounds.at_a_time).saturating_sub(free)
    }

    async fn admit(
        &self,
        client: Option<Client>,
        price: Price,
    ) -> Result<(Option<Place<'_>>, SemaphorePermit<'_>), Refusal> {
        let place = match client {
            Some(Client::Network(network)) => Some(self.charge(network, price).await?),
            Some(Client::Operator) | None => None,
        };
        let turn = self.turns.try_acquire_many(price.amount().into()).map_err(|_| busy())?;
        Ok((place, turn))
    }

    fn client(&self, peer: IpAddr, request: &Request) -> Client {
        Client::of(peer, request.headers(), &self.trusted_proxies)
    }

    /// Fails with how long to wait.
    async fn charge(&self, network: IpAddr, price: Price) -> Result<Place<'_>, Refusal> {
        let place = self.place(network, price).ok_or_else(|| too_many(Duration::from_secs(2)))?;
        let amount = f64::from(price.amount()) / f64::from(LOOK);
        self.clients.take(network, amount).await.map_err(too_many)?;
        Ok(place)
    }

    fn place(&self, network: IpAddr, price: Price) -> Option<Place<'_>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let before = waiting.get(&network).copied().unwrap_or_default();
        let amount = price.amount().into();
        (before + amount <= turns(self.bounds.at_a_time_per_client)).then(|| {
            waiting.insert(network, before + amount);
            Place { limits: self, network, amount }
        })
    }
}

/// As much as so many looks.
fn turns(looks: u16) -> u32 {
    u32::from(looks) * u32::from(LOOK)
}

/// A place among those of a client's requests that are being looked into.
struct Place<'a> {
    limits: &'a Limits,
    network: IpAddr,
    amount: u32,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.limits.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.get_mut(&self.network) {
            Some(left) if *left > self.amount => *left -= self.amount,
            _ => drop(waiting.remove(&self.network)),
        }
    }
}

fn too_many(pause: Duration) -> Refusal {
    let message = "that was too much at once; please come back in a moment";
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", message).after(pause)
}

fn busy() -> Refusal {
    let message = "too many domains are being looked at just now; please come back in a moment";
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "busy", message).after(Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{Bounds, Limits, Price};

    #[tokio::test(start_paused = true)]
    async fn a_client_has_so_many_places_and_gets_them_back() {
        let limits = Limits::new(Vec::new(), Bounds::default(), None);
        let [client, other]: [IpAddr; 2] =
            ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let most = Bounds::default().at_a_time_per_client;
        let mut places = Vec::new();
        for _ in 0..most {
            places.push(limits.charge(client, Price::Look).await.unwrap());
        }
        assert!(limits.charge(client, Price::Question).await.is_err(), "all are taken");
        assert!(limits.charge(other, Price::Look).await.is_ok(), "but not another client's");
        drop(places.pop());
        assert!(limits.charge(client, Price::Look).await.is_ok(), "one is free again");
        drop(places);
        assert!(limits.waiting.lock().unwrap().is_empty(), "nothing is left in memory");
    }
}

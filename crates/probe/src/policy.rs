//! Fetching a policy file (RFC 8461 §3.3).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mxray_facts::{
    Bytes, Details, Domain, MAX_POLICY_BYTES, Name, Observation, PolicyDetails, PolicyFetch,
    PolicyOutcome, Unobserved, Visit, VisitOutcome,
};
use sha2::{Digest, Sha256};
use tokio::time::{self, timeout};

use crate::Inner;
use crate::door::{self, Addresses, MAX_TRIES};
use crate::https::{self, Came, Get, Watch, milliseconds};

const PATH: &str = "/.well-known/mta-sts.txt";

/// How much longer the other addresses may take than the one whose answer counts.
const GRACE: Duration = Duration::from_secs(1);

/// Fetches the policy of a domain; what its host answers is a fact, even a bad certificate's.
pub(crate) async fn fetch(probe: &Inner, domain: &Domain) -> Observation<PolicyFetch> {
    let started = Instant::now();
    let asked = ask(probe, domain.child("mta-sts"), started);
    let mut fetch =
        timeout(probe.deadlines.policy, asked).await.map_err(|_| Unobserved::TimedOut)??;
    fetch.elapsed_ms = milliseconds(started);
    Ok(fetch)
}

async fn ask(probe: &Inner, host: Name, started: Instant) -> Observation<PolicyFetch> {
    let Addresses { aliases, all: addresses } = door::addresses(&probe.resolver, &host).await?;
    let resolved_ms = milliseconds(started);
    let asked = addresses.get(..MAX_TRIES).unwrap_or(&addresses);
    let watches: Vec<Watch> = asked.iter().map(|_| Watch::start()).collect();
    let get = Get { host: &host, target: PATH, most: MAX_POLICY_BYTES };
    let came = ask_all(probe, get, asked, &watches).await;
    let visits = asked.iter().zip(&watches).zip(&came).map(visit).collect();
    let details = Details::from(PolicyDetails { aliases, resolved_ms, visits });
    let Came { tls, outcome } = what_counts(came, &watches)?;
    Ok(PolicyFetch { host, addresses, tls, outcome, elapsed_ms: 0, details })
}

/// Asks all addresses at the same time, until the first in their order that could be connected to
/// has answered, and the others had another moment for it.
async fn ask_all(
    probe: &Inner,
    get: Get<'_>,
    addresses: &[IpAddr],
    watches: &[Watch],
) -> Vec<Observation<Came>> {
    let ask = async |place, address, watch| (place, https::ask(probe, get, address, watch).await);
    let mut under_way: FuturesUnordered<_> = (0..)
        .zip(addresses.iter().zip(watches))
        .map(|(place, (address, watch))| ask(place, *address, watch))
        .collect();
    let mut came: Vec<Option<Observation<Came>>> = addresses.iter().map(|_| None).collect();
    let mut moment = None;
    loop {
        let next = match moment {
            None => under_way.next().await,
            Some(until) => time::timeout_at(until, under_way.next()).await.unwrap_or(None),
        };
        let Some((place, answer)) = next else { break };
        if let Some(slot) = came.get_mut(place) {
            *slot = Some(answer);
        }
        if moment.is_none() && is_decided(&came, watches) {
            moment = Some(time::Instant::now() + GRACE);
        }
    }
    came.into_iter().map(|came| came.unwrap_or(Err(Unobserved::TimedOut))).collect()
}

/// Whether the first address that could be connected to has answered.
fn is_decided(came: &[Option<Observation<Came>>], watches: &[Watch]) -> bool {
    for (came, watch) in came.iter().zip(watches) {
        match came {
            None => return false,
            Some(_) if watch.has_connected() => return true,
            Some(_) => {}
        }
    }
    true
}

/// What the first address says that could be connected to: the one that a sender would ask.
fn what_counts(came: Vec<Observation<Came>>, watches: &[Watch]) -> Observation<Came> {
    if came.is_empty() {
        return Ok(Came { tls: None, outcome: PolicyOutcome::NoAddress });
    }
    let mut nowhere = Ok(Came { tls: None, outcome: PolicyOutcome::Refused });
    for (came, watch) in came.into_iter().zip(watches) {
        if watch.has_connected() {
            return came;
        }
        if came.is_err() {
            nowhere = came;
        }
    }
    nowhere
}

fn visit(((address, watch), came): ((&IpAddr, &Watch), &Observation<Came>)) -> Visit {
    let outcome = came.as_ref().map(|came| outcome(&came.outcome)).map_err(Clone::clone);
    Visit { address: *address, outcome, times: watch.times() }
}

fn outcome(outcome: &PolicyOutcome) -> VisitOutcome {
    let answered = |status, body: &[u8]| {
        let sha256 = Bytes::from(Sha256::digest(body).as_slice());
        VisitOutcome::Answered { status, octets: body.len(), sha256 }
    };
    match outcome {
        PolicyOutcome::NoAddress | PolicyOutcome::Refused => VisitOutcome::Refused,
        PolicyOutcome::TlsFailed(reason) => VisitOutcome::TlsFailed(reason.clone()),
        PolicyOutcome::Broken(reason) => VisitOutcome::Broken(reason.clone()),
        PolicyOutcome::Redirect { status, .. } => answered(status.unwrap_or_default(), &[]),
        PolicyOutcome::Response(response) => answered(response.status, &response.body.0),
    }
}

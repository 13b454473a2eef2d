//! Fetching a policy file (RFC 8461 §3.3).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mxray_facts::{
    Bytes, Details, Domain, MAX_POLICY_BYTES, Observation, PolicyDetails, PolicyFetch,
    PolicyOutcome, Unobserved, Visit, VisitOutcome,
};
use sha2::{Digest, Sha256};
use tokio::time::{self, timeout_at};

use crate::Inner;
use crate::door::{self, Addresses, MAX_TRIES};
use crate::https::{self, Came, Get, Watch, milliseconds};

const PATH: &str = "/.well-known/mta-sts.txt";

/// How much longer the other addresses may take than the one whose answer counts.
const GRACE: Duration = Duration::from_secs(1);

/// Fetches the policy of a domain; what its host answers is a fact, even a bad certificate's.
pub(crate) async fn fetch(probe: &Inner, domain: &Domain) -> Observation<PolicyFetch> {
    let (started, by) = (Instant::now(), time::Instant::now() + probe.deadlines.policy);
    let host = domain.child("mta-sts");
    let resolved = timeout_at(by, door::addresses(&probe.resolver, &host)).await;
    let Addresses { aliases, all: addresses } = resolved.map_err(|_| Unobserved::TimedOut)??;
    let resolved_ms = milliseconds(started);
    let asked = addresses.get(..MAX_TRIES).unwrap_or(&addresses);
    let watches: Vec<Watch> = asked.iter().map(|_| Watch::start()).collect();
    let get = Get { host: &host, target: PATH, most: MAX_POLICY_BYTES };
    let (came, decided) = ask_all(probe, get, asked, &watches, by).await?;
    let elapsed_ms = milliseconds(started).saturating_sub(milliseconds(decided));
    let visits = asked.iter().zip(&watches).zip(&came).map(visit).collect();
    let details = Details::from(PolicyDetails { aliases, resolved_ms, visits });
    let Came { tls, outcome } = what_counts(came, &watches)?;
    Ok(PolicyFetch { host, addresses, tls, outcome, elapsed_ms, details })
}

/// Asks all addresses at the same time, until the first in their order that could be connected to
/// has answered, and the others had another moment for it. Says when it had.
async fn ask_all(
    probe: &Inner,
    get: Get<'_>,
    addresses: &[IpAddr],
    watches: &[Watch],
    by: time::Instant,
) -> Observation<(Vec<Observation<Came>>, Instant)> {
    let ask = async |place, address, watch| (place, https::ask(probe, get, address, watch).await);
    let mut under_way: FuturesUnordered<_> = (0..)
        .zip(addresses.iter().zip(watches))
        .map(|(place, (address, watch))| ask(place, *address, watch))
        .collect();
    let mut came: Vec<Option<Observation<Came>>> = addresses.iter().map(|_| None).collect();
    while !is_decided(&came, watches) {
        let next = timeout_at(by, under_way.next()).await.map_err(|_| Unobserved::TimedOut)?;
        note(&mut came, next);
    }
    let decided = Instant::now();
    let by = by.min(time::Instant::now() + GRACE);
    while let Ok(next @ Some(_)) = timeout_at(by, under_way.next()).await {
        note(&mut came, next);
    }
    let came = came.into_iter().map(|came| came.unwrap_or(Err(Unobserved::TimedOut)));
    Ok((came.collect(), decided))
}

fn note<T>(all: &mut [Option<T>], next: Option<(usize, T)>) {
    if let Some((place, answer)) = next
        && let Some(slot) = all.get_mut(place)
    {
        *slot = Some(answer);
    }
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

//! A network that keeps what is seen in it, for the second stage and for later.

use std::cell::RefCell;

use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch};

use crate::Network;
use crate::look::Seen;

/// A network, and all that was seen in it.
#[derive(Debug)]
pub struct Kept<'a, N> {
    network: &'a N,
    seen: RefCell<Vec<Seen>>,
}

impl<'a, N> Kept<'a, N> {
    /// Keeps what is seen in a network from now on.
    pub fn new(network: &'a N) -> Self {
        Self { network, seen: RefCell::default() }
    }

    /// What has been seen, in the order in which it came.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.borrow().clone()
    }

    fn note(&self, seen: Seen) {
        self.seen.borrow_mut().push(seen);
    }
}

impl<N: Network> Network for Kept<'_, N> {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        let answer = self.network.dns(question).await;
        self.note(Seen::Dns(question.clone(), answer.clone()));
        answer
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        let fetch = self.network.policy(domain).await;
        self.note(Seen::Policy(fetch.clone()));
        fetch
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        let seen = self.network.mail_host(domain, host).await;
        self.note(Seen::MailHost(host.clone(), seen.clone()));
        seen
    }
}

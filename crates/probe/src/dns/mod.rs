//! Asking one resolver, over UDP and TCP or over HTTPS.

mod https;
mod socket;
mod system;

use std::sync::Arc;
use std::time::Duration;

use mxray_facts::dns::{Answer, Question, decode, encode};
use mxray_facts::{Observation, Unobserved};
use rustls::RootCertStore;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::{ConfigError, ProbeConfig, ResolverChoice};

/// The most questions that wait for answers at the same time: each may hold a socket.
const AT_A_TIME: usize = 256;

/// The octet of a message's header that holds AD, and the bit (RFC 4035 §3.2.3).
const AD: (usize, u8) = (3, 0x20);

/// One resolver.
pub(crate) struct Resolver {
    upstream: Upstream,
    deadline: Duration,
    /// Whether its word that an answer is authentic is taken.
    believed: bool,
    turns: Semaphore,
}

enum Upstream {
    Socket(socket::Client),
    Https(https::Client),
}

impl Resolver {
    pub(crate) fn new(
        config: &ProbeConfig,
        roots: &Arc<RootCertStore>,
    ) -> Result<Self, ConfigError> {
        let upstream = match &config.resolver {
            ResolverChoice::System => Upstream::Socket(socket::Client(system::resolver()?)),
            ResolverChoice::Socket(address) => Upstream::Socket(socket::Client(*address)),
            ResolverChoice::Https(url) => Upstream::Https(https::Client::new(url.clone(), roots)?),
        };
        Ok(Self {
            upstream,
            deadline: config.deadlines.dns,
            believed: config.resolver != ResolverChoice::System,
            turns: Semaphore::new(AT_A_TIME),
        })
    }

    pub(crate) async fn ask(&self, question: &Question) -> Observation<Answer> {
        let Exchanged { message, age } = self.exchange(question).await?;
        let mut answer = decode(question, &message)?;
        // What a cache kept for a while is to be kept that much shorter (RFC 8484 §5.1).
        answer.ttl = answer.ttl.map(|ttl| ttl.saturating_sub(age));
        Ok(answer)
    }

    /// The message that answers a question, whatever its code.
    pub(crate) async fn exchange(&self, question: &Question) -> Observation<Exchanged> {
        // Encoding fails only for a name that no message can hold, so nobody can be asked.
        let query = encode(question).map_err(|_| Unobserved::ResolverFailed)?;
        let _turn = self.turns.acquire().await.map_err(|_| Unobserved::ResolverFailed)?;
        let mut exchanged = match &self.upstream {
            Upstream::Socket(client) => client.exchange(query, self.deadline).await,
            // Large, and asked by everything: apart from who asks.
            Upstream::Https(client) => timeout(self.deadline, Box::pin(client.exchange(&query)))
                .await
                .map_err(|_| Unobserved::TimedOut)?,
        }?;
        let (octet, bit) = AD;
        if let (false, Some(flags)) = (self.believed, exchanged.message.get_mut(octet)) {
            *flags &= !bit;
        }
        Ok(exchanged)
    }
}

/// An answer as it came.
pub(crate) struct Exchanged {
    pub(crate) message: Vec<u8>,
    /// For how many seconds a cache on the way held it.
    pub(crate) age: u32,
}

impl Exchanged {
    fn fresh(message: Vec<u8>) -> Self {
        Self { message, age: 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mxray_facts::dns::{Question, RecordType};
    use mxray_lab::{Config, DomainFile, Lab};
    use tokio::sync::Semaphore;

    use super::{Resolver, Upstream, socket};

    const SIGNED: &str = "
        domain = 'a.example'
        about = ''
        dnssec = 'secure'
        expect = { transport = '', forgery = '', stage = '', first = '' }
    ";

    #[tokio::test]
    async fn whether_an_answer_is_authentic_is_taken_from_a_trusted_resolver_only() {
        let lab = Lab::start(Config::of([DomainFile::inline(SIGNED)])).await.unwrap();
        for believed in [true, false] {
            let resolver = Resolver {
                upstream: Upstream::Socket(socket::Client(lab.dns)),
                deadline: Duration::from_secs(5),
                believed,
                turns: Semaphore::new(1),
            };
            let question = Question::new("a.example".parse().unwrap(), RecordType::Mx);
            assert_eq!(resolver.ask(&question).await.unwrap().authenticated, believed);
        }
    }
}

//! Where answers come from: a browser, the probe, a zone file, a simulated clock.

use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch};

/// A way to look at a domain.
///
/// Each call ends within a deadline of its own. The futures need not be
/// `Send`: a browser's are not.
#[expect(async_fn_in_trait, reason = "scans run on one thread; the futures are never sent")]
pub trait Network {
    /// Asks a resolver.
    async fn dns(&self, question: &Question) -> Observation<Answer>;

    /// Fetches `https://mta-sts.<domain>/.well-known/mta-sts.txt` (RFC 8461 §3.3).
    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch>;

    /// Talks to one MX host of a domain as far as STARTTLS (RFC 3207).
    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost>;
}

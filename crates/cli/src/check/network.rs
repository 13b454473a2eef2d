//! The network that a scan asks: the probe, from this machine.

use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch};
use mxray_probe::Probe;
use mxray_scan::Network;

/// The probe as the scan sees it.
pub(super) struct Native(pub(super) Probe);

impl Network for Native {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        self.0.dns(question).await
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        self.0.policy(domain).await
    }

    async fn mail_host(&self, _domain: &Domain, host: &Name) -> Observation<MailHost> {
        self.0.mail_host(host).await
    }
}

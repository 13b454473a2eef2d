//! The network that is asked: the probe, from this machine.

use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch};
use mxray_probe::{Probe, Switches};
use mxray_scan::Network;

use crate::Trouble;

/// The probe as a scan sees it.
pub(crate) struct Native(Probe);

impl Native {
    /// The network that the switches lead to; inside a runtime.
    ///
    /// # Errors
    /// A switch cannot be followed.
    pub(crate) fn new(switches: &Switches) -> Result<Self, Trouble> {
        let probe = switches.config().and_then(Probe::new);
        probe.map(Self).map_err(|error| Trouble::Usage(error.to_string()))
    }
}

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

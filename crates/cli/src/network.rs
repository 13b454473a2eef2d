//! The network that is asked: the probe, from this machine.

use futures_util::future::join;
use mxray_facts::dns::{Answer, Question};
use mxray_facts::{BimiFacts, BimiFile, Domain, MailHost, Name, Observation, PolicyFetch};
use mxray_probe::{BimiRecord, BimiUrl, Probe, Switches};
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

impl Native {
    /// The logo and the certificate that a domain's BIMI record names.
    pub(crate) async fn bimi(&self, domain: &Domain) -> BimiFacts {
        let BimiRecord { answer, logo, certificate } = self.0.bimi_record(domain).await;
        let (logo, certificate) = join(self.file(logo), self.file(certificate)).await;
        BimiFacts { record: answer, logo, certificate }
    }

    async fn file(&self, url: Option<BimiUrl>) -> Option<BimiFile> {
        let url = url?;
        let fetch = self.0.bimi_file(&url).await;
        Some(url.with(fetch))
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

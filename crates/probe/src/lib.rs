//! How to touch a stranger's server safely: DNS, the HTTPS policy, SMTP STARTTLS.
//!
//! Facts come out, never a verdict. Whatever a server does, each call ends within its deadline,
//! reads no more than its bounds, and connects only to addresses that it has itself checked to be
//! public.
//!
//! ```no_run
//! # async fn look() -> Result<(), Box<dyn std::error::Error>> {
//! use mxray_facts::Domain;
//! use mxray_probe::{Probe, ProbeConfig};
//!
//! let probe = Probe::new(ProbeConfig::default())?;
//! let domain = Domain::from_ascii("example.com")?;
//! let fetched = probe.policy(&domain).await;
//! println!("{fetched:?}");
//! # Ok(())
//! # }
//! ```

mod address;
mod allowance;
mod bimi;
mod bounded;
mod config;
mod dns;
mod door;
mod harmless;
mod https;
mod own_name;
mod policy;
mod reach;
mod smtp;
#[cfg(feature = "cli")]
mod switches;
mod tls;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, FileFetch, MailHost, Name, Observation, PolicyFetch};

pub use address::is_public;
pub use allowance::{Allowance, Allowances, Ledger, NoAllowance, Taking, network};
pub use bimi::{BimiRecord, BimiUrl};
pub use config::{ConfigError, Deadlines, NoResolver, ProbeConfig, ResolverChoice};
pub use ipnet::IpNet;
pub use own_name::NameDoubt;
pub use reach::{Connections, Family, Outcome, Service, SmtpReach};
pub use smtp::MxSet;
#[cfg(feature = "cli")]
pub use switches::{Switches, read_net};

/// How we call ourselves.
const USER_AGENT: &str = concat!("mxray/", env!("CARGO_PKG_VERSION"));

/// Looks at strangers' servers. Clones share connections and bounds.
#[derive(Clone)]
pub struct Probe(Arc<Inner>);

/// What all parts of a probe need.
pub(crate) struct Inner {
    pub(crate) resolver: dns::Resolver,
    pub(crate) door: door::Door,
    pub(crate) observer: tls::Observer,
    pub(crate) https_port: u16,
    pub(crate) smtp_port: u16,
    pub(crate) ehlo_name: Option<Domain>,
    pub(crate) user_agent: String,
    pub(crate) deadlines: Deadlines,
}

impl Probe {
    /// A probe as it is told.
    ///
    /// # Errors
    /// [`ConfigError`], with what to change.
    pub fn new(config: ProbeConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let roots = tls::roots(&config.ca_pem)?;
        Ok(Self(Arc::new(Inner {
            resolver: dns::Resolver::new(&config, &roots)?,
            door: door::Door::new(&config),
            observer: tls::Observer::new(&roots)?,
            https_port: config.https_port,
            smtp_port: config.smtp_port,
            user_agent: user_agent(config.ehlo_name.as_ref()),
            ehlo_name: config.ehlo_name,
            deadlines: config.deadlines,
        })))
    }

    /// Asks the resolver.
    pub async fn dns(&self, question: &Question) -> Observation<Answer> {
        self.0.resolver.ask(question).await
    }

    /// Asks the resolver and hands out its whole message, whatever its code; the ID means nothing.
    pub async fn dns_message(&self, question: &Question) -> Observation<Vec<u8>> {
        Ok(self.0.resolver.exchange(question).await?.message)
    }

    /// Fetches `https://mta-sts.<domain>/.well-known/mta-sts.txt` (RFC 8461 §3.3).
    pub async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        policy::fetch(&self.0, domain).await
    }

    /// Talks to one mail host as far as STARTTLS. Whoever calls it knows that the host is one.
    pub async fn mail_host(&self, host: &Name) -> Observation<MailHost> {
        smtp::mail_host(&self.0, host.clone()).await
    }

    /// Looks up the hosts that take a domain's mail.
    pub async fn mx_set(&self, domain: &Domain) -> MxSet {
        smtp::mx_set(&self.0, domain).await
    }

    /// Looks up a domain's BIMI record, and where it says that a logo and a certificate are.
    pub async fn bimi_record(&self, domain: &Domain) -> BimiRecord {
        bimi::record(&self.0, domain).await
    }

    /// Asks for a file that a BIMI record names; whoever calls it has nothing against its host.
    /// `None` if it is nowhere.
    pub async fn bimi_file(&self, url: &BimiUrl) -> Option<Observation<FileFetch>> {
        bimi::file(&self.0, url).await
    }

    /// What became of connections so far, those to allowed networks aside.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.0.door.connections()
    }

    /// What mail servers may hold against our name in EHLO; nothing if there is none, and our address
    /// is said.
    pub async fn name_doubts(&self) -> Vec<NameDoubt> {
        match &self.0.ehlo_name {
            Some(name) => own_name::doubts(&self.0, name).await,
            None => Vec::new(),
        }
    }

    /// Whether this machine knows a way into the IPv6 internet.
    #[must_use]
    pub fn has_ipv6(&self) -> bool {
        reach::has_ipv6()
    }

    /// Whether connections to an address are made: it is public, or its network is allowed.
    #[must_use]
    pub fn connects_to(&self, address: IpAddr) -> bool {
        self.0.door.lets_through(address)
    }
}

/// With where to read what this is, if there is a name for that.
fn user_agent(name: Option<&Domain>) -> String {
    let about = |name: &Domain| format!("{USER_AGENT} (+http://{name}/about-this-probe)");
    name.map_or_else(|| USER_AGENT.to_owned(), about)
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

#[cfg(test)]
mod tests {
    use mxray_facts::Domain;

    use super::user_agent;

    #[test]
    fn whoever_has_a_name_says_where_to_read_about_it() {
        let name = Domain::from_ascii("scan.example.com").unwrap();
        assert!(user_agent(Some(&name)).ends_with("(+http://scan.example.com/about-this-probe)"));
        assert!(user_agent(None).starts_with("mxray/"));
    }
}

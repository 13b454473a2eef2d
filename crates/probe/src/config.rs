//! What a probe is told by whoever runs it.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use ipnet::IpNet;
use mxray_facts::Domain;

use crate::{Allowance, Ledger};

/// How a probe looks. The default is the public internet through the system's resolver.
#[derive(Clone, Debug)]
pub struct ProbeConfig {
    /// Who is asked for records.
    pub resolver: ResolverChoice,
    /// Certificates of authorities that are trusted besides Mozilla's, as PEM; may be empty.
    pub ca_pem: String,
    /// Addresses that are connected to although they are not public: a lab's.
    pub allowed_nets: Vec<IpNet>,
    /// Addresses that are not connected to although they are public: the operator's own servers.
    pub denied_nets: Vec<IpNet>,
    /// Where this very program listens, so that it is not led to itself.
    pub own_sockets: Vec<SocketAddr>,
    /// The port of policy hosts: 443; another needs `allowed_nets`.
    pub https_port: u16,
    /// The port of mail hosts: 25; another needs `allowed_nets`.
    pub smtp_port: u16,
    /// Where to connect instead of an address that DNS names; needs `allowed_nets`.
    pub routes: Vec<(SocketAddr, SocketAddr)>,
    /// How often one address of the public internet is connected to, whatever its name; without an
    /// allowance, as often as somebody asks.
    pub per_address: Option<Allowance>,
    /// With whom `per_address` is shared; without one with nobody.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// Our name in EHLO; without one our own address is said (RFC 5321 §4.1.4).
    pub ehlo_name: Option<Domain>,
    /// How long to wait.
    pub deadlines: Deadlines,
}

impl Default for ProbeConfig {
    fn default() -> Self {
        Self {
            resolver: ResolverChoice::System,
            ca_pem: String::new(),
            allowed_nets: Vec::new(),
            denied_nets: Vec::new(),
            own_sockets: Vec::new(),
            https_port: 443,
            smtp_port: 25,
            routes: Vec::new(),
            per_address: None,
            ledger: None,
            ehlo_name: None,
            deadlines: Deadlines::default(),
        }
    }
}

/// How long each thing may take.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// A DNS question, with one retry.
    pub dns: Duration,
    /// A connection to a stranger.
    pub connect: Duration,
    /// A TLS handshake.
    pub tls: Duration,
    /// A policy, from its host's address to its last byte.
    pub policy: Duration,
    /// A reply of a mail server.
    pub smtp_reply: Duration,
    /// Everything with one MX host, its addresses aside.
    pub smtp: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            dns: Duration::from_secs(5),
            connect: Duration::from_secs(5),
            tls: Duration::from_secs(5),
            policy: Duration::from_secs(10),
            smtp_reply: Duration::from_secs(10),
            smtp: Duration::from_secs(20),
        }
    }
}

/// Who is asked for records.
///
/// ```
/// use mxray_probe::ResolverChoice;
/// assert!("9.9.9.9".parse::<ResolverChoice>().is_ok());
/// assert!("127.0.0.1:5300".parse::<ResolverChoice>().is_ok());
/// assert!("https://dns.example/dns-query".parse::<ResolverChoice>().is_ok());
/// assert!("http://dns.example/dns-query".parse::<ResolverChoice>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolverChoice {
    /// The system's first one. Its word that an answer is authentic is not taken: the way to it is
    /// not known to be safe (RFC 4035 §4.9.3).
    System,
    /// One that is trusted, over UDP and TCP.
    Socket(SocketAddr),
    /// One that is trusted, over HTTPS (RFC 8484).
    Https(Uri),
}

/// The text names no resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoResolver;

impl FromStr for ResolverChoice {
    type Err = NoResolver;

    /// Reads `HOST:PORT`, an address or an https URL; a host's name is looked up at once.
    fn from_str(text: &str) -> Result<Self, NoResolver> {
        if text.contains("://") {
            return read_url(text).map(Self::Https).ok_or(NoResolver);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Socket(SocketAddr::new(address, 53)));
        }
        let mut addresses = text.to_socket_addrs().map_err(|_| NoResolver)?;
        addresses.next().map(Self::Socket).ok_or(NoResolver)
    }
}

fn read_url(text: &str) -> Option<Uri> {
    // Resolvers are also published as URI templates (RFC 8484 §4.1).
    let url: Uri = text.strip_suffix("{?dns}").unwrap_or(text).parse().ok()?;
    (url.scheme_str() == Some("https") && url.host().is_some()).then_some(url)
}

impl fmt::Display for NoResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected a resolver's HOST:PORT, its address, or a URL such as https://dns.example/dns-query",
        )
    }
}

impl std::error::Error for NoResolver {}

/// Why there can be no such probe.
#[derive(Debug)]
pub enum ConfigError {
    /// The system names no resolver.
    NoSystemResolver,
    /// A file of certificates cannot be read.
    CaFile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text of the additional authorities is no PEM, or holds no certificate.
    NoCertificate,
    /// TLS cannot be set up.
    Tls(rustls::Error),
    /// Something that only a lab needs, with no network allowed: the switch that asks for it.
    OnlyForLabs(&'static str),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSystemResolver => f.write_str(
                "/etc/resolv.conf names no resolver; name one with --dns, such as --dns 9.9.9.9",
            ),
            Self::CaFile { path, source } => {
                write!(f, "the certificates in {} cannot be read: {source}", path.display())
            }
            Self::NoCertificate => f.write_str(
                "the file of --ca-file holds no certificate; expected PEM, with lines such as -----BEGIN CERTIFICATE-----",
            ),
            Self::Tls(error) => write!(f, "TLS cannot be set up: {error}"),
            Self::OnlyForLabs(switch) => write!(
                f,
                "{switch} is for labs on your own network, so it also needs --allow-net, such as --allow-net 127.0.0.0/8"
            ),
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::CaFile { source, .. } => Some(source),
            Self::Tls(error) => Some(error),
            _ => None,
        }
    }
}

impl ProbeConfig {
    /// Other ports than a stranger's public ones would make a port scanner.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let usual = Self::default();
        let unusual = [
            ("--https-port", self.https_port != usual.https_port),
            ("--smtp-port", self.smtp_port != usual.smtp_port),
            ("--route", !self.routes.is_empty()),
        ];
        match unusual.into_iter().find(|(_, used)| *used) {
            Some((switch, _)) if self.allowed_nets.is_empty() => {
                Err(ConfigError::OnlyForLabs(switch))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConfigError, ProbeConfig, ResolverChoice};

    #[test]
    fn resolvers_are_named_in_three_ways() {
        let socket = |text: &str| ResolverChoice::Socket(text.parse().unwrap());
        for (reason, text, expected) in [
            ("address and port", "127.0.0.1:5300", Some(socket("127.0.0.1:5300"))),
            ("an address alone", "9.9.9.9", Some(socket("9.9.9.9:53"))),
            ("IPv6 alone", "2620:fe::fe", Some(socket("[2620:fe::fe]:53"))),
            ("IPv6 and port", "[::1]:5300", Some(socket("[::1]:5300"))),
            (
                "a URI template",
                "https://dns.example/dns-query{?dns}",
                Some(ResolverChoice::Https("https://dns.example/dns-query".parse().unwrap())),
            ),
            ("plain HTTP, which anybody can change", "http://dns.example/dns-query", None),
            ("no port", "dns.example", None),
            ("nothing", "", None),
        ] {
            assert_eq!(text.parse().ok(), expected, "{reason}");
        }
    }

    #[test]
    fn what_only_labs_need_is_refused_on_the_internet() {
        let local = "127.0.0.1:2525".parse().unwrap();
        for (switch, config) in [
            ("--https-port", ProbeConfig { https_port: 4430, ..ProbeConfig::default() }),
            ("--smtp-port", ProbeConfig { smtp_port: 2525, ..ProbeConfig::default() }),
            ("--route", ProbeConfig { routes: vec![(local, local)], ..ProbeConfig::default() }),
        ] {
            assert!(
                matches!(config.check(), Err(ConfigError::OnlyForLabs(named)) if named == switch)
            );
            let lab = ProbeConfig { allowed_nets: vec!["127.0.0.0/8".parse().unwrap()], ..config };
            assert!(lab.check().is_ok(), "{switch}");
        }
    }
}

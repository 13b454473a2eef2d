//! An internet in a box: DNS, policy hosts and mail servers, one TOML file a domain.
//!
//! Everything listens on loopback, needs no privileges and ends with the [`Lab`]. The files'
//! format is described in `docs/lab.md`.
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use mxray_lab::{Config, Lab};
//!
//! let lab = Lab::start(Config::default()).await?;
//! for domain in lab.domains() {
//!     println!("{}: {}", domain.name, domain.about);
//! }
//! println!("ask {} for records", lab.dns);
//! lab.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::borrow::Cow;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

mod dns;
mod error;
mod examples;
mod format;
mod https;
mod log;
mod pki;
mod policies;
mod samples;
mod serve;
mod smtp;
mod sockets;
mod sound;
mod world;

pub use error::LabError;
pub use examples::ExampleDomain;
pub use log::SmtpLog;
pub use policies::PolicyDomain;
pub use samples::samples;
pub use sockets::Addresses;

use https::Sites;
use log::Log;
use pki::Pki;
use sockets::{Door, Sockets};
use world::{Source, World};

/// What a lab is to hold, and where it is to listen. The default is the sample domains on any free
/// ports.
#[derive(Debug, Clone)]
pub struct Config {
    /// The domains.
    pub files: Vec<DomainFile>,
    /// A folder of real `mta-sts.txt` files, each served under a domain of its own.
    pub policies: Option<PathBuf>,
    /// A folder of examples of rules, such as `crates/records/examples`, each published by a domain of
    /// its own.
    pub examples: Option<PathBuf>,
    /// Where mail and policy hosts listen.
    pub addresses: Addresses,
    /// The port of DNS, UDP and TCP; 0 for any. The next free one if it is taken.
    pub dns_port: u16,
    /// How long each answer of DNS takes, as if the resolver were far away.
    pub dns_delay: Duration,
    /// The port of every policy host; 0 for any. The next free one if it is taken.
    pub https_port: u16,
    /// The port of every mail host; 0 for any. The next free one if it is taken.
    pub smtp_port: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            files: samples(),
            policies: None,
            examples: None,
            addresses: Addresses::Auto,
            dns_port: 0,
            dns_delay: Duration::ZERO,
            https_port: 0,
            smtp_port: 0,
        }
    }
}

impl Config {
    /// The default, with these domains instead of the samples.
    pub fn of(files: impl IntoIterator<Item = DomainFile>) -> Self {
        Self { files: files.into_iter().collect(), ..Self::default() }
    }

    /// Adds every `*.toml` of `folder`, in order of name.
    ///
    /// # Errors
    ///
    /// [`LabError::Read`] for a folder or file that cannot be read.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), LabError> {
        let failed = |source| LabError::Read { path: folder.to_owned(), source };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        for path in paths {
            match fs::read_to_string(&path) {
                Ok(text) => self.files.push(DomainFile { path, text: text.into() }),
                Err(source) => return Err(LabError::Read { path, source }),
            }
        }
        Ok(())
    }
}

/// The description of one domain.
#[derive(Debug, Clone)]
pub struct DomainFile {
    /// Where it stands: for messages, and for files that it names.
    pub path: PathBuf,
    /// TOML, as `docs/lab.md` describes it.
    pub text: Cow<'static, str>,
}

impl DomainFile {
    /// A description that stands in no file.
    pub fn inline(text: impl Into<Cow<'static, str>>) -> Self {
        Self { path: PathBuf::from("inline.toml"), text: text.into() }
    }
}

/// A domain of the lab, for a person who is to try it and for a test that checks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Such as `enforce.example`.
    pub name: String,
    /// What is special about it, in a line.
    pub about: String,
    /// What a true report says of it.
    pub expect: Expect,
}

/// What a true report says of a domain. The lab only hands it out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Is mail protected on its way: `yes`, `partly`, `no` or `unknown`.
    pub transport: String,
    /// Is the name protected against forged mail: `yes`, `partly`, `no` or `unknown`.
    pub forgery: String,
    /// The MTA-STS stage: `none`, `broken`, `testing`, `enforce` or `unknown`.
    pub stage: String,
    /// The code of the finding that is shown first; empty for none.
    pub first: String,
    /// The alarm, where one is raised.
    pub alarm: Option<String>,
    /// The codes of all that the report finds, check by check, each once; none without this key.
    #[serde(default)]
    pub rules: Vec<String>,
    /// The codes of what is found in depth, in order.
    #[serde(default)]
    pub deep: Vec<String>,
}

/// A running lab. Dropping it ends every server.
#[derive(Debug)]
pub struct Lab {
    /// DNS, over UDP and TCP.
    pub dns: SocketAddr,
    /// The port of every policy host.
    pub https_port: u16,
    /// The port of every mail host.
    pub smtp_port: u16,
    /// The root certificate that clients are to trust, PEM.
    pub ca_pem: String,
    /// From the address that DNS names to the one that listens; empty where each mail host has an
    /// address of its own.
    pub routes: Vec<(SocketAddr, SocketAddr)>,
    domains: Vec<Domain>,
    policies: Vec<PolicyDomain>,
    examples: Vec<ExampleDomain>,
    log: Log,
    tasks: JoinSet<()>,
    _shut: Vec<TcpSocket>,
}

impl Lab {
    /// Starts every server, on loopback and without privileges.
    ///
    /// # Errors
    ///
    /// [`LabError`]: a file that does not follow the format, or no socket to be had.
    pub async fn start(config: Config) -> Result<Self, LabError> {
        let mut sources = config.files.iter().map(Source::read).collect::<Result<Vec<_>, _>>()?;
        let domains = sources.iter().map(Source::about).collect();
        let mut policies = Vec::new();
        if let Some(folder) = &config.policies {
            for (domain, source) in policies::read(folder)? {
                policies.push(domain);
                sources.push(source);
            }
        }
        let mut examples = Vec::new();
        if let Some(folder) = &config.examples {
            sources.push(examples::neighbor()?);
            for (domain, source) in examples::read(folder)? {
                examples.push(domain);
                sources.push(source);
            }
        }
        let pki = Pki::new(SystemTime::now())?;
        let log = Log::default();
        let world = world::build(&sources, &pki, &log)?;
        let mut lab = Self {
            dns: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            https_port: 0,
            smtp_port: 0,
            ca_pem: pki.root_pem(),
            routes: Vec::new(),
            domains,
            policies,
            examples,
            log,
            tasks: JoinSet::new(),
            _shut: Vec::new(),
        };
        lab.open(world, &config).await?;
        Ok(lab)
    }

    /// The domains that files describe, in their order.
    pub fn domains(&self) -> &[Domain] {
        &self.domains
    }

    /// The domains of the folder of real policies.
    pub fn policies(&self) -> &[PolicyDomain] {
        &self.policies
    }

    /// The domains of the folder of examples.
    pub fn examples(&self) -> &[ExampleDomain] {
        &self.examples
    }

    /// What the mail host of this name saw so far.
    pub fn smtp_log(&self, host: &str) -> SmtpLog {
        self.log.smtp(host)
    }

    /// The request lines that the policy host of this name saw so far, such as
    /// `GET /.well-known/mta-sts.txt HTTP/1.1`.
    pub fn https_log(&self, host: &str) -> Vec<String> {
        self.log.requests(host)
    }

    /// The questions that DNS was asked so far: name, with a trailing dot, and type.
    pub fn dns_log(&self) -> Vec<(String, String)> {
        self.log.questions()
    }

    /// Ends every server and waits until it has ended.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }

    async fn open(&mut self, world: World, config: &Config) -> Result<(), LabError> {
        let sockets = sockets::dns(config.dns_port).await?;
        self.dns = sockets
            .0
            .local_addr()
            .map_err(|source| LabError::Bind { purpose: "DNS on 127.0.0.1".to_owned(), source })?;
        let mut resolver =
            dns::server::serve(world.names, self.log.clone(), config.dns_delay, sockets);
        self.tasks.spawn(async move {
            // It ends when it is dropped with this task.
            let _ = resolver.block_until_done().await;
        });

        let addresses = config.addresses.settle().await;
        let doors = [(sockets::POLICY, Door::Open), (sockets::POLICY_DOWN, Door::Shut)];
        let opened = addresses.open("HTTPS", &doors, config.https_port, 443)?;
        self.https_port = opened.port;
        self.serve_sites(world.sites, opened);

        let doors: Vec<_> = world.mail.iter().map(|(address, door, _)| (*address, *door)).collect();
        let opened = addresses.open("SMTP", &doors, config.smtp_port, 25)?;
        self.smtp_port = opened.port;
        self.serve_mail(world.mail.into_iter().map(|(.., server)| server), opened);
        Ok(())
    }

    fn serve_sites(&mut self, sites: Sites, sockets: Sockets) {
        let sites = Arc::new(sites);
        for listener in sockets.listeners.into_iter().flatten() {
            let sites = sites.clone();
            self.tasks.spawn(serve::accept(listener, move |stream| {
                let sites = sites.clone();
                async move { sites.serve(stream).await }
            }));
        }
        self.routes.extend(sockets.routes);
        self._shut.extend(sockets.shut);
    }

    fn serve_mail(&mut self, servers: impl Iterator<Item = smtp::MailServer>, sockets: Sockets) {
        for (server, listener) in servers.zip(sockets.listeners) {
            let Some(listener) = listener else { continue };
            let server = Arc::new(server);
            self.tasks.spawn(serve::accept(listener, move |stream| {
                let server = server.clone();
                async move { server.serve(stream).await }
            }));
        }
        self.routes.extend(sockets.routes);
        self._shut.extend(sockets.shut);
    }
}

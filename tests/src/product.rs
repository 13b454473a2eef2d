//! The whole product in one process: a lab, and a proxy in front of it that serves the page.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::{fs, io};

use mxray_lab::{Config, Lab};
use mxray_probe::{Allowance, ProbeConfig, ResolverChoice};
use mxray_proxy::{Bounds, Listen, Origin, PageResolver, Proxy, ProxyConfig};

/// What a product is made of. The default: the sample domains, no page, any free port.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The domains.
    pub lab: Config,
    /// The folder of the built page; without one there is none.
    pub page: Option<PathBuf>,
    /// Where the proxy listens.
    pub listen: Listen,
}

impl Default for Setup {
    fn default() -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { lab: Config::default(), page: None, listen: Listen::At(any_port) }
    }
}

/// A lab and a proxy that looks at it. Dropping one of the two ends it, and leaves the other.
#[derive(Debug)]
pub struct Product {
    /// The servers that are looked at.
    pub lab: Lab,
    /// What looks at them, and serves the page.
    pub proxy: Proxy,
}

const PATIENT: Allowance = Allowance { at_once: 100_000.0, per_second: 1000.0 };

impl Product {
    /// Starts both.
    ///
    /// # Errors
    /// What cannot be started, and why.
    pub async fn start(setup: Setup) -> Result<Self, Box<dyn Error>> {
        let lab = Lab::start(setup.lab).await?;
        let proxy = Proxy::start(ProxyConfig {
            listen: setup.listen,
            page: setup.page,
            // The lab's domains are in no other resolver.
            page_resolver: PageResolver::Own,
            // Tests open the page from elsewhere too.
            allow_origins: vec![Origin::Any],
            frame_ancestors: vec![Origin::Any],
            probe: probe(&lab)?,
            // A hundred domains of a lab stand below one, and a test scans them all at once.
            bounds: Bounds { per_domain: PATIENT, ..Bounds::default() },
            ..ProxyConfig::default()
        })
        .await?;
        Ok(Self { lab, proxy })
    }

    /// Where the page is: `http://127.0.0.1:8080`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.proxy.address())
    }

    /// Ends both, and waits until they have ended.
    pub async fn stop(self) {
        self.proxy.stop().await;
        self.lab.stop().await;
    }
}

/// The switches with which our programs look at a lab instead of the internet.
///
/// # Errors
/// The file of its authority cannot be written into the folder.
pub fn switches(lab: &Lab, folder: &Path) -> io::Result<Vec<String>> {
    let ca_file = folder.join("ca.pem");
    fs::write(&ca_file, &lab.ca_pem)?;
    let mut switches = vec![
        format!("--ca-file={}", ca_file.display()),
        format!("--dns={}", lab.dns),
        "--allow-net=127.0.0.0/8".to_owned(),
        format!("--https-port={}", lab.https_port),
        format!("--smtp-port={}", lab.smtp_port),
    ];
    switches.extend(lab.routes.iter().map(|(from, to)| format!("--route={from}={to}")));
    Ok(switches)
}

/// The same, for a proxy in this process.
fn probe(lab: &Lab) -> Result<ProbeConfig, Box<dyn Error>> {
    Ok(ProbeConfig {
        resolver: ResolverChoice::Socket(lab.dns),
        ca_pem: lab.ca_pem.clone(),
        allowed_nets: vec!["127.0.0.0/8".parse()?],
        https_port: lab.https_port,
        smtp_port: lab.smtp_port,
        routes: lab.routes.clone(),
        ..ProbeConfig::default()
    })
}

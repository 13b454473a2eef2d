//! A lab for the command to look at.

use mxray_lab::{Config, Lab};
use tempfile::NamedTempFile;

/// A lab that runs as long as the tests do, and the switches that lead to it.
pub(crate) struct Laboratory {
    _runtime: tokio::runtime::Runtime,
    _lab: Lab,
    _ca_file: NamedTempFile,
    pub(crate) switches: Vec<String>,
    /// Where its resolver is.
    pub(crate) dns: String,
}

impl Laboratory {
    /// Starts it.
    pub(crate) fn start(config: Config) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let lab = runtime.block_on(Lab::start(config)).unwrap();
        let ca_file = NamedTempFile::new().unwrap();
        std::fs::write(ca_file.path(), &lab.ca_pem).unwrap();
        let switches = switches(&lab, ca_file.path().to_str().unwrap());
        let dns = lab.dns.to_string();
        Self { _runtime: runtime, _lab: lab, _ca_file: ca_file, switches, dns }
    }
}

fn switches(lab: &Lab, ca_file: &str) -> Vec<String> {
    let (dns, https, smtp) =
        (lab.dns.to_string(), lab.https_port.to_string(), lab.smtp_port.to_string());
    let fixed = [
        "--dns",
        &dns,
        "--allow-net",
        "127.0.0.0/8",
        "--ca-file",
        ca_file,
        "--https-port",
        &https,
        "--smtp-port",
        &smtp,
    ];
    let routes =
        lab.routes.iter().flat_map(|(from, to)| ["--route".to_owned(), format!("{from}={to}")]);
    fixed.map(str::to_owned).into_iter().chain(routes).collect()
}

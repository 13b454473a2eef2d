//! A lab, and probes that look at it.

use std::time::Duration;

use mxray_facts::{Domain, Name};
use mxray_lab::{Config, DomainFile, Lab};
use mxray_probe::{Deadlines, Probe, ProbeConfig, ResolverChoice};

/// A lab of one domain for each pair of a name and what is special about it.
pub(crate) async fn lab(domains: &[(&str, &str)]) -> Lab {
    let files = domains.iter().map(|(name, special)| {
        DomainFile::inline(format!(
            "domain = '{name}'\nabout = ''\n\
             expect = {{ transport = '', forgery = '', stage = '', first = '' }}\n{special}"
        ))
    });
    Lab::start(Config::of(files)).await.unwrap()
}

/// What a probe is told about a lab.
pub(crate) fn config(lab: &Lab) -> ProbeConfig {
    ProbeConfig {
        resolver: ResolverChoice::Socket(lab.dns),
        ca_pem: lab.ca_pem.clone(),
        allowed_nets: vec!["127.0.0.0/8".parse().unwrap()],
        https_port: lab.https_port,
        smtp_port: lab.smtp_port,
        routes: lab.routes.clone(),
        ..ProbeConfig::default()
    }
}

pub(crate) fn probe(lab: &Lab) -> Probe {
    Probe::new(config(lab)).unwrap()
}

/// For servers that never come to an end: waiting for them is a matter of a moment.
pub(crate) fn impatient(lab: &Lab) -> Probe {
    let moment = Duration::from_millis(400);
    let deadlines = Deadlines {
        tls: moment,
        policy: moment,
        smtp_reply: moment,
        smtp: moment * 2,
        ..Deadlines::default()
    };
    Probe::new(ProbeConfig { deadlines, ..config(lab) }).unwrap()
}

pub(crate) fn domain(text: &str) -> Domain {
    Domain::from_ascii(text).unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

//! The command-line switches that make a [`ProbeConfig`], the same for every program.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use mxray_facts::Domain;

use crate::{ConfigError, ProbeConfig, ResolverChoice};

/// How to look at strangers' servers.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Network")]
pub struct Switches {
    /// The resolver to ask instead of the system's: a host and port, or the URL of one that speaks DNS over HTTPS
    #[arg(long, value_name = "HOST:PORT | URL")]
    pub dns: Option<ResolverChoice>,

    /// Trust the authorities in this PEM file as well (may be given again)
    #[arg(long, value_name = "FILE")]
    pub ca_file: Vec<PathBuf>,

    /// Connect to these addresses although they are not public (may be given again)
    #[arg(long, value_name = "CIDR", value_parser = read_net)]
    pub allow_net: Vec<IpNet>,

    /// Do not connect to these addresses although they are public (may be given again)
    #[arg(long, value_name = "CIDR", value_parser = read_net)]
    pub deny_net: Vec<IpNet>,

    /// Our name in EHLO, which should resolve to this machine [default: our address]
    #[arg(long, value_name = "NAME")]
    pub ehlo_name: Option<Domain>,

    /// The port of policy hosts in a lab; needs --allow-net
    #[arg(long, value_name = "N", default_value_t = 443, hide_default_value = true)]
    pub https_port: u16,

    /// The port of mail hosts in a lab; needs --allow-net
    #[arg(long, value_name = "N", default_value_t = 25, hide_default_value = true)]
    pub smtp_port: u16,

    /// Connect to the second address instead of the first, in a lab; needs --allow-net (may be given again)
    #[arg(long, value_name = "IP:PORT=IP:PORT", value_parser = read_route)]
    pub route: Vec<(SocketAddr, SocketAddr)>,
}

impl Switches {
    /// What the switches ask for.
    ///
    /// # Errors
    /// If a file of certificates cannot be read.
    pub fn config(&self) -> Result<ProbeConfig, ConfigError> {
        Ok(ProbeConfig {
            resolver: self.dns.clone().unwrap_or(ResolverChoice::System),
            ca_pem: self.read_authorities()?,
            allowed_nets: self.allow_net.clone(),
            denied_nets: self.deny_net.clone(),
            https_port: self.https_port,
            smtp_port: self.smtp_port,
            routes: self.route.clone(),
            ehlo_name: self.ehlo_name.clone(),
            ..ProbeConfig::default()
        })
    }

    fn read_authorities(&self) -> Result<String, ConfigError> {
        let read = self.ca_file.iter().map(|path| {
            fs::read_to_string(path)
                .map_err(|source| ConfigError::CaFile { path: path.clone(), source })
        });
        Ok(read.collect::<Result<Vec<_>, _>>()?.join("\n"))
    }
}

/// Reads a network, or one address.
///
/// # Errors
/// What is expected.
pub fn read_net(text: &str) -> Result<IpNet, &'static str> {
    let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    net.map_err(|_| "expected a network such as 127.0.0.0/8 or fd00::/8")
}

fn read_route(text: &str) -> Result<(SocketAddr, SocketAddr), &'static str> {
    let route = || {
        let (from, to) = text.split_once('=')?;
        Some((from.parse().ok()?, to.parse().ok()?))
    };
    route().ok_or("expected two addresses with ports, such as 127.0.2.1:25=127.0.0.1:40025")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Switches;
    use crate::{ProbeConfig, ResolverChoice};

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        switches: Switches,
    }

    fn parse(line: &str) -> Result<ProbeConfig, clap::Error> {
        let program = Program::try_parse_from(line.split(' '))?;
        Ok(program.switches.config().unwrap())
    }

    #[test]
    fn without_switches_it_is_the_public_internet() {
        let config = parse("mxray").unwrap();
        assert_eq!(config.resolver, ResolverChoice::System);
        assert_eq!((config.https_port, config.smtp_port), (443, 25));
        assert!(config.allowed_nets.is_empty() && config.routes.is_empty());
    }

    #[test]
    fn a_lab_is_described_by_switches() {
        let config = parse(
            "mxray --dns 127.0.0.1:5300 --allow-net 127.0.0.0/8 --allow-net ::1 --smtp-port 2525 \
             --deny-net 127.0.9.0/24 --route 127.0.2.1:25=127.0.0.1:4000",
        )
        .unwrap();
        assert_eq!(config.allowed_nets.len(), 2);
        assert_eq!((config.denied_nets.len(), config.smtp_port), (1, 2525));
        assert_eq!(config.routes[0].1.port(), 4000);
    }

    #[test]
    fn a_mistake_is_answered_with_what_is_expected() {
        for (line, expected) in [
            ("mxray --dns http://dns.example/", "https://dns.example/dns-query"),
            ("mxray --allow-net home", "127.0.0.0/8"),
            ("mxray --route 127.0.2.1:25", "127.0.2.1:25=127.0.0.1:40025"),
            ("mxray --ehlo-name localhost", "has no dot"),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}

//! `mxray-lab`: the lab on its own, until Ctrl-C.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use mxray_lab::{Addresses, Config, Lab};

/// An internet in a box: DNS, policy hosts and mail servers for sample domains, on loopback.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// A folder of domain files to add (may be given again).
    #[arg(long, value_name = "DIR")]
    domains: Vec<PathBuf>,
    /// Leave out the sample domains that come with the lab.
    #[arg(long)]
    no_samples: bool,
    /// A folder of real mta-sts.txt files, each served under a domain of its own.
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// A folder of examples of rules, such as crates/records/examples, each with a domain of its own.
    #[arg(long, value_name = "DIR")]
    examples: Option<PathBuf>,
    /// The port of DNS, UDP and TCP; the next free one if it is taken.
    #[arg(long, value_name = "N", default_value_t = 5300)]
    dns_port: u16,
    /// How long each answer of DNS takes, in milliseconds, as if the resolver were far away.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    dns_delay: u64,
    /// The port of every policy host; the next free one if it is taken.
    #[arg(long, value_name = "N", default_value_t = 4430)]
    https_port: u16,
    /// The port of every mail host; the next free one if it is taken.
    #[arg(long, value_name = "N", default_value_t = 2525)]
    smtp_port: u16,
    /// Put every server on 127.0.0.1 and print routes, as where no other address can be had.
    #[arg(long)]
    routed: bool,
    /// Where the certificate of the lab's CA is written.
    #[arg(long, value_name = "FILE", default_value = "lab-ca.pem")]
    ca_file: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let lab = Lab::start(arguments.config()?).await?;
    std::fs::write(&arguments.ca_file, &lab.ca_pem)?;
    say_moved("DNS", arguments.dns_port, lab.dns.port());
    say_moved("HTTPS", arguments.https_port, lab.https_port);
    say_moved("SMTP", arguments.smtp_port, lab.smtp_port);
    print_domains(&lab);
    print_usage(&lab, &arguments.ca_file);
    tokio::signal::ctrl_c().await?;
    lab.stop().await;
    Ok(())
}

impl Arguments {
    fn config(&self) -> Result<Config, Box<dyn Error>> {
        let mut config = if self.no_samples { Config::of([]) } else { Config::default() };
        for folder in &self.domains {
            config.add_folder(folder)?;
        }
        config.policies.clone_from(&self.policies);
        config.examples.clone_from(&self.examples);
        config.addresses = if self.routed { Addresses::Routed } else { Addresses::Auto };
        config.dns_port = self.dns_port;
        config.dns_delay = Duration::from_millis(self.dns_delay);
        config.https_port = self.https_port;
        config.smtp_port = self.smtp_port;
        Ok(config)
    }
}

fn say_moved(service: &str, wanted: u16, got: u16) {
    if wanted != 0 && wanted != got {
        println!("Port {wanted} is taken: {service} is on port {got}.");
    }
}

fn print_domains(lab: &Lab) {
    let names = lab.domains().iter().map(|domain| domain.name.len());
    let width = names.max().unwrap_or_default();
    for domain in lab.domains() {
        println!("{:width$}  {}", domain.name, domain.about);
    }
    if let (Some(first), Some(last)) = (lab.policies().first(), lab.policies().last()) {
        println!("{} real policies: {} to {}", lab.policies().len(), first.name, last.name);
    }
    for example in lab.examples() {
        println!("{}  {}", example.name, example.rule);
    }
}

fn print_usage(lab: &Lab, ca_file: &Path) {
    let name = lab.domains().first().map_or("enforce.example", |domain| &domain.name);
    let (dns, ca_file) = (lab.dns, ca_file.display());
    println!();
    println!("DNS    {dns} (UDP and TCP)");
    println!("HTTPS  port {}, policy hosts", lab.https_port);
    println!("SMTP   port {}, mail hosts", lab.smtp_port);
    println!("CA     {ca_file}");
    println!();
    println!("  dig @{} -p {} _mta-sts.{name} TXT", dns.ip(), dns.port());
    print!("  mxray check {name} --dns {dns} --allow-net 127.0.0.0/8 --ca-file {ca_file}");
    print!(" --https-port {} --smtp-port {}", lab.https_port, lab.smtp_port);
    for (from, to) in &lab.routes {
        print!(" --route {from}={to}");
    }
    println!();
    println!();
    println!("Ctrl-C ends it.");
}

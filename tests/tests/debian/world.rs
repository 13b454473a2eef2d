//! All servers, and the domains that they serve.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use mxray_tests::{Server, command, free_address};
use serde_json::Value;
use tempfile::TempDir;

use crate::authority::{Authority, Shown};
use crate::servers::{self, MailServer, POLICY_HOST};
use crate::zones::{self, Delegation, Knot, Unbound, Zone};

/// A mail domain, and what a true report says of how mail to it travels.
pub(crate) struct Domain {
    pub(crate) name: &'static str,
    server: Ipv4Addr,
    policy: Policy,
    tlsa: bool,
    transport: &'static str,
    /// What is found amiss, check by check.
    found: &'static [&'static str],
}

enum Policy {
    Enforced,
    /// nginx has no such file, and says so in HTML.
    Missing,
}

const fn domain(
    name: &'static str,
    server: Ipv4Addr,
    transport: &'static str,
    found: &'static [&'static str],
) -> Domain {
    Domain { name, server, policy: Policy::Enforced, tlsa: false, transport, found }
}

const fn with_dane(domain: Domain) -> Domain {
    Domain { tlsa: true, ..domain }
}

const fn without_policy(domain: Domain) -> Domain {
    Domain { policy: Policy::Missing, ..domain }
}

/// Senders that honor the policy refuse to deliver there.
const REFUSED: &str = "smtp.refused-by-policy";

pub(crate) const DOMAINS: [Domain; 15] = [
    with_dane(domain("postfix.signed.example", servers::POSTFIX, "yes", &[])),
    domain("old.postfix.signed.example", servers::POSTFIX_FROM_TLS_1_0, "yes", &[]),
    domain(
        "ancient.postfix.signed.example",
        servers::POSTFIX_ONLY_TLS_1_0,
        "partly",
        &[REFUSED, "smtp.tls-failed"],
    ),
    domain(
        "plain.postfix.signed.example",
        servers::POSTFIX_NO_TLS,
        "partly",
        &[REFUSED, "smtp.starttls-missing"],
    ),
    with_dane(domain("always.postfix.signed.example", servers::POSTFIX_ALWAYS_TLS, "yes", &[])),
    with_dane(domain("exim.signed.example", servers::EXIM, "yes", &[])),
    domain(
        "expired.exim.signed.example",
        servers::EXIM_EXPIRED,
        "partly",
        &[REFUSED, "smtp.certificate-expired"],
    ),
    domain(
        "plain.exim.signed.example",
        servers::EXIM_NO_TLS,
        "partly",
        &[REFUSED, "smtp.starttls-missing"],
    ),
    domain("newer.exim.signed.example", servers::EXIM_TLS_1_2, "yes", &[]),
    domain("opensmtpd.signed.example", servers::OPENSMTPD, "partly", &[REFUSED, "smtp.tls-failed"]),
    domain(
        "plain.opensmtpd.signed.example",
        servers::OPENSMTPD_NO_TLS,
        "partly",
        &[REFUSED, "smtp.starttls-missing"],
    ),
    without_policy(domain(
        "missing.nginx.signed.example",
        servers::POSTFIX,
        "no",
        &["mta-sts.policy-status"],
    )),
    without_policy(with_dane(domain(
        "dane.signed.example",
        servers::POSTFIX,
        "yes",
        &["mta-sts.policy-status"],
    ))),
    with_dane(domain("unsigned.example", servers::EXIM, "yes", &["dane.unsigned"])),
    with_dane(domain("bogus.example", servers::EXIM, "unknown", &["mx.bogus"])),
];

/// The checks whose findings are about mail on its way.
const CHECKS: [&str; 4] = ["mx", "mta-sts", "mail-servers", "dane"];

/// What a report says of a domain.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    transport: String,
    found: Vec<String>,
}

impl Seen {
    pub(crate) fn new(transport: &str, found: &[&str]) -> Self {
        let found = found.iter().map(|code| (*code).to_owned()).collect();
        Self { transport: transport.to_owned(), found }
    }
}

impl Domain {
    /// What a true report says.
    pub(crate) fn expected(&self) -> Seen {
        if self.server == servers::OPENSMTPD && servers::opensmtpd_can_tls() {
            return Seen::new("yes", &[]);
        }
        Seen::new(self.transport, self.found)
    }

    fn host(&self) -> String {
        format!("mx.{}", self.name)
    }

    fn records(&self, certificate: &Shown) -> String {
        let Self { name, server, .. } = self;
        let policy_host = self.policy_host();
        let mut records = format!(
            "{name}. MX 10 mx.{name}.
mx.{name}. A {server}
mta-sts.{name}. A {policy_host}
_mta-sts.{name}. TXT \"v=STSv1; id=1\"
_smtp._tls.{name}. TXT \"v=TLSRPTv1; rua=mailto:tls@{name}\"
{name}. TXT \"v=spf1 mx -all\"
_dmarc.{name}. TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@{name}\"
"
        );
        if self.tlsa {
            records.push_str(&format!("_25._tcp.mx.{name}. TLSA {}\n", certificate.tlsa));
        }
        records
    }

    /// Exim's domains have theirs from Caddy.
    fn policy_host(&self) -> Ipv4Addr {
        if self.name.contains("exim") { servers::CADDY } else { POLICY_HOST }
    }

    fn policy(&self) -> (String, Option<String>) {
        let text = match self.policy {
            Policy::Enforced => Some(format!(
                "version: STSv1\r\nmode: enforce\r\nmx: {}\r\nmax_age: 1209600\r\n",
                self.host()
            )),
            Policy::Missing => None,
        };
        (format!("mta-sts.{}", self.name), text)
    }
}

pub(crate) struct World {
    authority: Authority,
    knot: Knot,
    /// What most of the mail servers show.
    shown: Shown,
    unbound: Unbound,
    ports: [SocketAddr; 2],
    _policy_hosts: [Server; 2],
    _mail_servers: [MailServer; 3],
    _folder: TempDir,
}

impl World {
    /// None, with a sentence, where something cannot be had.
    pub(crate) fn start() -> Option<Self> {
        if !zones::are_here() || !servers::machines() {
            return None;
        }
        // Servers read in it as users of their own.
        let open = fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().permissions(open).tempdir().unwrap();
        let path = folder.path();
        let authority = Authority::new(path);
        let hosts: Vec<String> = DOMAINS.iter().map(Domain::host).collect();
        let shown = authority.certify("mail", hosts.clone());
        let expired = authority.expired("expired", hosts.clone());
        let private = authority.certify("private", hosts);

        let knot = Knot::start(path, zones(&shown));
        let unbound = Unbound::start(path, &authority, &knot);
        let [https, smtp] = [POLICY_HOST, servers::POSTFIX].map(|it| free_address(it).unwrap());
        let policies: Vec<_> = DOMAINS.iter().map(Domain::policy).collect();
        let names = policies.iter().map(|(name, _)| name.clone()).collect();
        let certificate = authority.certify("nginx", names);
        let policy_hosts = [
            servers::nginx(path, https.port(), &certificate, &policies)?,
            servers::caddy(path, https.port(), &certificate, &policies)?,
        ];
        let mail_servers = [
            MailServer::postfix(path, smtp.port(), &shown),
            MailServer::exim(path, smtp.port(), &shown, &expired),
            MailServer::opensmtpd(path, smtp.port(), &private),
        ];
        Some(Self {
            authority,
            knot,
            shown,
            unbound,
            ports: [https, smtp],
            _policy_hosts: policy_hosts,
            _mail_servers: mail_servers,
            _folder: folder,
        })
    }

    /// Whether mail to each of the domains is protected on its way, and what is found amiss.
    pub(crate) fn scan(&self, domains: &[&str]) -> Vec<Seen> {
        self.reports(domains).iter().map(seen).collect()
    }

    /// What the command reports of each of the domains.
    pub(crate) fn reports(&self, domains: &[&str]) -> Vec<Value> {
        let output = self.command().args(domains).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let reports: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert_eq!(reports.len(), domains.len(), "{complaints}");
        reports
    }

    /// What the TLSA record of the certificate says that is shown now.
    pub(crate) fn tlsa(&self) -> String {
        self.shown.tlsa.clone()
    }

    /// Lets the mail servers show another certificate; returns what its TLSA record says.
    pub(crate) fn renew_certificate(&mut self) -> String {
        let hosts = DOMAINS.iter().map(Domain::host).collect();
        self.shown = self.authority.certify("mail", hosts);
        self.tlsa()
    }

    /// Publishes these TLSA records, and no others, for the mail server of a domain.
    pub(crate) fn publish(&self, domain: &str, records: &[&str]) {
        self.knot.set("signed.example", &format!("_25._tcp.mx.{domain}."), "TLSA", records);
    }

    fn command(&self) -> Command {
        let [https, smtp] = self.ports.map(|address| address.port().to_string());
        let mut command = command().unwrap();
        command.args(["check", "--json", "--allow-net", "127.0.0.0/8", "--dns", &self.unbound.url]);
        command.args(["--https-port", &https, "--smtp-port", &smtp]);
        command.arg("--ca-file").arg(self.authority.file());
        command
    }
}

fn zones(certificate: &Shown) -> Vec<Zone> {
    let zone = |name: &'static str, delegation| {
        let belongs =
            |domain: &&Domain| domain.name == name || domain.name.ends_with(&format!(".{name}"));
        let records = DOMAINS.iter().filter(belongs).map(|domain| domain.records(certificate));
        Zone { name, delegation, records: records.collect() }
    };
    vec![
        zone("signed.example", Delegation::Signed),
        zone("unsigned.example", Delegation::Unsigned),
        zone("bogus.example", Delegation::Bogus),
    ]
}

fn seen(report: &Value) -> Seen {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    let checks = checks.filter(|check| CHECKS.contains(&check["id"].as_str().unwrap()));
    let findings = checks.flat_map(|check| check["findings"].as_array().unwrap());
    Seen {
        transport: text(&report["transport"]["protection"]),
        found: findings.map(|found| text(&found["finding"]["rule"])).collect(),
    }
}

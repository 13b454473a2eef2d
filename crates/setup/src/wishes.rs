//! What somebody wants to publish.

use mxray_facts::Domain;
use mxray_records::mta_sts::pattern::Pattern;
use mxray_records::mta_sts::policy::{Mode, Policy};
use mxray_scan::{Report, Stage};

use crate::published::Published;

/// What somebody wants to publish; texts as they are typed, whatever is wrong with them is found later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Whose.
    pub domain: Domain,
    /// The `mx` lines of the policy: hosts, or patterns.
    pub mx: Vec<String>,
    /// The mode.
    pub mode: Mode,
    /// How long senders may remember the policy, in seconds.
    pub max_age: u32,
    /// Where TLS reports go: an address, or an `https:` URL.
    pub tls_reports: String,
    /// Where DMARC reports go: an address.
    pub dmarc_reports: String,
    /// Who hands out the policy.
    pub hosting: Hosting,
    /// Where the policy's host leads to: an address, or a name; nothing where that is known to nobody yet.
    pub target: String,
}

/// Who hands out the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// A server of one's own, with nginx.
    Nginx,
    /// A server of one's own, with Caddy.
    Caddy,
    /// Cloudflare Workers.
    CloudflareWorkers,
    /// GitHub Pages.
    GithubPages,
    /// Netlify.
    Netlify,
    /// A bucket, with something before it that has a certificate.
    ObjectStorage,
}

impl Hosting {
    /// Each of them.
    pub const ALL: [Self; 6] = [
        Self::Nginx,
        Self::Caddy,
        Self::CloudflareWorkers,
        Self::GithubPages,
        Self::Netlify,
        Self::ObjectStorage,
    ];

    /// Its name in keys, and that of its folder in the bundle.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::CloudflareWorkers => "cloudflare-workers",
            Self::GithubPages => "github-pages",
            Self::Netlify => "netlify",
            Self::ObjectStorage => "object-storage",
        }
    }

    /// The one with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hosting| hosting.as_str() == name)
    }
}

/// Lifetimes to choose from, in days: what changes often, the usual, and what hardly ever changes. A
/// policy is to live for weeks (RFC 8461 §3.2), and a year is the most.
pub const LIFETIMES: [u32; 4] = [7, 14, 30, 365];

/// A day, in seconds.
pub(crate) const DAY: u32 = 86_400;

impl Wishes {
    /// What nobody has said anything about: testing mode, for a week, reports to the domain itself.
    #[must_use]
    pub fn new(domain: Domain) -> Self {
        Self {
            mx: Vec::new(),
            mode: Mode::Testing,
            max_age: 7 * DAY,
            tls_reports: format!("tls-reports@{domain}"),
            dmarc_reports: format!("dmarc-reports@{domain}"),
            hosting: Hosting::Nginx,
            target: String::new(),
            domain,
        }
    }

    /// What a scan suggests: a policy for the MX hosts that it found, in the mode and for the time of the one
    /// that is served; reports go where they went.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let new = Self::new(report.domain.clone());
        let published = Published::of(report);
        let policy = published.policy();
        let named = Named::of(&hosts(report), policy.as_ref());
        let mode = if report.stage == Stage::Enforce { Mode::Enforce } else { new.mode };
        let max_age = policy.map_or(new.max_age, |policy| policy.max_age);
        let mx = named.kept.into_iter().chain(named.missing).collect();
        let first = |uris: Vec<String>| {
            uris.into_iter().next().map(|uri| uri.trim_start_matches("mailto:").to_owned())
        };
        let tls_reports = first(published.tls_reports()).unwrap_or(new.tls_reports);
        let dmarc_reports = published.dmarc_reports().and_then(first);
        let dmarc_reports = dmarc_reports.unwrap_or(new.dmarc_reports);
        Self { mx, mode, max_age, tls_reports, dmarc_reports, ..new }
    }
}

/// The MX hosts that were found, each once.
#[must_use]
pub fn hosts(report: &Report) -> Vec<String> {
    let mut hosts: Vec<String> = report.hosts.iter().map(|it| it.host.to_string()).collect();
    hosts.dedup();
    hosts
}

/// The lines of a policy, held against MX hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Those that cover one; where no host is known, all of them.
    pub kept: Vec<String>,
    /// Hosts that none covers.
    pub missing: Vec<String>,
    /// Lines that cover none of the hosts: of a move that is under way, or left behind.
    pub idle: Vec<String>,
}

impl Named {
    /// Holds a policy's lines against hosts.
    #[must_use]
    pub fn of(hosts: &[String], policy: Option<&Policy>) -> Self {
        let covers =
            |pattern: &&Pattern| hosts.is_empty() || hosts.iter().any(|host| pattern.matches(host));
        let lines = policy.map(|policy| policy.mx.as_slice()).unwrap_or_default();
        let (kept, idle): (Vec<_>, Vec<_>) = lines.iter().partition(covers);
        let is_missing =
            |host: &&String| !policy.is_some_and(|policy| policy.covers(host.as_str()));
        let texts = |lines: Vec<&Pattern>| lines.iter().map(ToString::to_string).collect();
        let missing = hosts.iter().filter(is_missing).cloned().collect();
        Self { kept: texts(kept), missing, idle: texts(idle) }
    }
}

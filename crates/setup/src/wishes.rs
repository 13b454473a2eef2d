//! What somebody wants to publish.

use mxray_facts::Domain;
use mxray_records::mta_sts::policy::Mode;
use mxray_scan::Report;

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

    /// For the MX hosts that a scan found.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut mx: Vec<String> = report.hosts.iter().map(|it| it.host.to_string()).collect();
        mx.dedup();
        Self { mx, ..Self::new(report.domain.clone()) }
    }
}

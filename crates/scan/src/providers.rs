//! Who runs a domain's mail: providers by the names of their MX hosts and SPF includes.
//!
//! They are data, `data/providers.toml` beside this crate's source, which each face loads for itself
//! if it wants it. They are for names and advice, and no verdict depends on them.

use mxray_facts::Name;
use serde::Deserialize;

/// A provider, as its customers' records show it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What its customers call it.
    pub name: String,
    /// How the names of its MX hosts end.
    #[serde(default)]
    pub mx: Vec<Suffix>,
    /// How the names end that its customers include in SPF.
    #[serde(default)]
    pub spf: Vec<Suffix>,
    /// The selectors that its customers publish, where they are always the same.
    #[serde(default)]
    pub dkim: Vec<String>,
    /// What it publishes in its own zones, so that its customers need not.
    #[serde(default)]
    pub publishes: Vec<Publication>,
    /// Its own instructions for a domain's records.
    pub guide: Option<String>,
}

/// What a provider publishes in its own zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Publication {
    /// TLSA records of its MX hosts.
    Dane,
    /// DKIM keys, to which a CNAME under the selector leads.
    Dkim,
    /// MTA-STS policies, to which CNAMEs lead.
    MtaSts,
}

/// The end of a name, label by label; `*` stands for one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Suffix(String);

impl Suffix {
    /// How many labels of the name fit; none if the name has another end.
    fn fits(&self, name: &Name) -> Option<usize> {
        let mut labels = name.as_str().rsplit('.');
        let fits = |wanted: &str| {
            labels.next().is_some_and(|label| wanted == "*" || wanted.eq_ignore_ascii_case(label))
        };
        self.0.rsplit('.').all(fits).then(|| self.0.split('.').count())
    }
}

/// The providers that are known; read from `data/providers.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Providers {
    /// Each of them.
    pub provider: Vec<Provider>,
}

impl Providers {
    /// Who runs an MX host.
    ///
    /// ```
    /// # let toml = include_str!("../data/providers.toml");
    /// let providers: mxray_scan::providers::Providers = toml::from_str(toml).unwrap();
    /// let provider = providers.of_mx(&"alt1.aspmx.l.google.com".parse().unwrap());
    /// assert_eq!(provider.unwrap().name, "Google Workspace");
    /// ```
    #[must_use]
    pub fn of_mx(&self, host: &Name) -> Option<&Provider> {
        self.longest(host, |provider| &provider.mx)
    }

    /// Whose servers an SPF include, or redirect, stands for.
    #[must_use]
    pub fn of_include(&self, name: &Name) -> Option<&Provider> {
        self.longest(name, |provider| &provider.spf)
    }

    /// Whose name this is, whatever it stands for.
    #[must_use]
    pub fn of_name(&self, name: &Name) -> Option<&Provider> {
        self.of_mx(name).or_else(|| self.of_include(name))
    }

    /// Who runs a domain's mail: the provider of the first MX host that has one, else that of the
    /// only provider whose servers may send.
    #[must_use]
    pub fn provider_of(&self, mx: &[Name], includes: &[Name]) -> Option<&Provider> {
        mx.iter().find_map(|host| self.of_mx(host)).or_else(|| {
            let mut senders = includes.iter().filter_map(|name| self.of_include(name));
            let first = senders.next()?;
            senders.all(|other| other == first).then_some(first)
        })
    }

    fn longest(&self, name: &Name, ends: impl Fn(&Provider) -> &[Suffix]) -> Option<&Provider> {
        let fits =
            |provider: &Provider| ends(provider).iter().filter_map(|end| end.fits(name)).max();
        let fitting = self.provider.iter().filter_map(|provider| Some((fits(provider)?, provider)));
        fitting.max_by_key(|(labels, _)| *labels).map(|(_, provider)| provider)
    }
}

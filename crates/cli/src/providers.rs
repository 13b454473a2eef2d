//! Names for the hosts and includes of a domain: who runs its mail.

use mxray_facts::Name;
use mxray_records::Text;
use mxray_records::spf::{self, Mechanism, TermKind};
use mxray_records::texts::{Texts, fill};
use mxray_scan::providers::{Provider, Providers, Publication};

/// The providers that are known.
///
/// # Errors
/// The data cannot be read; a test holds that it can.
pub(crate) fn known() -> Result<Providers, toml::de::Error> {
    toml::from_str(include_str!("../../scan/data/providers.toml"))
}

/// The names that an SPF record includes, or leads to.
pub(crate) fn includes(record: &str) -> Vec<Name> {
    let terms = spf::parse(&Text::from(record)).value.map(|record| record.terms);
    let leads = |kind: &TermKind| {
        matches!(kind, TermKind::Redirect | TermKind::Directive(_, Mechanism::Include))
    };
    let terms = terms.into_iter().flatten().filter(|term| leads(&term.kind));
    terms.filter_map(|term| term.domain?.to_string().parse().ok()).collect()
}

/// What is good to know of a provider, in a sentence each.
pub(crate) fn advice(provider: &Provider, texts: &Texts) -> Vec<String> {
    let say = |key: &str, more: Option<(&'static str, String)>| {
        let name = ("provider", provider.name.clone());
        fill(texts.word(key), &[Some(name), more].into_iter().flatten().collect::<Vec<_>>())
    };
    let selectors = (!provider.dkim.is_empty())
        .then(|| say("providers.selectors", Some(("selectors", provider.dkim.join(", ")))));
    let publishes = provider.publishes.iter().map(|publication| {
        let key = match publication {
            Publication::Dane => "providers.publishes.dane",
            Publication::Dkim => "providers.publishes.dkim",
            Publication::MtaSts => "providers.publishes.mta-sts",
        };
        say(key, None)
    });
    let guide =
        provider.guide.iter().map(|link| say("providers.guide", Some(("link", link.clone()))));
    selectors.into_iter().chain(publishes).chain(guide).collect()
}

#[cfg(test)]
mod tests {
    use mxray_facts::Name;

    use super::{advice, includes, known};

    #[test]
    fn the_names_are_those_that_a_record_leads_to() {
        for (record, expected) in [
            ("v=spf1 include:a.example ~include:B.example mx -all", vec!["a.example", "b.example"]),
            ("v=spf1 mx redirect=a.example", vec!["a.example"]),
            ("v=spf1 include:%{d}.a.example -all", vec!["%{d}.a.example"]),
            ("v=DMARC1; p=none", vec![]),
        ] {
            let found = includes(record);
            let found: Vec<_> = found.iter().map(Name::as_str).collect();
            assert_eq!(found, expected, "{record}");
        }
    }

    #[test]
    fn every_word_is_written() {
        let texts = crate::texts::of("en").unwrap();
        for provider in known().unwrap().provider {
            for sentence in advice(&provider, &texts) {
                assert!(sentence.contains(&provider.name), "{sentence}");
                assert!(!sentence.contains(['{', '}']), "{sentence}");
            }
        }
    }
}

//! The whole catalog: every rule has an example that raises it, a near miss that does not, and its sentences.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod examples;

use std::collections::{BTreeMap, BTreeSet};

use mxray_records::mta_sts::{policy, record};
use mxray_records::texts::RuleText;
use mxray_records::{Finding, Rule, Text, bimi, caa, catalog, dkim, dmarc, mx, spf, tlsa};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::examples::Example;

/// The sentences of these rules, a file a kind.
const TEXTS: [&str; 9] = [
    include_str!("../../../../texts/en/mta-sts.toml"),
    include_str!("../../../../texts/en/tls-rpt.toml"),
    include_str!("../../../../texts/en/spf.toml"),
    include_str!("../../../../texts/en/dkim.toml"),
    include_str!("../../../../texts/en/dmarc.toml"),
    include_str!("../../../../texts/en/bimi.toml"),
    include_str!("../../../../texts/en/tlsa.toml"),
    include_str!("../../../../texts/en/mx.toml"),
    include_str!("../../../../texts/en/caa.toml"),
];

const KINDS: [&str; 10] = [
    "mta-sts.record",
    "mta-sts.policy",
    "tls-rpt.record",
    "spf.record",
    "dkim.key",
    "dmarc.record",
    "bimi.record",
    "tlsa.record",
    "mx.set",
    "caa.record",
];

fn kind(code: &str) -> &'static str {
    let named = |kind: &&str| code.strip_prefix(*kind).is_some_and(|rest| rest.starts_with('.'));
    KINDS
        .into_iter()
        .find(named)
        .unwrap_or_else(|| panic!("{code}: expected one of the prefixes {KINDS:?}"))
}

impl Example {
    fn findings(&self, kind: &str) -> Vec<Finding> {
        match self {
            Self::Records(texts) => {
                let texts: Vec<Text> = texts.iter().map(|text| Text::from(text.as_str())).collect();
                of_records(kind, &texts)
            }
            Self::Policy(body) => policy::parse(body).findings,
            Self::Covering(body, hosts) => {
                policy::coverage(&policy::parse(body).value.unwrap(), hosts)
            }
            Self::ServedAs(value) => policy::content_type(*value),
        }
    }
}

/// Each record alone, and the set; a rule may be about either.
fn of_records(kind: &str, texts: &[Text]) -> Vec<Finding> {
    macro_rules! both {
        ($module:path) => {{
            use $module as module;
            let alone = texts.iter().flat_map(|text| module::parse(text).findings);
            alone.chain(module::read_set(texts).findings).collect()
        }};
    }
    match kind {
        "mta-sts.record" => both!(record),
        "tls-rpt.record" => both!(mxray_records::tls_rpt),
        "spf.record" => {
            let exact = texts.iter().filter_map(|text| spf::read_exactly(text).err());
            let found: Vec<Finding> = both!(spf);
            found.into_iter().chain(exact).collect()
        }
        "dkim.key" => both!(dkim),
        "dmarc.record" => both!(dmarc),
        "bimi.record" => both!(bimi),
        "tlsa.record" => both!(tlsa),
        "mx.set" => both!(mx),
        _ => both!(caa),
    }
}

fn examples() -> BTreeMap<&'static str, (Example, Example)> {
    let mut examples = BTreeMap::new();
    for (code, raises, near) in examples::rows() {
        assert!(examples.insert(code, (raises, near)).is_none(), "{code} has two rows");
    }
    examples
}

#[test]
fn every_rule_has_an_example_that_raises_it_and_a_near_miss_that_does_not() {
    let mut examples = examples();
    for rule in catalog() {
        let Some((raises, near)) = examples.remove(rule.code) else {
            panic!("{} has no example", rule.code)
        };
        let raised = |example: &Example| {
            example.findings(kind(rule.code)).iter().any(|finding| finding.rule == rule)
        };
        assert!(raised(&raises), "{}: its example does not raise it", rule.code);
        assert!(!raised(&near), "{}: its near miss raises it", rule.code);
    }
    assert!(examples.is_empty(), "examples of no rule: {:?}", examples.keys());
}

#[test]
fn codes_are_unique_and_in_kebab_case() {
    let mut seen = BTreeSet::new();
    for Rule { code, .. } in catalog() {
        assert!(seen.insert(code), "{code} twice");
        let name = &code[kind(code).len() + 1..];
        let is_word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        assert!(name.split('-').all(is_word), "{code}");
    }
}

#[test]
fn every_rule_cites_a_section() {
    for Rule { code, section, .. } in catalog() {
        let (standard, place) =
            section.split_once(" §").unwrap_or_else(|| panic!("{code}: {section}"));
        let number =
            standard.strip_prefix("RFC ").is_some_and(|number| number.parse::<u16>().is_ok());
        assert!(number || standard.starts_with("draft-"), "{code}: {section}");
        assert!(place.split('.').all(|part| part.parse::<u8>().is_ok()), "{code}: {section}");
    }
}

fn texts() -> BTreeMap<String, RuleText> {
    let read = |text| toml::from_str::<BTreeMap<String, RuleText>>(text).unwrap();
    TEXTS.into_iter().flat_map(read).collect()
}

#[test]
fn every_rule_has_its_texts_and_no_text_is_left_over() {
    let texts = texts();
    let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
    let rules: BTreeSet<&str> = catalog().map(|rule| rule.code).collect();
    assert_eq!(
        written.difference(&rules).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "texts of no rule"
    );
    assert_eq!(
        rules.difference(&written).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "rules without texts"
    );
}

#[test]
fn every_text_is_complete_and_its_title_is_short() {
    for (code, text) in texts() {
        for part in [&text.title, &text.why, &text.fix, &text.exact] {
            assert!(!part.trim().is_empty() && part.trim() == part, "{code}: {part:?}");
        }
        assert!(text.title.chars().count() <= 90, "{code}: its title is longer than 90 characters");
        assert!(
            !text.title.ends_with('.') && !text.exact.ends_with('.'),
            "{code}: title and exact end without a period"
        );
        assert!(text.why.ends_with('.'), "{code}: why ends with a period");
        assert!(
            !text
                .exact
                .starts_with(|c: char| c.is_ascii_uppercase() && !text.exact.starts_with("MX")),
            "{code}: exact begins in lower case"
        );
    }
}

#[test]
fn every_placeholder_is_filled_by_the_example() {
    let (texts, examples) = (texts(), examples());
    for (code, (raises, _)) in examples {
        let findings = raises.findings(kind(code));
        let finding = findings.iter().find(|finding| finding.rule.code == code).unwrap();
        let text = &texts[code];
        for part in [&text.title, &text.why, &text.fix, &text.exact] {
            for placeholder in part.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(
                    finding.params.iter().any(|(name, _)| *name == placeholder),
                    "{code}: {{{placeholder}}} has no datum"
                );
            }
        }
    }
}

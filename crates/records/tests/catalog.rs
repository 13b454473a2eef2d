//! The whole catalog: every rule has an example that raises it, a near miss that does not, and its sentences.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use mxray_records::example::{Example, Examples, kind};
use mxray_records::texts::RuleText;
use mxray_records::{Rule, catalog};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

macro_rules! files {
    ($folder:literal) => {
        [
            include_str!(concat!($folder, "/mta-sts.toml")),
            include_str!(concat!($folder, "/tls-rpt.toml")),
            include_str!(concat!($folder, "/spf.toml")),
            include_str!(concat!($folder, "/dkim.toml")),
            include_str!(concat!($folder, "/dmarc.toml")),
            include_str!(concat!($folder, "/bimi.toml")),
            include_str!(concat!($folder, "/tlsa.toml")),
            include_str!(concat!($folder, "/mx.toml")),
            include_str!(concat!($folder, "/caa.toml")),
        ]
    };
}

/// The sentences of these rules, a file a protocol.
const TEXTS: [&str; 9] = files!("../../../texts/en");

const EXAMPLES: [&str; 9] = files!("../examples");

fn examples() -> BTreeMap<String, Examples> {
    let read = |text| toml::from_str::<BTreeMap<String, Examples>>(text).unwrap();
    EXAMPLES.into_iter().flat_map(read).collect()
}

#[test]
fn every_rule_has_an_example_that_raises_it_and_a_near_miss_that_does_not() {
    let mut examples = examples();
    for rule in catalog() {
        let Some(Examples { raises, near }) = examples.remove(rule.code) else {
            panic!("{} has no example", rule.code)
        };
        let raised = |example: &Example| {
            example.findings(rule.code).iter().any(|finding| finding.rule == rule)
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
        assert!(
            kind(code).is_some(),
            "{code}: expected the name of a kind of text before the last dot"
        );
        let (_, name) = code.rsplit_once('.').unwrap();
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
    for (code, Examples { raises, .. }) in examples {
        let findings = raises.findings(&code);
        let finding = findings.iter().find(|finding| finding.rule.code == code).unwrap();
        let text = &texts[&code];
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

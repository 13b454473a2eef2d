//! The catalog of rules about several answers, and the texts that go with it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use mxray_records::Rule;
use mxray_records::texts::RuleText;
use mxray_scan::catalog;

fn texts(file: &str) -> toml::Table {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../texts/en", file].iter().collect();
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn codes_are_unique_and_none_is_a_records_rule() {
    let mut seen: BTreeSet<&str> = mxray_records::catalog().map(|rule| rule.code).collect();
    for rule in catalog() {
        assert!(seen.insert(rule.code), "{} twice", rule.code);
    }
}

#[test]
fn every_rule_cites_a_section() {
    for Rule { code, section, .. } in catalog() {
        let (standard, place) =
            section.split_once(" §").unwrap_or_else(|| panic!("{code}: {section}"));
        assert!(
            standard.starts_with("RFC ") && place.starts_with(|c: char| c.is_ascii_digit()),
            "{code}: {section}"
        );
    }
}

#[test]
fn every_rule_has_its_texts_and_no_text_is_left_over() {
    let mut texts = texts("scan.toml");
    texts.extend(self::texts("depth.toml"));
    let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
    let rules: BTreeSet<&str> = catalog().map(|rule| rule.code).collect();
    assert_eq!(written, rules);
    for (code, text) in &texts {
        let text: RuleText =
            text.clone().try_into().unwrap_or_else(|error| panic!("{code}: {error}"));
        assert!(
            [&text.title, &text.why, &text.fix, &text.exact].iter().all(|part| !part.is_empty()),
            "{code}"
        );
    }
}

#[test]
fn every_sentence_of_the_engine_is_written_and_none_is_left_over() {
    let source: String = ["answers.rs", "checks"]
        .iter()
        .flat_map(|path| read_all(&["src", path].iter().collect()))
        .collect();
    let used: BTreeSet<&str> = source
        .split('"')
        .filter(|piece| piece.starts_with("answer.") || piece.starts_with("check."))
        .collect();
    let texts = texts("report.toml");
    let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
    assert_eq!(written, used);
}

fn read_all(path: &PathBuf) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if path.is_file() {
        return vec![std::fs::read_to_string(path).unwrap()];
    }
    let entries = std::fs::read_dir(path).unwrap();
    entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

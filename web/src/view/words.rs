//! Holds the words of the page to those that it says.

use std::collections::BTreeSet;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Keys that the page puts together: the family, and what may follow.
fn families() -> Vec<String> {
    let checks = mxray_scan::CheckId::ALL.map(|id| format!("page.about.{}", id.as_str()));
    let stages =
        ["none", "broken", "testing", "enforce", "untested", "refused", "no-mail", "unknown"];
    let stages = stages.map(|name| format!("page.stage.{name}"));
    let errors = ["empty", "too-long", "empty-label", "label-too-long", "character", "hyphen"];
    let errors = errors.into_iter().chain(["address", "no-dot", "international"]);
    let errors = errors.map(|name| format!("domain.{name}"));
    checks.into_iter().chain(stages).chain(errors).collect()
}

#[test]
fn every_word_of_the_page_is_written_and_none_is_left_over() {
    let source = [
        include_str!("alarm.rs"),
        include_str!("answers.rs"),
        include_str!("check.rs"),
        include_str!("copy.rs"),
        include_str!("evidence.rs"),
        include_str!("finding.rs"),
        include_str!("form.rs"),
        include_str!("mod.rs"),
        include_str!("progress.rs"),
        include_str!("stage.rs"),
        include_str!("steps.rs"),
    ];
    let families = families();
    let said = source.iter().flat_map(|file| file.split('"'));
    let said = said.filter(|piece| piece.starts_with("page."));
    let is_family = |key: &&str| families.iter().any(|whole| whole.starts_with(&format!("{key}.")));
    let own = ["page.stage"];
    let mut used: BTreeSet<&str> =
        said.filter(|key| own.contains(key) || !is_family(key)).collect();
    used.extend(families.iter().map(String::as_str));
    let texts: toml::Table = include_str!("../../../texts/en/page.toml").parse().unwrap();
    let depth: toml::Table = include_str!("../../../texts/en/depth/page.toml").parse().unwrap();
    let written = texts.keys().chain(depth.keys().filter(|key| key.starts_with("page.")));
    let written: BTreeSet<&str> = written.map(String::as_str).collect();
    assert_eq!(written, used);
}

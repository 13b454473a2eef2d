//! The rooms and who may enter whom: the table of `docs/architecture.md`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package};

/// Each of our crates that is not a tool or a test, and which of ours it may use.
const TABLE: [(&str, &[&str]); 16] = [
    ("mxray-facts", &[]),
    ("mxray-records", &[]),
    ("mxray-lab", &[]),
    ("mxray-scan", &["mxray-records", "mxray-facts"]),
    ("mxray-probe", &["mxray-facts"]),
    ("mxray-proxy", &["mxray-probe", "mxray-facts"]),
    ("mxray-engine", &["mxray-records", "mxray-facts", "mxray-scan"]),
    ("mxray-reports", &["mxray-records", "mxray-facts", "mxray-scan"]),
    ("mxray-setup", &["mxray-records", "mxray-facts", "mxray-scan"]),
    ("mxray-zone", &["mxray-records", "mxray-facts"]),
    (
        "mxray-cli",
        &[
            "mxray-records",
            "mxray-facts",
            "mxray-reports",
            "mxray-scan",
            "mxray-setup",
            "mxray-probe",
            "mxray-zone",
        ],
    ),
    ("mxray-browser", &["mxray-records", "mxray-facts", "mxray-scan"]),
    ("mxray-web", &["mxray-records", "mxray-facts", "mxray-scan", "mxray-browser"]),
    (
        "mxray-after",
        &[
            "mxray-records",
            "mxray-facts",
            "mxray-scan",
            "mxray-browser",
            "mxray-engine",
            "mxray-reports",
            "mxray-setup",
        ],
    ),
    (
        "mxray-depth",
        &[
            "mxray-records",
            "mxray-facts",
            "mxray-scan",
            "mxray-browser",
            "mxray-engine",
            "mxray-zone",
        ],
    ),
    ("mxray-widget", &["mxray-records", "mxray-facts", "mxray-scan", "mxray-browser"]),
];

/// Tools and tests may use any.
const UNBOUND: [&str; 3] = ["mxray-tests", "mxray-bench", "xtask"];

/// What becomes the page.
const IN_THE_PAGE: [&str; 9] = [
    "mxray-browser",
    "mxray-depth",
    "mxray-engine",
    "mxray-facts",
    "mxray-records",
    "mxray-scan",
    "mxray-web",
    "mxray-widget",
    "mxray-zone",
];

/// What the page has no room for: the browser does it, or it is not needed.
const TOO_HEAVY: [&str; 6] = ["url", "idna", "regex", "serde_json", "fluent", "chrono"];

fn metadata() -> Metadata {
    MetadataCommand::new().features(CargoOpt::AllFeatures).no_deps().exec().unwrap()
}

fn uses(package: &Package) -> BTreeSet<&str> {
    let normal =
        package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn every_crate_uses_only_the_rooms_it_may() {
    let metadata = metadata();
    let ours: BTreeSet<&str> =
        metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let known: BTreeSet<&str> = TABLE.iter().map(|(name, _)| *name).chain(UNBOUND).collect();
    assert_eq!(ours, known, "a new crate needs a row in the table");
    for (name, allowed) in TABLE {
        let package =
            metadata.packages.iter().find(|package| package.name.as_str() == name).unwrap();
        let used: BTreeSet<&str> = uses(package).intersection(&ours).copied().collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert!(used.is_subset(&allowed), "{name} uses {used:?}, and may use {allowed:?}");
    }
}

#[test]
fn the_page_depends_on_nothing_heavy() {
    for package in
        metadata().packages.iter().filter(|package| IN_THE_PAGE.contains(&package.name.as_str()))
    {
        let heavy: Vec<_> =
            uses(package).into_iter().filter(|name| TOO_HEAVY.contains(name)).collect();
        assert!(heavy.is_empty(), "{} depends on {heavy:?}", package.name);
    }
}

#[test]
fn every_crate_of_ours_forbids_unsafe_code() {
    for package in metadata().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} does not take the workspace's lints",
            package.name
        );
    }
}

//! The recipes of `docs/hosting` that no web server serves: the unit of systemd, and the container file.
//!
//! Nginx and Caddy serve the site in `browser/served.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Output;

use mxray_tests::{debian, program};

const UNIT: &str = include_str!("../../docs/hosting/mxray-proxy.service");
const CONTAINER: &str = include_str!("../../docs/hosting/Containerfile");

/// What each line that begins with this word has behind it.
fn lines<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    text.lines().filter_map(|line| line.strip_prefix(word)).collect()
}

/// The proxy with these switches; it stops at the last one, having read all before it.
fn reads(switches: &[&str]) -> Output {
    program("mxray-proxy", "mxray-proxy").unwrap().args(switches).arg("--help").output().unwrap()
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    let left_out = "that systemd takes the unit of the proxy";
    let Some(mut analyze) = debian("systemd-analyze", left_out) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mxray-proxy.service");
    // Where the recipe installs it, nothing is.
    fs::write(&file, UNIT.replace("/usr/local/bin/mxray-proxy", "/bin/true")).unwrap();
    let said = analyze.args(["verify", "--man=no"]).arg(&file).output().unwrap();
    let complaints = String::from_utf8(said.stderr).unwrap();
    let about_it = complaints.lines().filter(|line| line.contains("mxray-proxy"));
    assert_eq!(about_it.collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(said.status.success(), "{complaints}");
}

#[test]
fn the_unit_starts_the_proxy_with_switches_that_it_has() {
    let starts = lines(UNIT, "ExecStart=/usr/local/bin/mxray-proxy ");
    let [switches] = starts.as_slice() else { panic!("{starts:?}") };
    let said = reads(&switches.split(' ').collect::<Vec<_>>());
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn the_container_starts_the_proxy_so_too_and_is_built_by_the_rust_that_we_take() {
    let starts = lines(CONTAINER, "ENTRYPOINT ");
    let [start] = starts.as_slice() else { panic!("{starts:?}") };
    let words: Vec<String> = serde_json::from_str(start).unwrap();
    let switches: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let said = reads(&switches);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let version = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let rust = version.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
    let rust = rust.trim_matches('"');
    let image = format!("docker.io/library/rust:{rust}-bookworm AS build");
    assert_eq!(lines(CONTAINER, "FROM ")[0], image, "the version that this is made for");
}

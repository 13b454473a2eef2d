//! What is in the page's WASM, by the names of its functions.
//!
//! Needs the page to have been built (`MXRAY_PAGE`): the module as the compiler
//! left it, before wasm-opt takes the names away.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::PathBuf;

use wasmparser::{KnownCustom, Name, Parser, Payload};

/// Crates whose code has no place in the page; yew pulls some of them in, unused.
const TOO_HEAVY: [&str; 6] = ["url", "idna", "regex", "serde_json", "fluent", "chrono"];

fn module() -> Option<Vec<u8>> {
    std::env::var_os("MXRAY_PAGE")?;
    let target = cargo_metadata::MetadataCommand::new().no_deps().exec().unwrap().target_directory;
    let path: PathBuf = target.join("wasm32-unknown-unknown/page/mxray-web.wasm").into();
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn functions(module: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload.unwrap() else { continue };
        let KnownCustom::Name(sections) = section.as_known() else { continue };
        for section in sections {
            if let Name::Function(map) = section.unwrap() {
                names.extend(
                    map.into_iter().map(|naming| {
                        format!("{:#}", rustc_demangle::demangle(naming.unwrap().name))
                    }),
                );
            }
        }
    }
    names
}

#[test]
fn no_function_of_a_heavy_crate_is_in_the_page() {
    let Some(module) = module() else {
        eprintln!("left out: MXRAY_PAGE is not set, so there is no page to look into");
        return;
    };
    let names = functions(&module);
    assert!(
        names.iter().any(|name| name.contains("mxray_scan::")),
        "the names are there to be looked at"
    );
    for heavy in TOO_HEAVY {
        let own = |name: &&String| {
            name.starts_with(&format!("{heavy}::")) || name.starts_with(&format!("<{heavy}::"))
        };
        let found: Vec<_> = names.iter().filter(own).take(3).collect();
        assert!(found.is_empty(), "{heavy}: {found:?}");
    }
}

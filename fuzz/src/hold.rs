//! Holds what libFuzzer makes against the laws of the reader that `MXRAY_READER` names.

#![no_main]

#[path = "../../crates/records/tests/properties/laws.rs"]
mod laws;
mod reports;

use std::sync::LazyLock;

use laws::Reader;
use libfuzzer_sys::fuzz_target;

/// What reads.
enum Held {
    Records(Reader),
    Reports,
}

static HELD: LazyLock<Held> = LazyLock::new(|| {
    let name = std::env::var("MXRAY_READER").expect("MXRAY_READER names a reader");
    let reader = Reader::all().find(|reader| reader.name() == name).map(Held::Records);
    let reports = || (name == "reports").then_some(Held::Reports);
    reader.or_else(reports).expect("a reader has that name")
});

fuzz_target!(|bytes: &[u8]| match &*HELD {
    // As in DNS and HTTP: what is not UTF-8 is read as replacement characters.
    Held::Records(reader) => reader.hold(&String::from_utf8_lossy(bytes)),
    Held::Reports => reports::hold(bytes),
});

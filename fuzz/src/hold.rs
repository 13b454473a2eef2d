//! Holds the texts that libFuzzer makes against the laws of the reader that `MXRAY_READER` names.

#![no_main]

#[path = "../../crates/records/tests/properties/laws.rs"]
mod laws;

use std::sync::LazyLock;

use laws::Reader;
use libfuzzer_sys::fuzz_target;

static READER: LazyLock<Reader> = LazyLock::new(|| {
    let name = std::env::var("MXRAY_READER").expect("MXRAY_READER names a reader");
    Reader::all().find(|reader| reader.name() == name).expect("a reader has that name")
});

// As in DNS and HTTP: what is not UTF-8 is read as replacement characters.
fuzz_target!(|bytes: &[u8]| READER.hold(&String::from_utf8_lossy(bytes)));

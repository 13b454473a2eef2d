//! Whole scans over a network made of a zone file.

// Simulated clocks are tokio's, which is not for browsers; what runs there is tested end to end.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod catalog;
mod reports;
mod rounds;
mod zone;

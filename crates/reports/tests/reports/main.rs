//! TLS reports as they arrive, and what is made of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod corpora;
mod files;
mod hostile;
mod live;
mod making;
mod picture;
mod properties;
mod summary;

#[allow(dead_code, reason = "the scan's tests use all of it")]
#[path = "../../../scan/tests/scan/zone.rs"]
mod zone;

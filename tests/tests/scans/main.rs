//! Whole scans over real sockets: lab, proxy and engine, without a browser.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod dane;
mod examples;
mod policies;
mod proxied;
mod samples;

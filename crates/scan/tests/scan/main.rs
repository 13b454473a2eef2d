//! Whole scans over a network made of a zone file.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

// It reads the engine's source.
#[cfg(not(target_arch = "wasm32"))]
mod catalog;
// It reads files.
#[cfg(not(target_arch = "wasm32"))]
mod corpora;
// It reads TOML.
#[cfg(not(target_arch = "wasm32"))]
mod depth;
// It uses the same.
#[cfg(not(target_arch = "wasm32"))]
mod metamorphic;
// It reads TOML.
#[cfg(not(target_arch = "wasm32"))]
mod providers;
mod reports;
// Simulated clocks are tokio's, which is not for browsers.
#[cfg(not(target_arch = "wasm32"))]
mod rounds;
// It uses what depth does.
#[cfg(not(target_arch = "wasm32"))]
mod second;
mod spf;
// It uses what depth does.
#[cfg(not(target_arch = "wasm32"))]
mod tree_walk;
mod zone;

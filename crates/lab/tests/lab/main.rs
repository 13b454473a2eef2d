//! The lab over real sockets, by itself.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod dns;
mod https;
mod smtp;
mod whole;

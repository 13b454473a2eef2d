//! The command as a shell sees it: what it prints, and how it ends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod check;
mod command;
mod formats;
mod german;
mod laboratory;
mod lint;
mod reports;
mod rules;
mod senders;
mod setup;
mod spf;
mod stream;
mod usage;
mod zone;

//! The probe against real servers on loopback: sound ones, broken ones and hostile ones.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod addresses;
mod dns;
mod door;
mod https;
mod own_name;
mod policy;
mod smtp;
mod world;

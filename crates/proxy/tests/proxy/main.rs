//! The proxy as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;
mod command;
mod facts;
mod limits;
mod openapi;
mod page;
mod refusals;
mod relay;
mod serving;

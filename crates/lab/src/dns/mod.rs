//! A resolver for the lab's names: what it knows, how it looks a name up, how it answers.

pub(crate) mod names;
pub(crate) mod rdata;
pub(crate) mod server;
pub(crate) mod txt;

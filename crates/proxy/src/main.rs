//! The small HTTP server in front of the probe, which also serves the built page.

fn main() {}

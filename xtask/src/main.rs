//! Set-up, demo, tests and measurements.

fn main() {}

//! The mxray command.

fn main() {}

//! The page: a domain typed, a report read.

fn main() {}

//! End to end: the product as people run it, for the demo and for the tests.

mod command;
mod debian;
mod product;

pub use command::{command, program};
pub use debian::{Server, debian, free_address, left_out_for, unpacked_folder};
pub use product::{Product, Setup, switches};

//! End to end: the product as people run it, for the demo and for the tests.

mod command;
mod product;

pub use command::command;
pub use product::{Product, Setup};

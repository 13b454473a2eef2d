//! The widget in pages of others: on another origin than its own, under their policies and styles.

mod builder;
pub(crate) mod host;
mod modes;
mod pages;
mod trouble;

//! The widget in pages of others: on another origin than its own, under their policies and styles.

mod attributes;
mod builder;
mod builders;
pub(crate) mod host;
mod looks;
mod modes;
mod pages;
mod trouble;

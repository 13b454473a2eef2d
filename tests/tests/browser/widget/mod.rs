//! The widget in pages of others: on another origin than its own, under their policies and styles.

pub(crate) mod host;
mod modes;
mod pages;
mod trouble;

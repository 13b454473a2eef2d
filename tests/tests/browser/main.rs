//! The built page in three browser engines, against the lab through the proxy.
//!
//! Left out without `MXRAY_PAGE`, the built page; `cargo xtask test` sets it, and the variables that
//! name the engines' drivers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod access;
mod after;
mod alone;
mod depth;
mod driver;
mod engine;
mod faces;
mod german;
mod hostile;
mod outside;
mod samples;
mod served;
mod sharing;
mod typing;
mod widget;

use std::path::PathBuf;

use mxray_lab::Config;
use mxray_tests::{Product, Setup};

use crate::engine::Engine;

/// The built page, or `None` with a line that says why a test is left out.
fn page() -> Option<PathBuf> {
    let page = std::env::var_os("MXRAY_PAGE").map(PathBuf::from);
    if page.is_none() {
        eprintln!("left out: MXRAY_PAGE is not set, so there is no page to open");
    }
    page
}

/// The product with these domains, if there are a page and a browser for it.
async fn start(engine: Engine, lab: Config) -> Option<Product> {
    let setup =
        Setup { lab, page: Some(page().filter(|_| engine.is_there())?), ..Setup::default() };
    Some(Product::start(setup).await.unwrap())
}

//! The built page in three browser engines, against the lab through the proxy.
//!
//! Left out without `MXRAY_PAGE`, the built page; `cargo xtask test` sets it, and the variables that
//! name the engines' drivers. With `MXRAY_ELSEWHERE` the page is served by a web server at a path of its
//! own, and the proxy is on another origin.

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
mod journeys;
mod links;
mod outside;
mod samples;
mod screenshots;
mod served;
mod settings;
mod sharing;
mod typing;
mod widget;

use std::path::PathBuf;

use mxray_lab::{Config, Lab};
use mxray_proxy::Proxy;
use mxray_tests::Setup;

use crate::engine::Engine;
use crate::served::{Recipe, Served};

/// What the variable names; without it a line says what is left out.
fn folder(variable: &str, what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("left out: {variable} is not set, so there is no {what}");
    }
    folder
}

/// The built page.
fn page() -> Option<PathBuf> {
    folder("MXRAY_PAGE", "page to open")
}

/// The product as it runs, and where its page is.
struct Product {
    lab: Lab,
    proxy: Proxy,
    elsewhere: Option<Served>,
}

/// The product with these domains, if there are a page and a browser for it.
async fn start(engine: Engine, lab: Config) -> Option<Product> {
    let page = page().filter(|_| engine.is_there())?;
    let setup = Setup { lab, page: Some(page), ..Setup::default() };
    let mxray_tests::Product { lab, proxy } = mxray_tests::Product::start(setup).await.unwrap();
    let elsewhere = std::env::var_os("MXRAY_ELSEWHERE").map(|_| {
        let served = Recipe::Nginx.serve_with_proxy_elsewhere("/check/", proxy.address());
        served.unwrap_or_else(|| panic!("there is no web server or no site to serve"))
    });
    Some(Product { lab, proxy, elsewhere })
}

impl Product {
    /// Where the page is: `http://127.0.0.1:8080`.
    fn address(&self) -> String {
        match &self.elsewhere {
            Some(served) => served.address.clone(),
            None => format!("http://{}", self.proxy.address()),
        }
    }

    /// Ends all of it, and waits until it has ended.
    async fn stop(self) {
        self.proxy.stop().await;
        self.lab.stop().await;
    }
}

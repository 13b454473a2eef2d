//! Every sample domain reads as its file expects.

use std::sync::Mutex;

use futures_util::join;
use mxray_lab::{Config, Domain, Expect};

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};
use rstest::rstest;

/// What a person reads first, in the words of a domain's file.
const READ: &str = "
    const seen = css => document.querySelector(css)?.dataset;
    const first = seen('[data-step], [data-finding]');
    return {
        transport: seen('[data-answer=transport]')?.protection ?? '',
        forgery: seen('[data-answer=forgery]')?.protection ?? '',
        stage: seen('[data-stage]')?.stage ?? '',
        first: first?.step ?? first?.finding ?? '',
        alarm: seen('[data-alarm]')?.alarm ?? null,
    }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_sample_domain_reads_as_its_file_expects(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let address = product.address();
    let samples = Mutex::new(product.lab.domains().iter());
    let surprises = Mutex::new(Vec::new());
    // Most of a slow domain's time is waiting, so that two browsers take half of it.
    let look = async |browser: &Browser| {
        loop {
            let Some(sample) = samples.lock().unwrap().next() else { return };
            let found = surprise(browser, &address, sample).await;
            surprises.lock().unwrap().extend(found);
        }
    };
    join!(browse(engine, look), browse(engine, look));
    let surprises = surprises.into_inner().unwrap();
    assert!(surprises.is_empty(), "\n{}", surprises.join("\n"));
    product.stop().await;
}

/// How a domain reads otherwise than its file expects.
async fn surprise(browser: &Browser, address: &str, sample: &Domain) -> Option<String> {
    browser.scanned(&format!("{address}/?domain={}", sample.name)).await;
    let mut seen: Expect = browser.look(READ).await;
    let expect = &sample.expect;
    // What is done first is not always what is worst: the plan has an order of its own.
    if expect.rules.iter().chain(&expect.deep).any(|rule| *rule == seen.first) {
        seen.first.clone_from(&expect.first);
    }
    // What each check finds the page shows in cards of its own.
    let expected = Expect { rules: Vec::new(), deep: Vec::new(), ..expect.clone() };
    (seen != expected)
        .then(|| format!("{}:\n  expected {expected:?}\n  seen     {seen:?}", sample.name))
}

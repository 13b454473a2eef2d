//! What people type, and where they go.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fantoccini::Locator;
use mxray_lab::Config;
use serde::Deserialize;

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};
use rstest::rstest;

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    note: String,
    input: String,
    domain: Option<String>,
    error: Option<String>,
    #[serde(default)]
    dropped_www: bool,
}

/// What the page makes of an input.
#[derive(Debug, Deserialize)]
struct Understood {
    domain: Option<String>,
    error: Option<String>,
    dropped_www: bool,
}

const READ: &str = "
    const shown = css => document.querySelector(css);
    return {
        domain: shown('#result')?.dataset.domain ?? null,
        error: shown('#domain-error')?.innerText.trim(),
        dropped_www: shown('#dropped-www') !== null,
    }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_people_type_is_understood_or_answered_beside_the_field(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::of([])).await else { return };
    let table: Table = toml::from_str(include_str!("../../domains.toml")).unwrap();
    let words = words();
    browse(engine, async |browser| {
        for case in &table.case {
            browser.open(&product.address()).await;
            browser.submits(&case.input).await;
            browser.appears("#status[data-state=done], #domain-error").await;
            let understood: Understood = browser.look(READ).await;
            let about = format!("{}: {understood:?}", case.note);
            assert_eq!(understood.domain, case.domain, "{about}");
            assert_eq!(understood.dropped_www, case.dropped_www, "{about}");
            match (&understood.error, &case.error) {
                (Some(said), Some(key)) => assert!(says(said, &words[key]), "{about}"),
                (said, key) => assert_eq!(said, key, "{about}"),
            }
        }
    })
    .await;
    product.stop().await;
}

/// Whether it is this sentence, with something in its placeholder if it has one.
fn says(said: &str, sentence: &str) -> bool {
    let (before, after) = sentence.split_once('{').unwrap_or((sentence, ""));
    let after = after.split_once('}').map_or("", |(_, after)| after);
    said.len() >= before.len() + after.len() && said.starts_with(before) && said.ends_with(after)
}

/// Every sentence that is no rule's, by its key.
fn words() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../texts/en");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // What only the command says stands in folders.
    let files = entries.filter(|path| path.is_file());
    let tables =
        files.map(|file| fs::read_to_string(file).unwrap().parse::<toml::Table>().unwrap());
    let word = |(key, value): (String, toml::Value)| Some((key, value.as_str()?.to_owned()));
    tables.flatten().filter_map(word).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_a_scan_and_back_and_forward_lead_through_them(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.open(&product.address()).await;
        assert_eq!(product.lab.dns_log(), [], "nobody has asked for anything");

        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        browser.reports_on("enforce.example").await;
        assert_eq!(field(browser).await, "enforce.example");

        browser.submits("Info@TESTING.example").await;
        browser.reports_on("testing.example").await;
        let address = browser.client.current_url().await.unwrap();
        assert_eq!(address.query(), Some("domain=testing.example"), "to be sent to a colleague");

        browser.client.back().await.unwrap();
        browser.reports_on("enforce.example").await;
        assert_eq!(field(browser).await, "enforce.example");
        browser.client.forward().await.unwrap();
        browser.reports_on("testing.example").await;
        assert_eq!(field(browser).await, "testing.example");
    })
    .await;
    product.stop().await;
}

async fn field(browser: &Browser) -> String {
    browser.look("return document.querySelector('#domain').value").await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_mail_leads_to_the_domain_above(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=news.enforce.example", product.address())).await;
        let offer = browser.client.find(Locator::Css("#suggestion")).await.unwrap();
        let offer = offer.text().await.unwrap();
        assert!(offer.contains("enforce.example"), "{offer}");
        browser.click("#suggestion a").await;
        browser.reports_on("enforce.example").await;
        assert!(!browser.shows("#suggestion").await, "it has mail");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_does_meanwhile_is_left_alone(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        // One check waits for a silent mail server; what is complete can be read.
        browser.open(&format!("{}/?domain=mx-silent.example", product.address())).await;
        browser.appears("[data-check=spf]").await;
        browser.click("[data-check=spf] summary").await;
        let field = browser.client.find(Locator::Css("#domain")).await.unwrap();
        field.send_keys(" typed").await.unwrap();
        assert!(browser.shows("#status[data-state=running]").await, "in the middle");
        browser.appears("#status[data-state=done]").await;
        assert!(browser.shows("[data-check=spf][open]").await, "what was opened stays open");
        field.send_keys(" on").await.unwrap();
        assert_eq!(self::field(browser).await, "mx-silent.example typed on");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn it_says_which_resolver_sees_the_domain(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::of([])).await else { return };
    browse(engine, async |browser| {
        browser.open(&product.address()).await;
        browser.appears("#resolver").await;
        let resolver: String =
            browser.look("return document.querySelector('#resolver').innerText").await;
        assert!(resolver.contains("this site's own resolver"), "{resolver}");
    })
    .await;
    product.stop().await;
}

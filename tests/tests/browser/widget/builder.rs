//! The page on which a host chooses, sees and copies.

use mxray_lab::Config;
use rstest::rstest;
use serde_json::Value;

use super::host::{Host, page};
use crate::driver::browse;
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_copied_works_in_a_page_of_the_hosts(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        for (mode, version) in [("inline", "exact"), ("panel", "exact"), ("panel", "v1")] {
            browser.client.goto(&format!("{}/widget/", product.address())).await.unwrap();
            browser.comes("document.querySelector('#preview mxray-check')?.shadowRoot").await;
            let snippet: String = browser
                .look(&format!(
                    "const form = document.querySelector('#options').elements;
                     form.mode.value = '{mode}';
                     form.version.value = '{version}';
                     form['cta-label'].value = 'Book a \"call\"';
                     form['cta-href'].value = '/call';
                     form.mode.dispatchEvent(new Event('input', {{ bubbles: true }}));
                     return document.querySelector('#snippet').textContent"
                ))
                .await;
            let has_hash = snippet.contains("integrity=\"sha384-");
            assert_eq!(has_hash, version == "exact", "never for what changes: {snippet}");

            let seen: String = browser
                .look(
                    "return document.querySelector('#preview mxray-check').scan('enforce.example')
                         .then(report => report.stage, error => error.message)",
                )
                .await;
            assert_eq!(seen, "enforce", "{mode}: the preview works");

            let host = Host::start(page(&snippet)).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "enforce.example").await;
            let told: Value = browser.told("mxray-result").await;
            assert_eq!(told["stage"], "enforce", "{mode}, {version}");
        }
    })
    .await;
    product.stop().await;
}

//! What each attribute does, one by one.

use mxray_lab::Config;
use rstest::rstest;
use serde_json::{Value, json};

use super::host::{Host, page};
use super::trouble::Files;
use crate::driver::browse;
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

const INSIDE: &str = "document.querySelector('mxray-check').shadowRoot";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_attribute_does_what_it_says(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for (attributes, looked_at, expected) in [
            ("", "querySelector('input').value", ""),
            ("domain='a.example'", "querySelector('input').value", "a.example"),
            ("", "querySelector('input').placeholder", "example.com"),
            ("placeholder='b.example'", "querySelector('input').placeholder", "b.example"),
            ("", "querySelector('h2')?.innerText ?? 'none'", "none"),
            ("heading='Is it safe?'", "querySelector('h2').innerText", "Is it safe?"),
            ("", "querySelector('button').innerText", "Check"),
            ("lang='de'", "querySelector('button').innerText", "Prüfen"),
            ("lang='de-AT'", "querySelector('label').innerText", "Ihre Domain"),
            ("lang='xx'", "querySelector('label').innerText", "Your domain"),
            ("", "querySelector('form').action", &format!("{site}/")),
            (
                "report-url='https://a.example/r?x=1'",
                "querySelector('form').action",
                "https://a.example/r?x=1",
            ),
        ] {
            let body = format!(
                "<mxray-check mode=inline {attributes}></mxray-check>
                 <script type=module src='{site}/widget/v1/mxray.js'></script>"
            );
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            let seen: String = browser.look(&format!("return {INSIDE}.{looked_at}")).await;
            assert_eq!(seen, expected, "{attributes}: {looked_at}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_later_is_heeded_too(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::of([])).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        let body = format!(
            "<mxray-check mode=inline></mxray-check>
             <script type=module src='{site}/widget/v1/mxray.js'></script>"
        );
        let host = Host::start(page(&body)).await;
        browser.visits(&host).await;
        let seen: [String; 2] = browser
            .look(&format!(
                "const one = document.querySelector('mxray-check');
                 one.setAttribute('domain', 'a.example');
                 one.setAttribute('placeholder', 'b.example');
                 const {{ value, placeholder }} = {INSIDE}.querySelector('input');
                 one.setAttribute('theme', 'black');
                 return [value, placeholder]"
            ))
            .await;
        assert_eq!(seen, ["a.example", "b.example"]);
        let said: Vec<String> = browser.look("return window.said").await;
        assert!(said[0].contains("write auto, light, dark."), "{said:?}");
    })
    .await;
    product.stop().await;
}

/// What a result leads to, and what it says.
const SAID: &str = "
    const of = css => root.querySelector(css);
    return [of('[part=report]').href, of('[part=report]').innerText, of('[part=cta]').href, of('[part=cta]').innerText]";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_result_speaks_the_language_and_leads_where_the_host_wants(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let body = format!(
                "<mxray-check mode={mode} lang=de report-url='/report?from=us' cta-label='Ruf an' cta-href='/call'></mxray-check>
                 <script type=module src='{site}/widget/v1/mxray.js'></script>"
            );
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "testing.example").await;
            let told: Value = browser.told("mxray-result").await;
            let report = format!("http://{}/report?from=us&domain=testing.example", host.address);
            assert_eq!(told["report_url"], report, "{mode}");
            let said: [String; 4] = browser.in_card(mode, SAID).await;
            let call = format!("http://{}/call", host.address);
            assert_eq!(said, [&report, "Den ganzen Bericht ansehen", &call, "Ruf an"], "{mode}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn proxy_and_resolver_are_those_that_the_host_names(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    // The scanner's own site knows neither.
    let files = Files::start(&json!({ "proxy": null, "resolvers": [] })).await;
    let proxy = product.address();
    let named = product.proxy.address().to_string();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            for (attributes, note, stage) in [
                (format!("proxy='{proxy}'"), "", "enforce"),
                (format!("resolver='{proxy}/dns-query'"), named.as_str(), "unknown"),
            ] {
                let body = format!(
                    "<mxray-check mode={mode} {attributes}></mxray-check>
                     <script type=module src='{}/widget/v1/mxray.js'></script>",
                    files.site
                );
                let host = Host::start(page(&body)).await;
                browser.visits(&host).await;
                browser.asks("mxray-check", "enforce.example").await;
                let told: Value = browser.told("mxray-result").await;
                assert_eq!(told["stage"], stage, "{mode}, {attributes}");
                let said: String = browser
                    .look(&format!("return {INSIDE}.querySelector('[part=note]').textContent"))
                    .await;
                assert!(said.contains(note), "{mode}, {attributes}: {said}");
                assert_eq!(said.is_empty(), note.is_empty(), "{mode}, {attributes}: {said}");
            }
        }
    })
    .await;
    product.stop().await;
}

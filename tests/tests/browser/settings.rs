//! The visitor's own settings, and what the browser keeps besides: earlier results.

use mxray_lab::Config;
use rstest::rstest;

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_resolver_that_was_set_is_asked_from_then_on_until_it_is_cleared(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        let settings = format!("{}/?#settings", product.address());
        browser.open(&product.address()).await;
        browser.click("footer a[href='?#settings']").await;
        browser.appears("#settings-resolver").await;
        choose_last(browser, "#settings-resolver").await;
        for wrong in ["https://", "resolver.example", "http://resolver.example/dns-query"] {
            browser.appears("#settings-resolver-own").await;
            browser.pastes("#settings-resolver-own", wrong).await;
            browser.click("#settings-keep").await;
            browser.appears("#settings-said .error").await;
            browser.pastes("#settings-resolver-own", "").await;
            browser.holds("!document.querySelector('#settings-said .error')", wrong).await;
        }
        // By another name than the page's, and so told from it.
        let own = product.address().replace("127.0.0.1", "localhost");
        browser.pastes("#settings-resolver-own", &format!("{own}/dns-query")).await;
        browser.click("#settings-keep").await;
        browser.appears("[data-settings=kept]").await;

        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        let asked = "performance.getEntriesByType('resource')
            .some(({ name }) => name.startsWith('http://localhost'))";
        assert!(browser.look::<bool>(&format!("return {asked}")).await, "it is asked");

        browser.client.goto("about:blank").await.unwrap();
        browser.open(&settings).await;
        browser.appears("#settings-resolver-own, #settings-resolver").await;
        browser.click("#settings-clear").await;
        browser.appears("[data-settings=kept]").await;
        browser.scanned(&format!("{}/?domain=testing.example", product.address())).await;
        assert!(!browser.look::<bool>(&format!("return {asked}")).await, "it is forgotten");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_resolver_is_asked_the_same(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        let second = format!("http://localhost:{}/dns-query", product.proxy.address().port());
        keeps(browser, &product.address(), &second).await;
        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        browser.deepens().await;
        // It was set, so nobody has to ask.
        browser.appears("#second [data-second=pass]").await;
    })
    .await;
    product.stop().await;
}

/// As the panel keeps them: a resolver to ask besides.
async fn keeps(browser: &Browser, address: &str, second: &str) {
    browser.open(&format!("{address}/?#settings")).await;
    browser.appears("#settings-second").await;
    choose_last(browser, "#settings-second").await;
    browser.appears("#settings-second-own").await;
    browser.pastes("#settings-second-own", second).await;
    browser.click("#settings-keep").await;
    browser.appears("[data-settings=kept]").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_an_earlier_result_is_told(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        let (report, _) = browser.saves().await;
        let earlier = report.to_string();
        let weaker = earlier.replace("p=reject", "p=none");
        assert_ne!(earlier, weaker);
        for (reason, text, expected) in [
            ("the same", earlier.as_str(), "[data-changed=nothing]"),
            ("another record", &weaker, "[data-changed=something]"),
            ("another domain", &earlier.replace("enforce.example", "other.example"), ".error"),
            ("no result", "what was it?", ".error"),
        ] {
            browser.look::<()>("document.querySelector('#changed details').open = true").await;
            browser.pastes("#changed-link", text).await;
            browser.click("#changed button[type=submit]").await;
            browser.appears(&format!("#changed-said {expected}")).await;
            let said: String =
                browser.look("return document.querySelector('#changed-said').innerText").await;
            if reason == "another record" {
                assert!(said.contains("p=none") && said.contains("p=reject"), "{said}");
            }
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_last_result_about_a_domain_is_remembered(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        let address = format!("{}/?domain=enforce.example", product.address());
        for earlier in [false, true] {
            browser.scanned(&address).await;
            browser.deepens().await;
            browser.appears("#save:enabled").await;
            let css = if earlier { "[data-changed=nothing]" } else { "#changed-said p" };
            browser.appears(css).await;
            browser.holds("!!localStorage['mxrayResult.enforce.example']", "it is kept").await;
            // Times are kept in seconds.
            let next = "Math.floor(Date.now() / 1000) > window.since";
            browser.look::<()>("window.since = Math.floor(Date.now() / 1000)").await;
            browser.holds(next, "a second later").await;
        }
    })
    .await;
    product.stop().await;
}

/// Chooses the last entry of a list: an address of one's own.
async fn choose_last(browser: &Browser, css: &str) {
    let chosen = format!(
        "const list = document.querySelector('{css}');
         list.selectedIndex = list.options.length - 1;
         list.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    browser.look::<()>(&chosen).await;
}

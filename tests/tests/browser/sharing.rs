//! A result that goes from one visitor to another by a link.

use std::collections::BTreeMap;

use mxray_lab::Config;
use rstest::rstest;

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_holds_what_was_seen_and_is_judged_again(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        for domain in ["enforce.example", "mx-not-covered.example", "nothing.example"] {
            browser.scanned(&format!("{}/?domain={domain}", product.address())).await;
            let here = verdicts(browser, "#result").await;
            let link = link(browser).await;
            // The page's own buttons to copy stand above, and must not answer to this one.
            assert!(link.starts_with(&format!("{}/#seen.1.", product.address())), "{link}");

            let asked = product.lab.dns_log().len();
            opens(browser, &link).await;
            browser.appears(&format!("#shared[data-domain='{domain}']")).await;
            assert_eq!(verdicts(browser, "#shared").await, here, "{domain}");
            assert_eq!(product.lab.dns_log().len(), asked, "nobody is asked for anything");
            let text = browser.text().await;
            assert!(text.contains("not checked by us") && text.contains("today"), "{text}");
        }
        browser.click("#shared .note a").await;
        browser.reports_on("nothing.example").await;
        assert!(!browser.shows("#shared").await, "it was checked now");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_cut_says_so_and_the_page_works(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        let link = link(browser).await;
        for (reason, link) in [
            ("cut", link[..link.len() - 40].to_owned()),
            ("of another format", link.replace("#seen.1.", "#seen.2.")),
            ("not packed", format!("{}/#seen.1.aGVsbG8", product.address())),
        ] {
            opens(browser, &link).await;
            browser.appears("#shared[role=alert]").await;
            assert!(!browser.shows("#shared [data-check]").await, "{reason}");
        }
        browser.submits("testing.example").await;
        browser.reports_on("testing.example").await;
        assert!(!browser.shows("#shared").await, "another result takes its place");
    })
    .await;
    product.stop().await;
}

/// Opens a link as somebody does who was not on the page before.
async fn opens(browser: &Browser, link: &str) {
    browser.client.goto("about:blank").await.unwrap();
    browser.open(link).await;
}

/// The link to this result, as the button copies it.
async fn link(browser: &Browser) -> String {
    browser
        .look::<()>(
            "Object.defineProperty(navigator, 'clipboard', { value: {
                 writeText: async text => { window.copied = text; }
             } })",
        )
        .await;
    browser.deepens().await;
    browser.appears("#save:enabled").await;
    let press = "(() => {
        const buttons = Array.from(document.querySelectorAll('#keep button'));
        buttons.find(button => button.textContent.endsWith('this result'))?.click();
        return window.copied !== undefined;
    })()";
    browser.holds(press, "the link to the result").await;
    browser.look("return window.copied").await
}

/// The verdict of each check, both answers and the alarms, below an element.
async fn verdicts(browser: &Browser, below: &str) -> BTreeMap<String, String> {
    let read = format!(
        "const of = kind => Array.from(document.querySelectorAll(`{below} [data-${{kind}}]`));
         return Object.fromEntries([
             ...of('check').map(({{ dataset }}) => [dataset.check, dataset.verdict]),
             ...of('alarm').map(({{ dataset }}) => [dataset.alarm, 'alarm']),
             ...of('answer').map(({{ dataset }}) => [dataset.answer, dataset.protection]),
         ])"
    );
    browser.look(&read).await
}

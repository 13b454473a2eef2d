//! Three newcomers, from the first sight to what they came for.

use mxray_lab::Config;
use rstest::rstest;

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

/// An owner who does not know what DNS is types the domain, hears that nothing protects it, and gets a
/// text to send to whoever can change that.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_finds_out_that_nothing_is_published_and_what_to_ask_for(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.open(&product.address()).await;
        browser.submits("info@nothing.example").await;
        browser.reports_on("nothing.example").await;
        for question in ["transport", "forgery"] {
            browser.appears(&format!("[data-answer={question}][data-protection=no]")).await;
        }
        // What comes first: with text to paste, and whose task it is.
        let first = text_of(browser, ".steps").await;
        for asked in ["_smtp._tls.nothing.example", "mode: testing", "the domain's DNS"] {
            assert!(first.contains(asked), "{asked} in {first}");
        }

        browser.deepens().await;
        browser.appears("#save:enabled").await;
        // Whose task it is, and what to write where.
        let plan = text_of(browser, "#plan").await;
        for asked in ["_dmarc.nothing.example", "v=DMARC1", "the domain's DNS"] {
            assert!(plan.contains(asked), "{asked} in {plan}");
        }
        let letter = copies(browser, "Copy as text").await;
        for asked in ["nothing.example", "No. ", "1. ", "_dmarc"] {
            assert!(letter.contains(asked), "{asked} in {letter}");
        }
    })
    .await;
    product.stop().await;
}

/// An administrator whose policy senders refuse is led to the one wrong character, and tries the
/// correction before it is published.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_finds_the_one_wrong_character_in_a_policy(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.open(&product.address()).await;
        browser.submits("mode-enforced.example").await;
        browser.reports_on("mode-enforced.example").await;
        unfold(browser).await;
        assert_eq!(text_of(browser, "[data-check=mta-sts] a.mark").await, "enforced");
        browser.click("[data-check=mta-sts] a.mark").await;
        browser.appears(".finding:target[data-finding='mta-sts.policy.mode-unknown']").await;
        let corrected = text_of(browser, ".finding:target .copyable pre").await;
        assert!(corrected.contains("mode: enforce\n"), "{corrected}");

        browser.deepens().await;
        for (policy, verdict) in
            [(corrected.replace("enforce\n", "enforced\n"), "fail"), (corrected, "pass")]
        {
            browser.pastes("#linting-text", &policy).await;
            browser.appears(&format!("#linting-said [data-lint={verdict}]")).await;
        }
    })
    .await;
    product.stop().await;
}

/// A consultant looks at a customer's domain and sends the result; the customer opens it, and sees the
/// same, whose it is, and how to look anew.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_consultant_sends_a_result(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let mut link = String::new();
    browse(engine, async |browser| {
        browser.open(&product.address()).await;
        browser.submits("mx-not-covered.example").await;
        browser.reports_on("mx-not-covered.example").await;
        browser.deepens().await;
        browser.appears("#save:enabled").await;
        link = copies(browser, "Copy the link to this result").await;
    })
    .await;
    // Somebody else, in a browser that has never been here.
    browse(engine, async |browser| {
        browser.open(&link).await;
        browser.appears("#shared[data-domain='mx-not-covered.example'] [data-alarm]").await;
        let said = text_of(browser, "#shared").await;
        for expected in ["not checked by us", "today", "Check now"] {
            assert!(said.contains(expected), "{expected} in {said}");
        }
        browser.click("#shared .note a").await;
        browser.reports_on("mx-not-covered.example").await;
    })
    .await;
    product.stop().await;
}

/// Opens all that is folded.
async fn unfold(browser: &Browser) {
    browser.look::<()>("document.querySelectorAll('details').forEach(it => it.open = true)").await;
}

async fn text_of(browser: &Browser, css: &str) -> String {
    browser.look(&format!("return document.querySelector(`{css}`).innerText")).await
}

/// What a button of the depth copies.
async fn copies(browser: &Browser, word: &str) -> String {
    browser
        .look::<()>(
            "delete window.copied;
             Object.defineProperty(navigator, 'clipboard', { configurable: true, value: {
                 writeText: async text => { window.copied = text; }
             } })",
        )
        .await;
    let press = format!(
        "(() => {{
             const buttons = Array.from(document.querySelectorAll('#keep button'));
             buttons.find(button => button.textContent === '{word}')?.click();
             return window.copied !== undefined;
         }})()"
    );
    browser.holds(&press, word).await;
    browser.look("return window.copied").await
}

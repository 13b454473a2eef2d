//! The depth of a report: what can be tried there, and that it is as careful as the page.

use mxray_lab::Config;

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};
use rstest::rstest;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_tried_against_spf(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        browser.deepens().await;
        browser.pastes("#sending-ip", "mail.example.com").await;
        browser.click("#sending button[type=submit]").await;
        browser.appears("#sending-said .error").await;
        for (ip, result, reason) in [
            ("127.0.2.1", "pass", "a mail server of its own, which `mx` names"),
            ("192.0.2.99", "fail", "nobody that the record names"),
            ("2001:db8::1", "fail", "an address of IPv6"),
        ] {
            browser.pastes("#sending-ip", ip).await;
            browser.click("#sending button[type=submit]").await;
            browser.appears(&format!("[data-result={result}]")).await;
            let said = text_of(browser, "#sending-said").await;
            assert!(said.contains(ip), "{reason}: {said}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_tried_before_it_is_published_and_its_correction_is_clean(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=nothing.example", product.address())).await;
        browser.deepens().await;
        for (kind, text, code) in [
            (
                1,
                "version: STSv1\nmode: enforced\nmx: *.example.com\nmax_age: 604800\n",
                "mta-sts.policy.mode-unknown",
            ),
            (0, "v=STSv1; id=2026-11-24", "mta-sts.record.id-characters"),
        ] {
            choose(browser, kind).await;
            browser.pastes("#linting-text", text).await;
            browser.appears(&format!("[data-lint=fail] ~ [data-finding='{code}']")).await;
            let fixed = text_of(browser, "#linting .copyable pre").await;
            browser.pastes("#linting-text", &fixed).await;
            browser.appears("[data-lint=pass]").await;
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_found_by_its_selector_or_by_a_header(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        browser.deepens().await;
        let header =
            "From: a@enforce.example\nDKIM-Signature: v=1; d=enforce.example;\n s=default; bh=x\n";
        for (reason, text, expected) in [
            ("a selector in use", "default", "[data-lint=pass]"),
            ("one that is not", "never-used", "[data-lint=fail]"),
            ("a header", header, "[data-lint=pass]"),
            ("a key of others", &header.replace("d=enforce", "d=testing"), "[data-lint=warning]"),
            ("nothing that names a key", "to whom it may concern", ".error"),
        ] {
            browser.pastes("#signing-text", text).await;
            browser.click("#signing button[type=submit]").await;
            browser.appears(&format!("#signing-said {expected}")).await;
            assert!(!text_of(browser, "#signing-said").await.is_empty(), "{reason}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_wrote_is_text_in_the_depth_too(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=control-characters.example", product.address())).await;
        browser.deepens().await;
        browser.pastes("#linting-text", "<img src=x onerror=alert(1)>\u{202e}\u{7}").await;
        browser.appears("[data-lint=fail]").await;
        let made: usize = browser
            .look("return document.querySelectorAll('#depth-here :is(img, script)').length")
            .await;
        assert_eq!(made, 0);
        let said = text_of(browser, "#linting-said").await;
        assert!(said.contains("\\u{202e}"), "{said}");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_depth_ends_with_its_report(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        browser.deepens().await;
        browser.submits("testing.example").await;
        browser.reports_on("testing.example").await;
        browser.deepens().await;
        let said = text_of(browser, "#depth-here").await;
        assert!(said.contains("mail.testing.example"), "{said}");
        assert!(!said.contains("mail.enforce.example"), "it was about another domain: {said}");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_zone_is_tried_record_by_record(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=nothing.example", product.address())).await;
        browser.deepens().await;
        choose(browser, ZONE).await;
        browser.pastes("#linting-text", "@ IN A 192.0.2.1\n").await;
        browser.appears("#linting-said > p:only-child").await;
        let zone = "@ MX 10 mail\n_mta-sts TXT \"v=STSv1; id=2026-11-24\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n";
        browser.pastes("#linting-text", zone).await;
        browser.appears("#linting-said [data-finding='mta-sts.record.id-characters']").await;
        assert_eq!(text_of(browser, "#linting-said mark.is-fail").await, "-");
        let said = text_of(browser, "#linting-said").await;
        for name in ["_mta-sts.nothing.example", "_dmarc.nothing.example"] {
            assert!(said.contains(name), "{name} in {said}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_file_is_dropped_and_held_against_the_mail_servers(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=nothing.example", product.address())).await;
        browser.deepens().await;
        let policy = "version: STSv1\nmode: enforce\nmx: mail.other.example\nmax_age: 604800\n";
        let drop = "const dropped = new DataTransfer();
            dropped.items.add(new File([arguments[0]], 'mta-sts.txt'));
            const input = document.querySelector('#linting-file');
            input.files = dropped.files;
            input.dispatchEvent(new Event('change', { bubbles: true }));";
        browser.client.execute(drop, vec![policy.into()]).await.unwrap();
        browser.appears("#linting-said [data-lint=pass]").await;
        browser.click("#linting-covering").await;
        browser.appears("#linting-said [data-finding='mta-sts.policy.mx-not-covered']").await;
        // Who would honor it, though it is not published.
        browser.appears("#linting-said [data-sender]").await;
    })
    .await;
    product.stop().await;
}

/// The place of a zone in the list of kinds.
const ZONE: usize = 10;

async fn text_of(browser: &Browser, css: &str) -> String {
    browser.look(&format!("return document.querySelector(`{css}`).innerText")).await
}

/// Chooses a kind of text by its place in the list.
async fn choose(browser: &Browser, kind: usize) {
    let chosen = format!(
        "const list = document.querySelector('#linting-kind');
         list.selectedIndex = {kind};
         list.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    browser.look::<()>(&chosen).await;
}

//! What a visitor sees and a host hears, in each mode.

use mxray_lab::Config;
use rstest::rstest;
use serde_json::{Value, json};

use super::host::{Host, page, snippet};
use crate::driver::browse;
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

/// What a card says.
const READ: &str = "
    const all = css => Array.from(root.querySelectorAll(css));
    const data = (css, name) => root.querySelector(css)?.dataset[name] ?? '';
    return {
        transport: data('[data-answer=transport]', 'protection'),
        forgery: data('[data-answer=forgery]', 'protection'),
        stage: data('[data-stage]', 'stage'),
        steps: all('[data-step]').map(step => step.innerText.trim().length),
        report: root.querySelector('[part=report]')?.href ?? '',
        cta: root.querySelector('[part=cta]')?.innerText ?? '',
    }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_is_shown_in_the_page_and_in_a_frame(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let attributes =
                format!("mode='{mode}' cta-label='Book a call' cta-href='/call' theme='dark'");
            let host = Host::start(page(&snippet(&site, &attributes))).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "testing.example").await;
            let _: Value = browser.told("mxray-result").await;
            let card: Value = browser.in_card(mode, READ).await;
            assert_eq!(card["transport"], "partly", "{mode}");
            assert_eq!(card["stage"], "testing", "{mode}");
            assert_ne!(card["forgery"], "", "{mode}");
            assert_eq!(card["cta"], "Book a call", "{mode}");
            assert_eq!(card["report"], format!("{site}/?domain=testing.example"), "{mode}");
            let said: Vec<String> = browser.look("return window.said").await;
            assert_eq!(said, Vec::<String>::new(), "{mode}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn three_steps_at_most_each_with_what_to_do(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        let host = Host::start(page(&snippet(&site, "mode='inline'"))).await;
        browser.visits(&host).await;
        browser.asks("mxray-check", "nothing.example").await;
        let told: Value = browser.told("mxray-result").await;
        let card: Value = browser.in_card("inline", READ).await;
        let steps = card["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 3, "{card}");
        assert!(steps.iter().all(|length| length.as_u64() > Some(20)), "{card}");
        assert_eq!(told["steps"].as_array().unwrap().len(), 3);
        assert_eq!(told["transport"]["protection"], card["transport"]);
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_report_and_so_does_the_form_without_javascript(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for (reason, body) in [
            ("mode=\"link\"", snippet(&site, "mode='link'")),
            ("no script at all", snippet(&site, "").split("<script").next().unwrap().to_owned()),
        ] {
            let host = Host::start(page(&body.replace("target=\"_blank\"", ""))).await;
            browser.client.goto(&format!("http://{}/", host.address)).await.unwrap();
            if reason != "no script at all" {
                browser.visits(&host).await;
            }
            let field = browser.element("document.querySelector('input[name=domain]')").await;
            field.send_keys("enforce.example\u{e007}").await.unwrap();
            browser.reports_on("enforce.example").await;
            let address = browser.client.current_url().await.unwrap();
            assert!(address.as_str().starts_with(&site), "{reason}: {address}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_tells_the_host_that_somebody_asked_and_gives_no_report(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::of([])).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        let host = Host::start(page(&snippet(&site, "mode='link'"))).await;
        browser.visits(&host).await;
        // It would lead away from what is looked at.
        browser
            .look::<()>(
                "document.addEventListener('submit', event => {
                     window.followed = !event.defaultPrevented;
                     event.preventDefault();
                 })",
            )
            .await;
        browser.asks("mxray-check", "enforce.example").await;
        let told: Value = browser.told("mxray-start").await;
        assert_eq!(told, json!({ "version": 1, "domain": "enforce.example" }));
        assert!(browser.look::<bool>("return window.followed").await, "the form opens the report");
        let refused: String = browser
            .look(
                "return document.querySelector('mxray-check').scan('enforce.example')
                     .then(() => 'a report', error => error.message)",
            )
            .await;
        assert!(refused.contains("write mode="), "{refused}");
        let loaded: usize =
            browser.look("return performance.getEntriesByType('resource').filter(({ name }) => name.includes('/widget/')).length").await;
        assert_eq!(loaded, 1, "the loader is all that this mode takes");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_host_hears_how_it_goes_and_gets_the_report(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let body = snippet(&site, &format!("mode='{mode}'"));
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            let report: Value = browser
                .look("return document.querySelector('mxray-check').scan('Info@ENFORCE.example')")
                .await;
            assert_eq!(report["schema"], mxray_scan::SCHEMA, "{mode}");
            assert_eq!(report["domain"], "enforce.example", "{mode}");
            let told: Vec<Value> = browser.look("return window.told").await;
            let names: Vec<_> = told.iter().map(|one| one["type"].as_str().unwrap()).collect();
            let mut expected = vec!["mxray-start"];
            expected.extend(["mxray-progress"; 9]);
            expected.push("mxray-result");
            assert_eq!(names, expected, "{mode}");
            for one in &told {
                assert_eq!(one["detail"]["version"], 1, "{mode}: {one}");
                assert_eq!(one["detail"]["domain"], "enforce.example", "{mode}: {one}");
            }
            let (progress, result) = (&told[9]["detail"], &told[10]["detail"]);
            assert_eq!((&progress["done"], &progress["all"]), (&9.into(), &9.into()), "{mode}");
            assert_eq!(result["at"], report["at"], "{mode}");
            assert_eq!(result["stage"], report["stage"], "{mode}");
            let again: Value =
                browser.look("return document.querySelector('mxray-check').report()").await;
            assert_eq!(again, report, "{mode}: the report about the last one");
            assert_eq!(result["report_url"], format!("{site}/?domain=enforce.example"), "{mode}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_domain_is_answered_and_told(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::of([])).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let host = Host::start(page(&snippet(&site, &format!("mode='{mode}'")))).await;
            browser.visits(&host).await;
            let refused: String = browser
                .look(
                    "return document.querySelector('mxray-check').scan('example')
                         .then(() => 'a report', error => error.message)",
                )
                .await;
            let told: Value = browser.told("mxray-error").await;
            assert_eq!(told["reason"], "domain.no-dot", "{mode}: {told}");
            assert_eq!(told["message"], refused.as_str(), "{mode}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_address_goes_to_the_host_alone_and_only_when_the_visitor_sends_it(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let body = snippet(&site, &format!("mode='{mode}' lead-endpoint='/lead'"))
                .replace("</mxray-check>", "<span slot=consent>Yes, write to me.</span></mxray-check>");
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "enforce.example").await;
            let _: Value = browser.told("mxray-result").await;
            let inside = "document.querySelector('mxray-check').shadowRoot";
            browser.comes(&format!("{inside}.querySelector('[part=lead]')")).await;
            let part = async |part: &str| {
                browser.element(&format!("{inside}.querySelector(\"[part='{part}']\")")).await
            };
            part("lead-email").await.send_keys("me@host.example").await.unwrap();
            part("lead-button").await.click().await.unwrap();
            assert!(host.leads.lock().unwrap().is_empty(), "{mode}: not without consent");
            part("lead-consent").await.click().await.unwrap();
            part("lead-button").await.click().await.unwrap();
            browser.comes(&format!("{inside}.querySelector('[part=lead-status]').innerText")).await;
            let leads = host.leads.lock().unwrap().clone();
            let [lead] = leads.as_slice() else { panic!("{mode}: {leads:?}") };
            assert_eq!(lead["email"], "me@host.example", "{mode}");
            assert_eq!(lead["consent"], "Yes, write to me.", "{mode}");
            assert_eq!(lead["domain"], "enforce.example", "{mode}");
        }
        for (reason, attributes, inside, expected) in [
            ("another origin", "lead-endpoint='https://elsewhere.example/'", "<span slot=consent>Yes.</span>", "an address of this site"),
            ("no words of consent", "lead-endpoint='/lead'", "", "slot=\"consent\""),
        ] {
            let body = snippet(&site, &format!("mode='inline' {attributes}"))
                .replace("</mxray-check>", &format!("{inside}</mxray-check>"));
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "enforce.example").await;
            let _: Value = browser.told("mxray-result").await;
            let offered: bool = browser.look("return document.querySelector('mxray-check').shadowRoot.querySelector('[part=lead]') !== null").await;
            assert!(!offered, "{reason}");
            let said: Vec<String> = browser.look("return window.said").await;
            assert!(said.iter().any(|said| said.contains(expected)), "{reason}: {said:?}");
        }
    })
    .await;
    product.stop().await;
}

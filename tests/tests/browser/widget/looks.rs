//! How a widget looks: by its theme and the host's style, where there is little room, and to somebody who
//! does not see it.

use mxray_lab::Config;
use rstest::rstest;
use serde_json::{Value, json};

use super::host::{Host, page};
use crate::access::{Chromiums, WAYS, axe};
use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

/// A widget with a form of its own, after what the host's head has.
fn widget(site: &str, style: &str, attributes: &str) -> String {
    format!(
        "<style>{style}</style><div id=around><mxray-check {attributes}></mxray-check></div>
         <script type=module src='{site}/widget/v1/mxray.js'></script>"
    )
}

/// The color of what is written in a result.
const INK: &str = "return getComputedStyle(root.querySelector('[data-answer] p:last-child')).color";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn its_colors_are_the_hosts_scheme_or_the_theme(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    let (dark_ink, light_ink) = ("rgb(23, 38, 42)", "rgb(230, 238, 238)");
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            for (host_style, theme, expected) in [
                ("", "", dark_ink),
                (":root { color-scheme: dark }", "", light_ink),
                (":root { color-scheme: dark }", "theme=light", dark_ink),
                ("", "theme=dark", light_ink),
                ("#around { color-scheme: dark }", "theme=auto", light_ink),
            ] {
                let body = widget(&site, host_style, &format!("mode={mode} {theme}"));
                let host = Host::start(page(&body)).await;
                browser.visits(&host).await;
                browser.asks("mxray-check", "enforce.example").await;
                let _: Value = browser.told("mxray-result").await;
                let ink: String = browser.in_card(mode, INK).await;
                assert_eq!(ink, expected, "{mode}, {host_style}, {theme}");
            }
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hosts_properties_reach_every_result_and_its_parts_one_in_the_page(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    let style = "
        body { --mxray-ink: rgb(1, 2, 3); --mxray-radius: 3px; font-family: monospace }
        mxray-check { --mxray-card: rgb(250, 250, 240) }
        mxray-check::part(button) { color: rgb(4, 5, 6) }
        mxray-check::part(answer) { text-indent: 7px }
        mxray-check::part(frame) { opacity: 0.75 }";
    let look = "
        const answer = getComputedStyle(root.querySelector('[part=answer]'));
        const ink = getComputedStyle(root.querySelector('[part=answer] p:last-child')).color;
        return [ink, answer.borderTopLeftRadius, answer.backgroundColor, answer.fontFamily, answer.textIndent]";
    browse(engine, async |browser| {
        for (mode, indent) in [("inline", "7px"), ("panel", "0px")] {
            let host = Host::start(page(&widget(&site, style, &format!("mode={mode}")))).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "enforce.example").await;
            let _: Value = browser.told("mxray-result").await;
            let seen: [String; 5] = browser.in_card(mode, look).await;
            let expected = ["rgb(1, 2, 3)", "3px", "rgb(250, 250, 240)", "monospace", indent];
            assert_eq!(seen, expected, "{mode}");
            let around: [Value; 2] = browser
                .look(
                    "const root = document.querySelector('mxray-check').shadowRoot;
                     const of = part => getComputedStyle(root.querySelector(`[part=${part}]`) ?? root.host);
                     return [of('button').color, of('frame').opacity]",
                )
                .await;
            let opacity = if mode == "panel" { "0.75" } else { "1" };
            assert_eq!(around, ["rgb(4, 5, 6)", opacity], "{mode}");
        }
    })
    .await;
    product.stop().await;
}

/// What sticks out of the room that there is; a field scrolls what is typed into it.
const TOO_WIDE: &str = "
    const room = root.host?.getBoundingClientRect().right ?? innerWidth;
    const wide = Array.from(root.querySelectorAll(':not(input)')).filter(part =>
        part.getBoundingClientRect().right > room + 0.5 || part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0
            && getComputedStyle(part).display !== 'inline');
    return wide.map(part => part.outerHTML.slice(0, 120))";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wider_than_the_room_that_it_has(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for (reason, style) in [
            ("a phone", "#around { width: 320px }"),
            ("text twice as large", "#around { width: 320px; font-size: 200% }"),
            ("from right to left", "#around { width: 320px; direction: rtl }"),
        ] {
            for mode in ["inline", "panel"] {
                for domain in ["nothing.example", "mx-not-covered.example"] {
                    let attributes = format!("mode={mode} heading='Is your mail safe?' cta-label='Book a call with us' cta-href='/call'");
                    let host = Host::start(page(&widget(&site, style, &attributes))).await;
                    browser.visits(&host).await;
                    browser.asks("mxray-check", domain).await;
                    let _: Value = browser.told("mxray-result").await;
                    let wide: Vec<String> = browser.in_card(mode, TOO_WIDE).await;
                    assert_eq!(wide, Vec::<String>::new(), "{reason}, {mode}, {domain}");
                    let wide: Vec<String> = browser.in_card("inline", TOO_WIDE).await;
                    assert_eq!(wide, Vec::<String>::new(), "{reason}, {mode}, {domain}: around it");
                }
            }
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn by_keyboard_a_visitor_gets_into_a_panel(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        let host = Host::start(page(&widget(&site, "", "mode=panel"))).await;
        browser.visits(&host).await;
        browser.asks("mxray-check", "testing.example").await;
        let _: Value = browser.told("mxray-result").await;
        let _: Value = browser.in_card("panel", INK).await;
        let inside = "document.querySelector('mxray-check').shadowRoot";
        for expected in ["BUTTON", "IFRAME"] {
            let at = browser.element(&format!("{inside}.activeElement")).await;
            at.send_keys("\u{e004}").await.unwrap();
            browser.comes(&format!("{inside}.activeElement?.tagName === '{expected}'")).await;
        }
        let title: String = browser.look(&format!("return {inside}.activeElement.title")).await;
        assert_eq!(title, "The result of the check");
        browser.enters_panel("mxray-check").await;
        browser.comes("document.activeElement.getAttribute('part') === 'report'").await;
    })
    .await;
    product.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_barrier_is_found_in_it() {
    let Some(axe) = axe() else { return };
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    let site = product.address();
    let style = ":root { color-scheme: light dark } body { background: Canvas; color: CanvasText }";
    browse(Chromium, async |browser| {
        for mode in ["inline", "panel"] {
            let attributes = format!(
                "mode={mode} heading='Is your mail safe?' cta-label='Book a call' cta-href='/call' lead-endpoint='/lead'"
            );
            let body = widget(&site, style, &attributes)
                .replace("</mxray-check>", "<span slot=consent>Yes, write to me.</span></mxray-check>");
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            barriers(browser, &axe, "mxray-check", "before its use").await;
            browser.asks("mxray-check", "example").await;
            let _: Value = browser.told("mxray-error").await;
            barriers(browser, &axe, "mxray-check", "what is no domain").await;
            for domain in ["mx-not-covered.example", "nothing.example", "enforce.example"] {
                browser.look::<()>("window.told.length = 0").await;
                browser.look::<()>("document.querySelector('mxray-check').shadowRoot.querySelector('input').value = ''").await;
                browser.asks("mxray-check", domain).await;
                let _: Value = browser.told("mxray-result").await;
                let _: Value = browser.in_card(mode, INK).await;
                barriers(browser, &axe, "mxray-check", &format!("{mode}, {domain}")).await;
                if mode == "panel" {
                    browser.enters_panel("mxray-check").await;
                    // What is around a frame, and seen through it, axe-core cannot know.
                    browser.look::<()>("document.body.style.background = 'Canvas'").await;
                    barriers(browser, &axe, "body", &format!("in the panel, {domain}")).await;
                    browser.client.enter_parent_frame().await.unwrap();
                }
            }
        }
        browser.client.goto(&format!("{site}/widget/")).await.unwrap();
        browser.comes("document.querySelector('#preview mxray-check')?.shadowRoot").await;
        barriers(browser, &axe, "html", "the builder").await;
    })
    .await;
    product.stop().await;
}

/// Fails if axe-core finds one below an element, however it is looked at.
async fn barriers(browser: &Browser, axe: &str, below: &str, state: &str) {
    browser.look::<()>(&format!("{axe}; window.axe = axe")).await;
    for (feature, value) in WAYS {
        let media = json!({ "features": [{ "name": feature, "value": value }] });
        Chromiums::ask(browser, "Emulation.setEmulatedMedia", media).await.unwrap();
        // What a page is to have beside the widget is its host's.
        let find = format!(
            "const done = arguments[0];
             const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
             axe.run('{below}', {{ runOnly: standards }}).then(({{ violations }}) => done(violations.map(
                 ({{ id, nodes }}) => [id, nodes.map(({{ html, failureSummary }}) => [html, failureSummary])])))"
        );
        let found = browser.client.execute_async(&find, Vec::new()).await.unwrap();
        assert_eq!(found, json!([]), "{state}, {feature}: {value}");
    }
}

//! Pages that a widget has to live in: their policies, styles, forms, frames and scripts.

use mxray_lab::Config;
use rstest::rstest;
use serde_json::Value;

use super::host::{Host, Page, page, snippet};
use crate::driver::browse;
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_loads_before_focus_and_nothing_moves(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    let loaded =
        "return performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
        .filter(path => path !== '/favicon.ico')";
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let host = Host::start(page(&snippet(&site, &format!("mode='{mode}'")))).await;
            browser.visits(&host).await;
            let before: Vec<String> = browser.look(loaded).await;
            assert_eq!(before, ["/widget/v1/mxray.js"], "{mode}");
            let top: f64 = browser.look("return below()").await;
            browser.look::<()>("document.querySelector('input').focus()").await;
            browser
                .comes(
                    "document.querySelector('mxray-check').shadowRoot.querySelector('[part=note]')",
                )
                .await;
            assert_eq!(browser.look::<f64>("return below()").await, top, "{mode}: by coming there");
            browser.asks("mxray-check", "enforce.example").await;
            let _: Value = browser.told("mxray-result").await;
            let [kept, now]: [f64; 2] = browser.look("return [kept, below()]").await;
            assert_eq!(now, kept, "{mode}: room was kept for the result at once");
            assert!(kept > top, "{mode}: below the field");
            let kept: Vec<String> =
                browser.look("return [document.cookie, Object.keys(localStorage).join()]").await;
            assert_eq!(kept, ["", ""], "{mode}: nothing is kept at the visitor's");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_policy_of_a_host_lets_through_what_the_recipes_name(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    let trusted = "require-trusted-types-for 'script'; trusted-types 'none'";
    browse(engine, async |browser| {
        for (reason, mode, policy) in [
            ("none", "inline", String::new()),
            (
                "just what inline takes",
                "inline",
                format!("default-src 'none'; script-src 'nonce-n' {site} 'wasm-unsafe-eval'; connect-src {site}"),
            ),
            (
                "strict-dynamic and trusted types",
                "inline",
                format!("default-src 'none'; script-src 'nonce-n' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src {site}; {trusted}; base-uri 'none'; form-action {site}"),
            ),
            ("none", "panel", String::new()),
            (
                "the two entries of a panel",
                "panel",
                format!("default-src 'none'; script-src 'nonce-n' {site}; frame-src {site}"),
            ),
            (
                "just what a link takes",
                "link",
                format!("default-src 'none'; script-src 'nonce-n' {site}; form-action {site}"),
            ),
            (
                "strict-dynamic and trusted types",
                "panel",
                format!("default-src 'none'; script-src 'nonce-n' 'strict-dynamic'; frame-src {site}; {trusted}; base-uri 'none'; form-action {site}"),
            ),
        ] {
            let Page { html, .. } = page(&snippet(&site, &format!("mode='{mode}'")));
            let html = html.replace("target=\"_blank\"", "");
            let host = Host::start(Page { html, policy }).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "enforce.example").await;
            if mode == "link" {
                browser.reports_on("enforce.example").await;
                continue;
            }
            let told: Value = browser.told("mxray-result").await;
            assert_eq!(told["stage"], "enforce", "{mode}, {reason}");
            // A policy without images has none for the tab either.
            let mut refused: Vec<String> = browser
                .look("return window.refused.filter(refused => !refused.includes('favicon'))")
                .await;
            // It tries, as that is the only way to check what it loads there.
            refused.retain(|refused| engine != WebKit || !refused.contains("trusted-types"));
            assert_eq!(refused, Vec::<String>::new(), "{mode}, {reason}");
        }
    })
    .await;
    product.stop().await;
}

/// Global CSS of resets and site builders, which wants to be everywhere.
const HOSTILE: &str = "<style nonce=n>
    * { all: unset }
    *, ::before, ::after { box-sizing: content-box; margin: 0; padding: 0; float: left; position: relative }
    form, form * { display: none; visibility: hidden; transform: rotate(180deg) }
    div, p, h3, ol, li, a { display: inline; color: #fefefe; font-size: 1px; list-style: disc }
    iframe { height: 1px; width: 1px; opacity: 0 }
    input, button { appearance: none; pointer-events: none; width: 0 }
    mxray-check { display: none }
</style>";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hosts_global_style_does_not_reach_the_result(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            // Its own form, so that all of it is the widget's.
            let body = format!(
                "{HOSTILE}<mxray-check mode='{mode}' theme='light'></mxray-check>
                 <script type=module src='{site}/widget/v1/mxray.js'></script>"
            );
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "testing.example").await;
            let _: Value = browser.told("mxray-result").await;
            let look = "const seen = root.querySelector('[data-answer] p:last-child');
                const { height, width } = seen.getBoundingClientRect();
                const { color, fontSize, display } = getComputedStyle(seen);
                return { tall: height > 10, wide: width > 100, color, size: parseFloat(fontSize) > 10, display }";
            let seen: Value = browser.in_card(mode, look).await;
            let expected = serde_json::json!({
                "tall": true, "wide": true, "color": "rgb(23, 38, 42)", "size": true, "display": "block"
            });
            assert_eq!(seen, expected, "{mode}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_works_by_keyboard_and_has_names(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    let active = "(() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; return at })()";
    browse(engine, async |browser| {
        let body = format!(
            "<mxray-check mode=inline heading='Is your mail safe?'></mxray-check>
             <script type=module src='{site}/widget/v1/mxray.js'></script>"
        );
        let host = Host::start(page(&body)).await;
        browser.visits(&host).await;
        let tab = async || {
            let at = browser.element(&format!("({active} ?? document.body)")).await;
            at.send_keys("\u{e004}").await.unwrap();
        };
        tab().await;
        let field = browser.element(active).await;
        field.send_keys("testing.example\u{e007}").await.unwrap();
        let _: Value = browser.told("mxray-result").await;
        assert_eq!(
            browser.look::<String>(&format!("return {active}.id")).await,
            "domain",
            "focus stays where the visitor was"
        );
        tab().await;
        assert_eq!(browser.look::<String>(&format!("return {active}.tagName")).await, "BUTTON");
        tab().await;
        let link: String = browser.look(&format!("return {active}.innerText")).await;
        assert_eq!(link, "See the full report");
        let inside = "document.querySelector('mxray-check').shadowRoot";
        // The others tell a script nothing of it.
        let heard = [
            ("input", "textbox", "Your domain"),
            ("button", "button", "Check"),
            ("[part=report]", "link", "See the full report"),
        ];
        for (css, role, name) in heard.into_iter().filter(|_| engine == Chromium) {
            let heard: [String; 2] = browser
                .look(&format!(
                    "const {{ computedRole, computedName }} = {inside}.querySelector('{css}');
                     return [computedRole, computedName]"
                ))
                .await;
            assert_eq!(heard, [role, name], "{css}");
        }
        let status: String = browser
            .look(&format!("return {inside}.querySelector('.card [role=status]').innerText"))
            .await;
        assert!(status.contains("testing.example"), "{status}");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ten_on_a_page_share_one_module_and_nothing_else(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        let ten: String = (0..10)
            .map(|one| {
                let mode = if one % 2 == 0 { "inline" } else { "panel" };
                format!("<mxray-check id=w{one} mode={mode}></mxray-check>")
            })
            .collect();
        let script = format!("<script type=module src='{site}/widget/v1/mxray.js'></script>");
        let host = Host::start(page(&format!("{ten}{script}{script}"))).await;
        browser.visits(&host).await;
        let domains = ["enforce.example", "testing.example"];
        let seen: Vec<String> = browser
            .look(&format!(
                "return Promise.all(Array.from(document.querySelectorAll('mxray-check'), (one, place) =>
                     one.scan('{}'.split(' ')[place % 3 % 2]).then(report => one.id + ' ' + report.domain)))",
                domains.join(" ")
            ))
            .await;
        for (place, seen) in seen.iter().enumerate() {
            assert_eq!(*seen, format!("w{place} {}", domains[place % 3 % 2]));
        }
        let modules: usize = browser
            .look("return performance.getEntriesByType('resource').filter(({ name }) => /result-.*wasm/.test(name)).length")
            .await;
        assert_eq!(modules, 1);
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_hosts_around_it_is_not_sent_for_it(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for (reason, inside) in [
            ("HTML drops the inner form", snippet(&site, "mode='inline'")),
            (
                "a form of the widget's own",
                format!("<mxray-check mode=inline></mxray-check><script type=module src='{site}/widget/v1/mxray.js'></script>"),
            ),
        ] {
            let body = format!("<form id=outer action=/sent><input name=other>{inside}</form>");
            let host = Host::start(page(&body)).await;
            browser.visits(&host).await;
            browser.asks("mxray-check", "enforce.example").await;
            let _: Value = browser.told("mxray-result").await;
            let button = "(document.querySelector('mxray-check button') ?? document.querySelector('mxray-check').shadowRoot.querySelector('button'))";
            browser.look::<()>(&format!("{button}.click()")).await;
            browser.comes("window.told.filter(({ type }) => type === 'mxray-result').length == 2").await;
            let address = browser.client.current_url().await.unwrap();
            assert_eq!(address.path(), "/", "{reason}");
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn it_can_come_and_go_and_move(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let script = format!("<script type=module src='{site}/widget/v1/mxray.js'></script>");
            let host = Host::start(page(&format!("<main></main>{script}"))).await;
            browser.visits(&host).await;
            browser.comes("customElements.get('mxray-check')").await;
            let seen: Vec<String> = browser
                .look(&format!(
                    "const main = document.querySelector('main');
                     const name = error => error.name;
                     const add = () => {{
                         const one = document.createElement('mxray-check');
                         one.setAttribute('mode', '{mode}');
                         main.append(one);
                         return one;
                     }};
                     return (async () => {{
                         const one = add();
                         const first = one.scan('enforce.example').then(report => report.domain, name);
                         await new Promise(later => setTimeout(later, 0));
                         document.body.prepend(one);
                         const moved = await first;
                         const gone = one.scan('testing.example').then(report => report.domain, name);
                         await new Promise(later => setTimeout(later, 0));
                         one.remove();
                         const removed = await gone;
                         main.append(one);
                         const back = (await one.scan('testing.example')).domain;
                         main.innerHTML = '<mxray-check mode={mode}></mxray-check>';
                         const rendered = (await main.firstChild.scan('enforce.example')).domain;
                         const copy = main.cloneNode(true);
                         main.replaceWith(copy);
                         const visited = (await copy.firstChild.scan('testing.example')).domain;
                         return [moved, removed, back, rendered, visited];
                     }})()"
                ))
                .await;
            assert_eq!(
                seen,
                ["enforce.example", "AbortError", "testing.example", "enforce.example", "testing.example"],
                "{mode}: moved, removed, put back, rendered by a framework, cached by Turbo"
            );
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn in_a_sandbox_it_works_without_an_origin(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    let allowed = "allow-scripts allow-forms";
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let Page { html, .. } = page(&snippet(&site, &format!("mode='{mode}'")));
            let alone = Page { html: html.clone(), policy: format!("sandbox {allowed}") };
            let alone = Host::start(alone).await;
            let inner = Host::start(Page { html, policy: String::new() }).await;
            // As site builders put in what they do not trust.
            let around = format!(
                "<iframe sandbox='{allowed}' style='width: 600px; height: 900px' src='http://{}/'></iframe>",
                inner.address
            );
            let around = Host::start(page(&around)).await;
            for (reason, host) in [("a page", &alone), ("a frame of a site builder", &around)] {
                browser.client.goto(&format!("http://{}/", host.address)).await.unwrap();
                if reason != "a page" {
                    browser.element("document.querySelector('iframe')").await.enter_frame().await.unwrap();
                }
                browser.comes("document.querySelector('mxray-check')?.shadowRoot").await;
                assert_eq!(browser.look::<String>("return self.origin").await, "null");
                // WebKit's driver types into no frame without an origin.
                browser
                    .look::<()>(
                        "document.querySelector('input').value = 'enforce.example';
                         document.querySelector('form').requestSubmit()",
                    )
                    .await;
                let told: Value = browser.told("mxray-result").await;
                assert_eq!(told["stage"], "enforce", "{reason}, {mode}");
            }
        }
    })
    .await;
    product.stop().await;
}

/// Goes to another page as Turbo does: its body takes the place of this one, its scripts run anew. What
/// was there is kept as a copy, for who comes back.
const VISIT: &str = "
    const visit = body => {
        const kept = document.body.cloneNode(true);
        document.documentElement.replaceChild(body, document.body);
        for (const old of body.querySelectorAll('script')) {
            const script = document.createElement('script');
            for (const { name, value } of old.attributes) script.setAttribute(name, value);
            script.textContent = old.textContent;
            old.replaceWith(script);
        }
        return kept;
    };
    const parsed = html => document.adoptNode(new DOMParser().parseFromString(html, 'text/html').body);
    const widget = () => document.querySelector('mxray-check');
    const name = ({ name }) => name;
    const domain = ({ domain }) => domain;";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn it_lives_through_visits_that_load_no_page(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let html = snippet(&site, &format!("mode='{mode}'"));
            let host = Host::start(page(&html)).await;
            browser.visits(&host).await;
            let seen: Vec<String> = browser
                .look(&format!(
                    "{VISIT}
                     const other = {other};
                     return (async () => {{
                         const first = await widget().scan('enforce.example').then(domain, name);
                         const left = widget().scan('testing.example').then(domain, name);
                         await new Promise(later => setTimeout(later, 0));
                         const kept = visit(parsed(other));
                         const there = await widget().scan('testing.example').then(domain, name);
                         visit(kept);
                         const shown = widget().querySelector('input').value;
                         const back = await widget().scan('nothing.example').then(domain, name);
                         return [first, await left, there, shown, back];
                     }})()",
                    other = Value::from(html.as_str()),
                ))
                .await;
            assert_eq!(
                seen,
                ["enforce.example", "AbortError", "testing.example", "testing.example", "nothing.example"],
                "{mode}: looked at, left in the middle, on the next page, kept in the copy, looked at in it"
            );
            let said: Vec<String> = browser.look("return window.said").await;
            assert_eq!(said, Vec::<String>::new(), "{mode}");
        }
    })
    .await;
    product.stop().await;
}

//! What is not there, was changed, or was written in the wrong way.

use std::fs;
use std::path::Path;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use mxray_lab::Config;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use super::host::{Host, page, snippet};
use crate::Product;
use crate::alone::copy;
use crate::driver::browse;
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

/// The page and the widget on a host that serves files, with these settings.
pub(crate) struct Files {
    pub(crate) site: String,
    folder: TempDir,
    task: JoinHandle<()>,
}

impl Files {
    pub(crate) async fn start(settings: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&crate::page().unwrap(), folder.path());
        fs::write(folder.path().join("config.json"), settings.to_string()).unwrap();
        let everybody = HeaderValue::from_static("*");
        let router = Router::new()
            .fallback_service(ServeDir::new(folder.path()))
            .layer(SetResponseHeaderLayer::overriding(ACCESS_CONTROL_ALLOW_ORIGIN, everybody));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { site, folder, task }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_proxy_and_with_a_dead_one_it_shows_what_could_be_seen(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(Product { lab, proxy, .. }) = crate::start(engine, Config::default()).await else {
        return;
    };
    let alive = format!("http://{}", proxy.address());
    let resolvers = json!([{ "name": "the lab's resolver", "url": format!("{alive}/dns-query") }]);
    // Nobody listens there: it is the port of a listener that is gone.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    browse(engine, async |browser| {
        for (reason, settings) in [
            ("no proxy", json!({ "proxy": null, "resolvers": resolvers })),
            ("a dead one", json!({ "proxy": format!("http://{gone}"), "resolvers": resolvers })),
        ] {
            let files = Files::start(&settings).await;
            for mode in ["inline", "panel"] {
                let body = snippet(&files.site, &format!("mode='{mode}'"));
                let host = Host::start(page(&body)).await;
                browser.visits(&host).await;
                browser.look::<()>("document.querySelector('input').focus()").await;
                let inside = "document.querySelector('mxray-check').shadowRoot";
                browser.comes(&format!("{inside}.querySelector('[part=note]')?.textContent")).await;
                let note: String = browser
                    .look(&format!("return {inside}.querySelector('[part=note]').textContent"))
                    .await;
                let named = proxy.address().to_string();
                assert!(note.contains(&named), "{reason}, {mode}: {note}");
                browser.asks("mxray-check", "enforce.example").await;
                let told: Value = browser.told("mxray-result").await;
                assert_eq!(told["transport"]["protection"], "unknown", "{reason}, {mode}");
                assert_eq!(told["forgery"]["protection"], "yes", "{reason}, {mode}");
                assert_eq!(told["stage"], "unknown", "{reason}, {mode}");
            }
        }
    })
    .await;
    proxy.stop().await;
    lab.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_what_it_was_is_not_run(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let settings = json!({ "proxy": product.address(), "resolvers": [] });
    browse(engine, async |browser| {
        for (start, end) in [("use-", ".js"), ("result-", ".js"), ("result-", ".wasm")] {
            let files = Files::start(&settings).await;
            append(&files.folder.path().join("widget"), start, end);
            let host = Host::start(page(&snippet(&files.site, "mode='inline'"))).await;
            browser.visits(&host).await;
            let outcome: String = browser
                .look(
                    "window.open = url => { window.opened = String(url) };
                     return document.querySelector('mxray-check').scan('enforce.example')
                         .then(() => 'a report', () => window.opened)",
                )
                .await;
            let report = format!("{}/?domain=enforce.example", files.site);
            assert_eq!(outcome, report, "{start}*{end}: the report opens instead");
            let told: Value = browser.told("mxray-error").await;
            assert_eq!(told["reason"], "widget.not-loaded", "{start}*{end}");
        }
    })
    .await;
    product.stop().await;
}

/// Changes a file of the widget: for JavaScript by a comment, for WASM by a section without meaning.
fn append(folder: &Path, start: &str, end: &str) {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for version in entries.filter(|path| path.is_dir()) {
        for file in fs::read_dir(version).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            if name.starts_with(start) && name.ends_with(end) {
                let mut content = fs::read(file.path()).unwrap();
                content.extend(if end == ".js" { &b"/**/"[..] } else { &[0, 2, 1, b'x'][..] });
                fs::write(file.path(), content).unwrap();
            }
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn where_it_may_not_be_framed_it_says_so_and_opens_the_report(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::of([])).await else { return };
    let settings = json!({ "proxy": product.address(), "resolvers": [] });
    let files = Files::start(&settings).await;
    // As the page is told by a host that lets nobody frame it.
    let embed = files.folder.path().join("embed/index.html");
    fs::write(embed, "<!doctype html><title>nothing of ours</title>").unwrap();
    browse(engine, async |browser| {
        let host = Host::start(page(&snippet(&files.site, "mode='panel'"))).await;
        browser.visits(&host).await;
        browser.look::<()>("window.open = url => { window.opened = String(url) }").await;
        browser.asks("mxray-check", "enforce.example").await;
        let told: Value = browser.told("mxray-error").await;
        assert_eq!(told["reason"], "widget.not-framed");
        let opened: String = browser.look("return window.opened").await;
        assert_eq!(opened, format!("{}/?domain=enforce.example", files.site));
        let said: Vec<String> = browser.look("return window.said").await;
        assert!(said.iter().any(|said| said.contains("--frame-ancestor")), "{said:?}");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_attribute_is_answered_with_what_to_write(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::of([])).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for (attributes, expected) in [
            (
                "mode='pannel'",
                Some("mode=\"pannel\" is not understood; write panel, inline, link."),
            ),
            ("theme='black'", Some("write auto, light, dark.")),
            ("proxy='ftp://proxy.example'", Some("write an address that begins with https://.")),
            ("resolver='http://dns.example'", Some("write an address that begins with https://.")),
            ("cta-href='javascript:alert(1)'", Some("write an address.")),
            ("lead-endpoint='https://elsewhere.example'", Some("write an address of this site")),
            (
                "report_url='https://a.example'",
                Some("report_url is no attribute of it; write report-url."),
            ),
            ("ctalabel='Call'", Some("write cta-label.")),
            ("color='red'", Some("write domain, mode, proxy,")),
            ("class=x id=y data-z aria-label=w style='' lang=en domain=a.example", None),
        ] {
            let host = Host::start(page(&snippet(&site, attributes))).await;
            browser.visits(&host).await;
            let said: Vec<String> = browser.look("return window.said").await;
            match expected {
                Some(expected) => {
                    assert!(
                        said.iter().any(|said| said.contains(expected)),
                        "{attributes}: {said:?}"
                    );
                }
                None => assert_eq!(said, Vec::<String>::new(), "{attributes}"),
            }
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_frame_heeds_only_the_page_around_it_and_that_page_only_its_frame(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        let body = format!("{}<iframe id=other srcdoc='<p>'></iframe>", snippet(&site, "mode='panel'"));
        let host = Host::start(page(&body)).await;
        browser.visits(&host).await;
        browser.asks("mxray-check", "enforce.example").await;
        let _: Value = browser.told("mxray-result").await;
        // Another frame says that it is the widget's, and tells it what to look at.
        let told: Vec<String> = browser
            .look(
                "const widget = document.querySelector('mxray-check');
                 const other = document.querySelector('#other').contentWindow;
                 const before = told.length;
                 window.widget = widget.shadowRoot.querySelector('iframe').contentWindow;
                 const script = other.document.createElement('script');
                 script.textContent = `
                     parent.postMessage({ mxray: 1, event: 'mxray-result', detail: { domain: 'forged' } }, '*');
                     parent.postMessage({ mxray: 1, height: 7777 }, '*');
                     parent.widget.postMessage({ mxray: 1, scan: 'testing.example' }, '*');`;
                 other.document.body.append(script);
                 return widget.scan('nothing.example')
                     .then(() => told.slice(before).map(({ detail }) => detail.domain))",
            )
            .await;
        assert!(told.iter().all(|domain| domain == "nothing.example"), "{told:?}");
        let height: String = browser
            .look("return document.querySelector('mxray-check').shadowRoot.querySelector('iframe').height")
            .await;
        assert_ne!(height, "7777");
    })
    .await;
    product.stop().await;
}

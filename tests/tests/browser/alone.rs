//! The page without a proxy: from the start, and from the middle of a scan on.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use mxray_lab::{Addresses, Config, DomainFile};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;

use crate::Product;
use crate::driver::{Browser, browse, browse_where};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};
use rstest::rstest;

/// The verdict of each check, by its name.
async fn verdicts(browser: &Browser) -> BTreeMap<String, String> {
    let read = "return Object.fromEntries(Array.from(
        document.querySelectorAll('[data-check]'),
        check => [check.dataset.check, check.dataset.verdict]))";
    browser.look(read).await
}

/// What could not be looked at, in the words of the page.
async fn gaps(browser: &Browser) -> Vec<String> {
    let read = "return Array.from(document.querySelectorAll('[data-gap]'), gap => gap.textContent)";
    browser.look(read).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_goes_away_in_mid_scan_leaves_unknown_and_no_failure(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(Product { lab, proxy, .. }) = crate::start(engine, Config::default()).await else {
        return;
    };
    browse(engine, async |browser| {
        // Its policy takes longer than anybody waits; all else is answered at once.
        let address = format!("http://{}/?domain=trickling-policy.example", proxy.address());
        browser.open(&address).await;
        browser.appears("[data-check=dmarc][data-verdict=pass]").await;
        assert!(browser.shows("#status[data-state=running]").await, "in the middle");
        proxy.stop().await;
        browser.appears("#status[data-state=done]").await;

        let verdicts = verdicts(browser).await;
        assert_eq!(verdicts["mta-sts"], "unknown");
        assert_eq!(verdicts["dmarc"], "pass", "what was seen stays");
        for (check, verdict) in &verdicts {
            assert!(!["fail", "warning"].contains(&verdict.as_str()), "{check}: {verdict}");
        }
        assert!(browser.shows("[data-answer=transport][data-protection=unknown]").await);
        assert!(browser.shows("[data-answer=forgery][data-protection=yes]").await);
        assert!(!browser.shows("[data-alarm]").await);
        let gaps = gaps(browser).await;
        let policy = "https://mta-sts.trickling-policy.example/.well-known/mta-sts.txt";
        assert!(gaps.iter().any(|gap| gap.contains(policy)), "{gaps:?}");
    })
    .await;
    lab.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_proxy_dns_is_complete_and_the_rest_is_unknown_with_a_reason(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let resolver = format!("http://{}/dns-query", product.proxy.address());
    let host = StaticHost::start(&crate::page().unwrap(), &resolver).await;
    browse(engine, async |browser| {
        browser.scanned(&format!("http://{}/?domain=enforce.example", host.address)).await;
        let verdicts = verdicts(browser).await;
        for (check, verdict) in [
            ("mta-sts", "unknown"),
            ("mail-servers", "unknown"),
            ("tls-rpt", "pass"),
            ("dane", "not-applicable"),
            ("mx", "pass"),
            ("spf", "pass"),
            ("dkim", "pass"),
            ("dmarc", "pass"),
        ] {
            assert_eq!(verdicts[check], verdict, "{check}");
        }
        assert!(browser.shows("[data-answer=transport][data-protection=unknown]").await);
        assert!(browser.shows("[data-answer=forgery][data-protection=yes]").await);
        assert!(browser.shows("[data-stage=unknown]").await);
        let gaps = gaps(browser).await;
        for what in ["https://mta-sts.enforce.example/", "mx1.enforce.example"] {
            assert!(gaps.iter().any(|gap| gap.contains(what)), "{what} in {gaps:?}");
        }
        let hosts: String =
            browser.look("return document.querySelector('#resolver').innerText").await;
        assert!(hosts.contains("the lab's resolver"), "{hosts}");
    })
    .await;
    host.task.abort();
    product.stop().await;
}

/// Any page may read its policy.
const READABLE: &str = "
domain = 'readable.example'
about = 'The policy host lets the pages of any site read it.'
expect = { transport = 'yes', forgery = 'yes', stage = 'enforce', first = '' }

[policy]
cors = '*'
";

// Not in WebKit, which sees no hosts but this machine's.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_proxy_a_policy_is_read_where_its_host_lets_pages_do_so(
    #[values(Chromium, Firefox)] engine: Engine,
) {
    let mut lab = Config::default();
    lab.files.push(DomainFile::inline(READABLE));
    lab.addresses = Addresses::Routed;
    let Some(product) = crate::start(engine, lab).await else { return };
    let resolver = format!("http://{}/dns-query", product.proxy.address());
    let host = StaticHost::start(&crate::page().unwrap(), &resolver).await;
    let is_policy_host = |(named, _): &&(SocketAddr, SocketAddr)| named.port() == 443;
    let policies = product.lab.routes.iter().find(is_policy_host).unwrap().1;
    let names = ["mta-sts.readable.example", "mta-sts.enforce.example"];
    browse_where(engine, &names.map(|name| (name, policies)), async |browser| {
        for (domain, stage, reason) in [
            ("readable.example", "enforce", "read"),
            ("enforce.example", "unknown", "there, and not to be read by pages"),
        ] {
            browser.scanned(&format!("http://{}/?domain={domain}", host.address)).await;
            let css = format!("[data-stage={stage}]");
            assert!(browser.shows(&css).await, "{reason}: {}", browser.text().await);
        }
    })
    .await;
    host.task.abort();
    product.stop().await;
}

/// The page on a host that serves files and nothing else.
struct StaticHost {
    address: SocketAddr,
    task: JoinHandle<()>,
    _files: TempDir,
}

impl StaticHost {
    async fn start(page: &Path, resolver: &str) -> Self {
        let files = tempfile::tempdir().unwrap();
        copy(page, files.path());
        let resolvers = json!([{ "name": "the lab's resolver", "url": resolver }]);
        let settings = json!({ "proxy": null, "resolvers": resolvers });
        fs::write(files.path().join("config.json"), settings.to_string()).unwrap();
        let router = Router::new().fallback_service(ServeDir::new(files.path()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task, _files: files }
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

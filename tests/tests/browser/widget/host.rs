//! Pages of somebody else's, on an origin of their own, and what a test can see of a widget in them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use fantoccini::elements::Element;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::driver::Browser;

/// How long a widget may take for what it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked whether it has come to something.
const GLANCE: Duration = Duration::from_millis(50);

/// A page, and the security policy that it is under.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) html: String,
    pub(crate) policy: String,
}

/// Somebody else's site: one page, at every path, and a place to send addresses to.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    /// What was sent to `/lead`.
    pub(crate) leads: Arc<Mutex<Vec<Value>>>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Served {
    page: Page,
    leads: Arc<Mutex<Vec<Value>>>,
}

impl Host {
    pub(crate) async fn start(page: Page) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let leads = Arc::<Mutex<Vec<Value>>>::default();
        let served = Served { page, leads: Arc::clone(&leads) };
        let router = Router::new().fallback(serve).with_state(served);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, leads, task }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(State(Served { page, leads }): State<Served>, request: Request) -> Response {
    if request.method() == Method::POST && request.uri().path() == "/lead" {
        let sent = request.into_body().collect().await.unwrap().to_bytes();
        leads.lock().unwrap().push(serde_json::from_slice(&sent).unwrap());
        return StatusCode::NO_CONTENT.into_response();
    }
    if request.uri().path() == "/favicon.ico" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, "text/html; charset=utf-8".parse().unwrap());
    if !page.policy.is_empty() {
        headers.insert(CONTENT_SECURITY_POLICY, page.policy.parse().unwrap());
    }
    (headers, page.html).into_response()
}

/// The snippet that a host copies, with these attributes.
pub(crate) fn snippet(site: &str, attributes: &str) -> String {
    format!(
        r#"<mxray-check {attributes}>
<form action="{site}/" method="get" target="_blank">
<label>Your domain <input name="domain" placeholder="example.com"></label>
<button>Check</button>
</form>
</mxray-check>
<script type="module" nonce="n" src="{site}/widget/v1/mxray.js"></script>"#
    )
}

/// A plain page around it. What its console and its events say is kept.
pub(crate) fn page(body: &str) -> Page {
    let html = format!(
        r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A host</title>
<script nonce="n">
window.said = []; window.told = []; window.refused = [];
const error = console.error;
console.error = (...words) => (said.push(words.join(" ")), error(...words));
for (const name of ["start", "progress", "result", "error"]) {{
  document.addEventListener("mxray-" + name, ({{ type, detail, target }}) => told.push({{ type, detail, id: target.id }}));
}}
document.addEventListener("securitypolicyviolation", ({{ effectiveDirective, blockedURI }}) => refused.push(effectiveDirective + " " + blockedURI));
// Where the rest of the page is once the widget has heard that somebody asks.
window.below = () => document.getElementById("below").getBoundingClientRect().top + scrollY;
addEventListener("submit", () => (window.kept = below()));
</script>
</head>
<body>
<h1>A host</h1>
{body}
<p id="below">Below it.</p>
</body>
</html>"#
    );
    Page { html, policy: String::new() }
}

/// What a test does with a widget and sees of it.
impl Browser {
    /// Opens a host's page and waits until the widget in it is there.
    pub(crate) async fn visits(&self, host: &Host) {
        self.client.goto(&format!("http://{}/", host.address)).await.unwrap();
        self.comes(
            "document.querySelector('mxray-check') === null
             || document.querySelector('mxray-check').shadowRoot !== null",
        )
        .await;
    }

    /// Waits until an expression of JavaScript is true.
    pub(crate) async fn comes(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        let come = tokio::time::timeout(PATIENCE, async {
            while !self.look::<bool>(&script).await {
                tokio::time::sleep(GLANCE).await;
            }
        });
        if come.await.is_err() {
            let seen: Value = self
                .look("return { told: window.told?.map(one => one.type), said: window.said, refused: window.refused, text: document.body.innerText }")
                .await;
            panic!("never came: {expression}\n{seen:#}");
        }
    }

    /// Types into the widget's field, and presses Enter.
    pub(crate) async fn asks(&self, css: &str, typed: &str) {
        self.look::<()>(&format!("{}.focus()", field(css))).await;
        let field = self.element(&field(css)).await;
        let text = format!("{typed}\u{e007}");
        field.send_keys(&text).await.unwrap();
    }

    /// What an expression of JavaScript gives: an element, wherever it is.
    pub(crate) async fn element(&self, expression: &str) -> Element {
        let found = self.client.execute(&format!("return {expression}"), vec![]).await.unwrap();
        let id = found.as_object().and_then(|object| object.values().next()?.as_str());
        let id = id.unwrap_or_else(|| panic!("no element: {expression}"));
        Element::from_element_id(self.client.clone(), id.to_owned().into())
    }

    /// What was told last by an event of this name.
    pub(crate) async fn told<T: DeserializeOwned>(&self, event: &str) -> T {
        self.comes(&format!("window.told.some(({{ type }}) => type === '{event}')")).await;
        self.look(&format!(
            "return window.told.findLast(({{ type }}) => type === '{event}').detail"
        ))
        .await
    }

    /// What a script sees of a card that is done, wherever it is: `root` is its document or its shadow root.
    pub(crate) async fn in_card<T: DeserializeOwned>(&self, mode: &str, script: &str) -> T {
        if mode == "inline" {
            let root = "const root = document.querySelector('mxray-check').shadowRoot;";
            return self.look(&format!("{root}{script}")).await;
        }
        // The frame is told its height after the host is told the result.
        self.comes(
            "document.querySelector('mxray-check').shadowRoot.querySelector('iframe').height > 100",
        )
        .await;
        self.enters_panel("mxray-check").await;
        self.comes("document.querySelector('[data-state=done]')").await;
        let seen = self.look(&format!("const root = document;{script}")).await;
        self.client.enter_parent_frame().await.unwrap();
        seen
    }

    /// Steps into the frame of a panel.
    pub(crate) async fn enters_panel(&self, css: &str) {
        let frame = self
            .element(&format!("document.querySelector(`{css}`).shadowRoot.querySelector('iframe')"))
            .await;
        frame.enter_frame().await.unwrap();
    }
}

/// The field, in the host's own HTML or in the widget's.
fn field(css: &str) -> String {
    let element = format!("document.querySelector(`{css}`)");
    format!(
        "({element}.querySelector('input[name=domain]') ?? {element}.shadowRoot.querySelector('input'))"
    )
}

//! A browser that nobody sees, with a profile of its own.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use fantoccini::error::NewSessionError;
use fantoccini::{Client, ClientBuilder, Locator};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::engine::{Driver, Engine};
use crate::outside::Outside;

/// The longest that a page may take; servers that say nothing make a scan wait for its deadlines.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long a browser may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// How often it is looked whether something has appeared.
const GLANCE: Duration = Duration::from_millis(50);

/// The form once the page has come to life: what is in the file lets the browser validate.
const ALIVE: &str = "form[novalidate]";

/// A browser.
pub(crate) struct Browser {
    /// What drives it.
    pub(crate) client: Client,
    _driver: Driver,
    _outside: Outside,
}

/// Runs a test in a browser, which ends with the test however that ends.
pub(crate) async fn browse(engine: Engine, test: impl AsyncFnOnce(&Browser)) {
    browse_where(engine, &[], test).await;
}

/// The same, where these hosts can be reached over HTTPS, whoever signed their certificates.
pub(crate) async fn browse_where(
    engine: Engine,
    hosts: &[(&str, SocketAddr)],
    test: impl AsyncFnOnce(&Browser),
) {
    watch(Browser::start(engine, hosts, "en-US,en").await, test).await;
}

/// The same, for somebody who reads these languages, the favorite first.
pub(crate) async fn browse_in(engine: Engine, languages: &str, test: impl AsyncFnOnce(&Browser)) {
    watch(Browser::start(engine, &[], languages).await, test).await;
}

async fn watch(browser: Browser, test: impl AsyncFnOnce(&Browser)) {
    let outcome = AssertUnwindSafe(test(&browser)).catch_unwind().await;
    browser.end().await;
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
}

impl Browser {
    async fn start(engine: Engine, hosts: &[(&str, SocketAddr)], languages: &str) -> Self {
        let outside = Outside::of(hosts).await;
        let driver = Driver::start(engine);
        let address = format!("http://127.0.0.1:{}", driver.port);
        let mut session = ClientBuilder::new(HttpConnector::new());
        session.capabilities(engine.capabilities(outside.address, languages));
        // One that was told its port may not listen yet.
        let session = timeout(PATIENCE, async {
            loop {
                match session.connect(&address).await {
                    Err(NewSessionError::FailedC(_)) => sleep(GLANCE).await,
                    session => return session.unwrap(),
                }
            }
        });
        let client = session.await.unwrap_or_else(|_| panic!("{engine:?} starts no session"));
        Self { client, _driver: driver, _outside: outside }
    }

    /// Ends the session, and the browser with it.
    async fn end(self) {
        // It may have ended by itself, which the test has told; WebKit's driver sometimes forgets to
        // say that it has. Driver and screen end now, and with them what is left.
        let _ = timeout(FAREWELL, self.client.close()).await;
    }

    /// Opens an address and waits until the page has come to life.
    pub(crate) async fn open(&self, address: &str) {
        self.client.goto(address).await.unwrap();
        self.appears(ALIVE).await;
    }

    /// Opens an address and waits until the scan is over.
    pub(crate) async fn scanned(&self, address: &str) {
        self.open(address).await;
        self.appears("#status[data-state=done]").await;
    }

    /// Waits for an element.
    pub(crate) async fn appears(&self, css: &str) {
        let wait = self.client.wait().at_most(PATIENCE).every(GLANCE);
        if wait.for_element(Locator::Css(css)).await.is_err() {
            panic!("{css} did not appear in {PATIENCE:?}; the page says:\n{}", self.text().await);
        }
    }

    /// Waits for the report about a domain, when another one may still be on the screen.
    pub(crate) async fn reports_on(&self, domain: &str) {
        let done = timeout(PATIENCE, async {
            let css = format!("#result[data-domain='{domain}'] #status[data-state=done]");
            while !self.shows(&css).await {
                sleep(GLANCE).await;
            }
        });
        if done.await.is_err() {
            panic!("no report on {domain} in {PATIENCE:?}; the page says:\n{}", self.text().await);
        }
    }

    /// The report as the page saves it for programs, and its file's name.
    pub(crate) async fn saves(&self) -> (Value, String) {
        // Nothing is to be written to this machine's disk.
        self.look::<()>(
            "HTMLAnchorElement.prototype.click = function() {
                 window.savedAs = this.download;
             };
             const create = URL.createObjectURL;
             URL.createObjectURL = blob => {
                 blob.text().then(text => window.saved = text);
                 return create(blob);
             };",
        )
        .await;
        self.deepens().await;
        self.appears("#save:enabled").await;
        self.click("#save").await;
        let saved = timeout(PATIENCE, async {
            loop {
                let text: Option<String> = self.look("return window.saved ?? null").await;
                match text {
                    Some(text) => return text,
                    None => sleep(GLANCE).await,
                }
            }
        });
        let Ok(text) = saved.await else {
            panic!("nothing was saved in {PATIENCE:?}; the page says:\n{}", self.text().await);
        };
        (serde_json::from_str(&text).unwrap(), self.look("return window.savedAs").await)
    }

    /// All that a person can read.
    pub(crate) async fn text(&self) -> String {
        self.look("return document.body.innerText").await
    }

    /// What a script sees.
    pub(crate) async fn look<T: DeserializeOwned>(&self, script: &str) -> T {
        let seen = self.client.execute(script, Vec::new()).await.unwrap();
        serde_json::from_value(seen).unwrap()
    }

    /// Waits until a script's expression is true of `what`.
    pub(crate) async fn holds(&self, expression: &str, what: &str) {
        let script = format!("return {expression}");
        let holds = timeout(PATIENCE, async {
            while !self.look::<bool>(&script).await {
                sleep(GLANCE).await;
            }
        });
        if holds.await.is_err() {
            panic!("{what}: {expression} is not so in {PATIENCE:?}");
        }
    }

    /// Whether there is such an element.
    pub(crate) async fn shows(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// Clicks on an element.
    pub(crate) async fn click(&self, css: &str) {
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Puts a text into the field of the page as pasting does, and submits it.
    pub(crate) async fn submits(&self, text: &str) {
        // A page that has just come to life fills the field with what was typed before. It holds no line ends.
        let expected = text.replace(['\r', '\n'], "");
        loop {
            self.pastes("#domain", text).await;
            sleep(GLANCE).await;
            let there: String = self.look("return document.querySelector('#domain').value").await;
            if there == expected {
                break;
            }
        }
        self.click("button[type=submit]").await;
    }

    /// Puts a text into a field as pasting does.
    pub(crate) async fn pastes(&self, css: &str, text: &str) {
        let paste = "const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event('input', { bubbles: true }));";
        self.client.execute(paste, vec![css.into(), text.into()]).await.unwrap();
    }

    /// Unfolds the depth of the report, and waits until all of it is there and nothing moves any more.
    pub(crate) async fn deepens(&self) {
        self.appears("#depth-here:not([hidden]) #save:enabled").await;
        self.click("#depth-here > summary").await;
    }
}

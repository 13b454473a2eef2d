//! A headless Chromium behind its driver, with a profile of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The longest that a page may take; servers that say nothing make a scan wait for its deadlines.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often it is looked whether something has appeared.
const GLANCE: Duration = Duration::from_millis(50);

/// All other names lead nowhere: a test never reaches the internet, nor depends on it.
const NO_INTERNET: &str = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";

/// The form once the page has come to life: what is in the file lets the browser validate.
const ALIVE: &str = "form[novalidate]";

/// A browser.
pub(crate) struct Browser {
    /// What drives it.
    pub(crate) client: Client,
    _driver: Driver,
}

/// What starts and drives it; it ends with this.
struct Driver {
    process: Child,
    /// Open as long as it may say something.
    _said: BufReader<ChildStdout>,
}

/// Runs a test in a browser, which ends with the test however that ends.
pub(crate) async fn browse(test: impl AsyncFnOnce(&Browser)) {
    browse_where(&[], test).await;
}

/// The same, where these hosts can be reached over HTTPS, whoever signed their certificates.
pub(crate) async fn browse_where(hosts: &[(&str, SocketAddr)], test: impl AsyncFnOnce(&Browser)) {
    let browser = Browser::start(hosts).await;
    let outcome = AssertUnwindSafe(test(&browser)).catch_unwind().await;
    browser.end().await;
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
}

impl Browser {
    async fn start(hosts: &[(&str, SocketAddr)]) -> Self {
        let (driver, port) = Driver::start();
        let quiet = ["--disable-background-networking", "--disable-component-update"];
        let plain = ["--headless", "--no-first-run", "--no-sandbox", "--window-size=1100,900"];
        let hosts: String =
            hosts.iter().map(|(name, address)| format!("MAP {name}:443 {address}, ")).collect();
        let names = format!("--host-resolver-rules={hosts}{NO_INTERNET}");
        let args: Vec<_> = quiet.into_iter().chain(plain).chain([names.as_str()]).collect();
        let options = json!({
            "acceptInsecureCerts": !hosts.is_empty(),
            "goog:chromeOptions": { "args": args },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(options.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, _driver: driver }
    }

    /// Ends the session, and the browser with it.
    async fn end(self) {
        // It may have ended by itself, which the test has told.
        let _ = self.client.close().await;
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
        let done = tokio::time::timeout(PATIENCE, async {
            let css = format!("#result[data-domain='{domain}'] #status[data-state=done]");
            while !self.shows(&css).await {
                tokio::time::sleep(GLANCE).await;
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
        let saved = tokio::time::timeout(PATIENCE, async {
            loop {
                let text: Option<String> = self.look("return window.saved ?? null").await;
                match text {
                    Some(text) => return text,
                    None => tokio::time::sleep(GLANCE).await,
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
        self.pastes("#domain", text).await;
        self.click("button[type=submit]").await;
    }

    /// Puts a text into a field as pasting does.
    pub(crate) async fn pastes(&self, css: &str, text: &str) {
        let paste = "const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event('input', { bubbles: true }));";
        self.client.execute(paste, vec![css.into(), text.into()]).await.unwrap();
    }

    /// Opens the depth of the report.
    pub(crate) async fn deepens(&self) {
        self.click("#deepen").await;
        self.appears("#keep").await;
    }
}

/// How often a driver may find its port taken.
const ATTEMPTS: usize = 10;

impl Driver {
    /// Starts the one that `CHROMEDRIVER` names; `cargo xtask test` sets it.
    ///
    /// It takes a free port of IPv4, wants the same of IPv6, and ends where that is taken: several
    /// of them start at once, so it is asked again.
    fn start() -> (Self, u16) {
        let started = (0..ATTEMPTS).find_map(|_| Self::try_start());
        started.unwrap_or_else(|| panic!("chromedriver found no port in {ATTEMPTS} attempts"))
    }

    /// Starts it, if it gets a port and says which.
    fn try_start() -> Option<(Self, u16)> {
        let program = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut process = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let port = said.by_ref().lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let driver = Self { process, _said: said };
        Some((driver, port?))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! A scan's way through the running proxy: what the page does, without a browser.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use mxray_facts::dns::{Answer, Question, decode, encode};
use mxray_facts::{Domain, MailHost, MxFacts, Name, Observation, PolicyFetch, Timestamp};
use mxray_scan::depth::{Depth, Kept, Known, depth};
use mxray_scan::{Network, Report};
use mxray_tests::Product;
use serde::de::DeserializeOwned;

/// Scans several domains at the same time would; more of them would only meet the proxy's bound.
pub(crate) const AT_A_TIME: usize = 4;

/// A network that is seen through a proxy only.
pub(crate) struct Proxied {
    address: String,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl Proxied {
    pub(crate) fn new(product: &Product) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { address: product.address(), client }
    }

    /// Scans a domain, now, in both stages.
    pub(crate) async fn scan_deep(&self, domain: &str) -> (Report, Depth) {
        let kept = Kept::new(self);
        let report = mxray_scan::scan(&kept, &domain.parse().unwrap(), now(), &|_| ()).await;
        let depth = depth(&kept, &report, kept.seen(), &Known::default(), &|_| ()).await;
        (report, depth)
    }

    /// The proxy refuses nothing that a scan asks for.
    async fn get(&self, path: &str) -> Bytes {
        let response =
            self.client.get(format!("{}{path}", self.address).parse().unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        body
    }

    async fn facts<T: DeserializeOwned>(&self, path: &str) -> Observation<T> {
        serde_json::from_slice(&self.get(path).await).unwrap()
    }
}

fn now() -> Timestamp {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    Timestamp(since.try_into().unwrap())
}

impl Network for Proxied {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        let query = URL_SAFE_NO_PAD.encode(encode(question).unwrap());
        decode(question, &self.get(&format!("/dns-query?dns={query}")).await)
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        self.facts(&format!("/v1/policy?domain={domain}")).await
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        let facts: MxFacts = self.facts(&format!("/v1/mx?domain={domain}&host={host}")).await?;
        Ok(facts.hosts.into_iter().find(|seen| seen.host == *host).unwrap())
    }
}

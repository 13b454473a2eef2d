//! A lab, a proxy in front of it, and requests.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use mxray_lab::{Config, DomainFile, Lab};
use mxray_probe::{ProbeConfig, ResolverChoice};
use mxray_proxy::{Listen, Origin, ProxyConfig, router};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

/// A lab of one domain for each pair of a name and what is special about it.
pub(crate) async fn lab(domains: &[(&str, &str)]) -> Lab {
    let files = domains.iter().map(|(name, special)| {
        DomainFile::inline(format!(
            "domain = '{name}'\nabout = ''\n\
             expect = {{ transport = '', forgery = '', stage = '', first = '' }}\n{special}"
        ))
    });
    Lab::start(Config::of(files)).await.unwrap()
}

/// A proxy that may look at a lab.
pub(crate) fn config(lab: &Lab) -> ProxyConfig {
    let probe = ProbeConfig {
        resolver: ResolverChoice::Socket(lab.dns),
        ca_pem: lab.ca_pem.clone(),
        allowed_nets: vec!["127.0.0.0/8".parse().unwrap()],
        https_port: lab.https_port,
        smtp_port: lab.smtp_port,
        routes: lab.routes.clone(),
        ..ProbeConfig::default()
    };
    let allow_origins = vec![Origin::Any];
    ProxyConfig { listen: any_port(), allow_origins, probe, ..ProxyConfig::default() }
}

/// A proxy that only asks a lab's resolver, and otherwise is on the public internet.
pub(crate) fn strict(lab: &Lab) -> ProxyConfig {
    let resolver = ResolverChoice::Socket(lab.dns);
    ProxyConfig {
        listen: any_port(),
        probe: ProbeConfig { resolver, ..ProbeConfig::default() },
        ..ProxyConfig::default()
    }
}

fn any_port() -> Listen {
    Listen::At(SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of a refusal, which always comes with a sentence.
    pub(crate) fn code(&self) -> String {
        let refusal: Value = self.json();
        assert!(refusal["message"].as_str().unwrap().contains(' '));
        refusal["code"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Reply {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Reply { status: head.status, headers: head.headers, body }
}

pub(crate) async fn get(router: &Router, path: &str) -> Reply {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

/// A proxy that is on the public internet, open to all pages, and has nobody to ask.
pub(crate) fn nobody_to_ask() -> ProxyConfig {
    let allow_origins = vec![Origin::Any];
    let resolver = ResolverChoice::Socket(SocketAddr::from(([127, 0, 0, 1], 1)));
    let probe = ProbeConfig { resolver, ..ProbeConfig::default() };
    ProxyConfig { allow_origins, probe, ..ProxyConfig::default() }
}

/// The same without sockets.
pub(crate) fn alone() -> Router {
    router(nobody_to_ask()).unwrap()
}

//! The built page.

use std::fs;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use mxray_proxy::{Origin, PageResolver, ProxyConfig, StartError, router};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{config, get, lab, send};

/// A page, and a file beside it that is none of its.
fn built() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("dist");
    for part in ["embed", "widget/v1"] {
        fs::create_dir_all(page.join(part)).unwrap();
    }
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html><title>mxray</title>".to_owned()),
        ("config.json", r#"{"proxy": null}"#.to_owned()),
        ("mxray-web-0123456789abcdef.js", "export {};".to_owned()),
        ("mxray-web-0123456789abcdef_bg.wasm", "\0asm".repeat(1000)),
        ("mxray-web-0123456789abcdef.js.br", "as brotli has it".to_owned()),
        ("mxray-web-0123456789abcdef.js.gz", "as gzip has it".to_owned()),
        ("embed/index.html", "<!doctype html><title>mxray</title>".to_owned()),
        ("widget/v1/widget.js", "export {};".to_owned()),
    ] {
        fs::write(page.join(name), content).unwrap();
    }
    (folder, page)
}

async fn with_page(change: impl FnOnce(&mut ProxyConfig)) -> (TempDir, Router) {
    let (folder, page) = built();
    let mut config = ProxyConfig { page: Some(page), ..config(&lab(&[]).await) };
    change(&mut config);
    (folder, router(config).unwrap())
}

#[tokio::test]
async fn each_file_has_its_type_and_its_time() {
    let (_folder, router) = with_page(|_| ()).await;
    let forever = "public, max-age=31536000, immutable";
    for (path, media_type, kept) in [
        ("/", "text/html", "no-cache"),
        ("/?domain=a.example", "text/html", "no-cache"),
        ("/index.html", "text/html", "no-cache"),
        ("/config.json", "application/json", "no-cache"),
        ("/mxray-web-0123456789abcdef.js", "text/javascript", forever),
        ("/mxray-web-0123456789abcdef_bg.wasm", "application/wasm", forever),
    ] {
        let reply = get(&router, path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), Some(media_type), "{path}");
        assert_eq!(reply.header("cache-control"), Some(kept), "{path}");
        for (name, value) in [
            ("content-security-policy", "frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ] {
            let value = match (path, name) {
                // What is no file of the page may load nothing either.
                ("/config.json", "content-security-policy") => {
                    "default-src 'none'; frame-ancestors 'none'"
                }
                _ => value,
            };
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
    }
}

#[tokio::test]
async fn who_may_frame_it_is_the_operators_choice() {
    let origin: Origin = "https://www.example.com".parse().unwrap();
    let nobody = "frame-ancestors 'none'";
    let nothing = "default-src 'none'; frame-ancestors 'none'";
    let theirs = "frame-ancestors 'self' https://www.example.com";
    for (path, named, expected) in [
        ("/embed/", vec![origin.clone()], theirs),
        ("/embed/index.html", vec![origin.clone()], theirs),
        ("/embed/", vec![], "frame-ancestors 'self'"),
        ("/", vec![origin.clone()], nobody),
        ("/index.html", vec![origin.clone()], nobody),
        ("/widget/v1/widget.js", vec![origin.clone()], nobody),
        ("/embedded", vec![origin.clone()], nothing),
        ("/embed/nothing", vec![origin.clone()], nothing),
        ("/v1/policy", vec![origin.clone()], nothing),
        ("/openapi.json", vec![origin.clone()], nothing),
        ("/healthz", vec![origin], nothing),
    ] {
        let (_folder, router) = with_page(|config| config.frame_ancestors = named).await;
        let reply = get(&router, path).await;
        assert_eq!(reply.header("content-security-policy"), Some(expected), "{path}");
    }
}

#[tokio::test]
async fn pages_of_others_may_load_the_widget_and_its_modules() {
    let (_folder, router) = with_page(|config| config.allow_origins = Vec::new()).await;
    for (path, expected) in [
        ("/widget/v1/widget.js", Some("*")),
        ("/mxray-web-0123456789abcdef_bg.wasm", Some("*")),
        ("/", None),
        ("/mxray-web-0123456789abcdef.js", None),
        ("/config.json", Some("*")),
        ("/v1/policy?domain=a.example", None),
    ] {
        let request = Request::get(path).header("origin", "https://www.example.com");
        let reply = send(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.header("access-control-allow-origin"), expected, "{path}");
    }
}

#[tokio::test]
async fn whoever_finds_the_probe_in_a_log_can_read_what_it_does() {
    let reply = get(&crate::client::alone(), "/about-this-probe").await;
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    for told in ["no sender", "once in six", "/.well-known/mta-sts.txt", "left alone"] {
        assert!(text.contains(told), "{told}");
    }
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let (_folder, router) = with_page(|_| ()).await;
    let modified = get(&router, "/index.html").await.header("last-modified").unwrap().to_owned();
    let request = Request::get("/index.html").header("if-modified-since", modified);
    let reply = send(&router, request.body(Body::empty()).unwrap()).await;
    assert_eq!((reply.status.as_u16(), reply.header("cache-control")), (304, Some("no-cache")));
    assert!(reply.body.is_empty());
}

#[tokio::test]
async fn a_file_travels_compressed() {
    let (_folder, router) = with_page(|_| ()).await;
    let wasm = "/mxray-web-0123456789abcdef_bg.wasm";
    let whole = get(&router, wasm).await.body.len();
    for encoding in ["br", "gzip"] {
        let request = Request::get(wasm).header("accept-encoding", encoding);
        let reply = send(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.header("content-encoding"), Some(encoding));
        assert!(reply.body.len() < whole, "{encoding}");
    }
}

#[tokio::test]
async fn what_was_compressed_ahead_is_sent_as_it_is() {
    let (_folder, router) = with_page(|_| ()).await;
    let path = "/mxray-web-0123456789abcdef.js";
    for (accepted, encoding, body) in [
        ("br", Some("br"), "as brotli has it"),
        ("gzip", Some("gzip"), "as gzip has it"),
        ("gzip, deflate, br, zstd", Some("br"), "as brotli has it"),
        ("identity", None, "export {};"),
    ] {
        let request = Request::get(path).header("accept-encoding", accepted);
        let reply = send(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.header("content-encoding"), encoding, "{accepted}");
        assert_eq!(reply.header("content-type"), Some("text/javascript"), "{accepted}");
        assert_eq!(reply.body, body, "{accepted}");
        let kept = reply.header("cache-control");
        assert_eq!(kept, Some("public, max-age=31536000, immutable"), "{accepted}");
    }
}

#[tokio::test]
async fn nothing_beside_the_page_is_served() {
    let (_folder, router) = with_page(|_| ()).await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/else.html",
    ] {
        let reply = get(&router, path).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not-found"), "{path}");
    }
    let request = Request::post("/index.html").body(Body::empty()).unwrap();
    assert_eq!(send(&router, request).await.code(), "not-found");
}

#[tokio::test]
async fn the_settings_are_the_proxys_own() {
    let (_folder, public) = with_page(|_| ()).await;
    let settings: Value = get(&public, "/config.json").await.json();
    assert_eq!(settings["proxy"], "");
    assert_eq!(settings["resolvers"][0]["url"], "https://cloudflare-dns.com/dns-query");

    let (_folder, own) = with_page(|config| config.page_resolver = PageResolver::Own).await;
    let settings: Value = get(&own, "/config.json").await.json();
    let resolver = json!({ "name": "this site's own resolver", "url": "/dns-query" });
    assert_eq!(settings, json!({ "proxy": "", "resolvers": [resolver] }));
}

#[tokio::test]
async fn a_folder_without_a_page_is_a_mistake() {
    let (folder, _) = built();
    let config = ProxyConfig { page: Some(folder.path().to_owned()), ..ProxyConfig::default() };
    let error = router(config).unwrap_err();
    assert!(matches!(error, StartError::NoPage(_)));
    assert!(error.to_string().contains("index.html"));
}

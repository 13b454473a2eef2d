//! The built page.

use std::fs;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use mxray_proxy::{PageResolver, ProxyConfig, StartError, router};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{config, get, lab, send};

/// A page, and a file beside it that is none of its.
fn built() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("dist");
    fs::create_dir(&page).unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html><title>mxray</title>".to_owned()),
        ("config.json", r#"{"proxy": null}"#.to_owned()),
        ("mxray-web-0123456789abcdef.js", "export {};".to_owned()),
        ("mxray-web-0123456789abcdef_bg.wasm", "\0asm".repeat(1000)),
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
            ("content-security-policy", "frame-ancestors 'self'"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
    }
}

#[tokio::test]
async fn who_may_frame_it_is_the_operators_choice() {
    let origin = "https://www.example.com".parse().unwrap();
    let (_folder, router) = with_page(|config| config.frame_ancestors = vec![origin]).await;
    let policy = "frame-ancestors 'self' https://www.example.com";
    assert_eq!(get(&router, "/").await.header("content-security-policy"), Some(policy));
}

#[tokio::test]
async fn whoever_finds_the_probe_in_a_log_can_read_what_it_does() {
    let reply = get(&crate::client::alone(), "/about-this-probe").await;
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
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

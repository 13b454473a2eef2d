//! The built page: its files, its settings, and what a browser may do with each.

use std::path::Path;

use axum::extract::{Request, State};
use axum::handler::HandlerWithoutStateExt;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, Response};
use axum::{Json, Router};
use serde::Serialize;
use tower_http::services::ServeDir;
use utoipa::ToSchema;

use crate::refusal::not_found;

/// Which resolver the page asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum PageResolver {
    /// Public ones, straight from the browser: this server never sees what is asked.
    #[default]
    Public,
    /// This server's.
    #[value(name = "self")]
    Own,
}

/// What the page reads when it starts.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    /// Where `/v1` is: here.
    proxy: &'static str,
    /// Which resolvers it asks over HTTPS (RFC 8484), the first that answers.
    resolvers: &'static [Resolver],
}

/// A resolver.
#[derive(Debug, Serialize, ToSchema)]
struct Resolver {
    /// What people call it.
    name: &'static str,
    /// Where it answers.
    url: &'static str,
}

impl From<PageResolver> for Settings {
    fn from(choice: PageResolver) -> Self {
        let resolvers: &[Resolver] = match choice {
            PageResolver::Own => {
                &[Resolver { name: "this site's own resolver", url: "/dns-query" }]
            }
            PageResolver::Public => &[
                Resolver { name: "Cloudflare", url: "https://cloudflare-dns.com/dns-query" },
                Resolver { name: "Google", url: "https://dns.google/dns-query" },
            ],
        };
        Self { proxy: "", resolvers }
    }
}

/// Serves the page's settings, in place of those that a static host would serve. The widget reads them
/// in pages of others.
#[utoipa::path(get, path = "/config.json", responses((status = OK, body = Settings)))]
pub(crate) async fn settings(
    State(settings): State<Settings>,
) -> ([(HeaderName, &'static str); 2], Json<Settings>) {
    ([(CACHE_CONTROL, "no-cache"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(settings))
}

/// The files of a folder. `frame_ancestors` says whose pages may frame those that are made for that.
pub(crate) fn files(folder: &Path, frame_ancestors: HeaderValue) -> Router {
    let files = ServeDir::new(folder)
        .precompressed_br()
        .precompressed_gzip()
        .call_fallback_on_method_not_allowed(true)
        .fallback(not_found.into_service());
    Router::new().fallback_service(files).layer(from_fn_with_state(frame_ancestors, describe))
}

/// Says for how long a file is kept, and what pages of others may do with it.
async fn describe(
    State(frame_ancestors): State<HeaderValue>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let (kept, framed) = (kept(path), path.starts_with("/embed/"));
    // What pages of others load: the widget, and the modules that it loads in turn.
    let is_everybodys = path.starts_with("/widget/") || path.ends_with(".wasm");
    let mut response = next.run(request).await;
    // What is not modified is kept as what is (RFC 9110 §15.4.5).
    if !response.status().is_success() && response.status() != StatusCode::NOT_MODIFIED {
        return response;
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    // All other rules stand in the pages' own heads.
    let nobody = HeaderValue::from_static("frame-ancestors 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, if framed { frame_ancestors } else { nobody });
    if is_everybodys {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

/// A file whose name holds a hash of its content never changes; all others are asked for again.
fn kept(path: &str) -> &'static str {
    if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// `mxray-web-0123456789abcdef_bg.wasm`: a part of at least twelve hexadecimal digits.
fn is_hashed(path: &str) -> bool {
    let is_hash =
        |part: &str| part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    path.split(['/', '-', '_', '.']).any(is_hash)
}

/// `GET /about-this-probe`, for whoever finds it in a log. A test holds the hash to the text.
pub(crate) async fn about() -> ([(HeaderName, &'static str); 1], Html<&'static str>) {
    ([(CONTENT_SECURITY_POLICY, ABOUT_POLICY)], Html(ABOUT))
}

const ABOUT: &str = include_str!("about.html");

const ABOUT_POLICY: &str = "default-src 'none'; \
     style-src 'sha256-ULqOlpoVqlJLFqzcTt+CmeKwgw0VIwIgUGvCfAjhgSM='; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What every response says to a browser. What says nothing else of its own is no page: it may load
/// nothing, and nobody may frame it.
pub(crate) fn secure(mut response: Response) -> Response {
    const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
    let headers = response.headers_mut();
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    for (name, value) in [
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (OPENER_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::{ABOUT, ABOUT_POLICY, is_hashed};

    #[test]
    fn the_style_of_our_own_page_is_named_by_its_hash() {
        let (_, rest) = ABOUT.split_once("<style>").unwrap();
        let (style, rest) = rest.split_once("</style>").unwrap();
        let hash = STANDARD.encode(Sha256::digest(style));
        assert!(ABOUT_POLICY.contains(&format!("style-src 'sha256-{hash}'")), "{hash}");
        assert!(!rest.contains("style") && !ABOUT.contains("<script"), "nothing else needs one");
    }

    #[test]
    fn only_a_name_with_a_hash_is_kept_forever() {
        for (path, expected) in [
            ("/mxray-web-0123456789abcdef.js", true),
            ("/mxray-web-0123456789abcdef_bg.wasm", true),
            ("/texts-en-0123456789abcdef.json", true),
            ("/index.html", false),
            ("/config.json", false),
            ("/facade-decade.css", false),
        ] {
            assert_eq!(is_hashed(path), expected, "{path}");
        }
    }
}

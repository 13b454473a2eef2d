//! The built page: its files, its settings, and for how long a browser keeps each.

use std::path::Path;

use axum::extract::{Request, State};
use axum::handler::HandlerWithoutStateExt;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
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

/// Serves the page's settings, in place of those that a static host would serve.
#[utoipa::path(get, path = "/config.json", responses((status = OK, body = Settings)))]
pub(crate) async fn settings(
    State(settings): State<Settings>,
) -> ([(HeaderName, &'static str); 1], Json<Settings>) {
    ([(CACHE_CONTROL, "no-cache")], Json(settings))
}

/// The files of a folder.
pub(crate) fn files(folder: &Path) -> Router {
    let files = ServeDir::new(folder)
        .precompressed_br()
        .precompressed_gzip()
        .call_fallback_on_method_not_allowed(true)
        .fallback(not_found.into_service());
    Router::new().fallback_service(files).layer(from_fn(keep))
}

/// A file whose name holds a hash of its content never changes; all others are asked for again.
async fn keep(request: Request, next: Next) -> Response {
    let kept = if is_hashed(request.uri().path()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = next.run(request).await;
    // What is not modified is kept as what is (RFC 9110 §15.4.5).
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    }
    response
}

/// `mxray-web-0123456789abcdef_bg.wasm`: a part of at least twelve hexadecimal digits.
fn is_hashed(path: &str) -> bool {
    let is_hash =
        |part: &str| part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    path.split(['/', '-', '_', '.']).any(is_hash)
}

/// What every response says to a browser; the page's other rules stand in its own head.
pub(crate) fn secure(mut response: Response, frame_ancestors: HeaderValue) -> Response {
    const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, frame_ancestors);
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
    use super::is_hashed;

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

//! `/openapi.json`: what a program may ask for, from the handlers themselves.

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::{MethodRouter, get};
use utoipa::OpenApi;

/// What stands above the paths.
#[derive(OpenApi)]
#[openapi(info(
    title = "mxray-proxy",
    description = "Facts about a domain's mail, as a browser cannot see them. It states and does not judge."
))]
struct Head;

/// The document before any path is in it.
pub(crate) fn head() -> utoipa::openapi::OpenApi {
    Head::openapi()
}

/// `GET /openapi.json`
pub(crate) fn serve(document: &utoipa::openapi::OpenApi) -> MethodRouter {
    // Names and texts of our own always make JSON.
    let json = Bytes::from(document.to_json().unwrap_or_default());
    get(async move || {
        ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], json.clone())
    })
}

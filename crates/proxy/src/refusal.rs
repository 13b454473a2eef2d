//! Requests that are not served: a code for programs and a sentence for people.

use std::time::Duration;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why a request is not served.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Body,
}

#[derive(Debug, Serialize)]
struct Body {
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, retry_after: None, body: Body { code, message: message.into() } }
    }

    /// Says when it is worth asking again.
    pub(crate) fn after(self, pause: Duration) -> Self {
        Self { retry_after: Some(pause), ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(pause) = self.retry_after {
            // Whole seconds, and not too early.
            let seconds = pause.as_secs_f64().ceil() as u64;
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

/// A path that leads nowhere.
pub(crate) async fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not-found", "there is nothing at this path")
}

/// A method that a path does not know.
pub(crate) async fn method_not_allowed() -> Refusal {
    let message = "this path is for GET; only /dns-query also takes POST";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message)
}

/// What a panic is answered with: the rest goes on.
pub(crate) fn internal() -> Refusal {
    let message = "something went wrong here; it says nothing about the domain";
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
}

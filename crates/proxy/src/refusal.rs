//! Requests that are not served: a code for programs and a sentence for people.

use std::time::Duration;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// Why a request is not served.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Body,
}

/// A request that is not served.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refusal)]
pub(crate) struct Body {
    /// For programs.
    #[schema(example = "bad-domain")]
    code: &'static str,
    /// For people.
    message: String,
}

/// What may stand in the way of any look and any question, for the OpenAPI document.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "its shape is what counts")]
pub(crate) enum Refusals {
    /// What is asked for cannot be read; `message` says what is expected.
    #[response(status = BAD_REQUEST)]
    Bad(Body),
    /// It is nothing that is looked at: no name of the public DNS, one that asked to be left alone, a
    /// type of record that no scan uses.
    #[response(status = FORBIDDEN)]
    Forbidden(Body),
    /// That was too much, of this client or of all together.
    #[response(status = TOO_MANY_REQUESTS, headers(("retry-after" = u64, description = "When it is worth asking again, in seconds.")))]
    TooMany(Body),
    /// Something went wrong here.
    #[response(status = INTERNAL_SERVER_ERROR)]
    Internal(Body),
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

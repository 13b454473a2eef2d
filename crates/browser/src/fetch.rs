//! HTTP: each request has a deadline, a bound on what is read of it, and ends with its scan.

use gloo_net::http::{RequestBuilder, Response};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, ReadableStream, ReadableStreamDefaultReader};

/// How long the page's own files may take, in milliseconds.
const OWN_DEADLINE: u32 = 20_000;

/// More than any file of the page's own holds.
const OWN_LIMIT: usize = 4 << 20;

/// Sends requests; dropping it ends those that are under way.
#[derive(Debug)]
pub struct Fetcher {
    controller: AbortController,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The deadline passed.
    TimedOut,
    /// A browser does not say more: no connection, or an answer that it may not hand out.
    Failed,
}

/// What was read of a body.
pub struct Body {
    /// As far as they were read.
    pub bytes: Vec<u8>,
    /// Whether there was more.
    pub truncated: bool,
}

impl Fetcher {
    /// `None` where a browser cannot cancel requests at all.
    pub fn new() -> Option<Self> {
        AbortController::new().ok().map(|controller| Self { controller })
    }

    /// Sends a request. The deadline, in milliseconds, holds for the body too.
    ///
    /// # Errors
    /// If no answer comes in time, or none that a page may read.
    pub async fn send(&self, request: RequestBuilder, deadline: u32) -> Result<Response, Failure> {
        let signals =
            Array::of2(&self.controller.signal(), &AbortSignal::timeout_with_u32(deadline));
        let request = request.abort_signal(Some(&AbortSignal::any(&signals)));
        request.send().await.map_err(|error| match error {
            gloo_net::Error::JsError(error) => Failure::named(&error.name),
            gloo_net::Error::GlooError(_) => Failure::Failed,
        })
    }

    /// A file of the page's own, as text; `None` for any trouble.
    pub async fn small_text(&self, request: RequestBuilder) -> Option<String> {
        let response = self.send(request, OWN_DEADLINE).await.ok()?;
        let body = read(&response, OWN_LIMIT).await.ok()?;
        (response.ok() && !body.truncated).then_some(())?;
        String::from_utf8(body.bytes).ok()
    }
}

impl Drop for Fetcher {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

impl Failure {
    fn named(name: &str) -> Self {
        if name == "TimeoutError" { Self::TimedOut } else { Self::Failed }
    }
}

impl From<JsValue> for Failure {
    fn from(error: JsValue) -> Self {
        let name = Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string());
        Self::named(&name.unwrap_or_default())
    }
}

/// Reads a body up to a number of bytes. Not `text()`: that reads without end, and eats a byte order mark.
///
/// # Errors
/// If it ends before it is whole.
pub async fn read(response: &Response, limit: usize) -> Result<Body, Failure> {
    let mut body = Body { bytes: Vec::new(), truncated: false };
    let Some(stream) = response.body() else { return Ok(body) };
    let reader = reader(&stream)?;
    while let Some(chunk) = next_chunk(&reader).await? {
        let room = limit - body.bytes.len();
        let taken = chunk.subarray(0, u32::try_from(room).unwrap_or(u32::MAX).min(chunk.length()));
        body.bytes.extend(taken.to_vec());
        if taken.length() < chunk.length() {
            body.truncated = true;
            // Whether the rest could be stopped changes nothing of what was read.
            let _ = JsFuture::from(reader.cancel()).await;
            break;
        }
    }
    Ok(body)
}

fn reader(stream: &ReadableStream) -> Result<ReadableStreamDefaultReader, Failure> {
    stream.get_reader().dyn_into().map_err(|_| Failure::Failed)
}

async fn next_chunk(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, Failure> {
    let step = JsFuture::from(reader.read()).await?;
    let done = Reflect::get(&step, &"done".into())?.is_truthy();
    if done {
        return Ok(None);
    }
    Ok(Some(Reflect::get(&step, &"value".into())?.dyn_into()?))
}

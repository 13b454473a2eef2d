//! DNS over HTTPS (RFC 8484), by GET on one connection that is kept.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::{ACCEPT, AGE, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mxray_facts::{Observation, Unobserved};
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Exchanged;
use crate::{ConfigError, tls};

/// The most that a DNS message can hold.
const MAX_MESSAGE: usize = 65_535;

const MEDIA_TYPE: &str = "application/dns-message";

type Stream = TokioIo<TlsStream<TcpStream>>;
type Sender = http2::SendRequest<Empty<Bytes>>;

/// Why there is no answer: whatever it is, the resolver cannot be reached or not understood.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// A resolver at a URL.
pub(super) struct Client {
    url: Uri,
    connector: TlsConnector,
    kept: Mutex<Option<Sender>>,
}

impl Client {
    pub(super) fn new(url: Uri, roots: &Arc<RootCertStore>) -> Result<Self, ConfigError> {
        let connector = tls::verifying(roots, &[b"h2", b"http/1.1"])?;
        Ok(Self { url, connector, kept: Mutex::new(None) })
    }

    pub(super) async fn exchange(&self, query: &[u8]) -> Observation<Exchanged> {
        let response = self.get(query).await.map_err(|_| Unobserved::ResolverFailed)?;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            return Err(Unobserved::RateLimited);
        }
        read(response).await.ok_or(Unobserved::ResolverFailed)
    }

    async fn get(&self, query: &[u8]) -> Result<Response<Incoming>, Trouble> {
        // The lock is held while connecting, so that many questions make one connection.
        let mut kept = self.kept.lock().await;
        if let Some(sender) = kept.as_ref().filter(|sender| !sender.is_closed()) {
            let sender = sender.clone();
            drop(kept);
            return self.over_http2(sender, query).await;
        }
        let stream = self.connect().await?;
        if stream.inner().get_ref().1.alpn_protocol() != Some(b"h2") {
            drop(kept);
            return self.over_http1(stream, query).await;
        }
        let (sender, connection) =
            http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), stream).await?;
        // It ends with the last sender.
        tokio::spawn(connection);
        *kept = Some(sender.clone());
        drop(kept);
        self.over_http2(sender, query).await
    }

    async fn connect(&self) -> Result<Stream, Trouble> {
        let host = self.url.host().ok_or("the URL has no host")?;
        // An IPv6 address stands in brackets in a URL, and nowhere else.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = self.url.port_u16().unwrap_or(443);
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        let stream = self.connector.connect(ServerName::try_from(host)?, stream).await?;
        Ok(TokioIo::new(stream))
    }

    async fn over_http2(
        &self,
        mut sender: Sender,
        query: &[u8],
    ) -> Result<Response<Incoming>, Trouble> {
        sender.ready().await?;
        let request = request(self.target(query).parse()?).body(Empty::new())?;
        Ok(sender.send_request(request).await?)
    }

    /// A server that has no HTTP/2 gets a connection a question.
    async fn over_http1(
        &self,
        stream: Stream,
        query: &[u8],
    ) -> Result<Response<Incoming>, Trouble> {
        let (mut sender, connection) = http1::handshake(stream).await?;
        // It ends with the response.
        tokio::spawn(connection);
        let target: Uri = self.target(query).parse()?;
        let path = target.path_and_query().ok_or("the URL has no path")?.clone();
        let host = target.authority().ok_or("the URL has no host")?.as_str();
        let request = request(path.into()).header(HOST, host).body(Empty::<Bytes>::new())?;
        Ok(sender.send_request(request).await?)
    }

    fn target(&self, query: &[u8]) -> String {
        let separator = if self.url.query().is_some() { '&' } else { '?' };
        format!("{}{separator}dns={}", self.url, URL_SAFE_NO_PAD.encode(query))
    }
}

fn request(target: Uri) -> hyper::http::request::Builder {
    Request::get(target).header(ACCEPT, MEDIA_TYPE).header(USER_AGENT, crate::USER_AGENT)
}

async fn read(response: Response<Incoming>) -> Option<Exchanged> {
    let header = |name| response.headers().get(name)?.to_str().ok();
    if response.status() != StatusCode::OK || header(CONTENT_TYPE) != Some(MEDIA_TYPE) {
        return None;
    }
    let age = header(AGE).and_then(|age| age.parse().ok()).unwrap_or(0);
    let body = Limited::new(response.into_body(), MAX_MESSAGE).collect().await.ok()?;
    Some(Exchanged { message: body.to_bytes().to_vec(), age })
}

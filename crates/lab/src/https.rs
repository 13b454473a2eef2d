//! Policy hosts: one HTTPS server whose names, certificates and answers the files script.
//!
//! It writes its HTTP/1.1 by hand, because half of its work is to answer as no library would.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use rustls::server::Acceptor;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::format::{PolicyBehavior, PolicyToml};
use crate::log::Log;
use crate::pki::Identity;
use crate::serve::{self, PATIENCE};

/// The only path that there is (RFC 8461 §3.3).
const PATH: &str = "/.well-known/mta-sts.txt";

/// The longest request head that is read.
const LONGEST_HEAD: usize = 16 * 1024;

/// A policy host as its file scripts it.
pub(crate) struct Site {
    pub(crate) script: PolicyToml,
    pub(crate) body: Vec<u8>,
    pub(crate) identity: Identity,
}

/// All policy hosts, by name.
pub(crate) struct Sites {
    pub(crate) by_name: HashMap<String, Site>,
    pub(crate) log: Log,
}

impl Sites {
    /// Serves one connection to its end. Errors are the client's leaving.
    pub(crate) async fn serve(&self, stream: TcpStream) {
        let _ = self.connection(stream).await;
    }

    async fn connection(&self, stream: TcpStream) -> io::Result<()> {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
        let mut hello = timeout(PATIENCE, hello).await??;
        let name = hello.client_hello().server_name().unwrap_or_default().to_ascii_lowercase();
        // A client without SNI, or for another host, is left standing (RFC 8461 §3.3 demands SNI).
        let Some(site) = self.by_name.get(&name) else { return Ok(()) };
        match site.script.server {
            PolicyBehavior::AbortsHandshake => return Ok(()),
            PolicyBehavior::HangsInHandshake => {
                serve::stay_silent(&mut hello.io).await;
                return Ok(());
            }
            _ => {}
        }
        let accepted = hello.into_stream(site.identity.config.clone());
        let mut stream = timeout(PATIENCE, accepted).await??;
        let Some(request) = head(&mut stream).await? else { return Ok(()) };
        self.log.request(&name, &request);
        match site.script.server {
            PolicyBehavior::Hangs => {
                serve::stay_silent(&mut stream).await;
                return Ok(());
            }
            PolicyBehavior::HangsUp => {}
            _ => site.respond(&mut stream, &request).await?,
        }
        stream.shutdown().await
    }
}

impl Site {
    async fn respond(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        request: &str,
    ) -> io::Result<()> {
        let mut words = request.split(' ');
        let (method, path) = (words.next(), words.next());
        if method != Some("GET") || path != Some(PATH) {
            let nothing =
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            return write(stream, nothing).await;
        }
        tokio::time::sleep(Duration::from_millis(self.script.delay_ms)).await;
        write(stream, self.head().as_bytes()).await?;
        self.send_body(stream).await
    }

    fn head(&self) -> String {
        let script = &self.script;
        let mut head = format!("HTTP/1.1 {} {}\r\n", script.status, reason(script.status));
        let mut header = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        if !script.content_type.is_empty() {
            header("Content-Type", &script.content_type);
        }
        if let Some(location) = &script.location {
            header("Location", location);
        }
        if let Some(origin) = &script.cors {
            header("Access-Control-Allow-Origin", origin);
        }
        for (name, value) in &script.headers {
            header(name, value);
        }
        header("Content-Length", &self.length().to_string());
        header("Connection", "close");
        head.push_str("\r\n");
        head
    }

    fn length(&self) -> u64 {
        self.script.size.unwrap_or(self.body.len() as u64)
    }

    /// The body, then as much padding as its size asks for, at the pace that is scripted.
    async fn send_body(&self, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let pace = Pace::of(self.script.bytes_per_second);
        let mut left = self.length();
        for piece in self.body.chunks(pace.piece).chain(PADDING.chunks(pace.piece).cycle()) {
            if left == 0 {
                break;
            }
            let piece = &piece[..piece.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
            write(stream, piece).await?;
            left -= piece.len() as u64;
            tokio::time::sleep(pace.pause).await;
        }
        Ok(())
    }
}

/// Fills a body to its size: lines of a field that no standard knows.
const PADDING: &[u8; 8192] = &padding();

const fn padding() -> [u8; 8192] {
    let line = b"padding: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n";
    let mut lines = [0; 8192];
    let mut at = 0;
    while at < lines.len() {
        lines[at] = line[at % line.len()];
        at += 1;
    }
    lines
}

/// How many octets go out at once, and the pause after them.
struct Pace {
    piece: usize,
    pause: Duration,
}

impl Pace {
    /// Some ten pieces a second, and at least one octet each; 0 is no pace at all.
    fn of(bytes_per_second: u64) -> Self {
        if bytes_per_second == 0 {
            return Self { piece: PADDING.len(), pause: Duration::ZERO };
        }
        let piece = (bytes_per_second / 10).clamp(1, PADDING.len() as u64);
        let pause = Duration::from_secs_f64(piece as f64 / bytes_per_second as f64);
        Self { piece: piece as usize, pause }
    }
}

/// Reads a request's head and gives its first line; none when the client left before its end.
async fn head(stream: &mut TlsStream<TcpStream>) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = timeout(PATIENCE, stream.read(&mut piece)).await??;
        if read == 0 || head.len() > LONGEST_HEAD {
            return Ok(None);
        }
        head.extend_from_slice(&piece[..read]);
    }
    Ok(String::from_utf8_lossy(&head).lines().next().map(str::to_owned))
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    timeout(PATIENCE, stream.write_all(bytes)).await??;
    timeout(PATIENCE, stream.flush()).await?
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Scripted",
    }
}

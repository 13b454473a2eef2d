//! A mail server: enough SMTP to be asked for STARTTLS, and every way to get it wrong.

use std::io;
use std::time::Duration;

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::format::{MailBehavior, MailHostToml};
use crate::log::Log;
use crate::pki::Identity;
use crate::serve::{self, PATIENCE};

/// The longest command line that is read (RFC 5321 §4.5.3.1.4 asks for 512).
const LONGEST_LINE: u64 = 4096;

/// A mail host as its file scripts it.
pub(crate) struct MailServer {
    /// Its name, without a trailing dot.
    pub(crate) name: String,
    pub(crate) script: MailHostToml,
    pub(crate) identity: Identity,
    pub(crate) log: Log,
}

/// What follows a command.
enum Next {
    Command,
    Handshake,
    End,
}

impl MailServer {
    /// Serves one connection to its end. Errors are the client's leaving.
    pub(crate) async fn serve(&self, mut stream: TcpStream) {
        self.log.connection(&self.name);
        let _ = match self.script.server {
            MailBehavior::Silent => {
                serve::stay_silent(&mut stream).await;
                Ok(())
            }
            MailBehavior::EndlessBanner => endless(&mut stream, b"220-and on it goes\r\n").await,
            MailBehavior::EndlessLine => endless(&mut stream, &[b'x'; 1024]).await,
            _ => self.greet(stream).await,
        };
    }

    async fn greet(&self, mut stream: TcpStream) -> io::Result<()> {
        let usual = format!("220 {} ESMTP", self.name);
        let banner = self.script.banner.as_deref().unwrap_or(&usual);
        reply(&mut stream, &[banner]).await?;
        if !banner.starts_with("220") {
            return self.refuse(stream).await;
        }
        let mut stream = BufReader::new(stream);
        match self.converse(&mut stream, Offer::Starttls).await? {
            // The reader's buffer goes with it: whatever came before the handshake in plaintext
            // is not part of what follows (RFC 3207 §4.2).
            Next::Handshake => self.handshake(stream.into_inner()).await,
            Next::Command | Next::End => Ok(()),
        }
    }

    /// A server that does not serve still hears QUIT (RFC 5321 §3.1).
    async fn refuse(&self, stream: TcpStream) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        while let Some(line) = self.command(&mut stream).await? {
            if verb(&line) == "QUIT" {
                return reply(&mut stream, &["221 2.0.0 bye"]).await;
            }
            reply(&mut stream, &["503 5.5.1 no service here"]).await?;
        }
        Ok(())
    }

    async fn handshake(&self, mut stream: TcpStream) -> io::Result<()> {
        match self.script.server {
            MailBehavior::AbortsHandshake => return Ok(()),
            MailBehavior::HangsInHandshake => {
                serve::stay_silent(&mut stream).await;
                return Ok(());
            }
            MailBehavior::AcceptsOldTls => {
                if let Some(version) = old_version(&stream).await? {
                    stream.write_all(&server_hello(version)).await?;
                    serve::stay_silent(&mut stream).await;
                    return Ok(());
                }
            }
            _ => {}
        }
        let acceptor = TlsAcceptor::from(self.identity.config.clone());
        let mut stream = BufReader::new(timeout(PATIENCE, acceptor.accept(stream)).await??);
        self.converse(&mut stream, Offer::Nothing).await?;
        stream.shutdown().await
    }

    async fn converse<S>(&self, stream: &mut BufReader<S>, offer: Offer) -> io::Result<Next>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        while let Some(line) = self.command(stream).await? {
            match self.answer(stream, &line, offer).await? {
                Next::Command => {}
                next => return Ok(next),
            }
        }
        Ok(Next::End)
    }

    async fn answer<S>(&self, stream: &mut S, line: &str, offer: Offer) -> io::Result<Next>
    where
        S: AsyncWrite + Unpin,
    {
        match verb(line).as_str() {
            "EHLO" => self.ehlo(stream, offer).await?,
            "HELO" => reply(stream, &[&format!("250 {}", self.name)]).await?,
            "NOOP" | "RSET" => reply(stream, &["250 2.0.0 ok"]).await?,
            "QUIT" => {
                reply(stream, &["221 2.0.0 bye"]).await?;
                return Ok(Next::End);
            }
            "STARTTLS" if offer == Offer::Starttls => return self.starttls(stream).await,
            _ => reply(stream, &["502 5.5.1 not here"]).await?,
        }
        Ok(Next::Command)
    }

    async fn ehlo(&self, stream: &mut (impl AsyncWrite + Unpin), offer: Offer) -> io::Result<()> {
        if let Some(lines) = &self.script.ehlo {
            return reply(stream, lines).await;
        }
        let mut lines = vec![format!("250-{}", self.name), "250-PIPELINING".to_owned()];
        if offer == Offer::Starttls && self.script.server != MailBehavior::NoStarttls {
            lines.push("250-STARTTLS".to_owned());
        }
        lines.push("250 8BITMIME".to_owned());
        reply(stream, &lines).await
    }

    async fn starttls(&self, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<Next> {
        if self.script.server == MailBehavior::NoStarttls {
            reply(stream, &["502 5.5.1 not here"]).await?;
            return Ok(Next::Command);
        }
        let answer = self.script.starttls.as_deref().unwrap_or("220 2.0.0 go ahead");
        let mut lines = vec![answer];
        if self.script.server == MailBehavior::InjectsPlaintext {
            lines.push("250 2.0.0 from the one in the middle");
        }
        reply(stream, &lines).await?;
        Ok(if answer.starts_with("220") { Next::Handshake } else { Next::Command })
    }

    /// The client's next line, logged; none when it has left or stays silent.
    async fn command(
        &self,
        stream: &mut (impl AsyncBufRead + Unpin),
    ) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut bounded = stream.take(LONGEST_LINE);
        let read = timeout(PATIENCE, bounded.read_until(b'\n', &mut line)).await??;
        if read == 0 || !line.ends_with(b"\n") {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        self.log.command(&self.name, &line);
        Ok(Some(line))
    }
}

/// The version that a ClientHello is of, if it is TLS 1.0 or 1.1 (RFC 4346 §7.4.1.2): it stands behind
/// the heads of the record and of the message.
async fn old_version(stream: &TcpStream) -> io::Result<Option<[u8; 2]>> {
    let mut hello = [0; 11];
    while timeout(PATIENCE, stream.peek(&mut hello)).await?? < hello.len() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        if timeout(PATIENCE, stream.peek(&mut hello)).await?? == 0 {
            return Ok(None);
        }
    }
    let [.., major, minor] = hello;
    Ok(matches!((major, minor), (3, 1 | 2)).then_some([major, minor]))
}

/// A ServerHello of that version in a record, with one of its cipher suites: as far as this goes.
fn server_hello(version: [u8; 2]) -> Vec<u8> {
    const AES_128_CBC_SHA: [u8; 2] = [0, 0x2f];
    let no_session = [0];
    let no_compression = [0];
    let body = [&version[..], &[7; 32], &no_session, &AES_128_CBC_SHA, &no_compression].concat();
    // 38 octets, and 42 with the head of the message.
    [&[22, version[0], version[1], 0, 42, 2, 0, 0, 38], &*body].concat()
}

/// Whether STARTTLS can be had: before TLS it can, within TLS it cannot (RFC 3207 §4.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Offer {
    Starttls,
    Nothing,
}

fn verb(line: &str) -> String {
    line.split(' ').next().unwrap_or_default().to_ascii_uppercase()
}

/// Sends all lines at once, so that they arrive in one segment.
async fn reply(
    stream: &mut (impl AsyncWrite + Unpin),
    lines: &[impl AsRef<str>],
) -> io::Result<()> {
    let text: String = lines.iter().map(|line| format!("{}\r\n", line.as_ref())).collect();
    timeout(PATIENCE, stream.write_all(text.as_bytes())).await??;
    timeout(PATIENCE, stream.flush()).await?
}

/// Sends `piece` again and again until the client has had enough.
async fn endless(stream: &mut TcpStream, piece: &[u8]) -> io::Result<()> {
    loop {
        timeout(PATIENCE, stream.write_all(piece)).await??;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

//! A server that follows a script, whatever it is told.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::interval;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use Act::{Forever, Hear, Say, Tls, Trickle};

/// One thing that a server does. After the last it closes its side, and waits for the other.
#[derive(Clone)]
pub(crate) enum Act {
    /// Says so much at once.
    Say(Vec<u8>),
    /// Says it again and again, as fast as it is taken.
    Forever(Vec<u8>),
    /// The same, an octet at a time: slowly, but never silent.
    Trickle(Vec<u8>),
    /// Waits until something is said.
    Hear,
    /// The same, and says what this makes of it.
    Answer(fn(&[u8]) -> Vec<u8>),
    /// Answers a TLS handshake.
    Tls(Arc<ServerConfig>),
    /// Says nothing any more, and stays.
    Silence,
    /// Cuts the connection, so that the other side is told of an error.
    Reset,
    /// Closes TCP below TLS, which then has no end (RFC 8446 §6.1).
    Cut,
}

pub(crate) fn say(octets: impl Into<Vec<u8>>) -> Act {
    Say(octets.into())
}

pub(crate) fn forever(octets: impl Into<Vec<u8>>) -> Act {
    Forever(octets.into())
}

/// A server that does this with every client; its port.
pub(crate) async fn start(script: Vec<Act>) -> u16 {
    start_each(vec![script]).await
}

/// A server with a script for its first client, one for the next, and so on; the last is for all
/// others too.
pub(crate) async fn start_each(scripts: Vec<Vec<Act>>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let last = scripts.last().cloned().unwrap_or_default();
        for script in scripts.into_iter().chain(std::iter::repeat(last)) {
            let Ok((stream, _)) = listener.accept().await else { return };
            // Its errors are the client's leaving.
            tokio::spawn(async move { perform(stream, script).await });
        }
    });
    port
}

async fn perform(stream: TcpStream, script: Vec<Act>) -> io::Result<()> {
    let mut wire = Wire::Plain(stream);
    for act in script {
        wire = match act {
            Act::Reset => return wire.tcp().set_zero_linger(),
            Act::Cut => return wire.into_tcp().shutdown().await,
            Tls(config) => {
                Wire::Tls(Box::new(TlsAcceptor::from(config).accept(wire.into_tcp()).await?))
            }
            act => {
                wire.perform(act).await?;
                wire
            }
        };
    }
    let stream = wire.stream();
    stream.shutdown().await?;
    wait_for_the_end(stream).await
}

async fn wait_for_the_end(stream: &mut Stream) -> io::Result<()> {
    let mut heard = [0; 1024];
    while stream.read(&mut heard).await? > 0 {}
    Ok(())
}

enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

trait Both: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Both for T {}

type Stream = dyn Both;

impl Wire {
    fn stream(&mut self) -> &mut Stream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream,
        }
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    fn into_tcp(self) -> TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.into_inner().0,
        }
    }

    async fn perform(&mut self, act: Act) -> io::Result<()> {
        let stream = self.stream();
        match act {
            Say(octets) => stream.write_all(&octets).await?,
            Forever(octets) => {
                let many = octets.repeat(16 * 1024 / octets.len() + 1);
                loop {
                    stream.write_all(&many).await?;
                }
            }
            Trickle(octets) => {
                let mut pace = interval(Duration::from_millis(20));
                for octet in octets.iter().cycle() {
                    pace.tick().await;
                    stream.write_all(&[*octet]).await?;
                    stream.flush().await?;
                }
            }
            Hear => {
                let _ = stream.read(&mut [0; 16 * 1024]).await?;
            }
            Act::Answer(answer) => {
                let mut heard = [0; 16 * 1024];
                let length = stream.read(&mut heard).await?;
                stream.write_all(&answer(&heard[..length])).await?;
            }
            Act::Silence => wait_for_the_end(stream).await?,
            Tls(_) | Act::Reset | Act::Cut => unreachable!("it changes the wire"),
        }
        stream.flush().await
    }
}

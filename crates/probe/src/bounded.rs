//! Connections to strangers, from which no more is read than anybody sound has to say.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The most octets that a server may send: a policy of 64 KiB in chunks of one octet, with a TLS
/// handshake and a head of the greatest length. Interim responses, records without content and all
/// else that a protocol allows any number of come to an end here.
const MAX_OCTETS: usize = 1024 * 1024;

/// A connection that fails when a server has said too much.
#[derive(Debug)]
pub(crate) struct Bounded {
    stream: TcpStream,
    octets_left: usize,
}

impl Bounded {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, octets_left: MAX_OCTETS }
    }

    pub(crate) fn tcp(&self) -> &TcpStream {
        &self.stream
    }
}

impl AsyncRead for Bounded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.octets_left == 0 {
            let message = format!("the server sent more than {MAX_OCTETS} octets");
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, message)));
        }
        let most = into.remaining().min(self.octets_left);
        let mut part = ReadBuf::new(into.initialize_unfilled_to(most));
        let done = Pin::new(&mut self.stream).poll_read(context, &mut part);
        let read = part.filled().len();
        into.advance(read);
        self.octets_left -= read;
        done
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

//! What all TCP servers of the lab share: accepting, and ending.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a server waits for a client's next bytes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How long a connection may last: long enough for a policy that comes a byte at a time.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// How many connections one listener serves at once; the others wait.
const AT_ONCE: usize = 128;

/// Gives every connection to `serve`. Dropping the future ends the connections too.
pub(crate) async fn accept<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        if connections.len() >= AT_ONCE {
            connections.join_next().await;
        }
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Small writes are to arrive as they were made.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(bounded(serve(stream)));
                }
                // Out of file descriptors, say: others may end meanwhile.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

async fn bounded(connection: impl Future<Output = ()>) {
    // A connection that lasts too long just ends.
    let _ = timeout(LONGEST, connection).await;
}

/// Says nothing until the client has gone.
pub(crate) async fn stay_silent(stream: &mut (impl AsyncRead + Unpin)) {
    let mut ignored = [0; 1024];
    while matches!(stream.read(&mut ignored).await, Ok(1..)) {}
}

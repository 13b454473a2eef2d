//! Accepting connections, each within bounds, until the end is told: then what is under way is finished.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::Listen;

/// How long a client may take for the head of its request.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);

/// How long a connection may last, whatever its client does or does not read.
const LIFETIME: Duration = Duration::from_secs(600);

/// The most octets of a request's head: a query in base64, and a browser's fields.
const MAX_HEAD: usize = 32 * 1024;

/// How many ports are tried, from the one that is wanted.
const ATTEMPTS: u16 = 100;

/// A socket, as it is asked for.
pub(crate) async fn bind(listen: Listen) -> io::Result<TcpListener> {
    match listen {
        Listen::At(address) => TcpListener::bind(address).await,
        Listen::From(first) => bind_from(first).await,
    }
}

async fn bind_from(first: SocketAddr) -> io::Result<TcpListener> {
    let mut address = first;
    loop {
        match TcpListener::bind(address).await {
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse
                    && address.port() - first.port() < ATTEMPTS
                    && address.port() < u16::MAX =>
            {
                address.set_port(address.port() + 1);
            }
            done => return done,
        }
    }
}

/// Serves until it is dropped, which ends every connection, or until `end` turns true: then nobody is
/// accepted any more, and it is over when all requests that came before are answered. Beyond so many
/// connections, the next ones wait.
///
/// # Errors
/// None that a client can cause; if the listener fails for good.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    most: u16,
    mut end: watch::Receiver<bool>,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(most.into()));
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            let place = Arc::clone(&room).acquire_owned().await;
            (place, listener.accept().await)
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            _ = end.wait_for(|ended| *ended) => break,
        };
        let (Ok(place), Ok((stream, peer))) = accepted else {
            // Out of file descriptors, or the client has left already.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (router, end) = (router.clone(), end.clone());
        connections.spawn(async move {
            connection(stream, peer, router, end).await;
            drop(place);
        });
        // Those that have ended are forgotten.
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut end: watch::Receiver<bool>,
) {
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut served = pin!(served);
    let until_the_end = async {
        tokio::select! {
            done = served.as_mut() => return done,
            _ = end.wait_for(|ended| *ended) => {}
        }
        served.as_mut().graceful_shutdown();
        served.await
    };
    // Its errors are the client's leaving.
    let _ = timeout(LIFETIME, until_the_end).await;
}

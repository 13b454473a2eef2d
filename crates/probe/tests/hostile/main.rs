//! Servers that mean harm, or are broken beyond use: over real sockets, and each within bounds of
//! time and memory.
//!
//! A server is a script (`server.rs`); each table has a line a server, with what is observed of it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod bimi;
mod chains;
mod mail;
mod policy;
mod resolver;
mod server;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use mxray_probe::{Deadlines, Probe, ProbeConfig, ResolverChoice};
use peak_alloc::PeakAlloc;
use tokio::net::UdpSocket;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most that a look may allocate at a time, the server of the test included.
const MOST_MEMORY: usize = 8 * 1024 * 1024;

/// How long any look may take, though it may wait for each thing for much longer: what is no silence
/// ends by itself.
const MOST_TIME: Duration = Duration::from_secs(5);

/// What is observed where the deadline is what ends it.
const TIMED_OUT: &str = "timed out";

/// The only test that runs, so that the memory that is used is its own.
struct Alone(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

impl Alone {
    async fn begin() -> Self {
        static TURN: Mutex<()> = Mutex::const_new(());
        Self(TURN.lock().await)
    }

    /// Looks, within bounds, and compares what comes of it with the words in which it should begin.
    async fn look(&self, reason: &str, expected: &str, observe: impl Future<Output = String>) {
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        let observed = timeout(MOST_TIME, observe).await;
        let observed = observed.unwrap_or_else(|_| panic!("{reason}: still looking"));
        assert!(observed.starts_with(expected), "{reason}: {observed}");
        let memory = MEMORY.peak_usage().saturating_sub(before);
        assert!(memory < MOST_MEMORY, "{reason}: {memory} octets at a time");
    }
}

/// A probe that waits for a moment where it is to wait in vain, and otherwise as long as always.
fn probe(expected: &str, config: ProbeConfig) -> Probe {
    let moment = Duration::from_millis(300);
    let deadlines = match expected {
        TIMED_OUT => Deadlines {
            dns: moment,
            connect: moment,
            tls: moment,
            policy: moment,
            smtp_reply: moment,
            smtp: moment,
        },
        _ => Deadlines::default(),
    };
    Probe::new(ProbeConfig { deadlines, ..config }).unwrap()
}

/// What a probe is told, for which every name is a server at this port of this machine.
async fn config(port: u16) -> ProbeConfig {
    ProbeConfig {
        resolver: ResolverChoice::Socket(everything_is_here().await),
        allowed_nets: vec!["127.0.0.0/8".parse().unwrap()],
        https_port: port,
        smtp_port: port,
        ..ProbeConfig::default()
    }
}

/// A resolver that knows one address.
async fn everything_is_here() -> SocketAddr {
    everything_answers(|query| {
        if resolver::record_type(query) == 1 {
            resolver::answer(query, 1, &resolver::record(1, &[127, 0, 0, 1]))
        } else {
            resolver::answer(query, 0, &[])
        }
    })
    .await
}

/// A resolver that answers so.
async fn everything_answers(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut query = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut query).await {
            let _ = socket.send_to(&answer(&query[..length]), client).await;
        }
    });
    address
}

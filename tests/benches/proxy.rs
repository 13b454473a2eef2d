//! How much the proxy bears: `cargo xtask bench proxy`.
//!
//! Cached answers a second, beside a bare handler that sends the same bytes, both in processes of
//! their own with one thread each; what 2,000 slow looks at a time need and do to those answers; and how
//! many answers one proxy and three give that share a Redis. All on this machine, bounded in count and
//! time.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fmt, fs};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use mxray_lab::{Config, DomainFile, Lab};
use mxray_tests::debian;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// What a cached answer is to reach of what the bare handler does.
const TO_BEAT: f64 = 0.7;

/// Rounds of each, short and by turns, so that whatever else the machine does falls on both; the
/// middle counts.
const ROUNDS: usize = 25;
const ROUND: Duration = Duration::from_millis(300);

/// Connections that ask for cached answers at a time.
const CONNECTIONS: usize = 16;

/// Looks at a server that never says a word.
const SLOW: usize = 2_000;

/// For how long answers are timed while those are under way: a look at silence takes ten seconds.
const WATCHED: Duration = Duration::from_secs(3);

const CACHED: &str = "/v1/policy?domain=a.example";

/// As a web server in front asks, so that each request is counted, in Redis if there is one.
const FOR_SOMEBODY: &str = "X-Forwarded-For: 192.0.2.1\r\n";

const DOMAIN: &str = "
    domain = 'a.example'
    about = ''
    expect = { transport = '', forgery = '', stage = '', first = '' }
    [records.'*']
    A = ['127.0.0.77']
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match arguments.as_slice() {
        [bare, address, body] if bare == "bare" => {
            runtime.block_on(bare_handler(address.parse().unwrap(), Path::new(body)));
            ExitCode::SUCCESS
        }
        _ => runtime.block_on(measure()),
    }
}

async fn bare_handler(address: SocketAddr, body: &Path) {
    let body = axum::body::Bytes::from(fs::read(body).unwrap());
    let answer = async move || ([(CONTENT_TYPE, "application/json")], body.clone());
    let router = Router::new().route("/v1/policy", get(answer));
    axum::serve(TcpListener::bind(address).await.unwrap(), router).await.unwrap();
}

async fn measure() -> ExitCode {
    let lab = Lab::start(Config::of([DomainFile::inline(DOMAIN)])).await.unwrap();
    let silent = Silent::start().await;
    let proxy = Server::proxy(&lab, &silent, &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("body");
    let answer = Asker::connect(proxy.address).await.ask(CACHED).await;
    fs::write(&body, &answer).unwrap();
    let bare = Server::bare(&body).await;

    let is_fast = compare(&proxy, &bare, answer.len()).await;
    slow_looks(&proxy, &silent).await;
    drop((proxy, bare));
    replicas(&lab, &silent).await;
    if is_fast { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether cached answers are fast enough.
async fn compare(proxy: &Server, bare: &Server, length: usize) -> bool {
    let (mut cached, mut plain, mut ratios) = (Total::default(), Total::default(), Vec::new());
    for _ in 0..ROUNDS {
        let (one, other) = (cached.round(&[proxy], "").await, plain.round(&[bare], "").await);
        ratios.push(f64::from(one) / f64::from(other));
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ROUNDS / 2];
    println!("cached answers of {length} octets: {cached}\na bare handler: {plain}");
    println!("{ratio:.2} of the bare handler (to beat: {TO_BEAT})");
    ratio > TO_BEAT
}

/// How many answers came, and how long the processor worked for them.
#[derive(Default)]
struct Total {
    answers: u32,
    work: Duration,
}

impl Total {
    /// One round, the connections spread over the servers; how many answers came in it.
    async fn round(&mut self, servers: &[&Server], fields: &'static str) -> u32 {
        let work = || servers.iter().map(|server| server.work()).sum::<Duration>();
        let before = work();
        let end = Instant::now() + ROUND;
        let mut askers = JoinSet::new();
        for server in servers.iter().cycle().take(CONNECTIONS) {
            let mut asker = Asker { fields, ..Asker::connect(server.address).await };
            askers.spawn(async move {
                let mut count = 0;
                while Instant::now() < end {
                    asker.ask(CACHED).await;
                    count += 1;
                }
                count
            });
        }
        let answers = askers.join_all().await.into_iter().sum();
        self.answers += answers;
        self.work += work() - before;
        answers
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let a_second = f64::from(self.answers) / (ROUND * ROUNDS as u32).as_secs_f64();
        write!(f, "{a_second:.0} a second, {:.1?} of processor each", self.work / self.answers)
    }
}

async fn slow_looks(proxy: &Server, silent: &Silent) {
    let idle = p99(proxy).await;
    let before = proxy.memory();
    let mut looks = JoinSet::new();
    for number in 0..SLOW {
        let mut asker = Asker::connect(proxy.address).await;
        looks.spawn(async move { asker.ask(&format!("/v1/mx?domain=d{number}.a.example")).await });
    }
    while silent.connections.load(Ordering::Relaxed) < SLOW {
        sleep(Duration::from_millis(10)).await;
    }
    let memory = proxy.memory().saturating_sub(before);
    let busy = p99(proxy).await;
    let over = std::iter::from_fn(|| looks.try_join_next()).count();
    println!(
        "{SLOW} slow looks under way ({over} over at the end): {} octets each; a cached answer takes \
         {busy:.1?} at most in 99 of 100 cases, {idle:.1?} without them",
        memory / SLOW as u64
    );
}

/// How many cached answers one proxy and three give, each client counted for all of them.
async fn replicas(lab: &Lab, silent: &Silent) {
    let Some(mut redis) = debian("redis-server", "how three proxies share a Redis") else { return };
    let address = free_address();
    redis.args(["--save", "", "--port", &address.port().to_string()]);
    let _redis = mxray_tests::Server::start(redis, &[address]).unwrap();
    let redis = format!("--redis=redis://{address}");
    let start = async || Server::proxy(lab, silent, &[&redis]).await;
    let proxies = [start().await, start().await, start().await];
    let cores = std::thread::available_parallelism().unwrap();
    println!("with a Redis that counts the clients, on {cores} cores that asking takes part of:");
    let (mut one, mut three, mut ratios) = (Total::default(), Total::default(), Vec::new());
    let all: Vec<&Server> = proxies.iter().collect();
    for _ in 0..ROUNDS {
        let answers =
            [one.round(&all[..1], FOR_SOMEBODY).await, three.round(&all, FOR_SOMEBODY).await];
        ratios.push(f64::from(answers[1]) / f64::from(answers[0]));
    }
    ratios.sort_by(f64::total_cmp);
    println!("one proxy: {one}\nthree: {three}\n{:.2} times as many", ratios[ROUNDS / 2]);
}

/// What 99 of 100 cached answers take at most, one after the other.
async fn p99(server: &Server) -> Duration {
    let mut asker = Asker::connect(server.address).await;
    let mut times = Vec::new();
    let end = Instant::now() + WATCHED;
    while Instant::now() < end {
        let started = Instant::now();
        asker.ask(CACHED).await;
        times.push(started.elapsed());
        // A visitor does not ask as fast as they can.
        sleep(Duration::from_millis(1)).await;
    }
    times.sort();
    times[times.len() * 99 / 100]
}

/// A mail server that accepts and never says a word.
struct Silent {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Silent {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 77), 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { port, connections }
    }
}

/// A server in a process of its own, with one thread; it ends with this.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    async fn proxy(lab: &Lab, silent: &Silent, switches: &[&str]) -> Self {
        let address = free_address();
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        fs::write(&ca_file, &lab.ca_pem).unwrap();
        let program =
            env::var_os("MXRAY_PROXY").expect("MXRAY_PROXY names the mxray-proxy to measure");
        let mut command = Command::new(program);
        // Without the environment, which may hold settings.
        command.env_clear().arg("--ca-file").arg(ca_file);
        command.args(["--allow-net", "127.0.0.0/8", "--per-domain", "1000000/1s"]);
        command.args(["--at-a-time", "3000", "--at-a-time-per-client", "3000"]);
        command.args(["--connections", "5000", "--listen", &address.to_string()]);
        command.args(["--trusted-proxy", "127.0.0.1", "--per-client", "1000000/1s"]).args(switches);
        command.args(["--dns", &lab.dns.to_string()]);
        command.args(["--https-port", &lab.https_port.to_string()]);
        command.args(["--smtp-port", &silent.port.to_string()]);
        for (from, to) in &lab.routes {
            command.arg("--route").arg(format!("{from}={to}"));
        }
        let server = Self::start(command, address).await;
        drop(folder);
        server
    }

    async fn bare(body: &Path) -> Self {
        let address = free_address();
        let mut command = Command::new(env::current_exe().unwrap());
        command.arg("bare").arg(address.to_string()).arg(body);
        Self::start(command, address).await
    }

    async fn start(mut command: Command, address: SocketAddr) -> Self {
        command.env("TOKIO_WORKER_THREADS", "1").stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let listening = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(10), listening).await.expect("it does not start");
        Self { child, address }
    }

    /// How long processors have worked for it.
    fn work(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // After the name, which may hold anything, come the state and ten fields that are not wanted.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let fields = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        // Of which Linux has a hundred a second for every program.
        Duration::from_millis(ticks * 10)
    }

    /// The memory that is its own, in octets.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        kilobytes * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// A client that does as little as it can, so that the server is what is measured.
struct Asker {
    stream: TcpStream,
    heard: Vec<u8>,
    /// More fields of each request's head.
    fields: &'static str,
}

impl Asker {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await;
        let stream = stream.expect("no connection; so many at a time may need `ulimit -n 8192`");
        stream.set_nodelay(true).unwrap();
        Self { stream, heard: vec![0; 64 * 1024], fields: "" }
    }

    /// The body of an answer.
    async fn ask(&mut self, path: &str) -> Vec<u8> {
        let fields = self.fields;
        let request = format!("GET {path} HTTP/1.1\r\nHost: proxy\r\n{fields}\r\n");
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut length = 0;
        loop {
            let read = self.stream.read(&mut self.heard[length..]).await.unwrap();
            assert!(read > 0, "the connection ended");
            length += read;
            if let Some(body) = body(&self.heard[..length]) {
                return body.to_vec();
            }
        }
    }
}

/// The body of an answer that has come whole.
fn body(answer: &[u8]) -> Option<&[u8]> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = str::from_utf8(&answer[..end]).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    answer.get(end + 4..)?.get(..length.parse().unwrap())
}

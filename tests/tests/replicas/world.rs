//! A lab, three proxies that look at it, the Redis that they share, and nginx in front of them.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use mxray_lab::{Config, DomainFile, Lab};
use mxray_tests::{Server, debian, free_address, program, switches};
use tempfile::TempDir;
use tokio::net::TcpSocket;

const LEFT_OUT: &str = "that proxies share what they know";

/// The name of one of the domains.
pub(crate) fn domain(number: usize) -> String {
    format!("d{number}.example")
}

pub(crate) struct World {
    pub(crate) lab: Lab,
    pub(crate) replicas: [SocketAddr; 3],
    pub(crate) metrics: [SocketAddr; 3],
    running: Vec<Option<Server>>,
    redis: Option<Server>,
    pub(crate) redis_at: SocketAddr,
    nginx: Option<(Server, SocketAddr)>,
    folder: TempDir,
}

/// Where clients go in.
pub(crate) struct Entrance<'a>(&'a World);

impl World {
    /// Starts all of them; none, with a sentence, if there is no Redis. `special` is what is special about
    /// each domain, and the switches outdo those of the lab.
    pub(crate) async fn start(
        special: impl IntoIterator<Item = String>,
        own_switches: &[&str],
    ) -> Option<Self> {
        debian("redis-server", LEFT_OUT)?;
        let files = special.into_iter().enumerate().map(|(number, special)| {
            DomainFile::inline(format!(
                "domain = '{}'\nabout = ''\n\
                 expect = {{ transport = '', forgery = '', stage = '', first = '' }}\n{special}",
                domain(number)
            ))
        });
        let lab = Lab::start(Config::of(files)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let free = || free_address(Ipv4Addr::LOCALHOST).unwrap();
        let redis_at = free();
        let redis = Some(redis(redis_at, &folder));
        let (replicas, metrics) = ([free(), free(), free()], [free(), free(), free()]);
        let name = |switch: &str| switch.split('=').next().unwrap_or_default().to_owned();
        let outdone: Vec<String> = own_switches.iter().map(|switch| name(switch)).collect();
        let mut shared = switches(&lab, folder.path()).unwrap();
        shared.retain(|switch| name(switch) == "--route" || !outdone.contains(&name(switch)));
        if !outdone.contains(&"--trusted-proxy".to_owned()) {
            shared.push("--trusted-proxy=127.0.0.1".to_owned());
        }
        let running = replicas.iter().zip(&metrics).map(|(listen, metrics)| {
            let mut proxy = program("mxray-proxy", "mxray-proxy").unwrap();
            proxy.env_clear().args(&shared).args(own_switches);
            proxy.args(["--log", "off", "--redis", &format!("redis://{redis_at}")]);
            proxy.args(["--listen", &listen.to_string(), "--metrics", &metrics.to_string()]);
            Some(Server::start(proxy, &[*listen, *metrics]).unwrap())
        });
        let running = running.collect();
        let nginx = nginx(replicas, &folder);
        Some(Self { lab, replicas, metrics, running, redis, redis_at, nginx, folder })
    }

    pub(crate) fn entrance(&self) -> Entrance<'_> {
        Entrance(self)
    }

    pub(crate) fn kill(&mut self, replica: usize) {
        self.running[replica].take().unwrap().kill().unwrap();
    }

    pub(crate) fn kill_redis(&mut self) {
        self.redis.take().unwrap().kill().unwrap();
    }

    /// It has forgotten everything.
    pub(crate) fn start_redis(&mut self) {
        self.redis = Some(redis(self.redis_at, &self.folder));
    }
}

impl Entrance<'_> {
    pub(crate) fn nginx(&self) -> Option<SocketAddr> {
        self.0.nginx.as_ref().map(|(_, address)| *address)
    }

    /// Without nginx each client has a replica of its own.
    pub(crate) fn address(&self, client: u8) -> SocketAddr {
        self.nginx().unwrap_or(self.0.replicas[usize::from(client) % 3])
    }
}

fn redis(address: SocketAddr, folder: &TempDir) -> Server {
    let mut redis = debian("redis-server", LEFT_OUT).unwrap();
    redis.args(["--bind", &address.ip().to_string(), "--port", &address.port().to_string()]);
    redis.args(["--save", "", "--appendonly", "no"]).arg("--dir").arg(folder.path());
    Server::start(redis, &[address]).unwrap()
}

fn nginx(replicas: [SocketAddr; 3], folder: &TempDir) -> Option<(Server, SocketAddr)> {
    let mut nginx = debian("nginx", "that a web server passes a dead replica over")?;
    let address = free_address(Ipv4Addr::LOCALHOST).unwrap();
    let folder = folder.path().display();
    let servers: String = replicas.iter().map(|replica| format!("server {replica}; ")).collect();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {folder}/{what}; "))
        .concat();
    let configuration = format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;
         events {{ worker_connections 2048; }}
         http {{
             access_log off; {temporary}
             upstream replicas {{ {servers} keepalive 64; }}
             server {{
                 listen {address};
                 location / {{
                     proxy_pass http://replicas;
                     proxy_http_version 1.1;
                     proxy_set_header Connection '';
                     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                 }}
             }}
         }}"
    );
    let file = format!("{folder}/nginx.conf");
    fs::write(&file, configuration).unwrap();
    nginx.args(["-e", "stderr", "-p", &folder.to_string(), "-c", &file]);
    Some((Server::start(nginx, &[address]).unwrap(), address))
}

/// A client with an address of its own.
pub(crate) struct Client(SendRequest<Empty<Bytes>>);

impl Client {
    pub(crate) async fn at(address: SocketAddr, number: u8) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::new(127, 1, 0, number), 0).into()).unwrap();
        let stream = socket.connect(address).await.unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    pub(crate) async fn get(&mut self, path: &str) -> (u16, Bytes) {
        self.try_get(path).await.unwrap()
    }

    pub(crate) async fn try_get(&mut self, path: &str) -> hyper::Result<(u16, Bytes)> {
        self.send(Request::get(path)).await
    }

    /// As a web server in front does it for somebody.
    pub(crate) async fn get_for(&mut self, client: &str, path: &str) -> (u16, Bytes) {
        self.send(Request::get(path).header("x-forwarded-for", client)).await.unwrap()
    }

    pub(crate) async fn text(&mut self, path: &str) -> String {
        String::from_utf8(self.get(path).await.1.to_vec()).unwrap()
    }

    async fn send(
        &mut self,
        request: hyper::http::request::Builder,
    ) -> hyper::Result<(u16, Bytes)> {
        let request = request.header("host", "proxy").body(Empty::new()).unwrap();
        self.0.ready().await?;
        let response = self.0.send_request(request).await?;
        let status = response.status().as_u16();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

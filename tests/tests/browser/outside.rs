//! All of the internet that a browser of these tests sees: a few hosts, and nothing else.

use std::collections::HashMap;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A proxy for HTTPS (RFC 9110 §9.3.6) that knows these hosts.
pub(crate) struct Outside {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Outside {
    pub(crate) async fn of(hosts: &[(&str, SocketAddr)]) -> Self {
        let hosts: HashMap<String, SocketAddr> =
            hosts.iter().map(|(name, address)| (format!("{name}:443"), *address)).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A browser that hangs up in between is no matter.
                tokio::spawn(serve(client, hosts.clone()));
            }
        });
        Self { address, task }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(client: TcpStream, hosts: HashMap<String, SocketAddr>) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut request = String::new();
    client.read_line(&mut request).await?;
    while client.read_line(&mut request).await? > 2 {}
    let target = request.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let Some(address) = target.and_then(|target| hosts.get(target)) else {
        return client.write_all(b"HTTP/1.1 502 No such host\r\nContent-Length: 0\r\n\r\n").await;
    };
    let mut host = TcpStream::connect(address).await?;
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut host).await.map(|_| ())
}

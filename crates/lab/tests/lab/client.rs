//! Small clients of the lab for its tests: one DNS question, one TLS connection, lines of SMTP.
//! Each wait has an end.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_server::proto::op::{Edns, Message, Query};
use hickory_server::proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_server::proto::rr::{Name, RData, RecordType};
use mxray_lab::{Config, DomainFile, Lab};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// No answer of the lab takes longer.
const SOON: Duration = Duration::from_secs(20);

/// What `future` comes to, soon.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(SOON, future).await.expect("the lab answers in time")
}

/// A lab of one domain.
pub(crate) async fn lab_of(toml: &'static str) -> Lab {
    Lab::start(Config::of([DomainFile::inline(toml)])).await.unwrap()
}

/// A description of `sound.example` with what `rest` adds.
pub(crate) fn sound(rest: &str) -> DomainFile {
    DomainFile::inline(format!(
        "domain = 'sound.example'\nabout = ''\n\
         expect = {{ transport = '', forgery = '', stage = '', first = '' }}\n{rest}"
    ))
}

/// A lab of `sound.example` with what `rest` adds.
pub(crate) async fn sound_lab(rest: &str) -> Lab {
    Lab::start(Config::of([sound(rest)])).await.unwrap()
}

/// A question and how it is asked.
pub(crate) struct Ask {
    message: Message,
}

impl Ask {
    /// With EDNS, room for 1,232 octets over UDP, and no flag.
    pub(crate) fn new(name: &str, kind: RecordType) -> Self {
        let mut message = Message::query();
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        message.metadata.recursion_desired = true;
        let mut edns = Edns::new();
        edns.set_max_payload(1232);
        message.set_edns(edns);
        Self { message }
    }

    pub(crate) fn with_ad(mut self) -> Self {
        self.message.metadata.authentic_data = true;
        self
    }

    pub(crate) fn with_cd(mut self) -> Self {
        self.message.metadata.checking_disabled = true;
        self
    }

    pub(crate) fn with_do(mut self) -> Self {
        self.message.edns.as_mut().unwrap().set_dnssec_ok(true);
        self
    }

    pub(crate) fn without_edns(mut self) -> Self {
        self.message.edns = None;
        self
    }

    /// The octets of the answer over UDP.
    pub(crate) async fn udp(&self, lab: &Lab) -> Answer {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        socket.send_to(&self.message.to_vec().unwrap(), lab.dns).await.unwrap();
        let mut octets = vec![0; 65_536];
        let (length, _) = soon(socket.recv_from(&mut octets)).await.unwrap();
        Answer::new(&octets[..length])
    }

    /// The octets of the answer over TCP.
    pub(crate) async fn tcp(&self, lab: &Lab) -> Answer {
        let mut stream = TcpStream::connect(lab.dns).await.unwrap();
        let question = self.message.to_vec().unwrap();
        stream.write_u16(question.len() as u16).await.unwrap();
        stream.write_all(&question).await.unwrap();
        let length = soon(stream.read_u16()).await.unwrap();
        let mut octets = vec![0; length.into()];
        soon(stream.read_exact(&mut octets)).await.unwrap();
        Answer::new(&octets)
    }
}

/// An answer, and how long it was.
pub(crate) struct Answer {
    pub(crate) octets: usize,
    pub(crate) message: Message,
}

impl Answer {
    fn new(octets: &[u8]) -> Self {
        Self { octets: octets.len(), message: Message::from_vec(octets).unwrap() }
    }

    /// The answers in words, such as `a.example. CNAME b.example.`.
    pub(crate) fn answers(&self) -> Vec<String> {
        let word = |data: &RData| match data {
            RData::TXT(txt) => {
                let strings = txt.txt_data.iter().map(|string| string.escape_ascii().to_string());
                strings.collect::<Vec<_>>().join("|")
            }
            other => other.to_string(),
        };
        let records = self.message.answers.iter();
        records
            .map(|record| {
                format!("{} {} {}", record.name, record.record_type(), word(&record.data))
            })
            .collect()
    }

    /// The code and text of the extended error.
    pub(crate) fn extended_error(&self) -> Option<(u16, String)> {
        let edns = self.message.edns.as_ref()?;
        match edns.option(EdnsCode::Unknown(15))? {
            EdnsOption::Unknown(_, data) => Some((
                u16::from_be_bytes([data[0], data[1]]),
                String::from_utf8_lossy(&data[2..]).into_owned(),
            )),
            _ => None,
        }
    }

    /// The address that was asked for.
    pub(crate) fn address(&self) -> IpAddr {
        self.message.answers.iter().find_map(|record| record.data.ip_addr()).unwrap()
    }
}

/// Where `host` is, and how one gets there.
pub(crate) async fn locate(lab: &Lab, host: &str, port: u16) -> SocketAddr {
    let answer = Ask::new(&format!("{host}."), RecordType::A).udp(lab).await;
    let named = SocketAddr::from((answer.address(), port));
    let route = lab.routes.iter().find(|(from, _)| *from == named);
    route.map_or(named, |(_, to)| *to)
}

/// A TLS session that trusts the lab's CA and nobody else.
pub(crate) async fn handshake(
    lab: &Lab,
    host: &str,
    stream: TcpStream,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(lab.ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    soon(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

/// The whole answer to a request for the policy of `domain`.
pub(crate) async fn fetch(lab: &Lab, domain: &str) -> std::io::Result<String> {
    let host = format!("mta-sts.{domain}");
    let stream = TcpStream::connect(locate(lab, &host, lab.https_port).await).await?;
    let mut stream = handshake(lab, &host, stream).await?;
    let request = format!(
        "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut response = Vec::new();
    soon(stream.read_to_end(&mut response)).await?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}

/// A line without its end; empty at the end of the stream.
pub(crate) async fn line(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        match soon(stream.read_u8()).await {
            Ok(octet) => line.push(octet),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&line).trim_end().to_owned()
}

/// Sends a command and reads its reply to the last line.
pub(crate) async fn say<S>(stream: &mut S, command: &str) -> Vec<String>
where
    S: AsyncReadExt + AsyncWriteExt + Unpin,
{
    stream.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
    let mut lines = vec![line(stream).await];
    while lines.last().is_some_and(|line| line.as_bytes().get(3) == Some(&b'-')) {
        lines.push(line(stream).await);
    }
    lines
}

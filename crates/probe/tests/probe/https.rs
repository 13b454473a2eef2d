//! Asking a resolver over HTTPS.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mxray_facts::Unobserved;
use mxray_facts::dns::{Question, RecordType};
use mxray_lab::Lab;
use mxray_probe::{Probe, ProbeConfig};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::world::{config, lab, name};

/// A resolver in front of a lab's.
struct Resolver {
    url: String,
    ca_pem: String,
    connections: Arc<AtomicUsize>,
}

impl Resolver {
    async fn start(lab: &Lab, protocol: &'static [u8]) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .unwrap();
        config.alpn_protocols = vec![protocol.to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}/dns-query", listener.local_addr().unwrap().port());
        let connections = Arc::new(AtomicUsize::new(0));
        let (acceptor, upstream) = (TlsAcceptor::from(Arc::new(config)), lab.dns);
        tokio::spawn(serve(listener, acceptor, upstream, Arc::clone(&connections)));
        Self { url, ca_pem: cert.pem(), connections }
    }

    fn probe(&self, lab: &Lab) -> Probe {
        let resolver = self.url.parse().unwrap();
        Probe::new(ProbeConfig { resolver, ca_pem: self.ca_pem.clone(), ..config(lab) }).unwrap()
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    upstream: SocketAddr,
    connections: Arc<AtomicUsize>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(stream) = acceptor.accept(stream).await else { continue };
        connections.fetch_add(1, Ordering::Relaxed);
        let speaks_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let stream = TokioIo::new(stream);
        let service = service_fn(move |request| answer(request, upstream));
        tokio::spawn(async move {
            if speaks_http2 {
                let server = http2::Builder::new(TokioExecutor::new());
                server.serve_connection(stream, service).await
            } else {
                http1::Builder::new().serve_connection(stream, service).await
            }
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    upstream: SocketAddr,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let query = request.uri().query().unwrap().strip_prefix("dns=").unwrap();
    let query = URL_SAFE_NO_PAD.decode(query).unwrap();
    assert_eq!(query[..2], [0, 0], "RFC 8484 §4.1: the same question is the same URL");
    let mut upstream = TcpStream::connect(upstream).await.unwrap();
    upstream.write_u16(query.len().try_into().unwrap()).await.unwrap();
    upstream.write_all(&query).await.unwrap();
    let mut message = vec![0; upstream.read_u16().await.unwrap().into()];
    upstream.read_exact(&mut message).await.unwrap();
    let response = Response::builder().header("age", "100").header(
        "content-type",
        if message[3] & 15 == 5 { "text/plain" } else { "application/dns-message" },
    );
    Ok(response.body(message.into()).unwrap())
}

#[tokio::test]
async fn questions_share_a_connection_where_the_resolver_speaks_http2() {
    let lab = lab(&[("a.example", "ttl = 300\ndnssec = 'secure'")]).await;
    for (protocol, connections) in [(&b"h2"[..], 1), (b"http/1.1", 3)] {
        let resolver = Resolver::start(&lab, protocol).await;
        let probe = resolver.probe(&lab);
        let question = Question::new(name("a.example"), RecordType::Mx);
        let (one, two) = tokio::join!(probe.dns(&question), probe.dns(&question));
        let three = probe.dns(&question).await.unwrap();
        assert_eq!((&one.unwrap(), &two.unwrap()), (&three, &three));
        assert!(three.authenticated, "a resolver that was named is believed");
        assert_eq!(three.ttl, Some(200), "RFC 8484 §5.1: a cache held it for 100 s");
        assert_eq!(resolver.connections.load(Ordering::Relaxed), connections);
    }
}

#[tokio::test]
async fn what_is_no_resolver_is_not_understood() {
    let lab = lab(&[("a.example", "[records.'@']\nrcode = 'REFUSED'")]).await;
    let question = Question::new(name("a.example"), RecordType::Mx);
    let resolver = Resolver::start(&lab, b"h2").await;
    let answer = resolver.probe(&lab).dns(&question).await;
    assert_eq!(answer, Err(Unobserved::ResolverFailed), "another media type");

    let stranger = ProbeConfig { resolver: resolver.url.parse().unwrap(), ..config(&lab) };
    let answer = Probe::new(stranger).unwrap().dns(&question).await;
    assert_eq!(answer, Err(Unobserved::ResolverFailed), "a certificate that does not verify");
}

#[tokio::test]
async fn the_longest_message_that_there_is_is_read() {
    let lab = lab(&[("a.example", "[records.'@']\nfill_message = 65535")]).await;
    let question = Question::new(name("a.example"), RecordType::Txt);
    for protocol in [&b"h2"[..], b"http/1.1"] {
        let resolver = Resolver::start(&lab, protocol).await;
        let message = resolver.probe(&lab).dns_message(&question).await.unwrap();
        assert_eq!(message.len(), 65_535);
    }
}

//! TLS with strangers: every certificate is looked at, and none refused.
//!
//! A certificate that a sender would refuse is the thing to show, so the handshake is finished
//! with any. Nothing secret is ever sent. That the server holds its certificate's key is proved
//! all the same.

mod certificate;
mod hybrid;
mod path;

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use mxray_facts::{Certificate, Name, NameMatch, Tls, TlsDetails, TlsVersion};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, ConfigBuilder, DigitallySignedStruct, Error,
    ProtocolVersion, RootCertStore, SignatureScheme, WantsVerifier,
};
use tls_parser::TlsCipherSuite;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use webpki::EndEntityCert;

use crate::ConfigError;
use crate::bounded::Bounded;
use crate::harmless::harmless;

/// The most certificates of a chain that are recorded; real chains have two to four.
pub(crate) const MAX_CERTIFICATES: usize = 10;

/// Certificates that come in a file, as far as they can be read.
pub(crate) fn read_certificates(certificates: &[CertificateDer<'_>]) -> Vec<Certificate> {
    certificate::read_chain(certificates, &RootCertStore::empty()).0
}

/// Mozilla's authorities, and those that the configuration adds.
pub(crate) fn roots(ca_pem: &str) -> Result<Arc<RootCertStore>, ConfigError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if !ca_pem.is_empty() {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            let certificate = certificate.map_err(|_| ConfigError::NoCertificate)?;
            roots.add(certificate).map_err(|_| ConfigError::NoCertificate)?;
        }
        if roots.len() == before {
            return Err(ConfigError::NoCertificate);
        }
    }
    Ok(Arc::new(roots))
}

/// TLS as everybody does it: a certificate that does not verify ends the handshake.
pub(crate) fn verifying(
    roots: &Arc<RootCertStore>,
    alpn: &[&[u8]],
) -> Result<TlsConnector, ConfigError> {
    let mut config = builder()?.with_root_certificates(Arc::clone(roots)).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, ConfigError> {
    builder_with(ring::default_provider())
}

fn builder_with(
    provider: CryptoProvider,
) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, ConfigError> {
    ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(ConfigError::Tls)
}

/// With which hello a handshake begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hello {
    /// It offers a post-quantum key exchange as well, as those of recent programs do: 1.5 KB.
    PostQuantum,
    /// One that fits into a packet, for servers that cannot read more.
    Small,
}

/// A TLS client that tells what it saw.
pub(crate) struct Observer {
    post_quantum: ClientConfig,
    small: ClientConfig,
    roots: Arc<RootCertStore>,
}

impl Observer {
    pub(crate) fn new(roots: &Arc<RootCertStore>) -> Result<Self, ConfigError> {
        let mut provider = ring::default_provider();
        let small = observing(provider.clone())?;
        provider.kx_groups.insert(0, hybrid::X25519MLKEM768);
        Ok(Self { post_quantum: observing(provider)?, small, roots: Arc::clone(roots) })
    }

    /// Shakes hands; fails with the reason in words.
    pub(crate) async fn handshake(
        &self,
        host: &Name,
        stream: Bounded,
        hello: Hello,
    ) -> Result<(TlsStream<Bounded>, Tls), String> {
        let address = stream.tcp().peer_addr().map_err(|error| why(&error))?.ip();
        let indicated = server_name(host, address);
        let mut config = match hello {
            Hello::PostQuantum => self.post_quantum.clone(),
            Hello::Small => self.small.clone(),
        };
        let witness = Arc::new(Witness::default());
        config.dangerous().set_certificate_verifier(witness.clone());
        let connector = TlsConnector::from(Arc::new(config));
        let stream =
            connector.connect(indicated.clone(), stream).await.map_err(|error| why(&error))?;
        let tls = self.describe(stream.get_ref().1, &indicated, &witness);
        let tls = tls.ok_or("the server's certificate cannot be read")?;
        Ok((stream, tls))
    }

    fn describe(
        &self,
        connection: &ClientConnection,
        host: &ServerName<'_>,
        witness: &Witness,
    ) -> Option<Tls> {
        let sent = connection.peer_certificates()?;
        let sent = sent.get(..MAX_CERTIFICATES).unwrap_or(sent);
        let (chain, links) = certificate::read_chain(sent, &self.roots);
        let (leaf, first) = (EndEntityCert::try_from(sent.first()?).ok()?, chain.first()?);
        let now = UnixTime::now();
        let path = |moment| path::find(&leaf, sent, &self.roots, moment);
        let group = connection.negotiated_key_exchange_group();
        let details = TlsDetails {
            cipher_suite: suite_name(connection.negotiated_cipher_suite()?.suite().into()),
            key_exchange: group.map(|group| format!("{:?}", group.name())),
            signature: witness.scheme.get().map(|scheme| format!("{scheme:?}")),
            links,
        };
        Some(Tls {
            version: version(connection)?,
            path: path(now),
            path_when_valid: path(path::within(first, now)),
            name: match_name(&leaf, host),
            chain,
            details: details.into(),
        })
    }
}

/// For handshakes whose verifier only looks.
fn observing(provider: CryptoProvider) -> Result<ClientConfig, ConfigError> {
    let mut config = builder_with(provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Witness::default()))
        .with_no_client_auth();
    // A resumed session would show no certificate.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// A cipher suite's name in IANA's registry; its number if it has none.
pub(crate) fn suite_name(id: u16) -> String {
    let suite = TlsCipherSuite::from_id(id);
    suite.map_or_else(|| format!("0x{id:04x}"), |suite| suite.name.to_owned())
}

/// What SNI indicates; for a name that no certificate can hold, nothing.
fn server_name(host: &Name, address: IpAddr) -> ServerName<'static> {
    match ServerName::try_from(host.as_str().to_owned()) {
        Ok(name @ ServerName::DnsName(_)) => name,
        _ => address.into(),
    }
}

fn match_name(leaf: &EndEntityCert<'_>, host: &ServerName<'_>) -> NameMatch {
    match host {
        ServerName::DnsName(_) if leaf.verify_is_valid_for_subject_name(host).is_ok() => {
            NameMatch::Matches
        }
        _ => NameMatch::Differs,
    }
}

fn version(connection: &ClientConnection) -> Option<TlsVersion> {
    match connection.protocol_version()? {
        ProtocolVersion::TLSv1_2 => Some(TlsVersion::Tls12),
        ProtocolVersion::TLSv1_3 => Some(TlsVersion::Tls13),
        _ => None,
    }
}

/// Why a handshake failed, in words that are harmless to show.
fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the server closed the connection".to_owned(),
        _ => harmless(error.to_string().as_bytes()),
    }
}

/// Finds no fault with any certificate, and lets nobody in who does not hold its key.
#[derive(Debug)]
struct Witness {
    algorithms: WebPkiSupportedAlgorithms,
    /// How the handshake was signed.
    scheme: OnceLock<SignatureScheme>,
}

impl Default for Witness {
    fn default() -> Self {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        Self { algorithms, scheme: OnceLock::new() }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match EndEntityCert::try_from(end_entity) {
            Ok(_) => Ok(ServerCertVerified::assertion()),
            Err(_) => Err(CertificateError::BadEncoding.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.scheme.get_or_init(|| signed.scheme);
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.scheme.get_or_init(|| signed.scheme);
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

//! TLS with strangers: every certificate is looked at, and none refused.
//!
//! A certificate that a sender would refuse is the thing to show, so the handshake is finished
//! with any. Nothing secret is ever sent. That the server holds its certificate's key is proved
//! all the same.

mod certificate;
mod path;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use mxray_facts::{Name, NameMatch, Tls, TlsVersion};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, ConfigBuilder, DigitallySignedStruct, Error,
    ProtocolVersion, RootCertStore, SignatureScheme, WantsVerifier,
};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use webpki::EndEntityCert;

use crate::ConfigError;
use crate::bounded::Bounded;
use crate::harmless::harmless;

/// The most certificates of a chain that are recorded; real chains have two to four.
const MAX_CERTIFICATES: usize = 10;

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
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(ConfigError::Tls)
}

/// A TLS client that tells what it saw.
pub(crate) struct Observer {
    connector: TlsConnector,
    roots: Arc<RootCertStore>,
}

impl Observer {
    pub(crate) fn new(roots: &Arc<RootCertStore>) -> Result<Self, ConfigError> {
        let witness = Witness(ring::default_provider().signature_verification_algorithms);
        let mut config = builder()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(witness))
            .with_no_client_auth();
        // A resumed session would show no certificate.
        config.resumption = Resumption::disabled();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), roots: Arc::clone(roots) })
    }

    /// Shakes hands; fails with the reason in words.
    pub(crate) async fn handshake(
        &self,
        host: &Name,
        stream: Bounded,
    ) -> Result<(TlsStream<Bounded>, Tls), String> {
        let address = stream.tcp().peer_addr().map_err(|error| why(&error))?.ip();
        let indicated = server_name(host, address);
        let stream =
            self.connector.connect(indicated.clone(), stream).await.map_err(|error| why(&error))?;
        let tls = self.describe(stream.get_ref().1, &indicated);
        let tls = tls.ok_or("the server's certificate cannot be read")?;
        Ok((stream, tls))
    }

    fn describe(&self, connection: &ClientConnection, host: &ServerName<'_>) -> Option<Tls> {
        let sent = connection.peer_certificates()?;
        let sent = sent.get(..MAX_CERTIFICATES).unwrap_or(sent);
        let chain = certificate::read_chain(sent);
        let (leaf, first) = (EndEntityCert::try_from(sent.first()?).ok()?, chain.first()?);
        let now = UnixTime::now();
        let path = |moment| path::find(&leaf, sent, &self.roots, moment);
        Some(Tls {
            version: version(connection)?,
            path: path(now),
            path_when_valid: path(path::within(first, now)),
            name: match_name(&leaf, host),
            chain,
        })
    }
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
struct Witness(WebPkiSupportedAlgorithms);

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
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

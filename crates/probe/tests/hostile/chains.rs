//! Certificates that no authority would sign, and messages that no TLS library would write.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CustomExtension, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::ResolvesServerCert;
use rustls::sign::CertifiedKey;

/// What it says whatever it is asked.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

fn server(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = CertifiedKey::new(chain, any_supported_type(&key).unwrap());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Shown(Arc::new(key))));
    Arc::new(config)
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn leaf() -> CertificateParams {
    CertificateParams::new(["mail.a.example".to_owned(), "mta-sts.a.example".to_owned()]).unwrap()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// Sound but for that nobody signed it.
pub(crate) fn plain() -> Arc<ServerConfig> {
    let key = key();
    server(vec![leaf().self_signed(&key).unwrap().der().clone()], &key)
}

/// The same certificate, a hundred times.
pub(crate) fn hundred() -> Arc<ServerConfig> {
    let key = key();
    server(vec![leaf().self_signed(&key).unwrap().der().clone(); 100], &key)
}

/// One authority signed the other, and that the one.
pub(crate) fn looped() -> Arc<ServerConfig> {
    let (server_key, one_key, two_key) = (key(), key(), key());
    let (one, two) = (authority("one"), authority("two"));
    let by_two = one.signed_by(&one_key, &Issuer::from_params(&two, &two_key)).unwrap();
    let by_one = two.signed_by(&two_key, &Issuer::from_params(&one, &one_key)).unwrap();
    let leaf = leaf().signed_by(&server_key, &Issuer::from_params(&one, &one_key)).unwrap();
    let chain = [leaf.der(), by_two.der(), by_one.der(), by_two.der(), by_one.der()];
    server(chain.map(Clone::clone).into(), &server_key)
}

/// Many authorities of one name and key, each of which may have signed each other.
pub(crate) fn maze() -> Arc<ServerConfig> {
    let (server_key, key) = (key(), key());
    let issuer = authority("maze");
    let leaf = leaf().signed_by(&server_key, &Issuer::from_params(&issuer, &key)).unwrap();
    let walls = (0..60).map(|number| {
        let mut wall = authority("maze");
        wall.serial_number = Some(rcgen::SerialNumber::from(number));
        wall.signed_by(&key, &Issuer::from_params(&issuer, &key)).unwrap().der().clone()
    });
    let chain = [leaf.der().clone()].into_iter().chain(walls).collect();
    server(chain, &server_key)
}

/// A certificate with an extension of so many octets, of which TLS can carry 16 MB.
pub(crate) fn huge(octets: usize) -> Arc<ServerConfig> {
    let key = key();
    let mut params = leaf();
    let oid = [1, 3, 6, 1, 4, 1, 99_999, 1];
    params.custom_extensions.push(CustomExtension::from_oid_content(&oid, vec![0; octets]));
    server(vec![params.self_signed(&key).unwrap().der().clone()], &key)
}

/// Three thousand names.
pub(crate) fn many_names() -> Arc<ServerConfig> {
    let key = key();
    let names: Vec<String> = (0..3_000).map(|number| format!("n{number}.example")).collect();
    let params = CertificateParams::new(names).unwrap();
    server(vec![params.self_signed(&key).unwrap().der().clone()], &key)
}

/// Somebody else's certificate, without its key.
pub(crate) fn stolen() -> Arc<ServerConfig> {
    server(vec![leaf().self_signed(&key()).unwrap().der().clone()], &key())
}

/// Octets that are no certificate.
pub(crate) fn garbage() -> Arc<ServerConfig> {
    server(vec![CertificateDer::from(vec![0x30; 500])], &key())
}

/// A certificate, and one after it that is none.
pub(crate) fn garbage_after_it() -> Arc<ServerConfig> {
    let key = key();
    let leaf = leaf().self_signed(&key).unwrap().der().clone();
    server(vec![leaf, CertificateDer::from(vec![0x30; 500])], &key)
}

/// A certificate in PEM.
pub(crate) fn pem() -> String {
    leaf().self_signed(&key()).unwrap().pem()
}

/// A record of TLS (RFC 8446 §5.1).
pub(crate) fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], content].concat()
}

/// The ServerHello of TLS 1.0 (RFC 2246 §7.4.1.3).
pub(crate) fn old_hello() -> Vec<u8> {
    let hello = [&[3, 1][..], &[0; 32], &[0], &[0, 0x2f], &[0]].concat();
    let length = u32::try_from(hello.len()).unwrap().to_be_bytes();
    record(22, &[&[2], &length[1..], &hello].concat())
}

/// A ServerHello of TLS 1.3 that takes up a client's hello, with such a key share (RFC 8446 §4.1.3).
fn hello(client: &[u8], random: [u8; 32], key_share: &[u8]) -> Vec<u8> {
    // The session's ID of the client comes back: it is 32 octets behind version and random.
    let session = client.get(43..76).unwrap_or(&[0]);
    let length = |octets: &[u8]| u16::try_from(octets.len()).unwrap().to_be_bytes();
    let version = [0, 43, 0, 2, 3, 4];
    let extensions = [&version[..], &[0, 51], &length(key_share), key_share].concat();
    let body = [&[3, 3][..], &random, session, &[0x13, 0x01, 0], &length(&extensions), &extensions]
        .concat();
    record(22, &[&[2, 0], &length(&body)[..], &body].concat())
}

fn share(client: &[u8], group: u16, length: u16) -> Vec<u8> {
    let octets = vec![9; length.into()];
    hello(client, [7; 32], &[&group.to_be_bytes(), &length.to_be_bytes()[..], &octets].concat())
}

/// A share of X25519MLKEM768 that nobody made.
pub(crate) fn garbage_share(client: &[u8]) -> Vec<u8> {
    share(client, 0x11ec, 1120)
}

/// One that is too short.
pub(crate) fn short_share(client: &[u8]) -> Vec<u8> {
    share(client, 0x11ec, 1119)
}

/// One that is empty.
pub(crate) fn empty_share(client: &[u8]) -> Vec<u8> {
    share(client, 0x11ec, 0)
}

/// One of a group that was not offered.
pub(crate) fn foreign_share(client: &[u8]) -> Vec<u8> {
    share(client, 25, 133)
}

/// Asks for a hello with a share of this group (RFC 8446 §4.1.4).
fn again(client: &[u8], group: u16) -> Vec<u8> {
    let random = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8,
        0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8,
        0x33, 0x9c,
    ];
    hello(client, random, &group.to_be_bytes())
}

/// For one that was offered without a share.
pub(crate) fn again_with_p384(client: &[u8]) -> Vec<u8> {
    again(client, 24)
}

/// For one whose share was sent.
pub(crate) fn again_with_x25519(client: &[u8]) -> Vec<u8> {
    again(client, 29)
}

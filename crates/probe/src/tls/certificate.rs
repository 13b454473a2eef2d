//! What a certificate says, and who signed it.

use mxray_facts::{Bytes, Certificate, Key, KeyAlgorithm, Timestamp};
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256, Sha512};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_EC_P521,
    OID_PKCS1_RSAENCRYPTION, OID_SIG_ED25519,
};
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::harmless::harmless;

/// The certificates as sent, as far as they can be read.
pub(super) fn read_chain(sent: &[CertificateDer<'_>]) -> Vec<Certificate> {
    let parse = |der| parse_x509_certificate(der).ok().map(|(_, certificate)| certificate);
    let parsed: Vec<X509Certificate<'_>> = sent.iter().map_while(|der| parse(der)).collect();
    let issuers = parsed.iter().skip(1).map(Some).chain([None]);
    parsed
        .iter()
        .zip(sent)
        .zip(issuers)
        .map(|((parsed, der), next)| read(parsed, der, next))
        .collect()
}

fn read(
    parsed: &X509Certificate<'_>,
    der: &[u8],
    next: Option<&X509Certificate<'_>>,
) -> Certificate {
    let key = parsed.public_key();
    Certificate {
        der: der.into(),
        subject: harmless(parsed.subject().to_string().as_bytes()),
        issuer: harmless(parsed.issuer().to_string().as_bytes()),
        dns_names: dns_names(parsed),
        not_before: Timestamp(parsed.validity().not_before.timestamp()),
        not_after: Timestamp(parsed.validity().not_after.timestamp()),
        key: Key { algorithm: algorithm(key), bits: bits(key) },
        sha256: hash::<Sha256>(der),
        sha512: hash::<Sha512>(der),
        key_sha256: hash::<Sha256>(key.raw),
        key_sha512: hash::<Sha512>(key.raw),
        signed_by_next: next.and_then(|next| is_signed(parsed, next.public_key())),
    }
}

fn hash<H: Digest>(bytes: &[u8]) -> Bytes {
    H::digest(bytes).as_slice().into()
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(harmless(name.as_bytes())),
            _ => None,
        })
        .collect()
}

fn algorithm(key: &SubjectPublicKeyInfo<'_>) -> KeyAlgorithm {
    match &key.algorithm.algorithm {
        oid if *oid == OID_PKCS1_RSAENCRYPTION => KeyAlgorithm::Rsa,
        oid if *oid == OID_KEY_TYPE_EC_PUBLIC_KEY => KeyAlgorithm::Ecdsa,
        oid if *oid == OID_SIG_ED25519 => KeyAlgorithm::Ed25519,
        other => KeyAlgorithm::Other(other.to_id_string()),
    }
}

fn bits(key: &SubjectPublicKeyInfo<'_>) -> u32 {
    match algorithm(key) {
        KeyAlgorithm::Rsa => match key.parsed() {
            Ok(PublicKey::RSA(key)) => u32::try_from(key.key_size()).unwrap_or(u32::MAX),
            _ => 0,
        },
        KeyAlgorithm::Ecdsa => curve_bits(key).unwrap_or(0),
        KeyAlgorithm::Ed25519 => 256,
        KeyAlgorithm::Other(_) => 0,
    }
}

fn curve_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
    [(OID_EC_P256, 256), (OID_NIST_EC_P384, 384), (OID_NIST_EC_P521, 521)]
        .into_iter()
        .find_map(|(oid, bits)| (oid == curve).then_some(bits))
}

/// `None` for a signature of a kind that we cannot check.
fn is_signed(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Option<bool> {
    match certificate.verify_signature(Some(key)) {
        Ok(()) => Some(true),
        Err(X509Error::SignatureUnsupportedAlgorithm) => None,
        Err(_) => Some(false),
    }
}

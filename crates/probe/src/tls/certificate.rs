//! What a certificate says, and who signed it.

use mxray_facts::{Bytes, Certificate, Key, KeyAlgorithm, Link, Timestamp};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use sha2::{Digest, Sha256, Sha512};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_EC_P521,
    OID_PKCS1_RSAENCRYPTION, OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS, OID_SIG_ED25519,
};
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::harmless::harmless;

/// The most addresses of an issuer that are recorded.
const MAX_URLS: usize = 4;

/// The certificates as sent, as far as they can be read, and how they lead to one another.
pub(super) fn read_chain(
    sent: &[CertificateDer<'_>],
    roots: &RootCertStore,
) -> (Vec<Certificate>, Vec<Link>) {
    let parse = |der| parse_x509_certificate(der).ok().map(|(_, certificate)| certificate);
    let parsed: Vec<X509Certificate<'_>> = sent.iter().map_while(|der| parse(der)).collect();
    let issuers = parsed.iter().skip(1).map(Some).chain([None]);
    let chain = parsed
        .iter()
        .zip(sent)
        .zip(issuers)
        .map(|((parsed, der), next)| read(parsed, der, next))
        .collect();
    let links = (0..parsed.len()).filter_map(|place| link(&parsed, place, roots)).collect();
    (chain, links)
}

fn link(chain: &[X509Certificate<'_>], place: usize, roots: &RootCertStore) -> Option<Link> {
    let certificate = chain.get(place)?;
    Some(Link {
        signed_by: signer(chain, place),
        issuer_is_trusted: is_trusted(certificate.issuer().as_raw(), roots),
        issuer_urls: issuer_urls(certificate),
    })
}

/// The first certificate from this one on that has its issuer's name and signed it, then those
/// before.
fn signer(chain: &[X509Certificate<'_>], place: usize) -> Option<usize> {
    let certificate = chain.get(place)?;
    let signed = |other: &usize| {
        chain.get(*other).is_some_and(|other| {
            other.subject().as_raw() == certificate.issuer().as_raw()
                && is_signed(certificate, other.public_key()) == Some(true)
        })
    };
    (place..chain.len()).chain(0..place).find(signed)
}

fn is_trusted(name: &[u8], roots: &RootCertStore) -> bool {
    // A trust anchor's name stands without its tag and length, which are four octets at most.
    let is_same = |anchor: &TrustAnchor<'_>| {
        name.strip_suffix(anchor.subject.as_ref()).is_some_and(|head| head.len() <= 4)
    };
    roots.roots.iter().any(is_same)
}

fn issuer_urls(certificate: &X509Certificate<'_>) -> Vec<String> {
    let access =
        certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityInfoAccess(access) => Some(access),
            _ => None,
        });
    let described = access.into_iter().flat_map(|access| &access.accessdescs);
    let urls = described.filter_map(|description| match &description.access_location {
        GeneralName::URI(url)
            if description.access_method == OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS =>
        {
            Some(harmless(url.as_bytes()))
        }
        _ => None,
    });
    urls.take(MAX_URLS).collect()
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

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    };
    use rustls::RootCertStore;

    use super::read_chain;

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    /// Where the issuer's certificate is, and where its OCSP server is (RFC 5280 §4.2.2.1).
    fn authority_info_access() -> CustomExtension {
        let access = |method: u8, url: &str| {
            let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, method];
            let url = [&[0x86, url.len() as u8], url.as_bytes()].concat();
            let content = [&method[..], &url].concat();
            [&[0x30, content.len() as u8], &*content].concat()
        };
        let all =
            [access(1, "http://ocsp.example/"), access(2, "http://ca.example/\x1b.der")].concat();
        let content = [&[0x30, all.len() as u8], &*all].concat();
        CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
    }

    #[test]
    fn links_are_found_in_any_order() {
        let [root_key, middle_key, leaf_key] = [(); 3].map(|()| KeyPair::generate().unwrap());
        let (root, middle, mut leaf) = (params("root"), params("middle"), params("leaf"));
        leaf.custom_extensions.push(authority_info_access());
        let by_root = Issuer::from_params(&root, &root_key);
        let leaf = leaf.signed_by(&leaf_key, &Issuer::from_params(&middle, &middle_key)).unwrap();
        let middle = middle.signed_by(&middle_key, &by_root).unwrap();
        let root = root.self_signed(&root_key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(root.der().clone()).unwrap();
        let [root, middle, leaf] = [root, middle, leaf].map(|made| made.der().clone());
        for (reason, sent, expected) in [
            ("in order", vec![&leaf, &middle, &root], vec![Some(1), Some(2), Some(2)]),
            ("out of order", vec![&leaf, &root, &middle], vec![Some(2), Some(1), Some(1)]),
            ("without the root", vec![&leaf, &middle], vec![Some(1), None]),
            ("without the one between", vec![&leaf, &root], vec![None, Some(1)]),
            ("without need", vec![&leaf, &leaf, &middle], vec![Some(2), Some(2), None]),
        ] {
            let sent: Vec<_> = sent.into_iter().cloned().collect();
            let (_, links) = read_chain(&sent, &roots);
            let signed_by: Vec<_> = links.iter().map(|link| link.signed_by).collect();
            assert_eq!(signed_by, expected, "{reason}");
            assert_eq!(links[0].issuer_urls, ["http://ca.example/\u{fffd}.der"], "{reason}");
            assert!(!links[0].issuer_is_trusted, "{reason}");
        }
        let (_, links) = read_chain(&[middle], &roots);
        assert!(links[0].issuer_is_trusted);
    }
}

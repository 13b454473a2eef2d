//! Whether a path leads from a server's certificate to a trusted root, and at which time.

use std::time::Duration;

use mxray_facts::{Certificate, PathResult};
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};
use x509_parser::parse_x509_certificate;

/// Looks for a path at a moment, whatever name the certificate is for.
pub(super) fn find(
    leaf: &EndEntityCert<'_>,
    sent: &[CertificateDer<'_>],
    roots: &RootCertStore,
    moment: UnixTime,
) -> PathResult {
    let (first, intermediates) = sent.split_first().unzip();
    let found = leaf.verify_for_usage(
        ring::default_provider().signature_verification_algorithms.all,
        &roots.roots,
        intermediates.unwrap_or_default(),
        moment,
        KeyUsage::server_auth(),
        None,
        None,
    );
    match found {
        Ok(_) => PathResult::Trusted,
        Err(Error::CertExpired { .. }) => PathResult::Expired,
        Err(Error::CertNotValidYet { .. }) => PathResult::NotYetValid,
        // A certificate that is its own authority is refused for being one.
        Err(Error::UnknownIssuer | Error::CaUsedAsEndEntity)
            if first.is_some_and(is_self_signed) =>
        {
            PathResult::SelfSigned
        }
        Err(Error::UnknownIssuer) => PathResult::UnknownIssuer,
        Err(other) => PathResult::Other(other.to_string()),
    }
}

fn is_self_signed(certificate: &CertificateDer<'_>) -> bool {
    parse_x509_certificate(certificate).is_ok_and(|(_, certificate)| {
        certificate.subject().as_raw() == certificate.issuer().as_raw()
            && certificate.verify_signature(None).is_ok()
    })
}

/// The moment of a certificate's validity that is closest to now.
pub(super) fn within(certificate: &Certificate, now: UnixTime) -> UnixTime {
    let at = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let now = Duration::from_secs(now.as_secs());
    let moment = now.max(at(certificate.not_before.0)).min(at(certificate.not_after.0));
    UnixTime::since_unix_epoch(moment)
}

//! What a sender that verifies would hold against a certificate.

use mxray_facts::{Certificate, NameMatch, PathResult, Timestamp, Tls};

/// A certificate that ends within so many days wants renewing now: most are renewed a month ahead by themselves.
const EXPIRES_SOON_DAYS: i64 = 14;

/// A reason to refuse a certificate (RFC 8461 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Expired,
    NotYetValid,
    SelfSigned,
    Untrusted,
    WrongName,
}

/// Every reason to refuse the certificate of a session, the most telling first.
pub(crate) fn flaws(tls: &Tls) -> Vec<Flaw> {
    // An expired certificate can hide an untrusted one, so both moments count.
    let mut flaws: Vec<Flaw> =
        [&tls.path, &tls.path_when_valid].into_iter().filter_map(path_flaw).collect();
    flaws.dedup();
    if tls.name == NameMatch::Differs {
        flaws.push(Flaw::WrongName);
    }
    flaws
}

fn path_flaw(path: &PathResult) -> Option<Flaw> {
    match path {
        PathResult::Trusted => None,
        PathResult::Expired => Some(Flaw::Expired),
        PathResult::NotYetValid => Some(Flaw::NotYetValid),
        PathResult::SelfSigned => Some(Flaw::SelfSigned),
        PathResult::UnknownIssuer | PathResult::Other(_) => Some(Flaw::Untrusted),
    }
}

/// The names a certificate is for, as one text.
pub(crate) fn names(tls: &Tls) -> String {
    tls.chain.first().map(|certificate| certificate.dns_names.join(", ")).unwrap_or_default()
}

/// The days until the server's certificate ends, if they are few.
pub(crate) fn ends_soon(tls: &Tls, now: Timestamp) -> Option<i64> {
    let days = tls.chain.first().map(|Certificate { not_after, .. }| now.days_until(*not_after))?;
    (0..EXPIRES_SOON_DAYS).contains(&days).then_some(days)
}

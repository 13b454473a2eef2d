//! What an administrator wants to mend at the servers, though most senders get by with it.

use mxray_facts::{
    Contact, MailHost, OldTls, OldTlsVersion, PathResult, PolicyFetch, Session, SmtpSession,
    StartTls, Tls, VisitOutcome,
};
use mxray_records::{Finding, Rule};

use super::Notes;
use crate::checks::{Context, mail_servers};
use crate::report::CheckId;

pub(crate) mod smtp_rules {
    //! Rules about MX hosts.
    mxray_records::rules! { "smtp":
        /// It still accepts versions of TLS that nobody should use.
        OLD_TLS = Notice, "old-tls", "RFC 8996 §5";
        /// One of its addresses does not do what another does.
        ADDRESS_FAILS = Warning, "address-fails", "RFC 5321 §5.1";
        /// The certificate that signed the last one of the chain is not sent.
        INTERMEDIATE_MISSING = Warning, "intermediate-missing", "RFC 8446 §4.4.2";
        /// Certificates are not followed by the one that signed them.
        CHAIN_OUT_OF_ORDER = Notice, "chain-out-of-order", "RFC 8446 §4.4.2";
    }
}

pub(crate) mod policy_rules {
    //! Rules about policy hosts.
    mxray_records::rules! { "mta-sts":
        /// One of its addresses does not do what another does.
        POLICY_ADDRESS_FAILS = Warning, "policy-address-fails", "RFC 8461 §3.3";
        /// The certificate that signed the last one of the chain is not sent.
        POLICY_INTERMEDIATE_MISSING = Warning, "policy-intermediate-missing", "RFC 8446 §4.4.2";
        /// It takes longer than some senders wait.
        POLICY_SLOW = Notice, "policy-slow", "RFC 8461 §3.3";
    }
}

/// How long the least patient senders wait for a policy; others wait 4 seconds, and more.
const PATIENCE_MS: u32 = 2_000;

/// Judges what has come.
pub(super) fn draw(context: &Context<'_>, notes: &mut Notes) {
    if let Some(Ok(fetch)) = context.look.policy() {
        of_policy(&fetch).into_iter().for_each(|found| notes.find(CheckId::MtaSts, found));
    }
    let contacts = mail_servers::contacts(context).unwrap_or_default();
    for host in contacts.iter().flatten() {
        of_host(host).into_iter().for_each(|found| notes.find(CheckId::MailServers, found));
    }
}

fn of_policy(fetch: &PolicyFetch) -> Vec<Finding> {
    let about = |rule| Finding::new(rule).with("host", fetch.host.as_str());
    let mut found = Vec::new();
    let visits = fetch.details.get().map(|details| &*details.visits).unwrap_or_default();
    let answers =
        |outcome: &VisitOutcome| matches!(outcome, VisitOutcome::Answered { status: 200, .. });
    if visits.iter().filter_map(|visit| visit.outcome.as_ref().ok()).any(answers) {
        let fails =
            visits.iter().filter(|visit| visit.outcome.as_ref().is_ok_and(|it| !answers(it)));
        let address = |address| about(&policy_rules::POLICY_ADDRESS_FAILS).with("address", address);
        found.extend(fails.map(|visit| address(visit.address.to_string())));
    }
    if let Some(Gap::Missing { issuer, url }) = fetch.tls.as_ref().and_then(gap) {
        let rule = about(&policy_rules::POLICY_INTERMEDIATE_MISSING);
        found.push(rule.with("issuer", issuer).with("url", url));
    }
    if fetch.elapsed_ms > PATIENCE_MS {
        let seconds = format!("{}.{}", fetch.elapsed_ms / 1000, fetch.elapsed_ms % 1000 / 100);
        found.push(about(&policy_rules::POLICY_SLOW).with("seconds", seconds));
    }
    found
}

fn of_host(host: &MailHost) -> Vec<Finding> {
    let about = |rule: &'static Rule| Finding::new(rule).with("host", host.host.as_str());
    let mut found = Vec::new();
    if host.sessions.iter().any(|session| secured(session).is_some()) {
        let fails = host.sessions.iter().filter(|session| fails(session));
        let address = |address| about(&smtp_rules::ADDRESS_FAILS).with("address", address);
        found.extend(fails.map(|session| address(session.address.to_string())));
    }
    found.extend(
        host.sessions
            .iter()
            .filter_map(old_version)
            .map(|version| about(&smtp_rules::OLD_TLS).with("version", version)),
    );
    let gaps = host.sessions.iter().filter_map(secured).filter_map(gap);
    found.extend(gaps.map(|gap| match gap {
        Gap::Missing { issuer, url } => {
            about(&smtp_rules::INTERMEDIATE_MISSING).with("issuer", issuer).with("url", url)
        }
        Gap::OutOfOrder => about(&smtp_rules::CHAIN_OUT_OF_ORDER),
    }));
    found
}

fn secured(session: &Session) -> Option<&Tls> {
    match &session.contact {
        Ok(Contact::Talked(SmtpSession { starttls: Some(StartTls::Established(tls)), .. })) => {
            Some(tls)
        }
        _ => None,
    }
}

/// Whether an address surely does not do what another one of its host does. One that turned us away
/// may do it for others.
fn fails(session: &Session) -> bool {
    match &session.contact {
        Ok(Contact::Refused | Contact::Broken(_)) => true,
        Ok(Contact::Talked(session)) => match &session.starttls {
            Some(StartTls::NotOffered | StartTls::Failed(_)) => true,
            Some(StartTls::Refused(reply)) => reply.code >= 500,
            Some(StartTls::Established(_)) | None => false,
        },
        Err(_) => false,
    }
}

fn old_version(session: &Session) -> Option<&'static str> {
    match session.details.get()?.old_tls.as_ref()?.as_ref().ok()? {
        OldTls::Accepted { version: OldTlsVersion::Ssl30, .. } => Some("SSL 3.0"),
        OldTls::Accepted { version: OldTlsVersion::Tls10, .. } => Some("TLS 1.0"),
        OldTls::Accepted { version: OldTlsVersion::Tls11, .. } => Some("TLS 1.1"),
        OldTls::Refused(_) | OldTls::Closed | OldTls::Broken(_) => None,
    }
}

/// What is amiss between a server's certificate and a trusted authority.
enum Gap {
    /// Who signed the last one is not there, and the last one says where it can be had.
    Missing { issuer: String, url: String },
    /// All are there, in another order.
    OutOfOrder,
}

/// Follows a chain up from the server's own certificate.
fn gap(tls: &Tls) -> Option<Gap> {
    let links = &tls.details.get()?.links;
    let (mut place, mut in_order) = (0, true);
    // No longer than there are certificates, though they go in a circle.
    for _ in links {
        let link = links.get(place)?;
        match link.signed_by {
            Some(signer) if signer == place => break,
            Some(signer) => {
                in_order &= signer == place + 1;
                place = signer;
            }
            // An authority of somebody's own says nowhere where it can be had.
            None if !link.issuer_is_trusted && tls.path_when_valid == PathResult::UnknownIssuer => {
                let issuer = tls.chain.get(place)?.issuer.clone();
                return Some(Gap::Missing { issuer, url: link.issuer_urls.first()?.clone() });
            }
            None => break,
        }
    }
    (!in_order).then_some(Gap::OutOfOrder)
}

#[cfg(not(target_arch = "wasm32"))]
#[cfg(test)]
mod tests {
    use mxray_facts::{
        Bytes, Certificate, Contact, Details, Key, KeyAlgorithm, Link, MailHost, NameMatch,
        Observation, OldTls, OldTlsVersion, PathResult, PolicyDetails, PolicyFetch, PolicyOutcome,
        Reply, Session, SessionDetails, SmtpSession, StartTls, Times, Timestamp, Tls, TlsDetails,
        TlsVersion, Unobserved, Visit, VisitOutcome,
    };

    use super::{of_host, of_policy};

    fn certificate() -> Certificate {
        Certificate {
            der: Bytes::default(),
            subject: "CN=mx".to_owned(),
            issuer: "CN=between".to_owned(),
            dns_names: Vec::new(),
            not_before: Timestamp(0),
            not_after: Timestamp(1),
            key: Key { algorithm: KeyAlgorithm::Rsa, bits: 2048 },
            sha256: Bytes::default(),
            sha512: Bytes::default(),
            key_sha256: Bytes::default(),
            key_sha512: Bytes::default(),
            signed_by_next: None,
        }
    }

    /// A session with a chain: of each certificate, who signed it.
    fn tls(signed_by: &[Option<usize>], urls: &[&str], path: PathResult) -> Tls {
        let link = |signed_by: &Option<usize>| Link {
            signed_by: *signed_by,
            issuer_is_trusted: path == PathResult::Trusted && signed_by.is_none(),
            issuer_urls: urls.iter().map(|url| (*url).to_owned()).collect(),
        };
        let details = TlsDetails {
            cipher_suite: String::new(),
            key_exchange: None,
            signature: None,
            links: signed_by.iter().map(link).collect(),
        };
        Tls {
            version: TlsVersion::Tls13,
            chain: signed_by.iter().map(|_| certificate()).collect(),
            path: path.clone(),
            path_when_valid: path,
            name: NameMatch::Matches,
            details: details.into(),
        }
    }

    fn sound() -> Tls {
        tls(&[Some(1), None], &[], PathResult::Trusted)
    }

    fn talked(starttls: Option<StartTls>) -> Observation<Contact> {
        let greeting = Reply { code: 220, lines: Vec::new() };
        Ok(Contact::Talked(SmtpSession { greeting, ehlo: None, starttls }))
    }

    fn established(tls: Tls) -> Observation<Contact> {
        talked(Some(StartTls::Established(tls)))
    }

    fn session(contact: Observation<Contact>) -> Session {
        Session { address: [192, 0, 2, 1].into(), contact, details: Details::default() }
    }

    fn codes(sessions: Vec<Session>) -> Vec<&'static str> {
        let host = MailHost { host: "mx.example".parse().unwrap(), sessions };
        of_host(&host).iter().map(|found| found.rule.code).collect()
    }

    #[test]
    fn an_address_fails_where_another_of_its_host_does_not() {
        let reply = |code| Reply { code, lines: Vec::new() };
        let starttls = |starttls| talked(Some(starttls));
        for (reason, contact, fails) in [
            ("well", established(sound()), false),
            ("refused", Ok(Contact::Refused), true),
            ("no SMTP", Ok(Contact::Broken(String::new())), true),
            ("no STARTTLS", starttls(StartTls::NotOffered), true),
            ("no TLS", starttls(StartTls::Failed(String::new())), true),
            ("never", starttls(StartTls::Refused(reply(502))), true),
            ("not now", starttls(StartTls::Refused(reply(454))), false),
            ("turned away, as we may be", talked(None), false),
            ("nobody could look", Err(Unobserved::PortClosedHere), false),
        ] {
            let beside_a_sound_one = vec![session(established(sound())), session(contact.clone())];
            let expected: &[&str] = if fails { &["smtp.address-fails"] } else { &[] };
            assert_eq!(codes(beside_a_sound_one), expected, "{reason}");
            assert!(
                codes(vec![session(contact)]).is_empty(),
                "{reason}: alone it is another rule's"
            );
        }
    }

    #[test]
    fn old_versions_of_tls_are_found_where_they_are_accepted() {
        let accepted = |version| OldTls::Accepted { version, cipher_suite: String::new() };
        for (reason, old_tls, found) in [
            ("TLS 1.1", Some(Ok(accepted(OldTlsVersion::Tls11))), true),
            ("TLS 1.0", Some(Ok(accepted(OldTlsVersion::Tls10))), true),
            ("refused", Some(Ok(OldTls::Refused("ProtocolVersion".to_owned()))), false),
            ("hung up", Some(Ok(OldTls::Closed)), false),
            ("unclear", Some(Ok(OldTls::Broken(String::new()))), false),
            ("not seen", Some(Err(Unobserved::TimedOut)), false),
            ("not asked", None, false),
        ] {
            let details = SessionDetails { ehlo_in_tls: None, failed_post_quantum: None, old_tls };
            let session = Session { details: details.into(), ..session(established(sound())) };
            let expected: &[&str] = if found { &["smtp.old-tls"] } else { &[] };
            assert_eq!(codes(vec![session]), expected, "{reason}");
        }
    }

    #[test]
    fn a_chain_is_followed_to_where_it_ends() {
        use PathResult::{Trusted, UnknownIssuer};
        let (url, none) = (&["http://ca.example/between.der"][..], &[][..]);
        for (reason, signed_by, urls, path, expected) in [
            ("in order", &[Some(1), None][..], url, Trusted, None),
            ("with the root", &[Some(1), Some(1)], url, Trusted, None),
            ("the root before", &[Some(2), Some(1), Some(1)], url, Trusted, Some("out-of-order")),
            ("one that nobody needs", &[Some(2), None, None], url, Trusted, Some("out-of-order")),
            ("nothing between", &[None], url, UnknownIssuer, Some("missing")),
            ("not all between", &[Some(1), None], url, UnknownIssuer, Some("missing")),
            ("an authority of one's own", &[None], none, UnknownIssuer, None),
            ("signed by itself", &[Some(0)], url, PathResult::SelfSigned, None),
            ("in a circle", &[Some(1), Some(0)], url, UnknownIssuer, Some("out-of-order")),
            ("nothing that can be read", &[], url, UnknownIssuer, None),
        ] {
            let expected = expected.map(|what| match what {
                "missing" => "smtp.intermediate-missing",
                _ => "smtp.chain-out-of-order",
            });
            let seen = codes(vec![session(established(tls(signed_by, urls, path)))]);
            assert_eq!(seen, expected.into_iter().collect::<Vec<_>>(), "{reason}");
        }
    }

    fn policy(
        visits: &[Observation<VisitOutcome>],
        tls: Option<Tls>,
        elapsed_ms: u32,
    ) -> Vec<&str> {
        let visit = |outcome: &Observation<VisitOutcome>| Visit {
            address: [192, 0, 2, 1].into(),
            outcome: outcome.clone(),
            times: Times::default(),
        };
        let visits = visits.iter().map(visit).collect();
        let fetch = PolicyFetch {
            host: "mta-sts.example.com".parse().unwrap(),
            addresses: Vec::new(),
            tls,
            outcome: PolicyOutcome::Refused,
            elapsed_ms,
            details: PolicyDetails { aliases: Vec::new(), resolved_ms: 0, visits }.into(),
        };
        of_policy(&fetch).iter().map(|found| found.rule.code).collect()
    }

    #[test]
    fn a_policy_host_is_judged_by_all_its_addresses_and_its_time() {
        let answered =
            |status| Ok(VisitOutcome::Answered { status, octets: 1, sha256: Bytes::default() });
        let refused = || Ok(VisitOutcome::Refused);
        let missing = || tls(&[None], &["http://ca.example/"], PathResult::UnknownIssuer);
        let (fails, slow) = ("mta-sts.policy-address-fails", "mta-sts.policy-slow");
        for (reason, visits, tls, elapsed_ms, expected) in [
            ("well", vec![answered(200), answered(200)], Some(sound()), 2_000, vec![]),
            ("one refuses", vec![answered(200), refused()], None, 1, vec![fails]),
            ("one has no policy", vec![answered(404), answered(200)], None, 1, vec![fails]),
            ("none has one", vec![answered(404), refused()], None, 1, vec![]),
            ("one unseen", vec![answered(200), Err(Unobserved::NotCovered)], None, 1, vec![]),
            ("slow", vec![answered(200)], None, 2_001, vec![slow]),
            (
                "one not sent",
                vec![answered(200)],
                Some(missing()),
                1,
                vec!["mta-sts.policy-intermediate-missing"],
            ),
        ] {
            assert_eq!(policy(&visits, tls, elapsed_ms), expected, "{reason}");
        }
    }
}

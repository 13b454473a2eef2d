//! What the servers of a domain showed, for whoever runs them: facts in sentences, no verdict.

use std::net::IpAddr;

use mxray_facts::{
    BimiFacts, BimiFile, Contact, FileContent, FileOutcome, Name, Observation, OldTls,
    OldTlsVersion, PolicyFetch, Session, SessionDetails, SmtpSession, StartTls, Tls, TlsVersion,
    Visit, VisitOutcome,
};

use crate::report::{HostReport, Report, Sentence, Source};

/// A server or a file, and what it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which it is.
    pub what: Sentence,
    /// What it showed, a line each.
    pub lines: Vec<Line>,
}

/// Sentences that stand in one line.
pub type Line = Vec<Sentence>;

/// Every server and file of a domain that was looked at: the policy host, each mail server, the files
/// that the BIMI record names.
#[must_use]
pub fn servers(report: &Report, bimi: Option<&BimiFacts>) -> Vec<Shown> {
    let policy_host = policy(report).and_then(policy_host);
    let mail_hosts = report.hosts.iter().map(mail_host);
    let logo = bimi.and_then(|bimi| file("servers.logo", bimi.logo.as_ref()));
    let certificate = bimi.and_then(|bimi| file("servers.certificate", bimi.certificate.as_ref()));
    policy_host.into_iter().chain(mail_hosts).chain(logo).chain(certificate).collect()
}

fn policy(report: &Report) -> Option<&PolicyFetch> {
    let mut evidence = report.checks.iter().flat_map(|check| &check.evidence);
    evidence.find_map(|evidence| match &evidence.source {
        Source::Policy(fetch) => Some(&**fetch),
        Source::Dns { .. } => None,
    })
}

fn policy_host(fetch: &PolicyFetch) -> Option<Shown> {
    let details = fetch.details.get()?;
    let names: Vec<&str> = details.aliases.iter().map(Name::as_str).collect();
    let what = match &*names {
        [] => Sentence::new("servers.policy-host"),
        _ => Sentence::new("servers.policy-host.aliases").with("names", names.join(", ")),
    };
    let mut lines: Vec<Line> = details.visits.iter().map(visit).collect();
    lines.extend(fetch.tls.iter().flat_map(tls));
    Some(Shown { what: what.with("host", fetch.host.as_str()), lines })
}

fn visit(visit: &Visit) -> Line {
    let ms = |time: Option<u32>| time.unwrap_or_default().to_string();
    let said = match &visit.outcome {
        Ok(VisitOutcome::Answered { status, octets, .. }) => Sentence::new("servers.answered")
            .with("status", status.to_string())
            .with("octets", octets.to_string())
            .with("connected", ms(visit.times.connected))
            .with("secured", ms(visit.times.secured))
            .with("answered", ms(visit.times.answered))
            .with("read", ms(visit.times.read)),
        Ok(VisitOutcome::Refused) => Sentence::new("servers.refused"),
        Ok(VisitOutcome::TlsFailed(reason)) => because("servers.tls-failed", reason),
        Ok(VisitOutcome::Broken(reason)) => because("servers.broken", reason),
        Err(why) => Sentence::from(why),
    };
    vec![at(visit.address), said]
}

fn mail_host(host: &HostReport) -> Shown {
    let what = Sentence::new("servers.mail-host").with("host", host.host.as_str());
    let lines = match &host.contact {
        Ok(contact) => contact.sessions.iter().flat_map(session).collect(),
        Err(why) => vec![vec![Sentence::from(why)]],
    };
    Shown { what, lines }
}

fn session(session: &Session) -> Vec<Line> {
    let alone = |said| vec![vec![at(session.address), said]];
    let talked = match &session.contact {
        Ok(Contact::Talked(talked)) => talked,
        Ok(Contact::Refused) => return alone(Sentence::new("servers.refused")),
        Ok(Contact::Broken(reason)) => return alone(because("servers.broken", reason)),
        Err(why) => return alone(Sentence::from(why)),
    };
    let SmtpSession { starttls, .. } = talked;
    let session_tls = match starttls {
        Some(StartTls::Established(session_tls)) => session_tls,
        Some(StartTls::Failed(reason)) => return alone(because("servers.tls-failed", reason)),
        _ => return alone(Sentence::new("servers.no-tls")),
    };
    let mut lines = tls(session_tls);
    if let Some(first) = lines.first_mut() {
        first.insert(0, at(session.address));
    }
    lines.extend(session.details.get().into_iter().flat_map(details));
    lines
}

fn tls(tls: &Tls) -> Vec<Line> {
    let Some(details) = tls.details.get() else { return Vec::new() };
    let version = match tls.version {
        TlsVersion::Tls12 => "TLS 1.2",
        TlsVersion::Tls13 => "TLS 1.3",
    };
    let or_none = |name: &Option<String>| name.as_deref().unwrap_or("-").to_owned();
    let said = Sentence::new("servers.tls")
        .with("version", version)
        .with("suite", details.cipher_suite.as_str())
        .with("group", or_none(&details.key_exchange))
        .with("signature", or_none(&details.signature));
    let mut lines = vec![vec![said]];
    lines.extend(chain(tls));
    lines
}

/// What is unusual about the order of certificates, from the server's own up.
fn chain(tls: &Tls) -> Vec<Line> {
    let links = tls.details.get().map(|details| &*details.links).unwrap_or_default();
    let (mut place, mut lines) = (0, Vec::new());
    // No longer than the chain, though it goes in a circle.
    for _ in links {
        let (Some(link), Some(certificate)) = (links.get(place), tls.chain.get(place)) else {
            break;
        };
        let about = |key| Sentence::new(key).with("place", (place + 1).to_string());
        match link.signed_by {
            Some(signer) if signer == place => break,
            Some(signer) => {
                if signer != place + 1 {
                    let order = about("servers.chain.order");
                    lines.push(vec![order.with("signer", (signer + 1).to_string())]);
                }
                place = signer;
            }
            None if link.issuer_is_trusted => break,
            None => {
                let missing = about("servers.chain.missing");
                let mut line = vec![missing.with("issuer", certificate.issuer.as_str())];
                let url = link.issuer_urls.first();
                line.extend(url.map(|url| Sentence::new("servers.chain.at").with("url", url)));
                lines.push(line);
                break;
            }
        }
    }
    lines
}

fn details(details: &SessionDetails) -> Vec<Line> {
    let failed = details.failed_post_quantum.as_deref();
    let failed = failed.map(|reason| vec![because("servers.failed-post-quantum", reason)]);
    let keywords = details.ehlo_in_tls.iter().flat_map(|ehlo| ehlo.lines.iter().skip(1));
    let keywords = keywords.cloned().collect::<Vec<_>>().join(", ");
    let ehlo = (!keywords.is_empty())
        .then(|| vec![Sentence::new("servers.ehlo").with("keywords", keywords)]);
    failed.into_iter().chain(ehlo).chain(details.old_tls.iter().map(old_tls)).collect()
}

fn old_tls(old_tls: &Observation<OldTls>) -> Line {
    match old_tls {
        Ok(OldTls::Accepted { version, cipher_suite }) => {
            let version = match version {
                OldTlsVersion::Ssl30 => "SSL 3.0",
                OldTlsVersion::Tls10 => "TLS 1.0",
                OldTlsVersion::Tls11 => "TLS 1.1",
            };
            let accepted = Sentence::new("servers.old.accepted").with("version", version);
            vec![accepted.with("suite", cipher_suite.as_str())]
        }
        Ok(OldTls::Refused(alert)) => {
            vec![Sentence::new("servers.old.refused").with("alert", alert.as_str())]
        }
        Ok(OldTls::Closed) => vec![Sentence::new("servers.old.closed")],
        Ok(OldTls::Broken(reason)) => vec![because("servers.old.broken", reason)],
        Err(why) => vec![Sentence::new("servers.old.unobserved"), Sentence::from(why)],
    }
}

fn file(key: &'static str, file: Option<&BimiFile>) -> Option<Shown> {
    let BimiFile { url, fetch } = file?;
    let said = match fetch {
        None => Sentence::new("servers.file.nowhere"),
        Some(Err(why)) => Sentence::from(why),
        Some(Ok(fetch)) => outcome(&fetch.outcome),
    };
    Some(Shown { what: Sentence::new(key).with("url", url), lines: vec![vec![said]] })
}

fn outcome(outcome: &FileOutcome) -> Sentence {
    match outcome {
        FileOutcome::NoAddress => Sentence::new("servers.file.no-address"),
        FileOutcome::Refused => Sentence::new("servers.refused"),
        FileOutcome::TlsFailed(reason) => because("servers.tls-failed", reason),
        FileOutcome::Broken(reason) => because("servers.broken", reason),
        FileOutcome::Redirect { status, location } => Sentence::new("servers.file.redirect")
            .with("status", status.to_string())
            .with("location", location.as_deref().unwrap_or_default()),
        FileOutcome::Response { status, content_type, octets, truncated, content } => {
            let said = match content {
                _ if *truncated => Sentence::new("servers.file.long"),
                None => Sentence::new("servers.file.other"),
                Some(FileContent::Svg(_)) => Sentence::new("servers.file.svg"),
                Some(FileContent::Certificates(chain)) => {
                    let names = chain.first().map(|first| first.dns_names.join(", "));
                    let said = Sentence::new("servers.file.certificates");
                    said.with("names", names.unwrap_or_default())
                }
            };
            said.with("status", status.to_string())
                .with("octets", octets.to_string())
                .with("type", content_type.as_deref().unwrap_or("-"))
        }
    }
}

fn at(address: IpAddr) -> Sentence {
    Sentence::new("servers.at").with("address", address.to_string())
}

fn because(key: &'static str, reason: &str) -> Sentence {
    Sentence::new(key).with("reason", reason)
}

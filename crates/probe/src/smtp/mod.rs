//! Talking to mail hosts as far as STARTTLS (RFC 3207), and no further: no sender, no recipient.

mod conversation;

use std::net::IpAddr;

use mxray_facts::dns::{Answer, Question, RecordType};
use mxray_facts::{
    Contact, Domain, MailHost, Name, Observation, Reply, Session, SmtpSession, StartTls, Unobserved,
};
use tokio::time::{Instant, timeout_at};

use crate::Inner;
use crate::bounded::Bounded;
use crate::door::{self, MAX_TRIES, NoWay};
use crate::reach::Service;
use conversation::{Conversation, Trouble};

/// The hosts that take a domain's mail, and the answer that names them.
#[derive(Clone, Debug, PartialEq)]
pub struct MxSet {
    /// What DNS says.
    pub answer: Observation<Answer>,
    /// By preference: the domain itself where none is named (RFC 5321 §5.1), none for a null MX
    /// (RFC 7505 §3) and where the answer cannot be had.
    pub hosts: Vec<Name>,
}

pub(crate) async fn mx_set(probe: &Inner, domain: &Domain) -> MxSet {
    let answer = probe.resolver.ask(&Question::new(domain.name(), RecordType::Mx)).await;
    let hosts = answer.as_ref().map(|answer| hosts(domain, answer)).unwrap_or_default();
    MxSet { answer, hosts }
}

fn hosts(domain: &Domain, set: &Answer) -> Vec<Name> {
    let exchanges = set.exchanges();
    if exchanges.is_empty() {
        return vec![domain.name()];
    }
    let mut hosts: Vec<Name> = Vec::new();
    for (_, host) in exchanges {
        if !host.is_root() && !hosts.contains(host) {
            hosts.push(host.clone());
        }
    }
    hosts
}

/// Talks to one host: to its next address only if the one before cannot be reached.
pub(crate) async fn mail_host(probe: &Inner, host: Name) -> Observation<MailHost> {
    let addresses = door::addresses(&probe.resolver, &host).await?;
    let deadline = Instant::now() + probe.deadlines.smtp;
    let mut sessions = Vec::new();
    for address in addresses.into_iter().take(MAX_TRIES) {
        let connected = connect(probe, address, deadline).await;
        let is_over = connected.is_ok() || Instant::now() >= deadline;
        let contact = match connected {
            Ok(stream) => talk(probe, &host, stream, deadline).await,
            Err(contact) => contact,
        };
        sessions.push(Session { address, contact });
        if is_over {
            break;
        }
    }
    Ok(MailHost { host, sessions })
}

async fn connect(
    probe: &Inner,
    address: IpAddr,
    deadline: Instant,
) -> Result<Bounded, Observation<Contact>> {
    let connected =
        timeout_at(deadline, probe.door.connect(Service::Smtp, address, probe.smtp_port)).await;
    connected.unwrap_or(Err(NoWay::TimedOut)).map_err(|no_way| match no_way {
        NoWay::Refused => Ok(Contact::Refused),
        NoWay::NotAllowed => Err(Unobserved::AddressNotAllowed),
        NoWay::NotFromHere => Err(Unobserved::PortClosedHere),
        NoWay::TimedOut => Err(Unobserved::TimedOut),
        NoWay::TooOften => Err(Unobserved::RateLimited),
    })
}

async fn talk(
    probe: &Inner,
    host: &Name,
    stream: Bounded,
    deadline: Instant,
) -> Observation<Contact> {
    match converse(probe, host, stream, deadline).await {
        Ok(session) => Ok(Contact::Talked(session)),
        Err(Trouble::Broken(reason)) => Ok(Contact::Broken(reason)),
        Err(Trouble::TimedOut) => Err(Unobserved::TimedOut),
    }
}

async fn converse(
    probe: &Inner,
    host: &Name,
    stream: Bounded,
    deadline: Instant,
) -> Result<SmtpSession, Trouble> {
    let our_name = our_name(probe, &stream);
    let mut server = Conversation::new(stream, probe.deadlines.smtp_reply, deadline);
    let greeting = server.reply().await?;
    if greeting.code != 220 {
        server.quit().await;
        return Ok(SmtpSession { greeting, ehlo: None, starttls: None });
    }
    let ehlo = server.command(&format!("EHLO {our_name}")).await?;
    if ehlo.code != 250 {
        server.quit().await;
        return Ok(SmtpSession { greeting, ehlo: Some(ehlo), starttls: None });
    }
    let starttls = if offers_starttls(&ehlo) {
        start_tls(probe, host, server, deadline).await?
    } else {
        server.quit().await;
        StartTls::NotOffered
    };
    Ok(SmtpSession { greeting, ehlo: Some(ehlo), starttls: Some(starttls) })
}

/// Without a name of our own, our address (RFC 5321 §4.1.4).
fn our_name(probe: &Inner, stream: &Bounded) -> String {
    match (&probe.ehlo_name, stream.tcp().local_addr().map(|local| local.ip().to_canonical())) {
        (Some(name), _) => name.to_string(),
        (None, Ok(IpAddr::V6(address))) => format!("[IPv6:{address}]"),
        (None, Ok(IpAddr::V4(address))) => format!("[{address}]"),
        (None, Err(_)) => "[127.0.0.1]".to_owned(),
    }
}

/// The first line of the reply to EHLO is the server's name (RFC 5321 §4.1.1.1).
fn offers_starttls(ehlo: &Reply) -> bool {
    let keyword = |line: &String| line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
    ehlo.lines.iter().skip(1).any(|line| keyword(line) == "STARTTLS")
}

async fn start_tls(
    probe: &Inner,
    host: &Name,
    mut server: Conversation<Bounded>,
    deadline: Instant,
) -> Result<StartTls, Trouble> {
    let answer = server.command("STARTTLS").await?;
    if answer.code != 220 {
        server.quit().await;
        return Ok(StartTls::Refused(answer));
    }
    // What comes in plaintext now would be taken for what was said within TLS (RFC 3207 §4.2).
    let Some(stream) = server.into_silent_stream() else {
        return Ok(StartTls::Failed("the server went on in plaintext after its 220".to_owned()));
    };
    let by = deadline.min(Instant::now() + probe.deadlines.tls);
    match timeout_at(by, probe.observer.handshake(host, stream)).await {
        Err(_) => Err(Trouble::TimedOut),
        Ok(Err(reason)) => Ok(StartTls::Failed(reason)),
        Ok(Ok((stream, tls))) => {
            Conversation::new(stream, probe.deadlines.smtp_reply, deadline).quit().await;
            Ok(StartTls::Established(tls))
        }
    }
}

#[cfg(test)]
mod tests {
    use mxray_facts::dns::{Answer, Existence, Record};
    use mxray_facts::{Domain, Name, Reply};

    use super::{hosts, offers_starttls};

    #[test]
    fn the_hosts_of_a_set() {
        let domain = Domain::from_ascii("example.com").unwrap();
        for (reason, exchanges, expected) in [
            (
                "by preference",
                &[(20, "b.example"), (10, "a.example")][..],
                &["a.example", "b.example"][..],
            ),
            ("named twice", &[(10, "a.example"), (20, "a.example")], &["a.example"]),
            ("a null MX", &[(0, ".")], &[]),
            ("none: the domain itself", &[], &["example.com"]),
        ] {
            let records = exchanges
                .iter()
                .map(|(preference, name)| Record::Mx {
                    preference: *preference,
                    exchange: name.parse().unwrap(),
                })
                .collect();
            let hosts = hosts(&domain, &Answer { records, ..Answer::absent(Existence::Exists) });
            let names: Vec<&str> = hosts.iter().map(Name::as_str).collect();
            assert_eq!(names, expected, "{reason}");
        }
    }

    #[test]
    fn starttls_is_a_keyword_of_its_own() {
        for (reason, lines, expected) in [
            ("listed", &["mx.example", "STARTTLS"][..], true),
            ("in other letters", &["mx.example", "SIZE 10", "StartTLS"], true),
            ("a server's name is no keyword", &["STARTTLS"], false),
            ("part of another", &["mx.example", "X-STARTTLS"], false),
        ] {
            let lines = lines.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(offers_starttls(&Reply { code: 250, lines }), expected, "{reason}");
        }
    }
}

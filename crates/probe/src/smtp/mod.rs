//! Talking to mail hosts as far as STARTTLS (RFC 3207), and no further: no sender, no recipient.

mod conversation;
mod old_tls;

use std::net::IpAddr;

use mxray_facts::dns::{Answer, Question, RecordType};
use mxray_facts::{
    Contact, Details, Domain, MailHost, Name, Observation, OldTls, Reply, Session, SessionDetails,
    SmtpSession, StartTls, Unobserved,
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::Inner;
use crate::address::is_public;
use crate::bounded::Bounded;
use crate::door::{self, MAX_TRIES, NoWay};
use crate::reach::{Service, SmtpReach};
use crate::tls::Hello;
use conversation::{Conversation, Trouble};

/// Why TLS was not begun.
const PLAINTEXT: &str = "the server went on in plaintext after its 220";

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

/// Talks to one host, to one of its addresses after the other.
pub(crate) async fn mail_host(probe: &Inner, host: Name) -> Observation<MailHost> {
    let addresses = door::addresses(&probe.resolver, &host).await?.all;
    let look = Look { probe, host: &host, by: Instant::now() + probe.deadlines.smtp };
    // Whoever asks waits for it all: once an address has talked, there is half the time for more.
    let more_by = Instant::now() + probe.deadlines.smtp / 2;
    let mut sessions: Vec<Session> = Vec::new();
    for address in addresses.into_iter().take(MAX_TRIES) {
        let by = if sessions.iter().any(talked) { more_by } else { look.by };
        if !sessions.is_empty() && Instant::now() >= by {
            break;
        }
        sessions.push(look.session(address).await);
    }
    for session in &mut sessions {
        if Instant::now() < more_by {
            look.ask_for_old_tls(session).await;
        }
    }
    Ok(MailHost { host, sessions })
}

fn talked(session: &Session) -> bool {
    matches!(session.contact, Ok(Contact::Talked(_)))
}

/// A look at one host.
struct Look<'a> {
    probe: &'a Inner,
    host: &'a Name,
    by: Instant,
}

/// What was said on a connection.
struct Talk {
    said: SmtpSession,
    /// The reply to EHLO within TLS.
    ehlo_in_tls: Option<Reply>,
}

/// Why there was no conversation.
enum Ended {
    /// As it is told.
    Because(Observation<Contact>),
    /// Nobody answered our hello.
    SilentInHandshake,
}

impl From<Trouble> for Ended {
    fn from(trouble: Trouble) -> Self {
        Self::Because(match trouble {
            Trouble::Broken(reason) => Ok(Contact::Broken(reason)),
            Trouble::TimedOut => Err(Unobserved::TimedOut),
        })
    }
}

impl Look<'_> {
    /// What an address does, by one connection; by another with a smaller hello, if TLS fails.
    async fn session(&self, address: IpAddr) -> Session {
        let first = self.talk(address, Hello::PostQuantum).await;
        let Some(reason) = failure(&first) else { return session(address, first, None) };
        match self.talk(address, Hello::Small).await {
            Ok(talk) if is_secured(&talk.said) => session(address, Ok(talk), Some(reason)),
            _ => session(address, first, None),
        }
    }

    async fn talk(&self, address: IpAddr, hello: Hello) -> Result<Talk, Ended> {
        let stream = self.connect(address).await.map_err(Ended::Because)?;
        let (mut said, stream) = self.ask_for_tls(stream).await?;
        let Some(stream) = stream else { return Ok(Talk { said, ehlo_in_tls: None }) };
        let our_name = our_name(self.probe, &stream);
        let by = self.by.min(Instant::now() + self.probe.deadlines.tls);
        match timeout_at(by, self.probe.observer.handshake(self.host, stream, hello)).await {
            Err(_) => Err(Ended::SilentInHandshake),
            Ok(Err(reason)) => {
                said.starttls = Some(StartTls::Failed(reason));
                Ok(Talk { said, ehlo_in_tls: None })
            }
            Ok(Ok((stream, tls))) => {
                said.starttls = Some(StartTls::Established(tls));
                let mut server = self.conversation(stream);
                // What was known before TLS has to be forgotten (RFC 3207 §4.2).
                let ehlo_in_tls = server.command(&format!("EHLO {our_name}")).await.ok();
                if ehlo_in_tls.is_some() {
                    server.quit().await;
                }
                Ok(Talk { said, ehlo_in_tls })
            }
        }
    }

    async fn connect(&self, address: IpAddr) -> Result<Bounded, Observation<Contact>> {
        let Self { probe, by, .. } = self;
        let connected =
            timeout_at(*by, probe.door.connect(Service::Smtp, address, probe.smtp_port)).await;
        connected.unwrap_or(Err(NoWay::TimedOut)).map_err(|no_way| match no_way {
            // No server is blamed for what nobody here can reach.
            NoWay::Refused | NoWay::TimedOut if self.is_port_25_doubtful(address) => {
                Err(Unobserved::PortClosedHere)
            }
            NoWay::Refused => Ok(Contact::Refused),
            NoWay::NotAllowed => Err(Unobserved::AddressNotAllowed),
            NoWay::NotFromHere => Err(Unobserved::PortClosedHere),
            NoWay::TimedOut => Err(Unobserved::TimedOut),
            NoWay::TooOften => Err(Unobserved::RateLimited),
        })
    }

    /// Whether no mail server of the public internet could be reached so far.
    fn is_port_25_doubtful(&self, address: IpAddr) -> bool {
        is_public(address) && SmtpReach::of(&self.probe.door.connections()).is_doubtful()
    }

    /// As far as the server's word that TLS may begin; the stream where it may.
    async fn ask_for_tls(
        &self,
        stream: Bounded,
    ) -> Result<(SmtpSession, Option<Bounded>), Trouble> {
        let our_name = our_name(self.probe, &stream);
        let mut server = self.conversation(stream);
        let mut said = SmtpSession { greeting: server.reply().await?, ehlo: None, starttls: None };
        if said.greeting.code != 220 {
            server.quit().await;
            return Ok((said, None));
        }
        let ehlo = said.ehlo.insert(server.command(&format!("EHLO {our_name}")).await?);
        if ehlo.code != 250 {
            server.quit().await;
            return Ok((said, None));
        }
        if !offers_starttls(ehlo) {
            server.quit().await;
            said.starttls = Some(StartTls::NotOffered);
            return Ok((said, None));
        }
        let answer = server.command("STARTTLS").await?;
        if answer.code != 220 {
            server.quit().await;
            said.starttls = Some(StartTls::Refused(answer));
            return Ok((said, None));
        }
        // What comes in plaintext now would be taken for what was said within TLS (RFC 3207 §4.2).
        let stream = server.into_silent_stream();
        if stream.is_none() {
            said.starttls = Some(StartTls::Failed(PLAINTEXT.to_owned()));
        }
        Ok((said, stream))
    }

    fn conversation<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Conversation<S> {
        Conversation::new(stream, self.probe.deadlines.smtp_reply, self.by)
    }

    /// Asks an address that knows TLS, and was connected to once, whether it knows old versions too.
    async fn ask_for_old_tls(&self, session: &mut Session) {
        let Some(details) = session.details.get() else { return };
        if details.failed_post_quantum.is_none() {
            let old_tls = Some(self.old_tls(session.address).await);
            session.details = SessionDetails { old_tls, ..details.clone() }.into();
        }
    }

    async fn old_tls(&self, address: IpAddr) -> Observation<OldTls> {
        let (said, stream) = match self.connect(address).await {
            Ok(stream) => match self.ask_for_tls(stream).await {
                Ok(asked) => asked,
                Err(Trouble::TimedOut) => return Err(Unobserved::TimedOut),
                Err(Trouble::Broken(reason)) => return Ok(OldTls::Broken(reason)),
            },
            Err(Err(reason)) => return Err(reason),
            Err(Ok(_)) => return Ok(OldTls::Broken("the connection was refused".to_owned())),
        };
        let Some(mut stream) = stream else { return unasked(said) };
        let hello = old_tls::client_hello(self.host).ok_or(Unobserved::NotCovered)?;
        let by = self.by.min(Instant::now() + self.probe.deadlines.tls);
        let asked = async {
            if stream.write_all(&hello).await.is_err() {
                return OldTls::Closed;
            }
            let answer = old_tls::answer(&mut stream).await;
            // Whether it hears our goodbye is of no interest to us.
            let _ = stream.write_all(&old_tls::GIVE_UP).await;
            let _ = stream.shutdown().await;
            answer
        };
        timeout_at(by, asked).await.map_err(|_| Unobserved::TimedOut)
    }
}

/// Why TLS failed where a smaller hello may do.
fn failure(talk: &Result<Talk, Ended>) -> Option<String> {
    match talk {
        Err(Ended::SilentInHandshake) => Some("no answer in time".to_owned()),
        Ok(talk) => match &talk.said.starttls {
            Some(StartTls::Failed(reason)) if reason != PLAINTEXT => Some(reason.clone()),
            _ => None,
        },
        Err(Ended::Because(_)) => None,
    }
}

fn is_secured(said: &SmtpSession) -> bool {
    matches!(said.starttls, Some(StartTls::Established(_)))
}

fn session(
    address: IpAddr,
    talk: Result<Talk, Ended>,
    failed_post_quantum: Option<String>,
) -> Session {
    match talk {
        Ok(Talk { said, ehlo_in_tls }) => {
            let details = SessionDetails { ehlo_in_tls, failed_post_quantum, old_tls: None };
            let details = is_secured(&said).then_some(details);
            let details = details.map_or_else(Details::default, Details::from);
            Session { address, contact: Ok(Contact::Talked(said)), details }
        }
        Err(Ended::Because(contact)) => Session { address, contact, details: Details::default() },
        Err(Ended::SilentInHandshake) => {
            Session { address, contact: Err(Unobserved::TimedOut), details: Details::default() }
        }
    }
}

/// A server that says no this time says nothing about its versions of TLS.
fn unasked(said: SmtpSession) -> Observation<OldTls> {
    match said.starttls {
        Some(StartTls::Failed(reason)) => Ok(OldTls::Broken(reason)),
        Some(StartTls::Refused(reply)) => Err(Unobserved::TurnedAway(reply)),
        _ => Err(Unobserved::TurnedAway(said.ehlo.unwrap_or(said.greeting))),
    }
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

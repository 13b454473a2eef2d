//! A network made of a zone file: what is in it is answered, what is below one of its domains does not exist,
//! and everything else is not covered.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use mxray_facts::dns::{Answer, Checking, Existence, Question, Record, RecordType};
use mxray_facts::{
    Bytes, Certificate, Contact, Details, Domain, Key, KeyAlgorithm, MailHost, Name, NameMatch,
    Observation, PathResult, PolicyFetch, PolicyOutcome, PolicyResponse, Reply, Resolution,
    Session, SmtpSession, StartTls, Timestamp, Tls, TlsVersion, Unobserved,
};
use mxray_scan::Network;

/// The moment of every scan in these tests.
pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000);

/// What the test says of a mail host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Good,
    NoStartTls,
    SelfSigned,
    /// An authority that TLSA records can name, and a certificate for another host.
    OtherName,
    PutsOff,
    Refuses,
    Busy,
    Garbled,
    Down,
}

/// The network.
#[derive(Default)]
pub(crate) struct Zone {
    records: BTreeMap<(Name, RecordType), Vec<Record>>,
    names: BTreeSet<Name>,
    aliases: BTreeMap<Name, Name>,
    /// Names that are answered SERVFAIL, and whether that is for their signatures alone.
    broken: BTreeMap<Name, Broken>,
    signed: BTreeSet<Name>,
    policies: BTreeMap<Domain, Observation<PolicyFetch>>,
    servers: BTreeMap<Name, Server>,
    wildcard: Option<(&'static str, &'static str)>,
    /// Every question, in order.
    pub(crate) asked: RefCell<Vec<Question>>,
}

/// What is broken about a name.
pub(crate) enum Broken {
    Servers,
    Signatures,
}

impl Zone {
    /// Reads lines of `name TYPE data`; TXT data is the text itself, its character-strings parted by ` | `.
    pub(crate) fn parse(text: &str) -> Self {
        let mut zone = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, rest) = line.split_once(' ').unwrap();
            let (kind, data) = rest.trim().split_once(' ').unwrap();
            zone.add(name, kind, data.trim());
        }
        zone
    }

    fn add(&mut self, name: &str, kind: &str, data: &str) {
        let name: Name = name.parse().unwrap();
        if kind == "CNAME" {
            self.aliases.insert(name, data.parse().unwrap());
            return;
        }
        let (record_type, record) = match kind {
            "A" => (RecordType::A, Record::Address(data.parse().unwrap())),
            "AAAA" => (RecordType::Aaaa, Record::Address(data.parse().unwrap())),
            "MX" => (RecordType::Mx, mx(data)),
            "TXT" => (
                RecordType::Txt,
                Record::Txt(
                    data.split(" | ").map(|string| Bytes::from(string.as_bytes())).collect(),
                ),
            ),
            "TLSA" => (RecordType::Tlsa, tlsa(data)),
            "PTR" => (RecordType::Ptr, Record::Ptr(data.parse().unwrap())),
            other => panic!("{other} is no type of these tests"),
        };
        self.names.insert(name.clone());
        self.records.entry((name, record_type)).or_default().push(record);
    }

    /// Serves a policy with status 200 and a valid certificate.
    pub(crate) fn with_policy(self, domain: &str, body: &str) -> Self {
        let response = PolicyResponse {
            status: 200,
            content_type: Some("text/plain".to_owned()),
            body: Bytes::from(body.as_bytes()),
            truncated: false,
        };
        self.with_outcome(domain, PolicyOutcome::Response(response))
    }

    /// Serves something else in its place.
    pub(crate) fn with_outcome(self, domain: &str, outcome: PolicyOutcome) -> Self {
        let domain: Domain = domain.parse().unwrap();
        let fetch = PolicyFetch {
            host: domain.child("mta-sts"),
            addresses: vec!["192.0.2.80".parse().unwrap()],
            tls: None,
            outcome,
            elapsed_ms: 1,
            details: Details::default(),
        };
        self.policy_observation(domain, Ok(fetch))
    }

    /// Makes the policy host unobservable.
    pub(crate) fn with_policy_unobserved(self, domain: &str, reason: Unobserved) -> Self {
        self.policy_observation(domain.parse().unwrap(), Err(reason))
    }

    fn policy_observation(mut self, domain: Domain, fetch: Observation<PolicyFetch>) -> Self {
        self.policies.insert(domain, fetch);
        self
    }

    /// Puts a mail server at a host.
    pub(crate) fn with_server(mut self, host: &str, server: Server) -> Self {
        self.servers.insert(host.parse().unwrap(), server);
        self
    }

    /// Answers SERVFAIL for a name.
    pub(crate) fn servfail(mut self, name: &str) -> Self {
        self.broken.insert(name.parse().unwrap(), Broken::Servers);
        self
    }

    /// Answers SERVFAIL for a name unless the question asks not to check signatures.
    pub(crate) fn bogus(mut self, name: &str) -> Self {
        self.broken.insert(name.parse().unwrap(), Broken::Signatures);
        self
    }

    /// Answers every TXT question below a name.
    pub(crate) fn with_wildcard(mut self, below: &'static str, text: &'static str) -> Self {
        self.wildcard = Some((below, text));
        self
    }

    /// Sets AD for a name.
    pub(crate) fn signed(mut self, name: &str) -> Self {
        self.signed.insert(name.parse().unwrap());
        self
    }

    fn answer(&self, question: &Question) -> Observation<Answer> {
        let mut aliases = Vec::new();
        let mut name = &question.name;
        while let Some(end) = self.aliases.get(name).filter(|end| !aliases.contains(*end)) {
            aliases.push(end.clone());
            name = end;
        }
        let unchecked = question.checking == Checking::Disabled;
        match self.broken.get(name) {
            None => {}
            Some(Broken::Signatures) if unchecked => {}
            Some(_) => {
                let resolution = Resolution { rcode: 2, bogus: false, extended_errors: Vec::new() };
                return Err(Unobserved::Resolution(resolution));
            }
        }
        let mut answer = Answer::absent(Existence::Exists);
        answer.authenticated = self.signed.contains(name);
        answer.aliases = aliases;
        if let Some(records) = self.records.get(&(name.clone(), question.record_type)) {
            answer.records.clone_from(records);
        } else if !self.names.contains(name) {
            match self.wildcard {
                Some((below, text)) if name.as_str().ends_with(below) => {
                    answer.records = vec![Record::Txt(vec![text.as_bytes().into()])];
                }
                _ => answer.existence = Existence::DoesNotExist,
            }
        }
        Ok(answer)
    }
}

impl Network for Zone {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        self.asked.borrow_mut().push(question.clone());
        self.answer(question)
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        self.policies.get(domain).cloned().unwrap_or_else(|| {
            Ok(PolicyFetch {
                host: domain.child("mta-sts"),
                addresses: Vec::new(),
                tls: None,
                outcome: PolicyOutcome::NoAddress,
                elapsed_ms: 1,
                details: Details::default(),
            })
        })
    }

    async fn mail_host(&self, _: &Domain, host: &Name) -> Observation<MailHost> {
        let server = *self.servers.get(host).ok_or(Unobserved::NoProxy)?;
        let session = Session {
            address: "192.0.2.25".parse().unwrap(),
            contact: Ok(contact(server)),
            details: Details::default(),
        };
        Ok(MailHost { host: host.clone(), sessions: vec![session] })
    }
}

fn mx(data: &str) -> Record {
    let (preference, exchange) = data.split_once(' ').unwrap();
    Record::Mx {
        preference: preference.parse().unwrap(),
        exchange: exchange.trim().parse().unwrap(),
    }
}

fn tlsa(data: &str) -> Record {
    let fields: Vec<&str> = data.split_whitespace().collect();
    Record::Tlsa {
        usage: fields[0].parse().unwrap(),
        selector: fields[1].parse().unwrap(),
        matching: fields[2].parse().unwrap(),
        data: Bytes::from(fields[3].as_bytes()),
    }
}

fn contact(server: Server) -> Contact {
    let reply = |code, line: &str| Reply { code, lines: vec![line.to_owned()] };
    let talked = |starttls| {
        Contact::Talked(SmtpSession {
            greeting: reply(220, "ready"),
            ehlo: Some(reply(250, "STARTTLS")),
            starttls: Some(starttls),
        })
    };
    match server {
        Server::Good => talked(StartTls::Established(tls(PathResult::Trusted))),
        Server::SelfSigned => talked(StartTls::Established(tls(PathResult::SelfSigned))),
        Server::OtherName => talked(StartTls::Established(for_another_host())),
        Server::NoStartTls => talked(StartTls::NotOffered),
        Server::PutsOff => talked(StartTls::Refused(reply(454, "not now"))),
        Server::Refuses => talked(StartTls::Refused(reply(554, "never"))),
        Server::Busy => Contact::Talked(SmtpSession {
            greeting: reply(421, "try later"),
            ehlo: None,
            starttls: None,
        }),
        Server::Garbled => Contact::Broken("this is no SMTP reply".to_owned()),
        Server::Down => Contact::Refused,
    }
}

/// The public key's digest that TLSA rows of these tests name.
pub(crate) const KEY_DIGEST: &str = "key";

/// The same of the authority that signed for another host.
pub(crate) const AUTHORITY_DIGEST: &str = "authority";

fn for_another_host() -> Tls {
    let tls = tls(PathResult::Trusted);
    let mut chain = tls.chain;
    chain[0].dns_names = vec!["other.example".to_owned()];
    let key = Bytes::from(AUTHORITY_DIGEST.as_bytes());
    chain.push(Certificate { key_sha256: key, ..chain[0].clone() });
    Tls { name: NameMatch::Differs, chain, ..tls }
}

fn tls(path: PathResult) -> Tls {
    let digest = |text: &str| Bytes::from(text.as_bytes());
    let certificate = Certificate {
        der: digest("der"),
        subject: "CN=mx".to_owned(),
        issuer: "CN=authority".to_owned(),
        dns_names: vec!["mx.example.com".to_owned()],
        not_before: Timestamp(NOW.0 - 86_400),
        not_after: Timestamp(NOW.0 + 86_400 * 60),
        key: Key { algorithm: KeyAlgorithm::Ecdsa, bits: 256 },
        sha256: digest("certificate"),
        sha512: digest("certificate"),
        key_sha256: digest(KEY_DIGEST),
        key_sha512: digest(KEY_DIGEST),
        signed_by_next: None,
    };
    Tls {
        version: TlsVersion::Tls13,
        chain: vec![certificate],
        path_when_valid: path.clone(),
        path,
        name: NameMatch::Matches,
        details: Details::default(),
    }
}

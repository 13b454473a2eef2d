//! How mail arrives: each MX host against each kind of sender.
//!
//! What senders do differs, and so does what becomes of the same mail: this is the one table in which
//! MTA-STS, DANE and STARTTLS meet.

use mxray_facts::dns::RecordType;
use mxray_facts::{MailHost, Name, Observation, StartTls, Tls, Unobserved};
use mxray_records::mta_sts::policy::{Mode, Policy};
use serde::Serialize;

use super::dane::verifies;
use super::reports::Told;
use crate::checks::certificate::{self, Flaw};
use crate::checks::dane;
use crate::checks::mail_servers::{contacts, talked};
use crate::checks::mx::{Addresses, MxHost, MxSet, addresses};
use crate::checks::{Context, Seen, mta_sts};
use crate::look::Shared;
use crate::report::Sentence;

/// A kind of sender, by what it insists on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Honors MTA-STS, and knows nothing of DANE.
    MtaSts,
    /// Honors DANE, and knows nothing of MTA-STS.
    Dane,
    /// Honors both.
    Both,
    /// Encrypts where that is offered, and insists on nothing.
    Opportunistic,
    /// Never encrypts.
    Plaintext,
}

impl Way {
    /// Every kind, from the most careful on; the order of [`Row::cells`].
    pub const ALL: [Self; 5] =
        [Self::Both, Self::MtaSts, Self::Dane, Self::Opportunistic, Self::Plaintext];

    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MtaSts => "mta-sts",
            Self::Dane => "dane",
            Self::Both => "both",
            Self::Opportunistic => "opportunistic",
            Self::Plaintext => "plaintext",
        }
    }
}

/// What becomes of the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// It arrives, encrypted and at the right server, whoever sits in between.
    Safe,
    /// It arrives, and whoever sits in between could have read or diverted it.
    Unsafe,
    /// The sender does not hand it over.
    Refused,
    /// It could not be told.
    Unknown,
}

impl Delivery {
    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// How mail arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// A row for each MX host, by preference.
    pub hosts: Vec<Row>,
    /// Why there are no rows, if the hosts are not known.
    pub unknown: Option<Unobserved>,
}

/// An MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name.
    pub host: Name,
    /// Lower is tried first.
    pub preference: u16,
    /// Whether its encryption would stand an enforced policy that covers it.
    pub ready: Told,
    /// What becomes of mail to it; one for each of [`Way::ALL`].
    pub cells: Vec<Cell>,
}

/// What becomes of the mail of one kind of sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The kind of sender.
    pub way: Way,
    /// What becomes of it.
    pub delivery: Delivery,
    /// Why.
    pub because: Sentence,
}

/// A delivery, and why.
type Judged = (Delivery, Sentence);

/// Makes the table of what has come.
pub(super) fn draw(context: &Context<'_>) -> Matrix {
    let unseen = || Matrix { hosts: Vec::new(), unknown: Some(Unobserved::DependsOnUnobserved) };
    let Some(set) = context.mx_set() else { return unseen() };
    if let MxSet::Unobserved(why) = set {
        return Matrix { hosts: Vec::new(), unknown: Some(why.clone()) };
    }
    let validates = dane::resolver_validates(context);
    let facts = (addresses(context), contacts(context), mta_sts::read(context));
    let (Some(addresses), Some(contacts), Some(reading)) = facts else { return unseen() };
    let known = set.hosts().iter().zip(addresses.iter().zip(&contacts));
    let hosts = known.map(|(host, (addresses, contact))| {
        let encryption = Encryption::of(contact);
        let dane = announced(context, host, addresses, contact, validates);
        let way = |way| {
            let (delivery, because) = deliver(way, host, &encryption, &reading.seen, dane);
            Cell { way, delivery, because }
        };
        let cells = Way::ALL.map(way).to_vec();
        let ready = encryption.is_verified();
        Row { ready, host: host.name.clone(), preference: host.preference, cells }
    });
    Matrix { hosts: hosts.collect(), unknown: None }
}

/// What a host offers to whoever wants to encrypt.
enum Encryption<'a> {
    /// Nobody could look.
    Unseen(&'a Unobserved),
    /// Nothing answers there, or not as a mail server does.
    Unanswered,
    /// It turned us away, or put us off.
    TurnedAway,
    /// None, or it fails.
    None,
    /// A session.
    Session(&'a Tls),
}

impl<'a> Encryption<'a> {
    fn of(contact: &'a Shared<MailHost>) -> Self {
        let sessions = match contact {
            Ok(host) => &host.sessions,
            Err(why) => return Self::Unseen(why),
        };
        let Some(session) = sessions.iter().find_map(talked) else {
            let unseen = sessions.iter().find_map(|session| session.contact.as_ref().err());
            return unseen.map_or(Self::Unanswered, Self::Unseen);
        };
        match &session.starttls {
            Some(StartTls::Established(tls)) => Self::Session(tls),
            Some(StartTls::NotOffered | StartTls::Failed(_)) => Self::None,
            // A 4xx is for now (RFC 5321 §4.2.1).
            Some(StartTls::Refused(reply)) if reply.code >= 500 => Self::None,
            Some(StartTls::Refused(_)) | None => Self::TurnedAway,
        }
    }

    /// Whether a sender that verifies has nothing against it (RFC 8461 §4.2).
    fn is_verified(&self) -> Told {
        match self {
            Self::Session(tls) if certificate::flaws(tls).is_empty() => Told::Yes,
            Self::Session(_) | Self::None => Told::No,
            Self::Unseen(_) | Self::Unanswered | Self::TurnedAway => Told::Unknown,
        }
    }

    /// Why it could not be told what the host offers.
    fn unseen(&self) -> Option<Judged> {
        let why = match self {
            Self::Unseen(why) => Sentence::from(*why),
            Self::Unanswered => Sentence::new("matrix.unanswered"),
            Self::TurnedAway => Sentence::new("matrix.turned-away"),
            Self::None | Self::Session(_) => return None,
        };
        Some((Delivery::Unknown, why))
    }
}

/// What DANE senders find of a host (RFC 7672 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announced {
    /// Nothing that they may trust.
    Nothing,
    /// Records in a signed zone, none of a kind that they use: they encrypt without verifying.
    Unusable,
    /// Records in a signed zone that fit the certificate, if one was seen.
    Usable {
        /// Whether they fit the certificate; `None` if none was seen.
        fits: Option<bool>,
    },
    /// Signatures that do not verify: the host counts as unreachable (RFC 7672 §2.1.1).
    Bogus,
    Unknown,
}

fn announced(
    context: &Context<'_>,
    host: &MxHost,
    addresses: &Observation<Addresses>,
    contact: &Shared<MailHost>,
    validates: Option<bool>,
) -> Announced {
    let own = context.domain.name();
    let mx = context.look.dns(own, RecordType::Mx);
    let tlsa = context.look.dns(dane::tlsa_name(host), RecordType::Tlsa);
    let (Some(mx), Some(tlsa)) = (mx, tlsa) else { return Announced::Unknown };
    let answer = match &tlsa {
        Ok(answer) if answer.records.is_empty() => return Announced::Nothing,
        Ok(answer) => answer,
        Err(Unobserved::Resolution(resolution)) if resolution.bogus => return Announced::Bogus,
        Err(_) => return Announced::Unknown,
    };
    match dane::signed(&mx, Some(addresses), &tlsa, validates.unwrap_or_default()) {
        Ok(true) if !answer.records.iter().any(dane::is_usable) => Announced::Unusable,
        Ok(true) => Announced::Usable {
            fits: dane::session(contact).map(|tls| verifies(context, answer, tls)),
        },
        Ok(false) => Announced::Nothing,
        Err(_) => Announced::Unknown,
    }
}

fn deliver(
    way: Way,
    host: &MxHost,
    encryption: &Encryption<'_>,
    policy: &Seen<mta_sts::Served>,
    dane: Announced,
) -> Judged {
    let by_policy = || by_policy(host, encryption, policy);
    match way {
        Way::Plaintext => plaintext(encryption),
        Way::Opportunistic => opportunistic(encryption),
        Way::MtaSts => by_policy().unwrap_or_else(|key| fallen_back(encryption, key)),
        Way::Dane => by_dane(encryption, dane).unwrap_or_else(|key| fallen_back(encryption, key)),
        Way::Both => match (by_dane(encryption, dane), by_policy()) {
            // A policy must not override DANE that fails (RFC 8461 §2).
            (Ok((Delivery::Refused, why)), _) => (Delivery::Refused, why),
            (Ok((Delivery::Unknown, why)), _) => (Delivery::Unknown, why),
            (Ok((Delivery::Safe, _)), Ok((Delivery::Refused, _))) => {
                (Delivery::Refused, Sentence::new("matrix.both.differ"))
            }
            (Ok((Delivery::Safe, why)), _) => (Delivery::Safe, why),
            // Records that verify nothing leave that to the policy.
            (_, Ok(by_policy)) => by_policy,
            (Ok(by_dane), Err(_)) => by_dane,
            (Err(_), Err(_)) => fallen_back(encryption, "matrix.both.neither"),
        },
    }
}

/// In the clear. A server on port 25 must take that (RFC 3207 §4).
fn plaintext(encryption: &Encryption<'_>) -> Judged {
    match encryption {
        Encryption::None | Encryption::Session(_) => {
            (Delivery::Unsafe, Sentence::new("matrix.plaintext"))
        }
        unseen => unseen.unseen().unwrap_or_else(unknown),
    }
}

fn opportunistic(encryption: &Encryption<'_>) -> Judged {
    match encryption {
        Encryption::None => (Delivery::Unsafe, Sentence::new("matrix.opportunistic.clear")),
        Encryption::Session(_) => {
            (Delivery::Unsafe, Sentence::new("matrix.opportunistic.encrypted"))
        }
        unseen => unseen.unseen().unwrap_or_else(unknown),
    }
}

/// Nothing tells this sender to insist: it does as the opportunistic one.
fn fallen_back(encryption: &Encryption<'_>, key: &'static str) -> Judged {
    match opportunistic(encryption) {
        (Delivery::Unsafe, _) => (Delivery::Unsafe, Sentence::new(key)),
        unknown => unknown,
    }
}

fn unknown() -> Judged {
    (Delivery::Unknown, Sentence::from(&Unobserved::DependsOnUnobserved))
}

/// What the policy makes of it; the error is why there is none that does (RFC 8461 §5).
fn by_policy(
    host: &MxHost,
    encryption: &Encryption<'_>,
    policy: &Seen<mta_sts::Served>,
) -> Result<Judged, &'static str> {
    match policy {
        Seen::Unobserved => Ok((Delivery::Unknown, Sentence::new("matrix.mta-sts.policy-unread"))),
        Seen::Absent => Err("matrix.mta-sts.no-policy"),
        Seen::Unusable => Err("matrix.mta-sts.policy-broken"),
        Seen::Usable(served) => enforced(host, encryption, &served.policy),
    }
}

fn enforced(
    host: &MxHost,
    encryption: &Encryption<'_>,
    policy: &Policy,
) -> Result<Judged, &'static str> {
    match policy.mode {
        Mode::None => return Err("matrix.mta-sts.off"),
        Mode::Testing => return Err("matrix.mta-sts.testing"),
        Mode::Enforce => {}
    }
    if !policy.covers(host.name.as_str()) {
        return Ok((Delivery::Refused, Sentence::new("matrix.mta-sts.not-covered")));
    }
    Ok(match encryption {
        Encryption::None => (Delivery::Refused, Sentence::new("matrix.no-encryption")),
        Encryption::Session(tls) => match certificate::flaws(tls).first() {
            Some(flaw) => (Delivery::Refused, Sentence::new(flaw_key(flaw))),
            None => (Delivery::Safe, Sentence::new("matrix.mta-sts.verified")),
        },
        unseen => unseen.unseen().unwrap_or_else(unknown),
    })
}

fn flaw_key(flaw: &Flaw) -> &'static str {
    match flaw {
        Flaw::Expired => "matrix.certificate.expired",
        Flaw::NotYetValid => "matrix.certificate.not-yet-valid",
        Flaw::SelfSigned => "matrix.certificate.self-signed",
        Flaw::Untrusted => "matrix.certificate.untrusted",
        Flaw::WrongName => "matrix.certificate.wrong-name",
    }
}

/// What DANE makes of it; the error is why it makes nothing (RFC 7672 §2.2).
fn by_dane(encryption: &Encryption<'_>, dane: Announced) -> Result<Judged, &'static str> {
    let refused = |key| Ok((Delivery::Refused, Sentence::new(key)));
    match (dane, encryption) {
        (Announced::Nothing, _) => Err("matrix.dane.nothing"),
        (Announced::Unknown, _) => Ok((Delivery::Unknown, Sentence::new("matrix.dane.unread"))),
        (Announced::Bogus, _) => refused("matrix.dane.bogus"),
        (Announced::Unusable | Announced::Usable { .. }, Encryption::None) => {
            refused("matrix.no-encryption")
        }
        (Announced::Unusable, Encryption::Session(_)) => {
            Ok((Delivery::Unsafe, Sentence::new("matrix.dane.unusable")))
        }
        (Announced::Usable { fits: Some(true) }, _) => {
            Ok((Delivery::Safe, Sentence::new("matrix.dane.verified")))
        }
        (Announced::Usable { fits: Some(false) }, _) => refused("matrix.dane.mismatch"),
        (Announced::Unusable | Announced::Usable { fits: None }, unseen) => {
            Ok(unseen.unseen().unwrap_or_else(unknown))
        }
    }
}

//! DANE beyond *does it match*: each TLSA record, and what the next renewal would do to it (RFC 7671 §8).

use mxray_facts::dns::{Answer, Record, RecordType};
use mxray_facts::{Certificate, Contact, MailHost, Name, NameMatch, StartTls, Tls};
use mxray_records::{Finding, Rule};
use serde::Serialize;

use super::Notes;
use super::reports::{self, Destination, Told};
use crate::checks::Context;
use crate::checks::dane::{
    associated, is_usable, matches, resolver_validates, session, signed, tlsa_name,
};
use crate::checks::mail_servers::{contacts, talked};
use crate::checks::mx::addresses;
use crate::look::Shared;
use crate::report::CheckId;

pub(crate) mod rules {
    //! Rules about a host's TLSA records together.
    mxray_records::rules! { "dane":
        /// TLSA records in a signed zone, and no encryption: DANE senders do not deliver.
        STARTTLS_MISSING = Fail, "starttls-missing", "RFC 7672 §2.2";
        /// Of records with some parameters none fits, though others do.
        COMBINATION_UNMATCHED = Warning, "combination-unmatched", "RFC 7671 §8";
        /// The authority fits, and the certificate below it is for other names.
        AUTHORITY_WRONG_NAME = Warning, "authority-wrong-name", "RFC 7672 §3.1.2";
        /// The records name this very certificate, so that any renewal breaks them.
        RENEWAL_BREAKS = Notice, "renewal-breaks", "RFC 7671 §5.1";
    }
}

/// The TLSA records of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// The host.
    pub host: Name,
    /// Whether they are signed, with all that they stand on.
    pub signed: Told,
    /// Each of them.
    pub records: Vec<Tlsa>,
    /// Whether a record is there that does not fit yet: one for the next key.
    pub prepared: bool,
    /// Where reports about DANE go that are asked for at the host's own name, which is the policy domain
    /// then (RFC 8460 §1.1); many senders look at the recipient's domain alone.
    pub reports: Vec<Destination>,
}

/// A TLSA record (RFC 6698 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TlsaFields {
    /// Certificate usage.
    pub usage: u8,
    /// Selector.
    pub selector: u8,
    /// Matching type.
    pub matching: u8,
}

/// A TLSA record, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tlsa {
    /// Its parameters.
    #[serde(flatten)]
    pub fields: TlsaFields,
    /// Whether it fits what the host showed; `null` if that was not seen, or cannot be compared.
    pub fits: Option<bool>,
    /// Until when it holds.
    pub lasts: Lasts,
}

/// Until when a TLSA record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lasts {
    /// Until the certificate is renewed.
    Certificate,
    /// Until the key changes; a renewal can keep it.
    Key,
    /// Until another authority, or another certificate of it, signs.
    Authority,
    /// Mail senders pass it over.
    Unused,
}

impl Lasts {
    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Key => "key",
            Self::Authority => "authority",
            Self::Unused => "unused",
        }
    }

    fn of(record: &Record, fields: TlsaFields) -> Self {
        match fields {
            _ if !is_usable(record) => Self::Unused,
            TlsaFields { usage: 2, .. } => Self::Authority,
            TlsaFields { selector: 0, .. } => Self::Certificate,
            _ => Self::Key,
        }
    }
}

/// Judges what has come.
pub(super) fn draw(context: &Context<'_>, notes: &mut Notes) -> Vec<Announcement> {
    let known = (context.mx_set(), addresses(context), contacts(context));
    let (Some(set), Some(addresses), Some(contacts)) = known else { return Vec::new() };
    let mut announcements = Vec::new();
    let hosts = set.asked().iter().zip(addresses.iter().zip(&contacts));
    for (host, (addresses, contact)) in hosts {
        let mx = context.look.dns(context.domain.name(), RecordType::Mx);
        let tlsa = context.look.dns(tlsa_name(host), RecordType::Tlsa);
        let (Some(mx), Some(Ok(answer))) = (mx, tlsa) else { continue };
        if answer.records.is_empty() {
            continue;
        }
        let validates = resolver_validates(context).unwrap_or_default();
        let signed = match signed(&mx, Some(addresses), &Ok(answer.clone()), validates) {
            Ok(signed) => Told::of(signed),
            Err(_) => Told::Unknown,
        };
        let tls = session(contact);
        let records: Vec<Tlsa> = answer.records.iter().filter_map(|it| read(it, tls)).collect();
        let prepared = has_fitting(&records) && records.iter().any(|it| it.fits == Some(false));
        let reports = reports::of_tls_rpt(context, &host.name, notes);
        let host = host.name.clone();
        let announcement = Announcement { host, signed, records, prepared, reports };
        if signed == Told::Yes {
            reports::find_missing_at(context, &announcement.host, notes);
            judge(context, notes, &announcement, &answer, contact);
        }
        announcements.push(announcement);
    }
    announcements
}

fn read(record: &Record, tls: Option<&Tls>) -> Option<Tlsa> {
    let Record::Tlsa { usage, selector, matching, .. } = *record else { return None };
    let fields = TlsaFields { usage, selector, matching };
    let fits = tls.filter(|_| is_usable(record)).and_then(|tls| fits(record, tls));
    Some(Tlsa { fields, fits, lasts: Lasts::of(record, fields) })
}

/// Whether a record is for what a host showed; `None` where the two cannot be compared.
fn fits(record: &Record, tls: &Tls) -> Option<bool> {
    let Record::Tlsa { usage, selector, matching, data } = record else { return None };
    let is_it = |certificate: &Certificate| {
        associated(certificate, *selector, *matching).map(|own| own == *data)
    };
    match usage {
        2 => {
            let authorities: Vec<bool> = tls.chain.iter().skip(1).filter_map(is_it).collect();
            Some(authorities.contains(&true))
        }
        _ => is_it(tls.chain.first()?),
    }
}

fn has_fitting(records: &[Tlsa]) -> bool {
    records.iter().any(|record| record.fits == Some(true))
}

fn judge(
    context: &Context<'_>,
    notes: &mut Notes,
    announcement: &Announcement,
    answer: &Answer,
    contact: &Shared<MailHost>,
) {
    let mut find = |rule: &'static Rule, what: Option<(&'static str, String)>| {
        let finding = Finding::new(rule).with("host", announcement.host.as_str());
        let finding = what.into_iter().fold(finding, |it, (name, value)| it.with(name, value));
        notes.find(CheckId::Dane, finding);
    };
    if answer.records.iter().any(is_usable) && offers_nothing(contact) {
        return find(&rules::STARTTLS_MISSING, None);
    }
    if !has_fitting(&announcement.records) {
        return;
    }
    for combination in unmatched(&announcement.records) {
        let TlsaFields { usage, selector, matching } = combination;
        let combination = format!("{usage} {selector} {matching}");
        find(&rules::COMBINATION_UNMATCHED, Some(("combination", combination)));
    }
    let fitting = || announcement.records.iter().filter(|record| record.fits == Some(true));
    if fitting().all(|record| record.lasts == Lasts::Certificate) && !announcement.prepared {
        find(&rules::RENEWAL_BREAKS, None);
    }
    let only_authorities = fitting().all(|record| record.lasts == Lasts::Authority);
    if only_authorities && session(contact).is_some_and(|tls| !is_named(context, tls)) {
        find(&rules::AUTHORITY_WRONG_NAME, None);
    }
}

/// Whether a host talks to us and offers no encryption.
fn offers_nothing(contact: &Shared<MailHost>) -> bool {
    let Ok(host) = contact else { return false };
    let talk = host.sessions.iter().find_map(talked);
    talk.is_some_and(|talk| matches!(talk.starttls, Some(StartTls::NotOffered)))
        && !host.sessions.iter().any(|session| {
            matches!(&session.contact, Ok(Contact::Talked(talk))
                if matches!(talk.starttls, Some(StartTls::Established(_))))
        })
}

/// The parameters with which no record fits. Those that cannot be compared may.
fn unmatched(records: &[Tlsa]) -> Vec<TlsaFields> {
    let mut unmatched: Vec<TlsaFields> = Vec::new();
    for record in records.iter().filter(|record| record.lasts != Lasts::Unused) {
        let alike = || records.iter().filter(|other| other.fields == record.fields);
        if alike().all(|other| other.fits == Some(false)) && !unmatched.contains(&record.fields) {
            unmatched.push(record.fields);
        }
    }
    unmatched
}

/// Whether a sender that honors DANE takes what a host showed for the host's own. An authority has to
/// have signed for the name, and until now (RFC 7672 §3.1.2); the host's own key says all (§3.1.1).
pub(super) fn verifies(context: &Context<'_>, answer: &Answer, tls: &Tls) -> bool {
    let in_time = tls.chain.first().is_some_and(|leaf| context.now <= leaf.not_after);
    answer.records.iter().filter(|record| is_usable(record)).any(|record| {
        let by_authority = matches!(record, Record::Tlsa { usage: 2, .. });
        matches(record, tls) && (!by_authority || (in_time && is_named(context, tls)))
    })
}

/// Whether a certificate names the host, or the domain itself, which senders take too (RFC 7672 §3.2.2).
fn is_named(context: &Context<'_>, tls: &Tls) -> bool {
    let names = tls.chain.first().map(|leaf| leaf.dns_names.as_slice()).unwrap_or_default();
    tls.name == NameMatch::Matches
        || names.iter().any(|name| name.eq_ignore_ascii_case(context.domain.as_str()))
}

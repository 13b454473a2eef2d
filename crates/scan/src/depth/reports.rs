//! Where reports go: may they, and would they arrive (RFC 9990, RFC 8460 §3)?

use mxray_facts::dns::RecordType;
use mxray_facts::{Domain, Name};
use mxray_records::mta_sts::policy::Mode;
use mxray_records::tls_rpt;
use mxray_records::{Finding, Rule, Text, tags};
use serde::Serialize;

use super::Notes;
use crate::checks::{Context, Seen, mta_sts, texts};
use crate::report::CheckId;

pub(crate) mod dmarc_rules {
    //! Rules about where DMARC's reports go.
    mxray_records::rules! { "dmarc":
        /// Another domain is to get reports, and does not say that it wants them.
        REPORTS_NOT_AUTHORIZED = Warning, "reports-not-authorized", "RFC 9990 §4";
        /// The domain that is to get reports takes no mail.
        REPORTS_UNDELIVERABLE = Warning, "reports-undeliverable", "RFC 5321 §5.1";
    }
}

pub(crate) mod tls_rpt_rules {
    //! Rules about where TLS-RPT's reports go.
    mxray_records::rules! { "tls-rpt":
        /// The domain that is to get reports takes no mail.
        REPORTS_UNDELIVERABLE = Warning, "reports-undeliverable", "RFC 5321 §5.1";
        /// The web server that is to get reports has no address.
        ENDPOINT_MISSING = Warning, "endpoint-missing", "RFC 8460 §3";
        /// An MX host with TLSA records is a policy domain of its own, and has no record.
        HOST_RECORD_MISSING = Notice, "host-record-missing", "RFC 8460 §1.1";
    }
}

/// A place that reports are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Destination {
    /// The URI, as it stands in the record.
    pub uri: String,
    /// What is reported there.
    pub reports: Reports,
    /// The host or mail domain that gets them.
    pub host: String,
    /// Whether it says that it wants them; `null` where nobody asks.
    pub authorized: Option<Told>,
    /// Whether they would arrive, as far as DNS tells.
    pub receives: Told,
    /// Whether the mailbox is reached by the very way that the reports are about. Senders have to
    /// deliver them whatever is wrong with TLS (RFC 8460 §3); not all do.
    pub own_way: bool,
}

impl Destination {
    /// Whether reports arrive there, all in all: a key of the texts.
    #[must_use]
    pub fn arrival(&self) -> &'static str {
        match (self.authorized, self.receives) {
            (Some(Told::No), _) => "reports.arrival.unwanted",
            (_, Told::No) => "reports.arrival.no",
            (Some(Told::Unknown), _) | (_, Told::Unknown) => "reports.arrival.unknown",
            _ => "reports.arrival.yes",
        }
    }
}

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reports {
    /// Whose mail passed DMARC and whose did not (RFC 9990).
    Aggregate,
    /// Single messages that failed DMARC (RFC 9991).
    Failure,
    /// Deliveries that failed for want of TLS (RFC 8460).
    Tls,
}

/// Yes, no, or it could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Something could not be looked at.
    Unknown,
}

impl Told {
    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn of(seen: bool) -> Self {
        if seen { Self::Yes } else { Self::No }
    }
}

/// Whose record asks for the reports, and the domain within which nobody has to be asked.
pub(super) struct Asking<'a> {
    /// Where the policy was found.
    pub(super) policy_domain: &'a str,
    pub(super) organization: &'a str,
}

/// The mailbox that a URI of DMARC's names; receivers know no other scheme (RFC 9989 §4.7).
pub(super) fn of_dmarc(
    context: &Context<'_>,
    asking: &Asking<'_>,
    uri: &str,
    reports: Reports,
    notes: &mut Notes,
) -> Option<Destination> {
    let host = mail_domain(uri)?;
    let authorized = if is_within(&host, asking.organization) {
        None
    } else {
        Some(is_authorized(context, asking.policy_domain, &host))
    };
    let receives = takes_mail(context, &host);
    let mut find = |rule: &'static Rule| {
        let finding = Finding::new(rule).with("uri", uri).with("host", &*host);
        let record = format!("{}._report._dmarc.{host}", asking.policy_domain);
        notes.find(CheckId::Dmarc, finding.with("record", record));
    };
    if authorized == Some(Told::No) {
        find(&dmarc_rules::REPORTS_NOT_AUTHORIZED);
    }
    if receives == Told::No {
        find(&dmarc_rules::REPORTS_UNDELIVERABLE);
    }
    let uri = uri.to_owned();
    Some(Destination { uri, reports, host, authorized, receives, own_way: false })
}

/// Where a TLS-RPT record sends reports: the domain's, or that of an MX host. Nobody has to be asked
/// (RFC 8460 §7).
pub(super) fn of_tls_rpt(
    context: &Context<'_>,
    policy_domain: &Name,
    notes: &mut Notes,
) -> Vec<Destination> {
    let Some(Some(record)) = tls_rpt_record(context, policy_domain) else { return Vec::new() };
    let enforced = mta_sts::read(context).is_some_and(|reading| match &reading.seen {
        Seen::Usable(served) => served.policy.mode == Mode::Enforce,
        _ => false,
    });
    record.rua.iter().map(|to| tls_destination(context, to, enforced, notes)).collect()
}

/// A host with DANE of its own, in a domain that wants reports and asks for them at its own name alone.
pub(super) fn find_missing_at(context: &Context<'_>, host: &Name, notes: &mut Notes) {
    let own = context.domain.name();
    if *host == own || !is_within(host.as_str(), own.as_str()) {
        return;
    }
    let asked = (tls_rpt_record(context, &own), tls_rpt_record(context, host));
    if let (Some(Some(_)), Some(None)) = asked {
        let finding = Finding::new(&tls_rpt_rules::HOST_RECORD_MISSING);
        let name = host.child("_smtp._tls");
        let finding = finding.with("host", host.as_str()).with("name", name.as_str());
        notes.find(CheckId::TlsRpt, finding.with("domain", own.as_str()));
    }
}

/// The record that senders use, if there is one; `None` if it could not be asked for.
fn tls_rpt_record(context: &Context<'_>, policy_domain: &Name) -> Option<Option<tls_rpt::Record>> {
    let answer = context.look.dns(policy_domain.child("_smtp._tls"), RecordType::Txt)?.ok()?;
    Some(tls_rpt::read_set(&texts(&answer)).value)
}

fn tls_destination(
    context: &Context<'_>,
    to: &tls_rpt::Destination,
    enforced: bool,
    notes: &mut Notes,
) -> Destination {
    let host = to.host().to_ascii_lowercase();
    let (receives, missing) = match to {
        tls_rpt::Destination::Mailto(_) => {
            (takes_mail(context, &host), &tls_rpt_rules::REPORTS_UNDELIVERABLE)
        }
        tls_rpt::Destination::Https(_) => {
            (has_address(context, &host), &tls_rpt_rules::ENDPOINT_MISSING)
        }
    };
    if receives == Told::No {
        let finding = Finding::new(missing).with("uri", to.uri()).with("host", &*host);
        notes.find(CheckId::TlsRpt, finding);
    }
    let is_mailbox = matches!(to, tls_rpt::Destination::Mailto(_));
    let own_way = enforced && is_mailbox && host == context.domain.as_str();
    let uri = to.uri().to_owned();
    Destination { uri, reports: Reports::Tls, host, authorized: None, receives, own_way }
}

/// The domain of a mailbox (RFC 6068 §2).
fn mail_domain(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let address = rest.split('?').next()?;
    let (_, domain) = address.rsplit_once('@').filter(|_| scheme.eq_ignore_ascii_case("mailto"))?;
    Some(domain.strip_suffix('.').unwrap_or(domain).to_ascii_lowercase())
}

/// Whether a domain is another one, or below it.
pub(super) fn is_within(domain: &str, organization: &str) -> bool {
    let below = domain.strip_suffix(organization);
    below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// Whether a host says that it wants a domain's reports: any record that begins as DMARC's do.
fn is_authorized(context: &Context<'_>, policy_domain: &str, host: &str) -> Told {
    let name = format!("{policy_domain}._report._dmarc.{host}").parse::<Name>();
    // A name that cannot be cannot say so.
    let Ok(name) = name else { return Told::No };
    match context.look.dns(name, RecordType::Txt) {
        Some(Ok(answer)) => Told::of(texts(&answer).iter().any(is_dmarc)),
        Some(Err(_)) | None => Told::Unknown,
    }
}

fn is_dmarc(text: &Text) -> bool {
    let text = text.as_str();
    tags::read(text).next().is_some_and(|tag| {
        let value = tag.value.map(|value| value.of(text));
        tag.name.of(text).eq_ignore_ascii_case("v") && value == Some("DMARC1")
    })
}

/// Whether mail to a domain goes anywhere (RFC 5321 §5.1, RFC 7505).
fn takes_mail(context: &Context<'_>, domain: &str) -> Told {
    let Ok(domain) = domain.parse::<Domain>() else { return Told::No };
    match context.look.dns(domain.name(), RecordType::Mx) {
        Some(Ok(answer)) if answer.exchanges().is_empty() => has_address(context, domain.as_str()),
        Some(Ok(answer)) => {
            Told::of(answer.exchanges().iter().any(|(_, exchange)| !exchange.is_root()))
        }
        Some(Err(_)) | None => Told::Unknown,
    }
}

/// Whether a host has an address of either family.
fn has_address(context: &Context<'_>, host: &str) -> Told {
    let Ok(name) = host.parse::<Name>() else { return Told::No };
    let ask = |record_type| context.look.dns(name.clone(), record_type);
    let (v4, v6) = (ask(RecordType::A), ask(RecordType::Aaaa));
    let found = [&v4, &v6].into_iter().flatten().flatten().any(|it| !it.records.is_empty());
    match (found, v4, v6) {
        (true, _, _) => Told::Yes,
        (false, Some(Ok(_)), Some(Ok(_))) => Told::No,
        _ => Told::Unknown,
    }
}

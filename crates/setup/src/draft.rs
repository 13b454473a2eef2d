//! What to publish, held against what is published, in the order in which it has to be done.

use mxray_facts::{Domain, Name, Timestamp};
use mxray_records::lint::{Kind, lint};
use mxray_records::mta_sts::policy::{self, Mode, Policy};
use mxray_records::mta_sts::record;
use mxray_records::{Finding, Text};
use mxray_scan::depth::Place;

use crate::published::Published;
use crate::wishes::Wishes;

/// What to publish, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whose.
    pub domain: Domain,
    /// Each place that something goes to; one after the other.
    pub changes: Vec<Change>,
}

/// What is to stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub place: Place,
    /// What stands there now, as far as it is known.
    pub before: Vec<String>,
    /// What is to stand there; a record's data as in a zone file, TXT without its quotes.
    pub after: Vec<String>,
    /// What the linter is told that it is.
    kind: Option<Kind>,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Something is new.
    Added,
    /// Something takes the place of something.
    Replaced,
    /// All stays as it is.
    Same,
    /// Something goes.
    Removed,
}

impl Change {
    fn dns(name: Name, record_type: &'static str, before: &[String], after: Vec<String>) -> Self {
        let place = Place::Dns { name, record_type };
        Self { place, before: before.to_vec(), after, kind: None }
    }

    /// A text of SPF.
    pub(crate) fn spf(name: Name, before: &[String], text: String) -> Self {
        Self::dns(name, "TXT", before, vec![text]).of(Kind::SpfRecord)
    }

    fn of(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// What it does.
    #[must_use]
    pub fn kept(&self) -> Kept {
        // How lines end is all the same to senders (RFC 8461 §3.2).
        let lines = |texts: &[String]| -> Vec<String> {
            texts.iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
        };
        match (self.before.as_slice(), self.after.as_slice()) {
            (before, after) if lines(before) == lines(after) => Kept::Same,
            ([], _) => Kept::Added,
            (_, []) => Kept::Removed,
            _ => Kept::Replaced,
        }
    }
}

impl Draft {
    fn new(domain: &Domain, changes: Vec<Change>) -> Self {
        Self { domain: domain.clone(), changes }
    }

    /// MTA-STS: the policy's host, the file, and then the record, as a sender that reads the record looks
    /// for the file at once (RFC 8461 §8.1).
    #[must_use]
    pub fn mta_sts(wishes: &Wishes, published: &Published, now: Timestamp) -> Self {
        let domain = &wishes.domain;
        let text = policy_text(wishes);
        let id = record_text(&text, published, now);
        let host = domain.child("mta-sts");
        let file = Change {
            place: Place::File { url: format!("https://{host}/.well-known/mta-sts.txt") },
            before: published.policy.iter().cloned().collect(),
            after: vec![text],
            kind: Some(Kind::MtaStsPolicy),
        };
        let record = Change::dns(domain.child("_mta-sts"), "TXT", &published.mta_sts, vec![id]);
        let changes = leading(host, &wishes.target).into_iter();
        Self::new(domain, changes.chain([file, record.of(Kind::MtaStsRecord)]).collect())
    }

    /// TLS reports: where senders tell of what failed (RFC 8460 §3).
    #[must_use]
    pub fn tls_rpt(wishes: &Wishes, published: &Published) -> Self {
        let name = wishes.domain.child("_smtp._tls");
        let uri = destination(&wishes.tls_reports);
        let there = published.tls_reports();
        let text = match published.tls_rpt.as_slice() {
            [text] if there.contains(&uri) => text.clone(),
            _ => format!("v=TLSRPTv1; rua={uri}"),
        };
        let change = Change::dns(name, "TXT", &published.tls_rpt, vec![text]);
        Self::new(&wishes.domain, vec![change.of(Kind::TlsRptRecord)])
    }

    /// A first DMARC record: it asks for reports, and changes nothing else (RFC 9989 §7). Where there is one,
    /// it keeps its policy.
    #[must_use]
    pub fn dmarc(wishes: &Wishes, published: &Published) -> Self {
        let name = wishes.domain.child("_dmarc");
        let uri = destination(&wishes.dmarc_reports);
        let text = match (published.dmarc.as_slice(), published.dmarc_reports()) {
            ([text], Some(there)) if there.contains(&uri) => text.clone(),
            ([text], Some(_)) => reported_to(text, &uri),
            _ => format!("v=DMARC1; p=none; rua={uri}"),
        };
        let mut changes = Vec::new();
        // Another domain has to say that it takes the reports (RFC 9990 §4).
        if let Some((_, host)) = wishes.dmarc_reports.split_once('@')
            && let Ok(host) = host.trim().parse::<Domain>()
            && !is_within(host.as_str(), wishes.domain.as_str())
        {
            let name = host.child(&format!("{}._report._dmarc", wishes.domain));
            let asked = Change::dns(name, "TXT", &[], vec!["v=DMARC1".to_owned()]);
            changes.push(asked);
        }
        changes.push(Change::dns(name, "TXT", &published.dmarc, vec![text]).of(Kind::DmarcRecord));
        Self::new(&wishes.domain, changes)
    }

    /// No mail at all: the null MX (RFC 7505), and what says the same to those who check for forgeries.
    #[must_use]
    pub fn no_mail(domain: &Domain, published: &Published) -> Self {
        let one = |text: &str| vec![text.to_owned()];
        let dns = |name, kind, before: &[String], text| Change::dns(name, kind, before, one(text));
        Self::new(
            domain,
            vec![
                dns(domain.name(), "MX", &published.mx, "0 .").of(Kind::MxSet),
                dns(domain.name(), "TXT", &published.spf, "v=spf1 -all").of(Kind::SpfRecord),
                dns(domain.child("_dmarc"), "TXT", &published.dmarc, "v=DMARC1; p=reject")
                    .of(Kind::DmarcRecord),
                dns(domain.child("*._domainkey"), "TXT", &[], "v=DKIM1; p="),
            ],
        )
    }

    /// All that several drafts publish.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.changes.extend(other.changes);
        self
    }

    /// What our own engine finds in the texts, each with the place of its change.
    #[must_use]
    pub fn lint(&self, mx: &[String]) -> Vec<(usize, Finding)> {
        let mut found = Vec::new();
        for (place, change) in self.changes.iter().enumerate() {
            let Some(kind) = change.kind else { continue };
            let texts: Vec<Text> = change.after.iter().map(|it| it.as_str().into()).collect();
            let mx = if kind == Kind::MtaStsPolicy { mx } else { &[] };
            let linted = lint(kind, &texts, mx, None);
            found.extend(linted.findings.into_iter().map(|finding| (place, finding)));
        }
        found
    }

    /// The policy file's text, if it has one.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        let file = |change: &&Change| matches!(change.place, Place::File { .. });
        self.changes.iter().find(file)?.after.first().map(String::as_str)
    }
}

/// The policy as it should be written.
fn policy_text(wishes: &Wishes) -> String {
    let Wishes { mode, max_age, mx, .. } = wishes;
    // Where nothing is enforced nor tested, no host is asked for (RFC 8461 §3.2).
    let named = mx.iter().map(|it| it.trim()).filter(|it| !it.is_empty() && *mode != Mode::None);
    let mx: String = named.map(|pattern| format!("mx: {pattern}\n")).collect();
    format!("version: STSv1\nmode: {mode}\n{mx}max_age: {max_age}\n")
}

/// The record that is there if the policy stays as it is, else one with a new id: senders look for a
/// new policy only then (RFC 8461 §3.1).
fn record_text(policy: &str, published: &Published, now: Timestamp) -> String {
    let texts: Vec<Text> = published.mta_sts.iter().map(|it| it.as_str().into()).collect();
    let there = record::read_set(&texts);
    let id = there.value.map(|record| record.id);
    let is_same = same(policy::parse(policy).value.as_ref(), published.policy().as_ref());
    if let ([text], true, true) = (published.mta_sts.as_slice(), id.is_some(), is_same) {
        return text.clone();
    }
    format!("v=STSv1; id={};", new_id(id.as_deref(), now))
}

/// Whether senders act alike on both.
fn same(one: Option<&Policy>, other: Option<&Policy>) -> bool {
    one.zip(other).is_some_and(|(one, other)| {
        let sorted = |policy: &Policy| {
            let mut mx: Vec<String> = policy.mx.iter().map(ToString::to_string).collect();
            mx.sort();
            mx
        };
        one.mode == other.mode && one.max_age == other.max_age && sorted(one) == sorted(other)
    })
}

/// An id that the record does not have now: the moment, which people can read.
#[must_use]
pub(crate) fn new_id(old: Option<&str>, now: Timestamp) -> String {
    let of = |moment: Timestamp| {
        let text = format!("{}{}", moment.date(), moment.time());
        text.chars().filter(char::is_ascii_digit).collect::<String>()
    };
    let id = of(now);
    if old == Some(&id) { of(Timestamp(now.0 + 1)) } else { id }
}

/// The record by which a host's name leads to where it is.
fn leading(host: Name, target: &str) -> Option<Change> {
    let target = target.trim().trim_end_matches('.');
    let record_type = match target.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => "A",
        Ok(std::net::IpAddr::V6(_)) => "AAAA",
        Err(_) if target.is_empty() => return None,
        Err(_) => "CNAME",
    };
    let text = if record_type == "CNAME" { format!("{target}.") } else { target.to_owned() };
    Some(Change::dns(host, record_type, &[], vec![text]))
}

/// A DMARC record that sends its reports to one more place.
fn reported_to(record: &str, uri: &str) -> String {
    let mut tags: Vec<String> =
        record.split(';').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
    let is_rua =
        |tag: &&mut String| tag.split_once('=').is_some_and(|(name, _)| name.trim() == "rua");
    match tags.iter_mut().find(is_rua) {
        Some(tag) => *tag = format!("{tag},{uri}"),
        None => tags.push(format!("rua={uri}")),
    }
    tags.join("; ")
}

/// An address, or a URL, as a URI in a record: what parts URIs there is encoded (RFC 8460 §3).
fn destination(typed: &str) -> String {
    let typed = typed.trim();
    let encoded: String = typed
        .chars()
        .map(|c| match c {
            ',' => "%2C".to_owned(),
            '!' => "%21".to_owned(),
            ';' => "%3B".to_owned(),
            c => c.to_string(),
        })
        .collect();
    let has_scheme = ["mailto:", "https:"].iter().any(|it| typed.starts_with(it));
    if has_scheme { encoded } else { format!("mailto:{encoded}") }
}

/// Whether a name is another one, or below it.
pub(crate) fn is_within(name: &str, domain: &str) -> bool {
    name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

//! DMARC beyond the record: what receivers do with mail in the domain's name and in those below it,
//! and where one that still follows RFC 7489 would do otherwise.

use mxray_facts::dns::RecordType;
use mxray_facts::{Name, Unobserved};
use mxray_records::dmarc::{Alignment, Policy, Psd, Record};
use mxray_records::{Text, tags};
use serde::Serialize;

use super::Notes;
use super::reports::{self, Asking, Destination, Reports};
use crate::checks::dmarc::{Step, applying, walk_names};
use crate::checks::{Context, Seen, texts};
use crate::look::{Asked, all};
use crate::report::Sentence;

/// What receivers do, and whom they tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dmarc {
    /// What becomes of forged mail; `null` where no record applies, or it is not known which.
    pub policies: Option<Policies>,
    /// Why it is not known which record applies.
    pub unknown: Option<Unobserved>,
    /// Where reports go.
    pub reports: Vec<Destination>,
}

/// What becomes of forged mail, with `t=y` taken into account (RFC 9989 §4.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policies {
    /// In the domain's own name.
    pub domain: Effective,
    /// In the name of a domain below that exists, and has no record of its own.
    pub subdomains: Effective,
    /// In the name of one that does not exist.
    pub nonexistent: Effective,
    /// The organizational domain (RFC 9989 §4.10.2).
    pub organization: Name,
    /// Whether a signature counts that is of the same organization, or only the very domain's:
    /// `relaxed` or `strict`.
    pub dkim_alignment: &'static str,
    /// The same of the sender that SPF passes.
    pub spf_alignment: &'static str,
    /// What a receiver that follows RFC 7489 does otherwise, a sentence each.
    pub by_rfc7489: Vec<Sentence>,
}

/// A policy, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effective {
    /// `none`, `quarantine` or `reject`.
    pub policy: &'static str,
    /// The name at which the record stands.
    pub record: Name,
}

/// Judges what has come.
pub(super) fn draw(context: &Context<'_>, notes: &mut Notes) -> Dmarc {
    let names = walk_names(context.domain);
    let answers = all(names.iter().map(|name| context.look.dns(name.clone(), RecordType::Txt)));
    let Some(answers) = answers else { return Dmarc::default() };
    if let Some(why) = answers.iter().find_map(|answer| answer.as_ref().err()) {
        return Dmarc { unknown: Some(why.clone()), ..Dmarc::default() };
    }
    let steps: Vec<Step> = names.into_iter().zip(&answers).map(Step::read).collect();
    let Some(found) = Found::of(&steps) else { return Dmarc::default() };
    let organization = organization(context, &steps);
    let reports = destinations(context, &found, organization.as_str(), notes);
    let text = record_text(&steps, &answers, &found.own.name);
    let policies = Policies {
        domain: found.own(),
        subdomains: found.below(Record::subdomain_policy),
        nonexistent: found.below(Record::nonexistent_policy),
        by_rfc7489: by_rfc7489(&found, &text),
        dkim_alignment: word(found.own_record.adkim),
        spf_alignment: word(found.own_record.aspf),
        organization,
    };
    Dmarc { policies: Some(policies), unknown: None, reports }
}

/// The records that apply.
struct Found<'a> {
    /// To the domain itself.
    own: &'a Step,
    own_record: &'a Record,
    /// Whether it is the domain's own, and not that of one above.
    is_own: bool,
    /// To domains below, for which a domain between the organization's and them does not speak
    /// (RFC 9989 §4.10.1).
    below: &'a Step,
    below_record: &'a Record,
}

impl<'a> Found<'a> {
    fn of(steps: &'a [Step]) -> Option<Self> {
        let (first, above) = steps.split_first()?;
        // What is there and cannot be used applies to nothing.
        if matches!(first.seen, Seen::Unusable) {
            return None;
        }
        let (place, below_record) = applying(steps)?;
        let below = &steps[place];
        let (own, own_record) = match first.record() {
            Some(record) => (first, record),
            None => applying(above).map(|(place, record)| (&above[place], record))?,
        };
        Some(Self { own, own_record, is_own: first.record().is_some(), below, below_record })
    }

    fn own(&self) -> Effective {
        let record = self.own_record;
        let policy = if self.is_own { record.policy() } else { record.subdomain_policy() };
        Effective::of(policy, record, self.own)
    }

    fn below(&self, policy: fn(&Record) -> Policy) -> Effective {
        Effective::of(policy(self.below_record), self.below_record, self.below)
    }
}

impl Effective {
    fn of(policy: Policy, record: &Record, step: &Step) -> Self {
        let policy = if record.testing { weaker(policy) } else { policy };
        Self { policy: policy.as_str(), record: step.name.clone() }
    }
}

fn word(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Relaxed => "relaxed",
        Alignment::Strict => "strict",
    }
}

/// `t=y` asks for one level less (RFC 9989 §4.7).
fn weaker(policy: Policy) -> Policy {
    match policy {
        Policy::Reject => Policy::Quarantine,
        Policy::Quarantine | Policy::None => Policy::None,
    }
}

/// The domain that answers for this one and all beside it (RFC 9989 §4.10.2).
fn organization(context: &Context<'_>, steps: &[Step]) -> Name {
    let records = || steps.iter().enumerate().filter_map(|(at, it)| Some((at, it.record()?)));
    let decided = records().find(|(_, record)| record.psd != Psd::Unknown);
    let place = match decided {
        // One label below a public suffix, whether that has a record or not.
        Some((at, record)) if record.psd == Psd::Yes => at.saturating_sub(1),
        Some((at, _)) => at,
        None => records().next_back().map_or(0, |(at, _)| at),
    };
    let named = steps.get(place).and_then(|step| step.name.as_str().strip_prefix("_dmarc."));
    named.and_then(|name| name.parse().ok()).unwrap_or_else(|| context.domain.name())
}

fn destinations(
    context: &Context<'_>,
    found: &Found<'_>,
    organization: &str,
    notes: &mut Notes,
) -> Vec<Destination> {
    let name = found.own.name.as_str();
    let policy_domain = name.strip_prefix("_dmarc.").unwrap_or(name);
    let asking = Asking { policy_domain, organization };
    let record = found.own_record;
    let aggregate = record.rua.iter().map(|uri| (uri, Reports::Aggregate));
    let failure = record.ruf.iter().map(|uri| (uri, Reports::Failure));
    let all = aggregate.chain(failure).take(MAX_DESTINATIONS);
    all.filter_map(|(uri, kind)| reports::of_dmarc(context, &asking, uri, kind, notes)).collect()
}

/// More than anybody names; receivers need only serve two.
const MAX_DESTINATIONS: usize = 10;

/// The text of the record at a name of the walk.
fn record_text(steps: &[Step], answers: &[Asked], name: &Name) -> Text {
    let place = steps.iter().position(|step| step.name == *name);
    let answer = place.and_then(|place| answers.get(place)?.as_ref().ok());
    let all = answer.map(|answer| texts(answer)).unwrap_or_default();
    let dmarc = |text: &Text| text.as_str().trim_start().starts_with("v=DMARC1");
    all.into_iter().find(dmarc).unwrap_or_else(|| Text::from(""))
}

/// Where a receiver of RFC 7489 does otherwise.
fn by_rfc7489(found: &Found<'_>, text: &Text) -> Vec<Sentence> {
    let record = found.own_record;
    let mut differences = Vec::new();
    let below = found.below_record;
    if below.np.is_some_and(|np| np != below.subdomain_policy()) {
        let policy = below.subdomain_policy().as_str();
        differences.push(Sentence::new("dmarc.rfc7489.np").with("policy", policy));
    }
    if record.testing {
        let policy = if found.is_own { record.policy() } else { record.subdomain_policy() };
        differences.push(Sentence::new("dmarc.rfc7489.testing").with("policy", policy.as_str()));
    }
    if let Some(percent) = percent(text) {
        differences.push(Sentence::new("dmarc.rfc7489.pct").with("percent", percent));
    }
    if !is_policy_second(text) {
        differences.push(Sentence::new("dmarc.rfc7489.order"));
    }
    if record.psd != Psd::Unknown || below.psd != Psd::Unknown {
        differences.push(Sentence::new("dmarc.rfc7489.psd"));
    }
    differences
}

/// The share of forged mail to which RFC 7489 applies the policy, if it is not all (RFC 7489 §6.3).
fn percent(text: &Text) -> Option<String> {
    let text = text.as_str();
    let tag = tags::read(text).find(|tag| tag.name.of(text).eq_ignore_ascii_case("pct"))?;
    let value = tag.value?.of(text);
    (value.parse::<u8>().ok()? < 100).then(|| value.to_owned())
}

/// RFC 7489 §6.3 wants the policy right behind the version.
fn is_policy_second(text: &Text) -> bool {
    let text = text.as_str();
    let mut names = tags::read(text).map(|tag| tag.name.of(text).to_ascii_lowercase());
    names.nth(1).is_none_or(|name| name == "p")
}

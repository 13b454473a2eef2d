//! MTA-STS beyond record and policy: who keeps them, and what stands in the wrong place (RFC 8461).

use mxray_facts::Name;
use mxray_facts::dns::{Answer, Existence, RecordType};
use mxray_records::Finding;
use mxray_records::mta_sts::policy::Mode;
use mxray_records::mta_sts::record;
use serde::Serialize;

use super::{Known, Notes};
use crate::checks::dkim::control_selector;
use crate::checks::{Context, Seen, mta_sts, texts};
use crate::look::Asked;
use crate::report::CheckId;

pub(crate) mod rules {
    //! Rules about who keeps record and policy, and about where they stand.
    mxray_records::rules! { "mta-sts":
        /// A CNAME leads to a name that does not exist: whoever registers that may keep the policy.
        DELEGATION_DANGLING = Fail, "delegation-dangling", "RFC 8461 §8.2";
        /// The record is kept by a provider, and the policy is not, or the reverse.
        DELEGATION_PARTLY = Notice, "delegation-partly", "RFC 8461 §8.2";
        /// `*.` and the domain itself, or hardly more than a top-level domain.
        PATTERN_TOO_WIDE = Notice, "pattern-too-wide", "RFC 8461 §10.4";
        /// Switched off, with a lifetime that is longer than it takes to leave.
        NONE_WITH_LONG_LIFE = Notice, "none-with-long-life", "RFC 8461 §8.3";
        /// The record stands at another name than the one that senders ask.
        RECORD_AT_WRONG_NAME = Warning, "record-at-wrong-name", "RFC 8461 §3.1";
        /// The domain above has a record, which says nothing about this one.
        NOT_INHERITED = Notice, "not-inherited", "RFC 8461 §3.4";
        /// Every name below the domain takes mail, and the policy is for none of them.
        SUBDOMAINS_LEFT_OUT = Notice, "subdomains-left-out", "RFC 8461 §3.4";
    }
}

/// The least that anybody has to remember a policy that says there is none: a day is suggested (RFC 8461 §8.3).
const LONG_LIFE: u32 = 7 * 86_400;

/// Who keeps record and policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Delegation {
    /// The names that CNAMEs lead to from `_mta-sts`.
    pub record: Vec<Name>,
    /// The names that CNAMEs lead to from the policy host.
    pub policy: Vec<Name>,
    /// Whose names these are, if that is known.
    pub provider: Option<String>,
}

/// Judges what has come.
pub(super) fn draw(context: &Context<'_>, known: &Known, notes: &mut Notes) -> Delegation {
    let (record, host) = (context.domain.child("_mta-sts"), context.domain.child("mta-sts"));
    let at_record = context.look.dns(record.clone(), RecordType::Txt);
    let at_host = context.look.dns(host.clone(), RecordType::A);
    find_dangling(notes, &record, at_record.as_ref());
    find_dangling(notes, &host, at_host.as_ref());
    let delegation = Delegation {
        record: aliases(at_record.as_ref()),
        policy: aliases(at_host.as_ref()),
        provider: None,
    };
    let ends = [delegation.record.last(), delegation.policy.last()];
    let provider = ends.into_iter().flatten().find_map(|name| known.providers.of_name(name));
    let delegation =
        Delegation { provider: provider.map(|provider| provider.name.clone()), ..delegation };
    if let (Some(Ok(_)), Some(Ok(host_answer))) = (&at_record, &at_host) {
        find_partly(notes, &delegation, host_answer, &record, &host);
    }
    if let Some(Seen::Usable(served)) = mta_sts::read(context).map(|reading| reading.seen) {
        find_in_policy(context, notes, &served.policy);
        find_wildcard(context, notes);
    }
    let takes_mail = context.mx_set().is_some_and(|set| !set.takes_no_mail());
    if let Some(Ok(answer)) = &at_record
        && takes_mail
        && !record::read_set(&texts(answer)).ours
    {
        find_elsewhere(context, notes);
    }
    delegation
}

fn aliases(answer: Option<&Asked>) -> Vec<Name> {
    answer.and_then(|answer| answer.as_ref().ok()).map(|it| it.aliases.clone()).unwrap_or_default()
}

fn find_dangling(notes: &mut Notes, name: &Name, answer: Option<&Asked>) {
    let Some(Ok(answer)) = answer else { return };
    if answer.existence == Existence::DoesNotExist
        && let Some(end) = answer.aliases.last()
    {
        let finding = Finding::new(&rules::DELEGATION_DANGLING);
        notes.find(CheckId::MtaSts, finding.with("name", name.as_str()).with("end", end.as_str()));
    }
}

/// A record that a provider changes, and a policy that it does not, fall out of step.
fn find_partly(
    notes: &mut Notes,
    delegation: &Delegation,
    host_answer: &Answer,
    record: &Name,
    host: &Name,
) {
    let exists = host_answer.existence == Existence::Exists;
    if exists && !delegation.record.is_empty() && delegation.policy.is_empty() {
        let finding = Finding::new(&rules::DELEGATION_PARTLY).with("record", record.as_str());
        notes.find(CheckId::MtaSts, finding.with("host", host.as_str()));
    }
}

fn find_in_policy(
    context: &Context<'_>,
    notes: &mut Notes,
    policy: &mxray_records::mta_sts::policy::Policy,
) {
    if policy.mode == Mode::None && policy.max_age > LONG_LIFE {
        let days = (policy.max_age / 86_400).to_string();
        let finding = Finding::new(&rules::NONE_WITH_LONG_LIFE).with("days", days);
        return notes.find(CheckId::MtaSts, finding);
    }
    for pattern in policy.mx.iter().map(ToString::to_string) {
        let Some(below) = pattern.strip_prefix("*.") else { continue };
        if below == context.domain.as_str() || !below.contains('.') {
            let finding = Finding::new(&rules::PATTERN_TOO_WIDE).with("pattern", &*pattern);
            notes.find(CheckId::MtaSts, finding);
        }
    }
}

/// A name that nobody uses has mail servers: every name has (RFC 4592).
fn find_wildcard(context: &Context<'_>, notes: &mut Notes) {
    let name = context.domain.child(&control_selector(context.domain, context.now));
    let Some(Ok(answer)) = context.look.dns(name, RecordType::Mx) else { return };
    if answer.exchanges().iter().any(|(_, exchange)| !exchange.is_root()) {
        let finding = Finding::new(&rules::SUBDOMAINS_LEFT_OUT);
        let domain = context.domain.as_str();
        notes.find(CheckId::MtaSts, finding.with("domain", domain));
    }
}

/// Where there is no record, one may stand where it says nothing.
fn find_elsewhere(context: &Context<'_>, notes: &mut Notes) {
    let right = context.domain.child("_mta-sts");
    // The last is what a name without its final dot becomes in a zone file (RFC 1035 §5.1).
    let doubled = context.domain.child(&format!("_mta-sts.{}", context.domain));
    for wrong in [context.domain.name(), context.domain.child("mta-sts"), doubled] {
        if has_record(context, wrong.clone()) {
            let finding = Finding::new(&rules::RECORD_AT_WRONG_NAME).with("name", right.as_str());
            notes.find(CheckId::MtaSts, finding.with("wrong", wrong.as_str()));
        }
    }
    let Some(parent) = context.domain.parent() else { return };
    if has_record(context, parent.child("_mta-sts")) {
        let finding = Finding::new(&rules::NOT_INHERITED).with("name", right.as_str());
        notes.find(CheckId::MtaSts, finding.with("parent", parent.as_str()));
    }
}

fn has_record(context: &Context<'_>, name: Name) -> bool {
    let answer = context.look.dns(name, RecordType::Txt);
    let Some(Ok(answer)) = answer else { return false };
    record::read_set(&texts(&answer)).value.is_some()
}

//! DMARC: the record that applies to this domain, found by the tree walk (RFC 9989 §4.10).

use std::mem::take;

use mxray_facts::dns::RecordType;
use mxray_facts::{Domain, Name};
use mxray_records::Finding;
use mxray_records::dmarc::{self, Policy, Psd, Record};

use super::mx::MxSet;
use super::{Context, Draft, Seen, Standing};
use crate::answers::States;
use crate::look::{Asked, all};
use crate::report::{Check, CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about the walk.
    mxray_records::rules! { "dmarc":
        /// No record applies: receivers are told nothing about forged mail.
        ABSENT = Fail, "absent", "RFC 9989 §4.10.1";
        /// The same, where no mail comes in: then nothing good goes out, and no report would arrive.
        ABSENT_WITHOUT_MAIL = Fail, "absent-without-mail", "RFC 9989 §4.10.1";
        /// The record of a domain above applies.
        INHERITED = Notice, "inherited", "RFC 9989 §4.10.1";
    }
}

/// What the answers need to know: what receivers are asked to do with forged mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    Broken,
    /// `p=none`: deliver it and report.
    Watching,
    /// `p=quarantine` or `p=reject`.
    Enforced,
    Unknown,
}

/// Walks up the tree, all at once, and judges the record that applies.
pub(crate) fn check(context: &Context<'_>, states: &mut States) -> Option<Check> {
    let walk = walk_names(context.domain);
    let answers = all(walk.iter().map(|name| context.look.dns(name.clone(), RecordType::Txt)))?;
    let mut steps: Vec<Step> = walk.into_iter().zip(&answers).map(Step::read).collect();
    let mut draft = Draft::default();
    let state = judge(&mut draft, &mut steps);
    if state == State::Absent {
        let name = context.domain.child("_dmarc");
        let finding = match context.mx_set()? {
            MxSet::NoDomain => return Some(draft.no_domain(CheckId::Dmarc)),
            set if set.takes_no_mail() => {
                Finding::new(&rules::ABSENT_WITHOUT_MAIL).fixed("v=DMARC1; p=reject")
            }
            _ => Finding::new(&rules::ABSENT)
                .fixed(format!("v=DMARC1; p=none; rua=mailto:dmarc-reports@{}", context.domain)),
        };
        draft.find(finding.with("name", name.as_str()));
    }
    let (standing, key) = match state {
        State::Absent => (Standing::Observed, "check.dmarc.absent"),
        State::Broken => (Standing::Observed, "check.dmarc.broken"),
        State::Watching => (Standing::Observed, "check.dmarc.watching"),
        State::Enforced => (Standing::Observed, "check.dmarc.enforced"),
        State::Unknown => (Standing::Unobserved, "check.dmarc.unknown"),
    };
    states.dmarc = state;
    Some(draft.finish(CheckId::Dmarc, standing, Sentence::new(key)))
}

/// The names of the walk: the domain's own, then from at most seven labels down to one (RFC 9989 §4.10).
pub(crate) fn walk_names(domain: &Domain) -> Vec<Name> {
    let mut names = vec![domain.child("_dmarc")];
    let mut rest = domain.as_str();
    while let Some((_, above)) = rest.split_once('.') {
        if above.split('.').count() <= 7 {
            names.extend(format!("_dmarc.{above}").parse());
        }
        rest = above;
    }
    names
}

/// One name of the walk and what stands there.
pub(crate) struct Step {
    pub(crate) name: Name,
    shown: Draft,
    pub(crate) seen: Seen<Record>,
}

impl Step {
    pub(crate) fn read((name, answer): (Name, &Asked)) -> Self {
        let mut shown = Draft::default();
        let seen = shown.txt(&name, answer, dmarc::read_set);
        Self { name, shown, seen }
    }

    pub(crate) fn record(&self) -> Option<&Record> {
        match &self.seen {
            Seen::Usable(record) => Some(record),
            _ => None,
        }
    }
}

fn judge(draft: &mut Draft, steps: &mut [Step]) -> State {
    let Some((own, above)) = steps.split_first_mut() else { return State::Unknown };
    draft.append(take(&mut own.shown));
    match &own.seen {
        Seen::Unobserved => return State::Unknown,
        Seen::Unusable => return State::Broken,
        Seen::Usable(record) => return strength(record.policy(), record.testing),
        Seen::Absent => {}
    }
    if let Some(unseen) = above.iter_mut().find(|step| matches!(step.seen, Seen::Unobserved)) {
        draft.append(take(&mut unseen.shown));
        return State::Unknown;
    }
    let Some((step, record)) = applying(above) else {
        return State::Absent;
    };
    let state = strength(record.subdomain_policy(), record.testing);
    let step = &mut above[step];
    draft.append(take(&mut step.shown));
    draft.find(Finding::new(&rules::INHERITED).with("name", step.name.as_str()));
    state
}

/// The organizational domain's record, else the public suffix's, and its step (RFC 9989 §4.10.1, §4.10.2).
pub(crate) fn applying(above: &[Step]) -> Option<(usize, &Record)> {
    let records = || above.iter().enumerate().filter_map(|(at, step)| Some((at, step.record()?)));
    // The walk ends at the first record that says whether it is a public suffix's.
    let Some(end) = records().find(|(_, record)| record.psd != Psd::Unknown) else {
        return records().next_back();
    };
    // The organizational domain is one label below a public suffix; without a record there, the suffix's own applies.
    let below = records().find(|(at, _)| end.1.psd == Psd::Yes && at + 1 == end.0);
    below.or(Some(end))
}

/// `t=y` asks for one level less (RFC 9989 §4.7).
fn strength(policy: Policy, testing: bool) -> State {
    match (policy, testing) {
        (Policy::Reject, _) | (Policy::Quarantine, false) => State::Enforced,
        (Policy::Quarantine, true) | (Policy::None, _) => State::Watching,
    }
}

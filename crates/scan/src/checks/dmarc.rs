//! DMARC: the record that applies to this domain, found by the tree walk (RFC 9989 §4.10).

use std::rc::Rc;

use mxray_facts::dns::{Answer, RecordType};
use mxray_facts::{Domain, Name, Observation, Unobserved};
use mxray_records::dmarc::{self, Policy, Psd, Record};
use mxray_records::{Finding, RecordSet, Text};

use super::draft::texts;
use super::{Checked, Context, Draft, Standing};
use crate::look::all;
use crate::report::{CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about the walk.
    mxray_records::rules! { "dmarc":
        /// No record applies: receivers are told nothing about forged mail.
        ABSENT = Fail, "absent", "RFC 9989 §4.10.1";
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
pub(crate) fn check(context: &Context<'_>) -> Option<Checked<State>> {
    let walk = walk_names(context.domain);
    let answers = all(walk.iter().map(|name| context.look.dns(name.clone(), RecordType::Txt)))?;
    let steps: Vec<Step> = walk.into_iter().zip(answers).map(Step::read).collect();
    let mut draft = Draft::default();
    let state = judge(&mut draft, &steps);
    let (standing, key) = match state {
        State::Absent => (Standing::Observed, "check.dmarc.absent"),
        State::Broken => (Standing::Observed, "check.dmarc.broken"),
        State::Watching => (Standing::Observed, "check.dmarc.watching"),
        State::Enforced => (Standing::Observed, "check.dmarc.enforced"),
        State::Unknown => (Standing::Unobserved, "check.dmarc.unknown"),
    };
    Some(Checked { check: draft.finish(CheckId::Dmarc, standing, Sentence::new(key)), state })
}

/// The names of the walk: the domain's own, then from at most seven labels down to one (RFC 9989 §4.10).
fn walk_names(domain: &Domain) -> Vec<Name> {
    let labels: Vec<&str> = domain.as_str().split('.').collect();
    let above =
        (1..labels.len()).filter(|cut| labels.len() - cut <= 7).map(|cut| labels[cut..].join("."));
    let below = |parent: String| format!("_dmarc.{parent}").parse().ok();
    [domain.child("_dmarc")].into_iter().chain(above.filter_map(below)).collect()
}

/// One name of the walk and what stands there.
struct Step {
    name: Name,
    seen: Result<Seen, Unobserved>,
}

struct Seen {
    answer: Rc<Answer>,
    texts: Vec<Text>,
    set: RecordSet<Record>,
}

impl Step {
    fn read((name, answer): (Name, Observation<Rc<Answer>>)) -> Self {
        let seen = answer.map(|answer| {
            let texts = texts(&answer);
            let set = dmarc::read_set(&texts);
            Seen { answer, texts, set }
        });
        Self { name, seen }
    }

    fn record(&self) -> Option<&Record> {
        self.seen.as_ref().ok()?.set.value()
    }

    fn show(&self, draft: &mut Draft) {
        match &self.seen {
            Ok(seen) => draft.record_set(&self.name, &seen.answer, &seen.texts, &seen.set),
            Err(reason) => draft.unanswered(&self.name, RecordType::Txt, reason),
        }
    }
}

fn judge(draft: &mut Draft, steps: &[Step]) -> State {
    let Some((own, above)) = steps.split_first() else { return State::Unknown };
    own.show(draft);
    let seen = match &own.seen {
        Ok(seen) => seen,
        Err(_) => return State::Unknown,
    };
    if let Some(record) = seen.set.value() {
        return strength(record.policy(), record.testing);
    }
    if seen.set.any_ours() {
        return State::Broken;
    }
    if let Some(unseen) = above.iter().find(|step| step.seen.is_err()) {
        unseen.show(draft);
        return State::Unknown;
    }
    match applying(above) {
        Some((step, record)) => {
            step.show(draft);
            draft.find(Finding::new(&rules::INHERITED).with("name", step.name.as_str()));
            strength(record.subdomain_policy(), record.testing)
        }
        None => {
            draft.find(Finding::new(&rules::ABSENT).with("name", own.name.as_str()));
            State::Absent
        }
    }
}

/// The organizational domain's record, else the public suffix's (RFC 9989 §4.10.1, §4.10.2).
fn applying(above: &[Step]) -> Option<(&Step, &Record)> {
    let recorded: Vec<(usize, &Step, &Record)> = above
        .iter()
        .enumerate()
        .filter_map(|(index, step)| Some((index, step, step.record()?)))
        .collect();
    // The walk ends at the first record that says whether it is a public suffix's.
    let end = recorded.iter().find(|(_, _, record)| record.psd != Psd::Unknown);
    let found = match end {
        Some((index, _, record)) if record.psd == Psd::Yes => {
            // The organizational domain is one label below; without a record there, the suffix's own applies.
            recorded.iter().find(|(below, _, _)| below + 1 == *index).or(end)
        }
        Some(_) => end,
        None => recorded.last(),
    };
    found.map(|(_, step, record)| (*step, *record))
}

/// `t=y` asks for one level less (RFC 9989 §4.7).
fn strength(policy: Policy, testing: bool) -> State {
    match (policy, testing) {
        (Policy::Reject, _) | (Policy::Quarantine, false) => State::Enforced,
        (Policy::Quarantine, true) | (Policy::None, _) => State::Watching,
    }
}

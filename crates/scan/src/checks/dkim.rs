//! DKIM at first depth: keys under the selectors that senders commonly use (RFC 6376 §3.6).
//!
//! A selector that is not in the list cannot be seen from outside, so *not
//! found* is never *missing*.

use mxray_facts::dns::RecordType;
use mxray_facts::{Domain, Name, Timestamp};
use mxray_records::{Finding, dkim};

use super::draft::texts;
use super::{Context, Draft, Seen, Standing, spf};
use crate::answers::States;
use crate::look::{Asked, all};
use crate::report::{Check, CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about the selectors together.
    mxray_records::rules! { "dkim":
        /// Every selector is answered, so that none can be told to be in use.
        WILDCARD = Notice, "wildcard", "RFC 6376 §3.6.2.1";
    }
}

/// The selectors that are tried, the most used first.
pub const SELECTORS: [&str; 13] = [
    "default",
    "google",
    "selector1",
    "selector2",
    "s1",
    "s2",
    "k1",
    "k2",
    "mail",
    "dkim",
    "mandrill",
    "fm1",
    "protonmail",
];

/// What the answers need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// At least one key in use.
    Found,
    /// None of those tried; there may be others.
    NotFound,
    /// It cannot be told.
    Unknown,
}

/// Tries the selectors, and a control that nobody uses.
pub(crate) fn check(context: &Context<'_>, states: &mut States) -> Option<Check> {
    let control = control_selector(context.domain, context.now);
    let control = ask_key(context, &control);
    let keys = all(SELECTORS.iter().map(|selector| ask_key(context, selector)));
    // Once it is there, the check before this one has judged it.
    let spf = context.look.dns(context.domain.name(), RecordType::Txt);
    let ((control_name, control), keys, _) = (control?, keys?, spf?);
    let mut draft = Draft::default();
    let (state, key) = judge(&mut draft, &control_name, &control, &keys);
    states.dkim = state;
    let (standing, key) = match state {
        State::Found => (Standing::Observed, key),
        // Where nobody may send, nothing is to be signed.
        _ if states.spf == spf::State::AllowsNobody => {
            (Standing::NotApplicable, "check.dkim.no-mail")
        }
        _ => (Standing::Unobserved, key),
    };
    let summary = Sentence::new(key).with("count", SELECTORS.len().to_string());
    Some(draft.finish(CheckId::Dkim, standing, summary))
}

fn judge(
    draft: &mut Draft,
    control_name: &Name,
    control: &Asked,
    keys: &[(Name, Asked)],
) -> (State, &'static str) {
    if let Ok(answer) = control
        && !answer.records.is_empty()
    {
        // The wildcard answers for them all, so that what the others say means nothing.
        let evidence = draft.records(control_name, RecordType::Txt, answer, &texts(answer));
        draft.find_in(evidence, Finding::new(&rules::WILDCARD));
        return (State::Unknown, "check.dkim.wildcard");
    }
    let mut found = 0;
    let mut unobserved = usize::from(control.is_err());
    for (name, answer) in keys {
        if answer.as_ref().is_ok_and(|answer| answer.records.is_empty()) {
            continue;
        }
        match draft.txt(name, answer, dkim::read_set) {
            Seen::Usable(key) => found += usize::from(!key.is_revoked()),
            Seen::Unobserved => unobserved += 1,
            Seen::Absent | Seen::Unusable => {}
        }
    }
    match (found, unobserved) {
        (0, 0) => (State::NotFound, "check.dkim.not-found"),
        (0, _) => (State::Unknown, "check.dkim.unknown"),
        _ => (State::Found, "check.dkim.found"),
    }
}

pub(crate) fn ask_key(context: &Context<'_>, selector: &str) -> Option<(Name, Asked)> {
    let name = context.domain.child(&format!("{selector}._domainkey"));
    Some((name.clone(), context.look.dns(name, RecordType::Txt)?))
}

/// A selector that nobody publishes: another for every domain and moment, and the same in a test.
pub(crate) fn control_selector(domain: &Domain, now: Timestamp) -> String {
    // FNV-1a; it need not be unguessable.
    let seed = domain.as_str().bytes().chain(now.0.to_be_bytes());
    let hash = seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("mxray-{hash:016x}")
}

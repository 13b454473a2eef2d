//! DKIM at first depth: keys under the selectors that senders commonly use (RFC 6376 §3.6).
//!
//! A selector that is not in the list cannot be seen from outside, so *not
//! found* is never *missing*.

use mxray_facts::dns::RecordType;
use mxray_facts::{Domain, Name, Timestamp};
use mxray_records::{Finding, dkim};

use super::draft::texts;
use super::{Checked, Context, Draft, Standing};
use crate::look::{Asked, all};
use crate::report::{CheckId, Sentence};

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
pub(crate) fn check(context: &Context<'_>) -> Option<Checked<State>> {
    let control = control_selector(context.domain, context.now);
    let control = ask_key(context, &control);
    let keys = all(SELECTORS.iter().map(|selector| ask_key(context, selector)));
    let ((control_name, control), keys) = (control?, keys?);
    Some(judge(&control_name, &control, keys))
}

fn judge(control_name: &Name, control: &Asked, keys: Vec<(Name, Asked)>) -> Checked<State> {
    let mut draft = Draft::default();
    if let Ok(answer) = control
        && !answer.records.is_empty()
    {
        // The wildcard answers for them all, so that what the others say means nothing.
        let evidence = draft.records(control_name, RecordType::Txt, answer, &texts(answer));
        draft.find_in(evidence, Finding::new(&rules::WILDCARD));
        return finish(draft, State::Unknown, "check.dkim.wildcard");
    }
    let mut found = 0;
    let mut unobserved = usize::from(control.is_err());
    for (name, answer) in keys {
        match answer {
            Ok(answer) if answer.records.is_empty() => {}
            Ok(answer) => {
                let texts = texts(&answer);
                let set = dkim::read_set(&texts);
                draft.record_set(&name, &answer, &texts, &set);
                found += usize::from(set.value().is_some_and(|key| !key.is_revoked()));
            }
            Err(reason) => {
                draft.unanswered(&name, RecordType::Txt, &reason);
                unobserved += 1;
            }
        }
    }
    match (found, unobserved) {
        (0, 0) => finish(draft, State::NotFound, "check.dkim.not-found"),
        (0, _) => finish(draft, State::Unknown, "check.dkim.unknown"),
        _ => finish(draft, State::Found, "check.dkim.found"),
    }
}

fn ask_key(context: &Context<'_>, selector: &str) -> Option<(Name, Asked)> {
    let name = context.domain.child(&format!("{selector}._domainkey"));
    Some((name.clone(), context.look.dns(name, RecordType::Txt)?))
}

fn finish(draft: Draft, state: State, key: &'static str) -> Checked<State> {
    let standing = if state == State::Found { Standing::Observed } else { Standing::Unobserved };
    let summary = Sentence::new(key).with("count", SELECTORS.len().to_string());
    Checked { check: draft.finish(CheckId::Dkim, standing, summary), state }
}

/// A selector that nobody publishes: another for every domain and moment, and the same in a test.
fn control_selector(domain: &Domain, now: Timestamp) -> String {
    // FNV-1a; it need not be unguessable.
    let seed = domain.as_str().bytes().chain(now.0.to_be_bytes());
    let hash = seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("mxray-{hash:016x}")
}

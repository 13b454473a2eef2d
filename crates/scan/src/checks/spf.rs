//! SPF at first depth: what the domain's own record says (RFC 7208).

use mxray_facts::dns::RecordType;
use mxray_records::{Finding, spf};

use super::draft::texts;
use super::{Checked, Context, Draft, Standing};
use crate::report::{CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about the absence of the record.
    mxray_records::rules! { "spf":
        /// Nothing says which servers may send for the domain.
        ABSENT = Warning, "absent", "RFC 7208 §3";
    }
}

/// What the answers need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    /// Receivers get an error from it.
    Broken,
    /// `+all`: anybody may send.
    AllowsAnybody,
    /// Some may send.
    Usable,
    /// `v=spf1 -all` and nothing else: nobody may.
    AllowsNobody,
    Unknown,
}

/// Asks for the record and judges it.
pub(crate) fn check(context: &Context<'_>) -> Option<Checked<State>> {
    let name = context.domain.name();
    let mut draft = Draft::default();
    let state = match context.look.dns(name.clone(), RecordType::Txt)? {
        Err(reason) => {
            draft.unanswered(&name, RecordType::Txt, &reason);
            State::Unknown
        }
        Ok(answer) => {
            let texts: Vec<_> = texts(&answer).into_iter().filter(concerns_mail).collect();
            let set = spf::read_set(&texts);
            draft.record_set(&name, &answer, &texts, &set);
            let state = judge(&set);
            if state == State::Absent {
                draft.find(Finding::new(&rules::ABSENT).with("name", name.as_str()));
            }
            state
        }
    };
    let (standing, key) = match state {
        State::Absent => (Standing::Observed, "check.spf.absent"),
        State::Broken => (Standing::Observed, "check.spf.broken"),
        State::AllowsAnybody => (Standing::Observed, "check.spf.anybody"),
        State::Usable => (Standing::Observed, "check.spf.usable"),
        State::AllowsNobody => (Standing::Observed, "check.spf.nobody"),
        State::Unknown => (Standing::Unobserved, "check.spf.unknown"),
    };
    Some(Checked { check: draft.finish(CheckId::Spf, standing, Sentence::new(key)), state })
}

/// A domain's TXT records hold all sorts of things; only those that mean to be SPF are shown.
fn concerns_mail(text: &mxray_records::Text) -> bool {
    text.as_str().to_ascii_lowercase().contains("spf")
}

fn judge(set: &mxray_records::RecordSet<spf::Record>) -> State {
    match (set.value(), set.any_ours()) {
        (Some(record), _) if record.allows_anybody() => State::AllowsAnybody,
        (Some(record), _) if record.allows_nobody() => State::AllowsNobody,
        (Some(_), _) => State::Usable,
        (None, true) => State::Broken,
        (None, false) => State::Absent,
    }
}

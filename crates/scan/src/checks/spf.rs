//! SPF at first depth: what the domain's own record says (RFC 7208).

use mxray_facts::dns::RecordType;
use mxray_records::{Finding, Text, spf};

use super::mx::MxSet;
use super::{Context, Draft, Seen, Standing};
use crate::answers::States;
use crate::report::{Check, CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about the absence of the record.
    mxray_records::rules! { "spf":
        /// Nothing says which servers may send for the domain.
        ABSENT = Warning, "absent", "RFC 7208 §3";
        /// The same, where no mail comes in either: then hardly any goes out.
        ABSENT_WITHOUT_MAIL = Warning, "absent-without-mail", "RFC 7208 §3";
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
pub(crate) fn check(context: &Context<'_>, states: &mut States) -> Option<Check> {
    let name = context.domain.name();
    let mut draft = Draft::default();
    let answer = context.look.dns(name.clone(), RecordType::Txt)?;
    let state = match draft.txt_among(&name, &answer, concerns_mail, spf::read_set) {
        Seen::Unobserved => State::Unknown,
        Seen::Absent => {
            let finding = match context.mx_set()? {
                MxSet::NoDomain => return Some(draft.no_domain(CheckId::Spf)),
                set if set.takes_no_mail() => {
                    Finding::new(&rules::ABSENT_WITHOUT_MAIL).fixed("v=spf1 -all")
                }
                _ => Finding::new(&rules::ABSENT),
            };
            draft.find(finding.with("name", name.as_str()));
            State::Absent
        }
        Seen::Unusable => State::Broken,
        Seen::Usable(record) if record.allows_anybody() => State::AllowsAnybody,
        Seen::Usable(record) if record.allows_nobody() => State::AllowsNobody,
        Seen::Usable(_) => State::Usable,
    };
    let (standing, key) = match state {
        State::Absent => (Standing::Observed, "check.spf.absent"),
        State::Broken => (Standing::Observed, "check.spf.broken"),
        State::AllowsAnybody => (Standing::Observed, "check.spf.anybody"),
        State::Usable => (Standing::Observed, "check.spf.usable"),
        State::AllowsNobody => (Standing::Observed, "check.spf.nobody"),
        State::Unknown => (Standing::Unobserved, "check.spf.unknown"),
    };
    states.spf = state;
    Some(draft.finish(CheckId::Spf, standing, Sentence::new(key)))
}

/// Only those that mean to be SPF are shown.
fn concerns_mail(text: &Text) -> bool {
    text.as_str().as_bytes().windows(3).any(|word| word.eq_ignore_ascii_case(b"spf"))
}

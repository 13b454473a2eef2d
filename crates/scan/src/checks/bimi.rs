//! BIMI: whether a logo is published. Shown, never counted.

use mxray_facts::dns::RecordType;
use mxray_records::bimi;

use super::{Context, Draft, Seen, Standing};
use crate::answers::States;
use crate::report::{Check, CheckId, Sentence};

/// Asks for the default selector's record.
pub(crate) fn check(context: &Context<'_>, _: &mut States) -> Option<Check> {
    let name = context.domain.child("default._bimi");
    let mut draft = Draft::default();
    let answer = context.look.dns(name.clone(), RecordType::Txt)?;
    let (standing, key) = match draft.txt(&name, &answer, bimi::read_set) {
        Seen::Unobserved => (Standing::Unobserved, "check.bimi.unknown"),
        Seen::Absent => {
            // What else stands there is of no interest.
            draft = Draft::default();
            (Standing::NotApplicable, "check.bimi.absent")
        }
        Seen::Unusable => (Standing::Observed, "check.bimi.broken"),
        Seen::Usable(_) => (Standing::Observed, "check.bimi.published"),
    };
    Some(draft.finish(CheckId::Bimi, standing, Sentence::new(key)))
}

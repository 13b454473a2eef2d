//! BIMI: whether a logo is published. Shown, never counted.

use mxray_facts::dns::RecordType;
use mxray_records::bimi;

use super::draft::texts;
use super::{Context, Draft, Standing};
use crate::report::{Check, CheckId, Sentence};

/// Asks for the default selector's record.
pub(crate) fn check(context: &Context<'_>) -> Option<Check> {
    let name = context.domain.child("default._bimi");
    let mut draft = Draft::default();
    let (standing, key) = match context.look.dns(name.clone(), RecordType::Txt)? {
        Err(reason) => {
            draft.unanswered(&name, RecordType::Txt, &reason);
            (Standing::Unobserved, "check.bimi.unknown")
        }
        Ok(answer) => {
            let texts = texts(&answer);
            let set = bimi::read_set(&texts);
            if set.any_ours() {
                draft.record_set(&name, &answer, &texts, &set);
            }
            match (set.value().is_some(), set.any_ours()) {
                (true, _) => (Standing::Observed, "check.bimi.published"),
                (false, true) => (Standing::Observed, "check.bimi.broken"),
                (false, false) => (Standing::NotApplicable, "check.bimi.absent"),
            }
        }
    };
    Some(draft.finish(CheckId::Bimi, standing, Sentence::new(key)))
}

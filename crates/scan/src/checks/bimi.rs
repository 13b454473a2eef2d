//! BIMI: whether a logo is published. Shown, never counted.

use mxray_facts::dns::RecordType;
use mxray_records::bimi;

use super::draft::texts;
use super::{Checked, Context, Draft, Standing};
use crate::Network;
use crate::report::{CheckId, Sentence};

/// Asks for the default selector's record.
pub(crate) async fn check<N: Network>(context: &Context<'_, N>) -> Checked<()> {
    let name = context.domain.child("default._bimi");
    let mut draft = Draft::default();
    let (standing, key) = match context.asker.ask(name.clone(), RecordType::Txt).await {
        Err(reason) => {
            draft.gap(format!("{name} TXT"), reason);
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
    Checked { check: draft.finish(CheckId::Bimi, standing, Sentence::new(key)), state: () }
}

//! TLS-RPT: does the domain hear of deliveries that failed (RFC 8460)?

use mxray_facts::dns::RecordType;
use mxray_records::{Finding, tls_rpt};

use super::draft::texts;
use super::mx::MxSet;
use super::{Context, Draft, Standing};
use crate::report::{Check, CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about the absence of the record.
    mxray_records::rules! { "tls-rpt":
        /// Nobody would hear of a delivery that failed.
        ABSENT = Warning, "absent", "RFC 8460 §3";
    }
}

/// Asks for the record and judges it.
pub(crate) fn check(context: &Context<'_>) -> Option<Check> {
    let name = context.domain.child("_smtp._tls");
    let (answer, mx_set) = (context.look.dns(name.clone(), RecordType::Txt), context.mx_set());
    let (answer, mx_set) = (answer?, mx_set?);
    let mut draft = Draft::default();
    let (standing, key) = match &answer {
        Err(reason) => {
            draft.unanswered(&name, RecordType::Txt, reason);
            (Standing::Unobserved, "check.tls-rpt.unknown")
        }
        Ok(answer) => {
            let texts = texts(answer);
            let set = tls_rpt::read_set(&texts);
            draft.record_set(&name, answer, &texts, &set);
            match (set.value().is_some(), set.any_ours(), mx_set) {
                (true, _, _) => (Standing::Observed, "check.tls-rpt.published"),
                (false, true, _) => (Standing::Observed, "check.tls-rpt.broken"),
                // Where no mail arrives there is nothing to report.
                (false, false, MxSet::Null | MxSet::Nowhere) => {
                    (Standing::NotApplicable, "check.tls-rpt.no-mail")
                }
                (false, false, _) => {
                    draft.find(Finding::new(&rules::ABSENT).with("name", name.as_str()));
                    (Standing::Observed, "check.tls-rpt.absent")
                }
            }
        }
    };
    Some(draft.finish(CheckId::TlsRpt, standing, Sentence::new(key)))
}

//! TLS-RPT: does the domain hear of deliveries that failed (RFC 8460)?

use mxray_facts::dns::RecordType;
use mxray_records::{Finding, tls_rpt};

use super::mx::MxSet;
use super::{Context, Draft, Seen, Standing};
use crate::answers::States;
use crate::report::{Check, CheckId, Sentence};

pub(crate) mod rules {
    //! Rules about the absence of the record.
    mxray_records::rules! { "tls-rpt":
        /// Nobody would hear of a delivery that failed.
        ABSENT = Warning, "absent", "RFC 8460 §3";
    }
}

/// Asks for the record and judges it.
pub(crate) fn check(context: &Context<'_>, _: &mut States) -> Option<Check> {
    let name = context.domain.child("_smtp._tls");
    let (answer, mx_set) = (context.look.dns(name.clone(), RecordType::Txt), context.mx_set());
    let (answer, mx_set) = (answer?, mx_set?);
    let mut draft = Draft::default();
    let (standing, key) = match draft.txt(&name, &answer, tls_rpt::read_set) {
        Seen::Unobserved => (Standing::Unobserved, "check.tls-rpt.unknown"),
        // Where no mail arrives there is nothing to report.
        Seen::Absent if mx_set.takes_no_mail() => {
            (Standing::NotApplicable, "check.tls-rpt.no-mail")
        }
        Seen::Absent => {
            let first = format!("v=TLSRPTv1; rua=mailto:tls-reports@{}", context.domain);
            draft.find(Finding::new(&rules::ABSENT).with("name", name.as_str()).fixed(first));
            let standing = match mx_set {
                // There may be nothing to report.
                MxSet::Unobserved(_) => Standing::Unobserved,
                _ => Standing::Observed,
            };
            (standing, "check.tls-rpt.absent")
        }
        Seen::Unusable => (Standing::Observed, "check.tls-rpt.broken"),
        Seen::Usable(_) => (Standing::Observed, "check.tls-rpt.published"),
    };
    Some(draft.finish(CheckId::TlsRpt, standing, Sentence::new(key)))
}

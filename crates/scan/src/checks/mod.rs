//! One module a check: its questions, its rules about several answers, its state.

pub(crate) mod bimi;
pub(crate) mod certificate;
pub(crate) mod dane;
pub(crate) mod dkim;
pub(crate) mod dmarc;
mod draft;
pub(crate) mod mail_servers;
pub(crate) mod mta_sts;
pub(crate) mod mx;
pub(crate) mod spf;
pub(crate) mod tls_rpt;

use std::cell::OnceCell;

use mxray_facts::{Domain, Timestamp};
use mxray_records::Rule;

pub use dkim::SELECTORS;
pub(crate) use draft::{Draft, Seen, Standing, texts};

use crate::answers::States;
use crate::look::Look;
use crate::report::{Check, CheckId};

/// How a check is made: of what has come, telling the answers what they need to know; `None` as long as it lacks something.
type Make = fn(&Context<'_>, &mut States) -> Option<Check>;

/// Every check, in the order in which questions are granted when there are too many.
pub(crate) const CHECKS: [(CheckId, Make); 9] = [
    (CheckId::MtaSts, mta_sts::check),
    (CheckId::Mx, mx::check),
    (CheckId::Dmarc, dmarc::check),
    (CheckId::Spf, spf::check),
    (CheckId::Dane, dane::check),
    (CheckId::TlsRpt, tls_rpt::check),
    (CheckId::Dkim, dkim::check),
    (CheckId::Bimi, bimi::check),
    (CheckId::MailServers, mail_servers::check),
];

/// What every check starts from.
pub(crate) struct Context<'a> {
    pub(crate) look: Look,
    pub(crate) domain: &'a Domain,
    pub(crate) now: Timestamp,
    mx_set: OnceCell<mx::MxSet>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(domain: &'a Domain, now: Timestamp) -> Self {
        Self { look: Look::new(), domain, now, mx_set: OnceCell::new() }
    }

    /// The same where much has been seen before.
    pub(crate) fn after(
        domain: &'a Domain,
        now: Timestamp,
        seen: impl IntoIterator<Item = crate::look::Seen>,
    ) -> Self {
        Self { look: Look::having(seen), domain, now, mx_set: OnceCell::new() }
    }

    /// The MX set, once it can be known.
    pub(crate) fn mx_set(&self) -> Option<&mx::MxSet> {
        if let Some(set) = self.mx_set.get() {
            return Some(set);
        }
        let set = mx::look_up(self)?;
        Some(self.mx_set.get_or_init(|| set))
    }
}

/// Every rule that these checks raise.
pub(crate) fn catalog() -> impl Iterator<Item = &'static Rule> {
    [
        mta_sts::rules::RULES,
        mail_servers::rules::RULES,
        tls_rpt::rules::RULES,
        dane::rules::RULES,
        mx::rules::RULES,
        spf::rules::RULES,
        dkim::rules::RULES,
        dmarc::rules::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Whether a rule means that mail may be refused.
pub(crate) fn is_alarm(rule: &Rule) -> bool {
    [
        &mxray_records::mta_sts::policy::rules::MX_NOT_COVERED,
        &mail_servers::rules::REFUSED_BY_POLICY,
        &dane::rules::MISMATCH,
        &mx::rules::BOGUS,
    ]
    .contains(&rule)
        || *rule == mxray_records::spf::rules::SEVERAL_RECORDS
}

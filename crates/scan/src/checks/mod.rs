//! One module a check: its questions, its rules about several answers, its state.

pub(crate) mod bimi;
mod certificate;
pub(crate) mod dane;
pub(crate) mod dkim;
pub(crate) mod dmarc;
mod draft;
pub(crate) mod mail_servers;
pub(crate) mod mta_sts;
pub(crate) mod mx;
pub(crate) mod spf;
pub(crate) mod tls_rpt;

use futures_util::future::{LocalBoxFuture, Shared};
use mxray_facts::{Domain, Timestamp};
use mxray_records::Rule;

pub use dkim::SELECTORS;
pub(crate) use draft::{Draft, Standing};

use crate::asker::Asker;
use crate::report::Check;

/// What every check starts from.
pub(crate) struct Context<'a, N> {
    pub(crate) network: &'a N,
    pub(crate) asker: Asker<'a, N>,
    pub(crate) domain: &'a Domain,
    pub(crate) now: Timestamp,
}

/// A complete check, and what the two answers need to know of it.
pub(crate) struct Checked<S> {
    pub(crate) check: Check,
    pub(crate) state: S,
}

/// Something that several checks wait for.
pub(crate) type Awaited<'a, T> = Shared<LocalBoxFuture<'a, std::rc::Rc<T>>>;

/// Every rule about several answers; those about one record are in `mxray_records::catalog`.
pub fn catalog() -> impl Iterator<Item = &'static Rule> {
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
    ]
    .contains(&rule)
        || *rule == mxray_records::spf::rules::SEVERAL_RECORDS
}

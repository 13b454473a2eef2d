//! Of every rule: what raises it, and what nearly does. The fuzzer sows these, too.

mod hosts;
mod mta_sts;
mod names;
mod tls_rpt;

/// What a rule is shown with.
pub(crate) enum Example {
    /// The records at one name.
    Records(Vec<String>),
    Policy(String),
    /// A policy and the MX hosts of its domain.
    Covering(String, Vec<&'static str>),
    /// A policy's Content-Type.
    ServedAs(Option<&'static str>),
}

/// A rule's code, what raises it, and what nearly does.
pub(crate) type Row = (&'static str, Example, Example);

pub(crate) fn rows() -> impl Iterator<Item = Row> {
    [
        mta_sts::record(),
        mta_sts::policy(),
        tls_rpt::record(),
        names::spf(),
        names::dkim(),
        names::dmarc(),
        names::bimi(),
        hosts::tlsa(),
        hosts::mx(),
        hosts::caa(),
    ]
    .into_iter()
    .flatten()
}

/// One record.
fn one(text: &str) -> Example {
    Example::Records(vec![text.to_owned()])
}

/// Several records at a name.
fn several(texts: &[&str]) -> Example {
    Example::Records(texts.iter().map(|text| (*text).to_owned()).collect())
}

//! Why something could not be looked at, in words.

use mxray_facts::Unobserved;
use mxray_records::texts::{Texts, fill};

use crate::harmless::harmless;

/// The sentence for a reason.
pub(super) fn reason(texts: &Texts, reason: &Unobserved) -> String {
    let (key, params) = match reason {
        Unobserved::NoProxy => ("unobserved.no-proxy", vec![]),
        Unobserved::BrowserMayNotRead => ("unobserved.browser-may-not-read", vec![]),
        Unobserved::TimedOut => ("unobserved.timed-out", vec![]),
        Unobserved::TurnedAway(reply) => {
            let text = reply.lines.first().cloned().unwrap_or_default();
            ("unobserved.turned-away", vec![("code", reply.code.to_string()), ("text", text)])
        }
        Unobserved::PortClosedHere => ("unobserved.port-closed-here", vec![]),
        Unobserved::AddressNotAllowed => ("unobserved.address-not-allowed", vec![]),
        Unobserved::RateLimited => ("unobserved.rate-limited", vec![]),
        Unobserved::QuestionLimit => ("unobserved.question-limit", vec![]),
        Unobserved::ResolverFailed => ("unobserved.resolver-failed", vec![]),
        Unobserved::Resolution(resolution) if resolution.bogus => ("unobserved.bogus", vec![]),
        Unobserved::Resolution(resolution) => {
            ("unobserved.resolution", vec![("rcode", resolution.rcode.to_string())])
        }
        Unobserved::NotCovered => ("unobserved.not-covered", vec![]),
        Unobserved::DependsOnUnobserved => ("unobserved.depends-on-unobserved", vec![]),
    };
    harmless(&fill(texts.word(key), &params)).into_owned()
}

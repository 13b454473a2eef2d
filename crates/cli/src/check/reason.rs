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

#[cfg(test)]
mod tests {
    use mxray_facts::{Reply, Resolution, Unobserved};

    use super::reason;

    fn resolution(bogus: bool) -> Unobserved {
        Unobserved::Resolution(Resolution { rcode: 2, bogus, extended_errors: Vec::new() })
    }

    #[test]
    fn every_reason_has_a_sentence() {
        let reply =
            Reply { code: 554, lines: vec!["Go\u{202e} away".to_owned(), "now".to_owned()] };
        let texts = crate::texts::english().unwrap();
        for (unobserved, expected) in [
            (Unobserved::NoProxy, "only a proxy"),
            (Unobserved::BrowserMayNotRead, "a browser may not"),
            (Unobserved::TimedOut, "no answer in time"),
            (Unobserved::TurnedAway(reply), "turned away with 554 Go\\u{202e} away"),
            (Unobserved::PortClosedHere, "port 25"),
            (Unobserved::AddressNotAllowed, "private or reserved"),
            (Unobserved::RateLimited, "come back later"),
            (Unobserved::QuestionLimit, "not asked"),
            (Unobserved::ResolverFailed, "the resolver cannot"),
            (resolution(false), "the resolver has no answer (response code 2)"),
            (resolution(true), "signatures do not verify"),
            (Unobserved::NotCovered, "not part of"),
            (Unobserved::DependsOnUnobserved, "depends on"),
        ] {
            let sentence = reason(&texts, &unobserved);
            assert!(sentence.contains(expected), "{unobserved:?}: {sentence}");
        }
    }
}

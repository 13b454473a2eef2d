//! What holds for every text, sound or not.

// Generated texts need a source of chance, which WASM alone has not.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use mxray_records::lint::{Kind, lint};
use mxray_records::mta_sts::pattern::Pattern;
use mxray_records::mta_sts::{policy, record};
use mxray_records::{
    Finding, Parsed, Severity, Text, bimi, caa, dkim, dmarc, mx, spf, tls_rpt, tlsa,
};
use proptest::prelude::*;

const SOUND: [&str; 14] = [
    "v=STSv1; id=20160831085700Z; a.b=c;",
    "v=TLSRPTv1; rua=mailto:tls@b.example, https://c.example/d?e=f; g=h",
    "version: STSv1\nmode: enforce\nmx: mail.example\nmx: *.b.example\nmax_age: 604800\nother: a b\n",
    "version: STSv1\r\nmode: testing\r\nmx: a.example\r\nmax_age: 86400",
    "---\nlayout: none\n---\nversion: STSv1\nmode: none\nmax_age: 1\n",
    "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a:b.example/24//64 mx include:c.example ?exists:%{i}.d.example ~all exp=e",
    "v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:a@b.example!10m,mailto:c@d.example; fo=1:d:s; t=y; psd=n; adkim=s",
    "v=DKIM1; k=ed25519; h=sha256; s=email:tlsrpt; t=s; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "v=BIMI1; l=https://b.example/logo.svg; a=https://b.example/logo.pem; lps=a-b,c; avp=personal",
    "v=DKIM1; p=",
    "3 1 1 8d02536c887482bc34ff54e41d2ba659 bf85b341a0a20afadb5813dcfbcf286d",
    "10 Mail.b.example.c.example.",
    "0 .",
    "128 issue \"ca.example; account=1\"",
];

/// What people put into a text by mistake.
const SLIPS: [&str; 20] = [
    "", " ", "\t", "\n", "\r", ";", ":", "=", ",", "\"", "“", "\u{feff}", "\u{a0}", "é", "#", "*",
    ".", "%", "!", "x",
];

/// A sound text with some characters taken out, and slips put in their place.
fn slipped() -> impl Strategy<Value = String> {
    let slip = (any::<prop::sample::Index>(), 0..3_usize, prop::sample::select(&SLIPS[..]));
    (prop::sample::select(&SOUND[..]), prop::collection::vec(slip, 0..6)).prop_map(
        |(sound, slips)| {
            let mut text: Vec<char> = sound.chars().collect();
            for (index, taken, put) in slips {
                let start = index.index(text.len() + 1);
                let end = (start + taken).min(text.len());
                text.splice(start..end, put.chars());
            }
            text.into_iter().collect()
        },
    )
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![slipped(), slipped(), slipped(), any::<String>(), "[ -~\r\n\t]{0,80}"]
}

/// Everything that any parser says of a text.
fn all_findings(text: &str) -> Vec<Finding> {
    let text = Text::from(text);
    let set = [text.clone(), Text::from("v=spf1 -all")];
    let linted = Kind::ALL.into_iter().flat_map(|kind| {
        lint(kind, &set[..1], &["mail.example".into()], Some("text/plain")).findings
    });
    linted
        .chain(
            record::read_set(&set)
                .findings
                .into_iter()
                .filter(|finding| finding.place.is_none_or(|place| place.record == 0)),
        )
        .collect()
}

/// Whether a value's canonical text says the same, and nothing else is wrong with it.
fn comes_back<T: PartialEq + std::fmt::Debug + ToString>(
    parsed: Parsed<T>,
    parse: impl Fn(&Text) -> Parsed<T>,
) {
    let Some(value) = parsed.value.filter(|_| parsed.usable) else { return };
    let written = value.to_string();
    let again = parse(&Text::from(written.as_str()));
    assert!(again.usable, "{written:?} {:?}", again.findings);
    assert_eq!(again.value.unwrap(), value, "{written:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn findings_lie_within_the_text_and_underline_something(text in texts()) {
        for finding in all_findings(&text) {
            let Some(place) = finding.place else { continue };
            let found = text.get(place.span.start..place.span.end);
            let empty = text.is_empty() || text == "\u{feff}";
            prop_assert!(found.is_some_and(|found| empty || !found.is_empty()), "{finding:?}");
        }
    }

    #[test]
    fn a_fix_is_usable_and_cures_what_it_is_offered_for(text in texts()) {
        for kind in Kind::ALL {
            for finding in lint(kind, &[Text::from(text.as_str())], &[], None).findings {
                let Some(fix) = finding.fix else { continue };
                let fixed = lint(kind, &[Text::from(fix.as_str())], &[], None);
                prop_assert!(fixed.usable, "{fix:?}");
                prop_assert!(fixed.findings.iter().all(|left| left.rule.severity != Severity::Fail && left.rule != finding.rule), "{fix:?}");
            }
        }
    }

    #[test]
    fn what_is_usable_comes_back_from_its_canonical_text(text in texts()) {
        let text = Text::from(text.as_str());
        comes_back(record::parse(&text), record::parse);
        comes_back(tls_rpt::parse(&text), tls_rpt::parse);
        comes_back(dmarc::parse(&text), dmarc::parse);
        comes_back(dkim::parse(&text), dkim::parse);
        comes_back(bimi::parse(&text), bimi::parse);
        comes_back(tlsa::parse(&text), tlsa::parse);
        comes_back(mx::parse(&text), mx::parse);
        comes_back(caa::parse(&text), caa::parse);
        let policy = policy::parse(text.as_str());
        if let Some(policy) = policy.value.filter(|_| policy.usable) {
            let again = policy::parse(&policy.to_string());
            prop_assert!(again.usable);
            let again = again.value.unwrap();
            prop_assert_eq!((again.mode, again.max_age, again.mx), (policy.mode, policy.max_age, policy.mx));
        }
        if let Some(record) = spf::parse(&text).value {
            let kinds = |record: &spf::Record| record.terms.iter().map(|term| term.kind.clone()).collect::<Vec<_>>();
            let again = spf::parse(&Text::from(record.to_string().as_str()));
            prop_assert_eq!(kinds(&again.value.unwrap()), kinds(&record));
        }
    }

    #[test]
    fn a_text_is_usable_exactly_if_nothing_fails(text in texts()) {
        for kind in Kind::ALL {
            let linted = lint(kind, &[Text::from(text.as_str())], &[], None);
            // Receivers use a record that lets everybody send.
            let fails = linted.findings.iter().any(|finding| finding.rule.severity == Severity::Fail && *finding.rule != spf::rules::ALL_PASSES);
            prop_assert_eq!(linted.usable, !fails, "{} {:?}", kind, linted.findings);
        }
    }

    #[test]
    fn a_pattern_matches_itself_or_one_label_more(pattern in "(\\*\\.)?[a-z0-9]{1,5}(\\.[a-z0-9]{1,5}){1,3}", label in "[A-Za-z0-9]{1,5}") {
        if let Ok(read) = Pattern::parse(&pattern) {
            let host = pattern.replace('*', &label).to_uppercase();
            let (dotted, longer) = (format!("{host}."), format!("{label}.{host}"));
            prop_assert!(read.matches(&host) && read.matches(&dotted));
            prop_assert!(!read.matches(&longer));
            prop_assert_eq!(Pattern::parse(&read.to_string()), Ok(read));
        }
    }
}

//! What holds for every text, sound or not.

// Generated texts need a source of chance, which WASM alone has not.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod laws;
mod samples;
mod slips;

use laws::Reader;
use mxray_records::lint::{Kind, lint};
use mxray_records::mta_sts::pattern::Pattern;
use proptest::prelude::*;
use samples::{SLIPS, SOUND};

fn slipped() -> impl Strategy<Value = String> {
    slips::slipped(SOUND.to_vec(), 6)
}

/// A text, or several between separators.
fn texts() -> impl Strategy<Value = String> {
    let text = prop_oneof![slipped(), slipped(), slipped(), any::<String>(), "[ -~\r\n\t]{0,80}"];
    let separator = prop::sample::select(&[laws::RECORD_SEPARATOR, laws::STRING_SEPARATOR][..]);
    let more = (separator, slipped()).prop_map(|(separator, text)| format!("{separator}{text}"));
    (text, prop::option::weighted(0.1, more))
        .prop_map(|(text, more)| text + &more.unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn findings_lie_within_the_texts_and_underline_something(text in texts()) {
        Kind::ALL.iter().for_each(|kind| laws::findings_lie_within_the_texts(*kind, &text));
    }

    #[test]
    fn a_fix_is_usable_and_cures_what_it_is_offered_for(text in texts()) {
        Kind::ALL.iter().for_each(|kind| laws::a_fix_cures_what_it_is_offered_for(*kind, &text));
    }

    #[test]
    fn a_fix_leaves_nothing_to_mend(text in texts()) {
        Kind::ALL.iter().for_each(|kind| laws::a_fix_leaves_nothing_to_mend(*kind, &text));
    }

    #[test]
    fn a_text_is_usable_exactly_if_nothing_fails(text in texts()) {
        Kind::ALL.iter().for_each(|kind| laws::a_text_is_usable_unless_something_fails(*kind, &text));
    }

    #[test]
    fn what_is_usable_comes_back_from_its_canonical_text(text in texts()) {
        Kind::ALL.iter().for_each(|kind| laws::canonical_text_says_the_same(*kind, &text));
    }

    #[test]
    fn white_space_changes_nothing_in_what_is_found(text in texts()) {
        Kind::ALL.iter().for_each(|kind| laws::white_space_changes_nothing(*kind, &text));
    }

    #[test]
    fn an_spf_record_is_read_to_the_last_sign_or_refused(text in texts()) {
        laws::a_record_is_evaluated_or_refused(&text);
    }

    #[test]
    fn macros_expand_one_by_one(text in prop_oneof!["([ -~]|%[{%_-]|%\\{[slodipvhcrtSLODIPVHCRT][0-9]{0,3}r?[.+,/_=-]{0,2}\\}){0,20}", texts()]) {
        laws::macros_expand_one_by_one(&text);
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

/// Records in which nothing is to be found but what each of its kind has.
const GOOD: [(Kind, &str); 11] = [
    (Kind::MtaStsRecord, "v=STSv1; id=20160831085700Z;"),
    (Kind::TlsRptRecord, "v=TLSRPTv1; rua=mailto:tls@b.example,https://c.example/d"),
    (
        Kind::MtaStsPolicy,
        "version: STSv1\nmode: enforce\nmx: mail.example\nmx: *.b.example\nmax_age: 604800\n",
    ),
    (Kind::SpfRecord, "v=spf1 ip4:192.0.2.0/24 mx include:c.example ~all"),
    (Kind::SpfRecord, "v=spf1 redirect=_spf.c.example"),
    (Kind::DmarcRecord, "v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@b.example; aspf=s"),
    (Kind::DkimKey, "v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    (Kind::BimiRecord, "v=BIMI1; l=https://b.example/logo.svg; a=https://b.example/logo.pem"),
    (Kind::TlsaRecord, "3 1 1 8d02536c887482bc34ff54e41d2ba659bf85b341a0a20afadb5813dcfbcf286d"),
    (Kind::MxSet, "10 mail.b.example"),
    (Kind::CaaRecord, "0 issue \"ca.example\""),
];

/// A text with one slip in it, in each way and at each place.
fn slips(text: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = text.chars().collect();
    let whole = [format!("\"{text}\""), format!("“{text}”"), text.replace(' ', "\u{a0}")];
    let at = move |at: usize| {
        let (before, after) = letters.split_at(at);
        let put = |middle: &[char], after: &[char]| -> String {
            before.iter().chain(middle).chain(after).collect()
        };
        let (letter, rest) = (after[0], &after[1..]);
        let swapped = rest.first().map(|next| put(&[*next, letter], &rest[1..]));
        let others = [
            put(&[], rest),
            put(&[letter, letter], rest),
            put(&['”'], after),
            put(&['\u{a0}'], after),
        ];
        others.into_iter().chain(swapped).collect::<Vec<_>>()
    };
    whole.into_iter().chain((0..text.chars().count()).flat_map(at))
}

/// What is made of single slips: how many there are, how many are found, how often a text is offered, and how
/// often it is the one that was slipped in.
#[test]
fn a_single_slip_is_mended_or_left_alone() {
    let mut counts = [0; 4];
    for (kind, good) in GOOD {
        let codes = |text: &str| -> Vec<_> {
            let findings = lint(kind, &[text.into()], &[], None).findings.into_iter();
            findings.map(|finding| (finding.rule.code, finding.fix)).collect()
        };
        let (sound, mut of_kind) = (codes(good), [0; 4]);
        for slipped in slips(good).filter(|slipped| slipped != good) {
            laws::findings_lie_within_the_texts(kind, &slipped);
            laws::a_fix_cures_what_it_is_offered_for(kind, &slipped);
            laws::a_fix_leaves_nothing_to_mend(kind, &slipped);
            let found = codes(&slipped);
            let offered = found.iter().find_map(|(_, fix)| fix.as_deref());
            let reached = [true, found != sound, offered.is_some(), offered == Some(good)];
            for (count, reached) in of_kind.iter_mut().zip(reached) {
                *count += usize::from(reached);
            }
        }
        eprintln!("{kind}: slips, found, mended, restored: {of_kind:?}");
        counts.iter_mut().zip(of_kind).for_each(|(all, of_kind)| *all += of_kind);
    }
    let [_, found, mended, restored] = counts;
    eprintln!("all: {counts:?}");
    assert!(mended * 10 > found * 7 && restored * 20 > mended * 19, "{counts:?}");
}

/// As much of it as a TXT record can hold (RFC 1035 §3.2.1: RDLENGTH has 16 bits).
#[test]
fn however_often_a_mistake_is_made_the_text_is_read() {
    let usable = |kind: Kind, text: &str| lint(kind, &[text.into()], &[], None).usable;
    let fields = ["a=b ", "a=b;", "a: b\n", "mx: a.example\n", "a:b ", "a,", "%{d}", "\\"];
    for kind in Kind::ALL {
        for sound in SOUND.into_iter().filter(|sound| usable(kind, sound)) {
            for slip in SLIPS.into_iter().chain(fields).filter(|slip| !slip.is_empty()) {
                let text = sound.to_owned() + &slip.repeat(65_535 / slip.len());
                laws::findings_lie_within_the_texts(kind, &text);
            }
        }
    }
}

/// What the fuzzer found, each by its reader and as short as it could be made.
const FOUND: [(&str, &str); 8] = [
    ("caa-record", "0 iodef \u{15}a@b.example\""),
    ("caa-record", "0 i\u{7f}def \"a@b.example"),
    ("dkim-key", ";p= account\u{1e}k=\u{12}a"),
    ("mx-set", "1 <15 >"),
    ("mx-set", "d.m.a.m.a 0"),
    ("caa-record", "2 iod < >"),
    ("caa-record", "0 iodef \"a@b\u{e}ef \"a@b\u{e}exampexample\""),
    (
        "mta-sts-policy",
        "version: STSv1\nmode: tes64ng\nmx: mail.example\nmax_age: 604800\n\u{1e}text/plain\u{1e}a.mail.example",
    ),
];

#[test]
fn what_once_broke_a_law_breaks_none() {
    for (name, text) in FOUND {
        let reader = Reader::all().find(|reader| reader.name() == name).unwrap();
        reader.hold(text);
    }
}

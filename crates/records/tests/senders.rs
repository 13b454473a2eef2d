//! How senders read a policy: each cell of what is known of them, and what holds for all of them.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    //! What holds for every policy.

    #[path = "../properties/samples.rs"]
    mod samples;
    #[path = "../properties/slips.rs"]
    mod slips;

    use mxray_records::mta_sts::policy;
    use proptest::prelude::*;

    use super::{SENDERS, standard};
    use samples::SOUND;
    use slips::slipped;

    const POLICIES: [&str; 4] = [
        "version: STSv1\nmode: enforce\nmx: mail.example\nmx: *.b.example\nmax_age: 604800\n",
        "version: STSv1\r\nmode: testing\r\nmx: A.example\r\nmax_age: 86400",
        "version: STSv1\nmode: none\nmax_age: 60\n",
        "version:STSv1 \nmode:\tenforce\nmx: a.example\t\nmax_age: 0604800\na-b.c: d e\n",
    ];

    /// A sound policy, or one with slips in it.
    fn policies() -> impl Strategy<Value = String> {
        slipped([&POLICIES[..], &POLICIES, &SOUND].concat(), 3)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_read_a_policy_without_findings_alike(policy in policies()) {
            let parsed = policy::parse(&policy);
            let value = parsed.value.filter(|_| parsed.findings.is_empty());
            for (sender, value) in SENDERS.iter().zip(value.iter().cycle()) {
                let taken = sender.read(&policy, Some("text/plain; charset=utf-8")).taken;
                let Some(taken) = taken else { panic!("{} refuses {policy:?}", sender.name) };
                prop_assert_eq!((taken.mode, taken.max_age), (value.mode, value.max_age));
                let patterns: Vec<String> = value.mx.iter().map(ToString::to_string).collect();
                prop_assert_eq!(taken.mx, patterns, "{}", sender.name);
            }
        }

        /// The standard as data, and the standard as the parser knows it.
        #[test]
        fn the_standard_takes_what_the_parser_calls_usable(policy in policies()) {
            let usable = policy::parse(&policy).usable;
            let reading = standard().read(&policy, None);
            prop_assert_eq!(reading.taken.is_some(), usable, "{:?}: {:?}", policy, reading.notes);
        }

        #[test]
        fn a_refusal_has_a_reason_within_the_text(policy in policies()) {
            for sender in &*SENDERS {
                let reading = sender.read(&policy, None);
                prop_assert!(reading.taken.is_some() || !reading.notes.is_empty());
                for span in reading.notes.iter().filter_map(|note| note.span) {
                    prop_assert!(policy.get(std::ops::Range::from(span)).is_some(), "{:?}", span);
                }
            }
        }
    }
}

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mxray_records::mta_sts::senders::Sender;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

static SENDERS: LazyLock<Vec<Sender>> = LazyLock::new(|| {
    let text = include_str!("../data/senders.toml");
    let mut file: BTreeMap<String, Vec<Sender>> = toml::from_str(text).unwrap();
    file.remove("sender").unwrap()
});

/// RFC 8461 itself, which stands first.
fn standard() -> &'static Sender {
    &SENDERS[0]
}

/// What each sender makes of a policy: its mode, `-` if it is refused.
fn modes(policy: &str, content_type: Option<&str>) -> Vec<&'static str> {
    let mode = |sender: &Sender| match sender.read(policy, content_type).taken {
        Some(taken) => taken.mode.as_str(),
        None => "-",
    };
    SENDERS.iter().map(mode).collect()
}

const SOUND: &str = "version: STSv1\nmode: enforce\nmx: mail.example\nmax_age: 604800\n";

#[test]
fn the_senders_are_in_this_order() {
    let names: Vec<_> = SENDERS.iter().map(|sender| &*sender.name).collect();
    let expected = [
        "RFC 8461",
        "mox",
        "postfix-tlspol",
        "postfix-mta-sts-resolver",
        "mailauth",
        "mailauth",
        "maddy (go-mtasts)",
        "KumoMTA",
    ];
    assert_eq!(names, expected);
}

#[test]
fn each_sender_takes_or_refuses_a_policy_as_its_code_does() {
    let with = |from: &str, to: &str| SOUND.replace(from, to);
    for (reason, policy, expected) in [
        ("a sound one", SOUND.to_owned(), ["enforce"; 8]),
        ("CRLF", with("\n", "\r\n"), ["enforce"; 8]),
        ("no line end at the end", SOUND.trim_end().to_owned(), ["enforce"; 8]),
        ("spaces around values", with("enforce", " enforce\t"), ["enforce"; 8]),
        (
            "a blank line at the end",
            with("604800\n", "604800\n\n"),
            ["-", "-", "-", "enforce", "enforce", "enforce", "-", "enforce"],
        ),
        (
            "a blank line within",
            with("mode", "\nmode"),
            ["-", "-", "-", "enforce", "enforce", "enforce", "-", "enforce"],
        ),
        (
            "a space before the colon",
            with("mode:", "mode :"),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "enforce"],
        ),
        (
            "a line begins with a space",
            with("mode", " mode"),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "enforce"],
        ),
        (
            "a line of an extension does",
            SOUND.to_owned() + " a: b\n",
            ["-", "-", "-", "enforce", "enforce", "enforce", "enforce", "enforce"],
        ),
        (
            "a byte order mark",
            "\u{feff}".to_owned() + SOUND,
            ["-", "-", "-", "-", "enforce", "enforce", "-", "enforce"],
        ),
        (
            "two modes",
            SOUND.to_owned() + "mode: testing\n",
            ["enforce", "enforce", "enforce", "testing", "testing", "enforce", "testing", "-"],
        ),
        (
            "two modes, the second of them none of those",
            SOUND.to_owned() + "mode: on\n",
            ["enforce", "-", "enforce", "-", "-", "enforce", "-", "-"],
        ),
        (
            "two versions",
            SOUND.to_owned() + "version: STSv2\n",
            ["enforce", "-", "enforce", "-", "-", "enforce", "-", "-"],
        ),
        (
            "a capital",
            with("enforce", "Enforce"),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "-"],
        ),
        ("an unknown mode", with("enforce", "enforced"), ["-"; 8]),
        (
            "a key in capitals",
            with("mode", "MODE"),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "-"],
        ),
        ("no mode", with("mode: enforce\n", ""), ["-", "-", "-", "-", "none", "-", "-", "-"]),
        ("no version", with("version: STSv1\n", ""), ["-"; 8]),
        ("another version", with("STSv1", "STSv2"), ["-"; 8]),
        ("the version last", with("version: STSv1\n", "") + "version: STSv1", ["enforce"; 8]),
        ("no lifetime", with("max_age: 604800\n", ""), ["-"; 8]),
        (
            "an empty lifetime",
            with(" 604800", ""),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "-"],
        ),
        (
            "a year and a second",
            with("604800", "31557601"),
            ["-", "enforce", "enforce", "-", "-", "-", "enforce", "enforce"],
        ),
        (
            "beyond 31 bits",
            with("604800", "2147483648"),
            ["-", "-", "enforce", "-", "-", "-", "enforce", "enforce"],
        ),
        (
            "eleven digits",
            with("604800", "00000604800"),
            ["-", "-", "-", "enforce", "enforce", "enforce", "enforce", "enforce"],
        ),
        ("a comma in the lifetime", with("604800", "604,800"), ["-"; 8]),
        (
            "as Python writes numbers",
            with("604800", "604_800"),
            ["-", "-", "-", "enforce", "-", "-", "-", "-"],
        ),
        (
            "as JavaScript does",
            with("604800", "6.048e5"),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "-"],
        ),
        (
            "in another radix",
            with("604800", "0x93A80"),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "-"],
        ),
        (
            "a no-break space before a key",
            with("mode", "\u{a0}mode"),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "enforce"],
        ),
        (
            "a byte order mark within",
            with("enforce", "\u{feff}enforce"),
            ["-", "-", "-", "-", "enforce", "enforce", "-", "-"],
        ),
        ("less than nothing", with("604800", "-1"), ["-", "-", "-", "-", "-", "-", "enforce", "-"]),
        (
            "a plus sign",
            with("604800", "+604800"),
            ["-", "-", "-", "enforce", "enforce", "enforce", "enforce", "enforce"],
        ),
        (
            "spaces on a line",
            with("mode", " \nmode"),
            ["-", "-", "-", "enforce", "enforce", "enforce", "-", "-"],
        ),
        (
            "a colon in a value",
            SOUND.to_owned() + "a: b:c\n",
            ["enforce", "enforce", "enforce", "enforce", "enforce", "enforce", "-", "enforce"],
        ),
        (
            "no pattern, in testing mode",
            with("mx: mail.example\n", "").replace("enforce", "testing"),
            ["-"; 8],
        ),
        (
            "no pattern, in mode none",
            with("mx: mail.example\n", "").replace("enforce", "none"),
            ["none"; 8],
        ),
        (
            "an address",
            with("mail.example", "192.0.2.1"),
            ["-", "-", "-", "enforce", "enforce", "enforce", "enforce", "enforce"],
        ),
        (
            "a final dot",
            with("mail.example", "mail.example."),
            ["-", "-", "enforce", "enforce", "enforce", "enforce", "enforce", "enforce"],
        ),
        (
            "an underscore",
            with("mail.example", "mail_1.example"),
            ["-", "-", "-", "enforce", "enforce", "enforce", "enforce", "enforce"],
        ),
        (
            "a comment",
            "# ours\n".to_owned() + SOUND,
            ["-", "-", "-", "enforce", "enforce", "enforce", "-", "-"],
        ),
        ("an equals sign", with("mode:", "mode="), ["-", "-", "-", "-", "none", "-", "-", "-"]),
        ("an unknown key", SOUND.to_owned() + "a: b\n", ["enforce"; 8]),
        (
            "an unknown key without a value",
            SOUND.to_owned() + "a:\n",
            ["-", "-", "-", "enforce", "enforce", "enforce", "enforce", "enforce"],
        ),
        ("lone carriage returns", with("\n", "\r"), ["-", "-", "-", "enforce", "-", "-", "-", "-"]),
        (
            "a no-break space",
            with(": enforce", ":\u{a0}enforce"),
            ["-", "-", "-", "enforce", "enforce", "enforce", "enforce", "enforce"],
        ),
        (
            "over 64 KiB",
            SOUND.to_owned() + &"a: b\n".repeat(13_100),
            ["-", "-", "-", "-", "enforce", "-", "enforce", "enforce"],
        ),
    ] {
        assert_eq!(modes(&policy, None), expected, "{reason}");
    }
}

#[test]
fn some_look_at_what_a_policy_is_served_with() {
    let international = SOUND.to_owned() + "a: \u{e9}\n";
    for (reason, policy, content_type, expected) in [
        ("plain", SOUND, "text/plain", ["enforce"; 8]),
        (
            "in capitals, with a charset",
            SOUND,
            "Text/Plain; charset=utf-8",
            ["enforce", "enforce", "enforce", "enforce", "enforce", "enforce", "enforce", "-"],
        ),
        (
            "a web page",
            SOUND,
            "text/html",
            ["enforce", "enforce", "-", "-", "enforce", "enforce", "-", "-"],
        ),
        ("nothing", SOUND, "", ["enforce", "enforce", "-", "-", "enforce", "enforce", "-", "-"]),
        (
            "letters beyond ASCII",
            &international,
            "text/plain",
            ["enforce", "enforce", "enforce", "-", "enforce", "enforce", "enforce", "enforce"],
        ),
        (
            "letters beyond ASCII and a charset",
            &international,
            "text/plain; charset=utf-8",
            ["enforce"; 8],
        ),
    ] {
        assert_eq!(modes(policy, Some(content_type)), expected, "{reason}");
    }
}

#[test]
fn a_lifetime_above_a_year_is_taken_or_cut() {
    let policy = SOUND.replace("604800", "31557601");
    let lifetimes: Vec<_> = SENDERS
        .iter()
        .map(|sender| sender.read(&policy, None).taken.map(|taken| taken.max_age))
        .collect();
    assert_eq!(
        lifetimes,
        [
            None,
            Some(31_557_601),
            Some(31_557_600),
            None,
            None,
            None,
            Some(31_557_601),
            Some(31_557_601)
        ]
    );
}

#[test]
fn a_wildcard_is_one_label_or_more() {
    for (reason, pattern, host, expected) in [
        ("the name", "a.example", "A.example.", [true; 8]),
        ("another name", "a.example", "b.a.example", [false; 8]),
        ("one label", "*.example", "a.example", [true; 8]),
        ("two", "*.example", "b.a.example", [false, false, true, true, true, false, false, false]),
        (
            "a final dot",
            "a.example.",
            "a.example",
            [false, false, false, false, false, true, true, false],
        ),
        ("none", "*.example", "example", [false; 8]),
        ("a part of a label", "*.example", "an-example", [false; 8]),
    ] {
        let covers: Vec<_> = SENDERS.iter().map(|sender| sender.covers(pattern, host)).collect();
        assert_eq!(covers, expected, "{reason}");
    }
}

#[test]
fn a_reading_is_explained_by_what_the_sender_does_otherwise() {
    let policy = SOUND.replace("mode: enforce", "mode: Enforce\n\n\nmode: none");
    for (name, expected) in [
        ("RFC 8461", vec![("blank-line", "whole-policy", "\n")]),
        (
            "postfix-mta-sts-resolver",
            vec![("blank-line", "ignored", "\n"), ("repeated-key", "last", "mode: none")],
        ),
        ("mailauth", vec![("blank-line", "ignored", "\n"), ("repeated-key", "last", "mode: none")]),
    ] {
        let sender = SENDERS.iter().find(|sender| sender.name == name).unwrap();
        let reading = sender.read(&policy, None);
        let because: Vec<_> = sender
            .because(&reading, standard())
            .into_iter()
            .map(|note| {
                (note.way.case, note.way.done, note.span.map_or("", |span| span.of(&policy)))
            })
            .collect();
        assert_eq!(because, expected, "{name}");
    }
}

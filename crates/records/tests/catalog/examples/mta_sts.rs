//! Examples of the rules of MTA-STS records and policies.

use super::{Example, Row, one, several};

pub(super) fn record() -> Vec<Row> {
    let sound = || one("v=STSv1; id=1;");
    vec![
        ("mta-sts.record.foreign", one("v=spf1 -all"), one("v=STSv2; id=1")),
        (
            "mta-sts.record.several-records",
            several(&["v=STSv1; id=1", "v=STSv1; id=2"]),
            several(&["v=STSv1; id=1", "v=STSv2; id=2"]),
        ),
        ("mta-sts.record.unrelated", several(&["v=STSv1; id=1", "v=spf1 -all"]), sound()),
        (
            "mta-sts.record.discarded",
            several(&["v=STSv1 ; id=1", "v=spf1 -all"]),
            one("v=STSv1 ; id=1"),
        ),
        ("mta-sts.record.quoted", one("\"v=STSv1; id=1\""), sound()),
        ("mta-sts.record.space-at-start", one(" v=STSv1; id=1"), one("v=STSv1;  id=1")),
        ("mta-sts.record.space-at-end", one("v=STSv1; id=1 "), one("v=STSv1; id=1; ")),
        ("mta-sts.record.not-ascii", one("v=STSv1;\u{a0}id=1"), one("v=STSv1;\tid=1")),
        ("mta-sts.record.control-character", one("v=STSv1; id=1;\n"), one("v=STSv1; id=1;\t")),
        ("mta-sts.record.version-missing", one("id=1"), one("id=1; v=STSv1")),
        ("mta-sts.record.version-not-first", one("id=1; v=STSv1"), sound()),
        ("mta-sts.record.version-unknown", one("v=STSv10; id=1"), one("v=stsv1; id=1")),
        ("mta-sts.record.version-case", one("V=STSV1; id=1"), one("v=STSv2; id=1")),
        ("mta-sts.record.space-before-semicolon", one("v=STSv1 ; id=1"), one("v=STSv1; id=1 ;")),
        ("mta-sts.record.semicolon-missing", one("v=STSv1; id=1 a=b"), one("v=STSv1; id=1 ; a=b")),
        ("mta-sts.record.semicolon-doubled", one("v=STSv1;; id=1"), one("v=STSv1; id=1; ")),
        ("mta-sts.record.equals-missing", one("v=STSv1; id=1; more"), one("v=STSv1; id=1; more=1")),
        ("mta-sts.record.equals-spaced", one("v=STSv1; id = 1"), sound()),
        ("mta-sts.record.id-case", one("v=STSv1; ID=1"), one("v=STSv1; id=1; ID=2")),
        ("mta-sts.record.id-missing", one("v=STSv1;"), one("v=STSv1; id=")),
        ("mta-sts.record.id-empty", one("v=STSv1; id="), sound()),
        (
            "mta-sts.record.id-too-long",
            one("v=STSv1; id=012345678901234567890123456789012"),
            one("v=STSv1; id=01234567890123456789012345678901"),
        ),
        (
            "mta-sts.record.id-characters",
            one("v=STSv1; id=2026-11-24"),
            one("v=STSv1; id=20261124T000000Z"),
        ),
        ("mta-sts.record.id-repeated", one("v=STSv1; id=1; id=2"), one("v=STSv1; id=1; ID=2")),
        (
            "mta-sts.record.extension-name",
            one("v=STSv1; id=1; _a=b"),
            one("v=STSv1; id=1; a_.-b=c"),
        ),
        (
            "mta-sts.record.extension-value",
            one("v=STSv1; id=1; a=b=c"),
            one("v=STSv1; id=1; a=b:c,d"),
        ),
    ]
}

const SOUND: &str = "version: STSv1\nmode: enforce\nmx: mail.example\nmax_age: 604800\n";

fn policy_of(body: impl Into<String>) -> Example {
    Example::Policy(body.into())
}

fn sound() -> Example {
    policy_of(SOUND)
}

/// The sound policy with one thing changed.
fn with(from: &str, to: &str) -> Example {
    assert!(SOUND.contains(from), "{from}");
    policy_of(SOUND.replace(from, to))
}

/// The sound policy with another MX host.
fn mx(value: &str) -> Example {
    with("mail.example", value)
}

pub(super) fn policy() -> Vec<Row> {
    vec![
        ("mta-sts.policy.empty", policy_of("\n"), policy_of("mode: none")),
        ("mta-sts.policy.html", policy_of("<html>\nmode: none\n"), with("mail", "<b>")),
        (
            "mta-sts.policy.rtf",
            policy_of("{\\rtf1\nmode: none\n}"),
            policy_of("rtf: 1\nmode: none\n"),
        ),
        ("mta-sts.policy.record-text", policy_of("v=STSv1; id=1;"), policy_of("version=STSv1")),
        (
            "mta-sts.policy.front-matter",
            policy_of("---\nlayout: none\n---\n".to_owned() + SOUND),
            with("\nmode", "\n---\nmode"),
        ),
        ("mta-sts.policy.foreign", policy_of("not found"), policy_of("mode: not found")),
        (
            "mta-sts.policy.too-large",
            policy_of(SOUND.to_owned() + &"a: b\n".repeat(13_100)),
            policy_of(SOUND.to_owned() + &"a: b\n".repeat(13_000)),
        ),
        ("mta-sts.policy.byte-order-mark", policy_of("\u{feff}".to_owned() + SOUND), sound()),
        ("mta-sts.policy.blank-line", with("mode", "\nmode"), with("604800\n", "604800\n\n")),
        (
            "mta-sts.policy.blank-line-at-end",
            with("604800\n", "604800\n\n"),
            with("mode", "\nmode"),
        ),
        ("mta-sts.policy.line-ending", with("\n", "\r"), with("\n", "\r\n")),
        ("mta-sts.policy.space-at-start", with("mode", " mode"), with("enforce", " enforce")),
        ("mta-sts.policy.space-before-colon", with("mode:", "mode :"), with("mode: ", "mode:")),
        (
            "mta-sts.policy.equals-sign",
            with("mode:", "mode="),
            policy_of(SOUND.to_owned() + "a: b=c"),
        ),
        (
            "mta-sts.policy.comment",
            with("mode", "# hello\nmode"),
            policy_of(SOUND.to_owned() + "a: # b"),
        ),
        (
            "mta-sts.policy.control-character",
            policy_of(SOUND.to_owned() + "a: b\tc"),
            policy_of(SOUND.to_owned() + "a:\tb c\t"),
        ),
        ("mta-sts.policy.colon-missing", with("mode:", "mode"), with("mode:", "mode=")),
        (
            "mta-sts.policy.key-malformed",
            policy_of(SOUND.to_owned() + "_a: b"),
            policy_of(SOUND.to_owned() + "a_: b"),
        ),
        ("mta-sts.policy.key-misspelled", with("mx", "ms"), policy_of(SOUND.to_owned() + "ms: a")),
        ("mta-sts.policy.key-resembles", policy_of(SOUND.to_owned() + "ms: a"), with("mx", "ms")),
        ("mta-sts.policy.key-unknown", policy_of(SOUND.to_owned() + "other: a"), with("mx", "ms")),
        (
            "mta-sts.policy.key-repeated",
            policy_of(SOUND.to_owned() + "mode: none"),
            policy_of(SOUND.to_owned() + "mx: a.example"),
        ),
        ("mta-sts.policy.value-missing", with(" enforce", ""), sound()),
        ("mta-sts.policy.version-missing", with("version: STSv1\n", ""), with("STSv1", "STSv2")),
        ("mta-sts.policy.version-unknown", with("STSv1", "stsv1"), sound()),
        (
            "mta-sts.policy.version-not-first",
            policy_of("mode: none\nversion: STSv1\nmax_age: 1"),
            sound(),
        ),
        ("mta-sts.policy.mode-missing", with("mode: enforce\n", ""), with("enforce", "live")),
        ("mta-sts.policy.mode-unknown", with("enforce", "enforced"), with("enforce", "testing")),
        ("mta-sts.policy.max-age-missing", with("max_age: 604800\n", ""), with("604800", "a")),
        ("mta-sts.policy.max-age-malformed", with("604800", "604,800"), with("604800", "0")),
        ("mta-sts.policy.max-age-too-long", with("604800", "31557601"), with("604800", "31557600")),
        ("mta-sts.policy.max-age-below-day", with("604800", "86399"), with("604800", "86400")),
        ("mta-sts.policy.max-age-below-week", with("604800", "604799"), sound()),
        (
            "mta-sts.policy.mx-missing",
            with("mx: mail.example\n", ""),
            policy_of("version: STSv1\nmode: none\nmax_age: 1"),
        ),
        (
            "mta-sts.policy.mx-repeated",
            mx("a.example\nmx: A.example"),
            mx("a.example\nmx: *.example"),
        ),
        ("mta-sts.policy.mx-several", mx("a.example, b.example"), mx("a.example\nmx: b.example")),
        ("mta-sts.policy.mx-preference", mx("10 mail.example"), mx("10.mail.example")),
        ("mta-sts.policy.mx-url", mx("smtp://mail.example"), sound()),
        ("mta-sts.policy.mx-address", mx("192.0.2.1"), mx("192.0.2.example")),
        ("mta-sts.policy.mx-trailing-dot", mx("mail.example."), sound()),
        ("mta-sts.policy.mx-underscore", mx("mail_1.example"), mx("mail-1.example")),
        ("mta-sts.policy.mx-not-ascii", mx("m\u{f8}x.example"), mx("xn--mx-lka.example")),
        ("mta-sts.policy.mx-wildcard", mx("mail*.example"), mx("*.mail.example")),
        ("mta-sts.policy.mx-suffix", mx(".mail.example"), mx("*.mail.example")),
        ("mta-sts.policy.mx-character", mx("mail.example:25"), sound()),
        ("mta-sts.policy.mx-label", mx("mail..example"), mx("ma--il.example")),
        (
            "mta-sts.policy.mx-not-covered",
            Example::Covering(SOUND.to_owned(), vec!["a.mail.example"]),
            Example::Covering(SOUND.to_owned(), vec!["MAIL.example."]),
        ),
        (
            "mta-sts.policy.mx-not-covered-in-testing",
            Example::Covering(SOUND.replace("enforce", "testing"), vec!["a.mail.example"]),
            Example::Covering(SOUND.to_owned(), vec!["a.mail.example"]),
        ),
        (
            "mta-sts.policy.pattern-unused",
            Example::Covering(SOUND.to_owned(), vec!["a.mail.example"]),
            Example::Covering(SOUND.to_owned(), vec!["mail.example"]),
        ),
        (
            "mta-sts.policy.content-type-missing",
            Example::ServedAs(None),
            Example::ServedAs(Some("text/html")),
        ),
        (
            "mta-sts.policy.content-type-not-plain",
            Example::ServedAs(Some("text/html; charset=utf-8")),
            Example::ServedAs(Some("Text/Plain ;charset=\"UTF-8\"")),
        ),
        (
            "mta-sts.policy.content-type-charset",
            Example::ServedAs(Some("text/plain; charset=iso-8859-1")),
            Example::ServedAs(Some("text/plain; other=1; charset=us-ascii")),
        ),
    ]
}

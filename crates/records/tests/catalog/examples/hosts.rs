//! Examples of the rules of the records about hosts: TLSA, MX and CAA.

use super::{Row, one, several};

pub(super) fn tlsa() -> Vec<Row> {
    let digest = "ab".repeat(32);
    let tlsa = |parameters: &str| one(&format!("{parameters} {digest}"));
    let data = |data: &str| one(&format!("3 1 1 {data}"));
    let sound = || tlsa("3 1 1");
    vec![
        ("tlsa.record.field-missing", one("3 1 1"), sound()),
        ("tlsa.record.field-not-number", tlsa("DANE-EE 1 1"), tlsa("03 1 1")),
        ("tlsa.record.usage-not-for-mail", tlsa("1 1 1"), tlsa("2 1 1")),
        ("tlsa.record.usage-unknown", tlsa("4 1 1"), sound()),
        ("tlsa.record.selector-unknown", tlsa("3 2 1"), sound()),
        ("tlsa.record.matching-unknown", tlsa("3 1 3"), sound()),
        (
            "tlsa.record.data-not-hex",
            data(&digest.replacen('a', "g", 1)),
            data(&digest.to_uppercase()),
        ),
        ("tlsa.record.data-odd", data(&digest[1..]), data(&digest.replacen('b', "b ", 3))),
        ("tlsa.record.digest-length", tlsa("3 1 2"), sound()),
        ("tlsa.record.whole-data", tlsa("3 1 0"), sound()),
        ("tlsa.record.certificate-pinned", tlsa("3 0 1"), tlsa("2 0 1")),
        (
            "tlsa.record.repeated",
            several(&[&format!("3 1 1 {digest}"), &format!("3  1 1 {}", digest.to_uppercase())]),
            several(&[&format!("3 1 1 {digest}"), &format!("2 1 1 {digest}")]),
        ),
    ]
}

pub(super) fn mx() -> Vec<Row> {
    let sound = || one("10 mail.b.example.");
    vec![
        ("mx.set.field-missing", one("mail.b.example"), sound()),
        ("mx.set.field-unexpected", one("10 20 mail.b.example"), one(" 10\tmail.b.example ")),
        ("mx.set.swapped", one("mail.b.example 10"), sound()),
        ("mx.set.preference-malformed", one("65536 mail.b.example"), one("65535 mail.b.example")),
        ("mx.set.host-is-address", one("10 192.0.2.1"), one("10 1.2.0.192.in-addr.arpa")),
        ("mx.set.host-malformed", one("10 mailto:mail.b.example"), one("10 xn--bcher-kva.example")),
        ("mx.set.host-underscore", one("10 my_mail.b.example"), one("10 my-mail.b.example")),
        ("mx.set.host-not-qualified", one("10 mail"), one("0 .")),
        ("mx.set.host-doubled", one("10 mail.b.example.b.example"), one("10 mail.mail.b.example")),
        (
            "mx.set.null-with-others",
            several(&["0 .", "10 mail.b.example"]),
            several(&["0 mail.b.example", "10 mail.c.example"]),
        ),
        ("mx.set.null-preference", one("10 ."), one("0 .")),
        (
            "mx.set.repeated",
            several(&["10 mail.b.example", "20 MAIL.b.example."]),
            several(&["10 mail.b.example", "10 mail.c.example"]),
        ),
    ]
}

pub(super) fn caa() -> Vec<Row> {
    let issue = |value: &str| one(&format!("0 issue \"{value}\""));
    let sound = || issue("ca.example; account=1");
    vec![
        ("caa.record.field-missing", one("issue \"ca.example\""), one("0 issue \"\"")),
        ("caa.record.flags-malformed", one("x issue \"ca.example\""), sound()),
        (
            "caa.record.flags-reserved",
            one("1 issue \"ca.example\""),
            one("128 issue \"ca.example\""),
        ),
        ("caa.record.tag-malformed", one("0 issue-mail \"ca.example\""), sound()),
        ("caa.record.tag-unknown", one("0 auth \"x\""), one("0 contactphone \"+1\"")),
        ("caa.record.tag-misspelled", one("0 isue \"ca.example\""), one("0 ISSUE \"ca.example\"")),
        ("caa.record.tag-unknown-critical", one("128 tbs \"x\""), one("0 tbs \"x\"")),
        ("caa.record.value-quotes", one("0 issue “ca.example”"), one("0 issue ca.example")),
        ("caa.record.issuer-malformed", issue("https://ca.example"), issue(";")),
        (
            "caa.record.nobody-may-issue",
            issue(";"),
            several(&["0 issue \"ca.example\"", "0 issuewild \";\""]),
        ),
        (
            "caa.record.nobody-without-effect",
            several(&["0 issue \"ca.example\"", "0 issue \";\""]),
            several(&["0 issue \"ca.example\"", "0 issuewild \";\""]),
        ),
        (
            "caa.record.iodef-malformed",
            one("0 iodef \"a@b.example\""),
            one("0 iodef \"mailto:a@b.example\""),
        ),
        (
            "caa.record.repeated",
            several(&["0 issue \"ca.example\"", "0 issue ca.example"]),
            several(&["0 issue \"ca.example\"", "0 issue \"ca.example; account=1\""]),
        ),
    ]
}

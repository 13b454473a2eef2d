//! Examples of the rules of TLS-RPT records.

use super::{Row, one, several};

pub(super) fn record() -> Vec<Row> {
    let rua = |rest: &str| one(&format!("v=TLSRPTv1; rua={rest}"));
    let sound = || rua("mailto:a@b.example");
    vec![
        (
            "tls-rpt.record.foreign",
            one("v=DMARC1; rua=mailto:tls@b.example"),
            one("v=TLSRPTv2; rua=mailto:a@b.example"),
        ),
        (
            "tls-rpt.record.several-records",
            several(&["v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:c@d.example"]),
            sound(),
        ),
        (
            "tls-rpt.record.unrelated",
            several(&["v=TLSRPTv1; rua=mailto:a@b.example", "hello"]),
            sound(),
        ),
        (
            "tls-rpt.record.discarded",
            several(&["v=TLSRPTv1 ; rua=mailto:a@b.example", "hello"]),
            one("v=TLSRPTv1 ; rua=mailto:a@b.example"),
        ),
        ("tls-rpt.record.quoted", one("“v=TLSRPTv1; rua=mailto:a@b.example”"), sound()),
        ("tls-rpt.record.space-at-start", one("\tv=TLSRPTv1; rua=mailto:a@b.example"), sound()),
        ("tls-rpt.record.space-at-end", rua("mailto:a@b.example "), rua("mailto:a@b.example; ")),
        (
            "tls-rpt.record.not-ascii",
            rua("mailto:\u{e4}@b.example"),
            rua("mailto:%C3%A4@b.example"),
        ),
        (
            "tls-rpt.record.control-character",
            rua("mailto:a@b.example;\r\n"),
            rua("mailto:a@b.example;\t"),
        ),
        ("tls-rpt.record.version-missing", one("rua=mailto:a@b.example"), sound()),
        ("tls-rpt.record.version-not-first", one("rua=mailto:a@b.example; v=TLSRPTv1"), sound()),
        ("tls-rpt.record.version-unknown", one("v=TLSRPT1; rua=mailto:a@b.example"), sound()),
        ("tls-rpt.record.version-case", one("v=TLSRPTV1; rua=mailto:a@b.example"), sound()),
        (
            "tls-rpt.record.space-before-semicolon",
            one("v=TLSRPTv1 ; rua=mailto:a@b.example"),
            rua("mailto:a@b.example ;"),
        ),
        (
            "tls-rpt.record.semicolon-missing",
            one("v=TLSRPTv1 rua=mailto:a@b.example"),
            rua("mailto:a@b.example, https://c.example/?d=e"),
        ),
        (
            "tls-rpt.record.semicolon-doubled",
            rua("mailto:a@b.example;;"),
            rua("mailto:a@b.example;"),
        ),
        (
            "tls-rpt.record.equals-missing",
            rua("mailto:a@b.example; mailto:c@d.example"),
            rua("mailto:a@b.example, mailto:c@d.example"),
        ),
        ("tls-rpt.record.equals-spaced", one("v=TLSRPTv1; rua =mailto:a@b.example"), sound()),
        ("tls-rpt.record.rua-case", one("v=TLSRPTv1; RUA=mailto:a@b.example"), sound()),
        ("tls-rpt.record.rua-missing", one("v=TLSRPTv1;"), one("v=TLSRPTv1; rua=")),
        ("tls-rpt.record.rua-empty", rua(",, ,"), rua("mailto:a@b.example,")),
        (
            "tls-rpt.record.rua-repeated",
            rua("mailto:a@b.example; rua=mailto:c@d.example"),
            rua("mailto:a@b.example,mailto:c@d.example"),
        ),
        (
            "tls-rpt.record.destination-empty",
            rua("mailto:a@b.example,,mailto:c@d.example"),
            rua(","),
        ),
        ("tls-rpt.record.scheme-missing", rua("a@b.example"), sound()),
        (
            "tls-rpt.record.scheme-unsupported",
            rua("http://b.example"),
            rua("http://b.example,https://b.example"),
        ),
        (
            "tls-rpt.record.scheme-skipped",
            rua("http://b.example,https://b.example"),
            rua("http://b.example"),
        ),
        (
            "tls-rpt.record.size-limit",
            rua("mailto:a@b.example!10m"),
            rua("mailto:a@b.example!more"),
        ),
        (
            "tls-rpt.record.uri-character",
            rua("mailto:a@b.example!more"),
            rua("mailto:a%21@b.example"),
        ),
        ("tls-rpt.record.uri-percent", rua("https://b.example/%2"), rua("https://b.example/%20")),
        (
            "tls-rpt.record.address-malformed",
            rua("mailto:b.example"),
            rua("mailto:a@b.example?subject=c"),
        ),
        ("tls-rpt.record.host-malformed", rua("https:b.example"), rua("https://a@b.example:8443")),
        (
            "tls-rpt.record.extension-name",
            rua("mailto:a@b.example; 1%=a"),
            rua("mailto:a@b.example; 1=a"),
        ),
        (
            "tls-rpt.record.extension-value",
            rua("mailto:a@b.example; a="),
            rua("mailto:a@b.example; a=b"),
        ),
    ]
}

//! What was meant is offered: the slips that people make, kind by kind, each with the text that cures it.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use mxray_records::lint::{Kind, Lint, lint};
use mxray_records::{Severity, Text};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const DIGEST: &str = "8d02536c887482bc34ff54e41d2ba659bf85b341a0a20afadb5813dcfbcf286d";

fn read(kind: Kind, text: &str) -> Lint {
    lint(kind, &[Text::from(text)], &[], None)
}

/// What is offered with the first finding that has something.
fn fix(kind: Kind, text: &str) -> Option<String> {
    read(kind, text).findings.into_iter().find_map(|finding| finding.fix)
}

#[test]
fn a_slip_is_recognized_and_the_text_that_was_meant_is_offered() {
    use Kind::{
        BimiRecord, CaaRecord, DkimKey, DmarcRecord, MtaStsPolicy, MtaStsRecord, MxSet, SpfRecord,
        TlsRptRecord, TlsaRecord,
    };
    let dmarc = "v=DMARC1; p=reject; rua=mailto:a@b.example";
    let spf = "v=spf1 include:a.example mx ip4:192.0.2.1 -all";
    let dkim = &format!("v=DKIM1; k=ed25519; p={KEY}");
    let bimi = "v=BIMI1; l=https://b.example/l.svg; a=https://b.example/l.pem";
    let sts = "v=STSv1; id=20261125;";
    let rpt = "v=TLSRPTv1; rua=mailto:a@b.example";
    let policy = "version: STSv1\nmode: enforce\nmx: a.example\nmx: *.b.example\nmax_age: 604800\n";
    let tlsa = &format!("3 1 1 {DIGEST}");
    let mx = "10 mail.b.example";
    let caa = "0 issue \"ca.example\"";
    let (no_break, curly) =
        (|text: &str| text.replace(' ', "\u{a0}"), |text: &str| format!("“{text}”"));
    let quoted = |text: &str| format!("\"{text}\"");
    let put = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let mut differing = Vec::new();
    for (kind, reason, wrong, meant) in [
        (DmarcRecord, "a letter too many before the version", put(dmarc, "v=", "nv="), dmarc),
        (DmarcRecord, "a letter of the version is missing", put(dmarc, "DMARC1", "DMAC1"), dmarc),
        (DmarcRecord, "letters of the version are swapped", put(dmarc, "DMARC1", "DMRAC1"), dmarc),
        (DmarcRecord, "no number", put(dmarc, "DMARC1", "DMARC"), dmarc),
        (DmarcRecord, "a space in the version", put(dmarc, "DMARC1", "DMARC 1"), dmarc),
        (DmarcRecord, "lower case", put(dmarc, "DMARC1", "dmarc1"), dmarc),
        (DmarcRecord, "a space for the semicolon", put(dmarc, "1; p", "1 p"), dmarc),
        (DmarcRecord, "a comma for the semicolon", put(dmarc, "1; p", "1, p"), dmarc),
        (DmarcRecord, "no semicolon further on", put(dmarc, "reject; ", "reject "), dmarc),
        (
            DmarcRecord,
            "the version last",
            "p=reject; rua=mailto:a@b.example; v=DMARC1".to_owned(),
            dmarc,
        ),
        (DmarcRecord, "no version", put(dmarc, "v=DMARC1; ", ""), dmarc),
        (DmarcRecord, "a policy misspelled", put(dmarc, "reject", "rejct"), dmarc),
        (DmarcRecord, "another ending", put(dmarc, "reject", "rejected"), dmarc),
        (DmarcRecord, "in quotes", put(dmarc, "reject", "“reject”"), dmarc),
        (DmarcRecord, "a colon for the equals sign", put(dmarc, "p=reject", "p:reject"), dmarc),
        (DmarcRecord, "a doubled letter", put(dmarc, "p=", "pp="), dmarc),
        (DmarcRecord, "a tag misspelled", put(dmarc, "rua", "rva"), dmarc),
        (DmarcRecord, "no scheme", put(dmarc, "mailto:", ""), dmarc),
        (DmarcRecord, "a scheme misspelled", put(dmarc, "mailto:", "maito:"), dmarc),
        (DmarcRecord, "no colon in it", put(dmarc, "mailto:", "mailto="), dmarc),
        (DmarcRecord, "slashes in it", put(dmarc, "mailto:", "mailto://"), dmarc),
        (DmarcRecord, "a quotation mark left", put(dmarc, "b.example", "b.example\""), dmarc),
        (DmarcRecord, "doubled semicolon", put(dmarc, "reject;", "reject;;"), dmarc),
        (DmarcRecord, "no-break spaces", no_break(dmarc), dmarc),
        (DmarcRecord, "quotes around all", quoted(dmarc), dmarc),
        (DmarcRecord, "smart quotes around all", curly(dmarc), dmarc),
        (DmarcRecord, "a line of a zone", format!("_dmarc IN TXT {}", quoted(dmarc)), dmarc),
        (DmarcRecord, "escaped for a zone", dmarc.replace(';', "\\;"), dmarc),
        (
            DmarcRecord,
            "full words",
            "v=DMARC1; p=reject; aspf=strict".to_owned(),
            "v=DMARC1; p=reject; aspf=s",
        ),
        (SpfRecord, "a letter of a mechanism is missing", put(spf, "include", "nclude"), spf),
        (SpfRecord, "a habit", put(spf, "ip4", "ipv4"), spf),
        (SpfRecord, "a space in the version", put(spf, "spf1", "spf 1"), spf),
        (SpfRecord, "no number", put(spf, "spf1", "spf"), spf),
        (SpfRecord, "swapped letters", put(spf, "spf1", "sfp1"), spf),
        (SpfRecord, "a semicolon behind the version", put(spf, "spf1", "spf1;"), spf),
        (SpfRecord, "a colon in the version", put(spf, "v=", "v:"), spf),
        (SpfRecord, "Sender ID", put(spf, "v=spf1", "spf2.0/mfrom,pra"), spf),
        (SpfRecord, "an equals sign", put(spf, "ip4:", "ip4="), spf),
        (SpfRecord, "a space behind the colon", put(spf, "include:", "include: "), spf),
        (SpfRecord, "no colon", put(spf, "include:", "include "), spf),
        (SpfRecord, "a bare address", put(spf, "ip4:", ""), spf),
        (SpfRecord, "the other kind of address", put(spf, "ip4:", "ip6:"), spf),
        (SpfRecord, "a comma behind a term", put(spf, "a.example", "a.example,"), spf),
        (SpfRecord, "a dash for the minus", put(spf, "-all", "–all"), spf),
        (SpfRecord, "a space behind the minus", put(spf, "-all", "- all"), spf),
        (SpfRecord, "the minus behind", put(spf, "-all", "all-"), spf),
        (SpfRecord, "a letter too many", put(spf, "-all", "-alll"), spf),
        (SpfRecord, "no-break spaces", no_break(spf), spf),
        (SpfRecord, "quotes around all", quoted(spf), spf),
        (SpfRecord, "smart quotes around all", curly(spf), spf),
        (
            SpfRecord,
            "a colon in a modifier",
            "v=spf1 redirect:b.example".to_owned(),
            "v=spf1 redirect=b.example",
        ),
        (
            SpfRecord,
            "a modifier misspelled",
            "v=spf1 redirct=b.example".to_owned(),
            "v=spf1 redirect=b.example",
        ),
        (DkimKey, "a letter of the version is missing", put(dkim, "DKIM1", "DKM1"), dkim),
        (DkimKey, "no number", put(dkim, "DKIM1", "DKIM"), dkim),
        (DkimKey, "lower case", put(dkim, "DKIM1", "dkim1"), dkim),
        (DkimKey, "the version last", format!("k=ed25519; p={KEY}; v=DKIM1"), dkim),
        (DkimKey, "a space for the semicolon", put(dkim, "1; k", "1 k"), dkim),
        (DkimKey, "a tag in capitals", put(dkim, "p=", "P="), dkim),
        (DkimKey, "a type misspelled", put(dkim, "ed25519", "ed2519"), dkim),
        (DkimKey, "a quotation mark left", format!("{dkim}\""), dkim),
        (DkimKey, "quotes around its strings", put(&quoted(dkim), "AAAA", "AA\" \"AA"), dkim),
        (DkimKey, "escaped for a zone", dkim.replace(';', "\\;"), dkim),
        (
            DkimKey,
            "a file's armor",
            put(dkim, KEY, &format!("-----BEGIN PUBLIC KEY-----{KEY}-----END PUBLIC KEY-----")),
            dkim,
        ),
        (
            DkimKey,
            "base64 of the web",
            format!("v=DKIM1; k=ed25519; p=-_{}", &KEY[2..]),
            &format!("v=DKIM1; k=ed25519; p=+/{}", &KEY[2..]),
        ),
        (DkimKey, "no-break spaces", no_break(dkim), dkim),
        (DkimKey, "smart quotes around all", curly(dkim), dkim),
        (BimiRecord, "a letter of the version is missing", put(bimi, "BIMI1", "BIM1"), bimi),
        (BimiRecord, "lower case", put(bimi, "BIMI1", "bimi1"), bimi),
        (BimiRecord, "no scheme", put(bimi, "l=https://", "l="), bimi),
        (BimiRecord, "a scheme misspelled", put(bimi, "l=https", "l=htps"), bimi),
        (BimiRecord, "one that is not secure", put(bimi, "a=https", "a=http"), bimi),
        (
            BimiRecord,
            "a value misspelled",
            format!("{bimi}; avp=personel"),
            &format!("{bimi}; avp=personal"),
        ),
        (BimiRecord, "no-break spaces", no_break(bimi), bimi),
        (BimiRecord, "quotes around all", quoted(bimi), bimi),
        (MtaStsRecord, "letters of the version are swapped", put(sts, "STSv1", "SSTv1"), sts),
        (MtaStsRecord, "the version misspelled", put(sts, "STSv1", "STS1"), sts),
        (MtaStsRecord, "a letter too many before it", put(sts, "v=", "nv="), sts),
        (MtaStsRecord, "a date", put(sts, "20261125", "2026-11-25"), sts),
        (MtaStsRecord, "smart quotes around all", curly(sts), sts),
        (MtaStsRecord, "no-break spaces", no_break(sts), sts),
        (TlsRptRecord, "letters of the version are swapped", put(rpt, "TLSRPTv1", "TSLRPTv1"), rpt),
        (TlsRptRecord, "a letter of the version is missing", put(rpt, "TLSRPTv1", "TLSRPT1"), rpt),
        (TlsRptRecord, "no scheme", put(rpt, "mailto:", ""), rpt),
        (TlsRptRecord, "a tag misspelled", put(rpt, "rua", "rva"), rpt),
        (TlsRptRecord, "a scheme misspelled", put(rpt, "mailto", "maito"), rpt),
        (TlsRptRecord, "quotes around all", quoted(rpt), rpt),
        (TlsRptRecord, "no-break spaces", no_break(rpt), rpt),
        (MtaStsPolicy, "a habit", put(policy, "enforce", "enforced"), policy),
        (MtaStsPolicy, "a key misspelled", put(policy, "mx: *", "ms: *"), policy),
        (MtaStsPolicy, "no-break spaces", no_break(policy), policy),
        (
            MtaStsPolicy,
            "a site generator's header",
            format!("---\nlayout: none\n---\n{policy}"),
            policy,
        ),
        (
            MtaStsPolicy,
            "a web page",
            format!("<html><body><pre>{policy}</pre></body></html>"),
            policy,
        ),
        (
            MtaStsPolicy,
            "each line a paragraph",
            format!("<p>{}</p>", policy.trim().replace('\n', "</p><p>")),
            policy,
        ),
        (
            MtaStsPolicy,
            "a word processor's file",
            format!(
                "{{\\rtf1\\ansi{{\\fonttbl\\f0\\fswiss Helvetica;}}\n\\f0\\fs24 {}}}",
                policy.replace('\n', "\\\n")
            ),
            policy,
        ),
        (MtaStsPolicy, "all in one line", policy.trim().replace('\n', " "), policy),
        (MtaStsPolicy, "line ends spelled out", policy.replace('\n', "\\n"), policy),
        (MtaStsPolicy, "quotes around all", quoted(policy.trim()), policy),
        (TlsaRecord, "words for numbers", format!("DANE-EE SPKI SHA2-256 {DIGEST}"), tlsa),
        (TlsaRecord, "a prefix of a program's", format!("3 1 1 0x{DIGEST}"), tlsa),
        (TlsaRecord, "the digest of the other kind", format!("3 1 2 {DIGEST}"), tlsa),
        (TlsaRecord, "a usage for browsers", format!("1 1 1 {DIGEST}"), tlsa),
        (TlsaRecord, "no-break spaces", no_break(tlsa), tlsa),
        (TlsaRecord, "a line of a zone", format!("_25._tcp.mail IN TLSA {tlsa}"), tlsa),
        (MxSet, "the other way round", "mail.b.example 10".to_owned(), mx),
        (MxSet, "no space", "10mail.b.example".to_owned(), mx),
        (MxSet, "an address of the web", "10 https://mail.b.example/".to_owned(), mx),
        (MxSet, "no-break spaces", no_break(mx), mx),
        (MxSet, "quotes around all", quoted(mx), mx),
        (MxSet, "a comma", "10, mail.b.example".to_owned(), mx),
        (CaaRecord, "a tag misspelled", put(caa, "issue", "isue"), caa),
        (CaaRecord, "no flags", put(caa, "0 ", ""), caa),
        (CaaRecord, "smart quotes", "0 issue “ca.example”".to_owned(), caa),
        (CaaRecord, "no-break spaces", no_break(caa), caa),
        (
            CaaRecord,
            "no scheme",
            "0 iodef \"a@b.example\"".to_owned(),
            "0 iodef \"mailto:a@b.example\"",
        ),
    ] {
        let offered = fix(kind, &wrong);
        if offered.as_deref() != Some(meant) {
            differing.push(format!("{kind}, {reason}: {wrong}: {offered:?}"));
        }
        let left = read(kind, meant).findings.into_iter();
        let left = left.filter(|finding| finding.rule.severity > Severity::Notice);
        assert_eq!(left.collect::<Vec<_>>(), [], "{kind}: {reason}");
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

//! Examples of the rules of the records that protect a name: SPF, DKIM, DMARC and BIMI.

use super::{Row, one, several};

pub(super) fn spf() -> Vec<Row> {
    let spf = |terms: &str| one(&format!("v=spf1 {terms}"));
    vec![
        ("spf.record.foreign", one("v=DMARC1; p=none"), one("v=spf10 -all")),
        (
            "spf.record.several-records",
            several(&["v=spf1 -all", "v=spf1 a -all"]),
            several(&["v=spf1 -all", "v=spf10 -all"]),
        ),
        ("spf.record.version-malformed", one("v=spf1; -all"), one("V=SPF1 -all")),
        ("spf.record.sender-id", one("spf2.0/pra -all"), one("v=spf1 -all")),
        ("spf.record.character", spf("a\u{a0}-all"), spf("a  -all")),
        ("spf.record.mechanism-unknown", spf("foo:bar -all"), spf("foo=bar -all")),
        (
            "spf.record.mechanism-misspelled",
            spf("nclude:b.example -all"),
            spf("INCLUDE:b.example -all"),
        ),
        ("spf.record.term-malformed", spf("?redirect=b.example"), spf("redirect=b.example")),
        ("spf.record.argument-missing", spf("include: -all"), spf("a -all")),
        ("spf.record.argument-unexpected", spf("-all:b.example"), spf("-all")),
        ("spf.record.address-malformed", spf("ip4:192.0.2.256 -all"), spf("ip4:192.0.2.0/24 -all")),
        ("spf.record.domain-malformed", spf("a:example -all"), spf("a:b.example -all")),
        ("spf.record.macro-malformed", spf("exists:%(i).example"), spf("exists:%{i}.example")),
        ("spf.record.prefix-malformed", spf("a/33 -all"), spf("a/32//33 -all")),
        (
            "spf.record.modifier-repeated",
            spf("redirect=a.example redirect=b.example"),
            spf("x=a x=b -all"),
        ),
        ("spf.record.modifier-unknown", spf("foo=bar -all"), spf("exp=b.example -all")),
        ("spf.record.equals-sign", spf("ip4=192.0.2.1 -all"), spf("ip4:192.0.2.1 -all")),
        (
            "spf.record.too-many-lookups",
            spf("a a a a a a a a a a mx -all"),
            spf("a a a a a a a a a mx ip4:192.0.2.1 -all"),
        ),
        ("spf.record.all-passes", spf("a all"), spf("a ~all")),
        ("spf.record.all-neutral", spf("a ?all"), spf("?a ~all")),
        ("spf.record.all-missing", spf("a"), spf("a redirect=b.example")),
        ("spf.record.after-all", spf("-all a"), spf("-all exp=b.example")),
        (
            "spf.record.redirect-ignored",
            spf("-all redirect=b.example"),
            spf("a redirect=b.example"),
        ),
        ("spf.record.ptr", spf("ptr -all"), spf("exists:%{i}.b.example -all")),
    ]
}

pub(super) fn dkim() -> Vec<Row> {
    // The form of an Ed25519 key, and of RSA keys of 512 and 1024 bits; nobody has the other half.
    let ed25519 = format!("k=ed25519; p={}=", "A".repeat(43));
    let rsa512 = format!("p=MEgCQQD{}AgMBAAE=", "/".repeat(85));
    let rsa1024 = format!("p=MIGJAoGBAP{}AgMBAAE=", "/".repeat(170));
    let key = |tags: &str| one(&format!("v=DKIM1; {tags}"));
    let sound = || key(&ed25519);
    vec![
        ("dkim.key.foreign", one("v=spf1 -all"), one("p=")),
        (
            "dkim.key.several-records",
            several(&["v=DKIM1; p=", "k=rsa"]),
            several(&["v=DKIM1; p=", "hello"]),
        ),
        ("dkim.key.unrelated", several(&["v=DKIM1; p=", "hello"]), sound()),
        ("dkim.key.version-unknown", one("v=DKIM1.0; p="), one("V=DKIM2; p=")),
        ("dkim.key.version-not-first", one("p=; v=DKIM1"), sound()),
        ("dkim.key.tag-malformed", key("hello; p="), key("n=hello; p=")),
        ("dkim.key.tag-repeated", key("p=; p="), key("p=; P=")),
        ("dkim.key.semicolon-doubled", key("p=;;"), key("p=; ")),
        ("dkim.key.key-missing", key("k=rsa"), key("k=rsa; p=")),
        ("dkim.key.revoked", key("p="), sound()),
        ("dkim.key.not-base64", key("p=ab-c"), key("p=ab cd")),
        ("dkim.key.key-malformed", key("k=ed25519; p=abcd"), sound()),
        ("dkim.key.key-too-short", key(&rsa512), key(&rsa1024)),
        ("dkim.key.key-below-2048-bits", key(&rsa1024), key(&rsa512)),
        ("dkim.key.type-unknown", key("k=mldsa44; p=abcd"), sound()),
        (
            "dkim.key.only-sha1",
            key(&format!("h=sha1; {ed25519}")),
            key(&format!("h=sha1:sha256; {ed25519}")),
        ),
        (
            "dkim.key.not-for-mail",
            key(&format!("s=tlsrpt; {ed25519}")),
            key(&format!("s=tlsrpt:email; {ed25519}")),
        ),
        ("dkim.key.testing", key(&format!("t=y; {ed25519}")), key(&format!("t=s; {ed25519}"))),
    ]
}

pub(super) fn dmarc() -> Vec<Row> {
    let dmarc = |tags: &str| one(&format!("v=DMARC1; {tags}"));
    let sound = || dmarc("p=reject; rua=mailto:a@b.example");
    vec![
        ("dmarc.record.foreign", one("v=spf1 -all"), one("v=dmarc1; p=none")),
        (
            "dmarc.record.several-records",
            several(&["v=DMARC1; p=reject", "v=DMARC1; p=none"]),
            several(&["v=DMARC1; p=reject", "v=dmarc1"]),
        ),
        ("dmarc.record.unrelated", several(&["v=DMARC1; p=reject", "hello"]), sound()),
        ("dmarc.record.version-malformed", one("v=dmarc1; p=reject"), one("V = DMARC1 ; p=reject")),
        (
            "dmarc.record.policy-missing",
            dmarc("rua=mailto:a@b.example"),
            dmarc("p=x; rua=mailto:a@b.example"),
        ),
        ("dmarc.record.policy-unknown", dmarc("p=block"), dmarc("P=Reject")),
        ("dmarc.record.no-effect", dmarc("adkim=s"), dmarc("rua=mailto:a@b.example")),
        ("dmarc.record.policy-none", dmarc("p=none"), dmarc("p=quarantine")),
        (
            "dmarc.record.subdomain-policy-none",
            dmarc("p=reject; sp=none"),
            dmarc("p=reject; np=none"),
        ),
        ("dmarc.record.testing", dmarc("p=reject; t=y"), dmarc("p=none; t=y")),
        ("dmarc.record.reports-missing", dmarc("p=reject"), sound()),
        ("dmarc.record.report-address-malformed", dmarc("p=reject; rua=a@b.example"), sound()),
        ("dmarc.record.size-limit", dmarc("p=reject; rua=mailto:a@b.example!10m"), sound()),
        ("dmarc.record.value-unknown", dmarc("p=reject; fo=0:1"), dmarc("p=reject; fo=1:d:s")),
        ("dmarc.record.tag-malformed", dmarc("p=reject;;"), dmarc("p=reject; ")),
        ("dmarc.record.tag-repeated", dmarc("p=reject; p=none"), dmarc("p=reject; sp=none")),
        ("dmarc.record.tag-unknown", dmarc("p=reject; x=y"), sound()),
        ("dmarc.record.tag-historic", dmarc("p=reject; pct=50"), dmarc("p=reject; t=y")),
    ]
}

pub(super) fn bimi() -> Vec<Row> {
    let bimi = |tags: &str| one(&format!("v=BIMI1; {tags}"));
    let sound = || bimi("l=https://b.example/logo.svg; a=https://b.example/logo.pem");
    vec![
        ("bimi.record.foreign", one("v=spf1 -all"), one("v=bimi1; l=")),
        (
            "bimi.record.several-records",
            several(&["v=BIMI1; l=", "v=BIMI1; l="]),
            several(&["v=BIMI1; l=", "v=bimi1; l="]),
        ),
        ("bimi.record.unrelated", several(&["v=BIMI1; l=", "hello"]), sound()),
        ("bimi.record.version-malformed", one("v=bimi1; l="), one("v = BIMI1 ; l=")),
        ("bimi.record.tag-malformed", bimi("hello; l="), bimi("l=; lps=a-b,c")),
        ("bimi.record.tag-repeated", bimi("l=; l="), bimi("l=; L=")),
        ("bimi.record.tag-unknown", bimi("l=; x=y"), bimi("l=; a=")),
        ("bimi.record.location-missing", bimi("a="), bimi("l=")),
        ("bimi.record.location-not-https", bimi("l=http://b.example/logo.svg"), sound()),
        (
            "bimi.record.location-not-svg",
            bimi("l=https://b.example/logo.png"),
            bimi("l=https://b.example/logo.SVGZ?x"),
        ),
        (
            "bimi.record.evidence-not-https",
            bimi("l=; a=b.example"),
            bimi("l=; a=https://b.example/a,b".replace(',', "%2C").as_str()),
        ),
        ("bimi.record.evidence-missing", bimi("l=https://b.example/logo.svg"), sound()),
        ("bimi.record.declined", bimi("l=; a="), sound()),
        ("bimi.record.preference-unknown", bimi("l=; avp=both"), bimi("l=; avp=personal")),
    ]
}

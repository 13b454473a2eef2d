//! What every well-kept mail domain publishes: the base that a file's flaws stand out against.

use std::collections::BTreeMap;

use crate::format::{CertificateKind, MailBehavior, MailHostToml, NameToml, TlsVersions, TxtToml};

/// How long resolvers may remember a record about which there is nothing to say.
pub(crate) const TTL: u32 = 3600;

/// A 2048-bit RSA public key, in character-strings of a record's length.
const DKIM_KEY: [&str; 2] = [
    "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx2IYxUY+7wqr+Wjm7tryQDIO8yj4xcgVBFxKjuVDp1Zb9jU8qaGuxWh1UrXCXNCcamhFJMBRPISCdLnlVxGK6DwAR9XhZR4HNZZSnEabBhCJJQl1KFVAmszvJPLoHXn9WvYAtd2qdicl5FNdJjB2BlcXpqQW/ZbodL/r03eYIEH3Z568hd3R1rI0",
    "JSf/idrdsdXaN3MwHCH2Jjy6NDbuY466IlVeFjNFNFBGo0BExb4StlNWEeeBioX4PQCs3XwKZEJGzVJJzrgRTpUs94EBB/1Y6jyoifNEewgacHsin9gYYWZ/G/x35c1LJG88QzMiWONktymn+YaRSLdzGWQxJQIDAQAB",
];

/// The records of a sound domain, by relative name; MX records, addresses and the policy aside.
pub(crate) fn records(domain: &str, hosts: &[MailHostToml]) -> BTreeMap<String, NameToml> {
    let one = |text: String| vec![TxtToml::One(text)];
    let tls_reports = || one(format!("v=TLSRPTv1; rua=mailto:tls-reports@{domain}"));
    // With TLSA records a host is a policy domain of its own (RFC 8460 §1.1).
    let with_dane = hosts.iter().filter(|host| !host.tlsa.is_empty());
    let for_hosts = with_dane.map(|host| (format!("_smtp._tls.{}", host.host), tls_reports()));
    let records = [
        ("@", one("v=spf1 mx -all".to_owned())),
        ("_dmarc", one(format!("v=DMARC1; p=reject; rua=mailto:dmarc-reports@{domain}"))),
        ("default._domainkey", vec![TxtToml::Many(DKIM_KEY.map(str::to_owned).to_vec())]),
        ("_mta-sts", one("v=STSv1; id=20260101T000000;".to_owned())),
        ("_smtp._tls", tls_reports()),
    ];
    let records = records.map(|(name, txt)| (name.to_owned(), txt)).into_iter().chain(for_hosts);
    records.map(|(name, txt)| (name, NameToml { txt: Some(txt), ..NameToml::default() })).collect()
}

/// The mail hosts of a sound domain.
pub(crate) fn mail_hosts() -> Vec<MailHostToml> {
    vec![mail_host("mail", 10)]
}

/// A mail host about which there is nothing to say.
pub(crate) fn mail_host(host: &str, preference: u16) -> MailHostToml {
    MailHostToml {
        host: host.to_owned(),
        preference,
        server: MailBehavior::default(),
        certificate: CertificateKind::default(),
        tls: TlsVersions::default(),
        banner: None,
        ehlo: None,
        starttls: None,
        address: None,
        also_down: false,
        tlsa: Vec::new(),
    }
}

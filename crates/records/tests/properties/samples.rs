//! Texts to begin with, and what people put into them by mistake.

pub(crate) const SOUND: [&str; 14] = [
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
pub(crate) const SLIPS: [&str; 20] = [
    "", " ", "\t", "\n", "\r", ";", ":", "=", ",", "\"", "“", "\u{feff}", "\u{a0}", "é", "#", "*",
    ".", "%", "!", "x",
];

//! Records read beside mail-auth, which others make: where the two differ, the standard says who is right.
//!
//! Every text of the corpora is read by both, and many that are made of the words of their kind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod corpora;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use mail_auth::Error;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::DkimError;
use mail_auth::dmarc::{Alignment, Dmarc, Policy, Psd};
use mail_auth::mta_sts::{MtaSts, ReportUri, TlsRpt};
use mail_auth::spf::{Macro, Mechanism, Qualifier, Spf};
use mxray_records::lint::Kind;
use mxray_records::mta_sts::record;
use mxray_records::spf::TermKind;
use mxray_records::{Parsed, Severity, Text, dkim, dmarc, spf, tls_rpt};

/// What records of a kind are made of, each between bars.
struct Words {
    kind: Kind,
    begins: &'static str,
    words: &'static str,
    between: &'static str,
}

/// The kinds that both read. The keys have the form of such; nobody has their other halves.
const KINDS: [Words; 5] = [
    Words {
        kind: Kind::MtaStsRecord,
        begins: "v=STSv1|v=STSv1|v=STSv1|v=stsv1|V=STSv1|v = STSv1|v=STSv2| v=STSv1|id=1",
        words: "id=1|id=20160831085700Z|ID=1|id = 1|id=|id=1.0|id=a b|\
                id=123456789012345678901234567890123|a=b|a.b=c|a|a=b=c|-=b|é=a|v=STSv1|\
                id=1\u{7}",
        between: BETWEEN_TAGS,
    },
    Words {
        kind: Kind::TlsRptRecord,
        begins: "v=TLSRPTv1|v=TLSRPTv1|v=TLSRPTv1|v=tlsrptv1|V=TLSRPTv1|v = TLSRPTv1|v=TLSRPTv2",
        words: "rua=mailto:a@b.example|rua=mailto:a@b.example,https://c.example|\
                rua=https://b.example/c?d=e|rua=http://b.example|\
                rua=http://b.example,mailto:a@b.example|rua=a@b.example|rua=|\
                RUA=mailto:a@b.example|rua = mailto:a@b.example|rua=mailto:a@b.example!10m|\
                rua=mailto:%61@b.example|rua=mailto:%zz@b.example|rua=mailto:|\
                rua=MAILTO:a@b.example|rua=mailto:a@b.example,|rua=https://|\
                rua=mailto:a+=41@b.example|a=b|a|v=TLSRPTv1|é=a|a=b=c",
        between: BETWEEN_TAGS,
    },
    Words {
        kind: Kind::SpfRecord,
        begins: "v=spf1|v=spf1|v=spf1|V=SPF1|v=spf2|v=spf10| v=spf1|v = spf1",
        words: "a|mx|ptr|-all|~ALL|?all|+all|all|-|include:b.example|include:|\
                include=b.example|exists:%{i}.b.example|exists:%{x}.b.example|exists:%{d2r-}|\
                a:museum|a:b.123|a/24|a//64|a/24//64|mx:b.example/33|a/08|ip4:192.0.2.1|\
                ip4:192.0.2.0/24|ip4:192.0.2.256|ip4:192.0.2.1/33|ip4:192.0.2.01|ip4:192.0.2|\
                ip4|ip6:2001:db8::1|ip6:2001:db8::/32|ip6:::ffff:192.0.2.1|ip6:::|\
                ip6:2001:db8::/129|ip6:1::2::3|ptr:b.example|redirect=b.example|redirect=|\
                exp=b.example|?redirect=b.example|x=y|x=%|1=2|ip4=192.0.2.1|moo|moo:b.example|\
                é|a=b.example|ra=x|all:b.example|a:b.example/|include:b.example/24|--all|\
                exists:%{d0}.b.example|exists:%{i}.b.example%",
        between: " | | |  |\t",
    },
    Words {
        kind: Kind::DkimKey,
        begins: "v=DKIM1|v=DKIM1||k=rsa|v=dkim1|v=DKIM2| v = DKIM1",
        words: "p=|p=MIGJAoGBAP////////////////////////////////////////////////////////////////////\
                ////////////////////////////////////////////////////////////////////////////////\
                //////////////////////AgMBAAE=|\
                k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=|\
                p=ab-c|p=AAAA|P=|k=rsa|k=RSA|k=ed25519|k=mldsa44|k=|t=y|t=Y|t=s|\
                t=y:s|T=y|h=sha1|h=sha256|s=email|s=tlsrpt|s=*|n=a note|x|1=2|v=DKIM1|é=a|\
                V=DKIM2",
        between: BETWEEN_TAGS,
    },
    Words {
        kind: Kind::DmarcRecord,
        begins: "v=DMARC1|v=DMARC1|v=DMARC1|v=dmarc1|V=DMARC1|v = DMARC1|v=DMARC2| v=DMARC1",
        words: "p=none|p=reject|p=QUARANTINE|p=block|p=|P=none|sp=none|sp=x|np=reject|\
                rua=mailto:a@b.example|rua=mailto:A@b.example,mailto:c@d.example!10m|\
                rua=https://b.example|rua=a@b.example|rua=mailto:a|rua=mailto:%61@b.example|\
                ruf=mailto:a@b.example|adkim=s|adkim=x|aspf=r|fo=1|fo=0:1|fo=1:d:s|fo=x|psd=y|\
                psd=x|t=y|t=x|pct=50|x=y|x|1=2|v=DMARC1|é=a|rua=mailto:a@b.example!x",
        between: BETWEEN_TAGS,
    },
];

/// Between the tags of a list; more often as it should be.
const BETWEEN_TAGS: &str = "; |; |; |; |;| ; |;; | ";

/// How two readings of a text differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    /// We refuse it, for this rule, and mail-auth does not. The rule's section is who is right.
    Refused(&'static str),
    /// We take it, and mail-auth does not.
    Taken,
    /// Both take it, for something else.
    Otherwise,
}

/// What of ours refuses what mail-auth takes. Each rule names its section.
const REFUSED: &[&str] = &[
    // It looks neither for characters outside the grammar nor for what stands beside it …
    "mta-sts.record.control-character",
    "mta-sts.record.not-ascii",
    "mta-sts.record.space-at-start",
    "mta-sts.record.space-at-end",
    "tls-rpt.record.not-ascii",
    "spf.record.character",
    // … and does not mind case, white space and order …
    "mta-sts.record.version-case",
    "mta-sts.record.version-not-first",
    "mta-sts.record.id-case",
    "mta-sts.record.equals-spaced",
    "mta-sts.record.semicolon-missing",
    "tls-rpt.record.version-case",
    "tls-rpt.record.rua-case",
    "tls-rpt.record.equals-spaced",
    "tls-rpt.record.semicolon-missing",
    "spf.record.version-malformed",
    "dkim.key.version-unknown",
    "dkim.key.version-not-first",
    "dkim.key.foreign",
    "dkim.key.key-missing",
    "dmarc.record.version-malformed",
    // … nor empty tags, tags without a value, repeated ones, and names that are none.
    "mta-sts.record.semicolon-doubled",
    "mta-sts.record.equals-missing",
    "mta-sts.record.extension-name",
    "mta-sts.record.extension-value",
    "tls-rpt.record.semicolon-doubled",
    "tls-rpt.record.equals-missing",
    "tls-rpt.record.extension-name",
    "tls-rpt.record.extension-value",
    "dkim.key.tag-malformed",
    "dkim.key.tag-repeated",
    "spf.record.term-malformed",
    "spf.record.mechanism-unknown",
    "spf.record.mechanism-misspelled",
    // It takes any value that it can do something with.
    "mta-sts.record.id-characters",
    "mta-sts.record.id-empty",
    "mta-sts.record.id-too-long",
    "tls-rpt.record.address-malformed",
    "tls-rpt.record.host-malformed",
    "tls-rpt.record.destination-empty",
    "tls-rpt.record.rua-empty",
    "tls-rpt.record.scheme-missing",
    "tls-rpt.record.scheme-unsupported",
    "tls-rpt.record.size-limit",
    "tls-rpt.record.uri-character",
    "tls-rpt.record.uri-percent",
    "spf.record.address-malformed",
    "spf.record.domain-malformed",
    "spf.record.prefix-malformed",
    "spf.record.macro-malformed",
    // It looks at a key when a signature is verified.
    "dkim.key.key-malformed",
    "dkim.key.not-base64",
    "dkim.key.only-sha1",
    // It does nothing with such a record either, later.
    "dmarc.record.no-effect",
];

type Row = (Kind, Difference, fn(&str) -> bool, &'static str);

/// The other differences: in which texts, and what the standard says.
const OTHERWISE: &[Row] = &[
    (
        Kind::MtaStsRecord,
        Difference::Otherwise,
        |text| repeats(&text.to_lowercase(), &["id"]),
        "RFC 8461 §3.2: all but the first of an entry are ignored; and names mind case (§3.1)",
    ),
    (
        Kind::TlsRptRecord,
        Difference::Taken,
        |text| text.contains("http:"),
        "RFC 8460 §3: a scheme that is not supported ends nothing; the other destinations stand",
    ),
    (
        Kind::TlsRptRecord,
        Difference::Otherwise,
        |text| text.contains("http:"),
        "RFC 8460 §3: the same",
    ),
    (
        Kind::TlsRptRecord,
        Difference::Otherwise,
        |text| repeats(text, &["rua"]),
        "RFC 8460 §3: 1*(field-delim tlsrpt-field) repeats any field",
    ),
    (
        Kind::TlsRptRecord,
        Difference::Otherwise,
        |text| text.contains("d=e") || text.contains("+=41"),
        "RFC 8460 §3: a destination is a URI, in which an equals sign is one (RFC 3986 §2.2)",
    ),
    (
        Kind::TlsRptRecord,
        Difference::Otherwise,
        |text| text.contains("MAILTO:"),
        "RFC 3986 §3.1: schemes do not mind case; we keep what is written",
    ),
    (
        Kind::TlsRptRecord,
        Difference::Otherwise,
        |text| text.contains("RUA="),
        "RFC 8460 §3: names mind case, and an unknown field is ignored",
    ),
    (
        Kind::SpfRecord,
        Difference::Taken,
        |text| text.contains("include=") || text.contains("ip4="),
        "RFC 7208 §6: what has an equals sign is a modifier, and one that nobody knows is ignored",
    ),
    (Kind::SpfRecord, Difference::Otherwise, |text| text.contains(" a="), "RFC 7208 §6: the same"),
    (
        Kind::DkimKey,
        Difference::Taken,
        |text| text.contains("k="),
        "RFC 6376 §3.6.1: unknown types are ignored; which are known is each receiver's own",
    ),
    (
        Kind::DkimKey,
        Difference::Otherwise,
        |text| text.contains("k="),
        "RFC 6376 §3.2: values mind case, and the default is for an absent tag, not for an empty one",
    ),
    (
        Kind::DkimKey,
        Difference::Taken,
        |text| text.contains("V="),
        "RFC 6376 §3.2: names mind case, so that this is no version",
    ),
    (
        Kind::DkimKey,
        Difference::Otherwise,
        |text| ["t=Y", "T=y", "P="].iter().any(|tag| text.contains(tag)),
        "RFC 6376 §3.2: names and values mind case",
    ),
    (
        Kind::DmarcRecord,
        Difference::Taken,
        |text| tags(&text.to_lowercase()).any(|(name, value)| is_wrong_in_dmarc(name, value)),
        "RFC 9989 §4.8: what is wrong behind the version is ignored, and its default taken",
    ),
    (
        Kind::DmarcRecord,
        Difference::Otherwise,
        |text| text.split(';').any(|piece| !piece.contains('=') && !piece.trim().is_empty()),
        "RFC 9989 §4.8: the same; what follows a name without a value is read",
    ),
    (
        Kind::DmarcRecord,
        Difference::Otherwise,
        |text| {
            let names = ["p", "sp", "np", "t", "rua", "psd", "adkim", "aspf"];
            repeats(&text.to_lowercase(), &names)
        },
        "RFC 9989 §4.8 does not say which of two counts; where RFC 7489 §6.4 refers to RFC 6376 §3.2, none does",
    ),
    (
        Kind::DmarcRecord,
        Difference::Otherwise,
        |text| text.contains('%'),
        "RFC 9989 §4.7: the tag holds URIs; we keep what is written, encoded as RFC 3986 §2.1 says",
    ),
    (
        Kind::DmarcRecord,
        Difference::Otherwise,
        |text| {
            let has_space = |item: &str| item.trim().contains(char::is_whitespace);
            tags(text).any(|(name, value)| name == "rua" && value.split([',', '!']).any(has_space))
        },
        "RFC 3986 §2: no URI holds white space; what stands around it is not one address",
    ),
];

/// The tags of a text that have a value.
fn tags(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let tags = text.split(';').filter_map(|piece| piece.split_once('='));
    tags.map(|(name, value)| (name.trim(), value.trim()))
}

/// Whether a tag of one of these names stands more than once.
fn repeats(text: &str, names: &[&str]) -> bool {
    names.iter().any(|name| tags(text).filter(|(found, _)| found == name).count() > 1)
}

/// Whether this is no value of the tag, both in lower case (RFC 9989 §4.8).
fn is_wrong_in_dmarc(name: &str, value: &str) -> bool {
    let is_limit = |limit: &str| {
        let limit = limit.split(',').next().unwrap_or_default().trim();
        limit.trim_end_matches(['k', 'm', 'g', 't']).bytes().all(|byte| byte.is_ascii_digit())
    };
    match name {
        "p" | "sp" | "np" => !["none", "quarantine", "reject"].contains(&value),
        "adkim" | "aspf" => !["r", "s"].contains(&value),
        "fo" => value.split(':').any(|option| !["0", "1", "d", "s"].contains(&option.trim())),
        "rua" | "ruf" => value.split('!').skip(1).any(|limit| !is_limit(limit)),
        _ => false,
    }
}

/// What a text says, as far as both tell; `None` if it is refused.
type Said = Option<String>;

fn ours<T>(parsed: Parsed<T>, said: impl Fn(T) -> String) -> (Said, &'static str) {
    let fails = parsed.findings.iter().filter(|finding| {
        finding.rule.severity == Severity::Fail && *finding.rule != spf::rules::ALL_PASSES
    });
    let reason = fails.map(|finding| finding.rule.code).next().unwrap_or_default();
    (parsed.value.filter(|_| parsed.usable).map(said), reason)
}

fn read(kind: Kind, text: &str) -> (Said, Said, &'static str) {
    let (own, bytes) = (Text::from(text), text.as_bytes());
    let theirs = match kind {
        Kind::MtaStsRecord => MtaSts::parse(bytes).ok().map(|record| record.id),
        Kind::TlsRptRecord => {
            TlsRpt::parse(bytes).ok().map(|record| list(record.rua.iter().map(uri)))
        }
        Kind::SpfRecord => Spf::parse(bytes).ok().map(|record| say_spf(&record)),
        Kind::DkimKey => match DomainKey::parse(bytes) {
            Err(Error::Dkim(DkimError::RevokedPublicKey)) => Some("revoked".to_owned()),
            key => key.ok().map(|key| say_key(&key)),
        },
        _ => Dmarc::parse(bytes).ok().map(|record| say_dmarc(&record)),
    };
    let (ours, reason) = match kind {
        Kind::MtaStsRecord => ours(record::parse(&own), |record| record.id),
        Kind::TlsRptRecord => ours(tls_rpt::parse(&own), |record| list(&record.rua)),
        Kind::SpfRecord => {
            ours(spf::parse(&own), |record| sorted(record.terms.iter().filter_map(say_term)))
        }
        Kind::DkimKey => ours(dkim::parse(&own), |key| match key.is_revoked() {
            true => "revoked".to_owned(),
            false => format!("{} {}", key.key_type, key.is_testing()),
        }),
        _ => ours(dmarc::parse(&own), |record| {
            let mail = record.rua.iter().filter_map(|uri| {
                Some(uri.to_ascii_lowercase().strip_prefix("mailto:")?.to_owned())
            });
            let strict = |alignment| alignment == dmarc::Alignment::Strict;
            let psd = match record.psd {
                dmarc::Psd::Yes => "y",
                dmarc::Psd::No => "n",
                dmarc::Psd::Unknown => "u",
            };
            format!(
                "{} {} {} {} {} {psd} {} {}",
                record.policy(),
                record.subdomain_policy(),
                record.nonexistent_policy(),
                strict(record.adkim),
                strict(record.aspf),
                record.testing,
                list(mail)
            )
        }),
    };
    (ours, theirs, reason)
}

fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}

/// Where directives and modifiers stand among each other says nothing.
fn sorted(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    items.sort();
    list(items)
}

fn uri(uri: &ReportUri) -> String {
    match uri {
        ReportUri::Mail(address) => format!("mailto:{address}"),
        ReportUri::Http(uri) => uri.clone(),
    }
}

fn say_key(key: &DomainKey) -> String {
    let testing = DomainKey::parse(b"t=y; k=ed25519; p=AAAA").unwrap().f;
    let key_type = if key.p.public_key_bits() == usize::MAX { "ed25519" } else { "rsa" };
    format!("{key_type} {}", key.f & testing != 0)
}

fn say_dmarc(record: &Dmarc) -> String {
    let policy = |policy| match policy {
        Policy::Reject => "reject",
        Policy::Quarantine => "quarantine",
        Policy::None | Policy::Unspecified => "none",
    };
    let psd = match record.psd {
        Psd::Yes => "y",
        Psd::No => "n",
        Psd::Default => "u",
    };
    let strict = |alignment: &Alignment| *alignment == Alignment::Strict;
    format!(
        "{} {} {} {} {} {psd} {} {}",
        policy(record.p),
        policy(record.sp),
        policy(record.np),
        strict(&record.adkim),
        strict(&record.aspf),
        record.t,
        list(record.rua.iter().map(|uri| uri.uri().to_owned()))
    )
}

/// A domain, or only that it has macros, which mail-auth keeps in its own way.
fn domain(text: &Macro) -> String {
    match text {
        Macro::Literal(bytes) => format!(":{}", String::from_utf8_lossy(bytes)),
        Macro::None => String::new(),
        _ => ":%".to_owned(),
    }
}

fn say_spf(record: &Spf) -> String {
    let directives = record.directives.iter().map(|directive| {
        let sign = match directive.qualifier {
            Qualifier::Pass => "",
            Qualifier::Fail => "-",
            Qualifier::SoftFail => "~",
            Qualifier::Neutral => "?",
        };
        let mechanism = match &directive.mechanism {
            Mechanism::All => "all".to_owned(),
            Mechanism::Include { macro_string } => format!("include{}", domain(macro_string)),
            Mechanism::Exists { macro_string } => format!("exists{}", domain(macro_string)),
            Mechanism::Ptr { macro_string } => format!("ptr{}", domain(macro_string)),
            Mechanism::A { macro_string, ip4_mask, ip6_mask } => format!(
                "a{} {} {}",
                domain(macro_string),
                ip4_mask.count_ones(),
                ip6_mask.count_ones()
            ),
            Mechanism::Mx { macro_string, ip4_mask, ip6_mask } => format!(
                "mx{} {} {}",
                domain(macro_string),
                ip4_mask.count_ones(),
                ip6_mask.count_ones()
            ),
            Mechanism::Ip4 { addr, mask } => format!("{addr}/{}", mask.count_ones()),
            Mechanism::Ip6 { addr, mask } => format!("{addr}/{}", mask.count_ones()),
        };
        format!("{sign}{mechanism}")
    });
    let redirect = record.redirect.iter().map(|text| format!("redirect{}", domain(text)));
    let exp = record.exp.iter().map(|text| format!("exp{}", domain(text)));
    sorted(directives.chain(redirect).chain(exp))
}

fn say_term(term: &spf::Term) -> Option<String> {
    use mxray_records::spf::Mechanism as Own;
    let domain = term.domain.as_ref().map_or_else(String::new, |domain| match domain.as_str() {
        text if text.contains('%') => ":%".to_owned(),
        text => format!(":{text}"),
    });
    Some(match term.kind {
        TermKind::Redirect => format!("redirect{domain}"),
        TermKind::Explanation => format!("exp{domain}"),
        TermKind::Unknown(_) => return None,
        TermKind::Directive(qualifier, Own::Network(network, length)) => {
            format!("{qualifier}{network}/{length}")
        }
        TermKind::Directive(qualifier, mechanism @ (Own::A(prefixes) | Own::Mx(prefixes))) => {
            let name = mechanism.as_str();
            format!("{qualifier}{name}{domain} {} {}", prefixes.v4, prefixes.v6)
        }
        TermKind::Directive(qualifier, mechanism) => {
            format!("{qualifier}{}{domain}", mechanism.as_str())
        }
    })
}

fn difference(kind: Kind, text: &str) -> Option<Difference> {
    let (ours, theirs, reason) = read(kind, text);
    match (ours, theirs) {
        (None, Some(_)) => Some(Difference::Refused(reason)),
        (Some(_), None) => Some(Difference::Taken),
        (ours, theirs) if ours == theirs => None,
        _ => Some(Difference::Otherwise),
    }
}

/// Numbers without a source of chance, so that a difference comes again (Numerical Recipes' generator).
struct Numbers(u32);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(self.0 >> 8).unwrap() % end
    }
}

/// Records of a kind, sound and not.
fn made_up(of: &Words) -> impl Iterator<Item = String> {
    let [begins, words, between] =
        [of.begins, of.words, of.between].map(|items| items.split('|').collect::<Vec<_>>());
    let mut numbers = Numbers(1);
    (0..20_000).map(move |_| {
        let mut text = begins[numbers.below(begins.len())].to_owned();
        for _ in 0..[0, 1, 1, 1, 2, 2, 3][numbers.below(7)] {
            text += between[numbers.below(between.len())];
            text += words[numbers.below(words.len())];
        }
        text + ["", "", "", ";", " ", "; "][numbers.below(6)]
    })
}

#[test]
fn where_two_readers_differ_the_standard_says_who_is_right() {
    let mut unexplained: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut refused, mut otherwise) = (BTreeSet::new(), BTreeSet::new());
    for words in &KINDS {
        let kind = words.kind;
        for text in made_up(words).chain(corpora::texts(kind)) {
            let Some(difference) = difference(kind, &text) else { continue };
            let explains = |row: &Row| (row.0, row.1) == (kind, difference) && row.2(&text);
            match (difference, OTHERWISE.iter().position(explains)) {
                (Difference::Refused(code), _) if REFUSED.contains(&code) => {
                    refused.insert(code);
                }
                (_, Some(row)) => {
                    otherwise.insert(row);
                }
                _ => unexplained
                    .entry(format!("{kind} {difference:?}"))
                    .or_default()
                    .push(format!("{text:?} {:?}", read(kind, &text))),
            }
        }
    }
    for (difference, texts) in &unexplained {
        eprintln!(
            "{difference}, {} texts:\n    {}",
            texts.len(),
            texts[..texts.len().min(8)].join("\n    ")
        );
    }
    assert!(unexplained.is_empty());
    let idle: Vec<_> = REFUSED.iter().filter(|code| !refused.contains(*code)).collect();
    assert!(
        idle.is_empty() && otherwise.len() == OTHERWISE.len(),
        "rows about no text: {idle:?} {otherwise:?}"
    );
}

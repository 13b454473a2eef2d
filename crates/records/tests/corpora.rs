//! Other projects' cases and what people really publish, read from the folder that `MXRAY_CORPORA` names.

// There are no files in a browser.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mxray_records::lint::{Kind, lint};
use mxray_records::mta_sts::pattern::Pattern;
use mxray_records::{Finding, Text};
use serde_json::Value;

fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("MXRAY_CORPORA");
    if folder.is_none() {
        eprintln!("left out: MXRAY_CORPORA does not name the folder of the corpora");
    }
    folder.map(PathBuf::from)
}

fn read(path: PathBuf) -> String {
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Rows whose project judges otherwise than the standard: protocol, input, what the standard says, and where.
const CONTRADICTED: &[(&str, &str, &str, &str)] = &[
    (
        "mta-sts-record",
        "v=STSv1; id=foo; id=bar",
        "valid",
        "RFC 8461 §3.2: all entries except for the first SHALL be ignored",
    ),
    (
        "mta-sts-policy",
        "version: STSv1",
        "invalid",
        "RFC 8461 §3.2: mode and max_age are required once",
    ),
    (
        "spf-record",
        "V=spf1 all Include:example.org a ?a -a +a ~a a:x a:x/0 a:x/24//64 a:x//64 mx mx:x ptr ptr:x \
         IP4:10.0.0.1 ip4:0.0.0.0/0 ip4:10.0.0.1/24 ip6:2001:db8::1 ip6:2001:db8::1/128 exists:x \
         REDIRECT=x exp=X Other=x",
        "invalid",
        "RFC 7208 §7.1: a domain-spec that ends in no macro ends in a dot and a top-level label",
    ),
    (
        "spf-record",
        "v=spf1 +mx/11//100 ~a:domain.com/12/123 ?ip6:::1 -ip6:a::b/111 ip6:1080::8:800:68.0.3.1/96 ",
        "invalid",
        "RFC 7208 §5.6: the prefix length for IPv6 stands behind two slashes",
    ),
    (
        "tlsrpt-record",
        "v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com",
        "valid",
        "RFC 8460 §3: 1*(field-delim tlsrpt-field) repeats any field, and nothing forbids it",
    ),
    (
        "spf-record",
        "v=spf1 redirect=example.com",
        "valid",
        "RFC 7208 §4.6: its syntax is sound; the project also looks at what it leads to",
    ),
    (
        "spf-record",
        "v=spf1 a include:_spf.salesforce.com include:spf.protection.outlook.com \
         include:spf.constantcontact.com include:_spf.elasticemail.com include:servers.mcsv.net \
         include:_spf.google.com include:service-now.com ~all",
        "valid",
        "RFC 7208 §4.6.4: eight lookups of its own; the project also counts what it leads to",
    ),
    (
        "spf-record",
        "v=spf1 a:13Mk4olS9VWhQqXRl90fKJrD.example.com mx:SfGiqBnQfRbOMapQJhozxo2B.example.com \
         a:VAFeyU9N2KJX518aGsN3w6VS.example.com ~all",
        "valid",
        "RFC 7208 §4.6.4: three lookups; the project also counts those that find nothing",
    ),
    ("dkim-key", "p=", "valid", "RFC 6376 §3.6.1: an empty value means that the key is revoked"),
    ("dkim-key", "v=DKIM1; p=", "valid", "RFC 6376 §3.6.1: the same"),
    ("dkim-key", "v=DKIM1; k=rsa; p=;", "valid", "RFC 6376 §3.6.1: the same"),
    ("dkim-key", "v=DKIM1; k=unknown; p=", "valid", "RFC 6376 §3.6.1: the same, whatever its type"),
    (
        "dkim-key",
        "v=DKIM1; p=; ",
        "valid",
        "RFC 6376 §3.2 does not provide for the space; all readers but this one accept it",
    ),
    (
        "bimi-record",
        "v=BIMI1; lps=news,billing,support",
        "invalid",
        "draft-brand-indicators-for-message-identification-12 §5.3: l is required",
    ),
    (
        "bimi-record",
        "v=BIMI1; lps=News,Billing",
        "invalid",
        "draft-brand-indicators-for-message-identification-12 §5.3: the same",
    ),
    (
        "bimi-record",
        "v=BIMI1; lps=sales-team,help-desk,info123",
        "invalid",
        "draft-brand-indicators-for-message-identification-12 §5.3: the same",
    ),
    (
        "bimi-record",
        "v=BIMI1; avp=brand",
        "invalid",
        "draft-brand-indicators-for-message-identification-12 §5.3: the same",
    ),
    (
        "mta-sts-mx-match",
        "ñaca.com",
        "nomatch",
        "RFC 8461 §3.2: the mx value MUST specify the A-label",
    ),
    (
        "mta-sts-mx-match",
        "Ñaca.com",
        "nomatch",
        "RFC 8461 §3.2: the mx value MUST specify the A-label",
    ),
    (
        "mta-sts-mx-match",
        "x.ñaca.com",
        "nomatch",
        "RFC 8461 §4.1: the MX record's name, which is in A-labels, is matched",
    ),
];

#[test]
fn other_projects_cases_agree_or_are_contradicted_by_the_standard() {
    let Some(folder) = corpora() else { return };
    let mut contradicted = BTreeSet::new();
    let mut differing = Vec::new();
    for line in read(folder.join("parse-cases.jsonl")).lines() {
        // One row, of another kind, holds half of a surrogate pair, which no text can.
        let Ok(row) = serde_json::from_str::<Value>(line) else { continue };
        let (proto, input) = (row["proto"].as_str().unwrap(), &row["input"]);
        let Some(judged) = judge(proto, input, &row) else { continue };
        let exception =
            CONTRADICTED.iter().position(|(of, text, ..)| *of == proto && input == text);
        let expected =
            exception.map_or(row["expect"].as_str().unwrap(), |index| CONTRADICTED[index].2);
        contradicted.extend(exception);
        let agrees = expected == judged || expected == "valid-or-warn" && judged == "valid";
        if !agrees {
            differing.push(format!("{proto} {input}: expected {expected}, found {judged}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert_eq!(contradicted.len(), CONTRADICTED.len(), "an exception is about no row");
}

/// How this project judges a row; `None` if it is about something else.
fn judge(proto: &str, input: &Value, row: &Value) -> Option<&'static str> {
    let texts = || match input {
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(Text::from).collect(),
        text => vec![Text::from(text.as_str().unwrap_or_default())],
    };
    if proto == "mta-sts-mx-match" {
        let patterns = row["detail"]["patterns"].as_array().unwrap();
        let matches = |pattern: &Value| {
            Pattern::parse(pattern.as_str().unwrap())
                .is_ok_and(|pattern| pattern.matches(input.as_str().unwrap()))
        };
        return Some(if patterns.iter().any(matches) { "match" } else { "nomatch" });
    }
    let kind: Kind = proto.parse().ok()?;
    Some(if lint(kind, &texts(), &[], None).usable { "valid" } else { "invalid" })
}

#[test]
fn real_policies_are_judged_as_a_strict_reader_judges_them() {
    let Some(folder) = corpora() else { return };
    let mut differing = BTreeSet::new();
    let index = read(folder.join("policies/index.tsv"));
    let verdicts = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let mut seen = BTreeSet::new();
    for row in verdicts {
        if !seen.insert(row[0].to_owned()) {
            continue;
        }
        let body = read(folder.join(format!("policies/{}.txt", row[0])));
        let linted =
            lint(Kind::MtaStsPolicy, &[Text::from(body.as_str())], &[], Some("text/plain"));
        if linted.usable != (row[9] == "ok") {
            let codes: Vec<_> = linted.findings.iter().map(|finding| finding.rule.code).collect();
            differing.insert(format!("{}: {} {}, found {codes:?}", row[0], row[9], row[10]));
        }
    }
    assert!(differing.is_empty(), "{}", Vec::from_iter(differing).join("\n"));
}

#[test]
fn every_finding_in_a_real_policy_lies_within_its_text() {
    let Some(folder) = corpora() else { return };
    let policies = policies(&folder);
    assert!(policies.len() > 100, "{}", policies.len());
    for (name, body) in policies {
        let linted = lint(
            Kind::MtaStsPolicy,
            &[Text::from(body.as_str())],
            &["mail.example.com".into()],
            None,
        );
        for place in linted.findings.iter().filter_map(|finding| finding.place) {
            let found = body.get(place.span.start..place.span.end);
            assert!(found.is_some_and(|found| !found.is_empty()), "{name}: {place:?}");
        }
    }
}

/// The records of real zones that are text, each with its kind and its name.
fn published(folder: &Path) -> Vec<(Kind, String, Text)> {
    let records = read(folder.join("records.tsv"));
    let rows = records.lines().skip(1).filter_map(|line| {
        let [_, _, name, "TXT", value] = line.split('\t').collect::<Vec<_>>()[..] else {
            return None;
        };
        // Some zones quote, and join strings by a pair of quotes.
        let text = Text::join(value.trim_matches('"').split("\"\""));
        let kind = match name {
            _ if name.contains("_mta-sts") => Kind::MtaStsRecord,
            _ if name.contains("_smtp._tls") => Kind::TlsRptRecord,
            // Below an underscore there are policies of ADSP and consents to reports.
            _ if name.starts_with("_dmarc") => Kind::DmarcRecord,
            _ if name.contains("._domainkey") && !name.starts_with('_') => Kind::DkimKey,
            _ if name.contains("_bimi") => Kind::BimiRecord,
            _ if text.as_str().contains("v=spf1") => Kind::SpfRecord,
            _ => return None,
        };
        Some((kind, name.to_owned(), text))
    });
    rows.collect()
}

/// The bodies of real policies, each with its name.
fn policies(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder.join("policies")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let texts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    texts.map(|path| (path.file_stem().unwrap().display().to_string(), read(path))).collect()
}

#[test]
fn the_records_of_real_zones_are_mostly_sound() {
    let Some(folder) = corpora() else { return };
    let records = published(&folder);
    let unusable = records.iter().filter(|(kind, name, text)| {
        let usable = lint(*kind, std::slice::from_ref(text), &[], None).usable;
        if !usable {
            eprintln!("not usable: {name} {}", text.as_str());
        }
        !usable
    });
    assert!(unusable.count() * 10 < records.len());
}

/// How often each rule applies to what people publish; whoever changes a rule sees here what that does,
/// and reads the difference by eye before writing the new numbers down.
#[test]
fn what_is_found_in_what_people_publish_was_read_by_eye() {
    let Some(folder) = corpora() else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let policies = policies(&folder)
        .into_iter()
        .map(|(name, body)| (Kind::MtaStsPolicy, name, Text::from(body.as_str())));
    for (kind, _, text) in published(&folder).into_iter().chain(policies) {
        for finding in lint(kind, std::slice::from_ref(&text), &[], None).findings {
            *counts.entry(finding.rule.code).or_default() += 1;
        }
    }
    let found: String = counts.iter().map(|(code, count)| format!("{code} {count}\n")).collect();
    assert_eq!(found, include_str!("found.txt"));
}

#[test]
fn the_mail_servers_of_real_zones_raise_no_false_alarm() {
    let Some(folder) = corpora() else { return };
    let mut sets: BTreeMap<(String, String), Vec<Text>> = BTreeMap::new();
    for line in read(folder.join("records.tsv")).lines().skip(1) {
        let [_, zone, name, "MX", value] = line.split('\t').collect::<Vec<_>>()[..] else {
            continue;
        };
        let set = sets.entry((zone.to_owned(), name.to_owned())).or_default();
        // Several sources hold the same zone.
        if !set.contains(&value.into()) {
            set.push(value.into());
        }
    }
    assert!(sets.len() > 200, "{}", sets.len());
    for ((zone, name), set) in sets {
        let linted = lint(Kind::MxSet, &set, &[], None);
        let found = linted.findings.iter().filter(|finding| {
            // A name without a dot is relative to its zone.
            *finding.rule != mxray_records::mx::rules::HOST_NOT_QUALIFIED
        });
        assert_eq!(found.collect::<Vec<_>>(), Vec::<&Finding>::new(), "{zone} {name} {set:?}");
    }
}

//! Examples of rules: each text that raises one, published by a domain of its own.
//!
//! The texts are those of the folder `crates/records/examples`, or any that is written like it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::format::{Base, Dnssec, DomainToml, MailHostToml, NameToml, PolicyToml, TxtToml};
use crate::policies::hosts;
use crate::world::Source;
use crate::{DomainFile, Expect, LabError, sound};

/// Below this name stand the domains of the examples.
const PARENT: &str = "rules.example";

/// What many examples speak of: a domain that takes mail, wants everybody's reports and has a record for
/// whoever includes it.
const NEIGHBOR: &str = r#"
domain = "b.example"
about = "What the examples of rules speak of."
expect = { transport = "yes", forgery = "yes", stage = "enforce", first = "" }

[records."*._report._dmarc"]
TXT = ["v=DMARC1"]
"#;

/// The rule that an example raises, and the domain that publishes it in the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleDomain {
    /// Such as `mta-sts-record-id-missing.rules.example`.
    pub name: String,
    /// The code of the rule, such as `mta-sts.record.id-missing`.
    pub rule: String,
}

/// The part of a rule's examples that raises it.
#[derive(Deserialize)]
struct Entry {
    raises: Example,
}

/// One example, in one of the shapes that it can have.
#[derive(Deserialize)]
#[serde(untagged)]
enum Example {
    Records(Vec<String>),
    File(String),
    Covering {
        policy: String,
        mx: Vec<String>,
    },
    Long {
        policy: String,
        line: String,
        times: usize,
    },
    Served {
        #[serde(rename = "content-type", default)]
        content_type: String,
    },
}

/// Reads every `*.toml` of `folder`. What cannot stand in DNS as it is written, or is nothing that
/// a mail domain publishes, has no domain.
pub(crate) fn read(folder: &Path) -> Result<Vec<(ExampleDomain, Source)>, LabError> {
    let failed = |source| LabError::Read { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let mut domains = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)
            .map_err(|source| LabError::Read { path: file.clone(), source })?;
        let entries: BTreeMap<String, Entry> = toml::from_str(&text)
            .map_err(|problem| LabError::file(&file.to_string_lossy(), problem))?;
        for (rule, entry) in entries {
            domains.extend(domain(&file, &rule, entry.raises)?);
        }
    }
    Ok(domains)
}

/// The domain that the examples speak of.
pub(crate) fn neighbor() -> Result<Source, LabError> {
    Source::read(&DomainFile::inline(NEIGHBOR))
}

fn domain(
    file: &Path,
    rule: &str,
    example: Example,
) -> Result<Option<(ExampleDomain, Source)>, LabError> {
    let Some((family, _)) = rule.rsplit_once('.') else { return Ok(None) };
    let name = format!("{}.{PARENT}", rule.replace('.', "-"));
    let toml = DomainToml {
        domain: name.clone(),
        about: format!("An example of {rule}."),
        expect: Expect::default(),
        base: Base::Sound,
        dnssec: Dnssec::default(),
        ttl: sound::TTL,
        mx: None,
        policy: None,
        records: BTreeMap::new(),
    };
    let Some(toml) = published(toml, family, example) else { return Ok(None) };
    let source = Source::new(PathBuf::from(file), toml)?;
    Ok(Some((ExampleDomain { name, rule: rule.to_owned() }, source)))
}

/// A sound domain with the example where texts of its family stand.
fn published(toml: DomainToml, family: &str, example: Example) -> Option<DomainToml> {
    let place = match family {
        "mta-sts.record" => "_mta-sts",
        "tls-rpt.record" => "_smtp._tls",
        "spf.record" => "@",
        "dkim.key" => "default._domainkey",
        "dmarc.record" => "_dmarc",
        "bimi.record" => "default._bimi",
        "mta-sts.policy" => return Some(with_policy(toml, example)),
        "mx.set" => return with_mx(toml, example),
        "tlsa.record" => return with_tlsa(toml, example),
        _ => return None,
    };
    let Example::Records(texts) = example else { return None };
    let txt = Some(texts.iter().map(|text| strings(text)).collect());
    Some(with_records(toml, place, NameToml { txt, ..NameToml::default() }))
}

fn with_records(mut toml: DomainToml, place: &str, records: NameToml) -> DomainToml {
    toml.records.insert(place.to_owned(), records);
    toml
}

/// With MX hosts that the policy covers, unless the example names others.
fn with_policy(toml: DomainToml, example: Example) -> DomainToml {
    let body = |text: String| PolicyToml {
        body_base64: Some(STANDARD.encode(text)),
        ..PolicyToml::default()
    };
    let (policy, mx) = match example {
        Example::Records(texts) => (body(texts.concat()), Vec::new()),
        Example::File(text) => {
            let mx = hosts(text.as_bytes());
            (body(text), mx)
        }
        Example::Covering { policy, mx } => (body(policy), mx),
        Example::Long { policy, line, times } => {
            let mx = hosts(policy.as_bytes());
            (body(policy + &line.repeat(times)), mx)
        }
        Example::Served { content_type } => {
            (PolicyToml { content_type, ..PolicyToml::default() }, Vec::new())
        }
    };
    let mx: Vec<MailHostToml> =
        mx.iter().map(|host| sound::mail_host(&format!("{host}."), 10)).collect();
    let mx = Some(mx).filter(|mx| !mx.is_empty());
    DomainToml { policy: Some(policy), mx, ..toml }
}

/// With servers behind the records.
fn with_mx(toml: DomainToml, example: Example) -> Option<DomainToml> {
    let Example::Records(records) = example else { return None };
    let host = |record: &String| {
        let fields: Vec<&str> = record.split_whitespace().collect();
        let [preference, host] = fields[..] else { return None };
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !host.chars().all(is_letter) {
            return None;
        }
        let host = format!("{}.", host.trim_end_matches('.'));
        Some(sound::mail_host(&host, preference.parse().ok()?))
    };
    let mx = Some(records.iter().map(host).collect::<Option<Vec<_>>>()?);
    Some(DomainToml { mx, ..toml })
}

/// Signed, as nobody looks at others, and with reports about them.
fn with_tlsa(toml: DomainToml, example: Example) -> Option<DomainToml> {
    let Example::Records(records) = example else { return None };
    let is_data = |record: &String| {
        let fields: Vec<&str> = record.split(' ').collect();
        let [usage, selector, matching, data] = fields[..] else { return false };
        let numbers = [usage, selector, matching];
        let is_hex = data.bytes().all(|octet| octet.is_ascii_hexdigit());
        numbers.iter().all(|it| it.parse::<u8>().is_ok()) && is_hex && data.len() % 2 == 0
    };
    if !records.iter().all(is_data) {
        return None;
    }
    let tlsa = NameToml { tlsa: Some(records), ..NameToml::default() };
    let reports = TxtToml::One(format!("v=TLSRPTv1; rua=mailto:tls-reports@{}", toml.domain));
    let reports = NameToml { txt: Some(vec![reports]), ..NameToml::default() };
    let toml = with_records(toml, "_smtp._tls.mail", reports);
    let toml = DomainToml { dnssec: Dnssec::Secure, ..toml };
    Some(with_records(toml, "_25._tcp.mail", tlsa))
}

/// The character-strings of a text, each of at most 255 octets.
fn strings(text: &str) -> TxtToml {
    let octets: Vec<String> = text.bytes().map(|octet| format!("\\{octet:03}")).collect();
    TxtToml::Many(octets.chunks(255).map(<[String]>::concat).collect())
}

//! The test suite of RFC 7208, or any file of its format: `MXRAY_SPF_SUITE=FILE cargo test -p
//! mxray-scan spf_suite`.
//!
//! A file is a list of YAML documents, each with `tests` and the `zonedata` that they see.

// It reads a file, which a browser cannot.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use mxray_facts::dns::{Answer, Existence, Question, Record, RecordType};
use mxray_facts::{Bytes, Domain, MailHost, Name, Observation, PolicyFetch, Timestamp, Unobserved};
use mxray_scan::Network;
use mxray_scan::spf::{Attempt, check_host};
use serde::Deserialize;

#[derive(Deserialize)]
struct Scenario {
    #[serde(default)]
    description: String,
    tests: BTreeMap<String, Case>,
    #[serde(default)]
    zonedata: BTreeMap<String, Vec<Entry>>,
}

#[derive(Deserialize)]
struct Case {
    host: String,
    #[serde(default)]
    helo: String,
    #[serde(default)]
    mailfrom: String,
    result: OneOrMany,
    explanation: Option<OneOrMany>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// What stands at a name: records, or that questions are not answered.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Unanswered(String),
    Record(BTreeMap<String, Data>),
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Data {
    One(String),
    Many(Vec<Scalar>),
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Number(u16),
    Text(String),
}

impl OneOrMany {
    /// Where several are given, the standard leaves the choice.
    fn allows(&self, found: &str) -> bool {
        match self {
            Self::One(only) => only == found,
            Self::Many(several) => several.iter().any(|one| one == found),
        }
    }
}

impl Data {
    fn only(&self) -> &str {
        match self {
            Self::One(text) => text,
            Self::Many(_) => panic!("a list, where one value should be"),
        }
    }
}

/// The zones of a scenario.
struct Zones(BTreeMap<Name, Node>);

#[derive(Default)]
struct Node {
    records: Vec<(RecordType, Record)>,
    alias: Option<Name>,
    /// Why a question for which there is no record has no answer either.
    silence: Option<Unobserved>,
    unanswered: Vec<RecordType>,
}

impl Zones {
    fn new(zonedata: &BTreeMap<String, Vec<Entry>>) -> Self {
        let nodes = zonedata.iter().map(|(owner, entries)| (name(owner), Node::new(entries)));
        Self(nodes.collect())
    }

    fn answer(&self, question: &Question) -> Observation<Answer> {
        let mut answer = Answer::absent(Existence::Exists);
        let mut owner = &question.name;
        while let Some(alias) = self.0.get(owner).and_then(|node| node.alias.as_ref()) {
            // As the codec does, whose answer ends nowhere.
            if answer.aliases.contains(alias) {
                return Err(Unobserved::ResolverFailed);
            }
            answer.aliases.push(alias.clone());
            owner = alias;
        }
        let Some(node) = self.0.get(owner) else {
            answer.existence = Existence::DoesNotExist;
            return Ok(answer);
        };
        let records = node.records.iter().filter(|(kind, _)| *kind == question.record_type);
        answer.records = records.map(|(_, record)| record.clone()).collect();
        if node.unanswered.contains(&question.record_type) {
            return Err(Unobserved::TimedOut);
        }
        match &node.silence {
            Some(why) if answer.records.is_empty() => Err(why.clone()),
            _ => Ok(answer),
        }
    }
}

impl Node {
    fn new(entries: &[Entry]) -> Self {
        let mut node = Self::default();
        let records = || {
            entries.iter().flat_map(|entry| match entry {
                Entry::Record(record) => record.iter().collect::<Vec<_>>(),
                Entry::Unanswered(_) => Vec::new(),
            })
        };
        node.silence = entries.iter().find_map(|entry| match entry {
            Entry::Record(_) => None,
            Entry::Unanswered(word) if word == "TIMEOUT" => Some(Unobserved::TimedOut),
            Entry::Unanswered(_) => Some(Unobserved::ResolverFailed),
        });
        // The suite is older than the end of type SPF: such a record stands for a TXT record, unless
        // something is said of those.
        let has_txt = records().any(|(kind, _)| kind == "TXT");
        for (kind, data) in records() {
            let kind = if kind == "SPF" && !has_txt { "TXT" } else { kind };
            node.add(kind, data);
        }
        node
    }

    fn add(&mut self, kind: &str, data: &Data) {
        let record_type = match kind {
            "A" => RecordType::A,
            "AAAA" => RecordType::Aaaa,
            "MX" => RecordType::Mx,
            "TXT" => RecordType::Txt,
            "PTR" => RecordType::Ptr,
            "CNAME" => {
                self.alias = Some(name(data.only()));
                return;
            }
            "SPF" => return,
            other => panic!("{other} is no type of the suite"),
        };
        match data {
            Data::One(word) if word == "NONE" => {}
            Data::One(word) if word == "TIMEOUT" => self.unanswered.push(record_type),
            data => self.records.push((record_type, record(record_type, data))),
        }
    }
}

fn record(record_type: RecordType, data: &Data) -> Record {
    match (record_type, data) {
        (RecordType::A | RecordType::Aaaa, data) => Record::Address(data.only().parse().unwrap()),
        (RecordType::Ptr, data) => Record::Ptr(name(data.only())),
        (RecordType::Txt, Data::One(text)) => Record::Txt(vec![octets(text)]),
        (RecordType::Txt, Data::Many(strings)) => {
            Record::Txt(strings.iter().map(|string| octets(&string.text())).collect())
        }
        (RecordType::Mx, Data::Many(fields)) => Record::Mx {
            preference: fields[0].text().parse().unwrap(),
            exchange: name(&fields[1].text()),
        },
        _ => panic!("no data of {}", record_type.as_str()),
    }
}

impl Scalar {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// `"\x80"` means the octet.
fn octets(text: &str) -> Bytes {
    let octets: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    Bytes(octets.unwrap_or_else(|| text.as_bytes().to_vec()))
}

/// Names as they are meant, with signs that zone files would escape.
fn name(text: &str) -> Name {
    let escape = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => c.to_string(),
        other => format!("\\{:03}", u32::from(other)),
    };
    match text {
        "" => Name::root(),
        text => text.chars().map(escape).collect::<String>().parse().unwrap(),
    }
}

impl Network for Zones {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        self.answer(question)
    }

    async fn policy(&self, _: &Domain) -> Observation<PolicyFetch> {
        Err(Unobserved::NotCovered)
    }

    async fn mail_host(&self, _: &Domain, _: &Name) -> Observation<MailHost> {
        Err(Unobserved::NotCovered)
    }
}

impl Case {
    /// Without a sender it is the postmaster of the name in HELO (RFC 7208 §2.4).
    fn attempt(&self) -> Attempt {
        let sender = match self.mailfrom.as_str() {
            "" => format!("postmaster@{}", self.helo),
            sender => sender.to_owned(),
        };
        let domain = sender.rsplit_once('@').map_or(sender.as_str(), |(_, domain)| domain);
        Attempt {
            ip: self.host.parse().unwrap(),
            domain: domain.to_owned(),
            helo: self.helo.clone(),
            at: Timestamp(1_790_000_000),
            sender,
        }
    }

    /// What is wrong with what came of it.
    async fn trouble(&self, zones: &Zones) -> Option<String> {
        let found = check_host(zones, &self.attempt()).await;
        // The suite's word for the explanation of a receiver that has none.
        let explanation = found.explanation.as_deref().unwrap_or("DEFAULT");
        if !self.result.allows(found.result.as_str()) {
            return Some(format!("{}, because {:?}", found.result.as_str(), found.reason));
        }
        let is_explained =
            self.explanation.as_ref().is_none_or(|wanted| wanted.allows(explanation));
        (!is_explained).then(|| format!("explained by {explanation:?}"))
    }
}

fn suite() -> Option<PathBuf> {
    let file = std::env::var_os("MXRAY_SPF_SUITE").map(PathBuf::from);
    file.or_else(|| {
        let corpora = std::env::var_os("MXRAY_CORPORA")?;
        Some(PathBuf::from(corpora).join("spf/rfc7208-tests.yml"))
    })
}

#[tokio::test]
async fn spf_suite() {
    let Some(file) = suite() else {
        eprintln!("left out: neither MXRAY_SPF_SUITE nor MXRAY_CORPORA says where the suite is");
        return;
    };
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    let scenarios: Vec<Scenario> = serde_saphyr::from_multiple(&text).unwrap();
    let (mut cases, mut failed) = (0, Vec::new());
    for scenario in scenarios {
        let zones = Zones::new(&scenario.zonedata);
        for (name, case) in &scenario.tests {
            cases += 1;
            if let Some(trouble) = case.trouble(&zones).await {
                failed.push(format!("{} / {name}: {trouble}", scenario.description));
            }
        }
    }
    println!("{} of {cases} cases", cases - failed.len());
    assert!(cases > 0, "{file:?} holds no case");
    assert!(failed.is_empty(), "{} of {cases} fail:\n{}", failed.len(), failed.join("\n"));
}

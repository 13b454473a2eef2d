//! Real zones, read from the folder that `MXRAY_CORPORA` names: scanned in both stages.
//!
//! `cargo test -p mxray-scan --test scan corpora -- --nocapture` prints how often each rule applies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mxray_facts::dns::{Answer, Existence, Question, Record, RecordType};
use mxray_facts::{Bytes, Domain, MailHost, Name, Observation, PolicyFetch, Unobserved};
use mxray_scan::depth::{Depth, Kept, depth};
use mxray_scan::{Network, Report, scan};

use crate::depth::known;
use crate::zone::NOW;

/// What a file of records holds, and nothing else: what is not in it was not observed.
#[derive(Default)]
struct Published {
    records: BTreeMap<(Name, RecordType), Vec<Record>>,
    aliases: BTreeMap<Name, Name>,
}

impl Published {
    /// Reads lines of source, zone, name, type and value, parted by tabs.
    fn read(text: &str) -> Self {
        let mut published = Self::default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [_, zone, name, kind, value] = fields[..] else { continue };
            let name = match name {
                "" | "@" => zone.to_owned(),
                absolute if absolute.ends_with('.') => absolute.to_owned(),
                relative => format!("{relative}.{zone}"),
            };
            // A wildcard is no name at which anybody asks.
            if let Some(name) = name.parse().ok().filter(|_| !name.starts_with('*')) {
                published.add(zone, name, kind, value);
            }
        }
        published
    }

    fn add(&mut self, zone: &str, name: Name, kind: &str, value: &str) {
        let (record_type, record) = match kind {
            "TXT" => (RecordType::Txt, Record::Txt(strings(value))),
            "MX" => {
                let Some((preference, exchange)) = value.split_once(' ') else { return };
                // A host of one label is of the zone; others are written whole, with a final dot or without.
                let exchange = match exchange.trim() {
                    host if host == "." || host.contains('.') => host.parse(),
                    host => format!("{host}.{zone}").parse(),
                };
                let (Ok(preference), Ok(exchange)) = (preference.parse(), exchange) else { return };
                (RecordType::Mx, Record::Mx { preference, exchange })
            }
            "CNAME" => {
                if let Ok(end) = value.parse() {
                    self.aliases.insert(name, end);
                }
                return;
            }
            _ => return,
        };
        // Two sources may have the same zone; a set has no record twice (RFC 2181 §5).
        let set = self.records.entry((name, record_type)).or_default();
        if !set.contains(&record) {
            set.push(record);
        }
    }

    /// The names at which mail is spoken of, and that can be domains.
    fn domains(&self) -> BTreeSet<Domain> {
        self.records.keys().filter_map(|(name, _)| name.as_str().parse().ok()).collect()
    }
}

impl Network for Published {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        let mut answer = Answer::absent(Existence::Exists);
        let mut name = &question.name;
        while let Some(end) = self.aliases.get(name).filter(|end| !answer.aliases.contains(end)) {
            answer.aliases.push(end.clone());
            name = end;
        }
        let records = self.records.get(&(name.clone(), question.record_type));
        answer.records.clone_from(records.ok_or(Unobserved::NotCovered)?);
        Ok(answer)
    }

    async fn policy(&self, _: &Domain) -> Observation<PolicyFetch> {
        Err(Unobserved::NotCovered)
    }

    async fn mail_host(&self, _: &Domain, _: &Name) -> Observation<MailHost> {
        Err(Unobserved::NotCovered)
    }
}

/// The character-strings of a value; some are written as in a zone file, some without the outer quotes.
fn strings(value: &str) -> Vec<Bytes> {
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let value = quoted.unwrap_or(value).replace("\" \"", "\"\"");
    value.split("\"\"").map(|it| Bytes::from(it.as_bytes())).collect()
}

async fn look(network: &Published, domain: &Domain) -> (Report, Depth) {
    let kept = Kept::new(network);
    let report = scan(&kept, domain, NOW, &|_| {}).await;
    let depth = depth(&kept, &report, kept.seen(), &known(), &|_| {}).await;
    (report, depth)
}

/// So many domains of each rule are printed, for people to read their records.
const SAMPLES: usize = 10;

/// Rules that conclude something from absence: no file of records can raise them.
const ABSENCE: [&str; 11] = [
    "mta-sts.absent",
    "mta-sts.host-missing",
    "tls-rpt.absent",
    "mx.no-domain",
    "mx.nothing",
    "mx.host-without-address",
    "mx.no-host-with-address",
    "dmarc.absent",
    "dmarc.reports-not-authorized",
    "dmarc.reports-undeliverable",
    "spf.void-lookups-exceeded",
];

#[tokio::test]
async fn real_zones_are_scanned_and_nothing_is_concluded_from_what_they_lack() {
    let Some(folder) = std::env::var_os("MXRAY_CORPORA") else {
        return eprintln!("left out: MXRAY_CORPORA does not name the folder of the corpora");
    };
    let text = std::fs::read_to_string(Path::new(&folder).join("records.tsv")).unwrap();
    let network = Published::read(&text);
    let domains = network.domains();
    let mut found: BTreeMap<&str, Vec<&Domain>> = BTreeMap::new();
    for domain in &domains {
        let (report, depth) = look(&network, domain).await;
        let checks = report.checks.iter().flat_map(|check| &check.findings);
        let notes = depth.findings.iter().map(|note| &note.finding);
        let codes: BTreeSet<&str> =
            checks.map(|found| &found.finding).chain(notes).map(|it| it.rule.code).collect();
        codes.into_iter().for_each(|code| found.entry(code).or_default().push(domain));
    }
    let mut table: Vec<_> = found.iter().collect();
    table.sort_by_key(|(_, domains)| std::cmp::Reverse(domains.len()));
    println!("{} domains", domains.len());
    for (code, domains) in table {
        let samples: Vec<_> = domains.iter().take(SAMPLES).map(ToString::to_string).collect();
        println!("{:5}  {code:40} {}", domains.len(), samples.join(" "));
    }
    for code in ABSENCE {
        assert!(!found.contains_key(code), "{code}: {:?}", found[code]);
    }
    assert!(domains.len() > 100, "{}", domains.len());
}

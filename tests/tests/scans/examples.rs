//! The lab has a domain for every rule: those of its files, and one for each example of a rule about a
//! text. A scan of each raises what is meant, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures_util::StreamExt;
use futures_util::stream::iter;
use mxray_lab::{Config, ExampleDomain, Lab};
use mxray_tests::{Product, Setup};

use crate::proxied::{AT_A_TIME, Proxied};

/// Codes of rules, each once.
type Codes = BTreeSet<String>;

/// What a scan says of an example beside its own rule.
const BESIDE: &str = include_str!("beside.toml");

/// The rules that no scan raises, and why; a `*` stands for anything.
const NOT_RAISED: [(&str, &str); 15] = [
    ("*.record.foreign", "what is no record of a kind is none to a scan: it is absent"),
    ("*.record.other-kind", "the same"),
    ("dkim.key.foreign", "the same"),
    ("dkim.key.other-kind", "the same"),
    ("mta-sts.policy.too-large", "nobody reads so far: mta-sts.policy-too-large"),
    ("mx.set.null-with-others", "mx.null-with-others says it"),
    ("mx.set.field-*", "DNS has a number and a name where a zone file has fields"),
    ("mx.set.swapped", "the same"),
    ("mx.set.preference-malformed", "the same"),
    ("mx.set.host-malformed", "no name in the lab's DNS can have such a letter"),
    ("tlsa.record.field-*", "DNS has octets where a zone file has fields"),
    ("tlsa.record.data-*", "the same"),
    ("tlsa.record.repeated", "a set of records has none twice (RFC 2181 §5)"),
    ("caa.record.*", "a scan does not ask who may issue certificates"),
    ("zone.*", "only the command reads zone files"),
];

fn is_raised(code: &str) -> bool {
    let stands_for = |pattern: &str| match pattern.split_once('*') {
        Some((begin, end)) => code.starts_with(begin) && code.ends_with(end),
        None => code == pattern,
    };
    !NOT_RAISED.iter().any(|(pattern, _)| stands_for(pattern))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_example_raises_its_rule_and_what_is_meant_beside_it() {
    let product = Product::start(Setup { lab: with_examples(), ..Setup::default() }).await.unwrap();
    let network = Proxied::new(&product);
    let beside: BTreeMap<String, Codes> = toml::from_str(BESIDE).unwrap();
    let examples = product.lab.examples().iter().filter(|example| is_raised(&example.rule));
    let scans = examples.map(async |example| {
        let mut expected = beside.get(&example.rule).cloned().unwrap_or_default();
        expected.insert(example.rule.clone());
        let raised = raised(&network, example).await;
        let name = &example.name;
        (raised != expected)
            .then(|| format!("{name}:\n  expected {expected:?}\n  seen     {raised:?}"))
    });
    let surprises: Vec<String> =
        iter(scans).buffered(AT_A_TIME).filter_map(std::future::ready).collect().await;
    assert!(surprises.is_empty(), "\n{}", surprises.join("\n"));
    product.stop().await;
}

#[tokio::test]
async fn every_rule_has_a_domain_that_raises_it_or_a_reason_why_no_scan_does() {
    let lab = Lab::start(with_examples()).await.unwrap();
    let of_files = lab.domains().iter().map(|domain| &domain.expect);
    let of_files = of_files.flat_map(|expect| expect.rules.iter().chain(&expect.deep));
    let of_examples = lab.examples().iter().map(|example| &example.rule);
    let have: BTreeSet<&str> = of_files.chain(of_examples).map(String::as_str).collect();
    let zone = mxray_records::zone::rules::RULES.iter().copied();
    let catalog = mxray_records::catalog().chain(mxray_scan::catalog()).chain(zone);
    let lacking =
        catalog.map(|rule| rule.code).filter(|code| is_raised(code) && !have.contains(code));
    assert_eq!(lacking.collect::<Vec<_>>(), Vec::<&str>::new());
    lab.stop().await;
}

fn with_examples() -> Config {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/records/examples");
    Config { examples: Some(folder), ..Config::default() }
}

/// What a scan finds, in both stages.
async fn raised(network: &Proxied, example: &ExampleDomain) -> Codes {
    let (report, depth) = network.scan_deep(&example.name).await;
    let first = report.checks.iter().flat_map(|check| &check.findings).map(|found| &found.finding);
    let deep = depth.findings.iter().map(|note| &note.finding);
    first.chain(deep).map(|finding| finding.rule.code.to_owned()).collect()
}

//! Real policies, fetched over real HTTPS and judged as `mxray lint` judges the same bytes.
//!
//! Left out without `MXRAY_CORPORA`, the folder in which `policies` is.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use futures_util::StreamExt;
use futures_util::stream::iter;
use mxray_lab::{Config, PolicyDomain};
use mxray_records::Finding;
use mxray_scan::depth::Depth;
use mxray_scan::{CheckId, Report, Source, Stage};
use mxray_tests::{Product, Setup, command};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::proxied::{AT_A_TIME, Proxied};

/// What is said of a policy's text.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Judgement {
    usable: bool,
    findings: Vec<Found>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Found {
    rule: String,
    severity: String,
    span: Option<(usize, usize, usize)>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_real_policy_is_judged_as_lint_judges_it() {
    let Some(corpora) = std::env::var_os("MXRAY_CORPORA").map(PathBuf::from) else {
        eprintln!("left out: MXRAY_CORPORA is not set, so there are no real policies");
        return;
    };
    let lab = Config { policies: Some(corpora.join("policies")), ..Config::of([]) };
    let product = Product::start(Setup { lab, ..Setup::default() }).await.unwrap();
    let policies = product.lab.policies();
    assert!(policies.len() >= 160, "{} policies", policies.len());

    let network = Proxied::new(&product);
    let scans = policies.iter().map(|policy| network.scan_deep(&policy.name));
    let reports: Vec<(Report, Depth)> = iter(scans).buffered(AT_A_TIME).collect().await;
    let linted = linted(policies);
    assert_eq!(linted.len(), policies.len(), "an answer for each");
    for ((policy, (report, depth)), expected) in policies.iter().zip(&reports).zip(linted) {
        let file = policy.file.file_name().unwrap().display();
        let requests = product.lab.https_log(&format!("mta-sts.{}", policy.name));
        assert_eq!(requests, ["GET /.well-known/mta-sts.txt HTTP/1.1"], "{file}");
        assert_eq!(judged(report, depth), expected, "{file}");
    }
    product.stop().await;
}

/// What a scan says of the policy that it fetched, in both stages.
fn judged(report: &Report, depth: &Depth) -> Judgement {
    let check = report.checks.iter().find(|check| check.id == CheckId::MtaSts).unwrap();
    let is_policy = |source: &Source| matches!(source, Source::Policy(_));
    let policy = check.evidence.iter().position(|seen| is_policy(&seen.source)).unwrap();
    let findings = check.findings.iter().filter(|found| found.evidence == Some(policy));
    let findings = findings.map(|found| &found.finding);
    let notes = depth.findings.iter().map(|note| &note.finding);
    let about_it = |finding: &&Finding| finding.rule.code.starts_with("mta-sts.policy.");
    sorted(Judgement {
        usable: report.stage != Stage::Broken,
        findings: findings.chain(notes.filter(about_it)).map(found_as_json).collect(),
    })
}

fn found_as_json(finding: &Finding) -> Found {
    let place = serde_json::to_value(finding.place).unwrap();
    Found {
        rule: finding.rule.code.to_owned(),
        severity: serde_json::to_value(finding.rule.severity).unwrap().as_str().unwrap().to_owned(),
        span: serde_json::from_value(place).unwrap(),
    }
}

/// What `mxray lint` says of the files, all of them in one run.
fn linted(policies: &[PolicyDomain]) -> Vec<Judgement> {
    let mut lint = command().unwrap();
    lint.args(["lint", "--ndjson"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut lint = lint.spawn().unwrap();
    let mut questions = lint.stdin.take().unwrap();
    let lines: Vec<Value> = policies.iter().map(question).collect();
    // From a thread of its own: both pipes can fill up.
    let writer = std::thread::spawn(move || {
        lines.iter().for_each(|line| writeln!(questions, "{line}").unwrap());
    });
    let output = lint.wait_with_output().unwrap();
    writer.join().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    answers.lines().map(|line| sorted(serde_json::from_str(line).unwrap())).collect()
}

fn question(policy: &PolicyDomain) -> Value {
    let bytes = std::fs::read(&policy.file).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    json!({ "kind": "mta-sts-policy", "input": text, "content_type": "text/plain" })
}

/// Each has an order of its own for people to read.
fn sorted(mut judgement: Judgement) -> Judgement {
    judgement.findings.sort();
    judgement
}

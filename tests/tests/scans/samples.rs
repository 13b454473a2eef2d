//! Every sample domain, as its file expects it.

use futures_util::StreamExt;
use futures_util::stream::iter;
use mxray_lab::{Domain, Expect};
use mxray_scan::depth::Depth;
use mxray_scan::{Report, Step};
use mxray_tests::{Product, Setup};

use crate::proxied::{AT_A_TIME, Proxied};

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_domain_is_judged_as_its_file_expects() {
    let product = Product::start(Setup::default()).await.unwrap();
    let network = Proxied::new(&product);
    let scans = product.lab.domains().iter().map(|sample| surprise(&network, sample));
    let surprises: Vec<String> =
        iter(scans).buffered(AT_A_TIME).filter_map(std::future::ready).collect().await;
    assert!(surprises.is_empty(), "\n{}", surprises.join("\n"));
    product.stop().await;
}

/// How a domain's report differs from what its file expects.
async fn surprise(network: &Proxied, sample: &Domain) -> Option<String> {
    let (report, depth) = network.scan_deep(&sample.name).await;
    let seen = seen(&report, &depth);
    (seen != sample.expect).then(|| {
        let summaries = report.checks.iter().map(|check| {
            let rules: Vec<_> = check.findings.iter().map(|found| found.finding.rule).collect();
            format!(
                "    {}: {} {rules:?} {:?}",
                check.id.as_str(),
                check.verdict.as_str(),
                check.gaps
            )
        });
        let summaries = summaries.collect::<Vec<_>>().join("\n");
        format!(
            "{}:\n  expected {:?}\n  seen     {seen:?}\n{summaries}",
            sample.name, sample.expect
        )
    })
}

/// What a report says, in the words of a file.
fn seen(report: &Report, depth: &Depth) -> Expect {
    let code = |steps: &[Step]| steps.first().map(|step| rule(report, step).to_owned());
    let rules = found(report);
    Expect {
        transport: report.transport.protection.as_str().to_owned(),
        forgery: report.forgery.protection.as_str().to_owned(),
        stage: serde_json::to_value(report.stage).unwrap().as_str().unwrap().to_owned(),
        first: code(&report.steps).or_else(|| rules.first().cloned()).unwrap_or_default(),
        alarm: code(&report.alarms),
        rules,
        deep: depth.findings.iter().map(|note| note.finding.rule.code.to_owned()).collect(),
    }
}

/// The codes of all that a report finds, check by check, each once.
fn found(report: &Report) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for found in report.checks.iter().flat_map(|check| &check.findings) {
        let code = found.finding.rule.code;
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

fn rule(report: &Report, step: &Step) -> &'static str {
    let check = report.checks.iter().find(|check| check.id == step.check).unwrap();
    check.findings[step.finding].finding.rule.code
}

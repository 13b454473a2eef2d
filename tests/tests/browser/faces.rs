//! The page and the command hand out one and the same report.

use std::collections::BTreeSet;
use std::process::Stdio;

use mxray_lab::{Config, Lab};
use mxray_tests::command;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::driver::browse;
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};
use rstest::rstest;

/// What two looks at the same thing need not share: when, how long, and for how much longer.
const OF_THE_MOMENT: [&str; 5] = ["at", "elapsed_ms", "resolved_ms", "times", "ttl"];

/// Who honors the policy: sentences, which the page says and does not save.
const SAID: &str = "senders";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_command_report_the_same(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        for domain in
            ["enforce.example", "mode-enforced.example", "dane.example", "mx-self-signed.example"]
        {
            browser.scanned(&format!("{}/?domain={domain}", product.address())).await;
            let (page, name) = browser.saves().await;
            assert_eq!(name, format!("{domain}.json"));
            let page = lasting(timeless(page));
            let mut command = lasting(timeless(checked(&product.lab, domain)));
            command.as_object_mut().unwrap().remove(SAID);
            assert_eq!(
                differences(&page, &command),
                Vec::<String>::new(),
                "{domain}: page, command"
            );
        }
    })
    .await;
    product.stop().await;
}

/// What `mxray check --json` reports.
fn checked(lab: &Lab, domain: &str) -> Value {
    let ca_file = NamedTempFile::new().unwrap();
    std::fs::write(&ca_file, &lab.ca_pem).unwrap();
    let mut check = command().unwrap();
    check.args(["check", domain, "--deep", "--json", "--allow-net", "127.0.0.0/8"]);
    check.args(["--dns", &lab.dns.to_string()]).arg("--ca-file").arg(ca_file.path());
    check.args(["--https-port", &lab.https_port.to_string()]);
    check.args(["--smtp-port", &lab.smtp_port.to_string()]);
    for (from, to) in &lab.routes {
        check.args(["--route", &format!("{from}={to}")]);
    }
    let output = check.stderr(Stdio::inherit()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The report with the second of its making taken out: a new policy's `id` is made of it.
fn timeless(report: Value) -> Value {
    let second = report["at"].to_string();
    serde_json::from_str(&report.to_string().replace(&second, "0")).unwrap()
}

fn lasting(mut report: Value) -> Value {
    match &mut report {
        Value::Object(entries) => {
            entries.retain(|key, _| !OF_THE_MOMENT.contains(&key.as_str()));
            entries.values_mut().for_each(|value| *value = lasting(value.take()));
        }
        Value::Array(entries) => {
            entries.iter_mut().for_each(|value| *value = lasting(value.take()));
        }
        _ => {}
    }
    report
}

/// Where two reports differ, as a path and both values: a report is too long to be read twice.
fn differences(left: &Value, right: &Value) -> Vec<String> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<_> = left.keys().chain(right.keys()).collect();
            within(keys.into_iter().map(|key| (key.clone(), left.get(key), right.get(key))))
        }
        (Value::Array(left), Value::Array(right)) => {
            let places = 0..left.len().max(right.len());
            within(places.map(|place| (place.to_string(), left.get(place), right.get(place))))
        }
        _ if left == right => vec![],
        _ => vec![format!(": {left}, {right}")],
    }
}

fn within<'v>(
    entries: impl Iterator<Item = (String, Option<&'v Value>, Option<&'v Value>)>,
) -> Vec<String> {
    let null = Value::Null;
    entries
        .flat_map(|(key, left, right)| {
            let inner = differences(left.unwrap_or(&null), right.unwrap_or(&null));
            inner.into_iter().map(move |difference| format!("/{key}{difference}"))
        })
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_finding_leads_to_its_rules_page(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=mode-enforced.example", product.address())).await;
        let [code, page]: [String; 2] = browser
            .look(
                "const link = document.querySelector('.finding a[href^=\"rules/\"]');
                 return fetch(link.href).then(async page => [link.textContent, await page.text()])",
            )
            .await;
        assert!(page.contains(&code) && page.contains("<h1"), "{code}: {page}");
    })
    .await;
    product.stop().await;
}

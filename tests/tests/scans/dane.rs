//! DANE with real certificates: records of every kind, made from what a server shows over real TLS.

use futures_util::StreamExt;
use futures_util::stream::iter;
use mxray_lab::{Config, DomainFile};
use mxray_scan::CheckId;
use mxray_tests::{Product, Setup};

use crate::proxied::{AT_A_TIME, Proxied};

/// Of a whole key the probe tells the digests alone.
const NOT_COMPARED: &str = "1 0";

/// A signed domain whose mail server has such a record.
fn domain(name: &str, tlsa: &str, records: &str) -> DomainFile {
    DomainFile::inline(format!(
        "domain = '{name}.example'
         about = 'A TLSA record of one kind.'
         dnssec = 'secure'
         mx = [{{ host = 'mail', tlsa = [{tlsa}] }}]
         expect = {{ transport = '', forgery = '', stage = '', first = '' }}
         {records}"
    ))
}

/// Usage, selector and matching type of each kind that mail senders use (RFC 7672 §3.1).
fn kinds() -> impl Iterator<Item = String> {
    let numbers = |last| (0..=last).map(|number: u8| number.to_string());
    let with = move |first: String, last| numbers(last).map(move |it| format!("{first} {it}"));
    ["2", "3"]
        .into_iter()
        .flat_map(move |usage| with(usage.to_owned(), 1))
        .flat_map(move |it| with(it, 2))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_record_fits_the_certificate_that_it_was_made_of_and_no_other() {
    let mut cases = Vec::new();
    for kind in kinds() {
        let name = kind.replace(' ', "-");
        cases.push((format!("fits-{name}"), format!("'{kind}'"), String::new(), false));
        if !kind.ends_with(NOT_COMPARED) {
            let digest = "5a".repeat(if kind.ends_with('2') { 64 } else { 32 });
            let records = format!("[records.'_25._tcp.mail']\nTLSA = ['{kind} {digest}']");
            cases.push((format!("other-{name}"), String::new(), records, true));
        }
    }
    let files = cases.iter().map(|(name, tlsa, records, ..)| domain(name, tlsa, records));
    let lab = Config::of(files);
    let product = Product::start(Setup { lab, ..Setup::default() }).await.unwrap();
    let network = Proxied::new(&product);
    let scans = cases.iter().map(async |(name, _, _, differs)| {
        let (report, depth) = network.scan_deep(&format!("{name}.example")).await;
        let check = report.checks.iter().find(|check| check.id == CheckId::Dane).unwrap();
        let mut findings = check.findings.iter();
        let is_found = findings.any(|found| found.finding.rule.code == "dane.mismatch");
        (is_found != *differs).then(|| format!("{name}: {:?}, {:?}", check.findings, depth.dane))
    });
    let wrong: Vec<String> =
        iter(scans).buffered(AT_A_TIME).filter_map(std::future::ready).collect().await;
    assert_eq!(cases.len(), 12 + 10, "two kinds cannot be compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    product.stop().await;
}

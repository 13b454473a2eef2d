//! The texts of the corpora that are of a kind which two readers read.

use std::path::PathBuf;

use mxray_records::lint::Kind;

/// What is published, and other projects' cases, of a kind.
pub(crate) fn texts(kind: Kind) -> Vec<String> {
    let Some(folder) = std::env::var_os("MXRAY_CORPORA").map(PathBuf::from) else {
        eprintln!("left out: MXRAY_CORPORA does not name the folder of the corpora");
        return Vec::new();
    };
    let records = std::fs::read_to_string(folder.join("records.tsv")).unwrap();
    let cases = std::fs::read_to_string(folder.join("parse-cases.jsonl")).unwrap();
    let mut texts: Vec<String> = records.lines().filter_map(|line| record_of(kind, line)).collect();
    for line in cases.lines() {
        let Ok(case) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let proto = case["proto"].as_str().unwrap_or_default();
        if proto.starts_with(kind.as_str()) {
            texts.extend(case["input"].as_str().map(str::to_owned));
        }
    }
    assert!(texts.len() > 20, "{kind}: {}", texts.len());
    texts
}

fn record_of(kind: Kind, line: &str) -> Option<String> {
    let [_, _, name, "TXT", value] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
    // Some zones quote, and join strings by a pair of quotes.
    let text = value.trim_matches('"').replace("\"\"", "");
    let is_of_kind = match kind {
        Kind::MtaStsRecord => name.contains("_mta-sts"),
        Kind::TlsRptRecord => name.contains("_smtp._tls"),
        Kind::DkimKey => name.contains("_domainkey"),
        Kind::DmarcRecord => name.contains("_dmarc"),
        _ => text.contains("v=spf1"),
    };
    is_of_kind.then_some(text)
}

//! What was found, in the format that code hosts and editors read: SARIF 2.1.0.

use std::fmt::Write;

use mxray_records::texts::{RuleText, Texts};
use mxray_records::{Rule, Severity, Span};
use serde::Serialize;
use serde_json::{Value, json};

use super::source::{Document, Found, Linted, Repair};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log of one run over some documents.
pub(super) fn log(linted: &[(Document, Vec<Linted>)], texts: &Texts) -> impl Serialize {
    let mut rules: Vec<&'static Rule> = Vec::new();
    let mut results = Vec::new();
    for (document, sets) in linted {
        for set in sets {
            for found in &set.found {
                let rule = found.finding.rule;
                let index = rules.iter().position(|known| *known == rule).unwrap_or_else(|| {
                    rules.push(rule);
                    rules.len() - 1
                });
                results.push(result(document, set, found, index, texts));
            }
        }
    }
    let rules: Vec<Value> = rules.into_iter().map(|rule| descriptor(rule, texts)).collect();
    let driver = json!({"name": "mxray", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// `reportingDescriptor` (§3.49).
fn descriptor(rule: &Rule, texts: &Texts) -> Value {
    let say = |which: fn(&RuleText) -> &String| {
        texts.rules.get(rule.code).map_or(rule.code, |text| which(text))
    };
    json!({
        "id": rule.code,
        "shortDescription": {"text": say(|text| &text.title)},
        "fullDescription": {"text": say(|text| &text.why)},
        "help": {"text": say(|text| &text.fix)},
        "helpUri": rule.link(),
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"section": rule.section},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}

/// `result` (§3.27).
fn result(document: &Document, set: &Linted, found: &Found, index: usize, texts: &Texts) -> Value {
    let Found { finding, spot, repair } = found;
    // Whoever shows results needs a line, also for what is absent.
    let spot = spot.unwrap_or(Span::new(0, document.content.len()));
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&document.name)},
            "region": region(document, spot),
        },
    });
    if let Some((owner, kind)) = &set.about {
        location["logicalLocations"] = json!([{"fullyQualifiedName": format!("{owner} {kind}")}]);
    }
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": level(finding.rule.severity),
        "message": {"text": texts.say(finding, |rule| &rule.exact)},
        "locations": [location],
    });
    if let Some(repair) = repair {
        let what = texts.say(finding, |rule| &rule.fix);
        result["fixes"] = json!([fix(document, repair, &what)]);
    }
    result
}

/// `fix` (§3.55).
fn fix(document: &Document, repair: &Repair, what: &str) -> Value {
    json!({
        "description": {"text": what},
        "artifactChanges": [{
            "artifactLocation": {"uri": uri(&document.name)},
            "replacements": [{
                "deletedRegion": region(document, repair.out),
                "insertedContent": {"text": repair.put},
            }],
        }],
    })
}

/// A region by lines and columns, and by bytes (§3.30).
fn region(document: &Document, span: Span) -> Value {
    let (start_line, start_column) = document.position(span.start);
    let (end_line, end_column) = document.position(span.end);
    json!({
        "startLine": start_line,
        "startColumn": start_column,
        "endLine": end_line,
        "endColumn": end_column,
        "byteOffset": span.start,
        "byteLength": span.end - span.start,
    })
}

/// A path as a URI reference (RFC 3986 §2.3, §4.2).
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            // A string takes all that is written to it.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_becomes_a_uri() {
        for (path, expected) in [
            ("zones/b.example", "zones/b.example"),
            ("/etc/a b", "file:///etc/a%20b"),
            ("<stdin>", "%3Cstdin%3E"),
            ("c:é", "c%3A%C3%A9"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}

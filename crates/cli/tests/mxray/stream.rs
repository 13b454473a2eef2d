//! `mxray lint --ndjson`: every line is answered, in its turn, and nothing ends the stream but its end.

use std::io::{BufRead, BufReader, Write};

use serde_json::{Value, json};

use crate::command::{command, run};

/// The longest line that is read.
const MAX_LINE: usize = 1024 * 1024;

fn answers(input: impl AsRef<[u8]>) -> Vec<Value> {
    let ran = run(&["lint", "--ndjson"], input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answer(line: &str) -> Value {
    let mut answers = answers(line);
    assert_eq!(answers.len(), 1, "{line}");
    answers.remove(0)
}

#[test]
fn a_text_is_answered_with_its_findings() {
    let good = answer(r#"{"kind": "mta-sts-record", "input": "v=STSv1; id=20260101;"}"#);
    assert_eq!(good, json!({"usable": true, "findings": []}));

    let policy = "version: STSv1\nmode: enforced\nmx: mx.example.com\nmax_age: 604800\n";
    let bad = answer(&json!({"kind": "mta-sts-policy", "input": policy}).to_string());
    assert_eq!(bad["usable"], false);
    let finding = &bad["findings"][0];
    assert_eq!(finding["severity"], "fail");
    assert_eq!(finding["span"], json!([0, 21, 29]), "{finding}");
    let keys: Vec<_> = finding.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["fix", "message", "rule", "severity", "span"]);
    assert_eq!(finding["fix"], policy.replace("enforced", "enforce"));
    let unclear = answer(r#"{"kind": "dmarc-record", "input": "v=DMARC1; p=none"}"#);
    assert_eq!(unclear["findings"][0]["fix"], Value::Null, "nobody knows what else was meant");
}

#[test]
fn an_input_is_a_text_or_records_or_their_character_strings() {
    let usable = |input: Value| {
        answer(&json!({"kind": "mta-sts-record", "input": input}).to_string())["usable"].clone()
    };
    for (reason, input, expected) in [
        ("a text", json!("v=STSv1; id=1"), true),
        ("one record", json!(["v=STSv1; id=1"]), true),
        ("a record in two character-strings", json!([["v=STSv1; ", "id=1"]]), true),
        ("two records, one of another kind", json!(["v=STSv1; id=1", ["v=spf1", " -all"]]), true),
        ("two records of this kind", json!(["v=STSv1; id=1", "v=STSv1; id=2"]), false),
        ("no record", json!([]), false),
    ] {
        assert_eq!(usable(input), expected, "{reason}");
    }
}

#[test]
fn every_kind_is_answered() {
    for (kind, input) in [
        ("mta-sts-record", "v=STSv1; id=1"),
        ("mta-sts-policy", "version: STSv1\nmode: none\nmax_age: 86400\n"),
        ("tlsrpt-record", "v=TLSRPTv1; rua=mailto:a@b.example"),
        ("spf-record", "v=spf1 -all"),
        ("dkim-key", "v=DKIM1; p="),
        ("dmarc-record", "v=DMARC1; p=reject"),
        ("bimi-record", "v=BIMI1; l=; a=;"),
        ("tlsa-record", "3 1 0 00\n3 1 0 01"),
        ("mx-set", "10 mx1.b.example\n20 mx2.b.example\n"),
        ("caa-record", "0 issue \"ca.example\""),
    ] {
        let answer = answer_to(kind, input);
        assert_eq!(answer["usable"], true, "{kind}: {answer}");
        let wrong = answer_to(kind, "hello");
        assert_eq!(wrong["usable"], false, "{kind}: {wrong}");
    }
}

fn answer_to(kind: &str, input: &str) -> Value {
    answer(&json!({"kind": kind, "input": input}).to_string())
}

#[test]
fn a_span_names_the_record() {
    let question = json!({"kind": "tlsrpt-record", "input": ["v=spf1 -all", ["v=TLSRPTv1; ", "rua=ftp://example.com"]]});
    let answer = answer(&question.to_string());
    assert_eq!(answer["findings"][0]["span"][0], 1, "{answer}");
}

#[test]
fn coverage_and_content_type_are_judged_where_they_are_given() {
    let policy = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";
    let covered = answer(
        &json!({"kind": "mta-sts-policy", "input": policy, "mx": ["MX.example.com."]}).to_string(),
    );
    assert_eq!(covered, json!({"usable": true, "findings": []}));
    let uncovered = answer(
        &json!({"kind": "mta-sts-policy", "input": policy, "mx": ["mx.example.net"]}).to_string(),
    );
    assert_eq!(uncovered["usable"], true, "coverage aside");
    assert_eq!(uncovered["findings"][0]["severity"], "fail");
    let html = answer(
        &json!({"kind": "mta-sts-policy", "input": policy, "content_type": "text/html"})
            .to_string(),
    );
    assert_ne!(html["findings"], json!([]));
}

#[test]
fn an_id_comes_back_as_it_was() {
    for id in [
        "1",
        "\"a\"",
        "null",
        "[1,{\"b\":2.50}]",
        "12345678901234567890123",
        "1e999",
        "\"\\u0007\"",
    ] {
        let line = format!(
            "{{\"id\": {id}, \"kind\": \"mta-sts-record\", \"input\": \"v=STSv1; id=1\"}}\n"
        );
        let ran = run(&["lint", "--ndjson"], line);
        assert_eq!(ran.stdout, format!("{{\"id\":{id},\"usable\":true,\"findings\":[]}}\n"));
    }
}

#[test]
fn a_bad_line_is_answered_and_the_stream_goes_on() {
    let long = format!(
        "{{\"id\": 1, \"kind\": \"mta-sts-record\", \"input\": \"{}\"}}",
        "a".repeat(MAX_LINE)
    );
    let good = "{\"id\": 7, \"kind\": \"mta-sts-record\", \"input\": \"v=STSv1; id=1\"}";
    for (reason, line, id, expected) in [
        ("a blank line", b"".as_slice(), None, "expected a JSON object"),
        ("no JSON", b"v=STSv1; id=1", None, "expected a JSON object"),
        ("JSON that breaks off", b"{\"id\": 1, \"kind\": ", None, "EOF while parsing"),
        ("a list", b"[\"mta-sts-record\", \"v=STSv1; id=1\"]", None, "expected a JSON object"),
        ("not UTF-8", b"{\"id\": 1, \"kind\": \"\xff\"}", None, "not UTF-8"),
        ("too long", long.as_bytes(), None, "over 1 MiB"),
        ("nothing in it", b"{}", None, "missing field `kind`"),
        ("no kind", b"{\"id\": 1, \"input\": \"\"}", Some(1), "missing field `kind`"),
        (
            "no such kind",
            b"{\"id\": 1, \"kind\": \"mta-sts\", \"input\": \"\"}",
            Some(1),
            "mta-sts-record",
        ),
        (
            "a kind that is no text",
            b"{\"id\": 1, \"kind\": 5, \"input\": \"\"}",
            Some(1),
            "expected a string",
        ),
        (
            "no input",
            b"{\"id\": 1, \"kind\": \"mta-sts-record\"}",
            Some(1),
            "missing field `input`",
        ),
        (
            "an input of numbers",
            b"{\"id\": 1, \"kind\": \"mta-sts-record\", \"input\": [1]}",
            Some(1),
            "list of its character-strings",
        ),
        (
            "two policies",
            b"{\"id\": 1, \"kind\": \"mta-sts-policy\", \"input\": [\"\", \"\"]}",
            Some(1),
            "a policy is one text",
        ),
        (
            "hosts that are no list",
            b"{\"id\": 1, \"kind\": \"mta-sts-policy\", \"input\": \"\", \"mx\": \"a\"}",
            Some(1),
            "expected a sequence",
        ),
        (
            "the same field twice",
            b"{\"kind\": \"mta-sts-record\", \"kind\": \"mta-sts-record\", \"input\": \"\"}",
            None,
            "duplicate field",
        ),
    ] {
        let answers = answers([line, b"\n", good.as_bytes(), b"\n"].concat());
        assert_eq!(answers.len(), 2, "{reason}");
        let error =
            answers[0]["error"].as_str().unwrap_or_else(|| panic!("{reason}: {}", answers[0]));
        assert!(error.contains(expected), "{reason}: {error}");
        assert_eq!(answers[0]["id"].as_i64(), id, "{reason}");
        assert_eq!(answers[1], json!({"id": 7, "usable": true, "findings": []}), "{reason}");
    }
}

#[test]
fn a_line_as_long_as_it_may_be_is_read() {
    let frame = "{\"kind\": \"mta-sts-record\", \"input\": \"\"}".len();
    let line = format!(
        "{{\"kind\": \"mta-sts-record\", \"input\": \"{}\"}}",
        "a".repeat(MAX_LINE - frame)
    );
    for end in ["", "\n"] {
        assert_eq!(answer(&format!("{line}{end}"))["usable"], false);
    }
}

#[test]
fn the_last_line_needs_no_end_and_any_line_may_end_in_crlf() {
    let line = r#"{"kind": "mta-sts-record", "input": "v=STSv1; id=1"}"#;
    assert_eq!(answers(format!("{line}\r\n{line}")).len(), 2);
    assert_eq!(answers("").len(), 0);
}

#[test]
fn each_answer_is_out_before_the_next_line_is_needed() {
    let mut child = command(&["lint", "--ndjson"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for id in 0..3 {
        writeln!(
            stdin,
            "{{\"id\": {id}, \"kind\": \"mta-sts-record\", \"input\": \"v=STSv1; id={id}\"}}"
        )
        .unwrap();
        let answer: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["id"], id);
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_answer_is_harmless_to_a_terminal() {
    let question = json!({"id": "\u{9b}2J", "kind": "mta-sts-policy", "input": "version: STSv1\nmode: \u{9b}31m\u{202e}\n"});
    let ran = run(&["lint", "--ndjson"], question.to_string());
    assert!(
        ran.stdout.is_ascii() || !ran.stdout.contains(['\u{9b}', '\u{202e}']),
        "{:?}",
        ran.stdout
    );
    assert!(ran.stdout.starts_with(r#"{"id":"\u009b2J""#), "{}", ran.stdout);
}

//! `mxray lint --format`, and several files.

use std::fs;

use serde_json::{Value, json};

use crate::command::run;

#[test]
fn json_is_the_same_by_both_names() {
    let input = "v=STSv1; id=a-b";
    let [json, format] = [&["--json"][..], &["--format", "json"]]
        .map(|option| run(&[&["lint", "mta-sts-record"], option].concat(), input).stdout);
    assert_eq!(json, format);
}

#[test]
fn several_files_are_answered_each() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, bad) = (file("good", "v=STSv1; id=1\n"), file("bad", "v=STSv1; id=\n"));
    let ran = run(&["lint", "mta-sts-record", &good, &bad], "");
    assert_eq!(ran.code, Some(1), "the worst counts");
    assert!(
        ran.stdout.starts_with(&format!("{good}: usable, nothing to report\n")),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.ends_with(&format!("{bad}: not usable; 1 fail\n")), "{}", ran.stdout);

    let ran = run(&["lint", "mta-sts-record", "--json", &good, &bad], "");
    let answers: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0], json!({"file": good, "usable": true, "findings": []}));
    assert_eq!((&answers[1]["file"], &answers[1]["usable"]), (&json!(bad), &json!(false)));

    let ran = run(&["lint", "mta-sts-record", &good, "no-such-file"], "");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "all of them are read first");
}

#[test]
fn records_of_fields_stand_one_on_a_line() {
    for (reason, kind, input, expected) in [
        ("as dig prints them", "mx-set", "10 mx1.b.example.\n20 mx2.b.example.\n", 0),
        ("the second is wrong", "mx-set", "10 mx1.b.example.\n20 192.0.2.1\n", 1),
        ("a blank line says nothing", "mx-set", "\n10 mx1.b.example.\r\n\r\n", 0),
        ("no record", "mx-set", "\n", 1),
        ("CAA", "caa-record", "0 issue \"ca.example\"\n0 iodef \"mailto:a@b.example\"\n", 0),
        ("TLSA", "tlsa-record", "3 1 1 00\n", 1),
    ] {
        assert_eq!(run(&["lint", kind], input).code, Some(expected), "{reason}");
    }
    let ran = run(&["lint", "mx-set"], "\n10 mx1.b.example.\n20 192.0.2.1\n");
    assert!(ran.stdout.contains(" --> <stdin>:3:4\n"), "the line of the input:\n{}", ran.stdout);
    let ran = run(&["lint", "mx-set", "--json"], "\n10 mx1.b.example.\n20 192.0.2.1\n");
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["findings"][0]["span"], json!([1, 3, 12]), "the number of the record");
}

#[test]
fn sarif_says_where_and_why() {
    let ran = run(
        &["lint", "mta-sts-policy", "--format", "sarif"],
        "version: STSv1\nmode: enforced\nmx: mx.example.com\nmax_age: 604800\n",
    );
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let log: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(
        (&run["tool"]["driver"]["name"], &run["columnKind"]),
        (&json!("mxray"), &json!("unicodeCodePoints"))
    );

    let [result] = run["results"].as_array().unwrap().as_slice() else { panic!("{run}") };
    assert_eq!(result["level"], "error");
    assert_ne!(result["message"]["text"], json!(null));
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], result["ruleId"]);
    assert_eq!(rule["helpUri"], "https://www.rfc-editor.org/rfc/rfc8461#section-3.2");
    for text in ["shortDescription", "fullDescription", "help"] {
        assert!(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{text}");
    }

    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "%3Cstdin%3E");
    let region = json!({
        "startLine": 2, "startColumn": 7, "endLine": 2, "endColumn": 15,
        "byteOffset": 21, "byteLength": 8,
    });
    assert_eq!(place["region"], region);
}

#[test]
fn sarif_has_a_place_for_what_is_absent_and_no_results_for_what_is_sound() {
    let log = |input: &str| -> Value {
        let ran = run(&["lint", "dmarc-record", "--format", "sarif"], input);
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let found = &log("v=DMARC1; p=reject\n")["runs"][0]["results"][0];
    assert_eq!(
        (&found["ruleId"], &found["level"]),
        (&json!("dmarc.record.reports-missing"), &json!("note"))
    );
    let region = &found["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["endColumn"]), (&json!(1), &json!(19)));
    let sound = log("v=DMARC1; p=reject; rua=mailto:a@b.example");
    assert_eq!(sound["runs"][0]["results"], json!([]));
}

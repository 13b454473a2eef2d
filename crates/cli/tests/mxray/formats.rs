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
    let [fix] = result["fixes"].as_array().unwrap().as_slice() else { panic!("{result}") };
    let replaced = json!({
        "artifactLocation": {"uri": "%3Cstdin%3E"},
        "replacements": [{
            "deletedRegion": {
                "startLine": 2, "startColumn": 14, "endLine": 2, "endColumn": 15,
                "byteOffset": 28, "byteLength": 1,
            },
            "insertedContent": {"text": ""},
        }],
    });
    assert_eq!(fix["artifactChanges"], json!([replaced]));
}

#[test]
fn every_format_shows_the_text_that_was_meant() {
    let meant = "v=DMARC1; p=reject";
    let lint = |format: &str| {
        run(&["lint", "dmarc-record", "--format", format], "v=DMRAC1; p=reject\n").stdout
    };
    let drawn = lint("human");
    assert!(drawn.contains(&format!("write: {meant}\n")), "{drawn}");
    let answer: Value = serde_json::from_str(&lint("json")).unwrap();
    assert_eq!(answer["findings"][0]["fix"], meant);
    let log: Value = serde_json::from_str(&lint("sarif")).unwrap();
    let put = log.pointer("/runs/0/results/0/fixes/0/artifactChanges/0/replacements/0");
    assert_eq!(put.unwrap()["insertedContent"]["text"], "AR", "for RA");
}

/// A text with the first fix of each result in its turn, until none is left.
#[test]
fn a_text_whose_fixes_are_applied_has_none_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.zone");
    let file = path.to_str().unwrap();
    for (reason, arguments, content, expected) in [
        (
            "a policy",
            vec!["mta-sts-policy", file],
            "version: STSv1\r\n\r\nmode : enforced\r\nmx: a.b.example.\r\nmax_age: 604,800\r\n\r\n",
            "version: STSv1\nmode: enforce\nmx: a.b.example\nmax_age: 604800\n",
        ),
        ("a record", vec!["mta-sts-record", file], "v=STSv1 ; ID = 1;\n", "v=STSv1; id=1;\n"),
        (
            "another kind",
            vec!["spf-record", file],
            "“v=spf 1 nclude:a.example - all”\n",
            "v=spf1 include:a.example -all\n",
        ),
        (
            "the second of two",
            vec!["mx-set", file],
            "10 a.b.example\nb.b.example 20\n",
            "10 a.b.example\n20 b.b.example\n",
        ),
        (
            "a zone",
            vec!["--zone", file],
            "$ORIGIN b.example.\n_mta-sts TXT ( \"v=STSv1,\" ; here\n \" id=1\" )\n@ A 192.0.2.1\n",
            "$ORIGIN b.example.\n_mta-sts TXT ( \"v=STSv1; id=1\" )\n@ A 192.0.2.1\n",
        ),
    ] {
        fs::write(&path, content).unwrap();
        while let Some(change) = first_change(&arguments) {
            let text = fs::read_to_string(&path).unwrap();
            let number = |key: &str| change["deletedRegion"][key].as_u64().unwrap() as usize;
            let (start, length) = (number("byteOffset"), number("byteLength"));
            let put = change["insertedContent"]["text"].as_str().unwrap();
            fs::write(&path, [&text[..start], put, &text[start + length..]].concat()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), expected, "{reason}");
    }
}

fn first_change(arguments: &[&str]) -> Option<Value> {
    let ran = run(&[&["lint", "--format", "sarif"], arguments].concat(), "");
    let log: Value = serde_json::from_str(&ran.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let change = "/fixes/0/artifactChanges/0/replacements/0";
    results.iter().find_map(|result| result.pointer(change)).cloned()
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

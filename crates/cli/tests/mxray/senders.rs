//! `--senders`: who honors a policy.

use serde_json::{Value, json};

use crate::command::run;

const POLICY: &str = "version: STSv1\nmode: enforce\nmx: *.b.example\nmax_age: 604800\n";

#[test]
fn each_sender_has_a_row_and_what_makes_it_differ() {
    let policy = POLICY.to_owned() + "\nmode: testing\n";
    let ran = run(&["lint", "mta-sts-policy", "--senders"], policy);
    assert_eq!(ran.code, Some(1), "the exit code is the lint's");
    let table = ran.stdout.split_once("Who honors this policy").unwrap().1;
    let mut lines = table.lines();
    for (sender, word, because) in [
        ("RFC 8461 ", "refused", "line 5: a blank line makes the policy invalid"),
        ("mox ", "refused", "line 5: a blank line makes the policy invalid"),
        ("postfix-mta-sts-resolver ", "testing  *.b.example", "line 6: the last of several counts"),
        ("mailauth ", "testing  *.b.example", "line 5: blank lines are passed over"),
    ] {
        let row = lines.find(|line| line.trim_start().starts_with(sender)).unwrap();
        assert!(row.ends_with(word), "{row}");
        assert!(lines.any(|line| line == format!("    {because}")), "{sender}:\n{table}");
    }
}

#[test]
fn json_has_the_same_rows() {
    let arguments = ["lint", "mta-sts-policy", "--senders", "--json", "--mx", "a.c.b.example"];
    let ran = run(&arguments, POLICY);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    let row = |name: &str| {
        let rows = answer["senders"].as_array().unwrap();
        rows.iter().find(|row| row["sender"] == name).unwrap()
    };
    let standard = row("RFC 8461");
    assert_eq!(
        (&standard["accepted"], &standard["mode"], &standard["max_age"], &standard["mx"]),
        (&json!(true), &json!("enforce"), &json!(604_800), &json!(["*.b.example"]))
    );
    assert_eq!(standard["uncovered"], json!(["a.c.b.example"]));
    let deep = row("mailauth");
    assert_eq!(deep["uncovered"], json!([]));
    let because = json!([{
        "case": "wildcard", "done": "any-depth", "line": null,
        "message": "* stands for one label or more",
    }]);
    assert_eq!(deep["because"], because);
}

#[test]
fn what_it_is_served_with_counts_for_some() {
    let arguments =
        ["lint", "mta-sts-policy", "--senders", "--json", "--content-type", "text/html"];
    let ran = run(&arguments, POLICY);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    let accepted: Vec<_> =
        answer["senders"].as_array().unwrap().iter().map(|row| &row["accepted"]).collect();
    assert_eq!(accepted, [true, true, false, false, true, true, false, false]);
}

#[test]
fn only_a_policy_has_senders() {
    for (reason, arguments) in [
        ("a record", ["mta-sts-record", "--senders", "--json"]),
        ("a log", ["mta-sts-policy", "--senders", "--format=sarif"]),
    ] {
        let ran = run(&[&["lint"], &arguments[..]].concat(), POLICY);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{reason}");
    }
}

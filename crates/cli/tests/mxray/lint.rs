//! `mxray lint`: one text, drawn or as JSON.

use std::fs;

use serde_json::{Value, json};

use crate::command::run;

const POLICY: &str = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";

#[test]
fn what_is_wrong_is_underlined() {
    let ran = run(&["lint", "mta-sts-policy"], POLICY.replace("enforce", "enforced"));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines: Vec<_> = ran.stdout.lines().collect();
    let [title, rest @ ..] = lines.as_slice() else { panic!("{ran:?}") };
    assert!(title.starts_with("fail[mta-sts.policy."), "{title}");
    let starts = [
        " --> <stdin>:2:7",
        "  |",
        "2 | mode: enforced",
        "  |       ^^^^^^^^ ",
        "  |",
        "  = RFC 8461 §",
        "  = help: ",
    ];
    for (line, start) in rest.iter().zip(starts) {
        assert!(line.starts_with(start), "{line:?} begins {start:?} in\n{}", ran.stdout);
    }
    assert!(ran.stdout.contains("<stdin>: not usable; 1 fail"), "{}", ran.stdout);
}

#[test]
fn a_file_is_named_and_a_good_one_ends_with_0() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mta-sts.txt");
    fs::write(&file, POLICY).unwrap();
    let file = file.to_str().unwrap();
    let ran = run(&["lint", "mta-sts-policy", file], "");
    assert_eq!((ran.code, ran.stdout), (Some(0), format!("{file}: usable, nothing to report\n")));
}

#[test]
fn only_a_fail_ends_with_1() {
    for (reason, arguments, input, expected) in [
        ("nothing", vec!["mta-sts-record"], "v=STSv1; id=1;", 0),
        ("a fail", vec!["mta-sts-record"], "v=STSv1; id=;", 1),
        (
            "hosts that are covered",
            vec!["mta-sts-policy", "--mx", "mx.example.com", "MX.example.com."],
            POLICY,
            0,
        ),
        (
            "a host that is not",
            vec!["mta-sts-policy", "--mx", "mx.example.com", "mx.example.net"],
            POLICY,
            1,
        ),
        (
            "a warning: what the policy is served as",
            vec!["mta-sts-policy", "--content-type", "text/html"],
            POLICY,
            0,
        ),
        ("a report address", vec!["tlsrpt-record"], "v=TLSRPTv1; rua=mailto:tls@example.com", 0),
        ("no report address", vec!["tlsrpt-record"], "v=TLSRPTv1;", 1),
    ] {
        let ran = run(&[vec!["lint"], arguments].concat(), input);
        assert_eq!(ran.code, Some(expected), "{reason}: {}", ran.stdout);
    }
}

#[test]
fn a_record_may_have_one_line_end_which_is_not_its_own() {
    for (reason, input, expected) in [
        ("none", "v=STSv1; id=1", 0),
        ("one", "v=STSv1; id=1\n", 0),
        ("one of two characters", "v=STSv1; id=1\r\n", 0),
        ("two", "v=STSv1; id=1\n\n", 1),
    ] {
        assert_eq!(run(&["lint", "mta-sts-record", "-"], input).code, Some(expected), "{reason}");
    }
}

#[test]
fn json_is_one_object_on_a_line() {
    let ran = run(&["lint", "mta-sts-policy", "--json"], POLICY);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "{\"usable\":true,\"findings\":[]}\n"));

    let ran = run(&["lint", "mta-sts-policy", "--json"], POLICY.replace("enforce", "enforced"));
    assert_eq!(ran.code, Some(1));
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["usable"], false);
    assert_eq!(answer["findings"][0]["span"], json!([0, 21, 29]));
}

#[test]
fn a_policy_counts_byte_by_byte() {
    let ran = run(&["lint", "mta-sts-policy", "--json"], format!("\u{feff}{POLICY}"));
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_ne!(answer["findings"], json!([]), "a byte order mark is seen");
    let ran =
        run(&["lint", "mta-sts-policy", "--json"], [POLICY.as_bytes(), b"x: \xff\n"].concat());
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_ne!(answer["findings"], json!([]), "what is not UTF-8 is seen");
}

#[test]
fn nothing_that_a_terminal_acts_on_is_printed() {
    let ran =
        run(&["lint", "mta-sts-policy"], "version: STSv1\nmode: \u{1b}[2J\u{9b}31m\u{202e}\u{7}\n");
    let printed = ran.stdout.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert_eq!(printed, None, "{:?}", ran.stdout);
    assert!(ran.stdout.contains(r"\u{1b}[2J"), "{}", ran.stdout);
}

#[test]
fn what_is_too_long_to_be_one_is_not_read() {
    let ran = run(&["lint", "mta-sts-policy"], "x".repeat(1024 * 1024 + 1));
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("over 1 MiB"), "{}", ran.stderr);
}

#[test]
fn many_problems_are_cut_short() {
    let ran = run(&["lint", "mta-sts-policy"], format!("{POLICY}{}", "nonsense\n".repeat(100)));
    assert!(ran.stdout.contains("more; --json lists them all"), "{}", ran.stdout);
}

//! What cannot be carried out ends with 2 and a sentence.

use crate::command::run;

#[test]
fn what_cannot_be_carried_out_says_why() {
    let long = format!("{}.example", ["a"; 146].join("."));
    for (reason, arguments, expected) in [
        ("nothing", vec![], "Usage: mxray"),
        ("no such command", vec!["scan"], "unrecognized subcommand 'scan'"),
        ("no domain", vec!["check"], "<DOMAIN>"),
        (
            "a domain that is none",
            vec!["check", "192.0.2.1"],
            "\"192.0.2.1\" is no domain: this is a number address",
        ),
        (
            "one of several",
            vec!["check", "example.com", "a..b"],
            "\"a..b\" is no domain: there is nothing between two dots",
        ),
        (
            "a domain that would hurt",
            vec!["check", "\u{1b}[2J.example"],
            "'\\u{1b}' cannot be part of a domain",
        ),
        (
            "a domain of 300 characters",
            vec!["check", &long],
            "is no domain: the name is over 253 characters long",
        ),
        ("no kind", vec!["lint"], "<KIND>"),
        ("no such kind", vec!["lint", "mta-sts"], "mta-sts-record, mta-sts-policy, tlsrpt-record"),
        (
            "no such file",
            vec!["lint", "mta-sts-policy", "no-such-file"],
            "no-such-file cannot be read",
        ),
        (
            "hosts without a policy",
            vec!["lint", "mta-sts-record", "--mx", "mx.example.com"],
            "expected mta-sts-policy",
        ),
        ("a zone and a file", vec!["lint", "mx-set", "--zone", "b.zone"], "cannot be used with"),
        (
            "an origin without a zone",
            vec!["lint", "mx-set", "--origin", "b.example"],
            "--zone <FILE>",
        ),
        ("a format that is none", vec!["lint", "mx-set", "--format", "xml"], "human, json, sarif"),
        ("no address", vec!["spf", "example.com"], "--ip <IP>"),
        (
            "an address that is none",
            vec!["spf", "example.com", "--ip", "mail"],
            "'mail' for '--ip <IP>'",
        ),
        ("no domain to set up", vec!["setup"], "<DOMAIN>"),
        (
            "no such goal",
            vec!["setup", "a.example", "--goal", "x"],
            "transport, dmarc, spf, no-mail",
        ),
        ("no date", vec!["plan", "a.example", "--since", "May"], "\"May\" is no date"),
        ("two plans", vec!["plan", "a.example", "--back", "--to", "b"], "cannot be used with"),
        ("no files", vec!["reports"], "<FILE>"),
        ("no such report", vec!["reports", "no-such-file"], "no-such-file cannot be read"),
        ("two formats", vec!["reports", "-", "--json", "--csv"], "cannot be used with"),
        ("no rule", vec!["explain"], "<RULE>"),
        (
            "a language that nobody wrote",
            vec!["rules", "--lang", "fr"],
            "[possible values: de, en]",
        ),
        ("a stream of one kind", vec!["lint", "mta-sts-record", "--ndjson"], "cannot be used with"),
    ] {
        let ran = run(&arguments, "");
        assert_eq!(ran.code, Some(2), "{reason}: {ran:?}");
        assert!(ran.stderr.contains(expected), "{reason}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{reason}");
    }
}

#[test]
fn help_shows_examples() {
    for subcommand in ["check", "lint", "spf", "setup", "plan", "reports", "explain", "rules"] {
        let ran = run(&[subcommand, "--help"], "");
        assert_eq!(ran.code, Some(0));
        for expected in ["Examples:", &format!("mxray {subcommand} "), "Exit code: "] {
            assert!(ran.stdout.contains(expected), "{expected} in {}", ran.stdout);
        }
    }
}

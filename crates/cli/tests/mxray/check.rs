//! `mxray check` over real sockets, against the lab.

use std::sync::OnceLock;

use mxray_lab::{Config, DomainFile};
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::command::{Ran, run};
use crate::laboratory::Laboratory;

/// A domain whose mail others run.
const PROVIDED: &str = r#"
domain = "provided.example"
about = "Fastmail takes the mail, and two services send."
base = "nothing"
expect = { transport = "", forgery = "", stage = "", first = "" }

[records."@"]
MX = ["10 in1-smtp.messagingengine.com.", "20 mail.provided.example."]
TXT = ["v=spf1 include:spf.messagingengine.com include:amazonses.com include:_spf.provided.example -all"]
"#;

/// A name that people write in other letters than DNS.
const INTERNATIONAL: &str = r#"
domain = "xn--bcher-kva.example"
about = "An international name."
expect = { transport = "", forgery = "", stage = "", first = "" }
"#;

fn laboratory() -> &'static Laboratory {
    static LABORATORY: OnceLock<Laboratory> = OnceLock::new();
    LABORATORY.get_or_init(|| {
        let mut config = Config::default();
        config.files.push(DomainFile::inline(PROVIDED));
        config.files.push(DomainFile::inline(INTERNATIONAL));
        Laboratory::start(config)
    })
}

fn check(arguments: &[&str]) -> Ran {
    let switches = laboratory().switches.iter().map(String::as_str);
    run(
        &["check"].into_iter().chain(arguments.iter().copied()).chain(switches).collect::<Vec<_>>(),
        "",
    )
}

fn reports(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_domain_that_does_all_well_has_nothing_to_mend() {
    let ran = check(&["enforce.example", "--json"]);
    let reports = reports(&ran);
    assert_eq!(reports.len(), 1);
    assert_eq!(
        (&reports[0]["stage"], &reports[0]["transport"]["protection"]),
        (&"enforce".into(), &"yes".into())
    );
    assert_eq!(reports[0]["steps"], Value::Array(Vec::new()));
}

#[test]
fn what_the_servers_showed_is_told_in_depth() {
    for (domain, expected) in [
        (
            "enforce.example",
            "TLS 1.3, cipher suite TLS_AES_256_GCM_SHA384, key exchange X25519, the server's signature",
        ),
        ("enforce.example", "offers within TLS: PIPELINING, 8BITMIME"),
        ("enforce.example", "refuses TLS 1.1 and before (HandshakeFailure)"),
        ("enforce.example", "127.0.1.1: status 200, "),
        ("missing-intermediate.example", "whoever signed certificate 1 is not sent: CN="),
        ("delegated.example", "mta-sts.delegated.example, by way of mta-sts.provider.example"),
        ("mx-down.example", ": no connection"),
    ] {
        let ran = check(&[domain, "--deep"]);
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
    let report = &reports(&check(&["enforce.example", "--deep", "--json"]))[0];
    let session = &report["hosts"][0]["contact"]["Ok"]["sessions"][0];
    assert_eq!(session["details"]["ehlo_in_tls"]["code"], 250);
    assert!(report["bimi"]["record"]["Ok"].is_object(), "{}", report["bimi"]);
    let ran = check(&["enforce.example"]);
    assert!(!ran.stdout.contains("key exchange"), "{}", ran.stdout);
}

#[test]
fn the_exit_code_is_that_of_the_worst() {
    for (reason, domains, expected) in [
        ("all well", vec!["enforce.example"], 0),
        ("a mail server that does not talk to us", vec!["mx-421.example"], 3),
        ("no mail, and all of it said", vec!["null-mx.example", "null-mx-whole.example"], 0),
        ("a warning", vec!["dmarc-none.example"], 1),
        ("a failure", vec!["nothing.example"], 1),
        ("one of several could not be told", vec!["enforce.example", "mx-421.example"], 3),
        ("one of several fails", vec!["mx-421.example", "nothing.example"], 1),
        ("the first of several fails", vec!["nothing.example", "enforce.example"], 1),
    ] {
        let ran = check(&domains);
        assert_eq!(ran.code, Some(expected), "{reason}: {}", ran.stdout);
    }
}

#[test]
fn reports_come_in_the_order_of_the_domains() {
    let domains =
        ["slow.example", "nothing.example", "Info@ENFORCE.example", "https://testing.example/"];
    let ran = check(&[&domains[..], &["--json"]].concat());
    let reports = reports(&ran);
    let order: Vec<_> = reports.iter().map(|report| report["domain"].as_str().unwrap()).collect();
    assert_eq!(
        order,
        ["slow.example", "nothing.example", "enforce.example", "testing.example"],
        "{}",
        ran.stderr
    );
}

#[test]
fn a_person_reads_the_answers_first_and_each_check_below() {
    let ran = check(&["nothing.example"]);
    let mut lines = ran.stdout.lines();
    for expected in [
        "nothing.example",
        "Is mail to you protected on its way?  No",
        "  Your mail servers encrypt, but nothing makes senders insist on it. Whoever sits in between can turn it off.",
        "Is your name protected against forged mail?  No",
        "MTA-STS: not in use",
        "What to do first",
        "  1. Anybody can send mail that looks as if it came from you",
        "MTA-STS       warning         No policy is published.",
        "  warning[mta-sts.absent]: Nothing makes other mail servers encrypt mail to you",
        "DMARC         fail            Receivers are told nothing about forged mail.",
        "  fail[dmarc.absent]: Anybody can send mail that looks as if it came from you",
    ] {
        assert!(lines.any(|line| line == expected), "{expected:?} in its turn in\n{}", ran.stdout);
    }
}

#[test]
fn each_finding_says_what_to_do_and_what_to_write() {
    let ran = check(&["mode-enforced.example"]);
    let mut lines =
        ran.stdout.lines().skip_while(|line| !line.starts_with("  fail[mta-sts.policy"));
    for expected in ["= RFC 8461 §3.2", "= help: ", "= write:", "version: STSv1", "mode: enforce"]
    {
        let found = lines.any(|line| line.trim_start().starts_with(expected));
        assert!(found, "{expected:?} in its turn in\n{}", ran.stdout);
    }
}

#[test]
fn hosts_and_senders_that_are_known_have_their_providers_names() {
    let ran = check(&["provided.example"]);
    let mut lines = ran.stdout.lines();
    for expected in [
        "Your mail servers",
        "     10  in1-smtp.messagingengine.com  Fastmail",
        "     20  mail.provided.example",
        "  Fastmail usually signs under these DKIM selectors: fm1, fm2, fm3",
        "By your SPF record, these may send for you: Fastmail, Amazon SES",
    ] {
        assert!(lines.any(|line| line == expected), "{expected:?} in its turn in\n{}", ran.stdout);
    }
}

#[test]
fn it_tells_who_honors_the_policy_if_that_is_asked() {
    for (domain, expected) in [
        ("enforce.example", vec![true; 8]),
        ("blank-line.example", vec![false, false, false, true, true, true, false, true]),
        ("nothing.example", vec![]),
    ] {
        let report = &reports(&check(&[domain, "--senders", "--json"]))[0];
        let accepted = report["senders"].as_array().unwrap().iter();
        let accepted: Vec<_> = accepted.map(|row| row["accepted"].as_bool().unwrap()).collect();
        assert_eq!(accepted, expected, "{domain}");
    }
    let ran = check(&["blank-line.example", "--senders"]);
    assert!(ran.stdout.contains("Who honors this policy"), "{}", ran.stdout);
    assert_eq!(reports(&check(&["enforce.example", "--json"]))[0]["senders"], Value::Null);
}

#[test]
fn nothing_that_a_terminal_acts_on_is_printed() {
    let domain = "control-characters.example";
    for format in [&[domain][..], &[domain, "--json"], &[domain, "--deep"]] {
        let ran = check(format);
        let printed =
            ran.stdout.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(printed, None, "{:?}", ran.stdout);
    }
}

#[test]
fn www_of_a_web_address_is_left_out_and_said() {
    let ran = check(&["https://www.nothing.example/", "--json"]);
    assert_eq!(reports(&ran)[0]["domain"], "nothing.example");
    assert!(ran.stderr.contains("looking at nothing.example, without www"), "{}", ran.stderr);
}

#[test]
fn nothing_is_published_at_names_that_are_too_long_to_be() {
    // 253 characters: with `_mta-sts.` before it, it is no DNS name any more.
    let domain = format!("{}.example", ["a"; 123].join("."));
    assert_eq!(domain.len(), 253);
    let ran = check(&[&domain, "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let report = &reports(&ran)[0];
    assert_eq!(
        (&report["stage"], &report["forgery"]["protection"]),
        (&"none".into(), &"unknown".into())
    );
}

#[test]
fn looking_in_depth_shows_how_mail_arrives_and_what_to_do_in_order() {
    let ran = check(&["mx-not-covered.example", "--deep"]);
    let mut lines = ran.stdout.lines();
    for expected in [
        "How mail to you arrives, by what the sender insists on",
        "  mx2.mx-not-covered.example",
        "    MTA-STS               not at all  the policy leaves this server out",
        "What to do, in order",
        "  1. Add the missing mail servers to the policy.  for whoever runs the web server with the policy",
        "       mx: mx2.mx-not-covered.example",
        "     After step 1.",
        "SPF, with all that it leads to",
        "   1  mx",
        "DMARC: what becomes of forged mail",
        "Where reports go",
        "DKIM keys",
        "Who honors this policy: what the code of each sender takes from it, as read on that day",
    ] {
        assert!(lines.any(|line| line == expected), "{expected:?} in its turn in\n{}", ran.stdout);
    }
    let report = &reports(&check(&["spf-loop.example", "--deep", "--json"]))[0];
    assert_eq!(report["depth"]["findings"][0]["finding"]["rule"], "spf.loop");
    assert_eq!(report["depth"]["senders"].as_array().unwrap().len(), 8);
    assert_eq!(reports(&check(&["enforce.example", "--json"]))[0]["depth"], Value::Null);
}

#[test]
fn it_is_told_why_a_resolver_has_no_answer() {
    let ran = check(&["bogus-dnssec.example"]);
    let expected = "bogus-dnssec.example MX: its DNSSEC signatures do not verify; DNSSEC bogus";
    assert!(ran.stdout.contains(expected), "{}", ran.stdout);
    assert_eq!(ran.code, Some(1), "that is a failure, and not only unknown");
}

#[test]
fn a_second_resolver_shows_what_is_on_its_way() {
    let domain = |policy: &str, ttl: u32| {
        let head = "domain = 'moving.example'\nabout = 'DMARC is being made stricter.'";
        let expect = "expect = { transport = '', forgery = '', stage = '', first = '' }";
        let records = format!("[records._dmarc]\nTXT = ['v=DMARC1; p={policy}']\nttl = {ttl}");
        Config::of([DomainFile::inline(format!("{head}\n{expect}\n{records}"))])
    };
    let (first, second) =
        (Laboratory::start(domain("none", 60)), Laboratory::start(domain("reject", 300)));
    let switches = first.switches.iter().map(String::as_str);
    let check = |more: &[&str]| {
        let named = ["check", "moving.example", "--second-resolver", &second.dns];
        run(
            &named
                .into_iter()
                .chain(more.iter().copied())
                .chain(switches.clone())
                .collect::<Vec<_>>(),
            "",
        )
    };
    let ran = check(&[]);
    for expected in
        ["_dmarc.moving.example TXT", "the second: v=DMARC1; p=reject", "in 300 seconds"]
    {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
    let report = &reports(&check(&["--json"]))[0];
    let difference = &report["second"]["differences"][0];
    assert_eq!(difference["first"]["ttl"], 60);
    assert_eq!(
        (&difference["over_in"], difference["record_type"].as_str()),
        (&300.into(), Some("TXT"))
    );
    assert_eq!(report["second"]["differences"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_name_is_the_same_however_it_is_written() {
    let mut seen: Vec<Value> = Vec::new();
    for name in
        ["xn--bcher-kva.example", "XN--Bcher-KVA.Example.", "bücher.example", "BÜCHER.example."]
    {
        let mut report = reports(&check(&[name, "--deep", "--json"])).remove(0);
        // What differs from run to run: the moment, and what is made of it or measured.
        let report = report.as_object_mut().unwrap();
        let kept = ["domain", "transport", "forgery", "stage", "steps", "alarms"];
        report.retain(|key, _| kept.contains(&key.as_str()));
        seen.push(Value::from(report.clone()));
    }
    assert_eq!(seen[0]["stage"], "enforce");
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[test]
fn a_selector_that_is_named_is_tried_first() {
    let ran = check(&["enforce.example", "--deep", "--json", "--selector", "May2026"]);
    let tried = &reports(&ran)[0]["depth"]["dkim"]["tried"][0];
    assert_eq!((&tried["selector"], &tried["state"]), (&"may2026".into(), &"absent".into()));
    assert_eq!(check(&["enforce.example", "--deep", "--selector", "a..b"]).code, Some(2));
}

/// The domains, or the inputs, that a run printed; in order of their names.
fn named(lines: &str) -> Vec<String> {
    let name = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let name = line["domain"].as_str().or(line["input"].as_str());
        name.unwrap().to_owned()
    };
    let mut named: Vec<String> = lines.lines().map(name).collect();
    named.sort();
    named
}

#[test]
fn many_domains_come_from_a_file_each_once() {
    let list = NamedTempFile::new().unwrap();
    let text =
        "slow.example\nenforce.example # ours\n\nInfo@ENFORCE.example\nno domain\nnothing.example";
    std::fs::write(list.path(), text).unwrap();
    let ran = check(&["--bulk", list.path().to_str().unwrap()]);
    let expected = ["enforce.example", "no domain", "nothing.example", "slow.example"];
    assert_eq!(named(&ran.stdout), expected, "{}", ran.stderr);
    assert_eq!(ran.code, Some(1));
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.contains("slow.example"), "nobody waits for it: {last}");
}

#[test]
fn a_run_that_was_ended_goes_on() {
    let (list, output) = (NamedTempFile::new().unwrap(), NamedTempFile::new().unwrap());
    std::fs::write(list.path(), "enforce.example\ntesting.example").unwrap();
    let [list, path] = [&list, &output].map(|file| file.path().to_str().unwrap());
    let run = || check(&["--bulk", list, "--output", path]);
    let read = || std::fs::read_to_string(path).unwrap();
    assert_eq!(run().stdout, "");
    let whole = read();
    assert_eq!(named(&whole), ["enforce.example", "testing.example"]);
    run();
    assert_eq!(read(), whole, "nothing is left to do");
    let (first, second) = whole.split_once('\n').unwrap();
    std::fs::write(path, format!("{first}\n{}", &second[..second.len() / 2])).unwrap();
    run();
    assert!(read().starts_with(first), "what was there is there");
    assert_eq!(named(&read()), ["enforce.example", "testing.example"]);
}

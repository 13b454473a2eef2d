//! `mxray spf` over real sockets, against the lab.

use std::sync::OnceLock;

use mxray_lab::{Config, DomainFile};
use serde_json::Value;

use crate::command::{Ran, run};
use crate::laboratory::Laboratory;

const DOMAIN: &str = r#"
domain = "spf.example"
about = "SPF records of every result."
base = "nothing"
expect = { transport = "", forgery = "", stage = "", first = "" }

[records]
"@" = { TXT = ["v=spf1 mx include:_spf.spf.example exists:%{l}.%{h}.list.spf.example ptr -all exp=why.%{d}"], MX = ["10 mail"] }
mail = { A = ["192.0.2.25"], AAAA = ["2001:db8::25"] }
_spf = { TXT = ["v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 a:absent.spf.example ~all"] }
"bob.mx.friend.example.list" = { A = ["127.0.0.2"] }
why = { TXT = ["%{i} is none of ours"] }
named = { A = ["192.0.2.77"] }
"77.2.0.192.in-addr.arpa." = { PTR = ["named"] }

soft = { TXT = ["v=spf1 ~all"] }
neutral = { TXT = ["v=spf1 ?all"] }
void = { TXT = ["v=spf1 a:a.void.spf.example a:b.void.spf.example a:c.void.spf.example -all"] }
loop = { TXT = ["v=spf1 redirect=loop.spf.example"] }
wrong = { TXT = ["v=spf1 include:below.wrong.spf.example -all"] }
"below.wrong" = { TXT = ["v=spf1 a:museum -all"] }
provided = { TXT = ["v=spf1 ip4:192.0.2.1 include:_spf.google.com redirect=_spf.spf.example"] }
silent = { TXT = ["v=spf1 a:broken.spf.example -all"] }
broken = { rcode = "SERVFAIL" }
"#;

fn spf(arguments: &[&str]) -> Ran {
    static LABORATORY: OnceLock<Laboratory> = OnceLock::new();
    let laboratory = LABORATORY.get_or_init(|| {
        Laboratory::start(Config { files: vec![DomainFile::inline(DOMAIN)], ..Config::default() })
    });
    let switches = laboratory.switches.iter().map(String::as_str);
    run(
        &["spf"].into_iter().chain(arguments.iter().copied()).chain(switches).collect::<Vec<_>>(),
        "",
    )
}

fn answer(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn the_exit_code_tells_the_results_apart() {
    for (reason, arguments, result, code) in [
        ("by an MX host", &["spf.example", "--ip", "192.0.2.25"][..], "pass", 0),
        ("by IPv6", &["spf.example", "--ip", "2001:db8::25"], "pass", 0),
        ("by what is included", &["spf.example", "--ip", "198.51.100.7"], "pass", 0),
        ("IPv4 in IPv6", &["spf.example", "--ip", "::ffff:198.51.100.7"], "pass", 0),
        ("by the address's name", &["spf.example", "--ip", "192.0.2.77"], "pass", 0),
        ("a stranger", &["spf.example", "--ip", "192.0.2.1"], "fail", 1),
        ("a mail address's domain", &["info@SPF.example", "--ip", "192.0.2.1"], "fail", 1),
        ("a soft end", &["soft.spf.example", "--ip", "192.0.2.1"], "softfail", 1),
        ("a mistake", &["wrong.spf.example", "--ip", "192.0.2.1"], "permerror", 1),
        ("a loop", &["loop.spf.example", "--ip", "192.0.2.1"], "permerror", 1),
        ("three names that are not", &["void.spf.example", "--ip", "192.0.2.1"], "permerror", 1),
        ("nothing is said", &["neutral.spf.example", "--ip", "192.0.2.1"], "neutral", 3),
        ("no record", &["mail.spf.example", "--ip", "192.0.2.1"], "none", 3),
        ("no domain", &["absent.spf.example", "--ip", "192.0.2.1"], "none", 3),
        ("no answer", &["silent.spf.example", "--ip", "192.0.2.1"], "temperror", 3),
    ] {
        let ran = spf(&[arguments, &["--json"]].concat());
        assert_eq!(answer(&ran)["result"], result, "{reason}: {ran:?}");
        assert_eq!(ran.code, Some(code), "{reason}");
    }
}

#[test]
fn the_sender_and_the_servers_name_are_what_macros_stand_for() {
    for (from, expected) in [("bob@spf.example", "pass"), ("eve@spf.example", "fail")] {
        let ran = spf(&[
            "spf.example",
            "--ip",
            "192.0.2.1",
            "--mail-from",
            from,
            "--helo",
            "mx.friend.example",
            "--json",
        ]);
        let answer = answer(&ran);
        assert_eq!(answer["result"], expected, "{from}");
        assert_eq!(answer["attempt"]["sender"], from);
        let target = answer["visit"]["steps"][2]["target"].as_str().unwrap();
        assert!(target.ends_with(".mx.friend.example.list.spf.example"), "{target}");
    }
}

#[test]
fn the_json_holds_the_whole_tree() {
    let answer = answer(&spf(&["spf.example", "--ip", "192.0.2.1", "--json"]));
    assert_eq!((&answer["lookups"], &answer["void_lookups"]), (&5.into(), &2.into()), "{answer}");
    assert_eq!(answer["reason"]["term"], "-all");
    assert_eq!(answer["explanation"], "192.0.2.1 is none of ours");
    let include = &answer["visit"]["steps"][1];
    assert_eq!((&include["lookups"], &include["void_lookups"]), (&2.into(), &1.into()));
    assert_eq!(
        (&include["progress"], &include["below"]["result"]),
        (&"no-match".into(), &"softfail".into())
    );
    assert_eq!(include["below"]["steps"][2]["term"], "a:absent.spf.example");
}

#[test]
fn a_person_reads_the_result_the_reason_and_what_each_term_cost() {
    let ran = spf(&["spf.example", "--ip", "192.0.2.1"]);
    let mut lines = ran.stdout.lines();
    for expected in [
        "spf.example  fail",
        "192.0.2.1 may not send for the domain.",
        "“-all” in the record of spf.example matches.",
        "  192.0.2.1 is none of ours",
        "Lookups: 5 of 10. Questions that found nothing: 2 of 2. (RFC 7208 §4.6.4)",
        "   1  mx                                        no match  mail.spf.example 192.0.2.25",
        "   2  include:_spf.spf.example                  no match  the result there is softfail",
        "        ip4:198.51.100.0/24                     no match",
        "   3    a:absent.spf.example                    no match  absent.spf.example has none",
        "        ~all                                    match",
        "   5  ptr                                       no match",
        "      -all                                      match",
        "      exp=why.%{d}                              decides nothing",
    ] {
        assert!(lines.any(|line| line == expected), "{expected:?} in its turn in\n{}", ran.stdout);
    }
}

#[test]
fn a_mistake_is_underlined_in_the_record_that_holds_it() {
    let ran = spf(&["wrong.spf.example", "--ip", "192.0.2.1"]);
    let mut lines = ran.stdout.lines();
    for expected in [
        "The record of below.wrong.spf.example cannot be read:",
        "fail[spf.record.domain-malformed]: There is no domain in the SPF record where one should be",
        " --> below.wrong.spf.example TXT:1:8",
        "1 | v=spf1 a:museum -all",
        "  |        ^^^^^^^^ “a:museum”: expected a domain",
    ] {
        assert!(
            lines.any(|line| line.contains(expected)),
            "{expected:?} in its turn in\n{}",
            ran.stdout
        );
    }
}

#[test]
fn an_include_that_is_known_has_its_providers_name() {
    let ran = spf(&["provided.spf.example", "--ip", "192.0.2.1"]);
    let line = |term: &str| ran.stdout.lines().find(|line| line.trim().starts_with(term)).unwrap();
    assert!(line("include:_spf.google.com").ends_with("Google Workspace"), "{}", ran.stdout);
    assert!(line("redirect=").ends_with("not reached"), "{}", ran.stdout);
}

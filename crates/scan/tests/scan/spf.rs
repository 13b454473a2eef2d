//! `check_host()` and the tree that it leaves. The results themselves are the suite's matter.

use futures_util::FutureExt;
use mxray_facts::dns::RecordType;
use mxray_scan::Sentence;
use mxray_scan::spf::{Attempt, Evaluation, Reason, Step, StepProgress, check_host};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::zone::{NOW, Zone};

const ZONE: &str = "
    a.example TXT v=spf1 mx include:_spf.provider.example ?exists:%{i}.list.example -all exp=why.a.example
    a.example MX 20 mx2.a.example
    a.example MX 10 mx1.a.example
    mx1.a.example A 192.0.2.10
    mx2.a.example A 192.0.2.20
    why.a.example TXT %{i} may not send for %{d}
    _spf.provider.example TXT v=spf1 ip4:203.0.113.0/24 a:out.provider.example ~all
    out.provider.example A 198.51.100.1

    moved.example TXT v=spf1 redirect=_spf.provider.example
    loop.example TXT v=spf1 include:loop.example -all
    two.example TXT v=spf1 -all
    two.example TXT v=spf1 ~all
    none.example TXT hello
    wrong.example TXT v=spf1 a:museum -all
    dangling.example TXT v=spf1 include:none.example -all
    below-wrong.example TXT v=spf1 include:wrong.example -all
    void.example TXT v=spf1 a:x.void.example a:y.void.example a:z.void.example -all
    same-void.example TXT v=spf1 a:x.void.example a:x.void.example a:x.void.example -all
    silent.example TXT v=spf1 a:broken.example -all
    open.example TXT v=spf1 ip4:203.0.113.1
    bounce.example TXT v=spf1 exists:%{s}.seen.example -all
    named.example TXT v=spf1 ptr exists:%{p}.seen.example -all
    7.2.0.192.in-addr.arpa PTR other.example
    7.2.0.192.in-addr.arpa PTR liar.named.example
    7.2.0.192.in-addr.arpa PTR real.named.example
    other.example A 192.0.2.7
    liar.named.example A 192.0.2.99
    real.named.example A 192.0.2.7
";

fn zone() -> Zone {
    Zone::parse(ZONE).servfail("broken.example")
}

fn evaluate(zone: &Zone, ip: &str, sender: &str) -> Evaluation {
    let domain = sender.rsplit_once('@').unwrap().1.to_owned();
    let attempt = Attempt {
        ip: ip.parse().unwrap(),
        helo: format!("mail.{domain}"),
        sender: sender.to_owned(),
        domain,
        at: NOW,
    };
    // The zone answers at once.
    check_host(zone, &attempt).now_or_never().unwrap()
}

fn progress(step: &Step) -> (&str, StepProgress, usize, usize) {
    (&step.term, step.progress, step.lookups, step.void_lookups)
}

#[test]
fn the_tree_says_what_each_term_cost_and_came_to() {
    use StepProgress::{Match, NoMatch, NotReached, Passive};
    let found = evaluate(&zone(), "203.0.113.9", "info@a.example");
    assert_eq!((found.result.as_str(), found.lookups, found.void_lookups), ("pass", 2, 0));
    assert_eq!(
        found.visit.steps.iter().map(progress).collect::<Vec<_>>(),
        [
            ("mx", NoMatch, 1, 0),
            ("include:_spf.provider.example", Match, 1, 0),
            ("?exists:%{i}.list.example", NotReached, 0, 0),
            ("-all", NotReached, 0, 0),
            ("exp=why.a.example", Passive, 0, 0),
        ]
    );
    let [mx, include, ..] = &found.visit.steps[..] else { panic!("two terms at least") };
    let hosts: Vec<&str> = mx.hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(hosts, ["mx1.a.example", "mx2.a.example"], "by preference");
    let below = include.below.as_ref().unwrap();
    assert_eq!((below.domain.as_str(), below.result.as_str()), ("_spf.provider.example", "pass"));
    assert_eq!(progress(&below.steps[0]), ("ip4:203.0.113.0/24", Match, 0, 0));
}

#[test]
fn who_is_refused_hears_the_domains_own_explanation() {
    let found = evaluate(&zone(), "192.0.2.1", "info@a.example");
    assert_eq!(found.result.as_str(), "fail");
    assert_eq!((found.lookups, found.void_lookups), (4, 1), "exp counts as neither");
    assert_eq!(found.explanation.as_deref(), Some("192.0.2.1 may not send for a.example"));
}

#[test]
fn each_result_has_its_reason() {
    for (sender, result, lookups, key) in [
        ("info@a.example", "pass", 1, "spf.reason.matched"),
        ("info@moved.example", "softfail", 2, "spf.reason.matched"),
        ("info@loop.example", "permerror", 11, "spf.reason.too-many-lookups"),
        ("info@two.example", "permerror", 0, "spf.reason.several-records"),
        ("info@none.example", "none", 0, "spf.reason.no-record"),
        ("info@absent.example", "none", 0, "spf.reason.no-record"),
        ("info@localhost", "none", 0, "spf.reason.not-a-domain"),
        ("info@wrong.example", "permerror", 0, "spf.reason.malformed"),
        ("info@dangling.example", "permerror", 1, "spf.reason.nothing-there"),
        ("info@below-wrong.example", "permerror", 1, "spf.reason.malformed"),
        ("info@void.example", "permerror", 3, "spf.reason.too-many-void-lookups"),
        ("info@same-void.example", "permerror", 3, "spf.reason.too-many-void-lookups"),
        ("info@silent.example", "temperror", 1, "unobserved.resolution"),
        ("info@open.example", "neutral", 0, "spf.reason.nothing-matched"),
    ] {
        let found = evaluate(&zone(), "192.0.2.10", sender);
        let said = Sentence::from(&found.reason);
        assert_eq!(
            (found.result.as_str(), found.lookups, said.key),
            (result, lookups, key),
            "{sender}"
        );
    }
}

#[test]
fn more_mx_hosts_than_ten_are_an_error_and_cost_no_questions() {
    let hosts: String =
        (0..11).map(|n| format!("many.example MX {n} mx{n}.many.example\n")).collect();
    let zone = Zone::parse(&format!("many.example TXT v=spf1 mx -all\n{hosts}"));
    let found = evaluate(&zone, "192.0.2.1", "info@many.example");
    let Reason::TooManyMxHosts { count, .. } = found.reason else { panic!("{:?}", found.reason) };
    assert_eq!((found.result.as_str(), count), ("permerror", 11));
    assert!(zone.asked.borrow().iter().all(|question| question.record_type != RecordType::A));
}

#[test]
fn only_names_that_lead_back_to_the_address_are_its_names() {
    let zone = zone();
    let found = evaluate(&zone, "192.0.2.7", "info@named.example");
    assert_eq!(found.result.as_str(), "pass");
    let names: Vec<&str> =
        found.visit.steps[0].hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["other.example", "real.named.example"]);
    // No names at all is a void lookup; that nobody validates is none.
    let found = evaluate(&zone, "192.0.2.8", "info@named.example");
    assert_eq!((found.result.as_str(), found.void_lookups), ("fail", 2));
    assert_eq!(found.visit.steps[1].target.as_deref(), Some("unknown.seen.example"));
}

#[test]
fn every_question_is_asked_once() {
    let zone = Zone::parse(
        "a.example TXT v=spf1 a mx a mx a mx -all
         a.example A 192.0.2.1
         a.example MX 10 a.example",
    );
    let found = evaluate(&zone, "192.0.2.9", "info@a.example");
    assert_eq!((found.result.as_str(), found.lookups), ("fail", 6));
    assert_eq!(zone.asked.borrow().len(), 3);
}

#[test]
fn a_bounce_is_the_postmasters_of_the_name_in_helo() {
    let attempt = Attempt {
        ip: "192.0.2.1".parse().unwrap(),
        domain: "bounce.example".to_owned(),
        sender: String::new(),
        helo: "mx.bounce.example".to_owned(),
        at: NOW,
    };
    let found = check_host(&zone(), &attempt).now_or_never().unwrap();
    let target = found.visit.steps[0].target.as_deref();
    assert_eq!(target, Some("postmaster@mx.bounce.example.seen.example"));
}

//! What must not matter does not: an answer that is missing, the order of answers and of records, and
//! how names are written.

use std::collections::BTreeSet;
use std::time::Duration;

use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch, Unobserved};
use mxray_scan::depth::{Delivery, Depth, Kept, Told, depth, judge_depth};
use mxray_scan::{CheckId, Network, Protection, Report, Seen, Verdict, judge, scan};
use tokio::time::sleep;

use crate::depth::known;
use crate::reports::{ENFORCE, SOUND, sound};
use crate::zone::{NOW, Server, Zone};

/// What hangs on servers that were not seen. That they were not tested is said; what DNS says of
/// them is no less true for that, and enough for *yes*.
fn is_about_servers(missing: &Seen, surprise: &str) -> bool {
    matches!(missing, Seen::MailHost(..)) && surprise.starts_with("Dane was Fail")
}

/// Domains of some kinds.
fn zones() -> Vec<(&'static str, Zone)> {
    let flawed = SOUND
        .replace(
            "v=spf1 mx -all",
            "v=spf1 include:spf.sender.example include:gone.example.com mx ~all",
        )
        .replace("mailto:dmarc@example.com", "mailto:x@reports.test");
    let flawed = format!(
        "{flawed}
         example.com                       MX   20 mx2.example.com
         mx2.example.com                   A    192.0.2.26
         spf.sender.example                TXT  v=spf1 ip4:198.51.100.0/24 a:mx2.example.com -all
         _25._tcp.mx.example.com           TLSA 3 1 1 other
         sender1._domainkey.example.com    CNAME s1.dkim.sender.example
         reports.test                      MX   10 mx.reports.test"
    );
    let signed = [".", "example.com", "mx.example.com", "_25._tcp.mx.example.com"];
    let flawed = signed.iter().fold(Zone::parse(&flawed), |zone, name| zone.signed(name));
    vec![
        ("sound", sound()),
        ("testing", sound().with_policy("example.com", &ENFORCE.replace("enforce", "testing"))),
        (
            "flawed",
            flawed
                .with_policy("example.com", ENFORCE)
                .with_server("mx.example.com", Server::Good)
                .with_server("mx2.example.com", Server::SelfSigned),
        ),
        ("without mail", Zone::parse("example.com MX 0 .")),
        ("bare", Zone::parse("example.com MX 10 mx.example.com\nmx.example.com A 192.0.2.1")),
    ]
}

async fn look(network: &impl Network) -> (Report, Depth, Vec<Seen>) {
    let (domain, kept) = ("example.com".parse::<Domain>().unwrap(), Kept::new(network));
    let report = scan(&kept, &domain, NOW, &|_| {}).await;
    let depth = depth(&kept, &report, kept.seen(), &known(), &|_| {}).await;
    (report, depth, kept.seen())
}

fn without(seen: &Seen) -> Seen {
    let why = Unobserved::TimedOut;
    match seen {
        Seen::Dns(question, _) => Seen::Dns(question.clone(), Err(why)),
        Seen::Policy(_) => Seen::Policy(Err(why)),
        Seen::MailHost(host, _) => Seen::MailHost(host.clone(), Err(why)),
    }
}

/// What may come of a verdict when an answer is missing. Of a failure that hangs on it, the warnings
/// are left that do not.
fn may_become(before: Verdict, after: Verdict) -> bool {
    let is_left = (before, after) == (Verdict::Fail, Verdict::Warning);
    after == before || after == Verdict::Unknown || is_left
}

#[tokio::test]
async fn a_missing_answer_makes_nothing_better_or_worse_than_unknown() {
    let mut surprises = Vec::new();
    for (reason, zone) in zones() {
        let (report, depth, all) = look(&zone).await;
        for (place, missing) in all.iter().enumerate() {
            let mut seen = all.clone();
            seen[place] = without(missing);
            let unseen = Unobserved::TimedOut;
            let less = judge(&report.domain, NOW, seen.clone(), &unseen);
            let less_deep = judge_depth(&less, seen, &unseen, &known());
            let what = match missing {
                Seen::Dns(question, _) => {
                    format!("{reason}: without {} {:?}", question.name, question.record_type)
                }
                Seen::Policy(_) => format!("{reason}: without the policy"),
                Seen::MailHost(host, _) => format!("{reason}: without {host}"),
            };
            let found =
                judged_otherwise(&report, &less).into_iter().chain(deeper(&depth, &less_deep));
            let found = found.filter(|surprise| !is_about_servers(missing, surprise));
            surprises.extend(found.map(|surprise| format!("{what}: {surprise}")));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

fn judged_otherwise(report: &Report, less: &Report) -> Vec<String> {
    let checks = report.checks.iter().zip(&less.checks);
    let checks = checks.filter(|(before, after)| !may_become(before.verdict, after.verdict));
    let checks = checks.map(|(before, after)| {
        format!("{:?} was {:?} and is {:?}", before.id, before.verdict, after.verdict)
    });
    let answers = [(&report.transport, &less.transport), (&report.forgery, &less.forgery)];
    let answers = answers.into_iter().filter(|(before, after)| {
        after.protection != before.protection && after.protection != Protection::Unknown
    });
    checks.chain(answers.map(|(before, after)| format!("{before:?} became {after:?}"))).collect()
}

/// Nothing is found that was not found, and what was told is told alike, or is not known.
fn deeper(depth: &Depth, less: &Depth) -> Vec<String> {
    let codes = |depth: &Depth| -> BTreeSet<&str> {
        depth.findings.iter().map(|note| note.finding.rule.code).collect()
    };
    let (before, after) = (codes(depth), codes(less));
    let mut surprises: Vec<String> =
        after.difference(&before).map(|code| format!("{code} is found")).collect();
    for (before, after) in depth.matrix.hosts.iter().zip(&less.matrix.hosts) {
        for (before, after) in before.cells.iter().zip(&after.cells) {
            if after.delivery != before.delivery && after.delivery != Delivery::Unknown {
                surprises.push(format!("{before:?} became {after:?}"));
            }
        }
    }
    for (before, after) in depth.dmarc.reports.iter().zip(&less.dmarc.reports) {
        if after.receives != before.receives && after.receives != Told::Unknown {
            surprises.push(format!("{before:?} became {after:?}"));
        }
    }
    surprises
}

/// A network whose records come the other way around, and whose answers overtake one another.
struct Shuffled<'a>(&'a Zone);

impl Shuffled<'_> {
    async fn wait(&self, name: &str) {
        let sum: u64 = name.bytes().map(u64::from).sum();
        sleep(Duration::from_millis(sum * 7919 % 101)).await;
    }
}

impl Network for Shuffled<'_> {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        self.wait(question.name.as_str()).await;
        let mut answer = self.0.dns(question).await?;
        answer.records.reverse();
        Ok(answer)
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        self.wait(domain.as_str()).await;
        self.0.policy(domain).await
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        self.wait(host.as_str()).await;
        self.0.mail_host(domain, host).await
    }
}

/// All that a report says, but for the order in which things were seen.
fn said(report: &Report, depth: &Depth) -> String {
    let check = |id: CheckId| {
        let check = report.checks.iter().find(|check| check.id == id).unwrap();
        let codes: BTreeSet<&str> =
            check.findings.iter().map(|found| found.finding.rule.code).collect();
        format!("{id:?} {:?} {:?} {codes:?}\n", check.verdict, check.summary)
    };
    let checks: String = CheckId::ALL.into_iter().map(check).collect();
    let codes: BTreeSet<&str> = depth.findings.iter().map(|note| note.finding.rule.code).collect();
    let Depth { matrix, plan, spf, dmarc, tls_rpt, dkim, mta_sts, .. } = depth;
    let (transport, forgery, stage) = (&report.transport, &report.forgery, report.stage);
    format!(
        "{checks}{transport:?} {forgery:?} {stage:?} {codes:?}
        {matrix:#?}{plan:#?}{spf:#?}{dmarc:#?}{tls_rpt:#?}{dkim:#?}{mta_sts:#?}"
    )
}

#[tokio::test(start_paused = true)]
async fn the_order_of_answers_and_of_records_changes_nothing() {
    for (reason, zone) in zones() {
        let (report, depth, _) = look(&zone).await;
        let (shuffled, shuffled_depth, _) = look(&Shuffled(&zone)).await;
        assert_eq!(said(&report, &depth), said(&shuffled, &shuffled_depth), "{reason}");
    }
}

#[tokio::test]
async fn how_names_are_written_changes_nothing() {
    let zone = |text: &str| {
        Zone::parse(text)
            .with_policy("example.com", ENFORCE)
            .with_server("mx.example.com", Server::Good)
    };
    let (report, depth, _) = look(&zone(SOUND)).await;
    for (reason, text) in [
        ("hosts in capitals", SOUND.replace("10 mx.example.com", "10 MX.Example.COM")),
        ("a final dot", SOUND.replace("10 mx.example.com", "10 mx.example.com.")),
        ("names of records in capitals", SOUND.replace("_dmarc.example.com", "_DMARC.EXAMPLE.com")),
    ] {
        let (other, other_depth, _) = look(&zone(&text)).await;
        assert_eq!(said(&report, &depth), said(&other, &other_depth), "{reason}");
    }
    let (other, other_depth, _) = {
        let capitals = ENFORCE.replace("mx.example.com", "MX.EXAMPLE.COM");
        look(&zone(SOUND).with_policy("example.com", &capitals)).await
    };
    assert_eq!(said(&report, &depth), said(&other, &other_depth), "a pattern in capitals");
}

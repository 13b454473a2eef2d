//! A scan takes as many rounds as its longest chain of questions that need each other's answers.

use std::cell::RefCell;
use std::time::Duration;

use mxray_facts::dns::{Answer, Checking, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch};
use mxray_scan::depth::{Kept, depth};
use mxray_scan::{CheckId, Event, Network, scan};
use tokio::time::{Instant, sleep};

use crate::depth::known;
use crate::zone::{NOW, Server, Zone};

/// How long an answer takes; nobody waits for it, the clock is simulated.
const ROUND: Duration = Duration::from_millis(50);

/// A zone whose answers take a round each, and what was asked in which.
struct Clocked {
    zone: Zone,
    /// What takes longer, and how many rounds.
    slow: Option<(&'static str, u32)>,
    start: Instant,
    asked: RefCell<Vec<(usize, String)>>,
}

impl Clocked {
    fn new(zone: Zone) -> Self {
        Self { zone, slow: None, start: Instant::now(), asked: RefCell::default() }
    }

    /// Both stages, and how many rounds each takes.
    async fn rounds_of_both(&self) -> (usize, usize) {
        let kept = Kept::new(self);
        let report = scan(&kept, &"example.com".parse().unwrap(), NOW, &|_| {}).await;
        let first = self.rounds();
        depth(&kept, &report, kept.seen(), &known(), &|_| {}).await;
        (first, self.rounds() - first)
    }

    async fn scan(&self, observe: &dyn Fn(Event)) {
        scan(self, &"example.com".parse().unwrap(), NOW, observe).await;
    }

    /// How many rounds are over.
    fn rounds(&self) -> usize {
        (self.start.elapsed().as_millis() / ROUND.as_millis()).try_into().unwrap()
    }

    async fn take_a_round(&self, asked: String) {
        let rounds = match self.slow {
            Some((what, rounds)) if what == asked => rounds,
            _ => 1,
        };
        self.asked.borrow_mut().push((self.rounds(), asked));
        sleep(ROUND * rounds).await;
    }
}

impl Network for Clocked {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        let Question { name, record_type, checking } = question;
        let unchecked = if *checking == Checking::Disabled { " unchecked" } else { "" };
        self.take_a_round(format!("{name} {}{unchecked}", record_type.as_str())).await;
        self.zone.dns(question).await
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        self.take_a_round(format!("{domain} policy")).await;
        self.zone.policy(domain).await
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        self.take_a_round(format!("{host} STARTTLS")).await;
        self.zone.mail_host(domain, host).await
    }
}

/// Asserts in which round each of these is asked, and that there are no more rounds than links.
async fn assert_chain(zone: Zone, chain: &[&[&str]]) {
    let network = Clocked::new(zone);
    network.scan(&|_| {}).await;
    assert_eq!(network.rounds(), chain.len(), "{:?}", network.asked.borrow());
    for (round, link) in chain.iter().enumerate() {
        for question in *link {
            let asked = (round, (*question).to_owned());
            let all = network.asked.borrow();
            assert!(all.contains(&asked), "{question} in round {round}: {all:?}");
        }
    }
}

const TWO_HOSTS: &str = "
    example.com              MX   10 mx1.example.com
    example.com              MX   20 mx2.example.com
    example.com              TXT  v=spf1 ip4:192.0.2.0/24 -all
    mx1.example.com          A    192.0.2.1
    mx2.example.com          A    192.0.2.2
    _mta-sts.example.com     TXT  v=STSv1; id=1
    _smtp._tls.example.com   TXT  v=TLSRPTv1; rua=mailto:tls@example.com
    _dmarc.example.com       TXT  v=DMARC1; p=reject
";

fn two_hosts() -> Zone {
    Zone::parse(TWO_HOSTS)
        .with_policy(
            "example.com",
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 1209600\n",
        )
        .with_server("mx1.example.com", Server::Good)
        .with_server("mx2.example.com", Server::Good)
}

/// All that needs only the domain's name.
const FIRST: &[&str] = &[
    "example.com MX",
    "example.com A",
    "example.com AAAA",
    "example.com TXT",
    "_mta-sts.example.com TXT",
    "example.com policy",
    "_smtp._tls.example.com TXT",
    "_dmarc.example.com TXT",
    "_dmarc.com TXT",
    "default._domainkey.example.com TXT",
    "default._bimi.example.com TXT",
];

#[tokio::test(start_paused = true)]
async fn two_mx_hosts_and_a_flat_spf_record() {
    let of_the_mx_set = &[
        "mx1.example.com A",
        "mx1.example.com AAAA",
        "_25._tcp.mx1.example.com TLSA",
        "mx1.example.com STARTTLS",
        "mx2.example.com A",
        "mx2.example.com AAAA",
        "_25._tcp.mx2.example.com TLSA",
        "mx2.example.com STARTTLS",
    ];
    assert_chain(two_hosts(), &[FIRST, of_the_mx_set]).await;
}

#[tokio::test(start_paused = true)]
async fn a_domain_of_which_nothing_is_published() {
    assert_chain(Zone::parse("example.com TXT hello"), &[FIRST]).await;
}

#[tokio::test(start_paused = true)]
async fn a_broken_answer_is_asked_again_without_checking() {
    let again = &["example.com MX unchecked", "example.com TXT unchecked"];
    assert_chain(two_hosts().servfail("example.com"), &[FIRST, again]).await;
}

#[tokio::test(start_paused = true)]
async fn each_check_starts_at_once_and_finishes_once() {
    let events = RefCell::new(Vec::new());
    Clocked::new(two_hosts()).scan(&|event| events.borrow_mut().push(event)).await;
    let events = events.into_inner();
    let (mut started, mut finished) = (Vec::new(), Vec::new());
    for event in &events {
        match event {
            Event::Started(id) => {
                assert!(finished.is_empty(), "all are on their way before the first is complete");
                started.push(*id);
            }
            Event::Finished(check) => finished.push(check.id),
        }
    }
    started.sort();
    finished.sort();
    assert_eq!((&started[..], &finished[..]), (&CheckId::ALL[..], &CheckId::ALL[..]));
}

#[tokio::test(start_paused = true)]
async fn both_stages_end_after_their_longest_chains() {
    let with = |lines: &str| Zone::parse(&format!("{TWO_HOSTS}\n{lines}"));
    let spf = |record: &str, lines: &str| {
        let rest = TWO_HOSTS.replace("v=spf1 ip4:192.0.2.0/24 -all", record);
        Zone::parse(&format!("{rest}\n{lines}"))
    };
    let chain = |kind: &str, length: usize| {
        let link = |n: usize| format!("s{n}.test TXT v=spf1 {kind}s{}.test\n", n + 1);
        (1..length).map(link).collect::<String>() + &format!("s{length}.test TXT v=spf1 -all")
    };
    let hosts: String = (0..12)
        .map(|n| format!("example.com MX {n} h{n}.test\nh{n}.test A 192.0.2.{n}\n"))
        .collect();
    let reports = |lines: &str| {
        let rest =
            TWO_HOSTS.replace("v=DMARC1; p=reject", "v=DMARC1; p=reject; rua=mailto:x@r.test");
        Zone::parse(&format!("{rest}\n{lines}"))
    };
    // The second stage asks at least for the policy host's alias and for what is below _domainkey.
    for (reason, zone, slow, expected) in [
        ("flat", two_hosts(), None, (2, 1)),
        ("nothing is published", Zone::parse("example.com TXT hello"), None, (1, 1)),
        ("takes no mail", Zone::parse("example.com MX 0 ."), None, (1, 1)),
        ("twelve MX hosts", Zone::parse(&hosts), None, (2, 1)),
        (
            "ten includes, one in the other",
            spf("v=spf1 include:s1.test -all", &chain("include:", 10)),
            None,
            (2, 10),
        ),
        ("four redirects", spf("v=spf1 redirect=s1.test", &chain("redirect=", 4)), None, (2, 4)),
        (
            "an include that names the MX hosts of a name",
            spf(
                "v=spf1 include:s1.test -all",
                "s1.test TXT v=spf1 mx:m.test -all\nm.test MX 1 h.test",
            ),
            None,
            (2, 3),
        ),
        (
            "reports to another domain that has MX hosts: asked together whether it wants them",
            reports("r.test MX 1 mx.r.test"),
            None,
            (2, 1),
        ),
        ("and to one that has an address only", reports("r.test A 192.0.2.1"), None, (2, 2)),
        ("a slow policy host", two_hosts(), Some(("example.com policy", 7)), (7, 1)),
        ("a slow mail host", two_hosts(), Some(("mx2.example.com STARTTLS", 5)), (6, 1)),
        (
            "a slow answer of the second stage",
            two_hosts(),
            Some(("_domainkey.example.com TXT", 4)),
            (2, 4),
        ),
        (
            "a resolver that fails is asked once more",
            two_hosts().servfail("_mta-sts.example.com"),
            None,
            (2, 1),
        ),
        ("in the second stage, too", with("").servfail("_domainkey.example.com"), None, (2, 2)),
    ] {
        let network = Clocked { slow, ..Clocked::new(zone) };
        let rounds = network.rounds_of_both().await;
        assert_eq!(rounds, expected, "{reason}: {:?}", network.asked.borrow());
    }
}

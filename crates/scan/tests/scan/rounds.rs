//! A scan takes as many rounds as its longest chain of questions that need each other's answers.

use crate::zone::{NOW, ROUND, Server, Zone};
use mxray_scan::scan;
use tokio::time::Instant;

/// The rounds that a scan of `example.com` takes on a simulated clock.
async fn rounds(zone: Zone) -> u128 {
    zone.slow.set(true);
    let start = Instant::now();
    scan(&zone, &"example.com".parse().unwrap(), NOW, &|_| {}).await;
    start.elapsed().as_millis() / ROUND.as_millis()
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

#[tokio::test(start_paused = true)]
async fn two_mx_hosts_and_a_flat_spf_record() {
    let zone = Zone::parse(TWO_HOSTS)
        .with_policy(
            "example.com",
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 1209600\n",
        )
        .with_server("mx1.example.com", Server::Good)
        .with_server("mx2.example.com", Server::Good);
    // MX of the domain, then at once: the addresses, the TLSA records and the conversation of each host.
    assert_eq!(rounds(zone).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_domain_of_which_nothing_is_published() {
    // MX and addresses of the domain at once, then MX of the domain above if there is one to suggest.
    assert_eq!(rounds(Zone::parse("example.com TXT hello")).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_broken_answer_is_asked_again_without_checking() {
    // MX, MX with checking disabled; the hosts stay unknown.
    assert_eq!(rounds(Zone::parse(TWO_HOSTS).servfail("example.com")).await, 2);
}

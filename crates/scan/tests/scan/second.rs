//! What a second resolver says of the same records.

use mxray_facts::Domain;
use mxray_scan::depth::{Compared, Kept, compare};
use mxray_scan::scan;
use tokio::test;

use crate::reports::{SOUND, sound};
use crate::zone::{NOW, Zone};

/// A sound domain, as one resolver knows it, beside what another does.
async fn beside(second: &Zone) -> Compared {
    let (first, domain) = (sound(), "example.com".parse::<Domain>().unwrap());
    let kept = Kept::new(&first);
    scan(&kept, &domain, NOW, &|_| {}).await;
    compare(second, kept.seen()).await
}

fn named(compared: &Compared) -> Vec<(String, &'static str)> {
    let name = |it: &mxray_scan::depth::Difference| (it.name.to_string(), it.record_type);
    compared.differences.iter().map(name).collect()
}

#[test]
async fn a_difference_is_a_record_that_one_of_them_has_otherwise() {
    let changed = |from: &str, to: &str| Zone::parse(&SOUND.replace(from, to));
    let another = format!("{SOUND}\nexample.com MX 5 other.example.com");
    let reordered: Vec<&str> = another.lines().rev().collect();
    for (reason, second, expected) in [
        ("the same", sound(), vec![]),
        (
            "another text",
            changed("p=reject", "p=none"),
            vec![("_dmarc.example.com".to_owned(), "TXT")],
        ),
        (
            "not there yet",
            changed("_mta-sts.example.com", "x.example.com"),
            vec![("_mta-sts.example.com".to_owned(), "TXT")],
        ),
        ("one more host", Zone::parse(&another), vec![("example.com".to_owned(), "MX")]),
        (
            "in another order",
            Zone::parse(&reordered.join("\n")),
            vec![("example.com".to_owned(), "MX")],
        ),
        ("another address, as is usual", changed("192.0.2.25", "192.0.2.26"), vec![]),
        ("signed, for one of them", sound().signed("example.com"), vec![]),
    ] {
        let compared = beside(&second).await;
        assert_eq!(named(&compared), expected, "{reason}");
        assert!(compared.gaps.is_empty() && compared.answered > 10, "{reason}");
    }
}

#[test]
async fn what_the_second_does_not_answer_is_no_difference() {
    let compared = beside(&sound().servfail("_dmarc.example.com")).await;
    assert!(compared.differences.is_empty());
    let gaps: Vec<&str> = compared.gaps.iter().map(|gap| gap.what.as_str()).collect();
    assert_eq!(gaps, ["_dmarc.example.com TXT"]);
}

#[test]
async fn each_says_what_it_knows_and_until_when() {
    let second = Zone::parse(&SOUND.replace("p=reject", "p=none"));
    let difference = beside(&second).await.differences.remove(0);
    let reject = "v=DMARC1; p=reject; rua=mailto:dmarc@example.com";
    assert_eq!(difference.first.records, [reject]);
    assert_eq!(difference.second.records, [reject.replace("p=reject", "p=none")]);
    assert_eq!(difference.over_in, None, "these resolvers do not say for how long they remember");
}

//! DNS that behaves like a recursive resolver, asked over real sockets.

use crate::client::{Ask, lab_of, sound_lab};
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::RecordType::{self, A, AAAA, MX, SOA, TLSA, TXT};

const NAMES: &str = r#"
domain = "names.example"
about = "Every kind of name."
base = "nothing"
expect = { transport = "", forgery = "", stage = "", first = "" }

[records]
alias = { CNAME = "first.elsewhere.example." }
dangling = { CNAME = "nowhere.elsewhere.example." }
leaving = { CNAME = "host.outside.net." }
loop = { CNAME = "loop" }
"deep.empty.names.example." = { A = ["192.0.2.1"] }
"*.wild" = { TXT = ["from the wildcard"] }
"there.wild" = { A = ["192.0.2.2"] }
"first.elsewhere.example." = { CNAME = "second.elsewhere.example." }
"second.elsewhere.example." = { TXT = ["the end"], A = ["192.0.2.3"] }
octets = { TXT = [["v=1 ", 'a\000\255\"'], "second record"] }
short = { TXT = ["x"], ttl = 7 }
broken = { rcode = "SERVFAIL", extended_error = { code = 23, text = "network error" } }
"#;

#[tokio::test]
async fn answers_and_their_absence() {
    let lab = lab_of(NAMES).await;
    let no_error = ResponseCode::NoError;
    let nx_domain = ResponseCode::NXDomain;
    for (reason, name, kind, rcode, answers, has_soa) in [
        (
            "CNAMEs are followed across domains, and the whole chain is told",
            "alias.names.example.",
            TXT,
            no_error,
            &[
                "alias.names.example. CNAME first.elsewhere.example.",
                "first.elsewhere.example. CNAME second.elsewhere.example.",
                "second.elsewhere.example. TXT the end",
            ][..],
            false,
        ),
        (
            "a chain to a name without that type is NODATA",
            "first.elsewhere.example.",
            MX,
            no_error,
            &["first.elsewhere.example. CNAME second.elsewhere.example."],
            true,
        ),
        (
            "a chain to a name that does not exist is NXDOMAIN",
            "dangling.names.example.",
            A,
            nx_domain,
            &["dangling.names.example. CNAME nowhere.elsewhere.example."],
            true,
        ),
        ("another type is NODATA", "short.names.example.", AAAA, no_error, &[], true),
        ("an empty non-terminal exists", "empty.names.example.", A, no_error, &[], true),
        ("an absent name does not", "absent.names.example.", A, nx_domain, &[], true),
        ("nor does one below a name", "x.short.names.example.", A, nx_domain, &[], true),
        ("nor a whole domain", "_dmarc.example.", TXT, nx_domain, &[], true),
        (
            "a wildcard answers under the name that was asked",
            "any.name.wild.names.example.",
            TXT,
            no_error,
            &["any.name.wild.names.example. TXT from the wildcard"],
            false,
        ),
        ("and has NODATA too", "x.wild.names.example.", A, no_error, &[], true),
        (
            "it says nothing about a name that exists",
            "there.wild.names.example.",
            TXT,
            no_error,
            &[],
            true,
        ),
        ("nor about those below", "x.there.wild.names.example.", TXT, nx_domain, &[], true),
        (
            "capitals are no difference",
            "SHORT.Names.Example.",
            TXT,
            no_error,
            &["short.names.example. TXT x"],
            false,
        ),
        (
            "character-strings keep their octets and their bounds",
            "octets.names.example.",
            TXT,
            no_error,
            &[
                r#"octets.names.example. TXT v=1 |a\x00\xff\""#,
                "octets.names.example. TXT second record",
            ],
            false,
        ),
        (
            "outside the lab nothing is known",
            "host.outside.net.",
            A,
            ResponseCode::Refused,
            &[],
            false,
        ),
        ("nor behind an alias", "leaving.names.example.", A, ResponseCode::ServFail, &[], false),
        ("a loop has no end", "loop.names.example.", A, ResponseCode::ServFail, &[], false),
    ] {
        let answer = Ask::new(name, kind).udp(&lab).await;
        assert_eq!(answer.message.metadata.response_code, rcode, "{reason}");
        assert_eq!(answer.answers(), answers, "{reason}");
        let soa = answer.message.authorities.iter().any(|record| record.record_type() == SOA);
        assert_eq!(soa, has_soa, "{reason}");
        assert!(answer.message.metadata.recursion_available, "{reason}");
    }
}

#[tokio::test]
async fn ttl_and_extended_error_are_scripted() {
    let lab = lab_of(NAMES).await;
    let short = Ask::new("short.names.example.", TXT).udp(&lab).await;
    assert_eq!(short.message.answers[0].ttl, 7);
    let absent = Ask::new("absent.names.example.", TXT).udp(&lab).await;
    assert_eq!(absent.message.authorities[0].ttl, 300);
    let broken = Ask::new("broken.names.example.", TXT).udp(&lab).await;
    assert_eq!(broken.message.metadata.response_code, ResponseCode::ServFail);
    assert_eq!(broken.extended_error(), Some((23, "network error".to_owned())));
}

#[tokio::test]
async fn ad_is_for_those_who_ask() {
    let lab = sound_lab(
        "dnssec = 'secure'\n[records.open]\nTXT = ['x']\ndnssec = 'insecure'\n\
         [records.half]\nCNAME = 'open'",
    )
    .await;
    let ask = |name: &str| Ask::new(&format!("{name}sound.example."), TXT);
    for (reason, question, expected) in [
        ("not asked for", ask(""), false),
        ("asked for with AD", ask("").with_ad(), true),
        ("asked for with DO", ask("").with_do(), true),
        ("for absence as well", ask("absent.").with_ad(), true),
        ("a name that is not signed", ask("open.").with_ad(), false),
        ("the root, which has no records", Ask::new(".", TXT).with_ad(), true),
        ("a chain is as secure as its weakest name", ask("half.").with_ad(), false),
    ] {
        let answer = question.udp(&lab).await;
        assert_eq!(answer.message.metadata.authentic_data, expected, "{reason}");
    }
}

#[tokio::test]
async fn bogus_data_is_for_those_who_judge_themselves() {
    let lab = sound_lab("[records.bogus]\nTXT = ['x']\ndnssec = 'bogus'").await;
    let ask = || Ask::new("bogus.sound.example.", TXT).with_ad();
    let checked = ask().udp(&lab).await;
    assert_eq!(checked.message.metadata.response_code, ResponseCode::ServFail);
    assert_eq!(checked.extended_error(), Some((6, String::new())));
    assert!(checked.answers().is_empty());
    let unchecked = ask().with_cd().udp(&lab).await;
    assert_eq!(unchecked.message.metadata.response_code, ResponseCode::NoError);
    assert_eq!(unchecked.answers(), ["bogus.sound.example. TXT x"]);
    assert!(!unchecked.message.metadata.authentic_data);
}

#[tokio::test]
async fn a_long_answer_is_cut_over_udp_and_whole_over_tcp() {
    let lab = sound_lab("[records.'@']\nfill_message = 65535").await;
    let ask = || Ask::new("sound.example.", TXT);
    for (reason, question, room) in [
        ("by the size of the client's EDNS", ask(), 1232),
        ("without EDNS by 512 octets", ask().without_edns(), 512),
    ] {
        let cut = question.udp(&lab).await;
        assert!(cut.message.metadata.truncation, "{reason}");
        assert!(cut.octets <= room, "{reason}: {}", cut.octets);
    }
    let whole = ask().tcp(&lab).await;
    assert!(!whole.message.metadata.truncation);
    assert_eq!(whole.octets, 65_535);
    assert_eq!(whole.message.answers.len(), 2);
}

#[tokio::test]
async fn a_slow_name_holds_up_nobody_else() {
    let lab = sound_lab("[records.slow]\nTXT = ['x']\ndelay_ms = 60000").await;
    let (slow, fast) =
        (Ask::new("slow.sound.example.", TXT), Ask::new("_mta-sts.sound.example.", TXT));
    tokio::select! {
        _ = slow.udp(&lab) => panic!("the slow name was first"),
        answer = fast.udp(&lab) => assert_eq!(answer.message.answers.len(), 1),
    }
}

#[tokio::test]
async fn a_sound_domain_has_it_all() {
    let lab = sound_lab(
        "mx = [{ host = 'mx1', tlsa = ['3 1 1', '2 0 2'] }, { host = 'mx2', preference = 20 }]",
    )
    .await;
    for (name, kind, expected) in [
        (
            "sound.example.",
            MX,
            &["sound.example. MX 10 mx1.sound.example.", "sound.example. MX 20 mx2.sound.example."]
                [..],
        ),
        ("sound.example.", TXT, &["sound.example. TXT v=spf1 mx -all"]),
        ("mx2.sound.example.", A, &["mx2.sound.example. A 127.0.3.1"]),
        ("mta-sts.sound.example.", A, &["mta-sts.sound.example. A 127.0.1.1"]),
        (
            "_mta-sts.sound.example.",
            TXT,
            &["_mta-sts.sound.example. TXT v=STSv1; id=20260101T000000;"],
        ),
    ] {
        assert_eq!(Ask::new(name, kind).udp(&lab).await.answers(), expected);
    }
    let tlsa = Ask::new("_25._tcp.mx1.sound.example.", TLSA).udp(&lab).await;
    assert_eq!(tlsa.message.answers.len(), 2);
}

#[tokio::test]
async fn questions_are_logged() {
    let lab = sound_lab("").await;
    Ask::new("sound.example.", RecordType::CAA).udp(&lab).await;
    assert_eq!(lab.dns_log(), [("sound.example.".to_owned(), "CAA".to_owned())]);
}

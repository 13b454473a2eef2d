//! The lab as a whole: its samples, its ports, its end.

use std::fs;
use std::net::Ipv4Addr;

use crate::client::{Ask, fetch, handshake, line, locate, say, soon, sound};
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::RecordType::{MX, TXT};
use mxray_lab::{Addresses, Config, DomainFile, Lab};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

#[tokio::test]
async fn every_sample_says_what_it_is_about_and_what_to_expect() {
    let lab = Lab::start(Config::default()).await.unwrap();
    assert!(lab.domains().len() >= 30);
    for domain in lab.domains() {
        let expect = &domain.expect;
        assert!(domain.name.ends_with(".example"), "{}", domain.name);
        assert!(domain.about.len() > 20, "{}", domain.name);
        for answer in [&expect.transport, &expect.forgery] {
            assert!(
                ["yes", "partly", "no", "unknown"].contains(&answer.as_str()),
                "{}",
                domain.name
            );
        }
        let stages = ["none", "broken", "testing", "enforce", "unknown"];
        assert!(stages.contains(&expect.stage.as_str()), "{}", domain.name);
        let answer = Ask::new(&format!("{}.", domain.name), MX).udp(&lab).await;
        let exists = answer.message.metadata.response_code != ResponseCode::NXDomain;
        assert_eq!(exists, expect.first != "mx.no-domain", "{}", domain.name);
    }
}

#[tokio::test]
async fn everything_works_over_routes() {
    let config = Config { addresses: Addresses::Routed, ..Config::of([sound("")]) };
    let lab = Lab::start(config).await.unwrap();
    assert!(!lab.routes.is_empty());
    assert!(lab.routes.iter().all(|(_, to)| to.ip() == Ipv4Addr::LOCALHOST));
    assert!(fetch(&lab, "sound.example").await.unwrap().contains("mode: enforce"));
    let host = "mail.sound.example";
    let mut stream = TcpStream::connect(locate(&lab, host, lab.smtp_port).await).await.unwrap();
    line(&mut stream).await;
    say(&mut stream, "STARTTLS").await;
    assert!(handshake(&lab, host, stream).await.is_ok());
}

#[tokio::test]
async fn a_taken_port_gives_way_to_the_next() {
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let first = Config { dns_port: port, ..Config::of([sound("")]) };
    let lab = Lab::start(first).await.unwrap();
    assert!(lab.dns.port() > port);
    let second =
        Config { smtp_port: lab.smtp_port, https_port: lab.https_port, ..Config::of([sound("")]) };
    let other = Lab::start(second).await.unwrap();
    assert_ne!((other.smtp_port, other.https_port), (lab.smtp_port, lab.https_port));
    assert!(fetch(&other, "sound.example").await.is_ok());
}

#[tokio::test]
async fn nothing_is_left_when_it_stops() {
    let lab = Lab::start(Config::of([sound("")])).await.unwrap();
    let host = "mail.sound.example";
    let mail = locate(&lab, host, lab.smtp_port).await;
    let mut open = TcpStream::connect(mail).await.unwrap();
    line(&mut open).await;
    let dns = lab.dns;
    soon(lab.stop()).await;
    assert_eq!(line(&mut open).await, "", "an open session ends");
    assert!(TcpStream::connect(mail).await.is_err());
    assert!(TcpListener::bind(dns).await.is_ok(), "the port is free again");
}

#[tokio::test]
async fn real_policies_are_served_byte_by_byte() {
    let folder = tempfile::tempdir().unwrap();
    let policy = "version: STSv1\nmode: enforce\nmx: *.Foo.Example\nmx: in.bar.net\nmax_age: 1\n\n";
    fs::write(folder.path().join("one.txt"), policy).unwrap();
    fs::write(folder.path().join("Two_2.txt"), b"\xef\xbb\xbfno policy").unwrap();
    fs::write(folder.path().join("index.tsv"), "not a policy").unwrap();
    let config = Config { policies: Some(folder.path().to_owned()), ..Config::of([]) };
    let lab = Lab::start(config).await.unwrap();
    let names: Vec<_> = lab.policies().iter().map(|domain| domain.name.as_str()).collect();
    assert_eq!(names, ["two-2.policies.example", "one.policies.example"]);
    assert!(fetch(&lab, names[1]).await.unwrap().ends_with(&format!("\r\n\r\n{policy}")));
    assert!(fetch(&lab, names[0]).await.unwrap().ends_with("\u{feff}no policy"));
    let hosts = Ask::new("one.policies.example.", MX).udp(&lab).await;
    assert_eq!(
        hosts.answers(),
        [
            "one.policies.example. MX 10 mail.foo.example.",
            "one.policies.example. MX 10 in.bar.net.",
        ]
    );
    let record = Ask::new("_mta-sts.one.policies.example.", TXT).udp(&lab).await;
    assert_eq!(record.message.answers.len(), 1);
    let neighbor = Ask::new("out.bar.net.", TXT).udp(&lab).await;
    assert_eq!(neighbor.message.metadata.response_code, ResponseCode::Refused);
    let mail = locate(&lab, "in.bar.net", lab.smtp_port).await;
    assert!(TcpStream::connect(mail).await.is_ok());
}

/// All real policies, where they are to be had.
#[tokio::test]
async fn a_hundred_and_sixty_real_policies_start_at_once() {
    let Ok(corpora) = std::env::var("MXRAY_CORPORA") else {
        println!("left out: MXRAY_CORPORA names no folder of real policies");
        return;
    };
    let folder = std::path::Path::new(&corpora).join("policies");
    let config = Config { policies: Some(folder), ..Config::of([]) };
    let lab = Lab::start(config).await.unwrap();
    assert!(lab.policies().len() >= 160);
    for domain in lab.policies() {
        let body = String::from_utf8_lossy(&fs::read(&domain.file).unwrap()).into_owned();
        let response = fetch(&lab, &domain.name).await.unwrap();
        assert_eq!(response.split_once("\r\n\r\n").unwrap().1, body, "{}", domain.name);
    }
}

#[tokio::test]
async fn the_manual_s_example_runs() {
    let manual = include_str!("../../../../docs/lab.md");
    let example = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let lab = Lab::start(Config::of([DomainFile::inline(example)])).await.unwrap();
    let domain = &lab.domains()[0];
    let policy = fetch(&lab, &domain.name).await.unwrap();
    assert!(policy.contains("mode: testing"), "{policy}");
}

#[tokio::test]
async fn mistakes_are_named() {
    for (reason, rest, expected) in [
        (
            "a key that does not exist",
            "[policy]\nmodus = 'x'",
            "unknown field `modus`, expected one of",
        ),
        (
            "a value that does not exist",
            "[policy]\ncertificate = 'bad'",
            "unknown variant `bad`, expected one of `good`",
        ),
        ("a wrong type", "[records.x]\nTXT = [5]", "expected a text, or a list of texts"),
        (
            "a wrong address",
            "[records.x]\nA = ['1.2.3']",
            "expected an IPv4 address, or \"policy\"",
        ),
        (
            "a long character-string",
            "[records.x]\nTXT = ['$']",
            "records.\"x\".TXT: a character-string of 256 octets; expected at most 255",
        ),
        ("a bad escape", "[records.x]\nTXT = ['\\300']", "expected \\DDD"),
        (
            "a bad MX",
            "[records.x]\nMX = ['mail']",
            "records.\"x\".MX: \"mail\": expected a preference and a host",
        ),
        (
            "a bad TLSA",
            "[records.x]\nTLSA = ['3 1']",
            "expected usage, selector, matching type and hex",
        ),
        (
            "a bad computed TLSA",
            "mx = [{ host = 'a', tlsa = ['4 1 1'] }]",
            "mx, host \"a\": tlsa \"4 1 1\": expected usage",
        ),
        ("a bad CAA", "[records.x]\nCAA = ['0']", "expected flags, a tag and a value"),
        ("a name that is none", "[records.'a..b']\nTXT = ['x']", "is no name"),
        ("a long wait", "[policy]\ndelay_ms = 70000", "policy.delay_ms: expected at most 60000"),
        (
            "two bodies",
            "[policy]\nbody = ''\nbody_base64 = ''",
            "policy: expected one of body, body_base64 and body_file",
        ),
        (
            "no room",
            "[records.'@']\nfill_message = 60",
            "records.\"@\".fill_message: 60: expected more than",
        ),
    ] {
        let file = sound(&rest.replace('$', &"x".repeat(256)));
        let error = Lab::start(Config::of([file])).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{reason}: {error}");
        assert!(error.starts_with("inline.toml: "), "{reason}: {error}");
    }
    let twice = Lab::start(Config::of([sound(""), sound("")])).await.unwrap_err().to_string();
    assert!(twice.contains("sound.example. is already described in inline.toml"), "{twice}");
}

#[tokio::test]
async fn a_folder_is_read_in_order() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("policy.txt"), "from a file").unwrap();
    fs::write(
        folder.path().join("own.toml"),
        sound("[policy]\nbody_file = 'policy.txt'").text.as_bytes(),
    )
    .unwrap();
    let mut config = Config::of([]);
    config.add_folder(folder.path()).unwrap();
    let lab = Lab::start(config).await.unwrap();
    assert!(fetch(&lab, "sound.example").await.unwrap().ends_with("from a file"));
    let absent = Config::of([]).add_folder(&folder.path().join("absent")).unwrap_err();
    assert!(absent.to_string().contains("could not be read"), "{absent}");
}

//! Talking to mail hosts.

use std::net::SocketAddr;

use mxray_facts::{
    Contact, MailHost, NameMatch, Observation, OldTls, PathResult, Reply, SmtpSession, StartTls,
    TlsVersion, Unobserved,
};
use mxray_lab::Lab;
use mxray_probe::{Probe, ProbeConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::world::{config, domain, impatient, lab, name, probe};

/// A lab whose only mail host is special.
async fn host_lab(special: &str) -> Lab {
    lab(&[("a.example", &format!("mx = [{{ host = 'mail'{special} }}]"))]).await
}

async fn contact(probe: &Probe) -> Observation<Contact> {
    let MailHost { sessions, .. } = probe.mail_host(&name("mail.a.example")).await.unwrap();
    assert_eq!(sessions.len(), 1, "one connection a host");
    sessions.into_iter().next().unwrap().contact
}

async fn session(special: &str) -> SmtpSession {
    let lab = host_lab(special).await;
    match contact(&probe(&lab)).await {
        Ok(Contact::Talked(session)) => session,
        other => panic!("{special}: {other:?}"),
    }
}

#[tokio::test]
async fn a_conversation_goes_as_far_as_tls_and_ends_politely() {
    let lab = host_lab("").await;
    let Ok(Contact::Talked(session)) = contact(&probe(&lab)).await else { panic!("silence") };
    assert_eq!(session.greeting.code, 220);
    assert!(session.ehlo.unwrap().lines.contains(&"STARTTLS".to_owned()));
    let Some(StartTls::Established(tls)) = session.starttls else { panic!("no TLS") };
    assert_eq!((tls.version, &tls.path), (TlsVersion::Tls13, &PathResult::Trusted));
    assert_eq!(tls.name, NameMatch::Matches);
    assert_eq!(tls.chain.len(), 2);

    let log = lab.smtp_log("mail.a.example");
    let [ehlo, ..] = log.commands.as_slice() else { panic!("{log:?}") };
    assert!(ehlo.starts_with("EHLO [127."), "our address, for want of a name: {ehlo}");
    assert_eq!(log.connections, 2, "one to look, and one to ask for old versions of TLS");
    assert_eq!(log.commands, [ehlo, "STARTTLS", ehlo, "QUIT", ehlo, "STARTTLS"]);
}

#[tokio::test]
async fn what_an_administrator_asks_is_told_too() {
    let lab = host_lab("").await;
    let host = probe(&lab).mail_host(&name("mail.a.example")).await.unwrap();
    let [session] = &*host.sessions else { panic!("{host:?}") };
    let details = session.details.get().unwrap();
    let ehlo = details.ehlo_in_tls.as_ref().unwrap();
    assert_eq!(ehlo.lines, ["mail.a.example", "PIPELINING", "8BITMIME"], "no STARTTLS within TLS");
    assert!(matches!(details.old_tls, Some(Ok(OldTls::Refused(_)))), "{details:?}");
    let Ok(Contact::Talked(SmtpSession { starttls: Some(StartTls::Established(tls)), .. })) =
        &session.contact
    else {
        panic!("{session:?}")
    };
    let tls = tls.details.get().unwrap();
    assert_eq!(tls.cipher_suite, "TLS_AES_256_GCM_SHA384");
    assert_eq!(tls.key_exchange.as_deref(), Some("X25519"), "as the lab knows no other");
    assert_eq!(tls.signature.as_deref(), Some("ECDSA_NISTP256_SHA256"));
}

#[tokio::test]
async fn we_say_the_name_that_we_are_given() {
    let lab = host_lab(", server = 'no-starttls'").await;
    let named = ProbeConfig { ehlo_name: Some(domain("scan.example")), ..config(&lab) };
    let contact = contact(&Probe::new(named).unwrap()).await;
    assert!(matches!(
        contact,
        Ok(Contact::Talked(SmtpSession { starttls: Some(StartTls::NotOffered), .. }))
    ));
    assert_eq!(lab.smtp_log("mail.a.example").commands, ["EHLO scan.example", "QUIT"]);
}

#[tokio::test]
async fn a_server_that_turns_away_is_quoted() {
    let busy = session(", banner = '421 4.7.0 try again later'").await;
    let greeting = Reply { code: 421, lines: vec!["4.7.0 try again later".to_owned()] };
    assert_eq!(busy, SmtpSession { greeting, ehlo: None, starttls: None });

    let refused = session(", starttls = '454 4.7.0 not now'").await.starttls;
    assert!(matches!(refused, Some(StartTls::Refused(reply)) if reply.code == 454));

    let unknown = session(", ehlo = ['502 5.5.1 what?']").await;
    assert_eq!((unknown.ehlo.unwrap().code, unknown.starttls), (502, None));
}

#[tokio::test]
async fn a_handshake_that_fails_says_why() {
    for (reason, special, expected) in [
        ("plaintext slipped in", ", server = 'injects-plaintext'", "plaintext"),
        ("the server hangs up", ", server = 'aborts-handshake'", "closed"),
    ] {
        let starttls = session(special).await.starttls;
        assert!(
            matches!(&starttls, Some(StartTls::Failed(why)) if why.contains(expected)),
            "{reason}: {starttls:?}"
        );
    }
}

#[tokio::test]
async fn faults_of_a_certificate_are_facts() {
    for (special, path, name) in [
        (", certificate = 'self-signed'", PathResult::SelfSigned, NameMatch::Matches),
        (", certificate = 'expired'", PathResult::Expired, NameMatch::Matches),
        (", certificate = 'wrong-name'", PathResult::Trusted, NameMatch::Differs),
        (", tls = '1.2'", PathResult::Trusted, NameMatch::Matches),
    ] {
        let Some(StartTls::Established(tls)) = session(special).await.starttls else {
            panic!("{special}: no session")
        };
        assert_eq!((tls.path, tls.name), (path, name), "{special}");
    }
}

#[tokio::test]
async fn what_is_no_conversation_ends_within_its_bounds() {
    for (reason, special, expected) in [
        ("an endless greeting", ", server = 'endless-banner'", "100 lines"),
        ("an endless line", ", server = 'endless-line'", "2048 octets"),
    ] {
        let lab = host_lab(special).await;
        let contact = contact(&probe(&lab)).await;
        assert!(
            matches!(&contact, Ok(Contact::Broken(why)) if why.contains(expected)),
            "{reason}: {contact:?}"
        );
    }
    for special in [", server = 'silent'", ", server = 'hangs-in-handshake'"] {
        let lab = host_lab(special).await;
        assert_eq!(contact(&impatient(&lab)).await, Err(Unobserved::TimedOut), "{special}");
    }
    let lab = host_lab(", server = 'down'").await;
    assert_eq!(contact(&probe(&lab)).await, Ok(Contact::Refused));
}

#[tokio::test]
async fn another_protocol_is_no_mail_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"SSH-2.0-\x1b[2Jserver\r\n").await.unwrap();
        let _ = stream.read(&mut [0; 64]).await;
    });
    let lab = lab(&[("a.example", "[records.mail]\nA = ['127.0.0.1']")]).await;
    let config = ProbeConfig { smtp_port: port, routes: Vec::new(), ..config(&lab) };
    let contact = contact(&Probe::new(config).unwrap()).await;
    let why = "this is no SMTP reply: SSH-2.0-\u{fffd}[2Jserver".to_owned();
    assert_eq!(contact, Ok(Contact::Broken(why)));
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_not_tried() {
    let lab = host_lab("").await;
    let strict = ProbeConfig { resolver: config(&lab).resolver, ..ProbeConfig::default() };
    let contact = contact(&Probe::new(strict).unwrap()).await;
    assert_eq!(contact, Err(Unobserved::AddressNotAllowed));
    assert_eq!(lab.smtp_log("mail.a.example").connections, 0);
}

#[tokio::test]
async fn every_address_is_asked() {
    let addresses = "['10.0.0.1', '127.0.0.1', '127.0.0.2']";
    let lab = lab(&[("a.example", &format!("[records.mail]\nA = {addresses}"))]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"554 no\r\n").await.unwrap();
        let _ = stream.read(&mut [0; 64]).await;
    });
    let config = ProbeConfig { smtp_port: port, routes: Vec::new(), ..config(&lab) };
    let host = Probe::new(config).unwrap().mail_host(&name("mail.a.example")).await.unwrap();
    let [private, local, nobody] = host.sessions.as_slice() else { panic!("{host:?}") };
    assert_eq!(private.contact, Err(Unobserved::AddressNotAllowed));
    assert!(matches!(&local.contact, Ok(Contact::Talked(session)) if session.greeting.code == 554));
    assert_eq!(nobody.contact, Ok(Contact::Refused));
}

#[tokio::test]
async fn the_hosts_that_take_mail() {
    let two = "mx = [{ host = 'mx2', preference = 20 }, { host = 'mx1' }]";
    let null = "base = 'nothing'\nmx = [{ host = '.', preference = 0 }]";
    let failing = "[records.'@']\nrcode = 'SERVFAIL'";
    let lab =
        lab(&[("a.example", two), ("null.example", null), ("failing.example", failing)]).await;
    let probe = probe(&lab);
    for (reason, of, expected) in [
        ("by preference", "a.example", &["mx1.a.example", "mx2.a.example"][..]),
        ("none by a null MX", "null.example", &[]),
        ("nobody who might be no mail server of the domain", "failing.example", &[]),
    ] {
        let set = probe.mx_set(&domain(of)).await;
        assert_eq!(set.answer.is_ok(), of != "failing.example", "{reason}");
        assert_eq!(
            set.hosts,
            expected.iter().map(|host| name(host)).collect::<Vec<_>>(),
            "{reason}"
        );
    }
    assert_eq!(lab.smtp_log("mx1.a.example").connections, 0, "nobody is talked to");
}

#[tokio::test]
async fn nobody_is_blamed_for_a_port_that_cannot_be_reached_from_here() {
    let lab = lab(&[
        ("a.example", "[records.mail]\nA = ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4']"),
        ("b.example", "[records.mail]\nA = ['1.1.1.5', '1.1.1.6']"),
        ("c.example", "[records.mail]\nA = ['127.0.0.9']"),
    ])
    .await;
    // The public internet as a network shows it that refuses whatever goes to port 25.
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let public = (1..=6).map(|last| (SocketAddr::from(([1, 1, 1, last], 25)), nobody));
    let config = ProbeConfig { routes: public.collect(), smtp_port: 25, ..config(&lab) };
    let probe = Probe::new(config).unwrap();
    let contacts = async |host| {
        let host = probe.mail_host(&name(host)).await.unwrap();
        host.sessions.into_iter().map(|session| session.contact).collect::<Vec<_>>()
    };
    assert_eq!(contacts("mail.a.example").await, [const { Ok(Contact::Refused) }; 4], "a few are");
    let closed = Err(Unobserved::PortClosedHere);
    assert_eq!(contacts("mail.b.example").await, [closed.clone(), closed], "none of many is");
    assert_eq!(contacts("mail.c.example").await, [Ok(Contact::Refused)], "our own network is ours");
}

//! Mail servers.

use std::net::Ipv4Addr;
use std::time::Duration;

use mxray_facts::{Contact, Observation, SmtpSession, StartTls, Unobserved};
use mxray_probe::{Deadlines, Probe, ProbeConfig};
use tokio::net::{TcpSocket, TcpStream};

use crate::chains::{self, record};
use crate::server::Act::{self, Cut, Hear, Reset, Silence, Tls, Trickle};
use crate::server::{forever, say, start, start_each};
use crate::{Alone, TIMED_OUT, config, probe};

/// What comes of talking to the server, in short.
async fn observe(probe: Probe) -> String {
    let host = probe.mail_host(&"mail.a.example".parse().unwrap()).await.unwrap();
    let [session] = host.sessions.as_slice() else { panic!("{host:?}") };
    sum_up(&session.contact)
}

fn sum_up(contact: &Observation<Contact>) -> String {
    let session = match contact {
        Err(Unobserved::TimedOut) => return TIMED_OUT.to_owned(),
        Err(other) => return format!("{other:?}"),
        Ok(Contact::Refused) => return "refused".to_owned(),
        Ok(Contact::Broken(why)) => return format!("broken: {why}"),
        Ok(Contact::Talked(session)) => session,
    };
    match session {
        SmtpSession { ehlo: None, greeting, .. } => {
            format!("greeting: {} {}", greeting.code, greeting.lines.join("/"))
        }
        SmtpSession { ehlo: Some(ehlo), starttls: None, .. } => format!("EHLO: {}", ehlo.code),
        SmtpSession { ehlo: Some(ehlo), starttls: Some(starttls), .. } => match starttls {
            StartTls::NotOffered => format!("no STARTTLS: {}", ehlo.lines.join("/")),
            StartTls::Refused(reply) => format!("STARTTLS: {}", reply.code),
            StartTls::Failed(why) => format!("no TLS: {why}"),
            StartTls::Established(tls) => {
                format!("TLS: {:?}, {} certificates", tls.path, tls.chain.len())
            }
        },
    }
}

/// A sound greeting and EHLO, and then.
fn after_ehlo(then: impl IntoIterator<Item = Act>) -> Vec<Act> {
    let sound = [say("220 mx\r\n"), Hear, say("250-mx\r\n250 STARTTLS\r\n"), Hear];
    sound.into_iter().chain(then).collect()
}

/// The same as far as the client's first words of TLS.
fn in_tls(then: impl IntoIterator<Item = Act>) -> Vec<Act> {
    after_ehlo([say("220 go\r\n"), Hear].into_iter().chain(then))
}

/// The same with such an answer to the client's hello.
fn keys(answer: fn(&[u8]) -> Vec<u8>, then: Vec<Act>) -> Vec<Act> {
    after_ehlo([say("220 go\r\n"), Act::Answer(answer)].into_iter().chain(then))
}

/// The same with a handshake.
fn after_tls(config: std::sync::Arc<rustls::ServerConfig>, then: Vec<Act>) -> Vec<Act> {
    after_ehlo([say("220 go\r\n"), Tls(config)].into_iter().chain(then))
}

#[tokio::test]
async fn no_mail_server_holds_up_a_look_or_fills_memory() {
    let alone = Alone::begin().await;
    let keyword =
        |octets: usize| format!("250-mx\r\n250-{}\r\n250 STARTTLS\r\n", "X".repeat(octets));
    for (reason, script, expected) in [
        // The greeting.
        ("silence", vec![Silence], TIMED_OUT),
        ("an octet a moment", vec![Trickle(b"2".to_vec())], TIMED_OUT),
        ("a line an age", vec![Trickle(b"220-x\r\n".to_vec())], TIMED_OUT),
        ("closed at once", vec![], "broken: the server closed"),
        ("reset at once", vec![Reset], "broken: the connection ended"),
        ("reset in a line", vec![say("220 m"), Reset], "broken: the"),
        ("closed in a line", vec![say("220 m")], "broken: the server closed"),
        ("a line without end", vec![forever("2")], "broken: a line of more than 2048 octets"),
        ("lines without end", vec![forever("220-x\r\n")], "broken: a reply of more than 100 lines"),
        (
            "long lines",
            vec![forever(format!("220-{}\r\n", "x".repeat(1500)))],
            "broken: more than 65536 octets",
        ),
        ("line ends alone", vec![forever("\r\n")], "broken: this is no SMTP reply"),
        ("noughts", vec![forever("\0")], "broken: a line of more than 2048 octets"),
        (
            "control characters",
            vec![say("554 \0\x1b[2J\x07\x7f\r\n")],
            "greeting: 554 \u{fffd}\u{fffd}[2J\u{fffd}\u{fffd}",
        ),
        ("octets that are no text", vec![say(b"554 \xff\xfe\r\n")], "greeting: 554 \u{fffd}"),
        ("returns without line feeds", vec![say("554 x\r220 y\r\n")], "greeting: 554 x\u{fffd}"),
        (
            "a web server",
            vec![say("HTTP/1.1 400 no\r\n\r\n")],
            "broken: this is no SMTP reply: HTTP",
        ),
        ("TLS without being asked", vec![say(record(22, &[2; 90])), Silence], "timed out"),
        ("codes that are none", vec![say("099 x\r\n")], "broken: this is no SMTP reply"),
        ("go on, forever", vec![forever("150 wait\r\n")], "broken: this is no SMTP reply: 150"),
        ("service not available", vec![say("421 x\r\n"), Hear], "greeting: 421"),
        ("no parting", vec![say("554 x\r\n"), Hear, forever("221-x\r\n")], "greeting: 554"),
        // EHLO.
        ("silence after EHLO", vec![say("220 x\r\n"), Hear, Silence], TIMED_OUT),
        ("deaf after the greeting", vec![say("220 x\r\n"), Reset], "broken: the connection ended"),
        ("closed after EHLO", vec![say("220 x\r\n"), Hear], "broken: the server closed"),
        (
            "a keyword of 100 KB",
            vec![say("220 x\r\n"), Hear, say(keyword(100_000)), Silence],
            "broken: a line of more than 2048 octets",
        ),
        (
            "keywords without end",
            vec![say("220 x\r\n"), Hear, forever("250-X\r\n")],
            "broken: a reply of more than 100 lines",
        ),
        (
            "keywords with control characters",
            vec![say("220 x\r\n"), Hear, say("250-x\r\n250 START\0TLS\r\n")],
            "no STARTTLS: x/START\u{fffd}TLS",
        ),
        ("EHLO again and again", vec![say("220 x\r\n"), forever("220 x\r\n")], "EHLO: 220"),
        // STARTTLS.
        ("silence after STARTTLS", after_ehlo([Silence]), TIMED_OUT),
        ("closed after STARTTLS", after_ehlo([]), "broken: the server closed"),
        ("reset after STARTTLS", after_ehlo([Reset]), "broken: the connection ended"),
        ("not now", after_ehlo([say("454 x\r\n")]), "STARTTLS: 454"),
        (
            "answers before questions",
            vec![say("220 x\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n250 injected\r\n"), Silence],
            "no TLS: the server went on in plaintext",
        ),
        (
            "plaintext with the 220",
            after_ehlo([say("220 go\r\n250 injected\r\n"), Hear, Tls(chains::plain())]),
            "no TLS: the server went on in plaintext",
        ),
        (
            "half a line with the 220",
            after_ehlo([say("220 go\r\n2"), Hear, Silence]),
            "no TLS: the server went on in plaintext",
        ),
        ("plaintext a moment later", in_tls([say("250 injected\r\n"), Silence]), "no TLS:"),
        // The handshake.
        ("silence after hello", in_tls([Silence]), TIMED_OUT),
        ("records an age", in_tls([Trickle(record(22, &[2, 0, 1, 0]))]), TIMED_OUT),
        ("closed after hello", in_tls([]), "no TLS: the server closed the connection"),
        ("reset after hello", in_tls([Reset]), "no TLS:"),
        ("noise", in_tls([forever("noise")]), "no TLS:"),
        ("noughts for TLS", in_tls([forever("\0")]), "no TLS:"),
        ("an alert", in_tls([say(record(21, &[2, 40])), Silence]), "no TLS: received fatal alert"),
        ("warnings without end", in_tls([forever(record(21, &[1, 112]))]), "no TLS:"),
        ("alerts of no kind", in_tls([forever(record(21, &[9, 255]))]), "no TLS:"),
        ("empty records", in_tls([forever(record(22, &[]))]), "no TLS:"),
        ("a record too long", in_tls([forever([22, 3, 3, 0xff, 0xff])]), "no TLS:"),
        ("records of no kind", in_tls([forever(record(99, &[0; 9]))]), "no TLS:"),
        (
            "a hello of 16 MB",
            in_tls([say(record(22, &[2, 0xff, 0xff, 0xff])), forever(record(22, &[0; 16_000]))]),
            "no TLS:",
        ),
        ("changes of cipher", in_tls([forever(record(20, &[1]))]), "no TLS:"),
        ("TLS 1.0", in_tls([say(chains::old_hello()), Silence]), "no TLS:"),
        // The key exchange.
        ("a share of garbage, and silence", keys(chains::garbage_share, vec![Silence]), TIMED_OUT),
        (
            "a share of garbage, and noise",
            keys(chains::garbage_share, vec![forever(record(23, &[9; 99]))]),
            "no TLS: cannot decrypt",
        ),
        ("a share that is too short", keys(chains::short_share, vec![Silence]), "no TLS:"),
        ("an empty share", keys(chains::empty_share, vec![Silence]), "no TLS:"),
        ("a share of another group", keys(chains::foreign_share, vec![Silence]), "no TLS:"),
        ("once more, and silence", keys(chains::again_with_p384, vec![Hear, Silence]), TIMED_OUT),
        (
            "once more, forever",
            keys(chains::again_with_p384, vec![Act::Answer(chains::again_with_p384), Silence]),
            "no TLS:",
        ),
        ("once more the same", keys(chains::again_with_x25519, vec![Silence]), "no TLS:"),
        // Certificates.
        ("100 certificates", after_tls(chains::hundred(), vec![]), "TLS: SelfSigned, 10 "),
        ("authorities in a circle", after_tls(chains::looped(), vec![]), "TLS: UnknownIssuer, 5 "),
        ("a maze of authorities", after_tls(chains::maze(), vec![]), "TLS: "),
        ("a certificate of 1 MB", after_tls(chains::huge(1_000_000), vec![]), "no TLS:"),
        ("a certificate of 60 KB", after_tls(chains::huge(60_000), vec![]), "TLS: SelfSigned, 1 "),
        ("3,000 names", after_tls(chains::many_names(), vec![]), "TLS: SelfSigned, 1 "),
        ("a stolen certificate", after_tls(chains::stolen(), vec![]), "no TLS:"),
        ("no certificate", after_tls(chains::garbage(), vec![]), "no TLS:"),
        (
            "only the first is one",
            after_tls(chains::garbage_after_it(), vec![]),
            "TLS: Other(\"BadDer\"), 1 ",
        ),
        // Within TLS.
        (
            "talk without end in TLS",
            after_tls(chains::plain(), vec![forever("221-x\r\n")]),
            "TLS: SelfSigned",
        ),
        ("reset in TLS", after_tls(chains::plain(), vec![Reset]), "TLS: SelfSigned"),
    ] {
        let port = start(script).await;
        alone.look(reason, expected, observe(probe(expected, config(port).await))).await;
    }
}

/// A probe that waits for each thing for a moment, and for all together as long as always.
async fn quick(port: u16) -> Probe {
    let moment = Duration::from_millis(700);
    let deadlines = Deadlines { tls: moment, smtp_reply: moment, ..Deadlines::default() };
    Probe::new(ProbeConfig { deadlines, ..config(port).await }).unwrap()
}

/// What is said of a server besides, in short.
async fn observe_details(probe: Probe) -> String {
    let host = probe.mail_host(&"mail.a.example".parse().unwrap()).await.unwrap();
    let [session] = host.sessions.as_slice() else { panic!("{host:?}") };
    let Some(details) = session.details.get() else { return sum_up(&session.contact) };
    let ehlo = details.ehlo_in_tls.as_ref().map_or(0, |reply| reply.code);
    let old_tls = match &details.old_tls {
        None => "not asked".to_owned(),
        Some(Err(Unobserved::TimedOut)) => TIMED_OUT.to_owned(),
        Some(Err(Unobserved::TurnedAway(reply))) => format!("turned away: {}", reply.code),
        Some(other) => format!("{other:?}"),
    };
    match &details.failed_post_quantum {
        Some(why) => format!("EHLO {ehlo}, {old_tls}, at first {why}"),
        None => format!("EHLO {ehlo}, {old_tls}"),
    }
}

/// A first connection on which all is well.
fn sound() -> Vec<Act> {
    after_tls(chains::plain(), vec![Hear, say("250 mx\r\n"), Hear, say("221 x\r\n")])
}

#[tokio::test]
async fn no_answer_to_an_old_hello_holds_up_a_look_or_fills_memory() {
    let alone = Alone::begin().await;
    let sixteen_megabytes = record(22, &[2, 0xff, 0xff, 0xff]);
    let after = |content: &[u8]| in_tls([say(content), Silence]);
    for (reason, script, expected) in [
        ("silence", vec![Silence], "timed out"),
        ("closed at once", vec![], "Ok(Broken(\"the server closed"),
        ("reset at once", vec![Reset], "Ok(Broken(\"the connection ended"),
        ("not now", vec![say("421 x\r\n"), Hear], "turned away: 421"),
        ("lines without end", vec![forever("220-x\r\n")], "Ok(Broken(\"a reply of more"),
        ("no EHLO now", vec![say("220 x\r\n"), Hear, say("451 x\r\n")], "turned away: 451"),
        (
            "no STARTTLS now",
            vec![say("220 x\r\n"), Hear, say("250 x\r\n"), Hear],
            "turned away: 250",
        ),
        ("STARTTLS, but not now", after_ehlo([say("454 x\r\n")]), "turned away: 454"),
        ("silence after STARTTLS", after_ehlo([Silence]), "timed out"),
        (
            "plaintext with the 220",
            after_ehlo([say("220 go\r\n250 injected\r\n"), Silence]),
            "Ok(Broken(\"the server went on in plaintext",
        ),
        ("silence after hello", in_tls([Silence]), "timed out"),
        ("an octet a moment", in_tls([Trickle(vec![22])]), "timed out"),
        ("a warning an age", in_tls([Trickle(record(21, &[1, 112]))]), "timed out"),
        ("closed after hello", in_tls([]), "Ok(Closed)"),
        ("reset after hello", in_tls([Reset]), "Ok(Closed)"),
        ("an alert", after(&record(21, &[2, 70])), "Ok(Refused(\"ProtocolVersion\"))"),
        ("an alert of no kind", after(&record(21, &[2, 255])), "Ok(Refused("),
        ("half an alert", after(&record(21, &[2])), "Ok(Broken(\"this is no alert"),
        ("TLS 1.0", after(&chains::old_hello()), "Ok(Accepted { version: Tls10, "),
        ("a server of today", after_tls(chains::plain(), vec![]), "Ok(Refused("),
        ("text", after(b"250 injected\r\n"), "Ok(Broken(\"this is no answer"),
        ("noise", in_tls([forever("noise")]), "Ok(Broken(\"this is no answer"),
        ("noughts", in_tls([forever("\0")]), "Ok(Broken(\"this is no answer"),
        ("warnings without end", in_tls([forever(record(21, &[1, 112]))]), "Ok(Broken(\"more than"),
        ("empty records", in_tls([forever(record(22, &[]))]), "Ok(Broken("),
        ("a record too long", after(&[22, 3, 1, 0xff, 0xff]), "Ok(Broken(\"this is no record"),
        (
            "a hello of 16 MB",
            in_tls([say(sixteen_megabytes), forever(record(22, &[0; 16_000]))]),
            "Ok(Broken(\"more than",
        ),
        ("hellos to us", in_tls([forever(record(22, &[0, 0, 0, 0]))]), "Ok(Broken(\"this is no"),
        ("a hello cut short", after(&record(22, &[2, 0, 0, 2, 3, 1])), "Ok(Broken("),
    ] {
        let port = start_each(vec![sound(), script]).await;
        let expected = format!("EHLO 250, {expected}");
        alone.look(reason, &expected, observe_details(quick(port).await)).await;
    }
}

#[tokio::test]
async fn what_a_server_says_within_tls_is_of_no_consequence_to_what_was_seen_before() {
    let alone = Alone::begin().await;
    let in_tls = |then: Vec<Act>| after_tls(chains::plain(), then);
    for (reason, script, expected) in [
        ("a sound reply", vec![Hear, say("250-mx\r\n250 SIZE\r\n"), Hear], "EHLO 250"),
        ("not welcome any more", vec![Hear, say("530 x\r\n"), Hear], "EHLO 530"),
        ("silence", vec![Silence], "EHLO 0"),
        ("closed", vec![], "EHLO 0"),
        ("cut", vec![Cut], "EHLO 0"),
        ("reset", vec![Reset], "EHLO 0"),
        ("no SMTP", vec![Hear, say("HTTP/1.1 400 no\r\n\r\n")], "EHLO 0"),
        ("an octet a moment", vec![Trickle(b"2".to_vec())], "EHLO 0"),
        ("lines without end", vec![forever("250-x\r\n")], "EHLO 0"),
        ("a line without end", vec![forever("2")], "EHLO 0"),
    ] {
        let port = start(in_tls(script)).await;
        alone.look(reason, expected, observe_details(quick(port).await)).await;
    }
}

#[tokio::test]
async fn a_server_that_cannot_read_a_long_hello_is_said_a_short_one() {
    let alone = Alone::begin().await;
    let fails = |then: Vec<Act>| in_tls(then);
    for (reason, scripts, expected) in [
        (
            "reset",
            vec![fails(vec![Reset]), sound()],
            "EHLO 250, not asked, at first Connection reset",
        ),
        ("silence", vec![fails(vec![Silence]), sound()], "EHLO 250, not asked, at first no answer"),
        ("closed", vec![fails(vec![]), sound()], "EHLO 250, not asked, at first the server closed"),
        (
            "the first reason counts if both fail",
            vec![fails(vec![]), fails(vec![Reset])],
            "no TLS: the server closed",
        ),
        (
            "plaintext is no matter of size",
            vec![after_ehlo([say("220 go\r\n250 injected\r\n"), Silence]), sound()],
            "no TLS: the server went on in plaintext",
        ),
    ] {
        let port = start_each(scripts).await;
        alone.look(reason, expected, observe_details(quick(port).await)).await;
    }
}

#[tokio::test]
async fn a_server_that_accepts_nobody_is_not_waited_for() {
    let alone = Alone::begin().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // The system lets these in, and nobody after them.
    let _queue = [TcpStream::connect(address).await, TcpStream::connect(address).await];
    let observed = observe(probe(TIMED_OUT, config(address.port()).await));
    alone.look("a full queue", TIMED_OUT, observed).await;
    drop(listener);
    let observed = observe(probe("", config(address.port()).await));
    alone.look("nobody", "refused", observed).await;
}

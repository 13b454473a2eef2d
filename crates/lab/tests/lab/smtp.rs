//! Mail servers over real sockets.

use std::time::Duration;

use crate::client::{handshake, line, locate, say, soon, sound_lab};
use mxray_lab::Lab;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

const HOST: &str = "mail.sound.example";

/// A lab whose only mail host is scripted so.
async fn lab(script: &str) -> Lab {
    let comma = if script.is_empty() { "" } else { ", " };
    sound_lab(&format!("mx = [{{ host = 'mail'{comma}{script} }}]")).await
}

async fn connect(lab: &Lab) -> std::io::Result<TcpStream> {
    TcpStream::connect(locate(lab, HOST, lab.smtp_port).await).await
}

#[tokio::test]
async fn a_starttls_session_verifies() {
    let lab = lab("").await;
    let mut plain = connect(&lab).await.unwrap();
    assert_eq!(line(&mut plain).await, "220 mail.sound.example ESMTP");
    let extensions = say(&mut plain, "EHLO client.example").await;
    assert!(extensions.contains(&"250-STARTTLS".to_owned()), "{extensions:?}");
    assert_eq!(say(&mut plain, "STARTTLS").await, ["220 2.0.0 go ahead"]);
    let mut secured = handshake(&lab, HOST, plain).await.unwrap();
    let extensions = say(&mut secured, "EHLO client.example").await;
    assert!(!extensions.contains(&"250-STARTTLS".to_owned()), "not a second time");
    assert_eq!(say(&mut secured, "QUIT").await, ["221 2.0.0 bye"]);
    assert_eq!(soon(secured.read(&mut [0])).await.unwrap(), 0, "closed in order");
    let seen = lab.smtp_log(HOST);
    assert_eq!(seen.connections, 1);
    let client = "EHLO client.example";
    assert_eq!(seen.commands, [client, "STARTTLS", client, "QUIT"]);
}

#[tokio::test]
async fn replies_are_scripted() {
    for (reason, script, banner, ehlo, starttls) in [
        ("no STARTTLS", "server = 'no-starttls'", "220", "250 8BITMIME", "502 5.5.1 not here"),
        ("refused", "starttls = '454 4.7.0 no TLS'", "220", "250 8BITMIME", "454 4.7.0 no TLS"),
        (
            "EHLO put off",
            "ehlo = ['451 4.3.0 later']",
            "220",
            "451 4.3.0 later",
            "220 2.0.0 go ahead",
        ),
        (
            "put off at once",
            "banner = '421 4.7.0 later'",
            "421",
            "503 5.5.1 no service here",
            "503 5.5.1 no service here",
        ),
    ] {
        let lab = lab(script).await;
        let mut stream = connect(&lab).await.unwrap();
        assert!(line(&mut stream).await.starts_with(banner), "{reason}");
        assert_eq!(say(&mut stream, "EHLO x").await.last().unwrap(), ehlo, "{reason}");
        assert_eq!(say(&mut stream, "STARTTLS").await, [starttls], "{reason}");
    }
}

#[tokio::test]
async fn certificates_of_mail_servers_are_scripted() {
    let lab = lab("certificate = 'wrong-name'").await;
    let mut stream = connect(&lab).await.unwrap();
    line(&mut stream).await;
    say(&mut stream, "STARTTLS").await;
    let refused = handshake(&lab, HOST, stream).await.unwrap_err().to_string();
    assert!(refused.contains("not valid for name"), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_down_refuses() {
    let lab = lab("server = 'down'").await;
    let refused = connect(&lab).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_silent_server_says_nothing() {
    for (reason, script) in [
        ("from the start", "server = 'silent'"),
        ("in the handshake", "server = 'hangs-in-handshake'"),
    ] {
        let lab = lab(script).await;
        let mut stream = connect(&lab).await.unwrap();
        if script.contains("handshake") {
            line(&mut stream).await;
            say(&mut stream, "STARTTLS").await;
        }
        let heard = timeout(Duration::from_millis(200), stream.read_u8()).await;
        assert!(heard.is_err(), "{reason}");
    }
}

#[tokio::test]
async fn endless_servers_have_no_end() {
    for (server, line_ends) in [("endless-banner", true), ("endless-line", false)] {
        let lab = lab(&format!("server = '{server}'")).await;
        let mut stream = connect(&lab).await.unwrap();
        let mut heard = vec![0; 100 * 1024];
        if line_ends {
            heard.truncate(1024);
        }
        soon(stream.read_exact(&mut heard)).await.unwrap();
        assert_eq!(heard.contains(&b'\n'), line_ends, "{server}");
    }
}

#[tokio::test]
async fn plaintext_is_injected_in_one_piece() {
    let lab = lab("server = 'injects-plaintext'").await;
    let mut stream = connect(&lab).await.unwrap();
    line(&mut stream).await;
    assert_eq!(say(&mut stream, "STARTTLS").await, ["220 2.0.0 go ahead"]);
    assert_eq!(line(&mut stream).await, "250 2.0.0 from the one in the middle");
    assert!(handshake(&lab, HOST, stream).await.is_ok(), "and then it is TLS all the same");
}

#[tokio::test]
async fn what_is_not_needed_is_not_there() {
    let lab = lab("").await;
    let mut stream = connect(&lab).await.unwrap();
    line(&mut stream).await;
    assert_eq!(say(&mut stream, "MAIL FROM:<>").await, ["502 5.5.1 not here"]);
    assert_eq!(lab.smtp_log(HOST).commands, ["MAIL FROM:<>"]);
}

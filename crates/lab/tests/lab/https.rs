//! Policy hosts over real TLS.

use crate::client::{fetch, handshake, locate, soon, sound_lab};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_policy_comes_over_a_verified_connection() {
    let lab = sound_lab("").await;
    let response = fetch(&lab, "sound.example").await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"), "{head}");
    let expected =
        "version: STSv1\r\nmode: enforce\r\nmx: mail.sound.example\r\nmax_age: 1209600\r\n";
    assert_eq!(body, expected);
    let log = lab.https_log("mta-sts.sound.example");
    assert_eq!(log, ["GET /.well-known/mta-sts.txt HTTP/1.1"]);
}

#[tokio::test]
async fn certificates_are_refused_for_the_right_reason() {
    for (kind, expected) in [
        ("expired", "certificate expired"),
        ("not-yet-valid", "certificate not valid yet"),
        ("self-signed", "UnknownIssuer"),
        ("wrong-name", "certificate not valid for name"),
        ("common-name-only", "certificate not valid for name"),
        ("untrusted-root", "UnknownIssuer"),
        ("missing-intermediate", "UnknownIssuer"),
    ] {
        let lab = sound_lab(&format!("[policy]\ncertificate = '{kind}'")).await;
        let refused = fetch(&lab, "sound.example").await.unwrap_err().to_string();
        assert!(refused.contains(expected), "{kind}: {refused}");
    }
    let lab = sound_lab("[policy]\ncertificate = 'ends-soon'").await;
    assert!(fetch(&lab, "sound.example").await.is_ok());
}

#[tokio::test]
async fn answers_are_scripted() {
    for (reason, script, head, body) in [
        (
            "an exact body",
            "body = \"version: STSv1\\n\\n\"",
            "Content-Length: 16\r\n",
            "version: STSv1\n\n",
        ),
        ("exact bytes", "body_base64 = 'AP8='", "Content-Length: 2\r\n", "\0\u{fffd}"),
        ("a status", "status = 404\nbody = ''", "HTTP/1.1 404 Not Found\r\n", ""),
        (
            "a redirect",
            "status = 301\nlocation = 'https://x.example/'\nbody = ''",
            "Location: https://x.example/\r\n",
            "",
        ),
        (
            "a type",
            "content_type = 'text/html'\nbody = '<p>'",
            "Content-Type: text/html\r\n",
            "<p>",
        ),
        ("CORS", "cors = '*'\nbody = 'x'", "Access-Control-Allow-Origin: *\r\n", "x"),
        ("any header", "headers = { Server = 'y' }\nbody = 'x'", "Server: y\r\n", "x"),
        (
            "patterns",
            "mx = ['*.a.example']\nmode = 'testing'\nmax_age = 5",
            "\r\n",
            "version: STSv1\r\nmode: testing\r\nmx: *.a.example\r\nmax_age: 5\r\n",
        ),
        ("a pace", "bytes_per_second = 1000\nbody = 'in time'", "Content-Length: 7\r\n", "in time"),
        (
            "a size",
            "size = 20\nbody = 'x: y\\r\\n'",
            "Content-Length: 20\r\n",
            "x: y\\r\\npadding: xxx",
        ),
    ] {
        let lab = sound_lab(&format!("[policy]\n{script}")).await;
        let response = fetch(&lab, "sound.example").await.unwrap();
        let (found, text) = response.split_once("\r\n\r\n").unwrap();
        assert!(format!("{found}\r\n").contains(head), "{reason}: {found}");
        assert_eq!(text, body, "{reason}");
    }
    let lab = sound_lab("[policy]\ncontent_type = ''").await;
    let untyped = fetch(&lab, "sound.example").await.unwrap();
    assert!(!untyped.contains("Content-Type"), "{untyped}");
}

#[tokio::test]
async fn ten_megabytes_come_whole() {
    let lab = sound_lab("[policy]\nsize = 10_000_000").await;
    let response = fetch(&lab, "sound.example").await.unwrap();
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 10_000_000);
    assert!(body.lines().skip(4).all(|line| line.starts_with("padding: ") || line.len() < 64));
}

#[tokio::test]
async fn connections_fail_as_scripted() {
    for (server, expected) in [("down", "refused"), ("aborts-handshake", "eof")] {
        let lab = sound_lab(&format!("[policy]\nserver = '{server}'")).await;
        let failed = fetch(&lab, "sound.example").await.unwrap_err().to_string();
        assert!(failed.to_lowercase().contains(expected), "{server}: {failed}");
    }
}

#[tokio::test]
async fn a_host_that_hangs_lets_nothing_go() {
    let lab = sound_lab("[policy]\nserver = 'hangs'").await;
    let host = "mta-sts.sound.example";
    let stream = TcpStream::connect(locate(&lab, host, lab.https_port).await).await.unwrap();
    let mut stream = handshake(&lab, host, stream).await.unwrap();
    stream.write_all(b"GET /.well-known/mta-sts.txt HTTP/1.1\r\n\r\n").await.unwrap();
    let mut octet = [0];
    let read = tokio::time::timeout(std::time::Duration::from_millis(200), stream.read(&mut octet));
    assert!(read.await.is_err());
}

#[tokio::test]
async fn a_host_that_hangs_up_says_nothing_before() {
    let lab = sound_lab("[policy]\nserver = 'hangs-up'").await;
    assert_eq!(fetch(&lab, "sound.example").await.unwrap(), "");
}

#[tokio::test]
async fn only_the_policy_is_there() {
    let lab = sound_lab("").await;
    let host = "mta-sts.sound.example";
    let stream = TcpStream::connect(locate(&lab, host, lab.https_port).await).await.unwrap();
    let mut stream = handshake(&lab, host, stream).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut response = String::new();
    soon(stream.read_to_string(&mut response)).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 404 "), "{response}");
}

#[tokio::test]
async fn a_name_that_the_handshake_does_not_know_gets_nothing() {
    let lab = sound_lab("").await;
    let address = locate(&lab, "mta-sts.sound.example", lab.https_port).await;
    let stream = TcpStream::connect(address).await.unwrap();
    assert!(handshake(&lab, "mta-sts.other.example", stream).await.is_err());
}

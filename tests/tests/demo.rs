//! The demo as a shell sees it: what it says, that it serves, and that it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use tempfile::TempDir;

/// A running demo, ended with the test.
struct Demo {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Demo {
    fn start(page: &TempDir, port: u16) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mxray-demo"))
            .arg("--page")
            .arg(page.path())
            .args(["--port", &port.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    /// What it says when it has started.
    fn greeting(&mut self) -> String {
        let mut greeting = String::new();
        while !greeting.ends_with("Ctrl-C ends it.\n") {
            assert_ne!(self.said.read_line(&mut greeting).unwrap(), 0, "it ended:\n{greeting}");
        }
        greeting
    }

    fn end(&mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn page() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<title>the page</title>").unwrap();
    folder
}

/// The port in `Open http://127.0.0.1:8080/ and …`.
fn port(greeting: &str) -> u16 {
    let address = greeting.split_once("http://127.0.0.1:").unwrap().1;
    address.split_once('/').unwrap().0.parse().unwrap()
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[test]
fn it_says_where_it_is_and_what_to_try_and_ends_when_told() {
    for signal in ["INT", "TERM"] {
        let page = page();
        let mut demo = Demo::start(&page, 0);
        let greeting = demo.greeting();
        for sample in mxray_lab::samples() {
            let name = sample.path.file_stem().unwrap().to_str().unwrap().to_owned();
            let mut lines = greeting.lines().map(str::trim_start);
            let listed = lines.any(|line| line.starts_with(&format!("{name}.example ")));
            assert!(listed, "{name} is not in\n{greeting}");
        }
        let port = port(&greeting);
        assert!(get(port, "/").contains("the page"));
        assert!(get(port, "/config.json").contains(r#""url":"/dns-query""#), "the lab's DNS");
        assert!(get(port, "/v1/policy?domain=enforce.example").contains(r#"{"Ok":"#));
        assert!(demo.end(signal).success(), "{signal}");
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "nothing is left");
    }
}

#[test]
fn where_the_port_is_taken_it_takes_the_next_and_says_so() {
    let page = page();
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let wanted = taken.local_addr().unwrap().port();
    let greeting = Demo::start(&page, wanted).greeting();
    let got = port(&greeting);
    assert!(got > wanted, "{got}");
    let notice = format!("Port {wanted} is taken, so the page is on port {got}.\n");
    assert!(greeting.starts_with(&notice), "{greeting}");
}

#[test]
fn without_a_page_it_says_what_is_missing() {
    let empty = tempfile::tempdir().unwrap();
    let demo = Command::new(env!("CARGO_BIN_EXE_mxray-demo"))
        .arg("--page")
        .arg(empty.path())
        .output()
        .unwrap();
    let said = String::from_utf8(demo.stderr).unwrap();
    assert_eq!(demo.status.code(), Some(2));
    assert!(said.contains("holds no index.html"), "{said}");
}

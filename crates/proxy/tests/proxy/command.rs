//! The command.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Without the environment of the tests, which names settings as well.
fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mxray-proxy"));
    command.env_clear();
    command
}

fn run(switches: &[&str], environment: &[(&str, &str)]) -> Output {
    command().args(switches).envs(environment.iter().copied()).output().unwrap()
}

#[test]
fn settings_can_be_checked_without_serving() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let out = file("out.txt", "a.example");
    let sound = file(
        "sound.toml",
        &format!("dns = '9.9.9.9'\nopt-out = '{out}'\nper-domain = '9/1s'\nconnections = 5"),
    );
    let environment = [("MXRAY_LISTEN", "192.0.2.1:443"), ("MXRAY_AT_A_TIME", "8")];
    let output =
        run(&["--check-config", "--config", &sound, "--deny-net", "1.1.1.1"], &environment);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for line in [
        "deny-net is from a switch",
        "listen is from the environment",
        "dns is from the file",
        "opt-out is from the file",
        "per-domain is from the file",
        "connections is from the file",
        "at-a-time is from the environment",
        "the settings are sound",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }

    let bad_out = file("bad.txt", "a..example");
    for (settings, expected) in [
        ("listen = 'here'".to_owned(), "invalid value 'here'"),
        ("trusted-proxy = '0.0.0.0/0'".to_owned(), "claim any address"),
        ("allow-origin = ['https://a.example/']".to_owned(), "without a path"),
        ("redis = 'localhost'".to_owned(), "redis://127.0.0.1:6379"),
        ("smtp-port = 2525".to_owned(), "--allow-net"),
        ("per-client = '60'".to_owned(), "such as 10/60s"),
        ("at-a-time = 0".to_owned(), "0 is not in 1..=65535"),
        ("check-config = true".to_owned(), "there is no setting"),
        (format!("opt-out = '{bad_out}'"), "line 1, a..example"),
        ("page = '/nowhere'".to_owned(), "no index.html"),
    ] {
        let path = file("bad.toml", &format!("dns = '9.9.9.9'\n{settings}"));
        let output = run(&["--check-config", "--config", &path], &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{settings}");
        assert!(text.contains(expected), "{settings}: {text}");
    }
}

#[test]
fn a_name_that_mail_servers_may_distrust_is_warned_of() {
    let switches = ["--check-config", "--dns", "127.0.0.1:1"];
    let check = |more: &[&str]| {
        let output = run(&[&switches, more].concat(), &[]);
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let warned = check(&["--ehlo-name", "scan.example.com"]);
    let warning = "warning: mail servers may distrust the name scan.example.com: the resolver";
    assert!(warned.contains(warning), "{warned}");
    assert!(!check(&[]).contains("warning"), "without a name our address is said");
}

#[cfg(unix)]
#[test]
fn the_log_names_no_address_and_the_end_is_orderly() {
    let mut proxy = command()
        .args(["--listen", "127.0.0.1:0", "--dns", "127.0.0.1:1", "--log", "json"])
        .args(["--trusted-proxy", "127.0.0.1"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(proxy.stderr.take().unwrap()).lines().map(Result::unwrap);
    let listening = log.next().unwrap();
    let address = listening.split(['/', ' ']).find(|part| part.contains("127.0.0.1:")).unwrap();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let client = "X-Forwarded-For: 198.51.100.77\r\nConnection: close";
        write!(stream, "GET {path} HTTP/1.1\r\nHost: proxy\r\n{client}\r\n\r\n").unwrap();
        io::read_to_string(stream).unwrap()
    };
    // What a resolver is asked is not logged: the next line is of the look.
    ask("/dns-query?dns=secret");
    ask("/v1/policy?domain=a.example");
    // Nobody is looked at again.
    ask("/v1/policy?domain=a.example");
    let line: Value = serde_json::from_str(&log.next().unwrap()).unwrap();
    assert_eq!(line["client"], "198.51.100.0/24");
    assert_eq!(line["asked"], "/v1/policy?domain=a.example");
    assert_eq!(line["status"], 200);

    let told = Command::new("kill").arg(proxy.id().to_string()).status().unwrap();
    assert!(told.success() && proxy.wait().unwrap().success());
    let rest: Vec<String> = log.collect();
    let is_fine = |line: &String| !["looked", ".77", "secret"].iter().any(|it| line.contains(it));
    assert!(rest.iter().all(is_fine), "{rest:?}");
}

//! Asking for a TLS version of the past, and no further than that (RFC 8996).
//!
//! rustls does not know these versions, and nobody should: this writes one ClientHello and reads
//! one answer.

use std::io;

use mxray_facts::{Name, OldTls, OldTlsVersion};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use tls_parser::nom::Err::Incomplete;
use tls_parser::{
    TlsAlertSeverity, TlsMessage, TlsMessageHandshake, TlsRecordType, TlsServerHelloContents,
    TlsVersion, parse_tls_message_alert, parse_tls_message_handshake, parse_tls_raw_record,
    parse_tls_record_header,
};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::tls::suite_name;

/// The most octets that are read for an answer.
const MAX_OCTETS: usize = 64 * 1024;

/// Cipher suites for TLS 1.1 and before (RFC 4492 §6, RFC 3268 §2, RFC 2246 §A.5), and the one
/// that says that we know secure renegotiation (RFC 5746 §3.3).
const CIPHER_SUITES: [u16; 11] =
    [0xc00a, 0xc009, 0xc014, 0xc013, 0x0039, 0x0033, 0x0035, 0x002f, 0xc012, 0x000a, 0x00ff];

/// Two alerts, each a record: we give up for a reason of our own, and close (RFC 4346 §7.2).
pub(super) const GIVE_UP: [u8; 14] = [21, 3, 1, 0, 2, 1, 90, 21, 3, 1, 0, 2, 1, 0];

/// A ClientHello of TLS 1.1 in a record (RFC 4346 §7.4.1.2); `None` without randomness.
pub(super) fn client_hello(host: &Name) -> Option<Vec<u8>> {
    let mut random = [0; 32];
    default_provider().secure_random.fill(&mut random).ok()?;
    let suites: Vec<u8> = CIPHER_SUITES.into_iter().flat_map(u16::to_be_bytes).collect();
    let no_session = [0];
    let no_compression = [1, 0];
    let body = [
        &[3, 2][..],
        &random,
        &no_session,
        &sized(&suites),
        &no_compression,
        &sized(&extensions(host)),
    ]
    .concat();
    let handshake = [&[1, 0], &*sized(&body)].concat();
    Some([&[22, 3, 1], &*sized(&handshake)].concat())
}

fn extensions(host: &Name) -> Vec<u8> {
    let extension = |kind: u16, content: &[u8]| [&kind.to_be_bytes(), &*sized(content)].concat();
    // secp256r1, secp384r1, secp521r1, x25519; points uncompressed (RFC 8422 §5.1).
    let groups = extension(10, &sized(&[0, 23, 0, 24, 0, 25, 0, 29]));
    let points = extension(11, &[1, 0]);
    let name = match ServerName::try_from(host.as_str()) {
        // RFC 6066 §3
        Ok(ServerName::DnsName(name)) => {
            extension(0, &sized(&[&[0], &*sized(name.as_ref().as_bytes())].concat()))
        }
        _ => Vec::new(),
    };
    [name, groups, points].concat()
}

/// With its length in two octets before it; nothing here is longer.
fn sized(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), content].concat()
}

/// What a server says to it.
pub(super) async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> OldTls {
    let mut answer = Answer::default();
    loop {
        if let Some(read) = answer.read() {
            return read;
        }
        let mut some = [0; 2048];
        match stream.read(&mut some).await {
            Ok(0) => return OldTls::Closed,
            Ok(length) => answer.octets.extend_from_slice(some.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return OldTls::Closed,
            Err(error) => return OldTls::Broken(format!("the connection ended: {error}")),
        }
    }
}

/// What has come so far.
#[derive(Default)]
struct Answer {
    octets: Vec<u8>,
    /// How many of them are read.
    done: usize,
    /// The content of the records of a handshake.
    handshake: Vec<u8>,
}

impl Answer {
    /// What that means; `None` if it takes more.
    fn read(&mut self) -> Option<OldTls> {
        loop {
            let rest = self.octets.get(self.done..).unwrap_or_default();
            if parse_tls_record_header(rest).is_ok_and(|(_, head)| !is_expected(head.record_type)) {
                return Some(broken("this is no answer to a ClientHello"));
            }
            let record = match parse_tls_raw_record(rest) {
                Ok((_, record)) => record,
                Err(Incomplete(_)) if self.octets.len() <= MAX_OCTETS => return None,
                Err(Incomplete(_)) => return Some(too_much()),
                Err(_) => return Some(broken("this is no record of TLS")),
            };
            self.done += 5 + record.data.len();
            let read = if record.hdr.record_type == TlsRecordType::Alert {
                read_alert(record.data)
            } else {
                self.handshake.extend_from_slice(record.data);
                read_handshake(&self.handshake)
            };
            if read.is_some() {
                return read;
            }
        }
    }
}

fn is_expected(kind: TlsRecordType) -> bool {
    matches!(kind, TlsRecordType::Alert | TlsRecordType::Handshake)
}

/// A warning says that the server goes on (RFC 4346 §7.2).
fn read_alert(content: &[u8]) -> Option<OldTls> {
    match parse_tls_message_alert(content) {
        Ok((_, TlsMessage::Alert(alert))) if alert.severity == TlsAlertSeverity::Warning => None,
        Ok((_, TlsMessage::Alert(alert))) => Some(OldTls::Refused(alert.code.to_string())),
        _ => Some(broken("this is no alert of TLS")),
    }
}

fn read_handshake(content: &[u8]) -> Option<OldTls> {
    match parse_tls_message_handshake(content) {
        Ok((_, TlsMessage::Handshake(TlsMessageHandshake::ServerHello(hello)))) => {
            Some(agreed(&hello))
        }
        Err(Incomplete(_)) if !is_whole(content) => None,
        _ => Some(broken("this is no ServerHello")),
    }
}

/// Whether a message of a handshake is there as far as it says that it goes.
fn is_whole(content: &[u8]) -> bool {
    match content {
        [_, high, middle, low, rest @ ..] => {
            rest.len() >= u32::from_be_bytes([0, *high, *middle, *low]) as usize
        }
        _ => false,
    }
}

fn agreed(hello: &TlsServerHelloContents<'_>) -> OldTls {
    let version = match hello.version {
        TlsVersion::Ssl30 => OldTlsVersion::Ssl30,
        TlsVersion::Tls10 => OldTlsVersion::Tls10,
        TlsVersion::Tls11 => OldTlsVersion::Tls11,
        other => return broken(&format!("it chose {other}, which was not offered")),
    };
    OldTls::Accepted { version, cipher_suite: suite_name(hello.cipher.0) }
}

fn broken(why: &str) -> OldTls {
    OldTls::Broken(why.to_owned())
}

fn too_much() -> OldTls {
    OldTls::Broken(format!("more than {MAX_OCTETS} octets"))
}

#[cfg(test)]
mod tests {
    use mxray_facts::{Name, OldTls, OldTlsVersion};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use tls_parser::{TlsMessage, TlsMessageHandshake, TlsVersion, parse_tls_plaintext};

    use super::{Answer, CIPHER_SUITES, GIVE_UP, client_hello};

    #[test]
    fn the_old_hello_is_a_sound_one() {
        let octets = client_hello(&"mail.example.com".parse().unwrap()).unwrap();
        let (rest, record) = parse_tls_plaintext(&octets).unwrap();
        assert!(rest.is_empty());
        let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))] = &*record.msg else {
            panic!("{record:?}")
        };
        assert_eq!(hello.version, TlsVersion::Tls11);
        assert_eq!(hello.ciphers.len(), CIPHER_SUITES.len());
        let (rest, extensions) = tls_parser::parse_tls_extensions(hello.ext.unwrap()).unwrap();
        assert!(rest.is_empty());
        let [tls_parser::TlsExtension::SNI(names), ..] = &*extensions else {
            panic!("{extensions:?}")
        };
        assert_eq!(names[0].1, b"mail.example.com");
        let nameless = client_hello(&Name::root()).unwrap();
        assert_eq!(octets.len() - nameless.len(), 9 + "mail.example.com".len());
    }

    #[test]
    fn we_leave_with_two_alerts() {
        let (rest, _) = parse_tls_plaintext(&GIVE_UP).unwrap();
        let (rest, last) = parse_tls_plaintext(rest).unwrap();
        assert!(rest.is_empty());
        assert!(matches!(&*last.msg, [TlsMessage::Alert(alert)] if alert.code.0 == 0));
    }

    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[kind, 3, 1], &length[..], content].concat()
    }

    fn server_hello(version: [u8; 2]) -> Vec<u8> {
        let body = [&version[..], &[7; 32], &[0], &[0, 0x2f], &[0]].concat();
        [&[2, 0, 0, u8::try_from(body.len()).unwrap()], &*body].concat()
    }

    #[test]
    fn an_answer_is_a_hello_or_an_alert_in_whatever_pieces() {
        let hello = server_hello([3, 1]);
        let (head, tail) = hello.split_at(9);
        let accepted = |version| {
            let cipher_suite = "TLS_RSA_WITH_AES_128_CBC_SHA".to_owned();
            Some(OldTls::Accepted { version, cipher_suite })
        };
        let broken = |why: &str| Some(OldTls::Broken(why.to_owned()));
        for (reason, octets, expected) in [
            ("TLS 1.0", record(22, &hello), accepted(OldTlsVersion::Tls10)),
            ("TLS 1.1", record(22, &server_hello([3, 2])), accepted(OldTlsVersion::Tls11)),
            ("SSL 3.0", record(22, &server_hello([3, 0])), accepted(OldTlsVersion::Ssl30)),
            (
                "with what follows in the same record",
                record(22, &[&*hello, &[11, 0, 9]].concat()),
                accepted(OldTlsVersion::Tls10),
            ),
            (
                "in two records",
                [record(22, head), record(22, tail)].concat(),
                accepted(OldTlsVersion::Tls10),
            ),
            (
                "after a warning",
                [record(21, &[1, 112]), record(22, &hello)].concat(),
                accepted(OldTlsVersion::Tls10),
            ),
            ("an alert", record(21, &[2, 70]), Some(OldTls::Refused("ProtocolVersion".to_owned()))),
            (
                "an alert of no kind",
                record(21, &[2, 255]),
                Some(OldTls::Refused("TlsAlertDescription(255 / 0xff)".to_owned())),
            ),
            ("a warning alone", record(21, &[1, 112]), None),
            ("half an alert", record(21, &[2]), broken("this is no alert of TLS")),
            ("half a hello", record(22, head), None),
            (
                "a hello that says it is whole",
                record(22, &[2, 0, 0, 2, 3, 1]),
                broken("this is no ServerHello"),
            ),
            ("half a record", record(22, &hello)[..20].to_vec(), None),
            ("nothing", Vec::new(), None),
            (
                "TLS 1.2",
                record(22, &server_hello([3, 3])),
                broken("it chose Tls12, which was not offered"),
            ),
            (
                "a certificate",
                record(22, &[11, 0, 0, 3, 0, 0, 0]),
                broken("this is no ServerHello"),
            ),
            ("text", b"220 hello\r\n".to_vec(), broken("this is no answer to a ClientHello")),
            ("a record too long", vec![22, 3, 1, 0xff, 0xff], broken("this is no record of TLS")),
            ("data", record(23, b"x"), broken("this is no answer to a ClientHello")),
        ] {
            let mut answer = Answer { octets, ..Answer::default() };
            assert_eq!(answer.read(), expected, "{reason}");
        }
    }

    #[test]
    fn an_answer_that_comes_to_no_end_is_given_up() {
        let sixteen_megabytes = [2, 0xff, 0xff, 0xff];
        let mut octets = record(22, &sixteen_megabytes);
        octets.extend(record(22, &[0; 16_000]).repeat(5));
        octets.extend([22, 3, 1]);
        let mut answer = Answer { octets, ..Answer::default() };
        assert_eq!(answer.read(), Some(OldTls::Broken("more than 65536 octets".to_owned())));
    }

    proptest! {
        /// Whatever comes, in whatever pieces, it is read to the same end.
        #[test]
        fn any_octets_are_read_as_far_as_they_go(
            kind in prop_oneof![Just(21_u8), Just(22), any::<u8>()],
            content in vec(any::<u8>(), 0..300),
            piece in 1_usize..50,
        ) {
            let octets = record(kind, &content);
            let whole = Answer { octets: octets.clone(), ..Answer::default() }.read();
            let mut in_pieces = Answer::default();
            let mut read = None;
            for piece in octets.chunks(piece) {
                in_pieces.octets.extend(piece);
                read = read.or_else(|| in_pieces.read());
            }
            prop_assert_eq!(read, whole);
        }
    }
}

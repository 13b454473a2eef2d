//! Resolvers, and what strangers' zones make them say.

use std::net::{Ipv4Addr, SocketAddr};

use mxray_facts::dns::{Existence, Question, RecordType};
use mxray_facts::{Resolution, Unobserved};
use mxray_probe::{Probe, ProbeConfig, ResolverChoice};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, UdpSocket};

use crate::server::Act::{self, Hear, Reset, Silence, Trickle};
use crate::server::{say, start};
use crate::{Alone, TIMED_OUT, probe};

const A: u16 = 1;
const CNAME: u16 = 5;
const TXT: u16 = 16;

/// The end of the question: after the name's last label come type and class (RFC 1035 §4.1.2).
fn end_of_question(query: &[u8]) -> usize {
    12 + query[12..].iter().position(|octet| *octet == 0).unwrap() + 1 + 4
}

pub(crate) fn record_type(query: &[u8]) -> u16 {
    let end = end_of_question(query);
    u16::from_be_bytes([query[end - 4], query[end - 3]])
}

/// The question, with so many records after it (RFC 1035 §4.1).
pub(crate) fn answer(query: &[u8], count: u16, records: &[u8]) -> Vec<u8> {
    let mut message = query[..end_of_question(query)].to_vec();
    message[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
    message[6..8].copy_from_slice(&count.to_be_bytes());
    message.extend(records);
    message
}

/// A record of the name that was asked about.
pub(crate) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    named(&[0xc0, 12], kind, data)
}

fn named(owner: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    [owner, &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &length, data].concat()
}

/// What a resolver makes of a query, over UDP.
type Answers = fn(&[u8]) -> Vec<Vec<u8>>;

/// A resolver that answers with datagrams, and over TCP as a script says.
async fn resolver(answers: Answers, script: Vec<Act>) -> SocketAddr {
    let port = start(script).await;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let socket = UdpSocket::bind(address).await.unwrap();
    tokio::spawn(async move {
        let mut query = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut query).await {
            for answer in answers(&query[..length]) {
                let _ = socket.send_to(&answer, client).await;
            }
        }
    });
    address
}

/// What comes of a question for addresses, in short.
async fn observe(probe: Probe) -> String {
    let question = Question::new("a.example".parse().unwrap(), RecordType::A);
    match probe.dns(&question).await {
        Err(Unobserved::TimedOut) => TIMED_OUT.to_owned(),
        Err(Unobserved::ResolverFailed) => "not understood".to_owned(),
        Err(Unobserved::Resolution(Resolution { rcode, .. })) => format!("code {rcode}"),
        Err(other) => format!("{other:?}"),
        Ok(answer) if answer.existence == Existence::DoesNotExist => "no such name".to_owned(),
        Ok(answer) => {
            let (records, aliases) = (answer.records.len(), answer.aliases.len());
            format!("{records} records, {aliases} aliases")
        }
    }
}

/// `message` with an octet of its head, or behind it, changed.
fn with(mut message: Vec<u8>, place: usize, value: u8) -> Vec<u8> {
    message[place] = value;
    message
}

fn local(query: &[u8]) -> Vec<u8> {
    answer(query, 1, &record(A, &[127, 0, 0, 1]))
}

/// The answer that there is more than fits.
fn truncated(query: &[u8]) -> Vec<Vec<u8>> {
    vec![with(local(query), 2, 0x83)]
}

#[tokio::test]
async fn no_resolver_holds_up_a_question_or_fills_memory() {
    let alone = Alone::begin().await;
    let cases: [(&str, Answers, Vec<Act>, &str); 32] = [
        ("silence", |_| vec![], vec![], TIMED_OUT),
        ("noise", |_| vec![b"noise".to_vec()], vec![], TIMED_OUT),
        ("nothing", |_| vec![vec![]], vec![], TIMED_OUT),
        ("another ID", |query| vec![with(local(query), 0, !query[0])], vec![], TIMED_OUT),
        ("other IDs, many", |query| vec![with(local(query), 0, !query[0]); 500], vec![], TIMED_OUT),
        (
            "other IDs, and then ours",
            |query| [vec![with(local(query), 0, !query[0]); 20], vec![local(query)]].concat(),
            vec![],
            "1 records",
        ),
        ("the head alone", |query| vec![query[..12].to_vec()], vec![], "not understood"),
        ("the question back", |query| vec![query.to_vec()], vec![], "not understood"),
        ("another name", |query| vec![with(local(query), 13, b'b')], vec![], "not understood"),
        ("another type", |query| vec![with(local(query), 24, 16)], vec![], "not understood"),
        ("no question", |query| vec![with(local(query), 5, 0)], vec![], "not understood"),
        ("two questions", |query| vec![with(local(query), 5, 2)], vec![], "not understood"),
        ("a code of no meaning", |query| vec![with(local(query), 3, 0x8f)], vec![], "code 15"),
        (
            "records that do not come",
            |query| vec![with(local(query), 6, 0xff)],
            vec![],
            "not understood",
        ),
        (
            "a record that is cut",
            |query| vec![answer(query, 1, &record(A, &[127, 0, 0, 1])[..13])],
            vec![],
            "not understood",
        ),
        (
            "an address of three octets",
            |query| vec![answer(query, 1, &record(A, &[1, 2, 3]))],
            vec![],
            "not understood",
        ),
        (
            "an address of none",
            |query| vec![answer(query, 1, &record(A, &[]))],
            vec![],
            "not understood",
        ),
        (
            "a name that points to itself",
            |query| {
                let here = u8::try_from(end_of_question(query)).unwrap();
                vec![answer(query, 1, &named(&[0xc0, here], A, &[127, 0, 0, 1]))]
            },
            vec![],
            "not understood",
        ),
        (
            "a name that points ahead",
            |query| vec![answer(query, 1, &named(&[0xff, 0xff], A, &[127, 0, 0, 1]))],
            vec![],
            "not understood",
        ),
        (
            "a label of 64 octets",
            |query| vec![answer(query, 1, &named(&[64; 65], A, &[127, 0, 0, 1]))],
            vec![],
            "not understood",
        ),
        (
            "a name of 300 octets",
            |query| {
                let owner = [[&[50][..], &[b'x'; 50]].concat().repeat(6), vec![0]].concat();
                vec![answer(query, 1, &named(&owner, A, &[127, 0, 0, 1]))]
            },
            vec![],
            "not understood",
        ),
        (
            "an alias of itself",
            |query| vec![answer(query, 1, &record(CNAME, &[0xc0, 12]))],
            vec![],
            "not understood",
        ),
        (
            "aliases in a circle",
            |query| {
                let other = [&[1, b'b'][..], &[0xc0, 12]].concat();
                let records = [record(CNAME, &other), named(&other, CNAME, &[0xc0, 12])].concat();
                vec![answer(query, 2, &records)]
            },
            vec![],
            "not understood",
        ),
        (
            "an alias of another name's address",
            |query| {
                let records = [record(CNAME, &[1, b'b', 0xc0, 12]), record(A, &[127, 0, 0, 1])];
                vec![answer(query, 2, &records.concat())]
            },
            vec![],
            "0 records, 1 aliases",
        ),
        (
            "somebody else's address",
            |query| vec![answer(query, 1, &named(&[1, b'b', 0], A, &[127, 0, 0, 1]))],
            vec![],
            "0 records",
        ),
        (
            "250 records in a datagram",
            |query| vec![answer(query, 250, &record(A, &[127, 0, 0, 1]).repeat(250))],
            vec![],
            "250 records",
        ),
        (
            "text for an address",
            |query| vec![answer(query, 1, &record(TXT, &[0xff; 300]))],
            vec![],
            "0 records",
        ),
        // Over TCP.
        ("silence over TCP", truncated, vec![Hear, Silence], TIMED_OUT),
        ("an octet a moment", truncated, vec![Hear, Trickle(vec![0xff])], TIMED_OUT),
        ("reset over TCP", truncated, vec![Hear, Reset], "not understood"),
        ("less than announced", truncated, vec![Hear, say([0xff, 0xff, 0, 0])], "not understood"),
        ("a message of nothing", truncated, vec![Hear, say([0, 0])], "not understood"),
    ];
    for (reason, answers, script, expected) in cases {
        let resolver = ResolverChoice::Socket(resolver(answers, script).await);
        let config = ProbeConfig { resolver, ..ProbeConfig::default() };
        alone.look(reason, expected, observe(probe(expected, config))).await;
    }
}

/// What a resolver says over TCP of a query, when a datagram is too small.
async fn over_tcp(answer: fn(&[u8]) -> Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(address).await.unwrap();
    tokio::spawn(async move {
        let mut query = [0; 512];
        let (length, client) = socket.recv_from(&mut query).await.unwrap();
        socket.send_to(&truncated(&query[..length])[0], client).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut query = vec![0; stream.read_u16().await.unwrap().into()];
        stream.read_exact(&mut query).await.unwrap();
        let answer = answer(&query);
        let length = u16::try_from(answer.len()).unwrap();
        let message = [&length.to_be_bytes(), &answer[..]].concat();
        tokio::io::AsyncWriteExt::write_all(&mut stream, &message).await.unwrap();
    });
    address
}

#[tokio::test]
async fn a_message_of_the_greatest_length_is_read_within_bounds() {
    let alone = Alone::begin().await;
    for (reason, answer, expected) in [
        (
            "cut for ever",
            (|query| truncated(query)[0].clone()) as fn(&[u8]) -> Vec<u8>,
            "not understood",
        ),
        ("another ID", |query| with(local(query), 0, !query[0]), "not understood"),
        (
            "4,000 addresses",
            |query| answer(query, 4_000, &record(A, &[127, 0, 0, 1]).repeat(4_000)),
            "4000 records",
        ),
        (
            "an alias of an alias, 1,000 times",
            |query| {
                let name = |number: u16| {
                    let label = format!("{number:04}");
                    if number == 0 {
                        vec![0xc0, 12]
                    } else {
                        [&[4], label.as_bytes(), &[0xc0, 12]].concat()
                    }
                };
                let records =
                    (0..1_000).flat_map(|number| named(&name(number), CNAME, &name(number + 1)));
                answer(query, 1_000, &records.collect::<Vec<u8>>())
            },
            "not understood",
        ),
        (
            "names that point from one to the next, 2,000 times",
            |query| {
                // Each record's data is a pointer to the record before it.
                let mut records = record(TXT, &[1, b'x', 0xc0, 12]);
                let begin = end_of_question(query);
                for number in 0..2_000 {
                    let before = u16::try_from(begin + 12 + 16 * number).unwrap() | 0xc000;
                    let data = [&[1, b'x'], &before.to_be_bytes()[..]].concat();
                    records.extend(if before > 0xc000 + 0x3ff0 {
                        record(TXT, &data)
                    } else {
                        named(&before.to_be_bytes(), TXT, &data)
                    });
                }
                answer(query, 2_001, &records)
            },
            "",
        ),
    ] {
        let resolver = ResolverChoice::Socket(over_tcp(answer).await);
        let config = ProbeConfig { resolver, ..ProbeConfig::default() };
        alone.look(reason, expected, observe(probe(expected, config))).await;
    }
}

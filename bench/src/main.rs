//! Reads records again and again, for `cargo xtask bench records` to count what that takes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be measured ends the measurement"
)]

#[path = "../../tests/tests/oracle/corpora.rs"]
mod corpora;

use std::hint::black_box;
use std::time::{Duration, Instant};

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dmarc::Dmarc;
use mail_auth::mta_sts::{MtaSts, TlsRpt};
use mail_auth::spf::Spf;
use mxray_records::lint::Kind;
use mxray_records::mta_sts::{policy, record};
use mxray_records::{Parsed, Text, dkim, dmarc, spf, tls_rpt};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sizes", kind] => sizes(&valid(kind)),
        ["speeds", kind] => speeds(&valid(kind)),
        [what, kind, times] => repeat(times, pass(what, kind)),
        ["shape", shape, bytes, times] => {
            let (text, read) = self::shape(shape, bytes.parse().unwrap());
            repeat(times, || read(&text));
        }
        _ => eprintln!("see xtask/src/bench/records.rs"),
    }
}

fn repeat(times: &str, mut once: impl FnMut()) {
    (0..times.parse().unwrap()).for_each(|_| once());
}

/// The records of a kind that both readers take.
struct Records {
    kind: Kind,
    texts: Vec<Text>,
}

fn valid(kind: &str) -> Records {
    let kind: Kind = kind.parse().unwrap();
    let texts = corpora::texts(kind).into_iter().map(|text| Text::from(text.as_str()));
    let texts = texts.filter(|text| ours(kind, text).usable && theirs(kind, text)).collect();
    Records { kind, texts }
}

/// What is told of any value.
struct Read {
    usable: bool,
    is_clean: bool,
}

fn told<T>(parsed: Parsed<T>) -> Read {
    let parsed = black_box(parsed);
    Read { usable: parsed.usable, is_clean: parsed.findings.is_empty() }
}

fn ours(kind: Kind, text: &Text) -> Read {
    match kind {
        Kind::MtaStsRecord => told(record::parse(text)),
        Kind::TlsRptRecord => told(tls_rpt::parse(text)),
        Kind::SpfRecord => told(spf::parse(text)),
        Kind::DkimKey => told(dkim::parse(text)),
        _ => told(dmarc::parse(text)),
    }
}

fn theirs(kind: Kind, text: &Text) -> bool {
    let bytes = text.as_str().as_bytes();
    match kind {
        Kind::MtaStsRecord => black_box(MtaSts::parse(bytes)).is_ok(),
        Kind::TlsRptRecord => black_box(TlsRpt::parse(bytes)).is_ok(),
        Kind::SpfRecord => black_box(Spf::parse(bytes)).is_ok(),
        Kind::DkimKey => black_box(DomainKey::parse(bytes)).is_ok(),
        _ => black_box(Dmarc::parse(bytes)).is_ok(),
    }
}

/// What makes a copy of a text's value: the least that has to be allocated for it.
fn copies(kind: Kind, text: &Text) -> Box<dyn Fn()> {
    fn copy<T: Clone + 'static>(parsed: Parsed<T>) -> Box<dyn Fn()> {
        Box::new(move || drop(black_box(parsed.value.clone())))
    }
    match kind {
        Kind::MtaStsRecord => copy(record::parse(text)),
        Kind::TlsRptRecord => copy(tls_rpt::parse(text)),
        Kind::SpfRecord => copy(spf::parse(text)),
        Kind::DkimKey => copy(dkim::parse(text)),
        _ => copy(dmarc::parse(text)),
    }
}

/// One pass over the valid records: by one of the readers, or over those alone in which nothing is
/// found (`clean`, `theirs-clean`), or making copies of the values of those.
fn pass(what: &str, kind: &str) -> Box<dyn FnMut()> {
    let Records { kind, texts } = valid(kind);
    let clean =
        || texts.iter().filter(|text| ours(kind, text).is_clean).cloned().collect::<Vec<_>>();
    let beside = |texts: Vec<Text>| -> Box<dyn FnMut()> {
        Box::new(move || texts.iter().for_each(|text| _ = theirs(kind, text)))
    };
    match what {
        "theirs" => beside(texts),
        "theirs-clean" => beside(clean()),
        "copies" => {
            let copies: Vec<_> = clean().iter().map(|text| copies(kind, text)).collect();
            Box::new(move || copies.iter().for_each(|copy| copy()))
        }
        "clean" => {
            let clean = clean();
            Box::new(move || clean.iter().for_each(|text| _ = black_box(ours(kind, text))))
        }
        _ => Box::new(move || texts.iter().for_each(|text| _ = black_box(ours(kind, text)))),
    }
}

/// How many records there are, of how many bytes, and in how many nothing is found.
fn sizes(Records { kind, texts }: &Records) {
    let bytes: usize = texts.iter().map(|text| text.as_str().len()).sum();
    let clean = texts.iter().filter(|text| ours(*kind, text).is_clean).count();
    println!("{} {bytes} {clean}", texts.len());
}

/// Bytes a second, ours and mail-auth's: the fastest of some rounds, which take turns.
fn speeds(Records { kind, texts }: &Records) {
    let bytes: usize = texts.iter().map(|text| text.as_str().len()).sum();
    let [mut own, mut other] = [Duration::MAX; 2];
    for _ in 0..200 {
        own = own.min(time(|| texts.iter().for_each(|text| _ = ours(*kind, text))));
        other = other.min(time(|| texts.iter().for_each(|text| _ = theirs(*kind, text))));
    }
    let speed = |took: Duration| bytes as f64 / took.as_secs_f64() / 1e6;
    println!("{} {}", speed(own), speed(other));
}

fn time(work: impl Fn()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Who reads a text.
type Reads = fn(&Text);

const STS: Reads = |text| _ = black_box(record::parse(text));
const POLICY: Reads = |text| _ = black_box(policy::parse(text.as_str()));
const TLS: Reads = |text| _ = black_box(tls_rpt::parse(text));
const SPF: Reads = |text| _ = black_box(spf::parse(text));
const DKIM: Reads = |text| _ = black_box(dkim::parse(text));
const DMARC: Reads = |text| _ = black_box(dmarc::parse(text));

/// Shapes of texts that could take more than their length's share: who reads one, how it begins, and
/// what there is more and more of; `*` is a word that is another each time.
const SHAPES: [(&str, Reads, &str, &str); 17] = [
    ("semicolons", STS, "v=STSv1; id=1", ";"),
    ("unknown-tags", STS, "v=STSv1; id=1", ";a=b"),
    ("missing-semicolons", STS, "v=STSv1; id=1", " a=b"),
    ("repeated-ids", STS, "v=STSv1", ";id=1"),
    ("repeated-destinations", TLS, "v=TLSRPTv1; rua=mailto:a@b.example", ",mailto:a@b.example"),
    ("repeated-tags", DMARC, "v=DMARC1; p=none", ";p=none"),
    ("different-tags", DMARC, "v=DMARC1; p=none", ";x*=y"),
    ("different-key-tags", DKIM, "v=DKIM1; p=", ";x*=y"),
    ("white-space", DMARC, "v=DMARC1; p=none;", " "),
    ("white-key", DKIM, "v=DKIM1; p=", " A"),
    ("near-misses", SPF, "v=spf1", " inclde:b.example"),
    ("terms", SPF, "v=spf1", " include:b.example"),
    ("macros", SPF, "v=spf1 exists:", "%{d2r-}"),
    ("spaces", SPF, "v=spf1", " "),
    ("mx-lines", POLICY, "version: STSv1\nmode: none\nmax_age: 1\n", "mx: mail.b.example\n"),
    ("near-miss-lines", POLICY, "version: STSv1\n", "mode: enforced\n"),
    ("blank-lines", POLICY, "version: STSv1\nmode: none\nmax_age: 1", "\n"),
];

/// A text as long as this of a shape, and who reads it.
fn shape(name: &str, bytes: usize) -> (Text, Reads) {
    let (_, read, begin, more) = SHAPES.into_iter().find(|shape| shape.0 == name).unwrap();
    let mut text = begin.to_owned();
    let mut words = (0_u32..).map(|number| {
        number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>()
    });
    while text.len() < bytes {
        text += &more.replace('*', &words.next().unwrap());
    }
    (Text::from(text.as_str()), read)
}

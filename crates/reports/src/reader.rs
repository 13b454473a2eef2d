//! Files as people have them, unpacked until there are reports.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{Cursor, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use mxray_facts::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::report::{self, Report};
use crate::{Oddity, mail};

/// How much a file can cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest text that is read as one report, the largest entry that is unpacked and the
    /// longest message, in bytes.
    pub text: usize,
    /// All that one file is unpacked to, in bytes.
    pub unpacked: usize,
    /// The most names that an archive may hold, and messages that a mailbox may.
    pub names: usize,
    /// How deep archives and messages may stand in each other.
    pub depth: usize,
}

impl Default for Limits {
    /// A report is mostly a few thousand bytes; whoever has ten million sessions failing in as many
    /// ways has one of megabytes.
    fn default() -> Self {
        Self { text: 8 << 20, unpacked: 256 << 20, names: 10_000, depth: 4 }
    }
}

/// Reads one file after another.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    limits: Limits,
    found: Vec<(Source, Report)>,
    troubles: Vec<Trouble>,
    /// Copies that were found before.
    before: usize,
    /// What may still be unpacked of the file that is read.
    left: usize,
}

/// All that came of the files.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reading {
    /// Each report once, with where it was found first.
    pub reports: Vec<(Source, Report)>,
    /// How many were copies of one of those.
    pub duplicates: usize,
    /// What could not be read, and why.
    pub troubles: Vec<Trouble>,
}

/// Where something was found: the file, and the names inside of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source(Vec<String>);

impl Source {
    fn file(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    fn within(&self, name: &str) -> Self {
        Self(self.0.iter().cloned().chain([name.to_owned()]).collect())
    }

    fn container(&self) -> &[String] {
        &self.0[..self.0.len() - 1]
    }
}

/// Stands between a file and what is in it.
const INSIDE: &str = " › ";

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(INSIDE))
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(text.split(INSIDE).map(str::to_owned).collect()))
    }
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What; the first, if there are more of its kind beside it.
    pub source: Source,
    /// Why.
    pub why: Why,
    /// How many there are.
    pub times: usize,
}

/// Why something could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// There is nothing in it.
    Empty,
    /// It is no report, nor anything that holds one.
    NoReport,
    /// It is JSON, and no report.
    OtherJson,
    /// It is a DMARC report, which is about something else.
    DmarcReport,
    /// The JSON breaks off or is no JSON.
    JsonBroken,
    /// The JSON is nested deeper than anything that means something.
    JsonTooDeep,
    /// What is packed is damaged.
    PackedBroken,
    /// It is packed with a password or by a method that is not known.
    PackedOtherwise,
    /// The message holds no report.
    NoReportInMessage,
    /// It is larger than any report.
    TooLarge,
    /// There are more names in it than in any honest archive; those beyond are not read.
    TooManyNames,
    /// Archives in archives in archives.
    TooDeep,
}

impl Why {
    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoReport => "no-report",
            Self::OtherJson => "other-json",
            Self::DmarcReport => "dmarc-report",
            Self::JsonBroken => "json-broken",
            Self::JsonTooDeep => "json-too-deep",
            Self::PackedBroken => "packed-broken",
            Self::PackedOtherwise => "packed-otherwise",
            Self::NoReportInMessage => "no-report-in-message",
            Self::TooLarge => "too-large",
            Self::TooManyNames => "too-many-names",
            Self::TooDeep => "too-deep",
        }
    }

    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::NoReport,
        Self::OtherJson,
        Self::DmarcReport,
        Self::JsonBroken,
        Self::JsonTooDeep,
        Self::PackedBroken,
        Self::PackedOtherwise,
        Self::NoReportInMessage,
        Self::TooLarge,
        Self::TooManyNames,
        Self::TooDeep,
    ];
}

impl Reader {
    /// One with limits of its own.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// One that goes on where another has ended.
    #[must_use]
    pub fn after(reading: Reading) -> Self {
        let Reading { reports, duplicates, troubles } = reading;
        Self { found: reports, before: duplicates, troubles, ..Self::default() }
    }

    /// Reads a file, whatever it is; its name is only what it is called in the answer.
    pub fn read(&mut self, name: &str, bytes: &[u8]) {
        self.left = self.limits.unpacked;
        let source = Source::file(name);
        let before = (self.found.len(), self.troubles.len());
        self.open(&source, bytes, 0);
        // An archive of folders, or a mark at the beginning of nothing.
        if before == (self.found.len(), self.troubles.len()) {
            self.trouble(&source, Why::Empty);
        }
    }

    /// Says that a file was not even looked into.
    pub fn refuse(&mut self, name: &str, why: Why) {
        self.trouble(&Source::file(name), why);
    }

    /// What came of all of them, each report once.
    #[must_use]
    pub fn finish(self) -> Reading {
        let mut known = BTreeSet::new();
        let total = self.found.len();
        let reports: Vec<_> =
            self.found.into_iter().filter(|(_, report)| known.insert(identity(report))).collect();
        let duplicates = self.before + total - reports.len();
        Reading { reports, duplicates, troubles: self.troubles }
    }

    fn open(&mut self, source: &Source, bytes: &[u8], depth: usize) {
        if depth > self.limits.depth {
            return self.trouble(source, Why::TooDeep);
        }
        match Packing::of(bytes) {
            Packing::Nothing => self.trouble(source, Why::Empty),
            Packing::Gzip => self.gzip(source, bytes, depth),
            Packing::Zip => self.zip(source, bytes, depth),
            Packing::Base64 => self.base64(source, bytes, depth),
            Packing::Mailbox => self.mailbox(source, bytes, depth),
            Packing::Message => self.message(source, bytes, depth),
            Packing::Wide => self.json(source, &narrow(bytes)),
            Packing::Json => self.json(source, &String::from_utf8_lossy(bytes)),
            Packing::Dmarc => self.trouble(source, Why::DmarcReport),
            Packing::Unknown => self.trouble(source, Why::NoReport),
        }
    }

    fn gzip(&mut self, source: &Source, bytes: &[u8], depth: usize) {
        let (inside, outcome) = self.unpack(MultiGzDecoder::new(bytes));
        match outcome {
            Err(why) if why == Why::TooLarge || inside.is_empty() => self.trouble(source, why),
            // What broke off may be all there; if not, the JSON says so.
            _ => self.open(source, &inside, depth + 1),
        }
    }

    /// Unpacks as much as may be; what came until it failed is there, too.
    fn unpack(&mut self, packed: impl Read) -> (Vec<u8>, Result<(), Why>) {
        let most = self.limits.text.min(self.left);
        let mut inside = Vec::new();
        let outcome = packed.take(most as u64 + 1).read_to_end(&mut inside);
        self.left = self.left.saturating_sub(inside.len());
        let outcome = match outcome {
            _ if inside.len() > most => Err(Why::TooLarge),
            Ok(_) => Ok(()),
            Err(_) => Err(Why::PackedBroken),
        };
        (inside, outcome)
    }

    fn zip(&mut self, source: &Source, bytes: &[u8], depth: usize) {
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
            return self.trouble(source, Why::PackedBroken);
        };
        for place in 0..archive.len() {
            if place == self.limits.names {
                return self.trouble(source, Why::TooManyNames);
            }
            // The number stands for a name that is no text.
            let name = archive.name_for_index(place).and_then(Result::ok);
            let name = name.map_or_else(|| format!("#{place}"), Cow::into_owned);
            if is_housekeeping(&name) {
                continue;
            }
            let within = source.within(&name);
            let unpacked = match archive.by_index(place) {
                Ok(entry) => self.unpack(entry),
                Err(error) => (Vec::new(), Err(of_zip(&error))),
            };
            match unpacked {
                (inside, Ok(())) => self.open(&within, &inside, depth + 1),
                (_, Err(why)) => self.trouble(&within, why),
            }
        }
    }

    fn base64(&mut self, source: &Source, bytes: &[u8], depth: usize) {
        if bytes.len() > self.limits.text {
            return self.trouble(source, Why::TooLarge);
        }
        let text: Vec<u8> = bytes.iter().copied().filter(|it| !it.is_ascii_whitespace()).collect();
        match STANDARD.decode(text) {
            Ok(inside) => self.open(source, &inside, depth + 1),
            Err(_) => self.trouble(source, Why::NoReport),
        }
    }

    fn mailbox(&mut self, source: &Source, bytes: &[u8], depth: usize) {
        for (place, message) in mail::messages(bytes).enumerate() {
            if place == self.limits.names {
                return self.trouble(source, Why::TooManyNames);
            }
            self.message(&source.within(&(place + 1).to_string()), message, depth + 1);
        }
    }

    fn message(&mut self, source: &Source, bytes: &[u8], depth: usize) {
        if bytes.len() > self.limits.text {
            return self.trouble(source, Why::TooLarge);
        }
        let parts = mail::parts(bytes);
        let parts: Vec<_> = parts.into_iter().filter(mail::Part::may_be_report).collect();
        if parts.is_empty() {
            self.trouble(source, Why::NoReportInMessage);
        }
        for part in parts {
            self.open(&source.within(&part.name), &part.bytes, depth + 1);
        }
    }

    fn json(&mut self, source: &Source, text: &str) {
        if text.len() > self.limits.text {
            return self.trouble(source, Why::TooLarge);
        }
        let before = self.found.len();
        let mut others = 0;
        for value in
            serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter()
        {
            match value {
                Ok(value) => others += self.values(source, &value),
                Err(_) if self.found.len() > before => {
                    if let Some((_, report)) = self.found.last_mut() {
                        report.oddities.push(Oddity::TextBehind);
                    }
                }
                Err(error) => return self.trouble(source, of_json(&error)),
            }
        }
        if others > 0 {
            self.trouble(source, Why::OtherJson);
        }
    }

    /// Takes a report, or a list of them; the answer is how many were none.
    fn values(&mut self, source: &Source, value: &Value) -> usize {
        let values = match value {
            Value::Array(values) if !values.is_empty() => values,
            one => std::slice::from_ref(one),
        };
        let mut others = 0;
        for value in values {
            match report::read(value) {
                Some(report) => self.found.push((source.clone(), report)),
                None => others += 1,
            }
        }
        others
    }

    /// What lies beside something of the same kind is counted with it.
    fn trouble(&mut self, source: &Source, why: Why) {
        let last = self.troubles.last_mut().filter(|last| {
            last.why == why && source.0.len() > 1 && last.source.container() == source.container()
        });
        match last {
            Some(last) => last.times += 1,
            None => self.troubles.push(Trouble { source: source.clone(), why, times: 1 }),
        }
    }
}

/// What makes two reports the same: they are sent by mail and by HTTPS, and to several mailboxes.
///
/// The id is to be unique to its sender (RFC 8460 §4.4), and some use it again for another domain.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Named(Option<String>, String, Option<Timestamp>, Vec<Option<String>>),
    Whole(String),
}

fn identity(report: &Report) -> Identity {
    let domains: BTreeSet<_> = report.outcomes.iter().map(|it| it.domain.clone()).collect();
    let organization = report.organization.as_deref().map(str::to_lowercase);
    match &report.id {
        Some(id) => {
            Identity::Named(organization, id.clone(), report.begin, domains.into_iter().collect())
        }
        None => Identity::Whole(format!("{:?}", (organization, report.begin, &report.outcomes))),
    }
}

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Nothing,
    Gzip,
    Zip,
    Base64,
    Mailbox,
    Message,
    /// JSON in UTF-16, as some consoles save it.
    Wide,
    Json,
    Dmarc,
    Unknown,
}

impl Packing {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        let begins = |with: &[u8]| bare.starts_with(with);
        match bare {
            [] => Self::Nothing,
            _ if bytes.starts_with(b"\x1f\x8b") => Self::Gzip,
            _ if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") => Self::Zip,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Self::Wide,
            [b'{' | b'[', ..] => Self::Json,
            // What gzip, zip and `{"` begin with, in base64.
            _ if begins(b"H4sI") || begins(b"UEsDB") || begins(b"eyJ") => Self::Base64,
            _ if begins(b"From ") => Self::Mailbox,
            [b'<', ..] if head(bare, 4096).contains("<feedback") => Self::Dmarc,
            _ if mail::is_header(bare) => Self::Message,
            _ => Self::Unknown,
        }
    }
}

fn head(bytes: &[u8], length: usize) -> Cow<'_, str> {
    String::from_utf8_lossy(&bytes[..bytes.len().min(length)])
}

/// UTF-16 as UTF-8.
fn narrow(bytes: &[u8]) -> String {
    let is_little = bytes.starts_with(b"\xff\xfe");
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [a, b] if is_little => u16::from_le_bytes([*a, *b]),
        [a, b] => u16::from_be_bytes([*a, *b]),
        _ => 0,
    });
    char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A folder, or what a Mac adds for itself.
fn is_housekeeping(name: &str) -> bool {
    name.ends_with('/') || name.starts_with("__MACOSX/") || name.ends_with(".DS_Store")
}

fn of_zip(error: &ZipError) -> Why {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::InvalidPassword => Why::PackedOtherwise,
        _ => Why::PackedBroken,
    }
}

fn of_json(error: &serde_json::Error) -> Why {
    // The library has no category for it.
    if error.to_string().starts_with("recursion limit") {
        Why::JsonTooDeep
    } else {
        Why::JsonBroken
    }
}

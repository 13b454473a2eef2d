//! Writes what the fuzzer begins with: for each reader a folder of texts, and a dictionary.
//!
//! The texts are the tests' own and, where `MXRAY_CORPORA` names their folder, those of the corpora.

#[allow(dead_code, reason = "the laws themselves are for the fuzzer")]
#[path = "../../crates/records/tests/properties/laws.rs"]
mod laws;
#[path = "../../crates/records/tests/properties/samples.rs"]
mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;
use laws::{RECORD_SEPARATOR, Reader};
use mxray_records::example::{Example, Examples, kind};
use mxray_records::lint::Kind;
use samples::{SLIPS, SOUND};
use serde_json::Value;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).expect("a folder to write to"));
    let mut seeds = of_tests()?;
    if let Some(corpora) = env::var_os("MXRAY_CORPORA") {
        seeds.extend(of_corpora(Path::new(&corpora))?);
    }
    for reader in Reader::all() {
        let folder = folder.join(reader.name());
        fs::create_dir_all(&folder)?;
        let own = seeds.iter().filter(|(kind, _)| is_for(reader, *kind)).map(|(_, text)| text);
        for (number, text) in own.collect::<BTreeSet<_>>().into_iter().enumerate() {
            fs::write(folder.join(format!("{number:04}")), text)?;
        }
    }
    sow_reports(&folder.join("reports"))?;
    fs::write(folder.join("dictionary"), dictionary())
}

/// A small TLS report in each of its packings, and those of the corpora.
fn sow_reports(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let json = include_bytes!("report.json");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(json)?;
    let gzip = gzip.finish()?;
    let head = "Content-Type: application/tlsrpt+json\n\n";
    let message = [head.as_bytes(), json].concat();
    let mailbox = [b"From a\n".as_slice(), &message, b"\nFrom b\n", &message].concat();
    let made = [json.to_vec(), gzip, message, mailbox];
    let real = match env::var_os("MXRAY_CORPORA") {
        Some(corpora) => fs::read_dir(Path::new(&corpora).join("tls-rpt"))?
            .map(|entry| fs::read(entry?.path()))
            .collect::<io::Result<Vec<_>>>()?,
        None => Vec::new(),
    };
    for (number, bytes) in made.into_iter().chain(real).enumerate() {
        fs::write(folder.join(format!("{number:04}")), bytes)?;
    }
    Ok(())
}

/// A text, and what reads it; `None` for all readers.
type Seed = (Option<Kind>, String);

fn is_for(reader: Reader, kind: Option<Kind>) -> bool {
    let read = match reader {
        Reader::Lint(kind) => kind,
        Reader::SpfMacro => Kind::SpfRecord,
    };
    kind.is_none_or(|kind| kind == read)
}

/// The examples of the catalog's rules, and the samples.
fn of_tests() -> io::Result<Vec<Seed>> {
    let mut seeds: Vec<Seed> = SOUND.map(|text| (None, text.to_owned())).into();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/records/examples"))? {
        let file = fs::read_to_string(entry?.path())?;
        let examples: BTreeMap<String, Examples> =
            toml::from_str(&file).map_err(io::Error::other)?;
        for (code, Examples { raises, near }) in examples {
            let Some(kind) = kind(&code) else { continue };
            seeds.extend([raises, near].map(|example| (Some(kind), written(example))));
        }
    }
    Ok(seeds)
}

fn written(example: Example) -> String {
    match example {
        Example::Records(texts) => together(texts),
        Example::File(body) => body,
        Example::Covering { policy, mx } => {
            together([policy, "text/plain".to_owned()].into_iter().chain(mx).collect())
        }
        Example::Long { policy, line, times } => policy + &line.repeat(times),
        Example::Served { content_type } => {
            together(vec!["mode: none".to_owned(), content_type.unwrap_or_default()])
        }
    }
}

/// Several texts as one.
fn together(texts: Vec<String>) -> String {
    texts.join(&RECORD_SEPARATOR.to_string())
}

fn of_corpora(folder: &Path) -> io::Result<Vec<Seed>> {
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let cases = read("parse-cases.jsonl")?;
    let suite = read("spf/rfc7208-tests.yml")?;
    let records = read("records.tsv")?;
    let mut seeds: Vec<Seed> = cases.lines().filter_map(of_case).collect();
    seeds.extend(suite.lines().filter_map(of_suite));
    seeds.extend(of_zones(&records));
    for entry in fs::read_dir(folder.join("policies"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let body = String::from_utf8_lossy(&fs::read(path)?).into_owned();
            seeds.push((Some(Kind::MtaStsPolicy), body));
        }
    }
    Ok(seeds)
}

/// A case of other projects' parsers.
fn of_case(line: &str) -> Option<Seed> {
    let row: Value = serde_json::from_str(line).ok()?;
    let proto = row["proto"].as_str()?;
    let kind = Kind::ALL.into_iter().find(|kind| proto.starts_with(kind.as_str()))?;
    let texts = match &row["input"] {
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        text => vec![text.as_str()?.to_owned()],
    };
    Some((Some(kind), together(texts)))
}

/// A record of the suite of SPF, as far as it stands in one line.
fn of_suite(line: &str) -> Option<Seed> {
    let start = line.to_ascii_lowercase().find("v=spf1")?;
    Some((
        Some(Kind::SpfRecord),
        line[start..].trim_end_matches(['"', '\'', ' ', ']', '}']).to_owned(),
    ))
}

/// The sets of records in real zones.
fn of_zones(table: &str) -> Vec<Seed> {
    let mut sets: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let [_, zone, name, record_type, value] = line.split('\t').collect::<Vec<_>>()[..] else {
            continue;
        };
        let kind = match record_type {
            "MX" => Kind::MxSet,
            "TXT" if name.contains("_mta-sts") => Kind::MtaStsRecord,
            "TXT" if name.contains("_smtp._tls") => Kind::TlsRptRecord,
            "TXT" if name.contains("_domainkey") => Kind::DkimKey,
            "TXT" if name.contains("_dmarc") => Kind::DmarcRecord,
            "TXT" if name.contains("_bimi") => Kind::BimiRecord,
            "TXT" => Kind::SpfRecord,
            _ => continue,
        };
        sets.entry((zone, name, kind.as_str()))
            .or_default()
            .push(value.trim_matches('"').replace("\"\"", ""));
    }
    sets.into_iter().map(|((.., kind), texts)| (kind.parse().ok(), together(texts))).collect()
}

/// The words of sound texts, and people's slips.
fn dictionary() -> String {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let words = SOUND.iter().flat_map(|text| text.split(|c| !is_letter(c)));
    let words: BTreeSet<&str> = words.chain(SLIPS).filter(|word| !word.is_empty()).collect();
    let escaped =
        |word: &str| word.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    words.into_iter().map(|word| format!("\"{}\"\n", escaped(word))).collect()
}

//! Record data from the text of a domain file.

use hickory_server::proto::rr::rdata::{A, AAAA, CNAME, MX, NULL, PTR, TXT};
use hickory_server::proto::rr::{Name, RData, RecordType};

use super::txt::character_string;
use crate::LabError;
use crate::format::{AddressToml, LabAddress, NameToml, TxtToml};
use crate::sockets;
use crate::world::Source;

/// All records that `given` lists for `owner`; an error names the type below `key`.
pub(crate) fn of(
    source: &Source,
    key: &str,
    owner: &Name,
    given: &NameToml,
) -> Result<Vec<RData>, LabError> {
    let mut data = Vec::new();
    data.extend(given.a.iter().flatten().map(|address| RData::A(A(address.resolve()))));
    data.extend(given.aaaa.iter().flatten().map(|address| RData::AAAA(AAAA(*address))));
    if let Some(target) = &given.cname {
        data.push(RData::CNAME(CNAME(source.name(&format!("{key}.CNAME"), target)?)));
    }
    for text in given.mx.iter().flatten() {
        data.push(mx(source, &format!("{key}.MX"), text)?);
    }
    for target in given.ptr.iter().flatten() {
        data.push(RData::PTR(PTR(source.name(&format!("{key}.PTR"), target)?)));
    }
    for text in given.tlsa.iter().flatten() {
        data.push(tlsa(text).map_err(|problem| source.wrong(&format!("{key}.TLSA"), problem))?);
    }
    for text in given.caa.iter().flatten() {
        data.push(caa(text).map_err(|problem| source.wrong(&format!("{key}.CAA"), problem))?);
    }
    let mut texts = Vec::new();
    for record in given.txt.iter().flatten() {
        texts.push(txt(record).map_err(|problem| source.wrong(&format!("{key}.TXT"), problem))?);
    }
    if let Some(octets) = given.fill_message {
        let filler = filler(owner, &texts, octets);
        texts.push(filler.map_err(|why| source.wrong(&format!("{key}.fill_message"), why))?);
    }
    data.extend(
        texts.iter().map(|strings| {
            RData::TXT(TXT::from_bytes(strings.iter().map(Vec::as_slice).collect()))
        }),
    );
    Ok(data)
}

/// Data of a type that only its octets make.
pub(crate) fn raw(code: RecordType, octets: Vec<u8>) -> RData {
    RData::Unknown { code, rdata: NULL::with(octets) }
}

impl AddressToml {
    fn resolve(self) -> std::net::Ipv4Addr {
        match self {
            Self::Literal(address) => address,
            Self::Lab(LabAddress::Policy) => sockets::POLICY,
        }
    }
}

fn mx(source: &Source, key: &str, text: &str) -> Result<RData, LabError> {
    let parts = text
        .split_once(' ')
        .and_then(|(preference, exchange)| Some((preference.parse().ok()?, exchange)));
    let Some((preference, exchange)) = parts else {
        let problem = format!("{text:?}: expected a preference and a host, such as \"10 mail\"");
        return Err(source.wrong(key, problem));
    };
    Ok(RData::MX(MX::new(preference, source.name(key, exchange)?)))
}

fn tlsa(text: &str) -> Result<RData, String> {
    let wrong = || {
        format!("{text:?}: expected usage, selector, matching type and hex, such as \"3 1 1 00ff\"")
    };
    let mut parts = text.splitn(4, ' ');
    let mut octets = Vec::new();
    for part in parts.by_ref().take(3) {
        octets.push(part.parse().map_err(|_| wrong())?);
    }
    let digits = parts.next().ok_or_else(wrong)?.as_bytes();
    for pair in digits.chunks(2) {
        let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
        octets.push(u8::from_str_radix(pair, 16).map_err(|_| wrong())?);
    }
    Ok(raw(RecordType::TLSA, octets))
}

/// RFC 8659 §4.1: flags, the tag with its length, the value to the end.
fn caa(text: &str) -> Result<RData, String> {
    let wrong =
        || format!("{text:?}: expected flags, a tag and a value, such as \"0 issue ca.example\"");
    let mut parts = text.splitn(3, ' ');
    let mut next = || parts.next().ok_or_else(wrong);
    let (flags, tag, value) = (next()?, next()?, next()?);
    let mut octets = vec![flags.parse().map_err(|_| wrong())?];
    octets.push(u8::try_from(tag.len()).map_err(|_| wrong())?);
    octets.extend_from_slice(tag.as_bytes());
    octets.extend_from_slice(value.trim_matches('"').as_bytes());
    Ok(raw(RecordType::CAA, octets))
}

fn txt(record: &TxtToml) -> Result<Vec<Vec<u8>>, String> {
    match record {
        TxtToml::One(text) => Ok(vec![character_string(text)?]),
        TxtToml::Many(texts) if texts.is_empty() => {
            Err("a record of no character-strings; expected at least one".to_owned())
        }
        TxtToml::Many(texts) => texts.iter().map(|text| character_string(text)).collect(),
    }
}

/// The character-strings of the record that brings a message with all of these to `octets`, for a
/// client that asks with EDNS and gets no option back.
fn filler(owner: &Name, texts: &[Vec<Vec<u8>>], octets: u16) -> Result<Vec<Vec<u8>>, String> {
    /// RFC 1035 §4.1.1.
    const HEADER: usize = 12;
    /// Type and class of the question.
    const QUESTION: usize = 4;
    /// RFC 6891 §6.1.2, without options.
    const OPT: usize = 11;
    /// A pointer to the owner, type, class, TTL and length.
    const RECORD: usize = 12;
    let others: usize = texts
        .iter()
        .map(|strings| RECORD + strings.iter().map(|string| string.len() + 1).sum::<usize>())
        .sum();
    // The first record spells its owner out: the listener copies the question as it came and
    // compresses nothing against it.
    let owner = wire_length(owner);
    let taken = HEADER + owner + QUESTION + OPT + (owner - 2) + others + RECORD;
    let room = usize::from(octets).checked_sub(taken).filter(|room| *room > 0);
    let room =
        room.ok_or(format!("{octets}: expected more than the {taken} octets of the rest"))?;
    // Each character-string takes an octet for its length.
    let full = vec![vec![b'x'; 255]; room / 256];
    let rest = (room % 256).checked_sub(1).map(|length| vec![b'x'; length]);
    Ok(full.into_iter().chain(rest).collect())
}

/// A length octet before each label, and the root at the end (RFC 1035 §3.1).
fn wire_length(name: &Name) -> usize {
    name.iter().map(|label| 1 + label.len()).sum::<usize>() + 1
}

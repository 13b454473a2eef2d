//! What was meant by a record of fields.

use super::characters::{plain, unquoted};
use super::uri;
use crate::ascii;
use crate::caa;
use crate::suggest::nearest;

/// The fields of a record; of a whole line of a zone, those behind the record's type.
fn fields<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let fields: Vec<&str> = text.split([' ', ',', ';']).filter(|field| !field.is_empty()).collect();
    let start = fields.iter().position(|field| ascii::is(field, kind)).map_or(0, |at| at + 1);
    fields[start..].to_vec()
}

/// The MX record that was meant; its own reader knows what is left over.
pub(super) fn mx(text: &str) -> Option<String> {
    let text = unquoted(text);
    let fields = fields(&text, "MX");
    let host = |field: &str| {
        let behind = field.split_once("//").map_or(field, |(_, behind)| behind);
        let host = behind.split('/').next().unwrap_or_default();
        host.strip_suffix(":25").unwrap_or(host).trim_matches(['<', '>', '\'', '@']).to_owned()
    };
    match fields[..] {
        // `10mail.example.com`.
        [both] => {
            let digits = both.bytes().take_while(u8::is_ascii_digit).count();
            let (preference, name) = both.split_at(digits);
            let is_both = digits > 0 && name.starts_with(|c: char| c.is_ascii_alphabetic());
            is_both.then(|| [preference, " ", &host(name)].concat())
        }
        [preference, name] => Some([preference, " ", &host(name)].concat()),
        _ => None,
    }
}

/// The words for the first three fields (RFC 7218 §2).
const TLSA_WORDS: [&[(&str, &str)]; 3] = [
    &[("PKIX-TA", "0"), ("PKIX-EE", "1"), ("DANE-TA", "2"), ("DANE-EE", "3")],
    &[("Cert", "0"), ("SPKI", "1")],
    &[("Full", "0"), ("SHA2-256", "1"), ("SHA2-512", "2"), ("SHA-256", "1"), ("SHA-512", "2")],
];

/// The TLSA record that was meant.
pub(super) fn tlsa(text: &str) -> Option<String> {
    let text = unquoted(text);
    let fields = fields(&text, "TLSA");
    let [usage, selector, matching, data @ ..] = &fields[..] else { return None };
    let number = |field: &str, words: &[(&str, &'static str)]| {
        let word = words.iter().find(|(word, _)| ascii::is(word, field));
        word.map_or_else(|| field.to_owned(), |(_, number)| (*number).to_owned())
    };
    let [usages, selectors, matchings] = TLSA_WORDS;
    let data = data.concat();
    let data = data.strip_prefix("0x").unwrap_or(&data).replace(':', "");
    let matching = match (number(matching, matchings), data.len()) {
        // The digest's length says which it is (RFC 6698 §2.1.3).
        (written, 64) if written != "0" => "1".to_owned(),
        (written, 128) if written != "0" => "2".to_owned(),
        (written, _) => written,
    };
    let usage = match &*number(usage, usages) {
        // The server's own certificate; only authorities are asked no longer (RFC 7672 §3.1.3).
        "1" => "3".to_owned(),
        written => written.to_owned(),
    };
    Some([&usage, &*number(selector, selectors), &matching, &data].join(" "))
}

/// The CAA record that was meant.
pub(super) fn caa(text: &str) -> Option<String> {
    let text = plain(text);
    let mut text = text.trim();
    if let Some((before, behind)) =
        text.split_once("CAA ").filter(|(before, _)| !before.contains('"'))
    {
        text = if before.is_empty() || before.ends_with(' ') { behind.trim() } else { text };
    }
    let first = text.split(' ').next()?;
    let flagged = if caa::is_tag(first) { ["0 ", text].concat() } else { text.to_owned() };
    let mut record = caa::parse(&flagged.as_str().into()).value?;
    if let Some(tag) = nearest(&record.tag, &caa::TAGS) {
        tag.clone_into(&mut record.tag);
    }
    record.value = record.value.trim().to_owned();
    // A mark within it was the beginning of something else, and there is one address for reports.
    let is_report = record.tag == "iodef";
    if record.value.contains('"') || is_report && record.value.contains([' ', ',']) {
        return None;
    }
    if is_report {
        record.value = uri::destinations(&record.value);
    }
    Some(record.to_string())
}

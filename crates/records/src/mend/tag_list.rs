//! What was meant by a list of tags: `v=…; name=value; …`.

use super::characters::{behind_version, unquoted};
use super::uri;
use crate::ascii;
use crate::suggest::{begins_like, distance, nearest};

/// The tags of a kind, as far as their values can be mended.
pub(super) struct TagList {
    /// Without `v=`.
    version: &'static str,
    tags: &'static [(&'static str, Value)],
}

/// What a value has to be.
enum Value {
    /// One of these.
    Word(&'static [&'static str]),
    /// The first letter of one of these.
    Letter(&'static [&'static str]),
    /// Where reports go to, with commas between.
    Destinations,
    /// One HTTPS address.
    Https,
    /// Base64.
    Key,
    /// Letters and digits.
    Id,
    /// Cannot be told.
    Any,
}

pub(super) static MTA_STS: TagList = TagList { version: "STSv1", tags: &[("id", Value::Id)] };

pub(super) static TLS_RPT: TagList =
    TagList { version: "TLSRPTv1", tags: &[("rua", Value::Destinations)] };

pub(super) static DKIM: TagList = TagList {
    version: "DKIM1",
    tags: &[
        ("k", Value::Word(&["rsa", "ed25519"])),
        ("h", Value::Word(&["sha256"])),
        ("n", Value::Any),
        ("s", Value::Any),
        ("t", Value::Any),
        ("p", Value::Key),
    ],
};

const POLICY: Value = Value::Word(&["none", "quarantine", "reject"]);
const ALIGNMENT: Value = Value::Letter(&["relaxed", "strict"]);

pub(super) static DMARC: TagList = TagList {
    version: "DMARC1",
    tags: &[
        ("p", POLICY),
        ("sp", POLICY),
        ("np", POLICY),
        ("rua", Value::Destinations),
        ("ruf", Value::Destinations),
        ("adkim", ALIGNMENT),
        ("aspf", ALIGNMENT),
        ("psd", Value::Letter(&["yes", "no", "unknown"])),
        ("t", Value::Letter(&["yes", "no"])),
        ("fo", Value::Any),
        ("pct", Value::Any),
        ("rf", Value::Any),
        ("ri", Value::Any),
    ],
};

pub(super) static BIMI: TagList = TagList {
    version: "BIMI1",
    tags: &[
        ("l", Value::Https),
        ("a", Value::Https),
        ("lps", Value::Any),
        ("avp", Value::Word(&["brand", "personal"])),
    ],
};

/// The list that was meant by a text; what is not plain in it stays as it is.
pub(super) fn meant(list: &TagList, text: &str) -> Option<String> {
    let text = unquoted(text);
    let pieces = list.cut(behind_version(&text, list.version));
    let mut tags: Vec<String> = Vec::new();
    for piece in &pieces {
        // A semicolon between two addresses is meant as a comma.
        let goes_on = !piece.contains('=') && piece.contains('@');
        let tag = match tags.pop_if(|last| goes_on && last.starts_with("ru")) {
            Some(last) => list.tag(&[&*last, ",", piece].concat(), &pieces),
            None => list.tag(piece, &pieces),
        };
        // The same a second time says nothing.
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let gap = if text.contains("; ") || !text.contains(';') { "; " } else { ";" };
    let end = if text.ends_with(';') { ";" } else { "" };
    (!tags.is_empty()).then(|| ["v=", list.version, gap, &tags.join(gap), end].concat())
}

impl TagList {
    /// The pieces of a text, without the version: between semicolons, and where a space or a comma stands for one.
    fn cut<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let begins_tag = |rest: &str| {
            let name = rest.trim_start_matches([' ', ',']);
            let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
            let (name, rest) = name.split_at(length);
            self.value(&name.to_ascii_lowercase()).is_some() && rest.trim_start().starts_with('=')
        };
        let mut start = 0;
        let mut pieces = Vec::new();
        for (at, sign) in text.match_indices([';', ' ', ',']) {
            if sign == ";" || at >= start && begins_tag(&text[at..]) {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
        }
        pieces.push(&text[start..]);
        let pieces = pieces.into_iter().map(|piece| piece.trim_matches([' ', ',', '\'']));
        let is_version = |piece: &str| {
            ascii::begins(piece, "v") && begins_like(piece, self.version, 2) == Some(piece.len())
        };
        pieces.filter(|piece| !piece.is_empty() && !is_version(piece)).collect()
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.tags.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// A piece as it should be written.
    fn tag(&self, piece: &str, pieces: &[&str]) -> String {
        let is_known =
            |(name, _): &(&str, &str)| self.value(&name.trim().to_ascii_lowercase()).is_some();
        let split = piece.split_once('=').or_else(|| piece.split_once([':', ' ']).filter(is_known));
        let Some((name, value)) = split else { return piece.to_owned() };
        let name = self.name(name.trim(), pieces);
        match self.value(&name.to_ascii_lowercase()) {
            Some(meant) => [
                &name,
                "=",
                &meant.mended(value.trim_start_matches(['=', ':']).trim_matches([' ', '\''])),
            ]
            .concat(),
            None => piece.to_owned(),
        }
    }

    /// The known name that a written one comes close to and that no other piece has; else as it is.
    fn name(&self, written: &str, pieces: &[&str]) -> String {
        let lower = written.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
        if self.value(&lower).is_some() {
            // Only DMARC minds no case, and only there it may stay.
            return if self.version == "DMARC1" { written.to_owned() } else { lower };
        }
        let has = |name: &str| {
            pieces.iter().any(|piece| {
                piece.split('=').next().is_some_and(|found| ascii::is(found.trim(), name))
            })
        };
        let near = self.tags.iter().map(|(name, _)| *name).filter(|name| {
            (name.len() > 1 || lower.len() > 1) && distance(&lower, name) <= 1 && !has(name)
        });
        // A letter that is doubled comes close to `sp`, too.
        let near: Vec<&str> = near.collect();
        let doubled = near.iter().find(|name| name.repeat(2) == lower);
        match (doubled, &near[..]) {
            (Some(name), _) | (None, [name]) => (*name).to_owned(),
            _ => written.to_owned(),
        }
    }
}

impl Value {
    fn mended(&self, written: &str) -> String {
        let bare = written.trim_matches(['"', '\'', '<', '>', '[', ']', '(', ')', '.']);
        let near = |words: &[&'static str]| {
            let same = words.iter().any(|word| ascii::is(word, bare));
            let joined = bare.replace(' ', "");
            // Of several words none may get lost.
            let loses = |word: &str| bare.contains([':', ' ']) && distance(&joined, word) > 1;
            nearest(&joined, words).filter(|word| !same && !loses(word))
        };
        match self {
            Self::Word(words) => near(words).unwrap_or(bare).to_owned(),
            Self::Letter(words) => nearest(bare, words).map_or(bare, |word| &word[..1]).to_owned(),
            Self::Destinations => uri::destinations(written),
            Self::Https => uri::https(bare),
            Self::Key => key(written),
            Self::Id => bare.chars().filter(char::is_ascii_alphanumeric).collect(),
            Self::Any => written.to_owned(),
        }
    }
}

/// Base64 out of the armor of a PEM file (RFC 7468), and in the letters of RFC 4648 §4.
fn key(written: &str) -> String {
    let longest = written.split("-----").max_by_key(|part| part.len()).unwrap_or_default();
    let letter = |c: char| match c {
        '-' => Some('+'),
        '_' => Some('/'),
        ' ' | '\\' | '\'' | '"' => None,
        _ => Some(c),
    };
    longest.chars().filter_map(letter).collect()
}

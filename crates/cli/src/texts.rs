//! The sentences of `texts/en`, embedded.

use mxray_records::texts::{RuleText, Texts};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The files of the folder.
const FILES: &[&str] = include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// What stands under a key: a table of sentences is a rule's, a string is a word.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Rule(RuleText),
    Word(String),
}

/// All that is said in English.
///
/// # Errors
/// A file is not of the shape that `mxray_records::texts` describes; a test holds that none is.
pub(crate) fn english() -> Result<Texts, toml::de::Error> {
    let mut texts = Texts::default();
    for file in FILES {
        for (key, entry) in toml::from_str::<BTreeMap<String, Entry>>(file)? {
            match entry {
                Entry::Rule(rule) => drop(texts.rules.insert(key, rule)),
                Entry::Word(word) => drop(texts.words.insert(key, word)),
            }
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::english;

    #[test]
    fn the_embedded_texts_cover_the_catalog() {
        let texts = english().unwrap();
        for rule in crate::rules::catalog() {
            assert!(texts.rules.contains_key(rule.code), "{}", rule.code);
        }
    }
}

//! The sentences of `texts`, embedded.

use mxray_records::texts::{RuleText, Texts};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The files of each language.
const LANGUAGES: [(&str, &[&str]); 2] = include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The name of each language, as BCP 47 has it.
pub(crate) fn languages() -> [&'static str; 2] {
    LANGUAGES.map(|(name, _)| name)
}

/// What stands under a key: a table of sentences is a rule's, a string is a word.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Rule(RuleText),
    Word(String),
}

/// All that is said in a language; nothing in one that there is not.
///
/// # Errors
/// A file is not of the shape that `mxray_records::texts` describes; a test holds that none is.
pub(crate) fn of(language: &str) -> Result<Texts, toml::de::Error> {
    let mut texts = Texts::default();
    let files = LANGUAGES.into_iter().filter(|(name, _)| *name == language);
    for file in files.flat_map(|(_, files)| files) {
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
    use super::{languages, of};

    #[test]
    fn the_embedded_texts_cover_the_catalog() {
        for language in languages() {
            let texts = of(language).unwrap();
            for rule in crate::rules::catalog() {
                assert!(texts.rules.contains_key(rule.code), "{language}: {}", rule.code);
            }
        }
    }
}

//! The sentences of `texts/en`, embedded.

use mxray_records::Finding;
use mxray_records::texts::{RuleText, Texts, fill};
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

/// The exact statement of a finding; the rule's code where there is none, so that nothing goes blank.
pub(crate) fn exact(texts: &Texts, finding: &Finding) -> String {
    sentence(texts, finding, |rule| &rule.exact)
}

/// One of the sentences of a finding's rule, with the finding's data in it.
pub(crate) fn sentence(
    texts: &Texts,
    finding: &Finding,
    which: impl Fn(&RuleText) -> &String,
) -> String {
    let code = finding.rule.code;
    texts.rules.get(code).map_or_else(|| code.to_owned(), |rule| fill(which(rule), &finding.params))
}

#[cfg(test)]
mod tests {
    use super::english;

    #[test]
    fn the_embedded_texts_cover_the_catalog() {
        let texts = english().unwrap();
        for rule in mxray_records::catalog().chain(mxray_scan::catalog()) {
            assert!(texts.rules.contains_key(rule.code), "{}", rule.code);
        }
    }
}

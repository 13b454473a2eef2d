//! Holds every language of `texts` to what English says: nothing missing, nothing blank, nothing of
//! a length that the page was not made for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::workspace::{entries, files_below, read_text};

/// How much longer than in English a text may be: half as long again and a tenth, and a few letters, as
/// a single word easily doubles.
const MOST_TIMES: f64 = 1.6;
const MOST_MORE: f64 = 10.0;

/// What a language writes beyond ASCII.
const LETTERS: [(&str, &str); 2] = [("en", "“”…§éü"), ("de", "„“…§ÄÖÜäöüßé")];

/// The texts of a language by file and key, a rule's sentences with their part: `code/title`.
type Texts = BTreeMap<(PathBuf, String), String>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../texts")
}

fn texts(language: &str) -> Texts {
    let folder = folder().join(language);
    let mut texts = Texts::new();
    let is_words = |path: &PathBuf| {
        // Guides are whole texts of their own: xtask/src/guides holds them to each other.
        path.extension().is_some_and(|extension| extension == "toml")
            && !path.starts_with(folder.join("guides"))
            // What this says stands in the lab in English.
            && !path.ends_with("reference/gallery.toml")
    };
    for path in files_below(&folder).unwrap().into_iter().filter(is_words) {
        let table: toml::Table = read_text(&path).unwrap().parse().unwrap();
        let file = path.strip_prefix(&folder).unwrap().to_owned();
        for (key, value) in table {
            match value {
                toml::Value::Table(rule) => texts.extend(rule.into_iter().map(|(part, said)| {
                    ((file.clone(), format!("{key}/{part}")), said.as_str().unwrap().to_owned())
                })),
                said => drop(texts.insert((file.clone(), key), said.as_str().unwrap().to_owned())),
            }
        }
    }
    texts
}

/// Every language but English, by the name of its folder.
fn others() -> Vec<String> {
    let folders = entries(&folder()).unwrap().into_iter().filter(|entry| entry.is_dir());
    let names = folders.map(|entry| entry.file_name().unwrap().to_string_lossy().into_owned());
    names.filter(|name| name != "en").collect()
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

#[test]
fn every_language_says_what_english_says_and_no_more() {
    let english = texts("en");
    for language in others() {
        let said = texts(&language);
        let missing: Vec<_> = english.keys().filter(|key| !said.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{language} lacks {missing:?}");
        let left_over: Vec<_> = said.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(left_over.is_empty(), "{language} has more than English: {left_over:?}");
        for (key, text) in &said {
            assert_eq!(placeholders(text), placeholders(&english[key]), "{language}: {key:?}");
        }
    }
}

#[test]
fn every_text_is_written_in_the_letters_of_its_language() {
    for language in others().iter().map(String::as_str).chain(["en"]) {
        let letters = LETTERS.iter().find(|(of, _)| *of == language);
        let (_, letters) = letters.expect("a new language says its letters in LETTERS");
        for (key, text) in texts(language) {
            let foreign = |c: &char| !matches!(c, ' '..='~') && !letters.contains(*c);
            assert_eq!(text.chars().find(foreign), None, "{language}: {key:?}");
            let blank = text.trim() != text || text.is_empty() || text.contains("  ");
            assert!(!blank, "{language}: {key:?} has space too much, or nothing else");
        }
    }
}

#[test]
fn quotation_marks_come_in_pairs() {
    for (language, opening, closing) in [("en", '“', '”'), ("de", '„', '“')] {
        for (key, text) in texts(language) {
            let mut open = false;
            for c in text.chars().filter(|c| [opening, closing].contains(c)) {
                assert_eq!(open, c == closing, "{language}: {key:?}: {text}");
                open = !open;
            }
            assert!(!open, "{language}: {key:?}: {text}");
        }
    }
}

#[test]
fn no_text_is_much_longer_than_in_english() {
    let english = texts("en");
    let length = |text: &str| f64::from(u32::try_from(text.chars().count()).unwrap());
    for language in others() {
        for (key, text) in texts(&language) {
            let Some(original) = english.get(&key) else { continue };
            let most = length(original) * MOST_TIMES + MOST_MORE;
            assert!(length(&text) <= most, "{language}: {key:?}: {text}");
            let is_title = key.1.ends_with("/title");
            assert!(!is_title || length(&text) <= 90.0, "{language}: {key:?}: a long title");
        }
    }
}

#[test]
fn a_title_ends_without_a_period_in_every_language_and_a_reason_with_one() {
    for language in others() {
        for (key, text) in texts(&language) {
            let ends = text.ends_with('.');
            match key.1.rsplit_once('/').map(|(_, part)| part) {
                Some("title" | "exact") => assert!(!ends, "{language}: {key:?}"),
                Some("why") => assert!(ends, "{language}: {key:?}"),
                _ => {}
            }
        }
    }
}

//! The page in German: who wants it gets it, all of it, and can change that.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use mxray_lab::Config;
use rstest::rstest;

use crate::driver::{Browser, browse, browse_in};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

/// Shorter ones are names, or the same word in both languages.
const SENTENCE: usize = 13;

/// All that somebody reads or hears.
const SAID: &str = "
    const labels = document.querySelectorAll('[aria-label]');
    const said = [...labels].map(label => label.ariaLabel);
    return [document.title, document.body.textContent, ...said].join('\\n');";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_german_reads_no_english_sentence(#[values(Chromium, Firefox)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let english = english_alone();
    browse_in(engine, "de-AT,de,en", async |browser| {
        for domain in ["enforce.example", "mx-not-covered.example", "nothing.example"] {
            browser.scanned(&format!("{}/?domain={domain}", product.address())).await;
            browser.deepens().await;
            browser.appears("#matrix table, #matrix p").await;
            assert_eq!(language(browser).await, "de", "{domain}");
            let said: String = browser.look(SAID).await;
            for (sentence, key) in &english {
                assert!(!said.contains(sentence.as_str()), "{domain}: {key}: {sentence}");
            }
        }
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_language_can_be_changed_and_stays_as_it_was_chosen(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        assert_eq!(language(browser).await, "en", "as the browser asks for");
        browser.click("footer a[hreflang=de]").await;
        browser.appears("html[lang=de] #status[data-state=done]").await;
        browser.reports_on("enforce.example").await;

        // The address is that of the English page, which may come to life before it hands over.
        browser.open(&product.address()).await;
        browser.appears("html[lang=de] form[novalidate]").await;
        browser.click("footer a[hreflang=en]").await;
        browser.appears("html[lang=en] form[novalidate]").await;
        browser.scanned(&format!("{}/?domain=testing.example", product.address())).await;
        assert_eq!(language(browser).await, "en", "as it was chosen at last");
    })
    .await;
    product.stop().await;
}

async fn language(browser: &Browser) -> String {
    browser.look("return document.documentElement.lang").await
}

/// What English says and German does not, by the pieces between data, and the key of each.
fn english_alone() -> BTreeMap<String, String> {
    let german = texts("de");
    let is_english = |piece: &&str| !german.values().any(|said| said.contains(*piece));
    let mut sentences = BTreeMap::new();
    for (key, said) in &texts("en") {
        let pieces = said.split(['{', '}']).step_by(2).map(str::trim);
        for piece in pieces.filter(|piece| piece.chars().count() >= SENTENCE).filter(is_english) {
            sentences.insert(piece.to_owned(), key.clone());
        }
    }
    assert!(sentences.len() > 1000, "{}", sentences.len());
    sentences
}

/// Every text of a language, by its key; a rule's sentences with their part.
fn texts(language: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../texts").join(language);
    let mut texts = BTreeMap::new();
    for file in files(&folder).unwrap() {
        for (key, value) in fs::read_to_string(file).unwrap().parse::<toml::Table>().unwrap() {
            match value {
                toml::Value::String(word) => drop(texts.insert(key, word)),
                toml::Value::Table(rule) => {
                    for (part, said) in
                        rule.iter().filter_map(|(part, it)| Some((part, it.as_str()?)))
                    {
                        texts.insert(format!("{key} {part}"), said.to_owned());
                    }
                }
                _ => {}
            }
        }
    }
    texts
}

/// The files of words below a folder.
fn files(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(files)
}

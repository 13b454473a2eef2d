//! What the page says: the texts of one language, and how the engine's sentences get their data.

use std::rc::Rc;

use gloo_net::http::Request;
use js_sys::Date;
use mxray_facts::Timestamp;
use mxray_records::texts::{RuleText, Texts, fill};
use mxray_records::{Finding, Params, harmless};
use mxray_scan::Sentence;
use wasm_bindgen::JsValue;
use web_sys::{Document, window};

use crate::fetch::{Fetcher, from_json};

/// The texts of the visitor's language.
#[derive(Clone, Debug)]
pub(crate) struct Voice {
    texts: Rc<Texts>,
    /// Its tag, such as `en`.
    language: String,
}

impl PartialEq for Voice {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.texts, &other.texts)
    }
}

impl Voice {
    /// Loads the file of the first language that visitor and page share, English else.
    pub(crate) async fn load(document: &Document) -> Option<Self> {
        let meta = document.query_selector("meta[name=mxray-texts]").ok()??;
        let files = meta.get_attribute("content")?;
        let files: Vec<&str> = files.split_ascii_whitespace().collect();
        let file = choose(&files, &preferred())?;
        let text = Fetcher::new()?.small_text(Request::get(file)).await?;
        let language = language_of(file).unwrap_or("en").to_owned();
        Some(Self { texts: Rc::new(from_json(&text)?), language })
    }

    /// A word by its key.
    pub(crate) fn word(&self, key: &str) -> String {
        self.texts.word(key).to_owned()
    }

    /// A word of a family, such as `verdict.pass`.
    pub(crate) fn of(&self, family: &str, name: &str) -> String {
        self.word(&format!("{family}.{name}"))
    }

    /// A word with data in it.
    pub(crate) fn with(&self, key: &str, params: &Params) -> String {
        harmless(&fill(self.texts.word(key), params)).into_owned()
    }

    /// A sentence of the engine.
    pub(crate) fn sentence(&self, sentence: &Sentence) -> String {
        self.with(sentence.key, &sentence.params)
    }

    /// A day, as people of this language write it.
    pub(crate) fn date(&self, at: Timestamp) -> String {
        let date = Date::new(&JsValue::from_f64(at.0 as f64 * 1000.0));
        date.to_locale_date_string(&self.language, &JsValue::UNDEFINED).into()
    }

    /// A sentence of a finding's rule.
    pub(crate) fn finding(
        &self,
        finding: &Finding,
        which: impl Fn(&RuleText) -> &String,
    ) -> String {
        harmless(&self.texts.say(finding, which)).into_owned()
    }
}

/// The visitor's languages, the favorite first.
fn preferred() -> Vec<String> {
    let languages = window().map(|window| window.navigator().languages());
    languages.into_iter().flatten().filter_map(|language| language.as_string()).collect()
}

/// The file of the first preferred language that has one, else the first file.
fn choose<'a>(files: &[&'a str], preferred: &[String]) -> Option<&'a str> {
    let speaks = |language: &str| {
        let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        files.iter().find(|file| language_of(file) == Some(primary.as_str()))
    };
    preferred.iter().find_map(|language| speaks(language)).or(files.first()).copied()
}

/// `en` of `texts-en-0123456789abcdef.json`.
fn language_of(file: &str) -> Option<&str> {
    file.strip_prefix("texts-")?.split('-').next()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::choose;

    #[test]
    fn the_first_language_that_both_know_is_spoken() {
        let files = ["texts-en-01.json", "texts-de-02.json"];
        for (reason, preferred, expected) in [
            ("a language with a region", &["de-AT", "en"][..], "texts-de-02.json"),
            ("the second choice", &["fr", "de"], "texts-de-02.json"),
            ("none that is there", &["fr"], "texts-en-01.json"),
            ("no wish at all", &[], "texts-en-01.json"),
        ] {
            let preferred: Vec<String> = preferred.iter().map(|&tag| tag.to_owned()).collect();
            assert_eq!(choose(&files, &preferred), Some(expected), "{reason}");
        }
    }
}

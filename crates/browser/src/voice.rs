//! What the page says: the texts of one language, and how the engine's sentences get their data.

use gloo_net::http::Request;
use js_sys::{JSON, Object, Reflect};
use mxray_records::texts::fill;
use mxray_records::{Finding, Params, Rule, harmless};
use mxray_scan::{Check, Sentence};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Document;

use crate::fetch::Fetcher;

/// The texts of the visitor's language, as `mxray_records::texts::Texts` describes them.
///
/// They stay on the browser's side; a word is looked up when it is said. The rules of a family are
/// learned when one of them applies: few domains need more than two.
#[derive(Clone, Debug)]
pub struct Voice {
    /// What is known of the texts so far.
    pub texts: JsValue,
    /// As BCP 47 writes it: `en`.
    pub language: String,
    /// Where the files of texts are, with a final slash; empty where the page itself is.
    pub folder: String,
}

impl PartialEq for Voice {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

/// A sentence that every rule has.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// What is the matter.
    Title,
    /// Why it matters.
    Why,
    /// What to do about it.
    Fix,
    /// The exact statement.
    Exact,
}

impl Voice {
    /// Loads the file that the document names: each language has a document of its own.
    pub async fn load(document: &Document) -> Option<Self> {
        let meta = document.query_selector("meta[name=mxray-texts]").ok()??;
        let file = meta.get_attribute("content")?;
        let text = Fetcher::new()?.small_text(Request::get(&file)).await?;
        let language = file.split('-').nth(1)?.to_owned();
        Some(Self { texts: JSON::parse(&text).ok()?, language, folder: String::new() })
    }

    /// Whether every sentence about a check's findings is there.
    pub fn knows(&self, check: &Check) -> bool {
        check.findings.iter().all(|found| self.file_with(family(found.finding.rule)).is_none())
    }

    /// Loads the sentences of rules. What cannot be had is shown by its code.
    pub async fn learn(&self, rules: Vec<&'static Rule>) {
        for rule in rules {
            self.add(family(rule), "rules").await;
        }
    }

    /// Loads the words of a part of the page that not everybody opens: `depth`.
    pub async fn learn_words(&self, part: &str) {
        self.add(part, "words").await;
    }

    async fn add(&self, family: &str, into: &str) {
        let Some(file) = self.file_with(family) else { return };
        if let Some(fetcher) = Fetcher::new()
            && let Some(text) = fetcher.small_text(Request::get(&file)).await
            && let Ok(more) = JSON::parse(&text)
        {
            let (all, more): (Object, Object) =
                (self.part(into).unchecked_into(), more.unchecked_into());
            Object::assign(&all, &more);
        }
        // It fails for an object that is frozen, and this is not.
        let missing: Object = self.part("more").unchecked_into();
        let _ = Reflect::delete_property(&missing, &family.into());
    }

    /// The file of a family that has yet to be loaded.
    fn file_with(&self, family: &str) -> Option<String> {
        let version = self.find(&["more", family])?;
        Some([&*self.folder, "more-", &self.language, "-", family, "-", &version, ".json"].concat())
    }

    fn part(&self, name: &str) -> JsValue {
        Reflect::get(&self.texts, &name.into()).unwrap_or_default()
    }

    /// A word by its key; the key itself where a translation lacks it, so that nothing goes blank.
    pub fn word(&self, key: &str) -> String {
        self.find(&["words", key]).unwrap_or_else(|| key.to_owned())
    }

    /// A word of a family, such as `verdict.pass`.
    pub fn of(&self, family: &str, name: &str) -> String {
        self.word(&[family, ".", name].concat())
    }

    /// A word with data in it.
    pub fn with(&self, key: &str, params: &Params) -> String {
        harmless(&fill(&self.word(key), params)).into_owned()
    }

    /// A word with one datum in it.
    pub fn with_one(&self, key: &str, name: &'static str, value: String) -> String {
        self.with(key, &vec![(name, value)])
    }

    /// A sentence of the engine.
    pub fn sentence(&self, sentence: &Sentence) -> String {
        self.with(sentence.key, &sentence.params)
    }

    /// A sentence of a finding's rule.
    pub fn finding(&self, finding: &Finding, part: Part) -> String {
        let part = match part {
            Part::Title => "title",
            Part::Why => "why",
            Part::Fix => "fix",
            Part::Exact => "exact",
        };
        let code = finding.rule.code;
        let template = self.find(&["rules", code, part]).unwrap_or_else(|| code.to_owned());
        harmless(&fill(&template, &finding.params)).into_owned()
    }

    fn find(&self, path: &[&str]) -> Option<String> {
        let step = |value: JsValue, key: &&str| Reflect::get(&value, &JsValue::from_str(key)).ok();
        path.iter().try_fold(self.texts.clone(), step)?.as_string()
    }
}

/// `spf.record` of `spf.record.version-missing`.
fn family(rule: &Rule) -> &'static str {
    rule.code.rsplit_once('.').map_or("", |(family, _)| family)
}

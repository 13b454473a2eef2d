//! What the page says: the texts of one language, and how the engine's sentences get their data.

use std::rc::Rc;

use gloo_net::http::Request;
use js_sys::{Date, JSON, Object, Reflect};
use mxray_facts::Timestamp;
use mxray_records::texts::fill;
use mxray_records::{Finding, Params, Rule, harmless};
use mxray_scan::{Check, Sentence};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, window};

use crate::fetch::Fetcher;

/// The texts of the visitor's language, as `mxray_records::texts::Texts` describes them.
///
/// They stay on the browser's side; a word is looked up when it is said. The rules of a family are
/// learned when one of them applies: few domains need more than two.
#[derive(Clone, Debug)]
pub(crate) struct Voice {
    texts: JsValue,
    language: String,
}

impl PartialEq for Voice {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

/// A sentence that every rule has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Title,
    Why,
    Fix,
    Exact,
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
        Some(Self { texts: JSON::parse(&text).ok()?, language })
    }

    /// Whether every sentence about a check's findings is there.
    pub(crate) fn knows(&self, check: &Check) -> bool {
        check.findings.iter().all(|found| self.file_with(found.finding.rule).is_none())
    }

    /// Loads the sentences about a check's findings. What cannot be had is shown by its code.
    pub(crate) async fn learn(&self, check: Rc<Check>) {
        for found in &check.findings {
            let rule = found.finding.rule;
            let Some(file) = self.file_with(rule) else { continue };
            if let Some(fetcher) = Fetcher::new()
                && let Some(text) = fetcher.small_text(Request::get(&file)).await
                && let Ok(rules) = JSON::parse(&text)
            {
                let (all, rules): (Object, Object) =
                    (self.part("rules").unchecked_into(), rules.unchecked_into());
                Object::assign(&all, &rules);
            }
            // It fails for an object that is frozen, and this is not.
            let more: Object = self.part("more").unchecked_into();
            let _ = Reflect::delete_property(&more, &family(rule).into());
        }
    }

    /// The file that has yet to be loaded for a rule.
    fn file_with(&self, rule: &Rule) -> Option<String> {
        let version = self.find(&["more", family(rule)])?;
        Some(["rules-", &self.language, "-", family(rule), "-", &version, ".json"].concat())
    }

    fn part(&self, name: &str) -> JsValue {
        Reflect::get(&self.texts, &name.into()).unwrap_or_default()
    }

    /// A word by its key; the key itself where a translation lacks it, so that nothing goes blank.
    pub(crate) fn word(&self, key: &str) -> String {
        self.find(&["words", key]).unwrap_or_else(|| key.to_owned())
    }

    /// A word of a family, such as `verdict.pass`.
    pub(crate) fn of(&self, family: &str, name: &str) -> String {
        self.word(&[family, ".", name].concat())
    }

    /// A word with data in it.
    pub(crate) fn with(&self, key: &str, params: &Params) -> String {
        harmless(&fill(&self.word(key), params)).into_owned()
    }

    /// A word with one datum in it.
    pub(crate) fn with_one(&self, key: &str, name: &'static str, value: String) -> String {
        self.with(key, &vec![(name, value)])
    }

    /// A sentence of the engine.
    pub(crate) fn sentence(&self, sentence: &Sentence) -> String {
        self.with(sentence.key, &sentence.params)
    }

    /// A sentence of a finding's rule.
    pub(crate) fn finding(&self, finding: &Finding, part: Part) -> String {
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

    /// A day, as people of this language write it.
    pub(crate) fn date(&self, at: Timestamp) -> String {
        let date = Date::new(&JsValue::from_f64(at.0 as f64 * 1000.0));
        date.to_locale_date_string(&self.language, &JsValue::UNDEFINED).into()
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

/// The visitor's languages, the favorite first.
fn preferred() -> Vec<String> {
    let languages = window().map(|window| window.navigator().languages());
    languages.into_iter().flatten().filter_map(|language| language.as_string()).collect()
}

/// The file of the first preferred language that has one, else the first file.
fn choose<'a>(files: &[&'a str], preferred: &[String]) -> Option<&'a str> {
    let speaks = |language: &String| {
        let primary = language.split('-').next().unwrap_or_default();
        files.iter().find(|file| {
            language_of(file).is_some_and(|spoken| spoken.eq_ignore_ascii_case(primary))
        })
    };
    preferred.iter().find_map(speaks).or(files.first()).copied()
}

/// `en` of `texts-en-0123456789abcdef.json`.
fn language_of(file: &str) -> Option<&str> {
    file.strip_prefix("texts-")?.split('-').next()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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

    /// Keys that the page puts together: the family, and what may follow.
    fn families() -> Vec<String> {
        let checks = mxray_scan::CheckId::ALL.map(|id| format!("page.about.{}", id.as_str()));
        let stages = ["none", "broken", "testing", "enforce", "refused", "no-mail", "unknown"];
        let columns = ["host", "addresses", "coverage", "encryption", "certificate"];
        let stages = stages.map(|name| format!("page.stage.{name}"));
        let columns = columns.map(|name| format!("page.hosts.{name}"));
        let errors = ["empty", "too-long", "empty-label", "label-too-long", "character", "hyphen"];
        let errors = errors.into_iter().chain(["address", "no-dot", "international"]);
        let errors = errors.map(|name| format!("domain.{name}"));
        checks.into_iter().chain(stages).chain(columns).chain(errors).collect()
    }

    #[test]
    fn the_form_says_the_same_before_the_page_is_there() {
        let texts: toml::Table = include_str!("../../texts/en/page.toml").parse().unwrap();
        for key in ["page.domain", "page.check"] {
            let word = format!(">{}</", texts[key].as_str().unwrap());
            assert!(include_str!("../../index.html").contains(&word), "{key}");
        }
    }

    #[test]
    fn every_word_of_the_page_is_written_and_none_is_left_over() {
        let source = [
            include_str!("view/alarm.rs"),
            include_str!("view/answers.rs"),
            include_str!("view/check.rs"),
            include_str!("view/copy.rs"),
            include_str!("view/evidence.rs"),
            include_str!("view/finding.rs"),
            include_str!("view/form.rs"),
            include_str!("view/hosts.rs"),
            include_str!("view/mod.rs"),
            include_str!("view/progress.rs"),
            include_str!("view/save.rs"),
            include_str!("view/stage.rs"),
            include_str!("view/steps.rs"),
        ];
        let families = families();
        let said = source.iter().flat_map(|file| file.split('"'));
        let said = said.filter(|piece| piece.starts_with("page."));
        let is_family =
            |key: &&str| families.iter().any(|whole| whole.starts_with(&format!("{key}.")));
        let own = ["page.stage", "page.hosts"];
        let mut used: BTreeSet<&str> =
            said.filter(|key| own.contains(key) || !is_family(key)).collect();
        used.extend(families.iter().map(String::as_str));
        let texts: toml::Table = include_str!("../../texts/en/page.toml").parse().unwrap();
        let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
        assert_eq!(written, used);
    }
}

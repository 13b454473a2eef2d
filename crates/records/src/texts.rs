//! What people read: the sentences of `texts/<language>`, keyed by rule code and by word.
//!
//! The sentences themselves are data that each face loads for itself; this is
//! only their shape and how a finding's data gets into them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Finding;

/// The sentences of one rule, with `{placeholders}` for a finding's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// What is the matter, for somebody who does not know what DNS is.
    pub title: String,
    /// Why it matters to a business.
    pub why: String,
    /// What to do about it.
    pub fix: String,
    /// The exact statement for an administrator.
    pub exact: String,
}

/// All that is said in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// By rule code.
    pub rules: BTreeMap<String, RuleText>,
    /// Every other string on screen, by its key.
    pub words: BTreeMap<String, String>,
}

impl Texts {
    /// The word at a key; the key itself where a translation lacks it, so that nothing goes blank.
    #[must_use]
    pub fn word<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key).map_or(key, String::as_str)
    }

    /// One of the sentences of a finding's rule, with the finding's data in it; the rule's code where there is none.
    #[must_use]
    pub fn say(&self, finding: &Finding, which: impl Fn(&RuleText) -> &String) -> String {
        let code = finding.rule.code;
        self.rules
            .get(code)
            .map_or_else(|| code.to_owned(), |rule| fill(which(rule), &finding.params))
    }
}

/// What stands for a datum that only a finding knows.
pub const BLANK: char = '…';

/// A sentence with [`BLANK`] in place of its placeholders.
///
/// ```
/// use mxray_records::texts::blank;
/// assert_eq!(blank("mode is “{value}”"), "mode is “…”");
/// ```
#[must_use]
pub fn blank(template: &str) -> String {
    let mut pieces = template.split('{');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |said, piece| match piece.split_once('}') {
        Some((_, rest)) => format!("{said}{BLANK}{rest}"),
        None => format!("{said}{{{piece}"),
    })
}

/// Puts data into a sentence's placeholders; one that has no datum stays as it is.
///
/// ```
/// use mxray_records::texts::fill;
/// assert_eq!(fill("mode is “{value}”", &[("value", "enforced".into())]), "mode is “enforced”");
/// ```
#[must_use]
pub fn fill(template: &str, params: &[(&'static str, String)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let datum = after
            .split_once('}')
            .and_then(|(name, rest)| Some((params.iter().find(|(key, _)| *key == name)?, rest)));
        match datum {
            Some(((_, value), after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

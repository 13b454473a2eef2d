//! The examples on a rule's page: what raises it, underlined, and what comes close.

use std::collections::BTreeMap;
use std::path::Path;

use mxray_records::example::{Example, Examples};
use mxray_records::texts::fill;
use mxray_records::{Finding, Rule, harmless};

use super::{GALLERY, Reference};
use crate::Result;
use crate::reading::markup::{Element, element, link};
use crate::reading::shown::{marked, pre};
use crate::reading::{tables, understood};

/// The examples of all rules about a text, by the rule's code.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, Examples>> {
    let mut examples = BTreeMap::new();
    for (file, table) in tables(folder)? {
        for (code, value) in table {
            examples.insert(code, understood(&file, value)?);
        }
    }
    Ok(examples)
}

/// The lines of a long policy that are shown.
const MAX_LINES: usize = 8;

impl Reference<'_> {
    /// The section about a rule's examples, if it has any.
    pub(super) fn example(&self, rule: &Rule) -> Option<Element> {
        let section = self.section("reference.rule.example");
        let Some(Examples { raises, near }) = self.examples.get(rule.code) else {
            let sample = self.sample(rule.code)?;
            let address = format!("{GALLERY}#{}", sample.name);
            let about = self.about(element("span"), sample);
            let about = element("p").with(about).text(" ").with(link(address, &sample.name));
            return Some(section.with(about));
        };
        let findings = raises.findings(rule.code);
        let found = findings.iter().find(|finding| finding.rule == rule);
        let mut section = section.with(self.intro("reference.rule.raises"));
        section = section.all(self.shown(raises, found));
        if let Some(finding) = found {
            section = section.with(self.said(finding));
        }
        if let Some(fix) = found.and_then(|finding| finding.fix.as_deref()) {
            section = section.with(self.intro("reference.rule.corrected")).with(pre(fix));
        }
        section = section.with(self.intro("reference.rule.near"));
        Some(section.all(self.shown(near, None)))
    }

    pub(super) fn intro(&self, key: &str) -> Element {
        element("p").text(self.word(key))
    }

    fn said(&self, finding: &Finding) -> Element {
        let exact = self.frame.texts.say(finding, |text| &text.exact);
        element("p").class("exact").text(harmless(&exact))
    }

    fn shown(&self, example: &Example, found: Option<&Finding>) -> Vec<Element> {
        let say = |key, param, value| element("p").text(fill(&self.word(key), &[(param, value)]));
        match example {
            Example::Records(records) => {
                let shown = |(index, record): (usize, &String)| marked(record, index, found);
                records.iter().enumerate().map(shown).collect()
            }
            Example::File(text) => vec![marked(text, 0, found)],
            Example::Covering { policy, mx } => {
                vec![marked(policy, 0, found), say("reference.rule.hosts", "hosts", mx.join(", "))]
            }
            Example::Long { policy, line, times } => {
                let more = times.saturating_sub(MAX_LINES).to_string();
                let begin = pre(&(policy.clone() + &line.repeat(MAX_LINES)));
                vec![begin, say("reference.rule.more", "count", more)]
            }
            Example::Served { content_type: Some(value) } => {
                vec![say("reference.rule.header", "value", value.clone())]
            }
            Example::Served { content_type: None } => vec![self.intro("reference.rule.no-header")],
        }
    }
}

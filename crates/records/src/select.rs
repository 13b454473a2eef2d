//! Which of the records at a name counts, where exactly one may.

use crate::{Finding, Parsed, RecordSet, Rule, Text};

/// How one kind of record is picked out of the texts at its name.
pub(crate) struct Selection<T> {
    /// Reads one text.
    pub(crate) parse: fn(&Text) -> Parsed<T>,
    /// Whether a text survives when there are several.
    pub(crate) begins: fn(&str) -> bool,
    /// Several texts survive.
    pub(crate) several: &'static Rule,
    /// A text is not of this kind, and is skipped.
    pub(crate) unrelated: &'static Rule,
    /// A text would do if it stood alone, where that can be.
    pub(crate) discarded: Option<&'static Rule>,
}

impl<T> Selection<T> {
    /// Reads all texts; those that do not begin as they should are discarded if there are several.
    ///
    /// RFC 8461 §3.1, RFC 8460 §3; RFC 9989 §4.10 and BIMI §7.2 say the same for theirs.
    pub(crate) fn read(&self, texts: &[Text]) -> RecordSet<T> {
        let parsed =
            texts.iter().enumerate().map(|(index, text)| (self.parse)(text).in_record(index));
        let mut set = RecordSet { records: parsed.collect(), chosen: None, findings: Vec::new() };
        let candidates = self.candidates(texts);
        if let [only] = *candidates {
            set.chosen = set.records.get(only).is_some_and(|record| record.usable).then_some(only);
        }
        if let [_, second, ..] = *candidates {
            let finding =
                Finding::at(self.several, 0..texts[second].as_str().len()).in_record(second);
            set.findings.push(finding.with("count", candidates.len().to_string()));
        }
        for (index, record) in set.records.iter_mut().enumerate() {
            if !candidates.contains(&index) || !record.ours {
                self.discard(record, &texts[index], index, candidates.is_empty());
            }
        }
        set
    }

    fn candidates(&self, texts: &[Text]) -> Vec<usize> {
        let survives = |text: &Text| texts.len() == 1 || (self.begins)(text.as_str());
        (0..texts.len()).filter(|index| survives(&texts[*index])).collect()
    }

    /// What is wrong with a discarded text matters only where no other is left.
    fn discard(&self, record: &mut Parsed<T>, text: &Text, index: usize, none_left: bool) {
        let whole = 0..text.as_str().len();
        if !record.ours || !none_left {
            record.findings = vec![Finding::at(self.unrelated, whole).in_record(index)];
        } else if let Some(rule) = self.discarded.filter(|_| record.usable) {
            record.findings.push(Finding::at(rule, whole).in_record(index));
        }
        record.usable = false;
    }
}

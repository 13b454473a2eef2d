//! Which of the records at a name counts, where exactly one may.

use crate::{Finding, Parsed, RecordSet, Rule, Text};

/// What was found in one text, apart from its value.
pub(crate) struct Found {
    pub(crate) ours: bool,
    pub(crate) usable: bool,
    pub(crate) findings: Vec<Finding>,
}

impl<T> RecordSet<T> {
    /// Reads all texts. `select` says which of them are candidates, and may change what was found in the others.
    pub(crate) fn read(
        texts: &[Text],
        parse: fn(&Text) -> Parsed<T>,
        several: &'static Rule,
        select: impl FnOnce(&mut [Found]) -> Vec<usize>,
    ) -> Self {
        let (mut values, mut found) = (Vec::new(), Vec::new());
        for Parsed { value, ours, usable, findings } in texts.iter().map(parse) {
            values.push(value);
            found.push(Found { ours, usable, findings });
        }
        let candidates = select(&mut found);
        let chosen = choose(&found, &candidates);
        Self {
            value: chosen.and_then(|index| values.swap_remove(index)),
            chosen,
            ours: found.iter().any(|found| found.ours),
            findings: gather(texts, found, &candidates, several),
        }
    }
}

/// The one candidate, if a receiver would use it.
fn choose(found: &[Found], candidates: &[usize]) -> Option<usize> {
    match *candidates {
        [only] => found.get(only)?.usable.then_some(only),
        _ => None,
    }
}

fn gather(
    texts: &[Text],
    found: Vec<Found>,
    candidates: &[usize],
    several: &'static Rule,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let [_, second, ..] = *candidates {
        let finding = Finding::at(several, 0..texts[second].as_str().len()).in_record(second);
        findings.push(finding.with("count", candidates.len().to_string()));
    }
    for (index, found) in found.into_iter().enumerate() {
        findings.extend(found.findings.into_iter().map(|finding| finding.in_record(index)));
    }
    findings
}

/// How one kind of record is picked out of the texts at its name.
pub(crate) struct Selection {
    /// Whether a text survives when there are several.
    pub(crate) begins: fn(&str) -> bool,
    /// Several texts survive.
    pub(crate) several: &'static Rule,
    /// A text is not of this kind, and is skipped.
    pub(crate) unrelated: &'static Rule,
    /// A text would do if it stood alone, where that can be.
    pub(crate) discarded: Option<&'static Rule>,
}

impl Selection {
    /// Reads all texts; those that do not begin as they should are discarded if there are several.
    ///
    /// RFC 8461 §3.1, RFC 8460 §3; RFC 9989 §4.10 and BIMI §7.2 say the same for theirs.
    pub(crate) fn read<T>(&self, texts: &[Text], parse: fn(&Text) -> Parsed<T>) -> RecordSet<T> {
        RecordSet::read(texts, parse, self.several, |found| self.select(texts, found))
    }

    fn select(&self, texts: &[Text], found: &mut [Found]) -> Vec<usize> {
        let survives = |text: &Text| texts.len() == 1 || (self.begins)(text.as_str());
        let candidates: Vec<usize> =
            (0..texts.len()).filter(|index| survives(&texts[*index])).collect();
        for (index, found) in found.iter_mut().enumerate() {
            if !candidates.contains(&index) || !found.ours {
                self.discard(found, &texts[index], candidates.is_empty());
            }
        }
        candidates
    }

    /// What is wrong with a discarded text matters only where no other is left.
    fn discard(&self, found: &mut Found, text: &Text, none_left: bool) {
        let whole = 0..text.as_str().len();
        if !found.ours || !none_left {
            found.findings = vec![Finding::at(self.unrelated, whole)];
        } else if let Some(rule) = self.discarded.filter(|_| found.usable) {
            found.findings.push(Finding::at(rule, whole));
        }
    }
}

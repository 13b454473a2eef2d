//! Which of the records at a name counts, where exactly one may.

use crate::{Finding, Parsed, RecordSet, Rule, Text};

/// What was found in one text, apart from its value.
pub(crate) struct Found {
    pub(crate) ours: bool,
    pub(crate) usable: bool,
    pub(crate) findings: Vec<Finding>,
}

/// Which texts are candidates; what was found in the others may be changed.
type Select<'a> = &'a dyn Fn(&mut [Found]) -> Vec<usize>;

impl<T> RecordSet<T> {
    /// Reads all texts, and the one that counts once more for its value.
    pub(crate) fn read(
        texts: &[Text],
        parse: fn(&Text) -> Parsed<T>,
        several: &'static Rule,
        select: Select<'_>,
    ) -> Self {
        let find = |text: &Text| {
            let Parsed { ours, usable, findings, .. } = parse(text);
            Found { ours, usable, findings }
        };
        let RecordSet { chosen, ours, findings, .. } = choose(texts, &find, several, select);
        let value = chosen.and_then(|index| parse(&texts[index]).value);
        Self { value, chosen, ours, findings }
    }
}

/// All of a set but its value.
fn choose(
    texts: &[Text],
    find: &dyn Fn(&Text) -> Found,
    several: &'static Rule,
    select: Select<'_>,
) -> RecordSet<()> {
    let mut found: Vec<Found> = texts.iter().map(find).collect();
    let ours = found.iter().any(|found| found.ours);
    let mut findings = Vec::new();
    let candidates = select(&mut found);
    let chosen = match candidates[..] {
        [only] => found[only].usable.then_some(only),
        [_, second, ..] => {
            let whole = 0..texts[second].as_str().len();
            let finding = Finding::at(several, whole).in_record(second);
            findings.push(finding.with("count", candidates.len().to_string()));
            None
        }
        [] => None,
    };
    for (index, found) in found.into_iter().enumerate() {
        findings.extend(found.findings.into_iter().map(|finding| finding.in_record(index)));
    }
    RecordSet { value: None, chosen, ours, findings }
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
        RecordSet::read(texts, parse, self.several, &|found| self.select(texts, found))
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

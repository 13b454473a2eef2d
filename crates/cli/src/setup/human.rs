//! What to publish, as a person reads it at a terminal.

use std::fmt::{self, Formatter, Write};

use anstyle::{AnsiColor, Style};
use mxray_records::harmless;
use mxray_records::texts::{Texts, fill};
use mxray_scan::Sentence;
use mxray_scan::depth::Place;
use mxray_setup::spf::Mending;
use mxray_setup::{Change, Draft, Kept};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default();

/// A draft, to be shown.
pub(super) struct Human<'a> {
    pub(super) draft: Option<&'a Draft>,
    /// What became of the SPF record, if that was wanted.
    pub(super) mending: Option<&'a Mending>,
    /// The MX hosts that a policy has to cover.
    pub(super) hosts: &'a [String],
    pub(super) texts: &'a Texts,
}

impl fmt::Display for Human<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(mending) = self.mending {
            self.mending(f, mending)?;
        }
        let Some(draft) = self.draft else { return Ok(()) };
        writeln!(f, "{}", self.texts.word("after.in-order"))?;
        let found = draft.lint(self.hosts);
        for (place, change) in draft.changes.iter().enumerate() {
            self.change(f, place + 1, change)?;
            for (_, finding) in found.iter().filter(|(of, _)| *of == place) {
                let text = self.texts.rules.get(finding.rule.code);
                let said = |template: Option<&String>| {
                    harmless(&fill(template.map_or("", String::as_str), &finding.params))
                        .into_owned()
                };
                let (title, fix) = (said(text.map(|it| &it.title)), said(text.map(|it| &it.fix)));
                writeln!(f, "   {YELLOW}{title}{YELLOW:#}. {fix}")?;
            }
        }
        Ok(())
    }
}

impl Human<'_> {
    /// The same as a file: what goes where, in order.
    pub(super) fn readme(&self) -> String {
        let Some(draft) = self.draft else { return String::new() };
        let mut text = format!("{}\n{}\n", draft.domain, self.texts.word("after.in-order"));
        for (number, change) in (1..).zip(&draft.changes) {
            let _ = writeln!(text, "\n{number}. {}", self.place(&change.place));
            for line in change.after.iter().flat_map(|text| text.lines()) {
                let _ = writeln!(text, "   {line}");
            }
        }
        text
    }

    fn change(&self, f: &mut Formatter<'_>, number: usize, change: &Change) -> fmt::Result {
        let key = match change.kept() {
            Kept::Added => "after.change.added",
            Kept::Replaced => "after.change.replaced",
            Kept::Same => "after.change.same",
            Kept::Removed => "after.change.removed",
        };
        let (place, kept) = (self.place(&change.place), self.texts.word(key));
        writeln!(f, "\n{number}. {BOLD}{place}{BOLD:#} {DIM}({kept}){DIM:#}")?;
        let lines = |texts: &[String]| -> Vec<String> {
            texts
                .iter()
                .flat_map(|text| text.lines())
                .map(|line| harmless(line).into_owned())
                .collect()
        };
        let (before, after) = (lines(&change.before), lines(&change.after));
        for gone in before.iter().filter(|line| !after.contains(line)) {
            writeln!(f, " {RED}- {gone}{RED:#}")?;
        }
        for line in &after {
            if before.contains(line) {
                writeln!(f, "   {line}")?;
            } else {
                writeln!(f, " {GREEN}+ {line}{GREEN:#}")?;
            }
        }
        Ok(())
    }

    fn mending(&self, f: &mut Formatter<'_>, mending: &Mending) -> fmt::Result {
        match (&mending.draft, mending.open.is_empty()) {
            (Some(_), _) => {}
            (None, true) => writeln!(f, "{}", self.texts.word("after.mend.sound"))?,
            (None, false) => writeln!(f, "{}", self.texts.word("after.mend.nothing-written"))?,
        }
        if let Some(lookups) = mending.lookups {
            let is_same = lookups.before == lookups.after;
            let key = if is_same { "after.mend.lookups.same" } else { "after.mend.lookups" };
            let counts =
                [("before", lookups.before.to_string()), ("after", lookups.after.to_string())];
            writeln!(f, "{}", self.say(key, &counts))?;
        }
        self.sentences(f, "after.mend.done", &mending.done)?;
        self.sentences(f, "after.mend.open", &mending.open)?;
        for cost in &mending.costs {
            let provider = cost.provider.iter().map(|name| format!(" ({name})"));
            let term = harmless(&cost.term).into_owned() + &provider.collect::<String>();
            writeln!(f, "  {:>3}  {}", cost.lookups, term)?;
        }
        writeln!(f)
    }

    fn sentences(&self, f: &mut Formatter<'_>, key: &str, sentences: &[Sentence]) -> fmt::Result {
        if sentences.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n{BOLD}{}{BOLD:#}", self.texts.word(key))?;
        for sentence in sentences {
            writeln!(f, "- {}", self.say(sentence.key, &sentence.params))?;
        }
        writeln!(f)
    }

    fn place(&self, place: &Place) -> String {
        match place {
            Place::Dns { name, record_type } => {
                let params = [("name", name.to_string()), ("type", (*record_type).to_owned())];
                self.say("plan.write.dns", &params)
            }
            Place::File { url } => self.say("plan.write.file", &[("url", url.clone())]),
        }
    }

    fn say(&self, key: &str, params: &[(&'static str, String)]) -> String {
        harmless(&fill(self.texts.word(key), params)).into_owned()
    }
}

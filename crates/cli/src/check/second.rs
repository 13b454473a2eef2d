//! What a second resolver says of the same records, as a person reads it at a terminal.

use std::fmt::{self, Formatter};

use anstyle::{AnsiColor, Style};
use mxray_records::harmless;
use mxray_records::texts::{Texts, fill};
use mxray_scan::depth::{Compared, Difference, Said};
use mxray_scan::{Gap, Sentence};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

/// The comparison, to be shown.
pub(super) struct Second<'a> {
    pub(super) compared: &'a Compared,
    pub(super) texts: &'a Texts,
}

impl fmt::Display for Second<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Compared { answered, differences, gaps } = self.compared;
        writeln!(f, "{BOLD}{}{BOLD:#}", self.texts.word("second.title"))?;
        if differences.is_empty() {
            writeln!(f, "  {}", self.say("second.same", &[("count", answered.to_string())]))?;
        }
        differences.iter().try_for_each(|difference| self.difference(f, difference))?;
        gaps.iter().try_for_each(|gap| self.gap(f, gap))
    }
}

impl Second<'_> {
    fn difference(&self, f: &mut Formatter<'_>, difference: &Difference) -> fmt::Result {
        let Difference { name, record_type, first, second, over_in } = difference;
        let about = [("name", name.to_string()), ("type", (*record_type).to_owned())];
        writeln!(f, "  {YELLOW}{}{YELLOW:#}", self.say("second.differs", &about))?;
        self.said(f, "second.first", first)?;
        self.said(f, "second.second", second)?;
        over_in.iter().try_for_each(|seconds| {
            let seconds = ("seconds", seconds.to_string());
            writeln!(f, "    {DIM}{}{DIM:#}", self.say("second.over", &[seconds]))
        })
    }

    fn said(&self, f: &mut Formatter<'_>, key: &str, Said { records, ttl }: &Said) -> fmt::Result {
        let records = match records.as_slice() {
            [] => self.texts.word("second.nothing").to_owned(),
            records => records.join(" | "),
        };
        write!(f, "    {}", self.say(key, &[("records", records)]))?;
        if let Some(ttl) = ttl {
            let seconds = ("seconds", ttl.to_string());
            write!(f, "  {DIM}{}{DIM:#}", self.say("second.remembers", &[seconds]))?;
        }
        writeln!(f)
    }

    fn gap(&self, f: &mut Formatter<'_>, Gap { what, reason }: &Gap) -> fmt::Result {
        let why = Sentence::from(reason);
        let why = ("why", self.say(why.key, &why.params));
        writeln!(f, "  {DIM}{}{DIM:#}", self.say("second.gap", &[("what", what.clone()), why]))
    }

    fn say(&self, key: &str, params: &[(&'static str, String)]) -> String {
        harmless(&fill(self.texts.word(key), params)).into_owned()
    }
}

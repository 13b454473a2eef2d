//! The SPF record: who may send in a domain's name (RFC 7208).
//!
//! This reads one record's terms; what they name is looked up elsewhere.
//!
//! ```
//! use mxray_records::spf;
//! let parsed = spf::parse(&"v=spf1 include:_spf.example.com -all".into());
//! let record = parsed.value.unwrap();
//! assert_eq!(record.includes().collect::<Vec<_>>(), ["_spf.example.com"]);
//! ```

mod exact;
mod macros;
mod term;

use std::fmt;

pub use exact::{ExactKind, ExactTerm, Matcher, Prefixes, read_exactly};
pub use macros::{Letter, MacroString};
pub use term::{Mechanism, Qualifier, Term, TermKind};

use crate::ascii;
use crate::{Finding, Parsed, RecordSet, Rule, Severity, Span, Text};

pub mod rules {
    //! What can be wrong with an SPF record.
    crate::rules! { "spf.record":
        /// The text is of another kind.
        FOREIGN = Fail, "foreign", "RFC 7208 §4.5";
        /// Several records: receivers get an error.
        SEVERAL_RECORDS = Fail, "several-records", "RFC 7208 §4.5";
        /// The version is misspelled, so that receivers do not see the record.
        VERSION_MALFORMED = Fail, "version-malformed", "RFC 7208 §4.5";
        /// A record of Sender ID, which nobody reads any more.
        SENDER_ID = Notice, "sender-id", "RFC 6686 §6";
        /// A character that is not printable ASCII, or a tab.
        CHARACTER = Fail, "character", "RFC 7208 §4.6";
        /// A mechanism that nobody knows.
        MECHANISM_UNKNOWN = Fail, "mechanism-unknown", "RFC 7208 §4.6.1";
        /// A mechanism that is misspelled.
        MECHANISM_MISSPELLED = Fail, "mechanism-misspelled", "RFC 7208 §4.6.1";
        /// Something that is neither mechanism nor modifier.
        TERM_MALFORMED = Fail, "term-malformed", "RFC 7208 §4.6.1";
        /// Nothing where a domain or address should be.
        ARGUMENT_MISSING = Fail, "argument-missing", "RFC 7208 §5";
        /// Something behind `all`.
        ARGUMENT_UNEXPECTED = Fail, "argument-unexpected", "RFC 7208 §5.1";
        /// Not an address, or not a network of its kind.
        ADDRESS_MALFORMED = Fail, "address-malformed", "RFC 7208 §5.6";
        /// Something that cannot become a domain, where one should be.
        DOMAIN_MALFORMED = Fail, "domain-malformed", "RFC 7208 §7.1";
        /// A percent sign that begins no macro.
        MACRO_MALFORMED = Fail, "macro-malformed", "RFC 7208 §7.1";
        /// A prefix length that an address of its kind cannot have.
        PREFIX_MALFORMED = Fail, "prefix-malformed", "RFC 7208 §5.6";
        /// `redirect` or `exp` a second time.
        MODIFIER_REPEATED = Fail, "modifier-repeated", "RFC 7208 §6";
        /// A modifier that nobody knows, and receivers ignore.
        MODIFIER_UNKNOWN = Notice, "modifier-unknown", "RFC 7208 §6";
        /// `ip4=` instead of `ip4:`, which receivers ignore.
        EQUALS_SIGN = Warning, "equals-sign", "RFC 7208 §6";
        /// More questions than receivers ask.
        TOO_MANY_LOOKUPS = Fail, "too-many-lookups", "RFC 7208 §4.6.4";
        /// Everybody may send.
        ALL_PASSES = Fail, "all-passes", "RFC 7208 §5.1";
        /// Nothing is said of everybody else.
        ALL_NEUTRAL = Warning, "all-neutral", "RFC 7208 §5.1";
        /// The record has no end: nothing is said of everybody else.
        ALL_MISSING = Notice, "all-missing", "RFC 7208 §4.7";
        /// Terms behind `all`, which receivers never reach.
        AFTER_ALL = Warning, "after-all", "RFC 7208 §5.1";
        /// A `redirect` that `all` makes void.
        REDIRECT_IGNORED = Notice, "redirect-ignored", "RFC 7208 §6.1";
        /// `ptr` is slow and unreliable, and should not be used.
        PTR = Warning, "ptr", "RFC 7208 §5.5";
    }
}

/// The limit on terms that cause DNS questions, over all records that are read together (RFC 7208 §4.6.4).
pub const MAX_LOOKUPS: usize = 10;

/// What a record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its terms, in their order.
    pub terms: Vec<Term>,
}

impl Record {
    /// Its mechanisms, with what a match means, and their arguments.
    pub fn mechanisms(&self) -> impl Iterator<Item = (Qualifier, Mechanism, &str)> {
        self.terms.iter().filter_map(|term| match &term.kind {
            TermKind::Mechanism { qualifier, mechanism, argument } => {
                Some((*qualifier, *mechanism, argument.as_str()))
            }
            TermKind::Modifier { .. } => None,
        })
    }

    /// What is said of everybody that no other mechanism matches.
    #[must_use]
    pub fn all(&self) -> Option<Qualifier> {
        self.mechanisms()
            .find(|(_, mechanism, _)| *mechanism == Mechanism::All)
            .map(|(qualifier, ..)| qualifier)
    }

    /// The domains whose records are included.
    pub fn includes(&self) -> impl Iterator<Item = &str> {
        self.mechanisms()
            .filter(|(_, mechanism, _)| *mechanism == Mechanism::Include)
            .map(|(.., domain)| domain)
    }

    /// The domain whose record is read in its place, if nothing matches; `all` makes it void (RFC 7208 §6.1).
    #[must_use]
    pub fn redirect(&self) -> Option<&str> {
        let redirect = self.terms.iter().find_map(|term| match &term.kind {
            TermKind::Modifier { name, value } if name == "redirect" => Some(value.as_str()),
            _ => None,
        });
        redirect.filter(|_| self.all().is_none())
    }

    /// How many of its own terms count against [`MAX_LOOKUPS`].
    #[must_use]
    pub fn lookups(&self) -> usize {
        let mechanisms =
            self.mechanisms().take_while(|(_, mechanism, _)| *mechanism != Mechanism::All);
        mechanisms.filter(|(_, mechanism, _)| mechanism.costs_lookup()).count()
            + usize::from(self.redirect().is_some())
    }

    /// Whether everybody may send: `+all`.
    #[must_use]
    pub fn allows_anybody(&self) -> bool {
        self.all() == Some(Qualifier::Pass)
    }

    /// Whether nobody may: `-all`, and no mechanism before it.
    #[must_use]
    pub fn allows_nobody(&self) -> bool {
        let first = self.mechanisms().next();
        first.is_some_and(|(qualifier, mechanism, _)| {
            (qualifier, mechanism) == (Qualifier::Fail, Mechanism::All)
        })
    }
}

/// The record as it should be written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=spf1")?;
        self.terms.iter().try_for_each(|term| write!(f, " {term}"))
    }
}

/// Reads one text, as if it stood alone at its name.
#[must_use]
pub fn parse(text: &Text) -> Parsed<Record> {
    let text = text.as_str();
    if ascii::begins(text, "spf2.0") || ascii::begins(text, "v=spf2.0") {
        return Parsed::foreign(Finding::at(&rules::SENDER_ID, 0..text.len()));
    }
    if !ascii::mentions(text, "spf1") {
        return Parsed::foreign(Finding::unlike(&rules::FOREIGN, text));
    }
    let mut reader = Reader { text, record: Record::default(), findings: Vec::new() };
    reader.read();
    reader.judge();
    let breaks = |finding: &Finding| {
        finding.rule.severity == Severity::Fail && *finding.rule != rules::ALL_PASSES
    };
    let usable = !reader.findings.iter().any(breaks);
    Parsed { usable, ..Parsed::judge(text, Some(reader.record), reader.findings) }
}

/// Reads all texts at the name: exactly one may be a record (RFC 7208 §4.5).
///
/// Texts of other kinds are what a domain's TXT records are full of, and have no finding.
#[must_use]
pub fn read_set(texts: &[Text]) -> RecordSet<Record> {
    RecordSet::read(texts, parse, &rules::SEVERAL_RECORDS, &|found| {
        for found in found.iter_mut().filter(|found| !found.ours) {
            found.findings.retain(|finding| *finding.rule != rules::FOREIGN);
        }
        (0..texts.len()).filter(|index| is_record(texts[*index].as_str())).collect()
    })
}

const VERSION: &str = "v=spf1";

/// Whether a text is a record: `v=spf1` and a space, or nothing; case does not count (RFC 7208 §4.5).
#[must_use]
pub fn is_record(text: &str) -> bool {
    ascii::begins(text, VERSION) && matches!(text.as_bytes().get(VERSION.len()), None | Some(b' '))
}

struct Reader<'a> {
    text: &'a str,
    record: Record,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut start = 0;
        for (index, word) in self.text.split(' ').enumerate() {
            let span = Span::new(start, start + word.len());
            start = span.end + 1;
            if index == 0 && !is_record(word) {
                self.findings.push(Finding::at(&rules::VERSION_MALFORMED, first_word(self.text)));
            } else if index > 0 && !word.is_empty() && !is_record(word) {
                self.read_term(word, span);
            }
        }
    }

    fn read_term(&mut self, word: &str, span: Span) {
        match ascii::first(word, |c| !c.is_ascii_graphic()) {
            Some((at, found)) => {
                let start = span.start + at;
                let finding = Finding::at(&rules::CHARACTER, start..start + found.len_utf8());
                self.findings.push(finding.with("character", crate::fields::name_character(found)));
            }
            None => self.record.terms.extend(term::read(self.text, span, &mut self.findings)),
        }
    }

    fn find(&mut self, rule: &'static Rule, span: Span) {
        self.findings.push(Finding::at(rule, span).with("term", span.of(self.text)));
    }

    fn judge(&mut self) {
        self.judge_terms();
        let end = self.record.all().is_some() || self.record.redirect().is_some();
        let lookups = self.record.lookups();
        if lookups > MAX_LOOKUPS {
            self.findings
                .push(Finding::new(&rules::TOO_MANY_LOOKUPS).with("count", lookups.to_string()));
        }
        // Where a term could not be read, it may have been the end.
        if !end && !self.findings.iter().any(|finding| finding.rule.severity == Severity::Fail) {
            self.findings.push(Finding::new(&rules::ALL_MISSING));
        }
    }

    fn judge_terms(&mut self) {
        let (mut ended, mut modifiers) = (false, Vec::new());
        let has_all = self.record.all().is_some();
        for Term { span, kind } in self.record.terms.clone() {
            match kind {
                TermKind::Mechanism { .. } if ended => self.find(&rules::AFTER_ALL, span),
                TermKind::Mechanism { qualifier, mechanism: Mechanism::All, .. } => {
                    ended = true;
                    match qualifier {
                        Qualifier::Pass => self.find(&rules::ALL_PASSES, span),
                        Qualifier::Neutral => self.find(&rules::ALL_NEUTRAL, span),
                        Qualifier::Fail | Qualifier::SoftFail => {}
                    }
                }
                TermKind::Mechanism { mechanism: Mechanism::Ptr, .. } => {
                    self.find(&rules::PTR, span);
                }
                TermKind::Mechanism { .. } => {}
                TermKind::Modifier { name, .. } if ["redirect", "exp"].contains(&name.as_str()) => {
                    if name == "redirect" && has_all {
                        self.find(&rules::REDIRECT_IGNORED, span);
                    }
                    if modifiers.contains(&name) {
                        self.find(&rules::MODIFIER_REPEATED, span);
                    }
                    modifiers.push(name);
                }
                TermKind::Modifier { .. } => {}
            }
        }
    }
}

/// The first word that is there, with what stands before it.
fn first_word(text: &str) -> Span {
    let start = text.len() - text.trim_start_matches(' ').len();
    let length = text[start..].find(' ').unwrap_or(text.len() - start);
    Span::new(0, start + length)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{parse, read_set};
    use crate::Text;

    #[test]
    fn each_mistake_is_called_by_its_name() {
        for (text, usable, expected) in [
            ("v=spf1 -all", true, vec![]),
            ("V=SPF1  ip4:192.0.2.0/24 A:x/24//64 mx ip6:::1 -ALL  ", true, vec![]),
            ("v=spf1 redirect=_spf.example", true, vec![]),
            ("v=spf1", true, vec!["all-missing"]),
            ("v=spf1 +all", true, vec!["all-passes"]),
            ("v=spf1 all", true, vec!["all-passes"]),
            ("v=spf1 ptr ?all", true, vec!["ptr", "all-neutral"]),
            ("v=spf1 -all a redirect=x", true, vec!["after-all", "redirect-ignored"]),
            ("v=spf1 nclude:x.example -all", false, vec!["mechanism-misspelled"]),
            ("v=spf1 ipv4:192.0.2.1 -all", false, vec!["mechanism-misspelled"]),
            ("v=spf1 ! -all", false, vec!["mechanism-unknown"]),
            (
                "v=spf1 ip4=192.0.2.1 other=x ra=x -all",
                true,
                vec!["equals-sign", "modifier-unknown"],
            ),
            ("v=spf1 ?redirect=x", false, vec!["term-malformed"]),
            (
                "v=spf1 include: a: -all:x",
                false,
                vec!["argument-missing", "argument-missing", "argument-unexpected"],
            ),
            (
                "v=spf1 ip4:10.0.0.256 ip4:::1 ip6:::1/129 ip4:10.0.0.1/08 -all",
                false,
                vec!["address-malformed"; 4],
            ),
            ("v=spf1 redirect=a redirect=b", false, vec!["modifier-repeated"]),
            ("v=spf1\ta -all", false, vec!["version-malformed"]),
            ("v=spf1 a\tb -all", false, vec!["character"]),
            ("spf1 -all", false, vec!["version-malformed"]),
            ("v=spf10 -all", false, vec!["version-malformed"]),
            ("v=spf1 a a a a a a a a a a a -all", false, vec!["too-many-lookups"]),
            ("v=spf2.0/pra -all", false, vec!["sender-id"]),
            ("v=DMARC1", false, vec!["foreign"]),
        ] {
            let parsed = parse(&Text::from(text));
            let found = parsed
                .findings
                .iter()
                .filter_map(|finding| finding.rule.code.strip_prefix("spf.record."));
            assert_eq!((parsed.usable, found.collect::<Vec<_>>()), (usable, expected), "{text}");
        }
    }

    #[test]
    fn exactly_one_record_counts() {
        let read =
            |texts: &[&str]| read_set(&texts.iter().copied().map(Text::from).collect::<Vec<_>>());
        let set = read(&["hello", "v=spf1 -all"]);
        assert_eq!((set.chosen, set.findings.len()), (Some(1), 0));
        let set = read(&["v=spf1 -all", "v=spf1 -all"]);
        assert_eq!((set.chosen, set.findings[0].rule.code), (None, "spf.record.several-records"));
        assert!(read(&["v=spf1 -all exp=x"]).value.unwrap().allows_nobody());
        assert!(!read(&["v=spf1 a -all"]).value.unwrap().allows_nobody());
    }
}

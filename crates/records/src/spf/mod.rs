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

mod macros;
mod term;

use std::fmt;
use std::mem::replace;

pub use macros::{Letter, MacroString};
pub use term::{Mechanism, Prefixes, Qualifier, Term, TermKind};
pub(crate) use term::{meant, meant_modifier, qualifier, split};

use crate::ascii::{self, Set};
use crate::suggest::begins_like;
use crate::{Finding, Parsed, RecordSet, Rule, Severity, Span, Text};

pub mod rules {
    //! What can be wrong with an SPF record.
    crate::rules! { "spf.record":
        /// The text is of another kind.
        FOREIGN = Fail, "foreign", "RFC 7208 §4.5";
        /// The text is a record of another kind, which has its own name.
        OTHER_KIND = Fail, "other-kind", "RFC 7208 §4.5";
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
        /// A modifier that is misspelled, and receivers ignore.
        MODIFIER_MISSPELLED = Warning, "modifier-misspelled", "RFC 7208 §6";
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
        /// Something that a guide left to fill in.
        PLACEHOLDER = Warning, "placeholder", "RFC 7208 §5";
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
    /// Its mechanisms, with what a match means.
    pub fn mechanisms(&self) -> impl Iterator<Item = (Qualifier, Mechanism)> {
        self.terms.iter().filter_map(|term| match term.kind {
            TermKind::Directive(qualifier, mechanism) => Some((qualifier, mechanism)),
            _ => None,
        })
    }

    /// What is said of everybody that no other mechanism matches.
    #[must_use]
    pub fn all(&self) -> Option<Qualifier> {
        self.mechanisms().find_map(|(qualifier, mechanism)| {
            matches!(mechanism, Mechanism::All).then_some(qualifier)
        })
    }

    /// The domains whose records are included.
    pub fn includes(&self) -> impl Iterator<Item = &str> {
        self.domains(|kind| matches!(kind, TermKind::Directive(_, Mechanism::Include)))
    }

    /// The domain whose record is read in its place, if nothing matches; `all` makes it void (RFC 7208 §6.1).
    #[must_use]
    pub fn redirect(&self) -> Option<&str> {
        self.domains(|kind| matches!(kind, TermKind::Redirect))
            .next()
            .filter(|_| self.all().is_none())
    }

    fn domains(&self, is_meant: fn(&TermKind) -> bool) -> impl Iterator<Item = &str> {
        let terms = self.terms.iter().filter(move |term| is_meant(&term.kind));
        terms.filter_map(|term| term.domain.as_ref()).map(MacroString::as_str)
    }

    /// How many of its own terms count against [`MAX_LOOKUPS`].
    #[must_use]
    pub fn lookups(&self) -> usize {
        let reached =
            self.mechanisms().take_while(|(_, mechanism)| !matches!(mechanism, Mechanism::All));
        reached.filter(|(_, mechanism)| mechanism.costs_lookup()).count()
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
        matches!(self.mechanisms().next(), Some((Qualifier::Fail, Mechanism::All)))
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
    let mut reader = Reader { text, record: Record::default(), findings: Vec::new() };
    let mut version = VERSION.len();
    if !is_record(text) {
        if ascii::begins(text, "spf2.0") || ascii::begins(text, "v=spf2.0") {
            return Parsed::foreign(Finding::at(&rules::SENDER_ID, 0..text.len()));
        }
        if !ascii::mentions(text, "spf1") && begins_like(text, "spf1", 1).is_none() {
            return Parsed::foreign(Finding::unlike(&rules::FOREIGN, text));
        }
        reader.findings.push(Finding::at(&rules::VERSION_MALFORMED, first_word(text)));
        version = ascii::until(text, b" ").len();
    }
    reader.read(version);
    reader.judge();
    let refused =
        |finding: &Finding| is_refused(finding) || *finding.rule == rules::TOO_MANY_LOOKUPS;
    let usable = !reader.findings.iter().any(refused);
    Parsed { usable, ..Parsed::judge(text, Some(reader.record), reader.findings) }
}

/// Reads a record's terms as a receiver does that evaluates them; more lookups than are allowed are
/// a matter of how far it gets (RFC 7208 §4.6).
///
/// # Errors
/// The first mistake for which receivers refuse the whole record.
pub fn evaluable(text: &Text) -> Result<Vec<Term>, Finding> {
    let Parsed { value, findings, .. } = parse(text);
    match findings.into_iter().find(is_refused) {
        Some(mistake) => Err(mistake),
        None => Ok(value.unwrap_or_default().terms),
    }
}

/// Whether receivers read no record in a text that has this finding.
fn is_refused(finding: &Finding) -> bool {
    let is_evaluated = [&rules::ALL_PASSES, &rules::TOO_MANY_LOOKUPS].contains(&finding.rule);
    finding.rule.severity == Severity::Fail && !is_evaluated
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
    /// Reads the terms behind the first word, which is this long.
    fn read(&mut self, first: usize) {
        let mut start = first + 1;
        for word in ascii::split(self.text.get(start..).unwrap_or_default(), b' ') {
            let span = Span::new(start, start + word.len());
            start = span.end + 1;
            if !word.is_empty() && !is_record(word) {
                self.read_term(word, span);
            }
        }
    }

    fn read_term(&mut self, word: &str, span: Span) {
        if !ascii::is_made_of(word, Set::GRAPHIC)
            && let Some((at, found)) = ascii::first(word, |c| !c.is_ascii_graphic())
        {
            let start = span.start + at;
            let finding = Finding::at(&rules::CHARACTER, start..start + found.len_utf8());
            self.findings.push(finding.with("character", crate::fields::name_character(found)));
            return;
        }
        match term::read(self.text, span) {
            Ok(term) => self.record.terms.push(term),
            Err(rule) => self.findings.push(about(rule, span, self.text)),
        }
    }

    fn judge(&mut self) {
        let has_all = self.record.all().is_some();
        self.judge_terms(has_all);
        let end = has_all || self.record.redirect().is_some();
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

    fn judge_terms(&mut self, has_all: bool) {
        let (mut ended, mut redirected, mut explained) = (false, false, false);
        for Term { span, kind, .. } in &self.record.terms {
            let rule = match kind {
                TermKind::Directive(..) if ended => Some(&rules::AFTER_ALL),
                TermKind::Directive(qualifier, Mechanism::All) => {
                    ended = true;
                    judge_all(*qualifier)
                }
                TermKind::Directive(_, Mechanism::Ptr) => Some(&rules::PTR),
                TermKind::Redirect if replace(&mut redirected, true) => {
                    Some(&rules::MODIFIER_REPEATED)
                }
                TermKind::Redirect if has_all => Some(&rules::REDIRECT_IGNORED),
                TermKind::Explanation if replace(&mut explained, true) => {
                    Some(&rules::MODIFIER_REPEATED)
                }
                TermKind::Unknown(name) => judge_unknown(name),
                _ => None,
            };
            self.findings.extend(rule.map(|rule| about(rule, *span, self.text)));
        }
    }
}

fn judge_all(qualifier: Qualifier) -> Option<&'static Rule> {
    match qualifier {
        Qualifier::Pass => Some(&rules::ALL_PASSES),
        Qualifier::Neutral => Some(&rules::ALL_NEUTRAL),
        Qualifier::Fail | Qualifier::SoftFail => None,
    }
}

fn judge_unknown(name: &str) -> Option<&'static Rule> {
    match name {
        // Where to report what fails (RFC 6652 §3).
        "ra" | "rp" | "rr" => None,
        // `ip4=…` passes silently.
        _ if term::meant(name).is_some() => Some(&rules::EQUALS_SIGN),
        _ if term::meant_modifier(name).is_some() => Some(&rules::MODIFIER_MISSPELLED),
        _ => Some(&rules::MODIFIER_UNKNOWN),
    }
}

/// A finding about a term, with all that its sentence may say of it.
fn about(rule: &'static Rule, span: Span, text: &str) -> Finding {
    let term = span.of(text);
    let (name, rest) = term::split(term);
    let finding = Finding::at(rule, span)
        .with("term", term)
        .with("name", if rest.starts_with('=') { name } else { term::qualifier(name).1 })
        .with("value", rest.get(1..).unwrap_or_default());
    match term::meant(name).or_else(|| term::meant_modifier(name)) {
        Some(expected) => finding.with("expected", expected),
        None => finding,
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

    use super::{evaluable, parse, read_set};
    use crate::Text;

    #[test]
    fn each_mistake_is_called_by_its_name() {
        for (text, usable, expected) in [
            ("v=spf1 -all", true, vec![]),
            ("V=SPF1  ip4:192.0.2.0/24 A:x.example/24//64 mx ip6:::1 -ALL  ", true, vec![]),
            ("v=spf1 redirect=_spf.a.example", true, vec![]),
            ("v=spf1", true, vec!["all-missing"]),
            ("v=spf1 +all", true, vec!["all-passes"]),
            ("v=spf1 all", true, vec!["all-passes"]),
            ("v=spf1 ptr ?all", true, vec!["ptr", "all-neutral"]),
            ("v=spf1 -all a redirect=b.example", true, vec!["after-all", "redirect-ignored"]),
            ("v=spf1 nclude:x.example -all", false, vec!["mechanism-misspelled"]),
            ("v=spf1 ipv4:192.0.2.1 -all", false, vec!["mechanism-misspelled"]),
            ("v=spf1 ! -all", false, vec!["mechanism-unknown"]),
            (
                "v=spf1 a:museum exists:%x.example mx/33 x=% -all",
                false,
                vec!["domain-malformed", "macro-malformed", "prefix-malformed", "macro-malformed"],
            ),
            (
                "v=spf1 ip4=192.0.2.1 other=x ra=x -all",
                true,
                vec!["equals-sign", "modifier-unknown"],
            ),
            ("v=spf1 ?redirect=b.example", false, vec!["term-malformed"]),
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
            ("v=spf1 redirect=a.example redirect=b.example", false, vec!["modifier-repeated"]),
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
    fn what_is_unwise_or_costly_is_evaluated_all_the_same() {
        for (text, expected) in [
            ("v=spf1 +all", None),
            ("v=spf1 a a a a a a a a a a a -all", None),
            ("v=spf1 ip4=192.0.2.1", None),
            ("v=spf1 +all moo", Some("spf.record.mechanism-unknown")),
            ("v=spf1 exp=a.example exp=b.example", Some("spf.record.modifier-repeated")),
        ] {
            let mistake = evaluable(&Text::from(text)).err();
            assert_eq!(mistake.map(|mistake| mistake.rule.code), expected, "{text}");
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
        assert!(read(&["v=spf1 -all exp=x.example"]).value.unwrap().allows_nobody());
        assert!(!read(&["v=spf1 a -all"]).value.unwrap().allows_nobody());
    }
}

//! What holds for every text, sound or not. The tests and the fuzzer hold texts against it.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Debug;

use mxray_records::lint::{Kind, Lint, lint};
use mxray_records::mta_sts::{policy, record};
use mxray_records::spf::{self, MacroString};
use mxray_records::{Finding, Parsed, Severity, Text, bimi, caa, dkim, dmarc, mx, tls_rpt, tlsa};

/// What reads a text.
#[derive(Clone, Copy)]
pub(crate) enum Reader {
    Lint(Kind),
    SpfMacro,
}

impl Reader {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Kind::ALL.map(Self::Lint).into_iter().chain([Self::SpfMacro])
    }

    /// As on the fuzzer's command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lint(kind) => kind.as_str(),
            Self::SpfMacro => "spf-macro",
        }
    }

    /// Holds a text against all that it can be held against.
    pub(crate) fn hold(self, text: &str) {
        match self {
            Self::Lint(kind) => {
                findings_lie_within_the_texts(kind, text);
                a_fix_cures_what_it_is_offered_for(kind, text);
                a_fix_leaves_nothing_to_mend(kind, text);
                a_text_is_usable_unless_something_fails(kind, text);
                canonical_text_says_the_same(kind, text);
                white_space_changes_nothing(kind, text);
                if kind == Kind::SpfRecord {
                    a_record_is_evaluated_or_refused(text);
                }
            }
            Self::SpfMacro => macros_expand_one_by_one(text),
        }
    }
}

/// Stands between the records at a name; behind a policy, between what is known of its domain.
pub(crate) const RECORD_SEPARATOR: char = '\u{1e}';
/// Stands between the strings of a record.
pub(crate) const STRING_SEPARATOR: char = '\u{1f}';

/// What is linted together.
struct Set {
    texts: Vec<Text>,
    content_type: Option<String>,
    mx: Vec<String>,
}

impl Set {
    fn of(kind: Kind, text: &str) -> Self {
        let join = |record: &str| Text::join(record.split(STRING_SEPARATOR));
        let mut parts = text.split(RECORD_SEPARATOR);
        if kind != Kind::MtaStsPolicy {
            return Self { texts: parts.map(join).collect(), content_type: None, mx: Vec::new() };
        }
        let texts = parts.next().map(join).into_iter().collect();
        let content_type = parts.next().map(str::to_owned);
        Self { texts, content_type, mx: parts.map(str::to_owned).collect() }
    }

    fn lint(&self, kind: Kind) -> Lint {
        lint(kind, &self.texts, &self.mx, self.content_type.as_deref())
    }

    /// The text, unless there are several.
    fn only(&self) -> Option<&Text> {
        Some(&self.texts[0]).filter(|_| self.texts.len() == 1)
    }

    /// The same with another text in the only one's place.
    fn with(self, text: &str) -> Self {
        Self { texts: vec![text.into()], ..self }
    }
}

/// Whatever is found stands in one of the texts, begins and ends with whole characters, and can be
/// underlined.
pub(crate) fn findings_lie_within_the_texts(kind: Kind, text: &str) {
    let set = Set::of(kind, text);
    for finding in set.lint(kind).findings {
        let Some(place) = finding.place else { continue };
        let text = set.texts[place.record].as_str();
        let found = text.get(place.span.start..place.span.end);
        assert!(found.is_some_and(|found| text.is_empty() || !found.is_empty()), "{finding:?}");
    }
}

/// A corrected text is usable, and its finding is gone.
pub(crate) fn a_fix_cures_what_it_is_offered_for(kind: Kind, text: &str) {
    let findings = Set::of(kind, text).lint(kind).findings;
    // Many findings share one fix.
    let mut linted = BTreeMap::new();
    for finding in &findings {
        let Some(fix) = &finding.fix else { continue };
        let fixed = linted.entry(fix).or_insert_with(|| Set::of(kind, text).with(fix).lint(kind));
        assert!(fixed.usable, "{fix:?} {fixed:?}");
        assert!(fixed.findings.iter().all(|left| left.rule != finding.rule), "{finding:?} {fix:?}");
    }
}

/// In a corrected text nothing but notices is left for which there would be another.
pub(crate) fn a_fix_leaves_nothing_to_mend(kind: Kind, text: &str) {
    for fix in Set::of(kind, text).lint(kind).findings.into_iter().filter_map(|found| found.fix) {
        // Which MX hosts there are is no matter of the text.
        let left = lint(kind, &[fix.as_str().into()], &[], None).findings.into_iter();
        let mut left = left.filter(|finding| finding.rule.severity > Severity::Notice);
        assert!(left.all(|finding| finding.fix.is_none()), "{fix:?}");
    }
}

/// A receiver uses a text exactly if nothing that it finds in it is a fail.
pub(crate) fn a_text_is_usable_unless_something_fails(kind: Kind, text: &str) {
    // One sound record of several will do, and one policy needs no known MX hosts.
    let Some(text) = Set::of(kind, text).only().cloned() else { return };
    let linted = lint(kind, &[text], &[], None);
    let fails = |finding: &Finding| match finding.rule {
        // Receivers use a record that lets everybody send.
        rule if *rule == spf::rules::ALL_PASSES => false,
        // Nobody can count on senders to use it, nor to pass it over.
        rule if *rule == tlsa::rules::USAGE_NOT_FOR_MAIL => true,
        rule => rule.severity == Severity::Fail,
    };
    assert_eq!(linted.usable, !linted.findings.iter().any(fails), "{linted:?}");
}

/// What is usable comes back from its canonical text, in which nothing worse is found.
pub(crate) fn canonical_text_says_the_same(kind: Kind, text: &str) {
    let Some(text) = Set::of(kind, text).only().cloned() else { return };
    match kind {
        Kind::MtaStsRecord => comes_back(&text, record::parse),
        Kind::TlsRptRecord => comes_back(&text, tls_rpt::parse),
        Kind::DkimKey => comes_back(&text, dkim::parse),
        Kind::DmarcRecord => comes_back(&text, dmarc::parse),
        Kind::BimiRecord => comes_back(&text, bimi::parse),
        Kind::TlsaRecord => comes_back(&text, tlsa::parse),
        Kind::MxSet => comes_back(&text, mx::parse),
        Kind::CaaRecord => comes_back(&text, caa::parse),
        Kind::MtaStsPolicy => comes_back(&text, |text| {
            let said = |policy: policy::Policy| {
                Said(policy.to_string(), (policy.mode, policy.max_age, policy.mx))
            };
            said_of(policy::parse(text.as_str()), said)
        }),
        Kind::SpfRecord => comes_back(&text, |text| {
            let said = |record: spf::Record| {
                let terms =
                    record.terms.iter().map(|term| (term.kind.clone(), term.domain.clone()));
                Said(record.to_string(), terms.collect::<Vec<_>>())
            };
            said_of(spf::parse(text), said)
        }),
    }
}

/// A value's canonical text, and the value without its places.
#[derive(Debug, PartialEq)]
struct Said<T>(String, T);

impl<T> fmt::Display for Said<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn said_of<T, S>(parsed: Parsed<T>, said: impl Fn(T) -> S) -> Parsed<S> {
    let Parsed { value, ours, usable, findings } = parsed;
    Parsed { value: value.map(said), ours, usable, findings }
}

fn comes_back<T: PartialEq + Debug + ToString>(text: &Text, parse: impl Fn(&Text) -> Parsed<T>) {
    let parsed = parse(text);
    let worst = parsed.worst();
    let Some(value) = parsed.value.filter(|_| parsed.usable) else { return };
    let written = value.to_string();
    let again = parse(&written.as_str().into());
    assert!(again.usable, "{written:?} {:?}", again.findings);
    assert!(again.worst() <= worst, "{written:?} {:?}", again.findings);
    assert_eq!(again.value.as_ref(), Some(&value), "{written:?}");
}

/// More white space where the grammar has some changes nothing in what is found.
pub(crate) fn white_space_changes_nothing(kind: Kind, text: &str) {
    let set = Set::of(kind, text);
    let Some(spaced) = set.only().and_then(|text| spaced(kind, text.as_str())) else { return };
    let rules = |linted: Lint| {
        let mut rules: Vec<_> = linted.findings.iter().map(|finding| finding.rule.code).collect();
        rules.sort_unstable();
        (linted.usable, rules)
    };
    let found = rules(set.lint(kind));
    assert_eq!(rules(set.with(&spaced).lint(kind)), found, "{spaced:?}");
}

/// A text with more white space; `None` if it is not plain where that may be.
fn spaced(kind: Kind, text: &str) -> Option<String> {
    match kind {
        // Among several texts, one with a space before its first semicolon is skipped.
        Kind::MtaStsRecord | Kind::TlsRptRecord => Some(text.replace(';', "; \t")),
        Kind::DkimKey | Kind::DmarcRecord | Kind::BimiRecord => Some(text.replace(';', " ;\t")),
        Kind::SpfRecord => Some(text.replace(' ', "  ")),
        Kind::MtaStsPolicy => {
            Some(text.replace(": ", ":  ").replace('\n', " \n")).filter(|_| !text.contains('\r'))
        }
        // Within quotation marks white space belongs to the value.
        Kind::TlsaRecord | Kind::MxSet | Kind::CaaRecord => {
            Some(text.replace(' ', " \t")).filter(|_| !text.contains(['"', '\\']))
        }
    }
}

/// A record is evaluated unless something is wrong for which receivers refuse it, and then it is not
/// usable.
pub(crate) fn a_record_is_evaluated_or_refused(text: &str) {
    let text = Text::join(text.split(STRING_SEPARATOR));
    let parsed = spf::parse(&text);
    match spf::evaluable(&text) {
        Ok(terms) => assert_eq!(parsed.value.unwrap_or_default().terms, terms),
        Err(mistake) => {
            assert_eq!((mistake.rule.severity, parsed.usable), (Severity::Fail, false));
            assert!(parsed.findings.contains(&mistake), "{mistake:?}");
        }
    }
}

/// A macro string expands piece by piece, each to no more than its value escaped; and what is
/// escaped expands to itself.
pub(crate) fn macros_expand_one_by_one(text: &str) {
    const VALUE: &str = "Strong-Bad+tag@e.example%\u{e9}/_";
    let expand = |text: &str| Some(MacroString::explanation(text)?.expand(|_| VALUE));
    if let Some(expanded) = expand(text) {
        let macros = text.matches("%{").count();
        assert!(expanded.len() <= 3 * text.len() + 3 * VALUE.len() * macros, "{expanded}");
        assert_eq!(expand(&format!("{text} {text}")), Some(format!("{expanded} {expanded}")));
    }
    if text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        assert_eq!(expand(&text.replace('%', "%%")).as_deref(), Some(text));
    }
}

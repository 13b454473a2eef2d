//! An SPF record, mended.
//!
//! What can be taken out, joined or replaced without a sender of the domain's getting lost is done, and
//! each such change is named; whatever could lose one is the owner's to decide. So a name in the record is
//! written out as networks in one case only: the limit of lookups is exceeded, the name is the domain's
//! own, and that alone brings the record below the limit. Networks of others change without notice.
//!
//! It takes two steps: [`meant`] is about the texts alone; with what the record that was meant leads to
//! ([`mxray_scan::depth::sending`]), [`mend`] does the rest.

use mxray_facts::Domain;
use mxray_records::lint::{Kind, lint};
use mxray_records::spf::{self, Mechanism, Qualifier, Term, TermKind};
use mxray_records::{Severity, Text};
use mxray_scan::Sentence;
use mxray_scan::depth::{Branch, Record, Sending, State};

use crate::draft::{Change, Draft};
use crate::published::Published;

/// What a record came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// What to publish; records that the domain's own includes come first. Nothing if all stays as it is.
    pub draft: Option<Draft>,
    /// What is different in it, and why.
    pub done: Vec<Sentence>,
    /// What only the owner can decide.
    pub open: Vec<Sentence>,
    /// How many lookups evaluating it takes at the most, now and then; nothing where that cannot be told.
    pub lookups: Option<Lookups>,
    /// What each term of the domain's own record costs then, those first that cost most.
    pub costs: Vec<Cost>,
}

/// How many lookups an evaluation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookups {
    /// Of the record that was meant.
    pub before: usize,
    /// Of the mended one.
    pub after: usize,
}

/// What a term costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The term.
    pub term: String,
    /// Its lookups, with all that it leads to.
    pub lookups: usize,
    /// Whose servers it stands for, if that is known.
    pub provider: Option<String>,
}

/// The record that was meant by what is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// Its text; nothing if nobody can tell.
    pub text: Option<String>,
    done: Vec<Sentence>,
    open: Vec<Sentence>,
}

/// Reads what is published as it was meant: slips corrected, several records made one.
#[must_use]
pub fn meant(published: &Published) -> Meant {
    let mut meant = Meant::default();
    let mut records = Vec::new();
    for text in &published.spf {
        let corrected = corrected(text);
        if let Some(corrected) = &corrected {
            let done = Sentence::new("mend.done.spelled");
            meant.done.push(done.with("before", text.as_str()).with("after", corrected.as_str()));
        }
        let text = corrected.unwrap_or_else(|| text.clone());
        match spf::evaluable(&text.as_str().into()) {
            Ok(terms) => records.push((text, terms)),
            Err(mistake) => {
                let term = mistake.params.iter().find(|(name, _)| *name == "term");
                let term = term.map_or(text.as_str(), |(_, term)| term);
                meant.open.push(Sentence::new("mend.open.unreadable").with("term", term));
            }
        }
    }
    match records.as_slice() {
        _ if !meant.open.is_empty() => {}
        [] if published.mx.is_empty() => meant.open.push(Sentence::new("mend.open.nothing")),
        [] => {
            meant.text = Some("v=spf1 mx ~all".to_owned());
            meant.done.push(Sentence::new("mend.done.first"));
        }
        [(only, _)] => meant.text = Some(only.clone()),
        several => {
            let count = several.len().to_string();
            meant.done.push(Sentence::new("mend.done.joined").with("count", count));
            meant.text = Some(joined(several, &mut meant.done));
        }
    }
    meant
}

/// The text without its slips, if it has any that can be corrected.
fn corrected(text: &str) -> Option<String> {
    let mut findings = lint(Kind::SpfRecord, &[text.into()], &[], None).findings;
    findings.retain(|finding| finding.rule.severity > Severity::Notice);
    findings.into_iter().find_map(|finding| finding.fix).filter(|fix| fix != text)
}

/// One record for whoever any of several lets pass.
fn joined(records: &[(String, Vec<Term>)], done: &mut Vec<Sentence>) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut ends = Vec::new();
    for term in records.iter().flat_map(|(_, terms)| terms) {
        let word = match &term.kind {
            TermKind::Directive(qualifier, Mechanism::All) => {
                ends.push(*qualifier);
                continue;
            }
            // There may be one; an include lets the same senders pass.
            TermKind::Redirect => {
                let term = term.to_string();
                let word = term.replacen("redirect=", "include:", 1);
                let said = Sentence::new("mend.done.redirect-joined").with("term", term);
                done.push(said.with("other", word.as_str()));
                word
            }
            TermKind::Explanation if words.iter().any(|word| word.starts_with("exp=")) => continue,
            _ => term.to_string(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let all_refuse = !ends.is_empty() && ends.iter().all(|end| *end == Qualifier::Fail);
    words.push(if all_refuse { "-all" } else { "~all" }.to_owned());
    written(words.iter().map(String::as_str))
}

fn written<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.fold("v=spf1".to_owned(), |text, word| text + " " + word)
}

/// Mends the record that was meant, and those of the domain's own that it includes.
#[must_use]
pub fn mend(
    domain: &Domain,
    published: &Published,
    meant: Meant,
    sending: Option<&Sending>,
) -> Mending {
    let Meant { text, done, open } = meant;
    let mut mender =
        Mender { own: domain.as_str(), sending, sheets: Vec::new(), done, open, is_sure: true };
    let record = sending.and_then(|sending| sending.tree.record.as_ref());
    match record {
        Some(record) if record.state == State::Read => mender.record(record),
        _ => mender.is_sure = false,
    }
    let lookups = sending.filter(|_| mender.is_sure).map(|sending| {
        let before = sending.tree.lookups;
        mender.write_out();
        Lookups { before, after: mender.cost(domain.as_str()) }
    });
    mender.say_what_is_left(lookups);
    let root = mender.sheet(domain.as_str());
    let costs = root.map(|root| mender.costs(root)).unwrap_or_default();
    let mended = root.map(Sheet::text).or(text);
    let draft = mender.draft(domain, published, mended);
    Mending { draft, done: mender.done, open: mender.open, lookups, costs }
}

/// The most lookups that receivers make (RFC 7208 §4.6.4).
const MOST_LOOKUPS: usize = spf::MAX_LOOKUPS;

/// The most of them that may find nothing (RFC 7208 §4.6.4).
const MOST_VOID: usize = 2;

/// The longest record that any receiver gets whole (RFC 7208 §3.4).
const MOST_OCTETS: usize = 450;

/// A record of the domain's own, on its way to be mended.
struct Sheet {
    domain: String,
    before: String,
    lines: Vec<Line>,
}

/// A term.
#[derive(Clone)]
struct Line {
    /// What is written; nothing where it was taken out.
    word: Option<String>,
    /// What it costs by itself, and by records that are not the domain's own.
    lookups: usize,
    /// The record of the domain's own that it leads to.
    below: Option<String>,
    provider: Option<String>,
    /// What it can be written out as.
    networks: Vec<String>,
}

impl Sheet {
    /// As it is, if nothing is changed.
    fn text(&self) -> String {
        let words = || self.lines.iter().filter_map(|line| line.word.as_deref());
        let before = self.before.split(' ').filter(|word| !word.is_empty()).skip(1);
        if before.eq(words()) { self.before.clone() } else { written(words()) }
    }
}

struct Mender<'a> {
    own: &'a str,
    sending: Option<&'a Sending>,
    /// The one at the domain itself is the last.
    sheets: Vec<Sheet>,
    done: Vec<Sentence>,
    open: Vec<Sentence>,
    /// Whether all was seen that has a cost.
    is_sure: bool,
}

/// What becomes of a term.
enum Fate {
    Stays,
    /// It goes, and this is why.
    Goes(Sentence),
    /// Something else takes its place.
    Becomes(String, Sentence),
}

/// A term, as it is read and as it was looked at.
#[derive(Clone, Copy)]
struct Seen<'a> {
    term: &'a Term,
    branch: &'a Branch,
}

impl Seen<'_> {
    fn mechanism(&self) -> Option<(Qualifier, Mechanism)> {
        match self.term.kind {
            TermKind::Directive(qualifier, mechanism) => Some((qualifier, mechanism)),
            _ => None,
        }
    }

    /// Whether it asks for the same as another term, whatever a match means.
    fn asks_as(&self, other: &Seen<'_>) -> bool {
        let named = |it: &Seen<'_>| it.term.domain.as_ref().map(|it| it.as_str().to_lowercase());
        let both = self.mechanism().zip(other.mechanism());
        both.is_some_and(|((_, one), (_, two))| one == two) && named(self) == named(other)
    }

    /// Whether the addresses of the same hosts, and more around them, match another term.
    fn is_within(&self, other: &Seen<'_>) -> bool {
        let prefixes = match (self.mechanism(), other.mechanism()) {
            (Some((_, Mechanism::A(one))), Some((_, Mechanism::A(two))))
            | (Some((_, Mechanism::Mx(one))), Some((_, Mechanism::Mx(two)))) => Some((one, two)),
            _ => None,
        };
        let wider =
            prefixes.is_some_and(|(one, two)| one != two && two.v4 <= one.v4 && two.v6 <= one.v6);
        wider && self.term.domain == other.term.domain
    }
}

fn about(key: &'static str, term: &str) -> Sentence {
    Sentence::new(key).with("term", term)
}

impl Mender<'_> {
    /// Mends a record of the domain's own, after those that it leads to.
    fn record(&mut self, record: &Record) {
        let Some(text) = record.text.as_deref() else { return };
        let terms = spf::evaluable(&Text::from(text)).unwrap_or_default();
        let all: Vec<Seen<'_>> =
            terms.iter().zip(&record.terms).map(|(term, branch)| Seen { term, branch }).collect();
        let mut lines = Vec::new();
        for place in 0..all.len() {
            lines.push(self.line(record, &all, place));
        }
        if record.domain == self.own {
            self.take_out_included(record, &mut lines);
            let ends = |it: &&Seen<'_>| {
                it.term.kind == TermKind::Redirect
                    || matches!(it.mechanism(), Some((_, Mechanism::All)))
            };
            if !all.iter().any(|it| ends(&it)) {
                self.done.push(Sentence::new("mend.done.end"));
                lines.push(Line::bare("~all".to_owned()));
            }
        }
        let domain = record.domain.clone();
        self.sheets.push(Sheet { domain, before: text.to_owned(), lines });
    }

    fn line(&mut self, record: &Record, all: &[Seen<'_>], place: usize) -> Line {
        let it = all[place];
        let branch = it.branch;
        let fate = self.fate(record, all, place);
        let mut line = Line {
            word: Some(branch.term.clone()),
            lookups: branch.lookups,
            below: None,
            provider: branch.provider.clone(),
            networks: branch.own_networks.clone(),
        };
        match fate {
            Fate::Stays => {
                if let Some(below) = branch.below.as_deref() {
                    self.follow(branch, below, &mut line);
                }
            }
            Fate::Goes(why) => {
                self.done.push(why);
                line.word = None;
            }
            Fate::Becomes(word, why) => {
                self.done.push(why);
                line = Line::bare(word);
            }
        }
        line
    }

    /// What a term leads to that stays.
    fn follow(&mut self, branch: &Branch, below: &Record, line: &mut Line) {
        match below.state {
            State::Read if self.is_own(&below.domain) => {
                if self.sheet(&below.domain).is_none() {
                    self.record(below);
                }
                (line.lookups, line.below) = (1, Some(below.domain.clone()));
            }
            State::Repeated if self.sheet(&below.domain).is_some() => {
                (line.lookups, line.below) = (1, Some(below.domain.clone()));
            }
            State::Read => self.look_through(&branch.term, below),
            State::Broken if self.is_own(&below.domain) => self.correct(below),
            // An include of it is gone, or is named.
            State::Broken | State::Absent | State::Loop if included(branch).is_none() => {
                let about = about("mend.open.redirect", &branch.term);
                self.open.push(about.with("name", below.domain.as_str()));
            }
            State::Unknown => self.is_sure = false,
            _ => {}
        }
    }

    /// A record of the domain's own that receivers cannot read.
    fn correct(&mut self, record: &Record) {
        self.is_sure = false;
        let name = || ("name", record.domain.clone());
        let fix = record.text.as_deref().and_then(corrected);
        match record.text.as_ref().zip(fix) {
            Some((before, after)) => {
                let (key, at) = name();
                let done = Sentence::new("mend.done.spelled-there").with(key, at);
                self.done.push(done.with("after", after.as_str()));
                let words = after.split(' ').skip(1).map(str::to_owned);
                let lines = words.map(Line::bare).collect();
                let (domain, before) = (record.domain.clone(), before.clone());
                self.sheets.push(Sheet { domain, before, lines });
            }
            None => {
                let (key, at) = name();
                self.open.push(Sentence::new("mend.open.own-broken").with(key, at));
            }
        }
    }

    /// A record of somebody else's: nothing in it can be mended here, but what is broken is named.
    fn look_through(&mut self, term: &str, record: &Record) {
        for below in record.terms.iter().filter_map(|branch| branch.below.as_deref()) {
            match below.state {
                State::Absent | State::Broken | State::Loop => {
                    let said = about("mend.open.of-others", term);
                    let said = said.with("name", record.domain.as_str());
                    self.open.push(said.with("below", below.domain.as_str()));
                }
                State::Unknown => self.is_sure = false,
                _ => self.look_through(term, below),
            }
        }
    }

    fn fate(&mut self, record: &Record, all: &[Seen<'_>], place: usize) -> Fate {
        let it = all[place];
        let branch = it.branch;
        let term = branch.term.as_str();
        if !branch.reached {
            return Fate::Goes(about("mend.done.unreached", term));
        }
        let Some((qualifier, mechanism)) = it.mechanism() else { return Fate::Stays };
        if all[..place].iter().any(|before| it.asks_as(before)) {
            return Fate::Goes(about("mend.done.twice", term));
        }
        let others = all.iter().enumerate().filter(|(other, _)| *other != place);
        let wider = others.map(|(_, other)| other).find(|other| it.is_within(other));
        if let Some(wider) = wider.filter(|_| is_union(record)) {
            let done = about("mend.done.within", term);
            return Fate::Goes(done.with("other", wider.branch.term.as_str()));
        }
        match mechanism {
            Mechanism::All if qualifier == Qualifier::Pass => {
                Fate::Becomes("~all".to_owned(), about("mend.done.all", term))
            }
            Mechanism::All if qualifier == Qualifier::Neutral && record.domain == self.own => {
                Fate::Becomes("~all".to_owned(), about("mend.done.neutral", term))
            }
            Mechanism::Ptr => {
                self.open.push(about("mend.open.ptr", term));
                Fate::Stays
            }
            Mechanism::Mx(_) if self.finds(record, term, "spf.too-many-mx-hosts") => {
                self.open.push(about("mend.open.mx-hosts", term));
                Fate::Stays
            }
            Mechanism::A(_) | Mechanism::Mx(_) | Mechanism::Exists if branch.void => {
                Fate::Goes(about("mend.done.void", term))
            }
            Mechanism::Include => self.of_include(record, branch),
            _ => Fate::Stays,
        }
    }

    fn of_include(&mut self, record: &Record, branch: &Branch) -> Fate {
        let Some(below) = branch.below.as_deref() else { return Fate::Stays };
        let term = branch.term.as_str();
        let said = |key| about(key, term).with("name", below.domain.as_str());
        match below.state {
            State::Absent => Fate::Goes(said("mend.done.gone")),
            State::Loop => Fate::Goes(said("mend.done.loop")),
            State::Broken if !self.is_own(&below.domain) => {
                self.open.push(said("mend.open.broken"));
                self.is_sure = false;
                Fate::Stays
            }
            _ if self.finds(record, term, "spf.include-in-vain") => {
                Fate::Goes(said("mend.done.in-vain"))
            }
            _ => Fate::Stays,
        }
    }

    /// Whether the scan found this of a record's term.
    fn finds(&self, record: &Record, term: &str, rule: &str) -> bool {
        let findings = self.sending.iter().flat_map(|sending| &sending.findings);
        findings.into_iter().any(|finding| {
            let says = |name, value: &str| {
                finding.params.iter().any(|(key, said)| *key == name && said == value)
            };
            finding.rule.code == rule && says("domain", &record.domain) && says("term", term)
        })
    }

    /// What another include of the domain's own record holds as well.
    fn take_out_included(&mut self, record: &Record, lines: &mut [Line]) {
        if !is_union(record) {
            return;
        }
        let below = |place: usize| record.terms.get(place).and_then(included);
        for place in 0..lines.len() {
            let Some(it) = below(place).filter(|_| lines[place].word.is_some()) else { continue };
            let holds = |other: &usize| {
                let is_other = *other != place && lines[*other].word.is_some();
                is_other && below(*other).is_some_and(|other| includes(other, &it.domain))
            };
            if let Some(other) = (0..lines.len()).find(holds) {
                let done = about("mend.done.included", &record.terms[place].term);
                self.done.push(done.with("other", record.terms[other].term.as_str()));
                lines[place].word = None;
            }
        }
    }

    /// Writes the domain's own names out, if that brings the count to what receivers take.
    fn write_out(&mut self) {
        let count = self.cost(self.own);
        if count <= MOST_LOOKUPS {
            return;
        }
        let kept: Vec<Vec<Line>> = self.sheets.iter().map(|sheet| sheet.lines.clone()).collect();
        let mut done = Vec::new();
        while self.cost(self.own) > MOST_LOOKUPS {
            let Some((sheet, line)) = self.shortest() else { break };
            let line = &mut self.sheets[sheet].lines[line];
            let term = line.word.clone().unwrap_or_default();
            let networks = std::mem::take(&mut line.networks).join(" ");
            done.push(about("mend.done.written-out", &term).with("networks", networks.as_str()));
            *line = Line::bare(networks);
        }
        let is_short = self.sheets.iter().all(|sheet| sheet.text().len() <= MOST_OCTETS);
        if self.cost(self.own) <= MOST_LOOKUPS && is_short {
            self.done.extend(done);
        } else {
            // It would be more to look after, and receivers would refuse it all the same.
            self.sheets.iter_mut().zip(kept).for_each(|(sheet, kept)| sheet.lines = kept);
        }
    }

    /// The term that stands for the fewest networks of the domain's own.
    fn shortest(&self) -> Option<(usize, usize)> {
        let lines = self.sheets.iter().enumerate().flat_map(|(sheet, it)| {
            it.lines.iter().enumerate().map(move |(place, line)| ((sheet, place), line))
        });
        let passes = |word: &str| !word.starts_with(['-', '~', '?']);
        let can = lines.filter(|(_, line)| {
            !line.networks.is_empty() && line.word.as_deref().is_some_and(passes)
        });
        can.min_by_key(|(_, line)| line.networks.len()).map(|(place, _)| place)
    }

    fn say_what_is_left(&mut self, lookups: Option<Lookups>) {
        let after = lookups.map_or(0, |lookups| lookups.after);
        if after > MOST_LOOKUPS {
            let open = Sentence::new("mend.open.lookups").with("count", after.to_string());
            self.open.push(open);
        }
        let gone = self.done.iter().filter(|it| it.key == "mend.done.void").count();
        let void = self.sending.map_or(0, |it| it.tree.void_lookups).saturating_sub(gone);
        if void > MOST_VOID {
            self.open.push(Sentence::new("mend.open.void").with("count", void.to_string()));
        }
        if !self.is_sure && self.sending.is_some() {
            self.open.push(Sentence::new("mend.open.unsure"));
        }
    }

    /// What each term of a record costs, those that cost nothing aside.
    fn costs(&self, sheet: &Sheet) -> Vec<Cost> {
        let cost = |line: &Line| {
            let below = line.below.as_deref().map_or(0, |domain| self.cost(domain));
            let (term, provider) = (line.word.clone()?, line.provider.clone());
            Some(Cost { term, lookups: line.lookups + below, provider })
        };
        let mut costs: Vec<Cost> = sheet.lines.iter().filter_map(cost).collect();
        costs.retain(|cost| cost.lookups > 0);
        costs.sort_by_key(|cost| std::cmp::Reverse(cost.lookups));
        costs
    }

    /// What evaluating a record costs. Whatever leads back to itself was taken out.
    fn cost(&self, domain: &str) -> usize {
        let Some(sheet) = self.sheet(domain) else { return 0 };
        self.costs(sheet).iter().map(|cost| cost.lookups).sum()
    }

    fn sheet(&self, domain: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.domain == domain)
    }

    fn is_own(&self, domain: &str) -> bool {
        crate::draft::is_within(domain, self.own)
    }

    fn draft(
        &self,
        domain: &Domain,
        published: &Published,
        mended: Option<String>,
    ) -> Option<Draft> {
        let mut changes = Vec::new();
        for sheet in self.sheets.iter().filter(|sheet| sheet.domain != self.own) {
            let Ok(name) = sheet.domain.parse() else { continue };
            if sheet.text() != sheet.before {
                changes.push(Change::spf(name, std::slice::from_ref(&sheet.before), sheet.text()));
            }
        }
        if let Some(mended) = mended.filter(|mended| published.spf != [mended.as_str()]) {
            changes.push(Change::spf(domain.name(), &published.spf, mended));
        }
        (!changes.is_empty()).then(|| Draft { domain: domain.clone(), changes })
    }
}

impl Line {
    fn bare(word: String) -> Self {
        Self { word: Some(word), lookups: 0, below: None, provider: None, networks: Vec::new() }
    }
}

/// Whether a record lets pass whomever any of its terms matches, in whatever order.
fn is_union(record: &Record) -> bool {
    let terms = record.text.as_deref().map(|text| spf::evaluable(&text.into()).unwrap_or_default());
    terms.into_iter().flatten().all(|term| match term.kind {
        TermKind::Directive(qualifier, mechanism) => {
            qualifier == Qualifier::Pass || mechanism == Mechanism::All
        }
        _ => true,
    })
}

/// Whether a record lets pass whomever another one does, as it includes that.
fn includes(record: &Record, domain: &str) -> bool {
    record.state == State::Read
        && is_union(record)
        && record.terms.iter().filter(|branch| branch.reached).filter_map(included).any(|below| {
            let is_it = [State::Read, State::Repeated].contains(&below.state);
            (is_it && below.domain == domain) || includes(below, domain)
        })
}

/// The record that a term includes.
fn included(branch: &Branch) -> Option<&Record> {
    let term = branch.term.trim_start_matches(['+', '-', '~', '?']).as_bytes();
    let is_include = term.get(..8).is_some_and(|it| it.eq_ignore_ascii_case(b"include:"));
    branch.below.as_deref().filter(|_| is_include)
}

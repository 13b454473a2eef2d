//! SPF as a whole: every record that receivers read, what each term costs, and who may send.
//!
//! This is the record as it stands, for no particular sender: what [`crate::spf::check_host`] does
//! for one, up to where that one is known. Its count is that of a sender whom nothing matches, the most
//! that any evaluation can cost.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mxray_facts::Name;
use mxray_facts::dns::RecordType;
use mxray_records::spf::{
    Letter, MacroString, Mechanism, Qualifier, Term, TermKind, evaluable, is_record,
};
use mxray_records::{Finding, Rule, Text};
use serde::Serialize;

use super::networks::Networks;
use super::reports::is_within;
use super::{Known, Notes};
use crate::checks::{Context, texts};
use crate::look::Asked;
use crate::report::CheckId;
use crate::spf::target::{domain_name, fit, name_of};
use crate::spf::{MAX_LOOKUPS, MAX_VOID_LOOKUPS};

pub(crate) mod rules {
    //! Rules about the records that are read together.
    mxray_records::rules! { "spf":
        /// More lookups than receivers make, in all records together.
        LOOKUPS_EXCEEDED = Fail, "lookups-exceeded", "RFC 7208 §4.6.4";
        /// More questions without an answer than receivers put up with.
        VOID_LOOKUPS_EXCEEDED = Warning, "void-lookups-exceeded", "RFC 7208 §4.6.4";
        /// A record leads back to itself.
        LOOP = Fail, "loop", "RFC 7208 §4.6.4";
        /// An `include` or `redirect` to a domain without a record.
        TARGET_WITHOUT_RECORD = Fail, "target-without-record", "RFC 7208 §5.2";
        /// An `include` or `redirect` to a record that receivers cannot read.
        TARGET_BROKEN = Fail, "target-broken", "RFC 7208 §5.2";
        /// An `mx` of a domain with more hosts than are looked at.
        TOO_MANY_MX_HOSTS = Fail, "too-many-mx-hosts", "RFC 7208 §4.6.4";
        /// The same record is included twice.
        INCLUDED_TWICE = Notice, "included-twice", "RFC 7208 §4.6.4";
        /// An `include` of a record that lets nobody send.
        INCLUDE_IN_VAIN = Notice, "include-in-vain", "RFC 7208 §5.2";
    }
}

/// Where the count ends: what comes then is no longer read.
const MAX_FOLLOWED: usize = 3 * MAX_LOOKUPS;

/// The most hosts of an `mx` (RFC 7208 §4.6.4).
const MAX_HOSTS: usize = 10;

/// Terms of one record that are shown; a message holds ten thousand.
const MAX_TERMS: usize = 500;

/// The whole of a domain's SPF.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The domain's own record, and below it those that it leads to; `null` if there is none to read.
    pub record: Option<Record>,
    /// Terms that cost a lookup: include, a, mx, ptr, exists and redirect, in all records together
    /// (RFC 7208 §4.6.4). At least so many, if something could not be read.
    pub lookups: usize,
    /// Those whose question has no answer, whoever sends.
    pub void_lookups: usize,
    /// Whether all of it was read.
    pub complete: bool,
    /// Who may send.
    pub senders: Senders,
    /// What it would be with networks in the place of names.
    pub flattened: Flattened,
}

/// The whole of a domain's SPF, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The records.
    pub tree: Tree,
    /// What is wrong with them together.
    pub findings: Vec<Finding>,
}

/// A record, as receivers read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The domain at which it stands.
    pub domain: String,
    /// Its text; `null` if there is no record that could be read.
    pub text: Option<String>,
    /// How it stands.
    pub state: State,
    /// Its terms, in their order.
    pub terms: Vec<Branch>,
}

/// How a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was read.
    Read,
    /// There is none.
    Absent,
    /// There are several, or receivers cannot read it.
    Broken,
    /// It leads to one that leads here.
    Loop,
    /// It is read elsewhere in this tree.
    Repeated,
    /// It hangs on the message who it is, or the count was over.
    NotFollowed,
    /// It could not be looked at.
    Unknown,
}

/// A term, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// The term, as it is written.
    pub term: String,
    /// Its place in the count towards ten; `null` if it costs nothing or is never reached.
    pub count: Option<usize>,
    /// What it costs, with all that it leads to.
    pub lookups: usize,
    /// Whether receivers get as far as this.
    pub reached: bool,
    /// Whether its question has no answer, whoever sends.
    pub void: bool,
    /// The networks that it stands for, as a record names them, if all of its hosts are the domain's own:
    /// then who has the domain knows when they change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub own_networks: Vec<String>,
    /// The provider whose servers it stands for, if that is known.
    pub provider: Option<String>,
    /// The record that it leads to.
    pub below: Option<Box<Record>>,
}

/// How many may send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Senders {
    /// Everybody may.
    pub everybody: bool,
    /// So many IPv4 addresses.
    pub ipv4: u64,
    /// As many IPv6 addresses as a network of this prefix length holds, at the most; `null` for none.
    pub ipv6_prefix: Option<u8>,
    /// Terms that allow addresses which cannot be counted: they hang on the message.
    pub uncountable: Vec<String>,
}

/// What flattening would come to: networks written out in the place of names. They are others'
/// networks, and change without notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flattened {
    /// The lookups that it would save.
    pub saves: usize,
    /// The networks that would be written.
    pub networks: usize,
    /// The octets of that record; receivers may miss what is over 450 (RFC 7208 §3.4).
    pub octets: usize,
}

/// The names that the domain's own record leads to.
pub(super) fn includes(context: &Context<'_>) -> Vec<Name> {
    let answer = context.look.dns(context.domain.name(), RecordType::Txt);
    let Some(Ok(answer)) = answer else { return Vec::new() };
    let Some(text) = texts(&answer).into_iter().find(|text| is_record(text.as_str())) else {
        return Vec::new();
    };
    let leads = |term: &Term| follows(&term.kind);
    let terms = evaluable(&text).unwrap_or_default().into_iter().filter(leads);
    terms.filter_map(|term| name_of(fit(term.domain?.as_str()))).collect()
}

fn follows(kind: &TermKind) -> bool {
    matches!(kind, TermKind::Redirect | TermKind::Directive(_, Mechanism::Include))
}

/// Reads what has come of the tree.
pub(super) fn draw(context: &Context<'_>, known: &Known, notes: &mut Notes) -> Tree {
    let mut walk = Walk::new(context, known, notes);
    let (record, _) = walk.record(context.domain.as_str(), &[], true);
    walk.finish(record)
}

/// The walk through the records, depth first, as receivers go.
struct Walk<'a> {
    context: &'a Context<'a>,
    known: &'a Known,
    notes: &'a mut Notes,
    count: usize,
    void: usize,
    complete: bool,
    /// Lookups that no network can take the place of.
    fixed: usize,
    networks: Networks,
    senders: Senders,
    /// What each record that has been read costs, by its domain and whether whom it lets pass may send.
    costs: BTreeMap<(String, bool), usize>,
}

/// Where a term stands, and whether whoever matches it may send.
#[derive(Clone, Copy)]
struct Place<'a> {
    domain: &'a str,
    above: &'a [&'a str],
    passes: bool,
}

/// Whether a record lets anybody pass.
type LetsPass = bool;

impl<'a> Walk<'a> {
    fn new(context: &'a Context<'a>, known: &'a Known, notes: &'a mut Notes) -> Self {
        Self {
            context,
            known,
            notes,
            count: 0,
            void: 0,
            complete: true,
            fixed: 0,
            networks: Networks::default(),
            senders: Senders::default(),
            costs: BTreeMap::new(),
        }
    }

    /// Reads a domain's record and all that it leads to.
    fn record(&mut self, domain: &str, above: &[&str], passes: bool) -> (Record, LetsPass) {
        let text = match self.find(domain) {
            Ok(text) => text,
            Err(state) => return (Record::bare(domain, state), false),
        };
        let Ok(terms) = evaluable(&text) else {
            let text = Some(text.as_str().to_owned());
            return (Record { text, ..Record::bare(domain, State::Broken) }, false);
        };
        let above = [above, &[domain]].concat();
        let branches = self.branches(&text, &terms, Place { domain, above: &above, passes });
        let text = Some(text.as_str().to_owned());
        let record =
            Record { domain: domain.to_owned(), text, state: State::Read, terms: branches };
        (record, lets_pass(&terms))
    }

    fn find(&mut self, domain: &str) -> Result<Text, State> {
        let name = domain_name(domain).ok_or(State::Absent)?;
        let answer = self.ask(&name, RecordType::Txt).ok_or(State::Unknown)?;
        let answer = answer.map_err(|_| State::Unknown)?;
        let mut records = texts(&answer).into_iter().filter(|text| is_record(text.as_str()));
        match (records.next(), records.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(State::Broken),
            (None, _) => Err(State::Absent),
        }
    }

    /// What is not there, or not yet, leaves the tree incomplete.
    fn ask(&mut self, name: &Name, record_type: RecordType) -> Option<Asked> {
        let answer = match self.count > MAX_FOLLOWED {
            true => None,
            false => self.context.look.dns(name.clone(), record_type),
        };
        self.complete &= matches!(answer, Some(Ok(_)));
        answer
    }

    /// Directives first, each in its turn; then `redirect`, if there is no `all` (RFC 7208 §6.1).
    fn branches(&mut self, text: &Text, terms: &[Term], place: Place<'_>) -> Vec<Branch> {
        self.complete &= terms.len() <= MAX_TERMS;
        let terms = terms.get(..MAX_TERMS).unwrap_or(terms);
        let mut branches: Vec<Branch> =
            terms.iter().map(|term| Branch::new(term.span.of(text.as_str()))).collect();
        let mut reached = true;
        for (term, branch) in terms.iter().zip(&mut branches) {
            let TermKind::Directive(qualifier, mechanism) = term.kind else { continue };
            branch.reached = reached;
            if reached {
                let passes = place.passes && qualifier == Qualifier::Pass;
                self.directive(mechanism, term, Place { passes, ..place }, branch);
            }
            reached &= mechanism != Mechanism::All;
        }
        let mut all = terms.iter().zip(&mut branches);
        if let Some((term, branch)) = all.find(|(term, _)| term.kind == TermKind::Redirect) {
            branch.reached = reached;
            if reached {
                self.follow(term, place, branch);
            }
        }
        branches
    }

    fn directive(
        &mut self,
        mechanism: Mechanism,
        term: &Term,
        place: Place<'_>,
        branch: &mut Branch,
    ) {
        match mechanism {
            Mechanism::All => self.senders.everybody |= place.passes,
            Mechanism::Network(network, length) if place.passes => {
                self.networks.add(network, length);
            }
            Mechanism::Network(..) => {}
            Mechanism::Include => self.follow(term, place, branch),
            Mechanism::Ptr => {
                self.count(branch);
                self.cannot_count(place, branch);
            }
            Mechanism::Exists => {
                self.count(branch);
                self.exists(term, place, branch);
            }
            Mechanism::A(_) | Mechanism::Mx(_) => {
                self.count(branch);
                self.named(mechanism, term, place, branch);
            }
        }
    }

    fn count(&mut self, branch: &mut Branch) {
        self.count += 1;
        branch.count = Some(self.count);
        branch.lookups = 1;
    }

    fn cannot_count(&mut self, place: Place<'_>, branch: &Branch) {
        self.fixed += 1;
        if place.passes {
            self.senders.uncountable.push(branch.term.clone());
        }
    }

    /// The result hangs on whether the name has an address; where the name hangs on the message, so
    /// does that.
    fn exists(&mut self, term: &Term, place: Place<'_>, branch: &mut Branch) {
        self.cannot_count(place, branch);
        let Some(name) = target(term, place.domain).and_then(|it| name_of(&it)) else { return };
        if let Some(Ok(answer)) = self.ask(&name, RecordType::A) {
            self.note_void(answer.records.is_empty(), branch);
        }
    }

    fn note_void(&mut self, is_void: bool, branch: &mut Branch) {
        self.void += usize::from(is_void);
        branch.void |= is_void;
    }

    /// `a` and `mx`: networks around the addresses of a name.
    fn named(&mut self, mechanism: Mechanism, term: &Term, place: Place<'_>, branch: &mut Branch) {
        let Some(name) = target(term, place.domain).and_then(|it| name_of(&it)) else {
            return self.cannot_count(place, branch);
        };
        let (prefixes, hosts) = match mechanism {
            Mechanism::Mx(prefixes) => (prefixes, self.mx_hosts(&name, place, branch)),
            Mechanism::A(prefixes) => (prefixes, vec![name]),
            _ => return,
        };
        let (mut networks, mut all_own) = (Networks::default(), true);
        for host in hosts {
            let (addresses, is_own) = self.addresses(&host, branch);
            all_own &= is_own;
            for address in addresses {
                let length = if address.is_ipv4() { prefixes.v4 } else { prefixes.v6 };
                networks.add(address, length);
                if place.passes {
                    self.networks.add(address, length);
                }
            }
        }
        if all_own {
            branch.own_networks = networks.distinct();
        }
    }

    fn mx_hosts(&mut self, name: &Name, place: Place<'_>, branch: &mut Branch) -> Vec<Name> {
        let Some(Ok(answer)) = self.ask(name, RecordType::Mx) else { return Vec::new() };
        let exchanges = answer.exchanges();
        self.note_void(exchanges.is_empty(), branch);
        if exchanges.len() > MAX_HOSTS {
            let count = exchanges.len().to_string();
            let about = [("name", name.as_str()), ("count", &count), ("term", &branch.term)];
            self.note(&rules::TOO_MANY_MX_HOSTS, place.domain, &about);
            return Vec::new();
        }
        let mut hosts: Vec<Name> = Vec::new();
        for (_, host) in exchanges {
            if !host.is_root() && !hosts.contains(host) {
                hosts.push(host.clone());
            }
        }
        hosts
    }

    /// Those of both families, where a sender's is of one; and whether the domain itself says them.
    fn addresses(&mut self, host: &Name, branch: &mut Branch) -> (Vec<IpAddr>, bool) {
        let seen = [RecordType::A, RecordType::Aaaa].map(|kind| self.ask(host, kind));
        let own = self.context.domain.as_str();
        let mut is_own = is_within(host.as_str(), own);
        let mut addresses = Vec::new();
        for answer in seen.iter().flatten().flatten() {
            is_own &= answer.aliases.iter().all(|alias| is_within(alias.as_str(), own));
            addresses.extend(answer.addresses());
        }
        let answered = seen.iter().all(|answer| matches!(answer, Some(Ok(_))));
        self.note_void(answered && addresses.is_empty(), branch);
        (addresses, is_own && answered)
    }

    /// `include` and `redirect`: what another record says.
    fn follow(&mut self, term: &Term, place: Place<'_>, branch: &mut Branch) {
        self.count(branch);
        let Some(target) = target(term, place.domain) else {
            self.cannot_count(place, branch);
            branch.below = Some(Box::new(Record::bare("", State::NotFollowed)));
            return;
        };
        let name = name_of(&target);
        let provider = name.and_then(|name| self.known.providers.of_include(&name));
        branch.provider = provider.map(|provider| provider.name.clone());
        let before = self.count;
        let record = self.below(&target, term, place, branch);
        branch.lookups += self.count - before;
        branch.below = Some(Box::new(record));
    }

    fn below(&mut self, target: &str, term: &Term, place: Place<'_>, branch: &Branch) -> Record {
        let about = [("name", target), ("term", branch.term.as_str())];
        if place.above.contains(&target) {
            self.note(&rules::LOOP, place.domain, &about);
            return Record::bare(target, State::Loop);
        }
        let key = (target.to_owned(), place.passes);
        if let Some(cost) = self.costs.get(&key) {
            self.count += cost;
            self.note(&rules::INCLUDED_TWICE, place.domain, &about);
            return Record::bare(target, State::Repeated);
        }
        if self.count > MAX_FOLLOWED {
            self.complete = false;
            return Record::bare(target, State::NotFollowed);
        }
        let before = self.count;
        let (record, lets_pass) = self.record(target, place.above, place.passes);
        self.costs.insert(key, self.count - before);
        let is_include = term.kind != TermKind::Redirect;
        match record.state {
            State::Absent => self.note(&rules::TARGET_WITHOUT_RECORD, place.domain, &about),
            State::Broken => self.note(&rules::TARGET_BROKEN, place.domain, &about),
            State::Read if is_include && !lets_pass => {
                self.note(&rules::INCLUDE_IN_VAIN, place.domain, &about);
            }
            _ => {}
        }
        record
    }

    fn note(&mut self, rule: &'static Rule, domain: &str, about: &[(&'static str, &str)]) {
        let finding = Finding::new(rule).with("domain", domain);
        let finding = about.iter().fold(finding, |finding, (key, value)| finding.with(key, *value));
        self.notes.find(CheckId::Spf, finding);
    }

    fn finish(mut self, record: Record) -> Tree {
        let own = self.context.domain.as_str();
        if self.count > MAX_LOOKUPS {
            let count = self.count.to_string();
            self.note(&rules::LOOKUPS_EXCEEDED, own, &[("count", &count)]);
        }
        if self.void > MAX_VOID_LOOKUPS {
            let count = self.void.to_string();
            self.note(&rules::VOID_LOOKUPS_EXCEEDED, own, &[("count", &count)]);
        }
        let flattened = Flattened {
            saves: self.count - self.fixed.min(self.count),
            networks: self.networks.distinct().len(),
            octets: self.networks.record().len(),
        };
        let (ipv4, ipv6_prefix) = (self.networks.ipv4(), self.networks.ipv6_prefix());
        Tree {
            record: (record.state != State::Absent).then_some(record),
            lookups: self.count,
            void_lookups: self.void,
            complete: self.complete,
            senders: Senders { ipv4, ipv6_prefix, ..self.senders },
            flattened,
        }
    }
}

impl Record {
    fn bare(domain: &str, state: State) -> Self {
        Self { domain: domain.to_owned(), text: None, state, terms: Vec::new() }
    }
}

impl Branch {
    fn new(term: &str) -> Self {
        Self {
            term: term.to_owned(),
            count: None,
            lookups: 0,
            reached: true,
            void: false,
            own_networks: Vec::new(),
            provider: None,
            below: None,
        }
    }
}

/// What macros stand for that hang on the message.
const OF_THE_MESSAGE: [Letter; 7] = [
    Letter::Sender,
    Letter::LocalPart,
    Letter::SenderDomain,
    Letter::Ip,
    Letter::ValidatedName,
    Letter::ReverseZone,
    Letter::Helo,
];

/// The name that a term is about, if it is the same for every message; in lower case.
fn target(term: &Term, domain: &str) -> Option<String> {
    let Some(text) = &term.domain else { return Some(domain.to_owned()) };
    let hangs = |text: &MacroString| OF_THE_MESSAGE.iter().any(|letter| text.uses(*letter));
    (!hangs(text)).then(|| fit(&text.expand(|_| domain)).to_ascii_lowercase())
}

/// Whether any of a record's terms lets anybody pass, or may.
fn lets_pass(terms: &[Term]) -> bool {
    let before_all = terms.iter().position(|term| {
        matches!(term.kind, TermKind::Directive(qualifier, Mechanism::All) if qualifier != Qualifier::Pass)
    });
    let reached = before_all.map_or(terms, |end| &terms[..end]);
    let passes = |term: &Term| matches!(term.kind, TermKind::Directive(Qualifier::Pass, _));
    let redirects = before_all.is_none() && terms.iter().any(|it| it.kind == TermKind::Redirect);
    redirects || reached.iter().any(passes)
}

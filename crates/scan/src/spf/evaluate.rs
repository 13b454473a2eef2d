//! The evaluation: one record after the other, term by term, as the standard orders it.

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;

use futures_util::future::join_all;
use mxray_facts::dns::{Answer, Question, RecordType};
use mxray_facts::{Bytes, Name, Observation};
use mxray_records::Text;
use mxray_records::spf::{
    Letter, MacroString, Mechanism, Prefixes, Term, TermKind, evaluable, is_record,
};

use super::target::{
    domain_name, dotted, fit, is_within, name_of, reverse_name, reverse_zone, shares_prefix,
};
use super::{
    Attempt, Evaluation, Host, MAX_LOOKUPS, MAX_VOID_LOOKUPS, Outcome, Reason, Step, StepProgress,
    Visit,
};
use crate::Network;

/// The most hosts of an `mx`, and names of an address, that are looked at (RFC 7208 §4.6.4).
const MAX_HOSTS: usize = 10;

/// The longest explanation that is kept: about what one line of an SMTP reply holds (RFC 5321 §4.5.3.1.5).
const MAX_EXPLANATION: usize = 512;

/// What `%{p}` and `%{r}` stand for where nothing better is known (RFC 7208 §7.3).
const UNKNOWN: &str = "unknown";

/// Evaluates a domain's SPF record for an attempt to send (RFC 7208 §4).
///
/// Questions that a decision may need at the same time are asked at the same time; each is asked once.
pub async fn check_host<N: Network>(network: &N, attempt: &Attempt) -> Evaluation {
    let evaluator = Evaluator::new(network, attempt);
    let Judged { visit, explained_by } = evaluator.visit(fit(&attempt.domain)).await;
    let explanation = match explained_by {
        Some(explained_by) if visit.result == Outcome::Fail => {
            evaluator.explain(&explained_by).await
        }
        _ => None,
    };
    let Cost { lookups, void_lookups } = evaluator.cost.get();
    Evaluation {
        result: visit.result,
        reason: visit.reason.clone(),
        explanation,
        lookups,
        void_lookups,
        visit,
    }
}

/// What has been spent of what may be (RFC 7208 §4.6.4).
#[derive(Clone, Copy, Default)]
struct Cost {
    lookups: usize,
    void_lookups: usize,
}

struct Evaluator<'a, N> {
    network: &'a N,
    attempt: &'a Attempt,
    ip: IpAddr,
    local_part: &'a str,
    sender_domain: &'a str,
    cost: Cell<Cost>,
    answers: RefCell<Vec<(Question, Asked)>>,
}

type Asked = Observation<Rc<Answer>>;

/// A result that ends the evaluation of a record.
struct End(Outcome, Reason);

/// A record's evaluation, and where an explanation would stand.
struct Judged {
    visit: Visit,
    explained_by: Option<ExplainedBy>,
}

/// The `exp` of a domain's record.
struct ExplainedBy {
    text: MacroString,
    domain: String,
}

impl<'a, N: Network> Evaluator<'a, N> {
    fn new(network: &'a N, attempt: &'a Attempt) -> Self {
        // Without a sender it is the server itself, by its name (RFC 7208 §2.4).
        let sender = if attempt.sender.is_empty() { &attempt.helo } else { &attempt.sender };
        let (local_part, sender_domain) = sender.rsplit_once('@').unwrap_or(("", sender));
        Self {
            network,
            attempt,
            // An IPv4 address is one, however it is written (RFC 7208 §5).
            ip: attempt.ip.to_canonical(),
            local_part: if local_part.is_empty() { "postmaster" } else { local_part },
            sender_domain,
            cost: Cell::default(),
            answers: RefCell::default(),
        }
    }

    /// Finds a domain's record and evaluates it (RFC 7208 §4.3 to §4.6).
    async fn visit(&self, domain: &str) -> Judged {
        let text = match self.find_record(domain).await {
            Ok(text) => text,
            Err(end) => return Judged::without_terms(domain, None, end),
        };
        let record = Some(text.as_str().to_owned());
        match evaluable(&text) {
            Ok(terms) => self.evaluate(domain, &text, &terms).await,
            Err(mistake) => {
                let reason = Reason::Malformed { domain: domain.to_owned(), mistake };
                Judged::without_terms(domain, record, End(Outcome::PermError, reason))
            }
        }
    }

    async fn find_record(&self, domain: &str) -> Result<Text, End> {
        let owned = || domain.to_owned();
        let Some(name) = domain_name(domain) else {
            return Err(End(Outcome::None, Reason::NotADomain { domain: owned() }));
        };
        let answer = self.observe(&name, RecordType::Txt).await?;
        let mut records: Vec<Text> =
            texts(&answer).filter(|text| is_record(text.as_str())).collect();
        match (records.pop(), records.len()) {
            (Some(only), 0) => Ok(only),
            (Some(_), others) => {
                let reason = Reason::SeveralRecords { domain: owned(), count: others + 1 };
                Err(End(Outcome::PermError, reason))
            }
            (None, _) => Err(End(Outcome::None, Reason::NoRecord { domain: owned() })),
        }
    }

    async fn evaluate(&self, domain: &str, text: &Text, terms: &[Term]) -> Judged {
        let mut steps: Vec<Step> =
            terms.iter().map(|term| Step::new(term, text.as_str())).collect();
        let explains = terms.iter().find(|term| term.kind == TermKind::Explanation);
        let mut explained_by = explains.and_then(|term| {
            Some(ExplainedBy { text: term.domain.clone()?, domain: domain.to_owned() })
        });
        let mut end = self.try_directives(domain, terms, &mut steps).await;
        if end.is_none() {
            let mut tried = terms.iter().zip(&mut steps);
            if let Some((term, step)) = tried.find(|(term, _)| term.kind == TermKind::Redirect) {
                // Only the record that is redirected to may explain (RFC 7208 §6.2).
                (end, explained_by) = self.redirect(domain, term, step).await;
            }
        }
        let default =
            || End(Outcome::Neutral, Reason::NothingMatched { domain: domain.to_owned() });
        let End(result, reason) = end.unwrap_or_else(default);
        let record = Some(text.as_str().to_owned());
        let visit = Visit { domain: domain.to_owned(), record, steps, result, reason };
        Judged { visit, explained_by }
    }

    /// Tries one directive after the other; the first that matches or fails decides (RFC 7208 §4.6.2).
    async fn try_directives(
        &self,
        domain: &str,
        terms: &[Term],
        steps: &mut [Step],
    ) -> Option<End> {
        for (term, step) in terms.iter().zip(steps) {
            let TermKind::Directive(qualifier, mechanism) = term.kind else { continue };
            let before = self.cost.get();
            let matches = self.matches(domain, mechanism, term, step).await;
            step.charge(before, self.cost.get());
            match matches {
                Ok(false) => step.progress = StepProgress::NoMatch,
                Ok(true) => {
                    step.progress = StepProgress::Match;
                    let (domain, term) = (domain.to_owned(), step.term.clone());
                    return Some(End(qualifier.into(), Reason::Matched { domain, term }));
                }
                Err(end) => {
                    step.progress = StepProgress::Error;
                    return Some(end);
                }
            }
        }
        None
    }

    /// Lets another domain's record decide (RFC 7208 §6.1).
    async fn redirect(
        &self,
        domain: &str,
        term: &Term,
        step: &mut Step,
    ) -> (Option<End>, Option<ExplainedBy>) {
        let before = self.cost.get();
        let followed = self.follow(domain, term, step).await;
        step.charge(before, self.cost.get());
        match followed {
            Ok((end, explained_by)) => {
                step.progress = StepProgress::Followed;
                (Some(end), explained_by)
            }
            Err(end) => {
                step.progress = StepProgress::Error;
                (Some(end), None)
            }
        }
    }

    /// Evaluates the record that `include` or `redirect` leads to. It has to be there.
    ///
    /// Its question counts as no void lookup: where it has no answer, the result is the same error.
    async fn follow(
        &self,
        domain: &str,
        term: &Term,
        step: &mut Step,
    ) -> Result<(End, Option<ExplainedBy>), End> {
        self.count_lookup()?;
        let target = self.target(term, domain, step).await;
        let Judged { visit, explained_by } = Box::pin(self.visit(&target)).await;
        let (result, reason) = (visit.result, visit.reason.clone());
        step.below = Some(Box::new(visit));
        match result {
            Outcome::None => Err(End(Outcome::PermError, Reason::NothingThere { domain: target })),
            Outcome::TempError | Outcome::PermError => Err(End(result, reason)),
            _ => Ok((End(result, reason), explained_by)),
        }
    }

    /// Whether a mechanism matches (RFC 7208 §5).
    async fn matches(
        &self,
        domain: &str,
        mechanism: Mechanism,
        term: &Term,
        step: &mut Step,
    ) -> Result<bool, End> {
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Network(network, length) => Ok(shares_prefix(self.ip, network, length)),
            Mechanism::Include => {
                let (End(result, _), _) = self.follow(domain, term, step).await?;
                Ok(result == Outcome::Pass)
            }
            _ => {
                self.count_lookup()?;
                match name_of(&self.target(term, domain, step).await) {
                    Some(name) => self.matches_name(mechanism, &name, step).await,
                    None => Ok(false),
                }
            }
        }
    }

    /// Whether a mechanism that looks a name up matches.
    async fn matches_name(
        &self,
        mechanism: Mechanism,
        name: &Name,
        step: &mut Step,
    ) -> Result<bool, End> {
        match mechanism {
            Mechanism::A(prefixes) => self.is_near(name, prefixes, step).await,
            Mechanism::Mx(prefixes) => self.is_near_mx(name, prefixes, step).await,
            Mechanism::Ptr => self.is_named(name, step).await,
            // Of IPv4, whatever the sender's address is (RFC 7208 §5.7).
            _ => Ok(!self.addresses(name, RecordType::A, step).await?.is_empty()),
        }
    }

    async fn is_near(&self, name: &Name, prefixes: Prefixes, step: &mut Step) -> Result<bool, End> {
        let length = if self.ip.is_ipv4() { prefixes.v4 } else { prefixes.v6 };
        let addresses = self.addresses(name, self.address_type(), step).await?;
        Ok(addresses.into_iter().any(|address| shares_prefix(self.ip, address, length)))
    }

    /// Hosts are tried by preference. More than ten are refused whichever would match, so that the
    /// result does not depend on the order of an answer.
    async fn is_near_mx(
        &self,
        name: &Name,
        prefixes: Prefixes,
        step: &mut Step,
    ) -> Result<bool, End> {
        let answer = self.observe(name, RecordType::Mx).await?;
        let exchanges = answer.exchanges();
        if exchanges.is_empty() {
            self.count_void_lookup()?;
        }
        if exchanges.len() > MAX_HOSTS {
            let (domain, count) = (name.to_string(), exchanges.len());
            return Err(End(Outcome::PermError, Reason::TooManyMxHosts { domain, count }));
        }
        let mut hosts: Vec<&Name> = Vec::new();
        for (_, host) in exchanges {
            // The null MX names no host (RFC 7505 §3).
            if !host.is_root() && !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        join_all(hosts.iter().map(|host| self.ask(host, self.address_type()))).await;
        for host in hosts {
            if self.is_near(host, prefixes, step).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a name of the address is within a domain (RFC 7208 §5.5). What cannot be looked at
    /// does not match, and the names are those of whoever holds the address: their questions are not
    /// held against the domain.
    async fn is_named(&self, domain: &Name, step: &mut Step) -> Result<bool, End> {
        let Ok(answer) = self.pointers().await else { return Ok(false) };
        if answer.pointers().next().is_none() {
            self.count_void_lookup()?;
        }
        step.hosts = self.validated(&answer).await;
        Ok(step.hosts.iter().any(|host| is_within(&host.name, domain)))
    }

    /// The names of the address.
    async fn pointers(&self) -> Observation<Rc<Answer>> {
        match reverse_name(self.ip) {
            Some(name) => self.ask(&name, RecordType::Ptr).await,
            None => Err(mxray_facts::Unobserved::NotCovered),
        }
    }

    /// Those of the names that have the address.
    async fn validated(&self, answer: &Answer) -> Vec<Host> {
        let names: Vec<&Name> = answer.pointers().take(MAX_HOSTS).collect();
        let answers = join_all(names.iter().map(|name| self.ask(name, self.address_type()))).await;
        let hosts = names.into_iter().zip(answers).filter_map(|(name, answer)| {
            Some(Host { name: name.clone(), addresses: answer.ok()?.addresses().collect() })
        });
        hosts.filter(|host| host.addresses.contains(&self.ip)).collect()
    }

    /// `%{p}`: the domain itself if it is among the names, else one below it, else any (RFC 7208 §7.3).
    async fn validated_name(&self, domain: &str) -> String {
        let Ok(answer) = self.pointers().await else { return UNKNOWN.to_owned() };
        let hosts = self.validated(&answer).await;
        let domain = name_of(domain);
        let rank = |host: &&Host| {
            let domain = domain.as_ref();
            let is_other = domain.is_none_or(|domain| !is_within(&host.name, domain));
            (is_other, domain != Some(&host.name))
        };
        let best = hosts.iter().min_by_key(rank);
        best.map_or_else(|| UNKNOWN.to_owned(), |host| host.name.to_string())
    }

    /// What the `exp` of the record that decided leads to (RFC 7208 §6.2); nothing if anything is
    /// wrong with it.
    async fn explain(&self, explained_by: &ExplainedBy) -> Option<String> {
        let domain = &explained_by.domain;
        let target = self.expand(&explained_by.text, domain).await;
        let answer = self.ask(&name_of(fit(&target))?, RecordType::Txt).await.ok()?;
        let mut texts = texts(&answer);
        let (only, None) = (texts.next()?, texts.next()) else { return None };
        let explanation = MacroString::explanation(only.as_str())?;
        let mut expanded = self.expand(&explanation, domain).await;
        expanded.retain(|c| c.is_ascii());
        expanded.truncate(MAX_EXPLANATION);
        Some(expanded)
    }

    /// The name that a term is about: its own, or the domain's.
    async fn target(&self, term: &Term, domain: &str, step: &mut Step) -> String {
        let target = match &term.domain {
            Some(text) => fit(&self.expand(text, domain).await).to_owned(),
            None => domain.to_owned(),
        };
        step.target = Some(target.clone());
        target
    }

    async fn expand(&self, text: &MacroString, domain: &str) -> String {
        let validated = match text.uses(Letter::ValidatedName) {
            true => self.validated_name(domain).await,
            false => String::new(),
        };
        let sender = format!("{}@{}", self.local_part, self.sender_domain);
        let (dotted, readable) = (dotted(self.ip), self.ip.to_string());
        let now = self.attempt.at.0.to_string();
        text.expand(|letter| match letter {
            Letter::Sender => &sender,
            Letter::LocalPart => self.local_part,
            Letter::SenderDomain => self.sender_domain,
            Letter::Domain => domain,
            Letter::Ip => &dotted,
            Letter::ValidatedName => &validated,
            Letter::ReverseZone => reverse_zone(self.ip),
            Letter::Helo => &self.attempt.helo,
            Letter::ReadableIp => &readable,
            Letter::Receiver => UNKNOWN,
            Letter::Time => &now,
        })
    }

    fn address_type(&self) -> RecordType {
        if self.ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa }
    }

    async fn addresses(
        &self,
        name: &Name,
        record_type: RecordType,
        step: &mut Step,
    ) -> Result<Vec<IpAddr>, End> {
        let answer = self.observe(name, record_type).await?;
        let addresses: Vec<IpAddr> = answer.addresses().collect();
        step.hosts.push(Host { name: name.clone(), addresses: addresses.clone() });
        if addresses.is_empty() {
            self.count_void_lookup()?;
        }
        Ok(addresses)
    }

    /// An answer without which there is no result (RFC 7208 §4.4, §5).
    async fn observe(&self, name: &Name, record_type: RecordType) -> Result<Rc<Answer>, End> {
        self.ask(name, record_type).await.map_err(|why| {
            End(Outcome::TempError, Reason::Unobserved { name: name.clone(), record_type, why })
        })
    }

    async fn ask(&self, name: &Name, record_type: RecordType) -> Asked {
        let question = Question::new(name.clone(), record_type);
        let known =
            |(asked, answer): &(Question, Asked)| (*asked == question).then(|| answer.clone());
        if let Some(answer) = self.answers.borrow().iter().find_map(known) {
            return answer;
        }
        let answer = self.network.dns(&question).await.map(Rc::new);
        self.answers.borrow_mut().push((question, answer.clone()));
        answer
    }

    /// Counts a term that causes questions, before it asks them.
    fn count_lookup(&self) -> Result<(), End> {
        let cost = self.cost.get();
        let lookups = cost.lookups + 1;
        self.cost.set(Cost { lookups, ..cost });
        if lookups > MAX_LOOKUPS {
            return Err(End(Outcome::PermError, Reason::TooManyLookups));
        }
        Ok(())
    }

    /// Counts a question that has no answer.
    fn count_void_lookup(&self) -> Result<(), End> {
        let cost = self.cost.get();
        let void_lookups = cost.void_lookups + 1;
        self.cost.set(Cost { void_lookups, ..cost });
        if void_lookups > MAX_VOID_LOOKUPS {
            return Err(End(Outcome::PermError, Reason::TooManyVoidLookups));
        }
        Ok(())
    }
}

impl Judged {
    fn without_terms(domain: &str, record: Option<String>, End(result, reason): End) -> Self {
        let (domain, steps) = (domain.to_owned(), Vec::new());
        Self { visit: Visit { domain, record, steps, result, reason }, explained_by: None }
    }
}

impl Step {
    fn new(term: &Term, text: &str) -> Self {
        let progress = match term.kind {
            TermKind::Directive(..) | TermKind::Redirect => StepProgress::NotReached,
            TermKind::Explanation | TermKind::Unknown(_) => StepProgress::Passive,
        };
        Self {
            term: term.span.of(text).to_owned(),
            target: None,
            hosts: Vec::new(),
            lookups: 0,
            void_lookups: 0,
            progress,
            below: None,
        }
    }

    fn charge(&mut self, before: Cost, after: Cost) {
        self.lookups = after.lookups - before.lookups;
        self.void_lookups = after.void_lookups - before.void_lookups;
    }
}

fn texts(answer: &Answer) -> impl Iterator<Item = Text> {
    answer.texts().map(|strings| Text::join(strings.iter().map(Bytes::to_text)))
}

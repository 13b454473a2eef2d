//! Every name of the lab, and looking one up as a recursive resolver would have.
//!
//! No sockets here: a question goes in, the reply of a resolver comes out.

use std::collections::HashMap;
use std::time::Duration;

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::rdata::SOA;
use hickory_server::proto::rr::{LowerName, Name, RData, Record, RecordType};

use crate::format::Dnssec;

/// How many CNAMEs are followed, as resolvers bound it.
const LONGEST_CHAIN: usize = 16;

/// How long a resolver may remember that there is nothing (RFC 2308 §5).
const NEGATIVE_TTL: u32 = 300;

/// All names that exist in the lab. A name that is in no zone of it is none of its business.
#[derive(Debug, Default)]
pub(crate) struct Names {
    zones: HashMap<LowerName, Dnssec>,
    nodes: HashMap<LowerName, Node>,
}

/// What exists at one name; nothing at all for an empty non-terminal (RFC 8499 §7).
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) records: Vec<(u32, RData)>,
    pub(crate) dnssec: Option<Dnssec>,
    pub(crate) script: Script,
}

/// What a resolver says of a name beside its records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) rcode: Option<ResponseCode>,
    pub(crate) extended_error: Option<ExtendedError>,
    pub(crate) delay: Duration,
}

/// An extended DNS error (RFC 8914 §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExtendedError {
    pub(crate) code: u16,
    pub(crate) text: String,
}

/// What the resolver answers.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) rcode: ResponseCode,
    pub(crate) answers: Vec<Record>,
    pub(crate) soa: Option<Record>,
    pub(crate) extended_error: Option<ExtendedError>,
    pub(crate) delay: Duration,
    /// The least secure of the names on the way.
    pub(crate) dnssec: Dnssec,
}

impl Names {
    /// Makes `apex` a zone: names below it exist or not, and nobody else knows better.
    pub(crate) fn zone(&mut self, apex: &Name, dnssec: Dnssec) {
        self.zones.insert(LowerName::new(apex), dnssec);
        self.nodes.entry(LowerName::new(apex)).or_default();
    }

    /// The node at `name`, made with all the empty non-terminals above it (RFC 4592 §2.2.2). A name
    /// in no zone becomes one of its own, so that its neighbors stay unknown instead of absent.
    pub(crate) fn node(&mut self, name: &Name) -> &mut Node {
        let name = LowerName::new(name);
        if self.zone_of(&name).is_none() {
            self.zones.insert(name.clone(), Dnssec::Insecure);
        }
        let mut above = name.clone();
        while !self.zones.contains_key(&above) {
            above = above.base_name();
            self.nodes.entry(above.clone()).or_default();
        }
        self.nodes.entry(name).or_default()
    }

    /// The reply to a question for `kind` at `name`.
    pub(crate) fn ask(&self, name: &LowerName, kind: RecordType) -> Reply {
        if name.is_root() {
            // Nothing is there but signatures: it is how a client finds out that we validate.
            return Reply { soa: Some(soa(name)), ..Reply::empty() };
        }
        let mut reply = Reply::empty();
        let mut name = name.clone();
        for _ in 0..LONGEST_CHAIN {
            match self.step(&name, kind, &mut reply) {
                Some(next) => name = next,
                None => return reply,
            }
        }
        reply.fail(0, "the chain of CNAMEs has no end");
        reply
    }

    /// Adds what stands at `name` to the reply; the name to go on with, where it is a CNAME.
    fn step(&self, name: &LowerName, kind: RecordType, reply: &mut Reply) -> Option<LowerName> {
        let Some(zone) = self.zone_of(name) else {
            reply.leave_the_lab(name);
            return None;
        };
        let node = self.find(name, &zone);
        reply.meet(node, self.zones.get(&zone).copied().unwrap_or_default());
        let Some(node) = node else {
            reply.rcode = ResponseCode::NXDomain;
            reply.soa = Some(soa(&zone));
            return None;
        };
        if let Some(rcode) = node.script.rcode {
            reply.rcode = rcode;
            reply.soa = (rcode == ResponseCode::NXDomain).then(|| soa(&zone));
            return None;
        }
        self.answer(name, &zone, node, kind, reply)
    }

    fn answer(
        &self,
        name: &LowerName,
        zone: &LowerName,
        node: &Node,
        kind: RecordType,
        reply: &mut Reply,
    ) -> Option<LowerName> {
        let found = reply.answers.len();
        let owned =
            |(ttl, data): &(u32, RData)| Record::from_rdata(name.into(), *ttl, data.clone());
        let asked =
            |(_, data): &&(u32, RData)| kind == RecordType::ANY || data.record_type() == kind;
        reply.answers.extend(node.records.iter().filter(asked).map(owned));
        if kind == RecordType::SOA && name == zone {
            reply.answers.push(soa(zone));
        }
        if reply.answers.len() > found {
            return None;
        }
        let alias = node.records.iter().find_map(|(ttl, data)| match data {
            RData::CNAME(target) => Some((*ttl, target.clone())),
            _ => None,
        });
        let Some((ttl, target)) = alias else {
            // Nothing of this type: NODATA, said by the zone's SOA (RFC 2308 §2.2).
            reply.soa = Some(soa(zone));
            return None;
        };
        let next = LowerName::new(&target.0);
        reply.answers.push(Record::from_rdata(name.into(), ttl, RData::CNAME(target)));
        Some(next)
    }

    /// The node that answers for a name: its own, or the wildcard at its closest encloser
    /// (RFC 4592 §3.3.1).
    fn find(&self, name: &LowerName, zone: &LowerName) -> Option<&Node> {
        if let Some(node) = self.nodes.get(name) {
            return Some(node);
        }
        let mut encloser = name.clone();
        while !self.nodes.contains_key(&encloser) && encloser != *zone {
            encloser = encloser.base_name();
        }
        let wildcard = Name::from(&encloser).prepend_label("*").ok()?;
        self.nodes.get(&LowerName::new(&wildcard))
    }

    fn zone_of(&self, name: &LowerName) -> Option<LowerName> {
        let mut name = name.clone();
        loop {
            if self.zones.contains_key(&name) {
                return Some(name);
            }
            if name.is_root() {
                return None;
            }
            name = name.base_name();
        }
    }
}

impl Reply {
    fn empty() -> Self {
        Self {
            rcode: ResponseCode::NoError,
            answers: Vec::new(),
            soa: None,
            extended_error: None,
            delay: Duration::ZERO,
            dnssec: Dnssec::Secure,
        }
    }

    /// A reply with nothing but a response code, of which no validator vouched.
    pub(crate) fn refusing(rcode: ResponseCode) -> Self {
        Self { rcode, dnssec: Dnssec::Insecure, ..Self::empty() }
    }

    /// Takes over what the name's script and zone say, whether or not the name exists.
    fn meet(&mut self, node: Option<&Node>, zone: Dnssec) {
        let dnssec = node.and_then(|node| node.dnssec).unwrap_or(zone);
        self.dnssec = match (self.dnssec, dnssec) {
            (Dnssec::Bogus, _) | (_, Dnssec::Bogus) => Dnssec::Bogus,
            (Dnssec::Secure, Dnssec::Secure) => Dnssec::Secure,
            _ => Dnssec::Insecure,
        };
        let Some(Node { script, .. }) = node else { return };
        self.delay += script.delay;
        if script.extended_error.is_some() {
            self.extended_error.clone_from(&script.extended_error);
        }
    }

    /// A name that the lab does not have: refused, so that nobody takes it for absent. At the end
    /// of a chain the resolver could not finish its work.
    fn leave_the_lab(&mut self, name: &LowerName) {
        if self.answers.is_empty() {
            self.rcode = ResponseCode::Refused;
            self.dnssec = Dnssec::Insecure;
        } else {
            // 22: No Reachable Authority (RFC 8914 §4.23).
            self.fail(22, &format!("{name} is not in the lab"));
        }
    }

    fn fail(&mut self, code: u16, text: &str) {
        self.rcode = ResponseCode::ServFail;
        self.answers.clear();
        self.soa = None;
        self.dnssec = Dnssec::Insecure;
        self.extended_error = Some(ExtendedError { code, text: text.to_owned() });
    }
}

fn soa(zone: &LowerName) -> Record {
    let apex = Name::from(zone);
    let below = |label: &str| apex.prepend_label(label).unwrap_or_else(|_| apex.clone());
    let data = SOA::new(below("ns"), below("hostmaster"), 1, 7200, 3600, 1_209_600, NEGATIVE_TTL);
    Record::from_rdata(apex.clone(), NEGATIVE_TTL, RData::SOA(data))
}

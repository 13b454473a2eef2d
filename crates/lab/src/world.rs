//! From files to an internet: names, addresses, certificates and servers, before any socket.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::rdata::A;
use hickory_server::proto::rr::{Name, RData, RecordType};

use crate::dns::names::{ExtendedError, Names, Node, Script};
use crate::dns::rdata;
use crate::format::{
    Base, Dnssec, DomainToml, MailBehavior, MailHostToml, NameToml, PolicyBehavior, PolicyToml,
    Rcode,
};
use crate::https::{Site, Sites};
use crate::log::Log;
use crate::pki::{Identity, Pki};
use crate::smtp::MailServer;
use crate::sockets::{self, Door};
use crate::{Domain, DomainFile, LabError, sound};

/// Top-level domains that belong to the lab as a whole (RFC 2606 §2): what it does not have there
/// does not exist.
const OURS: [&str; 2] = ["example.", "test."];

/// The longest wait that a file may ask for: no test waits longer for a scripted answer.
const LONGEST_DELAY_MS: u64 = 60_000;

/// Everything that the lab is made of, in working order.
pub(crate) struct World {
    pub(crate) names: Names,
    pub(crate) mail: Vec<(Ipv4Addr, Door, MailServer)>,
    pub(crate) sites: Sites,
}

/// Makes the world that the sources describe.
pub(crate) fn build(sources: &[Source], pki: &Pki, log: &Log) -> Result<World, LabError> {
    let mut builder = Builder {
        pki,
        log,
        names: Names::default(),
        mail: Vec::new(),
        by_host: HashMap::new(),
        sites: HashMap::new(),
    };
    builder.zones(sources)?;
    for source in sources {
        builder.domain(source)?;
    }
    builder.mail_addresses();
    Ok(World {
        names: builder.names,
        mail: builder.mail,
        sites: Sites { by_name: builder.sites, log: log.clone() },
    })
}

/// A domain's description and where it stands.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) toml: DomainToml,
    pub(crate) apex: Name,
}

impl Source {
    /// Reads a domain file.
    pub(crate) fn read(file: &DomainFile) -> Result<Self, LabError> {
        let toml = DomainToml::parse(&file.path.to_string_lossy(), &file.text)?;
        Self::new(file.path.clone(), toml)
    }

    pub(crate) fn new(path: PathBuf, toml: DomainToml) -> Result<Self, LabError> {
        let apex = Name::from_ascii(format!("{}.", toml.domain.trim_end_matches('.')));
        let apex = apex.map_err(|problem| {
            let path = path.to_string_lossy();
            LabError::file(
                &path,
                format!("domain {:?}: {problem}; expected a domain name", toml.domain),
            )
        })?;
        Ok(Self { path, toml, apex })
    }

    pub(crate) fn about(&self) -> Domain {
        let DomainToml { domain, about, expect, .. } = self.toml.clone();
        Domain { name: domain, about, expect }
    }

    /// An error at `key` of this file.
    pub(crate) fn wrong(&self, key: &str, problem: impl std::fmt::Display) -> LabError {
        LabError::file(&self.path.to_string_lossy(), format!("{key}: {problem}"))
    }

    /// The absolute name of what the file calls `name`.
    pub(crate) fn name(&self, key: &str, name: &str) -> Result<Name, LabError> {
        let absolute = match name {
            "@" => return Ok(self.apex.clone()),
            _ if name.ends_with('.') => Name::from_ascii(name),
            _ => Name::from_ascii(name).and_then(|name| name.append_domain(&self.apex)),
        };
        absolute.map_err(|problem| {
            self.wrong(
                key,
                format!(
                    "{name:?} is no name ({problem}); expected @, a name relative to the domain, or an absolute one with a trailing dot"
                ),
            )
        })
    }

    /// The MX set of the domain.
    fn mail_hosts(&self) -> Vec<MailHostToml> {
        match (&self.toml.mx, self.toml.base) {
            (Some(hosts), _) => hosts.clone(),
            (None, Base::Sound) => sound::mail_hosts(),
            (None, Base::Nothing) => Vec::new(),
        }
    }

    fn policy(&self) -> Option<PolicyToml> {
        let usual = (self.toml.base == Base::Sound).then(PolicyToml::default);
        self.toml.policy.clone().or(usual)
    }
}

/// The world while it is being made.
struct Builder<'a> {
    pki: &'a Pki,
    log: &'a Log,
    names: Names,
    mail: Vec<(Ipv4Addr, Door, MailServer)>,
    /// Where in `mail` a host stands: several domains may share it.
    by_host: HashMap<String, usize>,
    sites: HashMap<String, Site>,
}

impl Builder<'_> {
    fn zones(&mut self, sources: &[Source]) -> Result<(), LabError> {
        for ours in OURS {
            let apex = Name::from_ascii(ours).map_err(|problem| LabError::file(ours, problem))?;
            self.names.zone(&apex, Dnssec::Insecure);
        }
        let mut seen = HashMap::new();
        for source in sources {
            if let Some(first) = seen.insert(source.apex.to_lowercase(), &source.path) {
                let problem =
                    format!("{} is already described in {}", source.apex, first.display());
                return Err(source.wrong("domain", problem));
            }
            self.names.zone(&source.apex, source.toml.dnssec);
        }
        Ok(())
    }

    fn domain(&mut self, source: &Source) -> Result<(), LabError> {
        let hosts = source.mail_hosts();
        let mut records = match source.toml.base {
            Base::Sound => sound::records(&source.toml.domain, &hosts),
            Base::Nothing => BTreeMap::new(),
        };
        for (name, given) in &source.toml.records {
            records.entry(name.clone()).or_default().overlay(given);
        }
        let apex = records.entry("@".to_owned()).or_default();
        if apex.mx.is_none() {
            let mx = hosts.iter().map(|mx| format!("{} {}", mx.preference, mx.host));
            apex.mx = Some(mx.collect());
        }
        for (name, given) in &records {
            self.records(source, name, given)?;
        }
        for host in hosts.iter().filter(|host| host.host != ".") {
            self.mail_host(source, host)?;
        }
        match source.policy() {
            Some(policy) => self.site(source, policy, &hosts),
            None => Ok(()),
        }
    }

    fn records(&mut self, source: &Source, name: &str, given: &NameToml) -> Result<(), LabError> {
        let key = format!("records.{name:?}");
        let owner = source.name(&key, name)?;
        let rdata = rdata::of(source, &key, &owner, given)?;
        let script = script(source, &key, given)?;
        let ttl = given.ttl.unwrap_or(source.toml.ttl);
        let node = self.names.node(&owner);
        node.records.extend(rdata.into_iter().map(|data| (ttl, data)));
        node.dnssec = given.dnssec.or(node.dnssec);
        node.script = script;
        Ok(())
    }

    fn mail_host(&mut self, source: &Source, host: &MailHostToml) -> Result<(), LabError> {
        let key = format!("mx, host {:?}", host.host);
        let name = source.name(&key, &host.host)?;
        let text = host_text(&name);
        let script = MailHostToml { host: text.clone(), preference: 0, ..host.clone() };
        if let Some(index) = self.by_host.get(&text) {
            let same = self.mail[*index].2.script == script;
            let problem = "described otherwise in another file; expected the same server";
            return if same { Ok(()) } else { Err(source.wrong(&key, problem)) };
        }
        let identity = self.pki.identity(&text, host.certificate, host.tls)?;
        self.tlsa(source, &key, &name, host, &identity)?;
        let address = host
            .address
            .or_else(|| sockets::mail_address(self.mail.len()))
            .ok_or_else(|| source.wrong(&key, "more mail hosts than loopback addresses"))?;
        let door = match host.server {
            MailBehavior::Down | MailBehavior::NoAddress => Door::Shut,
            _ => Door::Open,
        };
        self.by_host.insert(text.clone(), self.mail.len());
        let server = MailServer { name: text, script, identity, log: self.log.clone() };
        self.mail.push((address, door, server));
        Ok(())
    }

    fn tlsa(
        &mut self,
        source: &Source,
        key: &str,
        host: &Name,
        script: &MailHostToml,
        identity: &Identity,
    ) -> Result<(), LabError> {
        if script.tlsa.is_empty() {
            return Ok(());
        }
        // RFC 7672 §2.1.3: always the standard port, whatever the lab's servers listen on.
        let owner = source.name(key, &format!("_25._tcp.{host}"))?;
        let node = self.names.node(&owner);
        for parameters in &script.tlsa {
            let data = identity.tlsa(parameters).map_err(|problem| source.wrong(key, problem))?;
            node.records.push((source.toml.ttl, rdata::raw(RecordType::TLSA, data)));
        }
        Ok(())
    }

    fn site(
        &mut self,
        source: &Source,
        policy: PolicyToml,
        hosts: &[MailHostToml],
    ) -> Result<(), LabError> {
        if policy.server == PolicyBehavior::Absent {
            return Ok(());
        }
        if policy.delay_ms > LONGEST_DELAY_MS {
            return Err(source.wrong("policy.delay_ms", too_long()));
        }
        let host = source.name("policy", "mta-sts")?;
        let address = match policy.server {
            PolicyBehavior::Down => sockets::POLICY_DOWN,
            _ => sockets::POLICY,
        };
        self.names.node(&host).address(address, source.toml.ttl);
        let identity = self.pki.identity(&host_text(&host), policy.certificate, policy.tls)?;
        let body = policy_body(source, &policy, hosts)?;
        self.sites.insert(host_text(&host), Site { script: policy, body, identity });
        Ok(())
    }

    /// Last of all, because a file may have given a host records of its own.
    fn mail_addresses(&mut self) {
        for (address, _, server) in &self.mail {
            if server.script.server == MailBehavior::NoAddress {
                continue;
            }
            // It was a name when the host was made.
            if let Ok(name) = Name::from_ascii(format!("{}.", server.name)) {
                let node = self.names.node(&name);
                node.address(*address, sound::TTL);
                if server.script.also_down {
                    node.records.push((sound::TTL, RData::A(A(sockets::POLICY_DOWN))));
                }
            }
        }
    }
}

impl Node {
    /// Gives the name this address, unless a file gave it another or made it an alias.
    fn address(&mut self, address: Ipv4Addr, ttl: u32) {
        let given = |(_, data): &(u32, RData)| {
            matches!(data, RData::A(_) | RData::AAAA(_) | RData::CNAME(_))
        };
        if !self.records.iter().any(given) {
            self.records.push((ttl, RData::A(A(address))));
        }
    }
}

impl NameToml {
    /// Takes over every key that `other` gives.
    fn overlay(&mut self, other: &Self) {
        fn take<T: Clone>(mine: &mut Option<T>, theirs: &Option<T>) {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
        if other.cname.is_some() {
            // An alias has no other records (RFC 1034 §3.6.2).
            *self = Self::default();
        }
        take(&mut self.a, &other.a);
        take(&mut self.aaaa, &other.aaaa);
        take(&mut self.caa, &other.caa);
        take(&mut self.cname, &other.cname);
        take(&mut self.mx, &other.mx);
        take(&mut self.ptr, &other.ptr);
        take(&mut self.tlsa, &other.tlsa);
        take(&mut self.txt, &other.txt);
        take(&mut self.fill_message, &other.fill_message);
        take(&mut self.ttl, &other.ttl);
        take(&mut self.dnssec, &other.dnssec);
        take(&mut self.rcode, &other.rcode);
        take(&mut self.extended_error, &other.extended_error);
        self.delay_ms = self.delay_ms.max(other.delay_ms);
    }
}

fn script(source: &Source, key: &str, given: &NameToml) -> Result<Script, LabError> {
    if given.delay_ms > LONGEST_DELAY_MS {
        return Err(source.wrong(&format!("{key}.delay_ms"), too_long()));
    }
    let error = given.extended_error.clone();
    Ok(Script {
        rcode: given.rcode.map(Rcode::code),
        extended_error: error.map(|error| ExtendedError { code: error.code, text: error.text }),
        delay: Duration::from_millis(given.delay_ms),
    })
}

impl Rcode {
    fn code(self) -> ResponseCode {
        match self {
            Self::FormErr => ResponseCode::FormErr,
            Self::ServFail => ResponseCode::ServFail,
            Self::NXDomain => ResponseCode::NXDomain,
            Self::NotImp => ResponseCode::NotImp,
            Self::Refused => ResponseCode::Refused,
        }
    }
}

fn too_long() -> String {
    format!("expected at most {LONGEST_DELAY_MS}")
}

/// A host's name as people write it: lower-case, without a trailing dot.
fn host_text(name: &Name) -> String {
    name.to_lowercase().to_ascii().trim_end_matches('.').to_owned()
}

fn policy_body(
    source: &Source,
    policy: &PolicyToml,
    hosts: &[MailHostToml],
) -> Result<Vec<u8>, LabError> {
    match (&policy.body, &policy.body_base64, &policy.body_file) {
        (None, None, None) => written_policy(source, policy, hosts),
        (Some(text), None, None) => Ok(text.clone().into_bytes()),
        (None, Some(base64), None) => STANDARD.decode(base64).map_err(|problem| {
            source.wrong("policy.body_base64", format!("{problem}; expected base64"))
        }),
        (None, None, Some(file)) => {
            let path = source.path.with_file_name(file);
            std::fs::read(&path).map_err(|error| LabError::Read { path, source: error })
        }
        _ => Err(source.wrong("policy", "expected one of body, body_base64 and body_file")),
    }
}

/// The policy that the lab writes where the file gives no body.
fn written_policy(
    source: &Source,
    policy: &PolicyToml,
    hosts: &[MailHostToml],
) -> Result<Vec<u8>, LabError> {
    let patterns = match &policy.mx {
        Some(patterns) => patterns.clone(),
        None => {
            let hosts = hosts.iter().filter(|host| host.host != ".");
            let names = hosts.map(|host| source.name("mx", &host.host));
            names.map(|name| name.map(|name| host_text(&name))).collect::<Result<_, _>>()?
        }
    };
    let mx: String = patterns.iter().map(|pattern| format!("mx: {pattern}\r\n")).collect();
    let PolicyToml { mode, max_age, .. } = policy;
    Ok(format!("version: STSv1\r\nmode: {mode}\r\n{mx}max_age: {max_age}\r\n").into_bytes())
}

//! Mail moves to other servers, and no message is refused on the way.

use mxray_facts::{Domain, Timestamp};
use mxray_records::mta_sts::pattern::Pattern;
use mxray_records::mta_sts::policy::{Mode, Policy};
use mxray_scan::Sentence;
use mxray_scan::depth::Place;

use crate::draft::new_id;
use crate::rollout::later;
use crate::wishes::DAY;

/// A move from some MX hosts to others.
#[derive(Clone, Debug)]
pub struct Move {
    /// Whose mail.
    pub domain: Domain,
    /// The MX hosts now.
    pub from: Vec<String>,
    /// Those that are to be.
    pub to: Vec<String>,
    /// The policy that is served, if senders can use it.
    pub policy: Option<Policy>,
    /// For how many seconds resolvers may remember the record at `_mta-sts`.
    pub record_ttl: u32,
    /// The same of the MX set.
    pub mx_ttl: u32,
}

/// How to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// What holds before, between and after.
    pub phases: Vec<Phase>,
    /// What is easily overlooked.
    pub traps: Vec<Sentence>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What: a key of the texts.
    pub what: Sentence,
    /// The earliest moment, if senders do as the standard says: ask for a new policy before they give up
    /// (RFC 8461 §5.1).
    pub earliest: Timestamp,
    /// The moment from which even what a sender remembers is right.
    pub safe: Timestamp,
    /// What to write, and where.
    pub writes: Vec<(Place, String)>,
}

/// A time in which the same is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Which: a key of the texts.
    pub name: &'static str,
    /// The policy's text; empty for none.
    pub policy: String,
    /// The hosts to which mail comes, and whether the policy of this phase and that of the one before,
    /// which a sender may remember, cover them.
    pub hosts: Vec<Covered>,
}

/// Whether policies cover a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The host.
    pub host: String,
    /// By the policy that is served.
    pub now: bool,
    /// By the one before, that some senders remember.
    pub remembered: bool,
}

/// How long a message waits at its sender before that gives up (RFC 5321 §4.5.4.1).
const QUEUE: u32 = 5 * DAY;

/// What the lifetime of an MX set is lowered to before it changes.
const SHORT: u32 = 300;

/// How long a policy is remembered that makes moving slow.
const LONG: u32 = 31 * DAY;

/// Where mail can move to: the provider's name, as in `providers.toml`, and the MX hosts that it gives
/// its customers, the first one first. `{dashed}` stands for the domain with dashes in place of its dots.
pub const DESTINATIONS: [(&str, &[&str]); 8] = [
    ("Google Workspace", &["smtp.google.com"]),
    ("Microsoft 365", &["{dashed}.mail.protection.outlook.com"]),
    ("Fastmail", &["in1-smtp.messagingengine.com", "in2-smtp.messagingengine.com"]),
    ("Proton Mail", &["mail.protonmail.ch", "mailsec.protonmail.ch"]),
    ("iCloud Mail", &["mx01.mail.icloud.com", "mx02.mail.icloud.com"]),
    ("mailbox.org", &["mxext1.mailbox.org", "mxext2.mailbox.org", "mxext3.mailbox.org"]),
    ("Migadu", &["aspmx1.migadu.com", "aspmx2.migadu.com"]),
    ("Zoho Mail", &["mx.zoho.com", "mx2.zoho.com", "mx3.zoho.com"]),
];

/// The MX hosts that a provider gives a domain; none for one that is not known.
#[must_use]
pub fn destination(provider: &str, domain: &Domain) -> Vec<String> {
    let dashed = domain.as_str().replace('.', "-");
    let hosts = DESTINATIONS.iter().find(|(name, _)| *name == provider).map(|(_, hosts)| *hosts);
    hosts.unwrap_or_default().iter().map(|host| host.replace("{dashed}", &dashed)).collect()
}

/// Works out how to move.
#[must_use]
pub fn work_out(moving: &Move, now: Timestamp) -> Way {
    let policy = moving.policy.as_ref().filter(|policy| policy.mode != Mode::None);
    let lines = policy.map(|policy| Lines::of(policy, moving)).unwrap_or_default();
    let traps = traps(moving, policy);
    if moving.to.iter().all(|host| moving.from.contains(host)) {
        // Hosts that go need no line first.
        return Way { steps: Vec::new(), phases: phases(moving, &lines), traps };
    }
    Way { steps: steps(moving, policy, &lines, now), phases: phases(moving, &lines), traps }
}

/// The lines of the policy, before, between and after.
#[derive(Default)]
struct Lines {
    before: Vec<String>,
    between: Vec<String>,
    after: Vec<String>,
    rest: Option<(Mode, u32)>,
}

impl Lines {
    fn of(policy: &Policy, moving: &Move) -> Self {
        let before: Vec<String> = policy.mx.iter().map(ToString::to_string).collect();
        let mut missing: Vec<String> =
            moving.to.iter().filter(|host| !policy.covers(host)).cloned().collect();
        missing.dedup();
        let useful = |pattern: &&Pattern| moving.to.iter().any(|host| pattern.matches(host));
        let kept = policy.mx.iter().filter(useful).map(ToString::to_string);
        Self {
            between: before.iter().cloned().chain(missing.clone()).collect(),
            after: kept.chain(missing).collect(),
            before,
            rest: Some((policy.mode, policy.max_age)),
        }
    }

    fn text(&self, lines: &[String]) -> String {
        let Some((mode, max_age)) = self.rest else { return String::new() };
        let mx: String = lines.iter().map(|line| format!("mx: {line}\n")).collect();
        format!("version: STSv1\nmode: {mode}\n{mx}max_age: {max_age}\n")
    }
}

fn steps(moving: &Move, policy: Option<&Policy>, lines: &Lines, now: Timestamp) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |key, earliest, safe, writes| {
        steps.push(Step { what: Sentence::new(key), earliest, safe, writes });
    };
    let file = |lines_of: &[String]| {
        let url = format!("https://mta-sts.{}/.well-known/mta-sts.txt", moving.domain);
        (Place::File { url }, lines.text(lines_of))
    };
    let id = |at| {
        let name = moving.domain.child("_mta-sts");
        let text = format!("v=STSv1; id={};", new_id(None, at));
        (Place::Dns { name, record_type: "TXT" }, text)
    };
    step("moving.step.new-servers", now, now, Vec::new());
    let mut ready = (now, now);
    if lines.between != lines.before {
        step("moving.step.add-lines", now, now, vec![file(&lines.between)]);
        step("moving.step.new-id", now, now, vec![id(now)]);
        let enforced = policy.filter(|policy| policy.mode == Mode::Enforce);
        let remembered = enforced.map_or(0, |policy| policy.max_age);
        let asked = later(now, moving.record_ttl);
        ready = (asked, later(now, remembered).max(asked));
    }
    if moving.mx_ttl > SHORT {
        step("moving.step.short-ttl", now, now, Vec::new());
        let short = later(now, moving.mx_ttl);
        ready = (ready.0.max(short), ready.1.max(short));
    }
    let (earliest, safe) = ready;
    let mx = moving.to.iter().enumerate().map(|(place, host)| {
        let place_of = Place::Dns { name: moving.domain.name(), record_type: "MX" };
        (place_of, format!("{} {host}.", (place + 1) * 10))
    });
    step("moving.step.change-mx", earliest, safe, mx.collect());
    let over = |moment| later(moment, moving.mx_ttl.min(DAY) + QUEUE);
    step("moving.step.old-servers", over(earliest), over(safe), Vec::new());
    if lines.after != lines.between {
        let at = over(earliest);
        step("moving.step.drop-lines", at, over(safe), vec![file(&lines.after)]);
        step("moving.step.last-id", at, over(safe), vec![id(at)]);
    }
    steps
}

fn phases(moving: &Move, lines: &Lines) -> Vec<Phase> {
    let both: Vec<String> = {
        let new = moving.to.iter().filter(|host| !moving.from.contains(host));
        moving.from.iter().chain(new).cloned().collect()
    };
    let phase = |name, now: &[String], remembered: &[String], hosts: &[String]| Phase {
        name,
        policy: lines.text(now),
        hosts: hosts.iter().map(|host| covered(host, now, remembered)).collect(),
    };
    let Lines { before, between, after, .. } = lines;
    vec![
        phase("moving.phase.before", before, before, &moving.from),
        phase("moving.phase.between", between, before, &both),
        phase("moving.phase.after", after, between, &moving.to),
    ]
}

fn covered(host: &str, now: &[String], remembered: &[String]) -> Covered {
    let by = |lines: &[String]| {
        lines.iter().any(|line| Pattern::parse(line).is_ok_and(|it| it.matches(host)))
    };
    Covered { host: host.to_owned(), now: by(now), remembered: by(remembered) }
}

fn traps(moving: &Move, policy: Option<&Policy>) -> Vec<Sentence> {
    let mut traps = Vec::new();
    let Some(policy) = policy else { return vec![Sentence::new("moving.trap.no-policy")] };
    for host in &moving.to {
        for pattern in policy.mx.iter().map(ToString::to_string) {
            let Some(suffix) = pattern.strip_prefix("*.") else { continue };
            let labels = host.strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.'));
            let about = |key| Sentence::new(key).with("pattern", pattern.as_str());
            if host == suffix {
                traps.push(about("moving.trap.no-label").with("host", host.as_str()));
            } else if labels.is_some_and(|labels| labels.contains('.')) {
                // A star stands for one label (RFC 8461 §4.1).
                traps.push(about("moving.trap.one-label").with("host", host.as_str()));
            }
        }
        if let Some(above) = two_above_microsoft(host) {
            let about = Sentence::new("moving.trap.microsoft").with("host", host.as_str());
            traps.push(about.with("pattern", format!("*.{above}")));
        }
    }
    if policy.mode == Mode::Enforce && policy.max_age > LONG {
        let days = (policy.max_age / DAY).to_string();
        traps.push(Sentence::new("moving.trap.long-memory").with("days", days));
    }
    traps
}

/// What a wildcard has to name for a host of Microsoft's for DANE, which is
/// `<domain>.<group>.mx.microsoft`: `*.mx.microsoft` covers none of them.
fn two_above_microsoft(host: &str) -> Option<&str> {
    let (_, above) = host.split_once('.')?;
    above.strip_suffix(".mx.microsoft").filter(|group| !group.contains('.'))?;
    Some(above)
}

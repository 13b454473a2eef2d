//! What a scan found in depth, as a person reads it at a terminal.

use std::fmt::{self, Formatter};

use anstyle::{AnsiColor, Style};
use mxray_records::harmless;
use mxray_records::texts::{Texts, fill};
use mxray_scan::Sentence;
use mxray_scan::depth::{
    Announcement, Below, Branch, Cell, Delivery, Depth, Destination, Effective, Exchanges, Keys,
    Lasts, Place, Record, Reports, Row, Selector, SelectorState, State, Task, Tlsa, TlsaFields,
    Told, Write,
};
use mxray_scan::spf::{MAX_LOOKUPS, MAX_VOID_LOOKUPS};

use super::human::indented;
use crate::draw::draw;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();

/// The columns of the matrix: what the sender insists on, and what becomes of the mail.
const WAY_WIDTH: usize = 22;
const DELIVERY_WIDTH: usize = 12;

/// The columns of the tree, as `mxray spf` has them: a term's place in the count, and the term.
const COUNT_WIDTH: usize = 4;
const TERM_WIDTH: usize = 40;

/// Terms of one record, and hosts, that somebody reads; the JSON holds all.
const MOST: usize = 40;

/// What was found in depth, to be shown.
pub(super) struct Deep<'a> {
    pub(super) depth: &'a Depth,
    pub(super) texts: &'a Texts,
}

impl fmt::Display for Deep<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.matrix(f)?;
        self.mx(f)?;
        self.plan(f)?;
        self.delegation(f)?;
        self.spf(f)?;
        self.dane(f)?;
        self.dmarc(f)?;
        self.reports(f)?;
        self.selectors(f)?;
        self.findings(f)
    }
}

impl Deep<'_> {
    fn title(&self, f: &mut Formatter<'_>, key: &str) -> fmt::Result {
        writeln!(f, "{BOLD}{}{BOLD:#}", self.texts.word(key))
    }

    /// Each host, those together to which mail arrives alike.
    fn matrix(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.title(f, "matrix.title")?;
        let matrix = &self.depth.matrix;
        if let Some(why) = &matrix.unknown {
            let why = self.fill(&Sentence::from(why));
            return writeln!(f, "  {}\n", self.say("matrix.unknown", &[("why", why)]));
        }
        if matrix.hosts.is_empty() {
            return writeln!(f, "  {}\n", self.texts.word("matrix.none"));
        }
        let mut shown: Vec<&[Cell]> = Vec::new();
        for Row { cells, .. } in &matrix.hosts {
            if shown.contains(&cells.as_slice()) {
                continue;
            }
            shown.push(cells);
            let alike = matrix.hosts.iter().filter(|row| row.cells == *cells).take(MOST);
            let hosts: Vec<&str> = alike.map(|row| row.host.as_str()).collect();
            writeln!(f, "  {}", harmless(&hosts.join(", ")))?;
            cells.iter().try_for_each(|cell| self.cell(f, cell))?;
        }
        writeln!(f)
    }

    fn cell(&self, f: &mut Formatter<'_>, cell: &Cell) -> fmt::Result {
        let way = self.texts.word(&format!("way.{}", cell.way.as_str())).to_owned();
        let delivery = self.texts.word(&format!("delivery.{}", cell.delivery.as_str())).to_owned();
        let style = match cell.delivery {
            Delivery::Safe => GREEN,
            Delivery::Unsafe => YELLOW,
            Delivery::Refused => RED,
            Delivery::Unknown => CYAN,
        };
        let because = self.fill(&cell.because);
        writeln!(
            f,
            "    {way:WAY_WIDTH$}{style}{delivery:DELIVERY_WIDTH$}{style:#}{DIM}{because}{DIM:#}"
        )
    }

    /// Where the hosts are, together.
    fn mx(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Exchanges { hosts, ipv6, networks } = &self.depth.mx;
        if hosts.is_empty() {
            return Ok(());
        }
        let about = [
            ("hosts", hosts.len().to_string()),
            ("networks", networks.to_string()),
            ("ipv6", self.told(*ipv6)),
        ];
        writeln!(f, "  {}\n", self.say("mx-depth.line", &about))
    }

    fn plan(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.title(f, "plan.title")?;
        if self.depth.plan.is_empty() {
            writeln!(f, "  {}", self.texts.word("plan.nothing"))?;
        }
        for (number, task) in (1..).zip(&self.depth.plan) {
            self.task(f, number, task)?;
        }
        writeln!(f)
    }

    fn task(&self, f: &mut Formatter<'_>, number: usize, task: &Task) -> fmt::Result {
        let who = self.texts.word(&format!("who.{}", task.who.as_str())).to_owned();
        let who = self.say("plan.who", &[("who", who)]);
        writeln!(f, "  {number}. {}  {DIM}{who}{DIM:#}", self.fill(&task.what))?;
        task.writes.iter().try_for_each(|write| self.write(f, write))?;
        if let Some(danger) = &task.danger {
            let what = ("what", self.fill(danger));
            writeln!(f, "     {YELLOW}{}{YELLOW:#}", self.say("plan.careful", &[what]))?;
        }
        if !task.after.is_empty() {
            let steps = task.after.iter().map(|place| (place + 1).to_string());
            let steps = ("steps", steps.collect::<Vec<_>>().join(", "));
            writeln!(f, "     {}", self.say("plan.after", &[steps]))?;
        }
        let check = self.texts.word(&format!("{}.check", task.what.key)).to_owned();
        writeln!(f, "     {}", self.say("plan.look", &[("what", check)]))
    }

    fn write(&self, f: &mut Formatter<'_>, write: &Write) -> fmt::Result {
        let place = match &write.place {
            Place::Dns { name, record_type } => {
                let about = [("name", name.to_string()), ("type", (*record_type).to_owned())];
                self.say("plan.write.dns", &about)
            }
            Place::File { url } => self.say("plan.write.file", &[("url", url.clone())]),
        };
        writeln!(f, "     {place}")?;
        indented(f, &harmless_lines(&write.text), "       ")
    }

    fn delegation(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let delegation = &self.depth.mta_sts;
        if delegation.record.is_empty() && delegation.policy.is_empty() {
            return Ok(());
        }
        self.title(f, "delegation.title")?;
        for (key, names) in
            [("delegation.record", &delegation.record), ("delegation.policy", &delegation.policy)]
        {
            if let Some(end) = names.last() {
                writeln!(f, "  {}", self.say(key, &[("end", end.to_string())]))?;
            }
        }
        delegation.provider.iter().try_for_each(|name| writeln!(f, "  {DIM}{name}{DIM:#}"))?;
        writeln!(f)
    }

    fn spf(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.title(f, "spf-tree.title")?;
        let tree = &self.depth.spf;
        let Some(record) = &tree.record else {
            return writeln!(f, "  {}\n", self.texts.word("spf-tree.none"));
        };
        let count = [
            ("lookups", tree.lookups.to_string()),
            ("most", MAX_LOOKUPS.to_string()),
            ("void", tree.void_lookups.to_string()),
            ("most_void", MAX_VOID_LOOKUPS.to_string()),
        ];
        writeln!(f, "  {}", self.say("spf-tree.count", &count))?;
        if tree.lookups > 0 {
            writeln!(f, "  {DIM}{}{DIM:#}", self.texts.word("spf.lookups.rule"))?;
        }
        if !tree.complete {
            writeln!(f, "  {CYAN}{}{CYAN:#}", self.texts.word("spf-tree.incomplete"))?;
        }
        self.record(f, record, 0)?;
        self.senders(f)?;
        writeln!(f)
    }

    fn record(&self, f: &mut Formatter<'_>, record: &Record, depth: usize) -> fmt::Result {
        record.terms.iter().take(MOST).try_for_each(|branch| self.branch(f, branch, depth))
    }

    fn branch(&self, f: &mut Formatter<'_>, branch: &Branch, depth: usize) -> fmt::Result {
        let count = branch.count.map(|count| count.to_string()).unwrap_or_default();
        let term = format!("{}{}", "  ".repeat(depth), harmless(&branch.term));
        let details = self.details(branch).join(", ");
        if details.is_empty() {
            writeln!(f, "{count:>COUNT_WIDTH$}  {term}")?;
        } else {
            let term = format!("{term:TERM_WIDTH$}");
            writeln!(f, "{count:>COUNT_WIDTH$}  {term}  {DIM}{details}{DIM:#}")?;
        }
        branch.below.iter().try_for_each(|below| self.record(f, below, depth + 1))
    }

    /// Whose it is, what it costs, and what is odd about it.
    fn details(&self, branch: &Branch) -> Vec<String> {
        let mut details: Vec<String> = branch.provider.iter().cloned().collect();
        if branch.lookups > 1 {
            let lookups = ("lookups", branch.lookups.to_string());
            details.push(self.say("spf-tree.cost", &[lookups]));
        }
        let state = branch.below.as_ref().and_then(|below| state_key(below.state));
        let odd = [
            state,
            branch.void.then_some("spf-tree.void"),
            (!branch.reached).then_some("spf-tree.not-reached"),
        ];
        details.extend(odd.into_iter().flatten().map(|key| self.texts.word(key).to_owned()));
        details
    }

    fn senders(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (senders, flattened) = (&self.depth.spf.senders, &self.depth.spf.flattened);
        if senders.everybody {
            return writeln!(f, "  {RED}{}{RED:#}", self.texts.word("spf-tree.everybody"));
        }
        let mut said = vec![self.say("spf-tree.senders", &[("ipv4", senders.ipv4.to_string())])];
        if let Some(prefix) = senders.ipv6_prefix {
            said.push(self.say("spf-tree.senders.ipv6", &[("prefix", prefix.to_string())]));
        }
        if !senders.uncountable.is_empty() {
            let terms = ("terms", senders.uncountable.join(", "));
            said.push(self.say("spf-tree.uncountable", &[terms]));
        }
        writeln!(f, "  {}.", said.join(", "))?;
        if self.depth.spf.lookups <= MAX_LOOKUPS / 2 {
            return Ok(());
        }
        let about = [
            ("saves", flattened.saves.to_string()),
            ("networks", flattened.networks.to_string()),
            ("octets", flattened.octets.to_string()),
        ];
        writeln!(f, "  {DIM}{}{DIM:#}", self.say("spf-tree.flattened", &about))
    }

    fn dane(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.depth.dane.is_empty() {
            return Ok(());
        }
        self.title(f, "dane-depth.title")?;
        for Announcement { host, signed, records, prepared, reports } in &self.depth.dane {
            let signed = ("signed", self.told(*signed));
            writeln!(f, "  {host}  {DIM}{}{DIM:#}", self.say("dane-depth.signed", &[signed]))?;
            records.iter().take(MOST).try_for_each(|record| self.tlsa(f, record))?;
            if *prepared {
                writeln!(f, "    {}", self.texts.word("dane-depth.prepared"))?;
            }
            for to in reports {
                write!(f, "  ")?;
                self.destination(f, to)?;
            }
        }
        writeln!(f)
    }

    fn tlsa(&self, f: &mut Formatter<'_>, record: &Tlsa) -> fmt::Result {
        let TlsaFields { usage, selector, matching } = record.fields;
        let fits = match record.fits {
            Some(true) => "dane-depth.fits",
            Some(false) => "dane-depth.differs",
            None => "depth.unknown",
        };
        let lasts = format!("lasts.{}", record.lasts.as_str());
        let said = match record.lasts {
            Lasts::Unused => self.texts.word(&lasts).to_owned(),
            _ => format!("{}, {}", self.texts.word(fits), self.texts.word(&lasts)),
        };
        writeln!(f, "    {usage} {selector} {matching}  {said}")
    }

    fn told(&self, told: Told) -> String {
        self.texts.word(&format!("depth.{}", told.as_str())).to_owned()
    }

    fn dmarc(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.title(f, "dmarc-depth.title")?;
        let dmarc = &self.depth.dmarc;
        if let Some(why) = &dmarc.unknown {
            let why = ("why", self.fill(&Sentence::from(why)));
            return writeln!(f, "  {}\n", self.say("dmarc-depth.unknown", &[why]));
        }
        let Some(policies) = &dmarc.policies else {
            return writeln!(f, "  {}\n", self.texts.word("dmarc-depth.none"));
        };
        for (key, effective) in [
            ("dmarc-depth.domain", &policies.domain),
            ("dmarc-depth.subdomains", &policies.subdomains),
            ("dmarc-depth.nonexistent", &policies.nonexistent),
        ] {
            writeln!(f, "  {}: {}", self.texts.word(key), self.effective(effective))?;
        }
        let alignment = |word: &str| self.texts.word(&format!("dmarc-depth.{word}")).to_owned();
        let about = [
            ("dkim", alignment(policies.dkim_alignment)),
            ("spf", alignment(policies.spf_alignment)),
        ];
        writeln!(f, "  {}", self.say("dmarc-depth.alignment", &about))?;
        for difference in &policies.by_rfc7489 {
            writeln!(f, "  {DIM}{}{DIM:#}", self.fill(difference))?;
        }
        writeln!(f)
    }

    fn effective(&self, effective: &Effective) -> String {
        let policy = ("policy", effective.policy.to_owned());
        self.say("dmarc-depth.policy", &[policy, ("record", effective.record.to_string())])
    }

    fn reports(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let destinations = || self.depth.dmarc.reports.iter().chain(&self.depth.tls_rpt);
        if destinations().next().is_none() {
            return Ok(());
        }
        self.title(f, "reports.title")?;
        destinations().try_for_each(|to| self.destination(f, to))?;
        writeln!(f)
    }

    fn destination(&self, f: &mut Formatter<'_>, to: &Destination) -> fmt::Result {
        let kind = self.texts.word(match to.reports {
            Reports::Aggregate => "reports.aggregate",
            Reports::Failure => "reports.failure",
            Reports::Tls => "reports.tls",
        });
        write!(f, "  {kind}: {}", self.say(to.arrival(), &[("uri", to.uri.clone())]))?;
        if to.own_way {
            write!(f, " {DIM}{}{DIM:#}", self.texts.word("reports.own-way"))?;
        }
        writeln!(f)
    }

    fn selectors(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.title(f, "selectors.title")?;
        let selectors = &self.depth.dkim;
        let key = match selectors.keys {
            Keys::Found => "selectors.found",
            Keys::NotFound => "selectors.not-found",
            Keys::CannotKnow => "selectors.cannot-know",
        };
        let count = ("count", selectors.tried.len().to_string());
        writeln!(f, "  {}", self.say(key, &[count]))?;
        // Some servers say so of every name that has only names below it.
        if selectors.below == Below::Nothing && selectors.keys != Keys::Found {
            writeln!(f, "  {}", self.texts.word("selectors.nothing-below"))?;
        }
        selectors.tried.iter().try_for_each(|selector| self.selector(f, selector))?;
        writeln!(f)
    }

    fn selector(&self, f: &mut Formatter<'_>, selector: &Selector) -> fmt::Result {
        let key = match selector.state {
            SelectorState::Key => "selectors.key",
            SelectorState::Revoked => "selectors.revoked",
            SelectorState::Unusable => "selectors.unusable",
            SelectorState::Dangling => "selectors.dangling",
            SelectorState::Unknown => "selectors.unknown",
            SelectorState::Absent => return Ok(()),
        };
        let end = selector.aliases.last().map(ToString::to_string).unwrap_or_default();
        write!(f, "  {}: {}", selector.selector, self.say(key, &[("end", end)]))?;
        match &selector.provider {
            Some(provider) => writeln!(f, "  {DIM}{provider}{DIM:#}"),
            None => writeln!(f),
        }
    }

    fn findings(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.depth.findings.is_empty() {
            return Ok(());
        }
        self.title(f, "depth.findings")?;
        let mut notes = self.depth.findings.iter();
        notes.try_for_each(|note| indented(f, &draw(self.texts, &note.finding, None), "  "))
    }

    fn say(&self, key: &str, params: &[(&'static str, String)]) -> String {
        harmless(&fill(self.texts.word(key), params)).into_owned()
    }

    fn fill(&self, sentence: &Sentence) -> String {
        self.say(sentence.key, &sentence.params)
    }
}

fn state_key(state: State) -> Option<&'static str> {
    match state {
        State::Read => None,
        State::Absent => Some("spf-tree.absent"),
        State::Broken => Some("spf-tree.broken"),
        State::Loop => Some("spf-tree.loop"),
        State::Repeated => Some("spf-tree.repeated"),
        State::NotFollowed => Some("spf-tree.not-followed"),
        State::Unknown => Some("spf-tree.unknown"),
    }
}

/// Each line as it is to be written.
fn harmless_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(harmless).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// Begin the keys that are put together here, and what may follow.
    const FAMILIES: [(&str, &[&str]); 6] = [
        ("lasts.", &["certificate", "key", "authority", "unused"]),
        ("dmarc-depth.", &["relaxed", "strict"]),
        ("depth.", &["yes", "no", "unknown"]),
        ("way.", &["both", "mta-sts", "dane", "opportunistic", "plaintext"]),
        ("delivery.", &["safe", "unsafe", "refused", "unknown"]),
        ("who.", &["dns", "mail-host", "web-host", "report-receiver"]),
    ];

    fn sources() -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scan/src/depth");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let read = |file: PathBuf| std::fs::read_to_string(file).unwrap();
        let own = [include_str!("deep.rs"), include_str!("second.rs")].map(str::to_owned);
        entries.map(read).chain(own).collect()
    }

    #[test]
    fn every_word_is_written_and_none_is_left_over() {
        let texts = include_str!("../../../../texts/en/depth/report.toml");
        let texts: toml::Table = texts.parse().unwrap();
        let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
        let sources = sources();
        let named: BTreeSet<&str> = sources.split('"').collect();
        let families: Vec<String> = FAMILIES
            .iter()
            .flat_map(|(family, names)| names.iter().map(move |name| format!("{family}{name}")))
            .collect();
        let used = |key: &&str| {
            let task = key.strip_suffix(".check").unwrap_or(key);
            named.contains(task) || families.iter().any(|family| family == key)
        };
        let left_over: Vec<_> = written.iter().filter(|key| !used(key)).collect();
        assert!(left_over.is_empty(), "{left_over:?}");
        let begins = [
            "matrix.",
            "plan.",
            "mx-depth.",
            "second.",
            "spf-tree.",
            "dmarc-depth.",
            "dane-depth.",
            "dmarc.rfc7489.",
        ];
        let tasks =
            named.iter().filter(|piece| begins.iter().any(|begin| piece.starts_with(begin)));
        let is_key =
            |piece: &&&str| piece.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
        let unwritten: Vec<_> = tasks
            .filter(is_key)
            .filter(|key| !key.ends_with('.') && !key.ends_with(".rs") && !written.contains(*key))
            .collect();
        assert!(unwritten.is_empty(), "{unwritten:?}");
        let families: Vec<_> =
            families.iter().filter(|key| !written.contains(key.as_str())).collect();
        assert!(families.is_empty(), "{families:?}");
    }

    #[test]
    fn every_task_says_what_to_look_at_afterwards() {
        let texts = include_str!("../../../../texts/en/depth/report.toml");
        let texts: toml::Table = texts.parse().unwrap();
        let plan = include_str!("../../../scan/src/depth/plan.rs");
        let tasks = plan.lines().filter_map(|line| line.trim().strip_prefix("what: \""));
        let tasks: Vec<&str> = tasks.filter_map(|rest| rest.split('"').next()).collect();
        assert!(tasks.len() > 20, "{tasks:?}");
        for task in tasks {
            assert!(texts.contains_key(&format!("{task}.check")), "{task}");
        }
    }
}

//! What somebody typed and chose: kept by the browser, and undone step by step.

use mxray_facts::Domain;
use mxray_records::mta_sts::policy::Mode;
use mxray_scan::Report;
use mxray_setup::{Hosting, Wishes};
use serde::{Deserialize, Serialize};
use web_sys::{Storage, window};

/// Everything that can be typed and chosen, as texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    /// A line for each `mx` of the policy.
    pub(crate) mx: String,
    pub(crate) mode: String,
    pub(crate) days: u32,
    pub(crate) tls_reports: String,
    pub(crate) dmarc_reports: String,
    pub(crate) hosting: String,
    pub(crate) target: String,
    /// What is set up: MTA-STS and its reports, DMARC, SPF, or no mail at all.
    pub(crate) goal: Goal,
    pub(crate) format: String,
    pub(crate) clean_days: u32,
    /// Since when the policy has been tested, as a date; nothing where the scan tells.
    pub(crate) since: String,
    /// Whether the way back is shown.
    pub(crate) back: bool,
    /// The MX hosts to move to, a line each.
    pub(crate) to: String,
}

/// What is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Goal {
    #[default]
    Transport,
    Dmarc,
    Spf,
    NoMail,
}

impl Goal {
    pub(crate) const ALL: [Self; 4] = [Self::Transport, Self::Dmarc, Self::Spf, Self::NoMail];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Dmarc => "dmarc",
            Self::Spf => "spf",
            Self::NoMail => "no-mail",
        }
    }
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            mx: String::new(),
            mode: Mode::Testing.as_str().to_owned(),
            days: 7,
            tls_reports: String::new(),
            dmarc_reports: String::new(),
            hosting: Hosting::Nginx.as_str().to_owned(),
            target: String::new(),
            goal: Goal::default(),
            format: "plain".to_owned(),
            clean_days: 14,
            since: String::new(),
            back: false,
            to: String::new(),
        }
    }
}

impl Typed {
    /// What a scan suggests.
    pub(crate) fn of(report: &Report) -> Self {
        let wishes = Wishes::of(report);
        Self {
            mx: wishes.mx.join("\n"),
            mode: wishes.mode.as_str().to_owned(),
            days: (wishes.max_age / 86_400).max(1),
            tls_reports: wishes.tls_reports,
            dmarc_reports: wishes.dmarc_reports,
            ..Self::default()
        }
    }

    pub(crate) fn wishes(&self, domain: &Domain) -> Wishes {
        let mode = [Mode::Testing, Mode::Enforce, Mode::None];
        let mode = mode.into_iter().find(|mode| mode.as_str() == self.mode);
        Wishes {
            domain: domain.clone(),
            mx: lines(&self.mx),
            mode: mode.unwrap_or(Mode::Testing),
            max_age: self.days.saturating_mul(86_400),
            tls_reports: self.tls_reports.clone(),
            dmarc_reports: self.dmarc_reports.clone(),
            hosting: Hosting::named(&self.hosting).unwrap_or(Hosting::Nginx),
            target: self.target.clone(),
        }
    }
}

/// Lines that hold something.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Steps that can be undone.
const MOST_STEPS: usize = 100;

/// What is typed, and what was typed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct History {
    domain: Domain,
    pub(crate) now: Typed,
    before: Vec<Typed>,
}

impl History {
    /// What the browser kept of the domain, else what its scan suggests.
    pub(crate) fn of(report: &Report) -> Self {
        let domain = report.domain.clone();
        let kept = storage().and_then(|it| it.get_item(&key(&domain)).ok()?);
        let kept = kept.and_then(|text| serde_json::from_str(&text).ok());
        Self { domain, now: kept.unwrap_or_else(|| Typed::of(report)), before: Vec::new() }
    }

    /// The same after a change.
    pub(crate) fn changed(&self, change: impl FnOnce(&mut Typed)) -> Self {
        let mut next = self.clone();
        change(&mut next.now);
        if next.now != self.now {
            next.before.push(self.now.clone());
            let many = next.before.len().saturating_sub(MOST_STEPS);
            next.before.drain(..many);
            next.keep();
        }
        next
    }

    /// The same before the last change.
    pub(crate) fn undone(&self) -> Self {
        let mut next = self.clone();
        if let Some(before) = next.before.pop() {
            next.now = before;
            next.keep();
        }
        next
    }

    /// As if nobody had ever typed anything; that can be undone, too.
    pub(crate) fn cleared(&self, report: &Report) -> Self {
        let next = self.changed(|typed| *typed = Typed::of(report));
        if let Some(storage) = storage() {
            // A browser that keeps nothing has nothing to forget.
            let _ = storage.remove_item(&key(&self.domain));
        }
        next
    }

    pub(crate) fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    fn keep(&self) {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&self.now)) {
            // Where the browser keeps nothing, it is there until the page is left.
            let _ = storage.set_item(&key(&self.domain), &text);
        }
    }
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

fn key(domain: &Domain) -> String {
    format!("mxray-after:{domain}")
}

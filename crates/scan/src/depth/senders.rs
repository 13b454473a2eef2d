//! Who honors the policy: what each sender takes from it, one row a sender.

use mxray_facts::{PolicyFetch, PolicyOutcome};
use mxray_records::Span;
use mxray_records::mta_sts::policy::Mode;
use mxray_records::mta_sts::senders::{Note, Sender, Way};
use serde::Serialize;

use super::Known;
use crate::checks::Context;

/// A policy, and what is known of how it is published.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    /// Its text.
    pub policy: &'a str,
    /// What it is served with, if that is known; empty for nothing.
    pub content_type: Option<&'a str>,
    /// The MX hosts of the domain, as far as they are known.
    pub mx: &'a [String],
}

/// What a sender makes of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Honoring<B = Because> {
    /// What it calls itself.
    pub sender: String,
    /// The version that was read.
    pub version: String,
    /// On which day its code was read.
    pub read: String,
    /// Where that code is.
    pub link: String,
    /// Whether it uses the policy.
    pub accepted: bool,
    /// The mode that it takes.
    pub mode: Option<&'static str>,
    /// How long it remembers the policy, in seconds.
    pub max_age: Option<u32>,
    /// The patterns that it takes.
    pub mx: Vec<String>,
    /// The MX hosts that none of them covers.
    pub uncovered: Vec<String>,
    /// Why it is refused, or where this sender does otherwise than the standard.
    pub because: Vec<B>,
}

/// Why a sender makes that of a policy, if not every sender does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Because {
    /// The case in which senders differ.
    pub case: &'static str,
    /// What this one does; empty where all do the same.
    pub done: &'static str,
    /// The line of the policy, from 1.
    pub line: Option<usize>,
}

impl<B> Honoring<B> {
    /// The same with other words for each reason.
    #[must_use]
    pub fn because<C>(self, say: impl Fn(B) -> C) -> Honoring<C> {
        let Self { sender, version, read, link, accepted, mode, max_age, mx, uncovered, because } =
            self;
        let because = because.into_iter().map(say).collect();
        Honoring { sender, version, read, link, accepted, mode, max_age, mx, uncovered, because }
    }
}

/// What each sender makes of a policy; the first is the standard, which the others are compared with.
#[must_use]
pub fn honoring(senders: &[Sender], published: Published<'_>) -> Vec<Honoring> {
    let Some(standard) = senders.first() else { return Vec::new() };
    senders.iter().map(|sender| read(sender, standard, published)).collect()
}

/// The same of the policy that was fetched; nobody if there was none.
pub(super) fn draw(context: &Context<'_>, known: &Known) -> Vec<Honoring> {
    let Some(Ok(fetch)) = context.look.policy() else { return Vec::new() };
    let hosts = context.mx_set().map(crate::checks::mx::MxSet::host_names).unwrap_or_default();
    let hosts: Vec<String> = hosts.into_iter().map(str::to_owned).collect();
    of_fetch(&fetch, &known.senders, &hosts)
}

/// What each sender makes of a policy as it was fetched; nobody if it was none.
#[must_use]
pub fn of_fetch(fetch: &PolicyFetch, senders: &[Sender], mx: &[String]) -> Vec<Honoring> {
    match &fetch.outcome {
        PolicyOutcome::Response(response) if response.status == 200 => {
            let policy = response.body.to_text();
            let content_type = Some(response.content_type.as_deref().unwrap_or_default());
            honoring(senders, Published { policy: &policy, content_type, mx })
        }
        _ => Vec::new(),
    }
}

fn read(sender: &Sender, standard: &Sender, published: Published<'_>) -> Honoring {
    let Published { policy, content_type, mx: hosts } = published;
    let reading = sender.read(policy, content_type);
    let because = |note: &Note| Because::new(note, policy);
    let mut because: Vec<_> = sender.because(&reading, standard).into_iter().map(because).collect();
    let taken = reading.taken.as_ref();
    let (mode, max_age) = (taken.map(|taken| taken.mode), taken.map(|taken| taken.max_age));
    let mx = reading.taken.map(|taken| taken.mx).unwrap_or_default();
    let covers = |by: &Sender, host: &str| mx.iter().any(|pattern| by.covers(pattern, host));
    if hosts.iter().any(|host| covers(sender, host) != covers(standard, host)) {
        because.push(Because::of_way(sender.ways.wildcard.into()));
    }
    let counts = mode.is_some_and(|mode| mode != Mode::None);
    let uncovered = hosts.iter().filter(|host| counts && !covers(sender, host));
    Honoring {
        sender: sender.name.clone(),
        version: sender.version.clone(),
        read: sender.read.clone(),
        link: sender.link.clone(),
        accepted: mode.is_some(),
        mode: mode.map(Mode::as_str),
        max_age,
        uncovered: uncovered.cloned().collect(),
        mx,
        because,
    }
}

impl Because {
    fn of_way(way: Way) -> Self {
        Self { case: way.case, done: way.done, line: None }
    }

    fn new(note: &Note, policy: &str) -> Self {
        let before = |span: Span| policy.get(..span.start).unwrap_or_default();
        let line = note.span.map(|span| 1 + before(span).matches('\n').count());
        Self { line, ..Self::of_way(note.way) }
    }
}

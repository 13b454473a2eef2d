//! DKIM: the selectors that the domain's providers usually publish, and what stands under each.
//!
//! A selector that nobody names cannot be seen from outside. So there are three answers, and none of
//! them is *missing*: found, not found among these, cannot be told.

use mxray_facts::Name;
use mxray_facts::dns::{Answer, Existence, RecordType};
use mxray_records::{Finding, dkim};
use serde::Serialize;

use super::{Known, Notes};
use crate::checks::dkim::{ask_key, control_selector};
use crate::checks::mx::MxSet;
use crate::checks::{Context, SELECTORS, texts};
use crate::look::Asked;
use crate::providers::Provider;
use crate::report::CheckId;

pub(crate) mod rules {
    //! Rules about what selectors lead to.
    mxray_records::rules! { "dkim":
        /// A CNAME under a selector leads to nothing.
        SELECTOR_DANGLING = Notice, "selector-dangling", "RFC 6376 §3.6.2.1";
    }
}

/// More than a domain's providers publish together.
const MAX_INFERRED: usize = 12;

/// What was found under the selectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Selectors {
    /// Whether there are keys.
    pub keys: Keys,
    /// Each selector that was tried.
    pub tried: Vec<Selector>,
    /// Whether anything stands below `_domainkey`, as far as the domain's servers tell: where the name
    /// does not exist, nothing does (RFC 8020 §2).
    pub below: Below,
}

/// Whether there are keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// At least one.
    Found,
    /// None under the selectors that were tried.
    NotFound,
    /// It cannot be told: every selector is answered, or some could not be asked.
    CannotKnow,
}

/// Whether anything stands below `_domainkey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Below {
    /// The name exists: a key may.
    Something,
    /// The name does not exist. Some servers say so of every name that has only names below it.
    Nothing,
    /// It could not be looked at.
    Unknown,
}

/// A selector that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Selector {
    /// The selector.
    pub selector: String,
    /// What stands there.
    pub state: SelectorState,
    /// The names that CNAMEs lead to.
    pub aliases: Vec<Name>,
    /// Whose selector it usually is, if it was tried on that account, or whose name it leads to.
    pub provider: Option<String>,
}

/// What stands under a selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectorState {
    /// A key.
    Key,
    /// A key that was withdrawn.
    Revoked,
    /// Something that receivers cannot use.
    Unusable,
    /// A CNAME to a name without a key: not yet, or no longer.
    Dangling,
    /// Nothing.
    Absent,
    /// It could not be looked at.
    Unknown,
}

/// Judges what has come.
pub(super) fn draw(context: &Context<'_>, known: &Known, notes: &mut Notes) -> Selectors {
    let control = ask_key(context, &control_selector(context.domain, context.now));
    let below = below(context);
    let mut tried: Vec<Selector> = Vec::new();
    let named = known.selectors.iter().map(Name::as_str);
    let usual = SELECTORS.into_iter().filter(|usual| !named.clone().any(|named| named == *usual));
    let plain = named.clone().chain(usual).map(|selector| (selector.to_owned(), None));
    for (selector, provider) in plain.chain(inferred(context, known)) {
        let Some((name, answer)) = ask_key(context, &selector) else { continue };
        let state = state(&answer);
        let aliases = answer.as_ref().map(|answer| answer.aliases.clone()).unwrap_or_default();
        if let (SelectorState::Dangling, Some(end)) = (state, aliases.last()) {
            let finding = Finding::new(&rules::SELECTOR_DANGLING).with("name", name.as_str());
            notes.find(CheckId::Dkim, finding.with("end", end.as_str()));
        }
        let owner = aliases.iter().find_map(|name| known.providers.of_name(name));
        let provider = provider.or_else(|| owner.map(|provider| provider.name.clone()));
        tried.push(Selector { selector, state, aliases, provider });
    }
    Selectors { keys: together(control.as_ref(), &tried), tried, below }
}

/// The empty non-terminal (RFC 8020 §2).
fn below(context: &Context<'_>) -> Below {
    match context.look.dns(context.domain.child("_domainkey"), RecordType::Txt) {
        Some(Ok(answer)) if answer.existence == Existence::DoesNotExist => Below::Nothing,
        Some(Ok(_)) => Below::Something,
        Some(Err(_)) | None => Below::Unknown,
    }
}

/// The selectors of the providers that the domain's records name, and whose they are.
fn inferred(context: &Context<'_>, known: &Known) -> Vec<(String, Option<String>)> {
    let mut inferred: Vec<(String, Option<String>)> = Vec::new();
    for provider in providers(context, known) {
        for selector in &provider.dkim {
            let is_tried = SELECTORS.iter().any(|usual| usual.eq_ignore_ascii_case(selector))
                || known.selectors.iter().any(|it| it.as_str().eq_ignore_ascii_case(selector))
                || inferred.iter().any(|(tried, _)| tried.eq_ignore_ascii_case(selector));
            if !is_tried && inferred.len() < MAX_INFERRED {
                inferred.push((selector.clone(), Some(provider.name.clone())));
            }
        }
    }
    inferred
}

/// Those that take the domain's mail, that may send for it, or that its selectors lead to.
fn providers<'a>(context: &Context<'_>, known: &'a Known) -> Vec<&'a Provider> {
    let mut found: Vec<&Provider> = Vec::new();
    let mut note = |provider: Option<&'a Provider>| {
        found.extend(provider.filter(|provider| !found.contains(provider)));
    };
    for host in context.mx_set().into_iter().flat_map(MxSet::asked) {
        note(known.providers.of_mx(&host.name));
    }
    for include in super::spf::includes(context) {
        note(known.providers.of_include(&include));
    }
    for selector in SELECTORS {
        let Some((_, Ok(answer))) = ask_key(context, selector) else { continue };
        answer.aliases.iter().for_each(|name| note(known.providers.of_name(name)));
    }
    found
}

fn state(answer: &Asked) -> SelectorState {
    let Ok(answer) = answer else { return SelectorState::Unknown };
    if answer.records.is_empty() {
        return if answer.aliases.is_empty() {
            SelectorState::Absent
        } else {
            SelectorState::Dangling
        };
    }
    key_state(answer)
}

fn key_state(answer: &Answer) -> SelectorState {
    match dkim::read_set(&texts(answer)) {
        set if !set.ours => SelectorState::Absent,
        set => match set.value {
            Some(key) if key.is_revoked() => SelectorState::Revoked,
            Some(_) => SelectorState::Key,
            None => SelectorState::Unusable,
        },
    }
}

fn together(control: Option<&(Name, Asked)>, tried: &[Selector]) -> Keys {
    match control {
        // What answers for every selector tells nothing about any.
        Some((_, Ok(answer))) if !answer.records.is_empty() => return Keys::CannotKnow,
        _ if tried.iter().any(|selector| selector.state == SelectorState::Key) => {
            return Keys::Found;
        }
        Some((_, Ok(_))) => {}
        Some((_, Err(_))) | None => return Keys::CannotKnow,
    }
    match tried.iter().any(|selector| selector.state == SelectorState::Unknown) {
        true => Keys::CannotKnow,
        false => Keys::NotFound,
    }
}

//! What to do first: the findings of all checks, the worst first.

use std::rc::Rc;

use mxray_records::Severity;

use crate::checks::{is_alarm, mx};
use crate::report::{Check, Step};

/// More would not be *first*.
const MAX_STEPS: usize = 3;

/// Why mail may be refused.
pub(crate) fn alarms(checks: &[Rc<Check>]) -> Vec<Step> {
    all(checks).filter(|(_, rule)| is_alarm(rule)).map(|(step, _)| step).collect()
}

/// The most urgent findings; notices ask for nothing.
pub(crate) fn first(checks: &[Rc<Check>]) -> Vec<Step> {
    if let Some((step, _)) = all(checks).find(|(_, rule)| **rule == mx::rules::NO_DOMAIN) {
        // All else that is missing is missing with the domain.
        return vec![step];
    }
    let mut found: Vec<_> =
        all(checks).filter(|(_, rule)| rule.severity > Severity::Notice).collect();
    found.sort_by_key(|(_, rule)| (!is_alarm(rule), std::cmp::Reverse(rule.severity)));
    let mut steps: Vec<Step> = Vec::new();
    let mut rules = Vec::new();
    for (step, rule) in found {
        // One rule that applies to five hosts is one thing to do.
        if !rules.contains(&rule.code) && steps.len() < MAX_STEPS {
            rules.push(rule.code);
            steps.push(step);
        }
    }
    steps
}

fn all(checks: &[Rc<Check>]) -> impl Iterator<Item = (Step, &'static mxray_records::Rule)> {
    checks.iter().filter(|check| check.id.counts()).flat_map(|check| {
        let id = check.id;
        check
            .findings
            .iter()
            .enumerate()
            .map(move |(finding, found)| (Step { check: id, finding }, found.finding.rule))
    })
}

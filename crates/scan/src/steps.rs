//! What to do first: the findings of all checks, the worst first.

use std::rc::Rc;

use mxray_records::{Rule, Severity};

use crate::checks::{is_alarm, mx};
use crate::report::{Check, Step};

/// More would not be *first*.
const MAX_STEPS: usize = 3;

/// Why mail may be refused.
pub(crate) fn alarms(checks: &[Rc<Check>]) -> Vec<Step> {
    let alarming = all(checks).into_iter().filter(|(_, rule)| is_alarm(rule));
    alarming.map(|(step, _)| step).collect()
}

/// What is done first, and next; notices ask for nothing.
const URGENCY: [fn(&Rule) -> bool; 3] =
    [is_alarm, |rule| rule.severity == Severity::Fail, |rule| rule.severity == Severity::Warning];

/// The most urgent findings.
pub(crate) fn first(checks: &[Rc<Check>]) -> Vec<Step> {
    let found = all(checks);
    if let Some((step, _)) = found.iter().find(|(_, rule)| **rule == mx::rules::NO_DOMAIN) {
        // All else that is missing is missing with the domain.
        return vec![*step];
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut rules = Vec::new();
    for is_urgent in URGENCY {
        for (step, rule) in found.iter().filter(|(_, rule)| is_urgent(rule)) {
            // One rule that applies to five hosts is one thing to do.
            if !rules.contains(&rule.code) && steps.len() < MAX_STEPS {
                rules.push(rule.code);
                steps.push(*step);
            }
        }
    }
    steps
}

fn all(checks: &[Rc<Check>]) -> Vec<(Step, &'static Rule)> {
    let mut all = Vec::new();
    for check in checks.iter().filter(|check| check.id.counts()) {
        for (finding, found) in check.findings.iter().enumerate() {
            all.push((Step { check: check.id, finding }, found.finding.rule));
        }
    }
    all
}

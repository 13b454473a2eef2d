//! The scan: everything that can be asked early is, and nothing waits for a slow neighbor.

use std::rc::Rc;

use futures_util::future::select_all;
use mxray_facts::{Domain, Timestamp, Unobserved};

use crate::answers::{States, answer};
use crate::checks::{CHECKS, Context, mx};
use crate::look::{Seen, Wanted};
use crate::report::{Check, CheckId, Report, SCHEMA};
use crate::{Network, steps};

/// What an observer of a scan is told.
#[derive(Clone, Debug)]
pub enum Event {
    /// A check waits for its answers.
    Started(CheckId),
    /// A check is complete.
    Finished(Rc<Check>),
}

/// Scans a domain.
///
/// The first round of questions needs only the domain's name; the second what
/// the MX set names. `now` judges certificates; `observe` hears of each check
/// as it starts and finishes.
///
/// # Errors
/// None: what could not be looked at stands in the report, as *unknown*.
pub async fn scan<N: Network>(
    network: &N,
    domain: &Domain,
    now: Timestamp,
    observe: &dyn Fn(Event),
) -> Report {
    CHECKS.iter().for_each(|(id, _)| observe(Event::Started(*id)));
    let mut progress = Progress::new(domain, now);
    let mut under_way = Vec::new();
    loop {
        progress.check_all(observe);
        let wanted = progress.context.look.take_wanted();
        under_way.extend(wanted.into_iter().map(|wanted| Box::pin(look(network, domain, wanted))));
        if under_way.is_empty() {
            return progress.report();
        }
        let (seen, _, rest) = select_all(under_way).await;
        progress.context.look.note(seen);
        under_way = rest;
    }
}

/// Judges what was seen before: the same observations make the same report, whenever and wherever.
///
/// They are taken in their order. `now` is when they were made; what the checks want
/// and nobody saw is unknown, for the reason `unseen`.
///
/// ```
/// use mxray_facts::{Timestamp, Unobserved};
/// use mxray_scan::{Stage, judge};
///
/// let domain = "example.com".parse()?;
/// let report = judge(&domain, Timestamp(0), [], &Unobserved::TimedOut);
/// assert_eq!(report.stage, Stage::Unknown);
/// # Ok::<(), mxray_facts::DomainError>(())
/// ```
#[must_use]
pub fn judge(
    domain: &Domain,
    now: Timestamp,
    seen: impl IntoIterator<Item = Seen>,
    unseen: &Unobserved,
) -> Report {
    let mut progress = Progress::new(domain, now);
    let mut open = Vec::new();
    for seen in seen {
        progress.check_all(&|_| {});
        open.extend(progress.context.look.take_wanted());
        open.retain(|wanted| !wanted.is_answered_by(&seen));
        progress.context.look.note(seen);
    }
    loop {
        progress.check_all(&|_| {});
        open.extend(progress.context.look.take_wanted());
        match open.pop() {
            Some(wanted) => progress.context.look.note(wanted.unseen(unseen.clone())),
            None => return progress.report(),
        }
    }
}

pub(crate) async fn look<N: Network>(network: &N, domain: &Domain, wanted: Wanted) -> Seen {
    match wanted {
        Wanted::Dns(question) => {
            let answer = network.dns(&question).await;
            Seen::Dns(question, answer)
        }
        Wanted::Policy => Seen::Policy(network.policy(domain).await),
        Wanted::MailHost(host) => {
            let seen = network.mail_host(domain, &host).await;
            Seen::MailHost(host, seen)
        }
    }
}

/// The checks that are complete, and what the two answers need to know of them.
struct Progress<'a> {
    context: Context<'a>,
    complete: Vec<Rc<Check>>,
    states: States,
}

impl<'a> Progress<'a> {
    fn new(domain: &'a Domain, now: Timestamp) -> Self {
        let context = Context::new(domain, now);
        Self { context, complete: Vec::new(), states: States::UNKNOWN }
    }

    /// Makes each check that has yet to be complete, with what there is by now.
    fn check_all(&mut self, observe: &dyn Fn(Event)) {
        for (id, make) in CHECKS {
            if self.complete.iter().any(|check| check.id == id) {
                continue;
            }
            if let Some(check) = make(&self.context, &mut self.states) {
                let check = Rc::new(check);
                observe(Event::Finished(Rc::clone(&check)));
                self.complete.push(check);
            }
        }
    }

    fn report(self) -> Report {
        let (context, states) = (&self.context, &self.states);
        let complete = |id| self.complete.iter().find(|check| check.id == id).cloned();
        let checks: Vec<_> = CheckId::ALL.into_iter().filter_map(complete).collect();
        Report {
            schema: SCHEMA,
            domain: context.domain.clone(),
            at: context.now,
            transport: answer::transport(states),
            forgery: answer::forgery(states),
            alarms: steps::alarms(&checks),
            stage: states.mta_sts.stage(),
            steps: steps::first(&checks),
            checks,
            hosts: mx::report_hosts(context).unwrap_or_default(),
            suggestion: mx::suggestion(context).flatten(),
        }
    }
}

//! The scan: everything that can be asked early is, and nothing waits for a slow neighbor.

use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mxray_facts::{Domain, Timestamp};

use crate::answers::{States, answer};
use crate::checks::{Context, bimi, dane, dkim, dmarc, mail_servers, mta_sts, mx, spf, tls_rpt};
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

/// The order in which questions are granted when there are too many.
const ORDER: [CheckId; 9] = [
    CheckId::MtaSts,
    CheckId::Mx,
    CheckId::Dmarc,
    CheckId::Spf,
    CheckId::Dane,
    CheckId::TlsRpt,
    CheckId::Dkim,
    CheckId::Bimi,
    CheckId::MailServers,
];

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
    ORDER.iter().for_each(|&id| observe(Event::Started(id)));
    let mut progress = Progress::new(domain, now);
    let mut under_way = FuturesUnordered::new();
    loop {
        progress.check_all(observe);
        let wanted = progress.context.look.take_wanted();
        under_way.extend(wanted.into_iter().map(|wanted| look(network, domain, wanted)));
        match under_way.next().await {
            Some(seen) => progress.context.look.note(seen),
            None => return progress.report(),
        }
    }
}

async fn look<N: Network>(network: &N, domain: &Domain, wanted: Wanted) -> Seen {
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
    suggestion: Option<Domain>,
}

impl<'a> Progress<'a> {
    fn new(domain: &'a Domain, now: Timestamp) -> Self {
        Self {
            context: Context::new(domain, now),
            complete: Vec::new(),
            states: States::UNKNOWN,
            suggestion: None,
        }
    }

    /// Makes each check that has yet to be complete, with what there is by now.
    fn check_all(&mut self, observe: &dyn Fn(Event)) {
        for id in ORDER {
            if self.complete.iter().any(|check| check.id == id) {
                continue;
            }
            if let Some(check) = self.check(id) {
                let check = Rc::new(check);
                observe(Event::Finished(Rc::clone(&check)));
                self.complete.push(check);
            }
        }
    }

    fn check(&mut self, id: CheckId) -> Option<Check> {
        let (context, states) = (&self.context, &mut self.states);
        match id {
            CheckId::MtaSts => mta_sts::check(context)?.keep(&mut states.mta_sts),
            CheckId::MailServers => mail_servers::check(context)?.keep(&mut states.servers),
            CheckId::TlsRpt => tls_rpt::check(context),
            CheckId::Dane => dane::check(context)?.keep(&mut states.dane),
            CheckId::Mx => {
                let checked = mx::check(context)?;
                states.mail = checked.state.mail;
                self.suggestion = checked.state.suggestion;
                Some(checked.check)
            }
            CheckId::Spf => spf::check(context)?.keep(&mut states.spf),
            CheckId::Dkim => dkim::check(context)?.keep(&mut states.dkim),
            CheckId::Dmarc => dmarc::check(context)?.keep(&mut states.dmarc),
            CheckId::Bimi => bimi::check(context),
        }
    }

    fn report(mut self) -> Report {
        self.complete.sort_by_key(|check| check.id);
        let (checks, states) = (self.complete, &self.states);
        Report {
            schema: SCHEMA,
            domain: self.context.domain.clone(),
            at: self.context.now,
            transport: answer::transport(states),
            forgery: answer::forgery(states),
            alarms: steps::alarms(&checks),
            stage: states.mta_sts.stage(),
            steps: steps::first(&checks),
            checks,
            hosts: mx::report_hosts(&self.context).unwrap_or_default(),
            suggestion: self.suggestion,
        }
    }
}

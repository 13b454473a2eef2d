//! The scan: everything that can be asked early is, and nothing waits for a slow neighbor.

use std::rc::Rc;

use futures_util::{FutureExt, join};
use mxray_facts::{Domain, Timestamp};

use crate::answers::{States, answer};
use crate::asker::Asker;
use crate::checks::{
    Checked, Context, bimi, dane, dkim, dmarc, mail_servers, mta_sts, mx, spf, tls_rpt,
};
use crate::report::{Check, CheckId, Report, SCHEMA};
use crate::{Network, steps};

/// What an observer of a scan is told.
#[derive(Clone, Debug)]
pub enum Event {
    /// A check waits for its answers.
    Started(CheckId),
    /// A check is complete.
    Finished(Box<Check>),
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
    let context = Context { network, asker: Asker::new(network), domain, now };
    let policy = mta_sts::read(&context).map(Rc::new).boxed_local().shared();
    let mx_set = mx::look_up(&context).map(Rc::new).boxed_local().shared();
    let contacts =
        mail_servers::contact(&context, mx_set.clone()).map(Rc::new).boxed_local().shared();
    let hosts = mx::addresses(&context, mx_set.clone()).map(Rc::new).boxed_local().shared();

    // The order is that in which questions are granted when there are too many.
    let (mta_sts, mx, dmarc, spf, dane, tls_rpt, dkim, bimi, servers) = join!(
        watch(CheckId::MtaSts, observe, mta_sts::check(policy.clone(), mx_set.clone())),
        watch(CheckId::Mx, observe, mx::check(&context, mx_set.clone(), hosts.clone())),
        watch(CheckId::Dmarc, observe, dmarc::check(&context)),
        watch(CheckId::Spf, observe, spf::check(&context)),
        watch(
            CheckId::Dane,
            observe,
            dane::check(&context, mx_set.clone(), hosts.clone(), contacts.clone())
        ),
        watch(CheckId::TlsRpt, observe, tls_rpt::check(&context, mx_set.clone())),
        watch(CheckId::Dkim, observe, dkim::check(&context)),
        watch(CheckId::Bimi, observe, bimi::check(&context)),
        watch(
            CheckId::MailServers,
            observe,
            mail_servers::check(now, policy.clone(), mx_set.clone(), contacts.clone())
        ),
    );

    let states = States {
        mail: mx.state.mail,
        mta_sts: mta_sts.state,
        servers: servers.state,
        dane: dane.state,
        spf: spf.state,
        dkim: dkim.state,
        dmarc: dmarc.state,
    };
    let stage = states.mta_sts.stage();
    let (mx_set, hosts, policy, contacts) = join!(mx_set, hosts, policy, contacts);
    let reports = mx::report_hosts(&mx_set, &hosts, &policy, &contacts);
    let checks = vec![
        mta_sts.check,
        servers.check,
        tls_rpt.check,
        dane.check,
        mx.check,
        spf.check,
        dkim.check,
        dmarc.check,
        bimi.check,
    ];
    Report {
        schema: SCHEMA,
        domain: domain.clone(),
        at: now,
        transport: answer::transport(&states),
        forgery: answer::forgery(&states),
        alarms: steps::alarms(&checks),
        stage,
        steps: steps::first(&checks),
        checks,
        hosts: reports,
        suggestion: mx.state.suggestion,
    }
}

async fn watch<S>(
    id: CheckId,
    observe: &dyn Fn(Event),
    check: impl Future<Output = Checked<S>>,
) -> Checked<S> {
    observe(Event::Started(id));
    let checked = check.await;
    observe(Event::Finished(Box::new(checked.check.clone())));
    checked
}

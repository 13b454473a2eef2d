//! What the answers mean together, in depth: the second stage of a scan.
//!
//! [`depth`] takes up where [`scan`](crate::scan) ends: it knows what that saw, asks what is still
//! missing, and never more than [`MAX_QUESTIONS`](crate::MAX_QUESTIONS) in both together.
//! [`judge_depth`] makes the same of what was seen before.
//!
//! A part is drawn anew whenever an answer has come; what has not come yet is unknown in it, and asked
//! for. The last drawing, when nothing is missing any more, is the one that counts.

mod dane;
mod dkim;
mod dmarc;
mod kept;
mod matrix;
mod mta_sts;
mod mx;
mod networks;
mod plan;
mod reports;
mod second;
mod senders;
mod servers;
mod shown;
mod spf;
mod written;

use futures_util::future::select_all;
use mxray_facts::dns::{Answer, Existence, Question, Record as Data, RecordType};
use mxray_facts::{Bytes, Name, Unobserved};
use mxray_records::mta_sts::senders::Sender;
use mxray_records::{Finding, Rule};
use serde::{Deserialize, Serialize};

use crate::checks::Context;
use crate::look::Seen;
use crate::providers::Providers;
use crate::report::{CheckId, Report};
use crate::{Network, run};

pub use dane::{Announcement, Lasts, Tlsa, TlsaFields};
pub use dkim::{Below, Keys, Selector, SelectorState, Selectors};
pub use dmarc::{Dmarc, Effective, Policies};
pub use kept::Kept;
pub use matrix::{Cell, Delivery, Matrix, Row, Way};
pub use mta_sts::Delegation;
pub use mx::{Exchange, Exchanges};
pub use plan::{Place, Task, Who, Write};
pub use reports::{Destination, Reports, Told};
pub use second::{Compared, Difference, Said, compare};
pub use senders::{Because, Honoring, Published, honoring, of_fetch};
pub use shown::{Line, Shown, servers};
pub use spf::{Branch, Flattened, Record, Senders, Sending, State, Tree};

/// The version of [`Depth`]'s shape; raised when a reader of the old one would misread the new.
pub const SCHEMA: u32 = 1;

/// What is known of the world beforehand: for names and for guesses, never for verdicts.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Known {
    /// Who runs whose mail.
    pub providers: Providers,
    /// Senders that honor MTA-STS, the standard first.
    #[serde(default)]
    pub senders: Vec<Sender>,
    /// DKIM selectors that somebody names.
    #[serde(default)]
    pub selectors: Vec<Name>,
}

/// All that a scan found in depth.
#[derive(Clone, Debug, Serialize)]
pub struct Depth {
    /// [`SCHEMA`].
    pub schema: u32,
    /// How mail arrives: each MX host against each kind of sender.
    pub matrix: Matrix,
    /// What to do, in order.
    pub plan: Vec<Task>,
    /// The MX hosts as names and addresses.
    pub mx: Exchanges,
    /// The whole of SPF.
    pub spf: Tree,
    /// What receivers do with forged mail, and whom they tell.
    pub dmarc: Dmarc,
    /// Where TLS-RPT's reports go.
    pub tls_rpt: Vec<Destination>,
    /// The TLSA records of each host that has any.
    pub dane: Vec<Announcement>,
    /// What was found under DKIM's selectors.
    pub dkim: Selectors,
    /// Who keeps the MTA-STS record and policy.
    pub mta_sts: Delegation,
    /// Who honors the policy; empty if none was read.
    pub senders: Vec<Honoring>,
    /// What is wrong beyond what the report says.
    pub findings: Vec<Note>,
    /// How many questions both stages asked together.
    pub questions: usize,
}

/// Something that was found in depth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The check that it belongs to.
    pub check: CheckId,
    /// The finding.
    pub finding: Finding,
}

/// Findings as they are gathered.
#[derive(Default)]
struct Notes(Vec<Note>);

impl Notes {
    /// The same, found in two places, is one.
    fn find(&mut self, check: CheckId, finding: Finding) {
        let note = Note { check, finding };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }
}

/// How far the second stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Questions that were asked, those of the first stage among them.
    pub questions: usize,
    /// Those that have no answer yet.
    pub open: usize,
}

/// Looks at a domain in depth.
///
/// `seen` is all that the scan which made `report` saw, in its order ([`Kept`] keeps it); `observe`
/// hears how many questions are open.
///
/// # Errors
/// None: what could not be looked at is *unknown*.
pub async fn depth<N: Network>(
    network: &N,
    report: &Report,
    seen: impl IntoIterator<Item = Seen>,
    known: &Known,
    observe: &dyn Fn(Asked),
) -> Depth {
    let context = Context::after(&report.domain, report.at, seen);
    let drawn = ask(network, &context, observe, || draw(&context, known)).await;
    complete(&context, report, drawn)
}

/// Reads a text as if it were the domain's own SPF record, with all that it leads to; asks for nothing else.
///
/// `seen` is as for [`depth`].
pub async fn sending<N: Network>(
    network: &N,
    report: &Report,
    seen: impl IntoIterator<Item = Seen>,
    known: &Known,
    text: &str,
) -> Sending {
    let own = Question::new(report.domain.name(), RecordType::Txt);
    let records = vec![Data::Txt(vec![Bytes::from(text.as_bytes())])];
    let answer = Answer { records, ..Answer::absent(Existence::Exists) };
    let is_other = |seen: &Seen| !matches!(seen, Seen::Dns(question, _) if *question == own);
    let others = seen.into_iter().filter(is_other);
    let seen = others.chain([Seen::Dns(own.clone(), Ok(answer))]);
    let context = Context::after(&report.domain, report.at, seen);
    let draw = || {
        let mut notes = Notes::default();
        let tree = spf::draw(&context, known, &mut notes);
        let findings = notes.0.into_iter().map(|note| note.finding).collect();
        Sending { tree, findings }
    };
    ask(network, &context, &|_| {}, draw).await
}

/// Draws anew whenever an answer has come, until nothing is missing any more.
async fn ask<N: Network, T>(
    network: &N,
    context: &Context<'_>,
    observe: &dyn Fn(Asked),
    draw: impl Fn() -> T,
) -> T {
    let mut under_way = Vec::new();
    loop {
        let drawn = draw();
        let wanted = context.look.take_wanted().into_iter();
        under_way.extend(wanted.map(|it| Box::pin(run::look(network, context.domain, it))));
        observe(Asked { questions: context.look.asked(), open: under_way.len() });
        if under_way.is_empty() {
            return drawn;
        }
        let (seen, _, rest) = select_all(under_way).await;
        context.look.note(seen);
        under_way = rest;
    }
}

/// Judges in depth what was seen before, by both stages: what nobody saw is unknown, for the reason
/// `unseen`.
#[must_use]
pub fn judge_depth(
    report: &Report,
    seen: impl IntoIterator<Item = Seen>,
    unseen: &Unobserved,
    known: &Known,
) -> Depth {
    let context = Context::after(&report.domain, report.at, seen);
    loop {
        let drawn = draw(&context, known);
        let wanted = context.look.take_wanted();
        if wanted.is_empty() {
            return complete(&context, report, drawn);
        }
        wanted.into_iter().for_each(|wanted| context.look.note(wanted.unseen(unseen.clone())));
    }
}

/// Draws every part of what has come. Their order is that in which questions are granted.
fn draw(context: &Context<'_>, known: &Known) -> Depth {
    let mut notes = Notes::default();
    let mta_sts = mta_sts::draw(context, known, &mut notes);
    let matrix = matrix::draw(context);
    let mx = mx::draw(context, &mut notes);
    let dane = dane::draw(context, &mut notes);
    let dmarc = dmarc::draw(context, &mut notes);
    let spf = spf::draw(context, known, &mut notes);
    let tls_rpt = reports::of_tls_rpt(context, &context.domain.name(), &mut notes);
    let dkim = dkim::draw(context, known, &mut notes);
    let senders = senders::draw(context, known);
    servers::draw(context, &mut notes);
    let findings = notes.0;
    let questions = context.look.asked();
    Depth {
        schema: SCHEMA,
        matrix,
        plan: Vec::new(),
        mx,
        spf,
        dmarc,
        tls_rpt,
        dane,
        dkim,
        mta_sts,
        senders,
        findings,
        questions,
    }
}

/// What asks for nothing: it is made of what was found.
fn complete(context: &Context<'_>, report: &Report, depth: Depth) -> Depth {
    let mut notes = Notes(depth.findings);
    written::find(report, &mut notes);
    let plan = plan::draw(context, report, &depth.matrix, &notes.0);
    Depth { plan, findings: notes.0, ..depth }
}

/// Every rule that this stage raises.
pub(crate) fn catalog() -> impl Iterator<Item = &'static Rule> {
    [
        mta_sts::rules::RULES,
        mx::rules::RULES,
        dane::rules::RULES,
        reports::dmarc_rules::RULES,
        reports::tls_rpt_rules::RULES,
        spf::rules::RULES,
        dkim::rules::RULES,
        servers::smtp_rules::RULES,
        servers::policy_rules::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

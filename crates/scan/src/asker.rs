//! Asking each DNS question once a scan, and no more of them than a scan may.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared, ready};
use mxray_facts::dns::{Answer, Checking, Existence, Question, RecordType};
use mxray_facts::{Name, Observation, Unobserved};

use crate::Network;

/// The most DNS questions that one scan asks.
pub const MAX_QUESTIONS: usize = 150;

/// SERVFAIL (RFC 1035 §4.1.1).
const SERVFAIL: u8 = 2;

/// An answer that several checks may wait for.
pub(crate) type Asked<'a> = Shared<LocalBoxFuture<'a, Observation<Rc<Answer>>>>;

/// Asks the network, remembers what was asked, and counts.
pub(crate) struct Asker<'a, N> {
    network: &'a N,
    asked: RefCell<BTreeMap<Question, Asked<'a>>>,
    left: Rc<Cell<usize>>,
}

impl<'a, N: Network> Asker<'a, N> {
    pub(crate) fn new(network: &'a N) -> Self {
        Self { network, asked: RefCell::default(), left: Rc::new(Cell::new(MAX_QUESTIONS)) }
    }

    /// The answer to a question; the network is asked when the first who wants it waits.
    pub(crate) fn ask(&self, name: Name, record_type: RecordType) -> Asked<'a> {
        let question = Question::new(name, record_type);
        let mut asked = self.asked.borrow_mut();
        asked.entry(question).or_insert_with_key(|question| self.start(question.clone())).clone()
    }

    fn start(&self, question: Question) -> Asked<'a> {
        if !question.name.fits() {
            // Nothing can stand at a name that cannot be.
            let absent = Rc::new(Answer::absent(Existence::DoesNotExist));
            return ready(Ok(absent)).boxed_local().shared();
        }
        if !take_one(&self.left) {
            return ready(Err(Unobserved::QuestionLimit)).boxed_local().shared();
        }
        let (network, left) = (self.network, Rc::clone(&self.left));
        async move {
            let answer = network.dns(&question).await;
            tell_bogus_from_broken(network, question, answer, &left).await.map(Rc::new)
        }
        .boxed_local()
        .shared()
    }
}

/// A resolver that answers the same question with checking disabled found the signatures broken, not the servers
/// (RFC 4035 §3.2.2).
async fn tell_bogus_from_broken<N: Network>(
    network: &N,
    question: Question,
    answer: Observation<Answer>,
    left: &Cell<usize>,
) -> Observation<Answer> {
    let Err(Unobserved::Resolution(mut resolution)) = answer else { return answer };
    if resolution.rcode == SERVFAIL && take_one(left) {
        let unchecked = Question { checking: Checking::Disabled, ..question };
        resolution.bogus = network.dns(&unchecked).await.is_ok();
    }
    Err(Unobserved::Resolution(resolution))
}

fn take_one(left: &Cell<usize>) -> bool {
    let Some(rest) = left.get().checked_sub(1) else { return false };
    left.set(rest);
    true
}

//! What a scan has asked, and what has come of it.
//!
//! A check is a plain function over this. It takes what is there; what is not is on its way from
//! then on, and the check is made anew when something has come. So nothing here waits, no check
//! holds up another, and everything is asked once.

use std::cell::RefCell;
use std::rc::Rc;

use mxray_facts::dns::{Answer, Checking, Existence, Question, RecordType};
use mxray_facts::{MailHost, Name, Observation, PolicyFetch, Resolution, Unobserved};
use serde::{Deserialize, Serialize};

/// The most DNS questions that one scan asks.
pub const MAX_QUESTIONS: usize = 150;

/// SERVFAIL (RFC 1035 §4.1.1).
const SERVFAIL: u8 = 2;

/// Something seen that several checks may hold.
pub(crate) type Shared<T> = Observation<Rc<T>>;

/// An answer that several checks may hold.
pub(crate) type Asked = Shared<Answer>;

/// What a check wants to see.
#[derive(Debug)]
pub(crate) enum Wanted {
    Dns(Question),
    Policy,
    MailHost(Name),
}

/// Something that was asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// A question to the resolver.
    Dns(Question, Observation<Answer>),
    /// The policy file.
    Policy(Observation<PolicyFetch>),
    /// An MX host.
    MailHost(Name, Observation<MailHost>),
}

impl Wanted {
    pub(crate) fn is_answered_by(&self, seen: &Seen) -> bool {
        match (self, seen) {
            (Self::Dns(wanted), Seen::Dns(seen, _)) => wanted == seen,
            (Self::Policy, Seen::Policy(_)) => true,
            (Self::MailHost(wanted), Seen::MailHost(seen, _)) => wanted == seen,
            _ => false,
        }
    }

    /// Nobody looked.
    pub(crate) fn unseen(self, why: Unobserved) -> Seen {
        match self {
            Self::Dns(question) => Seen::Dns(question, Err(why)),
            Self::Policy => Seen::Policy(Err(why)),
            Self::MailHost(host) => Seen::MailHost(host, Err(why)),
        }
    }
}

/// Everything that was asked, and has come so far.
#[derive(Debug)]
pub(crate) struct Look(RefCell<State>);

#[derive(Debug)]
struct State {
    questions: Vec<(Question, Slot)>,
    policy: Option<Shared<PolicyFetch>>,
    hosts: Vec<(Name, Option<Shared<MailHost>>)>,
    wanted: Vec<Wanted>,
    /// How many more questions may be asked.
    left: usize,
}

/// What is known of a question.
#[derive(Debug)]
enum Slot {
    Waiting,
    /// The resolver has no answer; it is asked whether it has one if it does not check signatures.
    Doubted(Resolution),
    Answered(Asked),
}

impl Look {
    /// Wants the policy at once, without waiting for its record.
    pub(crate) fn new() -> Self {
        Self(RefCell::new(State {
            questions: Vec::new(),
            policy: None,
            hosts: Vec::new(),
            wanted: vec![Wanted::Policy],
            left: MAX_QUESTIONS,
        }))
    }

    /// Knows what was seen before: it is not asked again, and counts as asked.
    pub(crate) fn having(seen: impl IntoIterator<Item = Seen>) -> Self {
        let look = Self::new();
        for seen in seen {
            match &seen {
                Seen::Dns(question, _) if question.checking == Checking::Enabled => {
                    look.0.borrow_mut().dns(question.clone());
                }
                Seen::MailHost(host, _) => drop(look.mail_host(host)),
                Seen::Dns(..) | Seen::Policy(_) => {}
            }
            look.0.borrow_mut().wanted.retain(|wanted| !wanted.is_answered_by(&seen));
            look.note(seen);
        }
        look
    }

    /// How many questions have been asked.
    pub(crate) fn asked(&self) -> usize {
        MAX_QUESTIONS - self.0.borrow().left
    }

    /// A resolver's answer, if it is there.
    pub(crate) fn dns(&self, name: Name, record_type: RecordType) -> Option<Asked> {
        self.0.borrow_mut().dns(Question::new(name, record_type))
    }

    /// The policy file, if it is there.
    pub(crate) fn policy(&self) -> Option<Shared<PolicyFetch>> {
        self.0.borrow().policy.clone()
    }

    /// What an MX host says, if it is there.
    pub(crate) fn mail_host(&self, name: &Name) -> Option<Shared<MailHost>> {
        let mut state = self.0.borrow_mut();
        if let Some((_, seen)) = state.hosts.iter().find(|(asked, _)| asked == name) {
            return seen.clone();
        }
        state.hosts.push((name.clone(), None));
        state.wanted.push(Wanted::MailHost(name.clone()));
        None
    }

    /// What has been asked for since the last time.
    pub(crate) fn take_wanted(&self) -> Vec<Wanted> {
        std::mem::take(&mut self.0.borrow_mut().wanted)
    }

    /// Takes note of what has come.
    pub(crate) fn note(&self, seen: Seen) {
        let mut state = self.0.borrow_mut();
        match seen {
            Seen::Dns(question, answer) => state.note_answer(question, answer),
            Seen::Policy(seen) => state.policy = Some(seen.map(Rc::new)),
            Seen::MailHost(name, seen) => {
                if let Some((_, slot)) = state.hosts.iter_mut().find(|(asked, _)| *asked == name) {
                    *slot = Some(seen.map(Rc::new));
                }
            }
        }
    }
}

impl State {
    fn dns(&mut self, question: Question) -> Option<Asked> {
        if let Some((_, slot)) = self.questions.iter().find(|(asked, _)| *asked == question) {
            return slot.answer();
        }
        let slot = if !question.name.fits() {
            // Nothing can stand at a name that cannot be.
            Slot::Answered(Ok(Rc::new(Answer::absent(Existence::DoesNotExist))))
        } else if self.want(question.clone()) {
            Slot::Waiting
        } else {
            Slot::Answered(Err(Unobserved::QuestionLimit))
        };
        let answer = slot.answer();
        self.questions.push((question, slot));
        answer
    }

    /// Whether there was one left to ask.
    fn want(&mut self, question: Question) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        self.wanted.push(Wanted::Dns(question));
        true
    }

    fn note_answer(&mut self, question: Question, answer: Observation<Answer>) {
        let checked = Question { checking: Checking::Enabled, ..question.clone() };
        let slot = match (self.doubt_about(&checked), answer) {
            // A resolver that answers the same question with checking disabled found the signatures
            // broken, not the servers (RFC 4035 §3.2.2).
            (Some(doubted), answer) => {
                let resolution = Resolution { bogus: answer.is_ok(), ..doubted };
                Slot::Answered(Err(Unobserved::Resolution(resolution)))
            }
            (None, Err(Unobserved::Resolution(resolution)))
                if resolution.rcode == SERVFAIL
                    && self.want(Question { checking: Checking::Disabled, ..question }) =>
            {
                Slot::Doubted(resolution)
            }
            (None, answer) => Slot::Answered(answer.map(Rc::new)),
        };
        if let Some((_, known)) = self.questions.iter_mut().find(|(asked, _)| *asked == checked) {
            *known = slot;
        }
    }

    fn doubt_about(&self, question: &Question) -> Option<Resolution> {
        self.questions.iter().find_map(|(asked, slot)| match slot {
            Slot::Doubted(resolution) if asked == question => Some(resolution.clone()),
            _ => None,
        })
    }
}

impl Slot {
    fn answer(&self) -> Option<Asked> {
        match self {
            Self::Answered(answer) => Some(answer.clone()),
            Self::Waiting | Self::Doubted(_) => None,
        }
    }
}

/// All of these, if all are there; each is asked for, whatever the others are.
pub(crate) fn all<T>(seen: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let mut all = Some(Vec::new());
    for one in seen {
        all = all.zip(one).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    all
}

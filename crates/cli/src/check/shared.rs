//! A network whose answers many scans share: domains have providers, hosts and zones in common.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::rc::Rc;
use std::time::Duration;

use mxray_facts::dns::{Answer, Question};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch};
use mxray_scan::Network;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How long an answer serves others: shorter than most records live.
const MAX_AGE: Duration = Duration::from_secs(300);

/// The most answers of a kind that are kept; the oldest give way.
const MOST: usize = 50_000;

/// A network that asks everything once.
pub(super) struct Shared<'a, N> {
    network: &'a N,
    answers: Memory<Question, Answer>,
    hosts: Memory<Name, MailHost>,
}

impl<'a, N> Shared<'a, N> {
    pub(super) fn new(network: &'a N) -> Self {
        Self { network, answers: Memory::default(), hosts: Memory::default() }
    }
}

impl<N: Network> Network for Shared<'_, N> {
    async fn dns(&self, question: &Question) -> Observation<Answer> {
        let (seen, age) = self.answers.get(question, self.network.dns(question)).await;
        seen.map(|answer| {
            let ttl = answer.ttl.map(|ttl| ttl.saturating_sub(age));
            Answer { ttl, ..answer }
        })
    }

    async fn policy(&self, domain: &Domain) -> Observation<PolicyFetch> {
        self.network.policy(domain).await
    }

    async fn mail_host(&self, domain: &Domain, host: &Name) -> Observation<MailHost> {
        self.hosts.get(host, self.network.mail_host(domain, host)).await.0
    }
}

/// What was seen not long ago, or is being looked at.
struct Memory<K, V>(RefCell<State<K, V>>);

struct State<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// The keys, the oldest first.
    order: VecDeque<K>,
}

type Cell<V> = Rc<OnceCell<Observation<V>>>;

struct Entry<V> {
    since: Instant,
    cell: Cell<V>,
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self(RefCell::new(State { entries: HashMap::new(), order: VecDeque::new() }))
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Memory<K, V> {
    /// What is known of a key, or comes of looking, and for how many seconds it is known at the most.
    /// Others that want it wait for the same.
    async fn get(
        &self,
        key: &K,
        look: impl Future<Output = Observation<V>>,
    ) -> (Observation<V>, u32) {
        let (since, cell) = self.0.borrow_mut().cell(key);
        let seen = cell.get_or_init(|| look).await.clone();
        if seen.is_err() {
            // Whoever comes next may have more luck.
            self.0.borrow_mut().forget(key, &cell);
        }
        (seen, since.elapsed().as_secs().try_into().unwrap_or(u32::MAX))
    }
}

impl<K: Clone + Eq + Hash, V> State<K, V> {
    fn cell(&mut self, key: &K) -> (Instant, Cell<V>) {
        if let Some(entry) = self.entries.get(key)
            && entry.since.elapsed() < MAX_AGE
        {
            return (entry.since, Rc::clone(&entry.cell));
        }
        let (since, cell) = (Instant::now(), Cell::default());
        let entry = Entry { since, cell: Rc::clone(&cell) };
        if self.entries.insert(key.clone(), entry).is_none() {
            self.order.push_back(key.clone());
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        (since, cell)
    }

    fn forget(&mut self, key: &K, cell: &Cell<V>) {
        if self.entries.get(key).is_some_and(|entry| Rc::ptr_eq(&entry.cell, cell)) {
            self.entries.remove(key);
            self.order.retain(|known| known != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use mxray_facts::Unobserved;
    use tokio::time::{advance, sleep};

    use super::*;

    /// Looks at a key, and counts.
    async fn get(
        memory: &Memory<u8, u8>,
        looked: &Cell<u8>,
        seen: Observation<u8>,
    ) -> Observation<u8> {
        let look = async {
            looked.set(looked.get() + 1);
            sleep(Duration::from_secs(1)).await;
            seen
        };
        memory.get(&1, look).await.0
    }

    #[tokio::test(start_paused = true)]
    async fn what_several_want_is_looked_at_once() {
        let (memory, looked) = (Memory::default(), Cell::new(0));
        let (one, two) = tokio::join!(get(&memory, &looked, Ok(1)), get(&memory, &looked, Ok(2)));
        let later = get(&memory, &looked, Ok(3)).await;
        assert_eq!((one, two, later, looked.get()), (Ok(1), Ok(1), Ok(1), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_old_or_was_not_seen_is_looked_at_again() {
        let (memory, looked) = (Memory::default(), Cell::new(0));
        assert!(get(&memory, &looked, Err(Unobserved::TimedOut)).await.is_err());
        assert_eq!(get(&memory, &looked, Ok(1)).await, Ok(1));
        advance(MAX_AGE).await;
        assert_eq!(get(&memory, &looked, Ok(2)).await, Ok(2));
        assert_eq!(looked.get(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_known_how_old_an_answer_is() {
        let memory: Memory<u8, u8> = Memory::default();
        assert_eq!(memory.get(&1, async { Ok(1) }).await, (Ok(1), 0));
        advance(Duration::from_secs(7)).await;
        assert_eq!(memory.get(&1, async { Ok(2) }).await, (Ok(1), 7));
    }

    #[test]
    fn no_more_is_kept_than_may_be() {
        let mut state: State<usize, u8> = State { entries: HashMap::new(), order: VecDeque::new() };
        for key in 0..MOST + 10 {
            state.cell(&key);
        }
        assert_eq!((state.entries.len(), state.order.len()), (MOST, MOST));
        assert!(!state.entries.contains_key(&0) && state.entries.contains_key(&MOST));
    }
}

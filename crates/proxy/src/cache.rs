//! Results that are kept for a moment, so that whoever looks again, or somebody else does, does not
//! reach strangers again; with other proxies, if there are some.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::shared::Shared;

/// For how long a result is handed out again.
pub(crate) const LIFETIME: Duration = Duration::from_secs(60);

/// The same of one that somebody is likely to be mending, or that says nothing.
pub(crate) const SHORT_LIFETIME: Duration = Duration::from_secs(15);

/// The most results that are kept.
const MAX_ENTRIES: usize = 1000;

/// Something that is worth keeping for a while.
pub(crate) trait Kept: Sized {
    fn lifetime(&self) -> Duration;

    /// As other proxies read it.
    fn to_json(&self) -> Vec<u8>;

    /// What another proxy has written, unless it is one of another make.
    fn from_json(json: &[u8]) -> Option<Self>;
}

/// What was seen, and how that is said in JSON, once for all who ask.
#[derive(Clone, Debug)]
pub(crate) struct Said<T> {
    pub(crate) value: Arc<T>,
    json: Arc<RawValue>,
}

impl<T> Said<T> {
    /// `said` is what of the value is said.
    pub(crate) fn new<S: Serialize>(value: T, said: impl FnOnce(&T) -> &S) -> Self {
        // Facts always make JSON.
        let json = to_raw_value(said(&value)).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self { value: Arc::new(value), json: json.into() }
    }

    /// What is said, without a copy of it.
    pub(crate) fn json(&self) -> Bytes {
        Bytes::from_owner(Json(Arc::clone(&self.json)))
    }
}

struct Json(Arc<RawValue>);

impl AsRef<[u8]> for Json {
    fn as_ref(&self) -> &[u8] {
        self.0.get().as_bytes()
    }
}

impl<T> Serialize for Said<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

/// Results of a kind by what was asked. Who asks while the same is being looked at waits for that.
pub(crate) struct Cache<K, V> {
    kind: &'static str,
    shared: Option<Arc<Shared>>,
    entries: Mutex<HashMap<K, Entry<V>>>,
    counts: Counts,
}

/// How often something was asked for, and how often that took a look.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) asked: AtomicU64,
    pub(crate) looked: AtomicU64,
}

struct Entry<V> {
    result: Arc<OnceCell<Dated<V>>>,
    since: Instant,
}

/// A result, and when somebody began to look for it.
#[derive(Clone)]
pub(crate) struct Dated<V> {
    pub(crate) value: V,
    pub(crate) since: Instant,
}

/// A result, new or kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen<V> {
    pub(crate) value: V,
    pub(crate) age: Age,
}

/// For how long a result is handed out, and how much of that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age {
    pub(crate) age: Duration,
    pub(crate) lifetime: Duration,
    /// Whether nobody was looked at for whom this is handed to.
    pub(crate) is_kept: bool,
}

impl Age {
    /// Of what is made of two results.
    pub(crate) fn or_older(self, other: Self) -> Self {
        Self {
            age: self.age.max(other.age),
            lifetime: self.lifetime.min(other.lifetime),
            is_kept: self.is_kept && other.is_kept,
        }
    }
}

impl<K, V> Cache<K, V> {
    pub(crate) fn new(kind: &'static str, shared: Option<Arc<Shared>>) -> Self {
        Self { kind, shared, entries: Mutex::default(), counts: Counts::default() }
    }
}

impl<K: Hash + Eq + Clone + fmt::Display, V: Kept + Clone> Cache<K, V> {
    /// What was kept, or what `look` comes to.
    ///
    /// A look is large; who need not take one has no room for it either.
    pub(crate) async fn get<F: Future<Output = V>>(
        &self,
        key: K,
        look: impl FnOnce() -> F,
    ) -> Seen<V> {
        let (result, since) = self.entry(&key);
        self.counts.asked.fetch_add(1, Ordering::Relaxed);
        let mut is_kept = true;
        let look = || {
            is_kept = false;
            self.counts.looked.fetch_add(1, Ordering::Relaxed);
            Box::pin(look())
        };
        let Dated { value, since } =
            result.get_or_init(|| Box::pin(self.look(&key, since, look))).await.clone();
        let age = Age { age: since.elapsed(), lifetime: value.lifetime(), is_kept };
        Seen { value, age }
    }

    /// What another proxy has seen, or what `look` comes to.
    async fn look<F: Future<Output = V> + Unpin>(
        &self,
        key: &K,
        since: Instant,
        look: impl FnOnce() -> F,
    ) -> Dated<V> {
        match &self.shared {
            Some(shared) => shared.look(&format!("{}:{key}", self.kind), since, look).await,
            None => Dated { value: look().await, since },
        }
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    fn entry(&self, key: &K) -> (Arc<OnceCell<Dated<V>>>, Instant) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(key) {
            make_room(&mut entries);
        }
        let entry = entries.entry(key.clone()).or_insert_with(Entry::new);
        if !entry.is_fresh() {
            *entry = Entry::new();
        }
        (Arc::clone(&entry.result), entry.since)
    }
}

/// Forgets what is over, and if nothing is, the oldest: nobody can flush a result that is new.
fn make_room<K: Hash + Eq + Clone, V: Kept>(entries: &mut HashMap<K, Entry<V>>) {
    entries.retain(|_, entry| entry.is_fresh());
    if entries.len() >= MAX_ENTRIES
        && let Some((oldest, _)) = entries.iter().min_by_key(|(_, entry)| entry.since)
    {
        let oldest = oldest.clone();
        entries.remove(&oldest);
    }
}

impl<V: Kept> Entry<V> {
    fn new() -> Self {
        Self { result: Arc::default(), since: Instant::now() }
    }

    /// While it is being looked, everybody waits for that.
    fn is_fresh(&self) -> bool {
        match self.result.get() {
            Some(seen) => seen.since.elapsed() < seen.value.lifetime(),
            None => self.since.elapsed() < LIFETIME,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::ready;
    use std::time::Duration;

    use tokio::join;
    use tokio::time::{advance, sleep};

    use super::{Cache, Kept, LIFETIME, MAX_ENTRIES, SHORT_LIFETIME};

    impl Kept for Result<u64, ()> {
        fn lifetime(&self) -> Duration {
            if self.is_ok() { LIFETIME } else { SHORT_LIFETIME }
        }

        fn to_json(&self) -> Vec<u8> {
            serde_json::to_vec(self).unwrap()
        }

        fn from_json(json: &[u8]) -> Option<Self> {
            serde_json::from_slice(json).ok()
        }
    }

    fn alone<K>() -> Cache<K, Result<u64, ()>> {
        Cache::new("number", None)
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_is_looked_at_once_a_minute() {
        let (cache, looks) = (alone(), Cell::new(0));
        let look = async || {
            sleep(Duration::from_secs(5)).await;
            looks.set(looks.get() + 1);
            Ok(looks.get())
        };
        let (one, two) = join!(cache.get("a", &look), cache.get("a", &look));
        assert_eq!((one.value, two.value), (Ok(1), Ok(1)), "at the same time");
        assert_eq!((one.age.is_kept, two.age.is_kept), (false, true), "who waits has not looked");
        advance(Duration::from_secs(30)).await;
        let kept = cache.get("a", &look).await;
        assert_eq!((kept.value, kept.age.age), (Ok(1), Duration::from_secs(35)), "soon after");
        assert_eq!(cache.get("b", &look).await.value, Ok(2), "something else");
        advance(LIFETIME).await;
        assert_eq!(cache.get("a", &look).await.value, Ok(3), "later");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_kept_for_a_shorter_time() {
        let cache = alone();
        assert_eq!(cache.get("a", || ready(Err(()))).await.age.lifetime, SHORT_LIFETIME);
        advance(SHORT_LIFETIME - Duration::from_secs(1)).await;
        assert_eq!(cache.get("a", || ready(Ok(1))).await.value, Err(()), "for nobody looks again");
        advance(Duration::from_secs(1)).await;
        assert_eq!(cache.get("a", || ready(Ok(1))).await.value, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_goes_on_when_the_one_who_looks_has_left() {
        let cache = alone();
        let left = tokio::time::timeout(
            Duration::from_secs(1),
            cache.get("a", async || {
                sleep(Duration::from_secs(5)).await;
                Ok(1)
            }),
        );
        let (left, stayed) = join!(left, cache.get("a", || ready(Ok(2))));
        assert!(left.is_err());
        assert_eq!(stayed.value, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_is_kept_than_there_is_room_for_and_the_oldest_goes_first() {
        let cache = alone();
        for key in 0..MAX_ENTRIES as u64 + 100 {
            cache.get(key, || ready(Ok(key))).await;
            advance(Duration::from_millis(1)).await;
        }
        let entries = cache.entries.into_inner().unwrap();
        assert_eq!(entries.len(), MAX_ENTRIES);
        assert!(!entries.contains_key(&99) && entries.contains_key(&100));
    }
}

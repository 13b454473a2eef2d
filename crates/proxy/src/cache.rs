//! Results that are kept for a moment, so that a page's reload does not reach strangers again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

/// For how long a result is handed out again.
pub(crate) const LIFETIME: Duration = Duration::from_secs(60);

/// The most results that are kept.
const MAX_ENTRIES: usize = 500;

/// Results by what was asked. Who asks while the same is being looked at waits for that.
pub(crate) struct Cache<K, V>(Mutex<HashMap<K, Entry<V>>>);

struct Entry<V> {
    result: Arc<OnceCell<V>>,
    since: Instant,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    /// What was kept, or what `look` comes to; with its age.
    pub(crate) async fn get(&self, key: K, look: impl Future<Output = V>) -> (V, Duration) {
        let (result, since) = self.entry(key);
        let value = result.get_or_init(|| look).await;
        (value.clone(), since.elapsed())
    }

    fn entry(&self, key: K) -> (Arc<OnceCell<V>>, Instant) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES {
            entries.retain(|_, entry| entry.is_fresh());
        }
        if entries.len() >= MAX_ENTRIES {
            // Under such a load a result less is no loss, and memory has an end.
            entries.clear();
        }
        let entry = entries.entry(key).or_insert_with(Entry::new);
        if !entry.is_fresh() {
            *entry = Entry::new();
        }
        (Arc::clone(&entry.result), entry.since)
    }
}

impl<V> Entry<V> {
    fn new() -> Self {
        Self { result: Arc::default(), since: Instant::now() }
    }

    fn is_fresh(&self) -> bool {
        self.since.elapsed() < LIFETIME
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::ready;
    use std::time::Duration;

    use tokio::join;
    use tokio::time::{advance, sleep};

    use super::{Cache, LIFETIME, MAX_ENTRIES};

    #[tokio::test(start_paused = true)]
    async fn the_same_is_looked_at_once_a_minute() {
        let (cache, looks) = (Cache::default(), Cell::new(0));
        let look = async || {
            sleep(Duration::from_secs(5)).await;
            looks.set(looks.get() + 1);
            looks.get()
        };
        let (one, two) = join!(cache.get("a", look()), cache.get("a", look()));
        assert_eq!((one.0, two.0), (1, 1), "at the same time");
        advance(Duration::from_secs(30)).await;
        assert_eq!(cache.get("a", look()).await, (1, Duration::from_secs(35)), "soon after");
        assert_eq!(cache.get("b", look()).await.0, 2, "something else");
        advance(LIFETIME).await;
        assert_eq!(cache.get("a", look()).await.0, 3, "later");
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        let cache = Cache::default();
        for key in 0..MAX_ENTRIES * 3 {
            cache.get(key, ready(key)).await;
        }
        assert!(cache.0.into_inner().unwrap().len() <= MAX_ENTRIES);
    }
}

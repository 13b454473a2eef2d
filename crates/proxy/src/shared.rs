//! What several proxies keep together in Redis, so that to strangers they are one: results, who is
//! looking at what just now, and what is left of allowances.
//!
//! Nothing waits for Redis longer than [`DEADLINE`]. When it is gone, each proxy goes on alone with what
//! it keeps itself, and tries each second whether it is back.
//!
//! | key | value |
//! |---|---|
//! | `mxray:1:policy:…`, `mx:…`, `host:…`, `bimi:…` | `=` and a result in JSON, or `?` and the proxy that is looking |
//! | `mxray:1:client:…`, `domain:…`, `address:…` | when an allowance will be full again, in µs |
//! | `mxray:1:pulse` | whether something can be kept at all |
//!
//! Each expires by itself: with the limits as they are, within a minute.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mxray_probe::{Allowance, Ledger, Taking};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisResult, Script, ScriptInvocation, cmd,
};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at};

use crate::cache::{Dated, Kept};

/// What all keys begin with; the number changes with the shape of what is kept.
const KEYS: &str = "mxray:1:";

/// How long Redis may take for anything.
const DEADLINE: Duration = Duration::from_secs(2);

/// How often it is seen whether Redis is there.
const PULSE: Duration = Duration::from_secs(1);

/// For how long a look is ours unless we say so again, which we do meanwhile: who looks for one that
/// has died starts after that time.
const CLAIM: Duration = Duration::from_secs(4);
const RENEWAL: Duration = Duration::from_secs(1);

/// How often it is seen whether a look of somebody else is over.
const POLL: Duration = Duration::from_millis(50);

/// How long a look of somebody else is waited for, which is longer than any takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest result that is kept for others.
const MAX_RESULT: usize = 1024 * 1024;

/// What a value begins with.
const LOOKING: u8 = b'?';
const SEEN: u8 = b'=';

/// What somebody else keeps, and for how many more milliseconds. If that is nothing, or ours, the look
/// is ours for a while.
const CLAIM_SCRIPT: &str = "
    local kept = redis.call('GET', KEYS[1])
    if kept and kept ~= ARGV[1] then return {kept, redis.call('PTTL', KEYS[1])} end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return nil";

/// Takes from an allowance, and returns how many µs to wait if there is not so much. ARGV: the time in
/// which it fills, and that in which what is taken comes back. An allowance is known by when it will be
/// full; by Redis's clock, as those of proxies differ.
const TAKE_SCRIPT: &str = "
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0)) + ARGV[2]
    local wait = full - now - ARGV[1]
    if wait > 0 then return math.ceil(wait) end
    redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
    return 0";

/// A Redis that several proxies share.
#[derive(Clone)]
pub struct Redis(Client);

/// The text names no Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRedis;

impl FromStr for Redis {
    type Err = NoRedis;

    /// Reads `redis://HOST`, with a port, a user, a password and a number if need be, or `unix:/PATH`.
    fn from_str(text: &str) -> Result<Self, NoRedis> {
        Client::open(text).map(Self).map_err(|_| NoRedis)
    }
}

/// The address holds a password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

impl fmt::Display for NoRedis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a Redis such as redis://127.0.0.1:6379 or unix:/run/redis.sock")
    }
}

impl std::error::Error for NoRedis {}

/// What is kept together. Dropping it lets go of Redis.
pub(crate) struct Shared {
    link: Arc<watch::Sender<Link>>,
    /// Our claim to a look.
    claim: Vec<u8>,
    failures: AtomicU64,
    claim_script: Script,
    take_script: Script,
    _keeper: JoinSet<()>,
}

/// How Redis is.
#[derive(Clone)]
enum Link {
    /// Nobody knows yet.
    Trying,
    Up(MultiplexedConnection),
    Gone,
}

/// Whose look it is.
enum Claim<V> {
    Ours,
    Theirs,
    /// It is over.
    Over(Dated<V>),
    /// Nobody can tell.
    Alone,
}

impl Shared {
    /// Starts to look for Redis, from within a runtime.
    pub(crate) fn new(Redis(client): Redis) -> Self {
        let link = Arc::new(watch::Sender::new(Link::Trying));
        let mut keeper = JoinSet::new();
        keeper.spawn(keep(client, Arc::clone(&link)));
        let number = RandomState::new().hash_one(std::process::id());
        Self {
            link,
            claim: format!("{}{number:016x}", char::from(LOOKING)).into_bytes(),
            failures: AtomicU64::new(0),
            claim_script: Script::new(CLAIM_SCRIPT),
            take_script: Script::new(TAKE_SCRIPT),
            _keeper: keeper,
        }
    }

    /// Waits until it is known whether Redis is there.
    pub(crate) async fn tried(&self) {
        // It ends with the keeper, which lives as long as we do.
        let _ = self.link.subscribe().wait_for(|link| !matches!(link, Link::Trying)).await;
    }

    /// Whether something is shared, so that strangers see one proxy.
    pub(crate) fn is_up(&self) -> bool {
        matches!(*self.link.borrow(), Link::Up(_))
    }

    /// How often Redis did not do what it was asked for.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// What another proxy has seen, or what `look` comes to. Only one of them looks at a time.
    pub(crate) async fn look<V: Kept, F: Future<Output = V> + Unpin>(
        &self,
        key: &str,
        since: Instant,
        look: impl FnOnce() -> F,
    ) -> Dated<V> {
        let key = format!("{KEYS}{key}");
        let patience = Instant::now() + PATIENCE;
        match timeout_at(patience, self.wait_for_turn(&key)).await {
            Ok(Claim::Over(seen)) => seen,
            Ok(Claim::Ours) => self.look_for_all(&key, since, look()).await,
            _ => Dated { value: look().await, since },
        }
    }

    async fn wait_for_turn<V: Kept>(&self, key: &str) -> Claim<V> {
        loop {
            match self.claim(key).await {
                Claim::Theirs => sleep(POLL).await,
                turn => return turn,
            }
        }
    }

    /// Looks, and says again and again that it does.
    async fn look_for_all<V: Kept>(
        &self,
        key: &str,
        since: Instant,
        mut look: impl Future<Output = V> + Unpin,
    ) -> Dated<V> {
        loop {
            if let Ok(value) = timeout(RENEWAL, &mut look).await {
                let seen = Dated { value, since };
                self.put(key, &seen).await;
                return seen;
            }
            self.claim::<V>(key).await;
        }
    }

    async fn claim<V: Kept>(&self, key: &str) -> Claim<V> {
        let mut claim = self.claim_script.key(key);
        claim.arg(&self.claim).arg(in_ms(CLAIM));
        match self.run::<Option<(Vec<u8>, i64)>>(&claim).await {
            None => Claim::Alone,
            Some(None) => Claim::Ours,
            Some(Some((kept, left))) => match kept.split_first() {
                Some((&LOOKING, _)) => Claim::Theirs,
                Some((&SEEN, json)) => read(json, left).map_or(Claim::Alone, Claim::Over),
                _ => Claim::Alone,
            },
        }
    }

    /// Keeps a result for as long as it is handed out, unless that is not at all.
    async fn put<V: Kept>(&self, key: &str, seen: &Dated<V>) {
        let left = in_ms(seen.value.lifetime().saturating_sub(seen.since.elapsed()));
        let mut value = vec![SEEN];
        value.extend(seen.value.to_json());
        let put = if left == 0 || value.len() > MAX_RESULT {
            Cmd::del(key)
        } else {
            let mut put = cmd("SET");
            put.arg(key).arg(value).arg("PX").arg(left);
            put
        };
        // What becomes of it is the others' concern.
        self.ask::<()>(async |mut connection| put.query_async(&mut connection).await).await;
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Option<T> {
        self.ask(async |mut connection| script.invoke_async(&mut connection).await).await
    }

    /// None, and at once from then on until it is back, if Redis does not do what it is asked for.
    async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Option<T> {
        let Link::Up(connection) = self.link.borrow().clone() else { return None };
        let trouble = match timeout(DEADLINE, question(connection)).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer in time".to_owned(),
        };
        self.failures.fetch_add(1, Ordering::Relaxed);
        change(&self.link, Err(trouble));
        None
    }
}

impl Ledger for Shared {
    fn take(&self, who: String, each: Allowance, amount: f64) -> Taking<'_> {
        let in_us = |amount: f64| (amount / each.per_second * 1e6).round();
        let (fills, comes_back) = (in_us(each.at_once), in_us(amount));
        Box::pin(async move {
            let mut take = self.take_script.key(format!("{KEYS}{who}"));
            take.arg(fills).arg(comes_back);
            let wait: u64 = self.run(&take).await?;
            Some(if wait == 0 { Ok(()) } else { Err(Duration::from_micros(wait)) })
        })
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

/// A result that will be handed out for so many more milliseconds.
fn read<V: Kept>(json: &[u8], left: i64) -> Option<Dated<V>> {
    let value = V::from_json(json)?;
    let left = Duration::from_millis(left.try_into().unwrap_or_default());
    let age = value.lifetime().saturating_sub(left);
    let now = Instant::now();
    Some(Dated { value, since: now.checked_sub(age).unwrap_or(now) })
}

/// Sees again and again whether Redis keeps what it is given, and connects to it anew if not.
async fn keep(client: Client, link: Arc<watch::Sender<Link>>) {
    let mut pulse = interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        let before = link.borrow().clone();
        let seen = timeout(DEADLINE, try_out(&client, before)).await;
        let seen = seen.map_err(|_| "it does not answer in time".to_owned());
        change(&link, seen.and_then(|tried| tried.map_err(|error| error.to_string())));
    }
}

async fn try_out(client: &Client, link: Link) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(DEADLINE))
        .set_response_timeout(Some(DEADLINE));
    let mut connection = match link {
        Link::Up(connection) => connection,
        _ => client.get_multiplexed_async_connection_with_config(&config).await?,
    };
    let mut pulse = cmd("SET");
    pulse.arg(format!("{KEYS}pulse")).arg("").arg("PX").arg(in_ms(PULSE));
    pulse.query_async::<()>(&mut connection).await?;
    Ok(connection)
}

/// Says once when Redis goes or comes.
fn change(link: &watch::Sender<Link>, seen: Result<MultiplexedConnection, String>) {
    link.send_if_modified(|link| {
        let (was_up, was_gone) = (matches!(link, Link::Up(_)), matches!(link, Link::Gone));
        match seen {
            Ok(connection) if !was_up => {
                tracing::info!("what is kept is shared by way of Redis");
                *link = Link::Up(connection);
            }
            Err(trouble) if !was_gone => {
                tracing::warn!(trouble, "Redis is gone; this proxy goes on alone");
                *link = Link::Gone;
            }
            _ => return false,
        }
        true
    });
}

fn in_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Redis;

    #[test]
    fn a_redis_is_named_by_its_address() {
        for (reason, text, expected) in [
            ("a host", "redis://127.0.0.1", true),
            ("a port, a password and a number", "redis://:secret@redis.example:6380/1", true),
            ("a socket of this machine", "unix:/run/redis.sock", true),
            ("over TLS, which goes through a tunnel", "rediss://redis.example", false),
            ("no scheme", "127.0.0.1:6379", false),
            ("another one", "http://127.0.0.1:6379", false),
            ("nothing", "", false),
        ] {
            let read = text.parse::<Redis>();
            assert_eq!(read.is_ok(), expected, "{reason}: {text}");
            assert!(!format!("{read:?}").contains("secret"), "{reason}");
        }
    }
}

//! How often somebody may be turned to, or may turn to us.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::address::destination;

/// The most of those who used some that are remembered.
const MAX_KNOWN: usize = 10_000;

/// How much at once, and what comes back with time.
///
/// ```
/// # use mxray_probe::Allowance;
/// let allowance: Allowance = "10/60s".parse()?;
/// assert_eq!(allowance, Allowance { at_once: 10.0, per_second: 10.0 / 60.0 });
/// assert_eq!(allowance.to_string(), "10/60s");
/// # Ok::<(), mxray_probe::NoAllowance>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// As much as there ever is.
    pub at_once: f64,
    /// What comes back with each second.
    pub per_second: f64,
}

/// The text is no allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAllowance;

impl FromStr for Allowance {
    type Err = NoAllowance;

    /// Reads `10/60s`: ten at once, and ten in each minute after.
    fn from_str(text: &str) -> Result<Self, NoAllowance> {
        let (amount, seconds) = text.split_once('/').ok_or(NoAllowance)?;
        let seconds = seconds.strip_suffix('s').ok_or(NoAllowance)?;
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        let number = |text| number(text).map(f64::from).ok_or(NoAllowance);
        let at_once = number(amount)?;
        Ok(Self { at_once, per_second: at_once / number(seconds)? })
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}s", self.at_once, (self.at_once / self.per_second).round())
    }
}

impl fmt::Display for NoAllowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected how many in how many seconds, such as 10/60s")
    }
}

impl std::error::Error for NoAllowance {}

/// Where several programs keep together what is left of an allowance, so that they are one to a stranger.
pub trait Ledger: fmt::Debug + Send + Sync {
    /// Takes from what somebody has left.
    fn take(&self, who: String, each: Allowance, amount: f64) -> Taking<'_>;
}

/// How long to wait, if there is not so much; none if nobody can tell just now.
pub type Taking<'a> = Pin<Box<dyn Future<Output = Option<Result<(), Duration>>> + Send + 'a>>;

/// What is left of an allowance to each who used some: a [`network`], a domain.
#[derive(Debug)]
pub struct Allowances<K> {
    each: Allowance,
    known: Mutex<HashMap<K, Left>>,
    ledger: Option<(&'static str, Arc<dyn Ledger>)>,
}

/// What is left, as of a moment.
#[derive(Clone, Copy, Debug)]
struct Left {
    amount: f64,
    at: Instant,
}

impl<K: Eq + Hash + Clone + fmt::Display> Allowances<K> {
    /// As much for each.
    #[must_use]
    pub fn new(each: Allowance) -> Self {
        Self { each, known: Mutex::default(), ledger: None }
    }

    /// The same for all programs that share a ledger. In it, who uses some is known as one of a kind.
    #[must_use]
    pub fn shared(self, kind: &'static str, ledger: Option<Arc<dyn Ledger>>) -> Self {
        Self { ledger: ledger.map(|ledger| (kind, ledger)), ..self }
    }

    /// Takes from what somebody has left.
    ///
    /// # Errors
    /// How long to wait, if there is not so much; nothing is taken then.
    pub async fn take(&self, who: K, amount: f64) -> Result<(), Duration> {
        // What is taken by way of us is a part of what is taken in all, and counted here too: so nothing
        // starts anew when the ledger is gone.
        self.take_here(who.clone(), amount)?;
        let Some((kind, ledger)) = &self.ledger else { return Ok(()) };
        let taken = ledger.take(format!("{kind}:{who}"), self.each, amount).await;
        if taken.is_some_and(|taken| taken.is_err()) {
            self.give_back(&who, amount);
        }
        taken.unwrap_or(Ok(()))
    }

    fn take_here(&self, who: K, amount: f64) -> Result<(), Duration> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.retain(|_, left| self.now(*left) < self.each.at_once);
        }
        if known.len() >= MAX_KNOWN && !known.contains_key(&who) {
            // So many at a time are one that is everywhere.
            return Err(Duration::from_secs(60));
        }
        let now = Instant::now();
        let full = Left { amount: self.each.at_once, at: now };
        let left = known.entry(who).or_insert(full);
        let amount = self.now(*left) - amount;
        if amount < 0.0 {
            return Err(Duration::from_secs_f64(-amount / self.each.per_second));
        }
        *left = Left { amount, at: now };
        Ok(())
    }

    fn give_back(&self, who: &K, amount: f64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = known.get_mut(who) {
            left.amount += amount;
        }
    }

    fn now(&self, left: Left) -> f64 {
        let back = left.at.elapsed().as_secs_f64() * self.each.per_second;
        self.each.at_once.min(left.amount + back)
    }
}

/// Who an address belongs to: one household or server has an IPv4 address, or an IPv6 network of 64
/// bits. An IPv6 address that only leads to an IPv4 address counts as that one.
///
/// ```
/// # use mxray_probe::network;
/// assert_eq!(network("2001:db8:1:2:3:4:5:6".parse()?), "2001:db8:1:2::".parse::<std::net::IpAddr>()?);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match destination(address) {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::time::advance;

    use super::{Allowance, Allowances, Ledger, MAX_KNOWN, Taking, network};

    #[tokio::test(start_paused = true)]
    async fn there_is_so_much_at_once_and_then_what_comes_back() {
        let allowances = Allowances::new(Allowance { at_once: 3.0, per_second: 0.5 });
        let [one, other]: [IpAddr; 2] =
            ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        for _ in 0..3 {
            allowances.take(one, 1.0).await.unwrap();
        }
        assert_eq!(allowances.take(one, 1.0).await, Err(Duration::from_secs(2)));
        allowances.take(other, 1.0).await.unwrap();
        advance(Duration::from_secs(2)).await;
        allowances.take(one, 1.0).await.unwrap();
        assert_eq!(
            allowances.take(one, 0.5).await,
            Err(Duration::from_secs(1)),
            "nor a part of it"
        );
        advance(Duration::from_secs(3600)).await;
        for _ in 0..3 {
            allowances.take(one, 1.0).await.unwrap();
        }
        assert!(allowances.take(one, 1.0).await.is_err(), "never more than there is at once");
    }

    #[tokio::test(start_paused = true)]
    async fn memory_has_an_end_and_whoever_is_known_is_served() {
        let allowances = Allowances::new(Allowance { at_once: 2.0, per_second: 1.0 });
        let address = |number: u32| IpAddr::from(Ipv4Addr::from_bits(number));
        for number in 0..MAX_KNOWN as u32 {
            allowances.take(address(number), 1.0).await.unwrap();
        }
        assert!(allowances.take(address(u32::MAX), 1.0).await.is_err(), "one too many");
        allowances.take(address(0), 1.0).await.unwrap();
        advance(Duration::from_secs(2)).await;
        allowances.take(address(u32::MAX), 1.0).await.unwrap();
        assert_eq!(allowances.known.lock().unwrap().len(), 1, "the others are as if never seen");
    }

    /// Says what it is told to say, and remembers who was asked for.
    #[derive(Debug, Default)]
    struct Told {
        answer: Mutex<Option<Result<(), Duration>>>,
        asked: Mutex<Vec<String>>,
    }

    impl Ledger for Told {
        fn take(&self, who: String, _: Allowance, _: f64) -> Taking<'_> {
            self.asked.lock().unwrap().push(who);
            Box::pin(std::future::ready(*self.answer.lock().unwrap()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_others_have_taken_counts_as_far_as_somebody_can_tell() {
        let ledger = Arc::new(Told::default());
        let each = Allowance { at_once: 2.0, per_second: 1.0 };
        let shared: Arc<dyn Ledger> = ledger.clone();
        let allowances = Allowances::new(each).shared("domain", Some(shared));
        let wait = Duration::from_secs(7);
        *ledger.answer.lock().unwrap() = Some(Err(wait));
        for _ in 0..9 {
            assert_eq!(allowances.take("a.example", 1.0).await, Err(wait), "others have taken it");
        }
        *ledger.answer.lock().unwrap() = Some(Ok(()));
        allowances.take("a.example", 1.0).await.unwrap();
        *ledger.answer.lock().unwrap() = None;
        allowances.take("a.example", 1.0).await.unwrap();
        let left = allowances.take("a.example", 1.0).await;
        assert_eq!(left, Err(Duration::from_secs(1)), "alone, it knows what it took itself");
        let asked = ledger.asked.lock().unwrap();
        assert_eq!(asked.len(), 11, "and nobody is asked then");
        assert!(asked.iter().all(|who| who == "domain:a.example"), "{asked:?}");
    }

    #[test]
    fn an_allowance_is_so_many_in_so_long() {
        for (reason, text, expected) in [
            ("usual", "10/60s", Some((10.0, 10.0 / 60.0))),
            ("a second", "3000/1s", Some((3000.0, 3000.0))),
            ("none, which would be none ever", "0/60s", None),
            ("no time", "10/0s", None),
            ("less than none", "-1/60s", None),
            ("no number", "nan/60s", None),
            ("no unit", "10/60", None),
            ("no time at all", "10", None),
        ] {
            let read = text.parse().ok().map(|read: Allowance| (read.at_once, read.per_second));
            assert_eq!(read, expected, "{reason}: {text}");
        }
    }

    #[test]
    fn a_household_is_one_network() {
        for (reason, address, expected) in [
            ("an address", "192.0.2.1", "192.0.2.1"),
            ("the same in IPv6's clothes", "::ffff:192.0.2.1", "192.0.2.1"),
            ("the same through NAT64", "64:ff9b::192.0.2.1", "192.0.2.1"),
            ("the same by 6to4", "2002:c000:201:5::1", "192.0.2.1"),
            ("the same by Teredo", "2001:0:101:101::3fff:fdfe", "192.0.2.1"),
            ("one of a network", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            let expected: IpAddr = expected.parse().unwrap();
            assert_eq!(network(address.parse().unwrap()), expected, "{reason}: {address}");
        }
    }
}

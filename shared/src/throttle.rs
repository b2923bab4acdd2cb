//! Limits of pace: how often an address or a credential may do something, and how long it waits when that was too often.
//!
//! A bucket is one number, the time at which it is full again (the "generic cell rate algorithm"): what is full is not
//! remembered. Memory is bounded; when more callers come than there is room for, those not seen longest begin anew.

use crate::time::Millis;
use lru::LruCache;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::net::IpAddr;
use std::num::NonZeroUsize;

/// How often something may be done: so many times at once, and then so many a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// At once, after a quiet time.
    pub burst: u32,
    /// A minute, for ever.
    pub per_minute: u32,
}

impl Pace {
    /// Microseconds for one.
    const fn cost(self) -> i64 {
        60_000_000 / if self.per_minute == 0 { 1 } else { self.per_minute as i64 }
    }

    /// How full a bucket may be, in microseconds.
    const fn room(self) -> i64 {
        self.cost() * self.burst as i64
    }
}

/// Whose pace it is: a number that stands for an address or a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Who(u64);

impl Who {
    /// An address as the platform says it. Of an IPv6 address the network counts (the first 64 bits): whoever has one
    /// such address has all of them. Callers of whom no address is known share one.
    pub fn address(text: Option<&str>) -> Self {
        match text.and_then(|t| t.trim().parse::<IpAddr>().ok()).map(|ip| ip.to_canonical()) {
            None => Self::of(0, b""),
            Some(IpAddr::V4(ip)) => Self::of(4, &ip.octets()),
            Some(IpAddr::V6(ip)) => Self::of(6, ip.octets().get(..8).unwrap_or_default()),
        }
    }

    /// A credential, by what names it.
    pub fn credential(id: &[u8]) -> Self {
        Self::of(1, id)
    }

    fn of(kind: u8, bytes: &[u8]) -> Self {
        let mut h = SipHasher13::new();
        h.write_u8(kind);
        h.write(bytes);
        Self(h.finish())
    }
}

/// It was too often: try again after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// Whole seconds, at least one.
    pub retry_after_s: u32,
}

/// One caller's bucket: when it is full again, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket(i64);

impl Bucket {
    /// A full one.
    pub const fn new() -> Self {
        Self(0)
    }

    /// Takes one, or says how long to wait.
    pub fn take(&mut self, now: Millis, pace: Pace) -> Result<(), TooOften> {
        let now = now.0.saturating_mul(1_000);
        let full_at = self.0.max(now) + pace.cost();
        let over = full_at - now - pace.room();
        if over > 0 {
            let seconds = u32::try_from((over + 999_999) / 1_000_000).unwrap_or(u32::MAX);
            return Err(TooOften { retry_after_s: seconds.max(1) });
        }
        self.0 = full_at;
        Ok(())
    }
}

/// The buckets of one pace.
#[derive(Debug)]
pub struct Throttle {
    pace: Pace,
    buckets: LruCache<Who, Bucket>,
}

impl Throttle {
    /// Nobody has done anything yet. At most `callers` are remembered.
    pub fn new(pace: Pace, callers: NonZeroUsize) -> Self {
        Self { pace, buckets: LruCache::new(callers) }
    }

    /// Takes one, or says how long to wait.
    pub fn take(&mut self, now: Millis, who: Who) -> Result<(), TooOften> {
        self.buckets.get_or_insert_mut(who, Bucket::default).take(now, self.pace)
    }

    /// Gives back what was taken: it turned out to be nothing that counts.
    pub fn give_back(&mut self, who: Who) {
        if let Some(bucket) = self.buckets.get_mut(&who) {
            bucket.0 -= self.pace.cost();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use proptest::prelude::*;

    const PACE: Pace = Pace { burst: 3, per_minute: 60 };

    fn throttle(pace: Pace) -> Throttle {
        Throttle::new(pace, NonZeroUsize::new(2).unwrap())
    }

    #[test]
    fn a_burst_is_taken_at_once_and_then_one_at_a_time() {
        let mut t = throttle(PACE);
        let who = Who::credential(b"a");
        let at = |ms: i64| Millis(1_000_000 + ms);
        for _ in 0..3 {
            assert_eq!(t.take(at(0), who), Ok(()));
        }
        assert_eq!(t.take(at(0), who), Err(TooOften { retry_after_s: 1 }));
        assert_eq!(t.take(at(0), Who::credential(b"b")), Ok(()), "another caller");
        assert_eq!(t.take(at(999), who), Err(TooOften { retry_after_s: 1 }));
        assert_eq!(t.take(at(1_000), who), Ok(()));
        assert_eq!(t.take(at(1_000), who), Err(TooOften { retry_after_s: 1 }));
        t.give_back(who);
        assert_eq!(t.take(at(1_000), who), Ok(()));
        let slow = Pace { burst: 1, per_minute: 1 };
        let mut t = throttle(slow);
        assert_eq!(t.take(at(0), who), Ok(()));
        assert_eq!(t.take(at(500), who), Err(TooOften { retry_after_s: 60 }));
    }

    #[test]
    fn f11_memory_of_callers_is_bounded() {
        let mut t = throttle(PACE);
        for n in 0..1_000_u32 {
            assert_eq!(t.take(Millis(5), Who::credential(&n.to_le_bytes())), Ok(()));
        }
        assert_eq!(t.buckets.len(), 2);
    }

    #[test]
    fn an_ipv6_network_is_one_caller_and_a_mapped_address_is_its_ipv4() {
        let who = |text| Who::address(Some(text));
        assert_eq!(who("2001:db8:1:2::1"), who("2001:db8:1:2:ffff::9"));
        assert_ne!(who("2001:db8:1:2::1"), who("2001:db8:1:3::1"));
        assert_eq!(who("::ffff:192.0.2.7"), who(" 192.0.2.7"));
        assert_ne!(who("192.0.2.7"), who("192.0.2.8"));
        assert_eq!(who("nonsense"), Who::address(None));
    }

    #[test]
    fn f14_a_class_of_500_joins_in_a_minute_behind_one_address_and_guesses_get_nowhere() {
        let address = Who::address(Some("192.0.2.7"));
        let mut mints = throttle(limits::MINTS_PER_ADDRESS);
        let mut connects = throttle(limits::CONNECTS_PER_ADDRESS);
        let mut guesses = throttle(limits::GUESSES_PER_ADDRESS);
        // All at once, and each fifth of them mistypes the code first.
        for pupil in 0..500 {
            if pupil % 5 == 0 {
                assert_eq!(mints.take(Millis(0), address), Ok(()));
                assert_eq!(guesses.take(Millis(0), address), Ok(()));
            }
            assert_eq!(mints.take(Millis(0), address), Ok(()));
            assert_eq!(guesses.take(Millis(0), address), Ok(()));
            guesses.give_back(address);
            assert_eq!(connects.take(Millis(0), address), Ok(()));
        }
        // Of 30^6 codes a day's guesses from one address find one of a hundred open ones with less than 1 in 300.
        let mut guesses = throttle(limits::GUESSES_PER_ADDRESS);
        let tried = (0..86_400_i64 * 4).filter(|i| guesses.take(Millis(i * 250), address).is_ok()).count();
        assert!(tried < 20_000, "{tried}");
        assert!(tried as f64 * 100.0 / 30_f64.powi(6) < 1.0 / 300.0);
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_a_burst_and_the_pace(
            steps in proptest::collection::vec(0_i64..5_000, 1..300),
            burst in 1_u32..20,
            per_minute in 1_u32..600,
        ) {
            let mut t = throttle(Pace { burst, per_minute });
            let who = Who::credential(b"x");
            let (mut now, mut taken) = (0_i64, 0_i64);
            for step in steps {
                now += step;
                match t.take(Millis(now), who) {
                    Ok(()) => taken += 1,
                    Err(TooOften { retry_after_s }) => {
                        // Whoever waits as long as it says is taken.
                        let mut later = Throttle::new(t.pace, NonZeroUsize::new(1).unwrap());
                        later.buckets.put(who, *t.buckets.peek(&who).unwrap());
                        let then = now + i64::from(retry_after_s) * 1_000;
                        prop_assert_eq!(later.take(Millis(then), who), Ok(()));
                    }
                }
                prop_assert!(taken <= i64::from(burst) + now * i64::from(per_minute) / 60_000 + 1);
            }
        }
    }
}

//! When to try again: pure decisions about status codes, `Retry-After` and backoff.

use std::time::Duration;

/// The first wait after a failure without a `Retry-After`.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The longest `Retry-After` that is honoured; a server that asks for more is asked again after this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(2);

/// What to do after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It worked.
    Done,
    /// Try again, after this long if the server said so.
    Retry {
        /// The server's `Retry-After`.
        after: Option<Duration>,
    },
    /// Trying again would give the same answer.
    Stop,
}

/// What an answer with this status means for a request that may be repeated.
pub fn verdict(status: u16, retry_after: Option<&str>) -> Verdict {
    match status {
        200..=299 => Verdict::Done,
        408 | 425 | 429 | 500 | 502..=504 | 520..=530 => {
            Verdict::Retry { after: retry_after.and_then(parse_retry_after) }
        }
        _ => Verdict::Stop,
    }
}

/// `Retry-After` in seconds. Its other form, a date, would need the server's clock; backoff serves as well.
fn parse_retry_after(text: &str) -> Option<Duration> {
    let secs: f64 = text.trim().parse().ok()?;
    if !secs.is_finite() || secs < 0.0 {
        return None;
    }
    Some(Duration::from_secs_f64(secs.min(LONGEST_RETRY_AFTER.as_secs_f64())))
}

/// Exponential backoff with jitter: each wait lies between half and all of a bound that doubles up to ten seconds.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait; `jitter` is a random number in 0..1.
    pub fn next(&mut self, jitter: f64) -> Duration {
        let bound = FIRST_WAIT.saturating_mul(1 << self.failures.min(10)).min(LONGEST_WAIT);
        self.failures = self.failures.saturating_add(1);
        bound.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }

    /// Forgets past failures.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overload_is_retried_when_the_server_says_and_client_errors_are_not() {
        assert_eq!(verdict(200, None), Verdict::Done);
        assert_eq!(verdict(503, Some("2")), Verdict::Retry { after: Some(Duration::from_secs(2)) });
        assert_eq!(verdict(429, Some("0.5")), Verdict::Retry { after: Some(Duration::from_millis(500)) });
        assert_eq!(verdict(503, Some("Wed, 21 Oct 2026 07:28:00 GMT")), Verdict::Retry { after: None });
        assert_eq!(verdict(503, Some("-1")), Verdict::Retry { after: None });
        assert_eq!(verdict(429, Some("86400")), Verdict::Retry { after: Some(LONGEST_RETRY_AFTER) });
        assert_eq!(verdict(500, None), Verdict::Retry { after: None });
        for status in [301, 400, 401, 403, 404, 409, 413, 415, 422, 501] {
            assert_eq!(verdict(status, Some("1")), Verdict::Stop, "{status}");
        }
    }

    #[test]
    fn waits_double_up_to_a_bound_and_jitter_stays_within_half() {
        let mut backoff = Backoff::default();
        let full: Vec<u128> = (0..8).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(full, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        backoff.reset();
        assert_eq!(backoff.next(0.0).as_millis(), 125);
        for _ in 0..100 {
            assert!(backoff.next(0.3) <= LONGEST_WAIT);
        }
    }
}

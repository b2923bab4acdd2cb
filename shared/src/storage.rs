//! How full a board's storage is: said when it is nearly full, refused before it is.

use crate::limits;
use crate::problem::{Code, Problem};
use serde::{Deserialize, Serialize};

/// How full storage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// There is room.
    Roomy,
    /// More than four fifths are used.
    NearlyFull,
    /// Events are refused until something is deleted.
    Full,
}

/// What a view says of storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StorageView {
    /// How full it is.
    pub state: Fill,
    /// Bytes that the board has stored.
    pub bytes: u64,
    /// Bytes that it may store.
    pub limit_bytes: u64,
}

/// The storage of a board. Its size is asked for now and then, and reckoned in between: a request writes about as much as
/// it brings.
#[derive(Clone, Copy, Debug)]
pub struct Storage {
    limit: u64,
    used: u64,
    since: Option<u64>,
}

impl Storage {
    /// Storage of so many MiB; without a number, or with one above it, as many as the platform gives.
    pub fn new(mib: Option<u64>) -> Self {
        let limit = mib.map_or(limits::STORAGE_BYTES, |mib| mib.saturating_mul(1 << 20).min(limits::STORAGE_BYTES));
        Self { limit, used: 0, since: None }
    }

    /// What is left for deletions and for what managers do when events are refused already.
    const fn reserve(&self) -> u64 {
        self.limit / limits::STORAGE_RESERVE_PART
    }

    /// How full it is with so many bytes.
    pub const fn fill(&self, used: u64) -> Fill {
        if used + self.reserve() > self.limit {
            Fill::Full
        } else if used > self.limit / 5 * 4 {
            Fill::NearlyFull
        } else {
            Fill::Roomy
        }
    }

    /// What managers are told.
    pub const fn status(&self, used: u64) -> StorageView {
        StorageView { state: self.fill(used), bytes: used, limit_bytes: self.limit }
    }

    /// What views say; nothing while there is room.
    pub fn view(&self, used: u64) -> Option<StorageView> {
        Some(self.status(used)).filter(|view| view.state != Fill::Roomy)
    }

    /// Refuses a request of so many bytes for which there is no room. `measure` says how much is used.
    pub fn refuse(&mut self, bytes: u64, measure: impl FnOnce() -> u64) -> Result<(), Problem> {
        let near = self.used + self.since.unwrap_or_default() + bytes + 2 * self.reserve() > self.limit;
        if near || self.since.is_none_or(|since| since + bytes > limits::STORAGE_LOOK_BYTES) {
            (self.used, self.since) = (measure(), Some(0));
        }
        if self.fill(self.used.saturating_add(bytes)) == Fill::Full {
            let detail = format!(
                "the board has stored {} of {} bytes: nothing of this request was written. Delete the board, or let its \
                 config keep less (keep_days, keep_mib)",
                self.used, self.limit
            );
            return Err(Problem::new(Code::StorageFull, detail));
        }
        self.since = self.since.map(|since| since + bytes);
        Ok(())
    }
}

/// How long a failing piece of work waits before it is tried again: longer each time, never for good.
pub fn backoff(failures: u32) -> i64 {
    (limits::BACKOFF_MILLIS << failures.saturating_sub(1).min(20)).min(limits::BACKOFF_MILLIS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f25_nearly_full_storage_is_said_and_full_storage_refuses_before_the_limit() {
        let mut s = Storage::new(Some(100));
        let mib = 1 << 20;
        assert_eq!(s.view(80 * mib), None);
        assert_eq!(s.view(81 * mib).map(|v| v.state), Some(Fill::NearlyFull));
        assert_eq!(s.view(97 * mib).map(|v| (v.state, v.limit_bytes)), Some((Fill::Full, 100 * mib)));
        assert!(s.refuse(mib, || 10 * mib).is_ok());
        assert_eq!(s.refuse(mib, || 96 * mib).map_err(|p| p.status), Err(507));
        // Nobody is given more than the platform gives.
        assert_eq!(
            Storage::new(Some(u64::MAX)).view(limits::STORAGE_BYTES).map(|v| v.limit_bytes),
            Some(limits::STORAGE_BYTES)
        );
    }

    #[test]
    fn f25_whatever_was_measured_last_no_request_takes_storage_over_its_limit() {
        let mut s = Storage::new(Some(100));
        let (mut used, mut measured) = (0_u64, 0);
        let mut refused = 0;
        for _ in 0..400 {
            let measure = || {
                measured += 1;
                used
            };
            match s.refuse(300_000, measure) {
                Ok(()) => used += 300_000,
                Err(problem) => {
                    assert_eq!((problem.status, problem.code.name()), (507, "storage_full"));
                    refused += 1;
                }
            }
        }
        assert!(used <= 96 << 20 && used > 90 << 20, "{used}");
        assert!(refused > 0 && measured < 200, "{refused} {measured}");
        // Once something was deleted there is room again.
        assert!(s.refuse(300_000, || 50 << 20).is_ok());
    }

    #[test]
    fn f23_pauses_grow_and_end() {
        assert_eq!([0, 1, 2, 3].map(backoff), [1_000, 1_000, 2_000, 4_000]);
        assert_eq!(backoff(u32::MAX), limits::BACKOFF_MILLIS_MAX);
    }
}

//! What a cache of views decides: whether an entry may still be served, what caches outside are told, which condition
//! of a request is met, and what makes room. The worker's `cache` keeps the entries.

use crate::limits;
use crate::problem::{Code, FieldError};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How long views are served again without asking the board, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// So long a view is fresh, at the edge and in shared caches. 0: the board is always asked.
    pub s_maxage_s: u32,
    /// So long after that it is served while it is asked for anew.
    pub stale_while_revalidate_s: u32,
    /// So long after that it is served when asking fails.
    pub stale_if_error_s: u32,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { s_maxage_s: 1, stale_while_revalidate_s: 5, stale_if_error_s: 300 }
    }
}

impl CacheConfig {
    /// What is wrong with it.
    pub(crate) fn errors(&self) -> impl Iterator<Item = FieldError> {
        let parts = [
            ("s_maxage_s", self.s_maxage_s),
            ("stale_while_revalidate_s", self.stale_while_revalidate_s),
            ("stale_if_error_s", self.stale_if_error_s),
        ];
        parts.into_iter().filter(|(_, seconds)| *seconds > limits::CACHE_SECONDS_MAX).map(|(name, _)| {
            let message = format!("cache.{name} is at most {} seconds", limits::CACHE_SECONDS_MAX);
            FieldError::new(format!("cache.{name}"), Code::OutOfRange, message)
        })
    }
}

/// What is known of an entry when somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Milliseconds since it was asked for.
    pub age: i64,
    /// Whether the board was written to since, as far as this isolate knows.
    pub written: bool,
    /// Whether asking for it anew has just failed.
    pub failed: bool,
}

/// What to do with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is fresh: serve it.
    Serve,
    /// Serve it, and ask anew behind the reader's back.
    ServeAndAsk,
    /// Ask anew; should that fail, serve it.
    AskOrServe,
    /// It is too old for anything.
    Ask,
}

impl CacheConfig {
    /// Judges an entry. `may_ask` tells whether one more question because of a write is allowed; it is asked only then.
    pub fn judge(&self, entry: Condition, may_ask: impl FnOnce() -> bool) -> Verdict {
        let fresh = i64::from(self.s_maxage_s) * 1_000;
        let renewing = fresh + i64::from(self.stale_while_revalidate_s) * 1_000;
        let failing = fresh + i64::from(self.stale_if_error_s) * 1_000;
        if entry.failed && entry.age < failing {
            return Verdict::Serve;
        }
        // Who writes through this isolate reads what was written.
        if entry.written && entry.age < renewing && may_ask() {
            return Verdict::AskOrServe;
        }
        if entry.age < fresh {
            Verdict::Serve
        } else if entry.age < renewing {
            Verdict::ServeAndAsk
        } else if entry.age < failing {
            Verdict::AskOrServe
        } else {
            Verdict::Ask
        }
    }

    /// `Cache-Control` of an answer. Only what anybody gets without a credential may be kept for others.
    pub fn cache_control(&self, is_public: bool) -> String {
        if !is_public {
            return "private, no-cache, no-transform".to_owned();
        }
        if self.s_maxage_s == 0 {
            return "public, no-cache, no-transform".to_owned();
        }
        // Browsers ask each time, which a 304 answers; caches between them and us need not.
        format!(
            "public, max-age=0, s-maxage={}, stale-while-revalidate={}, stale-if-error={}, no-transform",
            self.s_maxage_s, self.stale_while_revalidate_s, self.stale_if_error_s
        )
    }
}

/// Whether `If-None-Match` names an entity tag (RFC 9110, 13.1.2): the comparison is weak, and `*` names all.
pub fn names_etag(condition: &str, etag: &str) -> bool {
    let mut rest = condition.trim();
    if rest == "*" {
        return true;
    }
    while !rest.is_empty() {
        let tag = rest.strip_prefix("W/").unwrap_or(rest);
        // A tag that is not quoted is none: it ends at the comma.
        let end = match tag.strip_prefix('"') {
            Some(inner) => inner.find('"').map_or(tag.len(), |at| at + 2),
            None => tag.find(',').unwrap_or(tag.len()),
        };
        let (tag, after) = tag.split_at(end);
        if tag == etag {
            return true;
        }
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    false
}

/// How often a second readers may ask anew because something was written. More often, they are served what is fresh
/// by its age.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    left: u32,
    since: Millis,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: limits::CACHE_WRITE_ASKS, since: Millis(0) }
    }
}

impl Allowance {
    /// Takes one, if there is one.
    pub fn take(&mut self, now: Millis) -> bool {
        if now.since(self.since) >= 1_000 {
            *self = Self { left: limits::CACHE_WRITE_ASKS, since: now };
        }
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }
}

/// Entries of which those used longest ago make room, by number and by bytes.
#[derive(Debug)]
pub struct Lru<V> {
    entries: HashMap<String, Slot<V>>,
    bytes: usize,
    clock: u64,
}

#[derive(Debug)]
struct Slot<V> {
    value: V,
    bytes: usize,
    used: u64,
}

impl<V> Default for Lru<V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), bytes: 0, clock: 0 }
    }
}

impl<V> Lru<V> {
    /// An entry, which counts as used now.
    pub fn get(&mut self, key: &str) -> Option<&V> {
        self.clock += 1;
        let slot = self.entries.get_mut(key)?;
        slot.used = self.clock;
        Some(&slot.value)
    }

    /// Keeps an entry of so many bytes, if it is not too large by itself.
    pub fn put(&mut self, key: String, value: V, bytes: usize) {
        self.remove(&key);
        let bytes = bytes + key.len();
        if bytes > limits::CACHE_ENTRY_BYTES {
            return;
        }
        while self.entries.len() >= limits::CACHE_ENTRIES || self.bytes + bytes > limits::CACHE_BYTES {
            let Some(oldest) = self.entries.iter().min_by_key(|(_, s)| s.used).map(|(k, _)| k.clone()) else { break };
            self.remove(&oldest);
        }
        self.clock += 1;
        self.bytes += bytes;
        self.entries.insert(key, Slot { value, bytes, used: self.clock });
    }

    fn remove(&mut self, key: &str) {
        if let Some(slot) = self.entries.remove(key) {
            self.bytes -= slot.bytes;
        }
    }

    /// Forgets the entries whose key begins so.
    pub fn forget(&mut self, prefix: &str) {
        let bytes = &mut self.bytes;
        self.entries.retain(|key, slot| {
            let keeps = !key.starts_with(prefix);
            if !keeps {
                *bytes -= slot.bytes;
            }
            keeps
        });
    }

    /// How many entries and bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: CacheConfig = CacheConfig { s_maxage_s: 1, stale_while_revalidate_s: 5, stale_if_error_s: 60 };

    fn judge(age: i64) -> Verdict {
        RULES.judge(Condition { age, written: false, failed: false }, || unreachable!("nothing was written"))
    }

    #[test]
    fn an_entry_is_fresh_then_stale_then_for_emergencies_then_gone() {
        assert_eq!([0, 999].map(judge), [Verdict::Serve; 2]);
        assert_eq!([1_000, 5_999].map(judge), [Verdict::ServeAndAsk; 2]);
        assert_eq!([6_000, 60_999].map(judge), [Verdict::AskOrServe; 2]);
        assert_eq!(judge(61_000), Verdict::Ask);
    }

    #[test]
    fn after_a_write_is_asked_anew_as_often_as_is_allowed() {
        let written = |age, allowed| RULES.judge(Condition { age, written: true, failed: false }, || allowed);
        assert_eq!(written(10, true), Verdict::AskOrServe);
        assert_eq!(written(10, false), Verdict::Serve);
        assert_eq!(written(2_000, false), Verdict::ServeAndAsk);
        let mut allowance = Allowance::default();
        let taken = (0..limits::CACHE_WRITE_ASKS + 5).filter(|_| allowance.take(Millis(5_000))).count();
        assert_eq!(taken as u32, limits::CACHE_WRITE_ASKS);
        assert!(!allowance.take(Millis(5_999)) && allowance.take(Millis(6_000)));
    }

    #[test]
    fn who_just_failed_is_left_alone_while_there_is_something_to_serve() {
        let failed = |age| RULES.judge(Condition { age, written: true, failed: true }, || true);
        assert_eq!([500, 30_000].map(failed), [Verdict::Serve; 2]);
        assert_eq!(failed(61_000), Verdict::Ask);
    }

    #[test]
    fn only_what_anybody_gets_may_be_kept_for_others() {
        assert_eq!(RULES.cache_control(false), "private, no-cache, no-transform");
        assert!(RULES.cache_control(true).starts_with("public, max-age=0, s-maxage=1, stale-while-revalidate=5,"));
        let never = CacheConfig { s_maxage_s: 0, ..RULES };
        assert_eq!(never.cache_control(true), "public, no-cache, no-transform");
    }

    #[test]
    fn conditions_are_lists_of_tags_compared_weakly() {
        let tag = "\"e1:7\"";
        for condition in ["\"e1:7\"", " W/\"e1:7\" ", "\"a,b\", \"e1:7\"", "\"x\",,W/\"e1:7\"", "*", "x, \"e1:7\""] {
            assert!(names_etag(condition, tag), "{condition}");
        }
        for condition in ["", "\"e1:70\"", "e1:7", "\"a,\"e1:7\"", "\"e1:7", "W/", "\"*\"", "w/\"e1:7\""] {
            assert!(!names_etag(condition, tag), "{condition}");
        }
    }

    #[test]
    fn the_longest_unused_makes_room_and_what_is_too_large_is_not_kept() {
        let mut lru = Lru::default();
        for i in 0..limits::CACHE_ENTRIES {
            lru.put(format!("a/{i}"), i, 10);
        }
        assert_eq!(lru.get("a/0"), Some(&0));
        lru.put("b/0".to_owned(), 7, 10);
        assert_eq!(lru.get("a/0"), Some(&0));
        assert_eq!(lru.get("a/1"), None);
        lru.put("b/1".to_owned(), 8, limits::CACHE_ENTRY_BYTES);
        assert_eq!(lru.get("b/1"), None);
        let many = limits::CACHE_BYTES / (limits::CACHE_ENTRY_BYTES / 2) + 1;
        for i in 0..many {
            lru.put(format!("c/{i}"), i, limits::CACHE_ENTRY_BYTES / 2);
        }
        assert!(lru.size().1 <= limits::CACHE_BYTES && lru.get("c/0").is_none());
        lru.forget("c/");
        assert_eq!(lru.size(), (0, 0));
    }
}

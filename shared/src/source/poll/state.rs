//! What is remembered of an address from one time to the next, and when the next is.

use super::{Address, Poll};
use crate::ingest::{IngestAnswer, RecordStatus};
use crate::limits;
use crate::source::{Slice, Source};
use crate::time::Millis;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher13;
use std::collections::HashSet;
use std::hash::Hasher;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// How asking ended, the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There was something new, and it was taken.
    Taken,
    /// Nothing has changed since.
    Unchanged,
    /// It failed: `error` says why.
    Failed,
}

/// What is told of a source that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PollStatus {
    /// When it asked last; null before the first time.
    pub asked: Option<Millis>,
    /// How that ended.
    pub outcome: Option<Outcome>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How many times it has failed in a row.
    pub failures: u32,
    /// When something was taken last.
    pub taken: Option<Millis>,
    /// How many records of that were accepted.
    pub accepted: u64,
    /// How many the board had already.
    pub duplicate: u64,
    /// How many were refused.
    pub refused: u64,
    /// When it asks next.
    pub next: Option<Millis>,
}

/// What is remembered of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PollState {
    /// What all of this is of: after a change of the source everything is asked for anew.
    of: String,
    etag: Option<String>,
    last_modified: Option<String>,
    /// The SHA-256 of what was taken last: servers without validators send the same again and again.
    digest: Option<BodyDigest>,
    /// Hashes of the records that were refused last: each leaves one letter, and not one each time.
    refused: Vec<u64>,
    /// What is told.
    pub status: PollStatus,
}

/// The SHA-256 of a body as it came, in Base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyDigest(String);

impl BodyDigest {
    /// That of a body.
    pub fn of(body: &[u8]) -> Self {
        Self(STANDARD.encode(Sha256::digest(body)))
    }
}

/// The beginning of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// Its `Retry-After`.
    pub retry_after: Option<String>,
    /// Its `Location`.
    pub location: Option<String>,
}

/// What an answer's beginning means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Its body has the records.
    Body,
    /// Nothing has changed.
    Unchanged,
    /// It is to be asked elsewhere.
    Elsewhere(Address),
    /// It failed.
    Failed(Told),
}

/// What went wrong, for people, and when it is worth another try where somebody said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Without anything secret.
    pub why: String,
    /// Seconds.
    pub retry_after_s: Option<u64>,
    /// The HTTP status that says so, where one does.
    pub status: Option<u16>,
}

impl Told {
    /// What went wrong.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), retry_after_s: None, status: None }
    }
}

/// A header's value that can be sent back.
fn kept(value: Option<&String>) -> Option<String> {
    value
        .filter(|v| v.len() <= limits::POLL_HEADER_BYTES && v.bytes().all(|b| b.is_ascii_graphic() || b == b' '))
        .cloned()
}

/// Seconds of a `Retry-After` (RFC 9110, 10.2.3): a number, or a date.
fn seconds(value: &str, now: Millis) -> Option<u64> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(seconds);
    }
    let date = OffsetDateTime::parse(value.trim(), &Rfc2822).ok()?;
    u64::try_from(date.unix_timestamp() - now.0.div_euclid(1_000)).ok()
}

fn hash(raw: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(raw.as_bytes());
    hasher.finish()
}

impl PollState {
    /// What is remembered for a source as it is now: nothing, when it was changed or is another one of its name.
    #[must_use]
    pub fn of(self, source: &Source) -> Self {
        let of = format!("{}/{}", source.created.0, source.version);
        if self.of == of {
            return self;
        }
        let status = if self.of.starts_with(&format!("{}/", source.created.0)) {
            PollStatus { failures: 0, ..self.status }
        } else {
            PollStatus::default()
        };
        Self { of, status, ..Self::default() }
    }

    /// The headers that ask for something only if it has changed.
    pub fn conditions(&self) -> Vec<(&'static str, &str)> {
        let since = self.last_modified.as_deref().map(|date| ("if-modified-since", date));
        self.etag.as_deref().map(|tag| ("if-none-match", tag)).into_iter().chain(since).collect()
    }

    /// Judges the beginning of an answer of an address.
    pub fn hear(&self, from: &Address, head: &Head, now: Millis) -> Heard {
        let failed = |why: String| {
            let retry_after_s = head.retry_after.as_deref().and_then(|value| seconds(value, now));
            Heard::Failed(Told { why, retry_after_s, status: Some(head.status) })
        };
        match head.status {
            200 => Heard::Body,
            304 if self.etag.is_some() || self.last_modified.is_some() => Heard::Unchanged,
            301 | 302 | 303 | 307 | 308 => match head.location.as_deref().map(|to| from.redirected(to)) {
                Some(Ok(to)) => Heard::Elsewhere(to),
                Some(Err(why)) => {
                    failed(format!("it sends on to what {}", why.to_string().replacen("is ", "is not ", 1)))
                }
                None => failed(format!("it answers {} and does not say where to", head.status)),
            },
            401 | 403 => failed(format!("it answers {}: the credential is missing, wrong or not enough", head.status)),
            status => failed(format!("it answers {status}")),
        }
    }

    /// Whether a body is the one that was taken last.
    pub fn is_known(&self, body: &BodyDigest) -> bool {
        self.digest.as_ref() == Some(body)
    }

    /// The records of a body without those that were refused the last time and are the same: their letters are written.
    pub fn fresh<'a>(&self, slices: Vec<Slice<'a>>) -> (Vec<Slice<'a>>, u64) {
        let known: HashSet<u64> = self.refused.iter().copied().collect();
        let before = slices.len();
        let fresh: Vec<_> = slices.into_iter().filter(|s| known.is_empty() || !known.contains(&hash(&s.raw))).collect();
        let gone = (before - fresh.len()) as u64;
        (fresh, gone)
    }

    /// A body was taken. `repeated`: how many of its records were refused before.
    pub fn took(
        &mut self,
        (head, body): (&Head, BodyDigest),
        fresh: &[Slice<'_>],
        (answer, repeated): (&IngestAnswer, u64),
        now: Millis,
    ) {
        self.digest = Some(body);
        let refused = answer.results.iter().filter(|r| r.status == RecordStatus::Refused);
        let refused = refused.filter_map(|r| Some(hash(&fresh.get(r.index as usize)?.raw)));
        // Those that were not even looked at this time are still refused.
        let mut all: Vec<u64> = if repeated > 0 { std::mem::take(&mut self.refused) } else { Vec::new() };
        all.extend(refused);
        all.drain(..all.len().saturating_sub(limits::POLL_REFUSED_KNOWN));
        self.refused = all;
        self.unchanged_at(head, now);
        let status = &mut self.status;
        status.outcome = Some(Outcome::Taken);
        status.taken = Some(now);
        status.accepted = u64::from(answer.accepted);
        status.duplicate = u64::from(answer.duplicate);
        status.refused = u64::from(answer.refused) + repeated;
    }

    /// What a feed has said was taken; nothing of it was new where there were no records.
    pub fn followed(&mut self, (accepted, duplicate, refused): (u64, u64, u64), now: Millis) {
        self.unchanged_at(&Head { status: 200, ..Head::default() }, now);
        if accepted + duplicate + refused > 0 {
            let status = &mut self.status;
            (status.outcome, status.taken) = (Some(Outcome::Taken), Some(now));
            (status.accepted, status.duplicate, status.refused) = (accepted, duplicate, refused);
        }
    }

    /// Nothing has changed, as an answer says that may have new validators.
    pub fn unchanged_at(&mut self, head: &Head, now: Millis) {
        // Of an answer without any nothing can be asked; of one with status 304 the known ones stay.
        if head.status == 200 || head.etag.is_some() {
            self.etag = kept(head.etag.as_ref());
        }
        if head.status == 200 || head.last_modified.is_some() {
            self.last_modified = kept(head.last_modified.as_ref());
        }
        let status = &mut self.status;
        (status.asked, status.outcome) = (Some(now), Some(Outcome::Unchanged));
        (status.error, status.failures) = (None, 0);
    }

    /// It failed.
    pub fn failed(&mut self, told: &Told, now: Millis) {
        let status = &mut self.status;
        (status.asked, status.outcome) = (Some(now), Some(Outcome::Failed));
        status.error = Some(told.why.chars().take(limits::POLL_ERROR_BYTES).collect());
        status.failures = status.failures.saturating_add(1);
    }

    /// When it is asked next: after the interval and up to a twentieth of it more, so that many sources don't ask at once;
    /// after a failure twice as late each time, to an hour at most, less up to a quarter. `roll` is random.
    pub fn next(&mut self, poll: &Poll, told: Option<&Told>, now: Millis, roll: u32) -> Millis {
        let interval = u64::from(poll.interval_s) * 1_000;
        let share = |millis: u64| millis * u64::from(roll) / (u64::from(u32::MAX) + 1);
        let wait = match told {
            None => interval + share(interval / 20),
            Some(told) => {
                let most = (u64::from(limits::POLL_BACKOFF_SECONDS) * 1_000).max(interval);
                let doubled = interval.saturating_mul(1 << self.status.failures.min(16)).min(most);
                let asked = told.retry_after_s.unwrap_or(0).min(u64::from(limits::POLL_INTERVAL_SECONDS_MAX)) * 1_000;
                (doubled - share(doubled / 4)).max(asked)
            }
        };
        let next = now.plus(wait as i64);
        self.status.next = Some(next);
        next
    }
}

#[cfg(test)]
mod tests;

//! What came by each source: counts, and its last records.

use crate::api::status::{ReceivedRecord, SourceStatus};
use crate::codec::Batch;
use crate::ingest::{IngestAnswer, RecordStatus};
use crate::limits;
use crate::time::Millis;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What came by each source of a board. It is kept in memory alone: what a screen shows is worth no write of each request,
/// and what has to be durable is in the log and in the dead letters.
#[derive(Default)]
pub struct SourceCounts(BTreeMap<String, SourceStatus>);

/// What a screen needs of a dead letter that was made at the edge.
#[derive(Deserialize)]
struct Letter {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    of: Of,
}

/// What its envelope said of it.
#[derive(Default, Deserialize)]
struct Of {
    #[serde(default)]
    key: Option<String>,
}

/// Text of at most so many bytes, cut between characters.
fn cut(text: &str) -> String {
    let mut end = text.len().min(limits::SOURCE_RECORD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// What a board took of one request of a source.
#[derive(Default)]
pub struct Received {
    newest: Option<Millis>,
    records: Vec<ReceivedRecord>,
}

impl Received {
    /// Notes events that the board takes.
    pub fn take(&mut self, batch: &Batch<'_>, now: Millis) {
        self.newest = self.newest.max(batch.times.iter().max().copied());
        let first = batch.len().saturating_sub(limits::SOURCE_RECORDS_SHOWN);
        self.records.extend((first..batch.len()).map(|row| ReceivedRecord {
            at: now,
            key: batch.key(row).to_owned(),
            event: Some(cut(&serde_json::to_string(&batch.event(row)).unwrap_or_default())),
            code: None,
            message: None,
        }));
    }
}

impl SourceCounts {
    /// Notes a request: what the board took of it, what it said to it, and the dead letters of the edge, a JSON array.
    pub fn note(&mut self, name: &str, received: Received, answer: &IngestAnswer, letters: &str, now: Millis) {
        // Only names of sources come here: more than a board may have are of sources that were deleted.
        if !self.0.contains_key(name) && self.0.len() >= limits::SOURCES_PER_BOARD {
            let oldest = self.0.values().min_by_key(|status| status.last).map(|status| status.name.clone());
            if let Some(oldest) = oldest {
                self.0.remove(&oldest);
            }
        }
        let new = || SourceStatus { name: name.to_owned(), since: now, ..SourceStatus::default() };
        let status = self.0.entry(name.to_owned()).or_insert_with(new);
        let letters: Vec<Letter> = serde_json::from_str(letters).unwrap_or_default();
        status.requests += 1;
        status.taken += u64::from(answer.accepted);
        status.duplicate += u64::from(answer.duplicate);
        status.refused += u64::from(answer.refused) + letters.len() as u64;
        status.last = Some(now);
        status.lag_ms = received.newest.map_or(status.lag_ms, |newest| Some(now.since(newest)));
        let by_board = answer.results.iter().filter(|r| r.status == RecordStatus::Refused);
        let refused = by_board
            .map(|r| Letter { code: r.code.clone(), message: r.message.clone(), of: Of::default() })
            .chain(letters)
            .take(limits::SOURCE_RECORDS_SHOWN);
        status.records.extend(received.records);
        status.records.extend(refused.map(|letter| ReceivedRecord {
            at: now,
            key: letter.of.key.as_deref().map(cut).unwrap_or_default(),
            event: None,
            code: Some(letter.code.unwrap_or_default()),
            message: letter.message.as_deref().map(cut),
        }));
        let surplus = status.records.len().saturating_sub(limits::SOURCE_RECORDS_SHOWN);
        status.records.drain(..surplus);
    }

    /// Of all of them, by name.
    pub fn all(&self) -> Vec<SourceStatus> {
        self.0.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use serde_json::json;

    fn note(counts: &mut SourceCounts, name: &str, times: &[i64], letters: &str, now: i64) {
        let event = |time: &i64| Event {
            id: None,
            key: format!("v{time}"),
            time: Millis(*time),
            position: None,
            fields: Vec::new(),
        };
        let events: Vec<Event> = times.iter().map(event).collect();
        let mut received = Received::default();
        received.take(&Batch::from_events(&events), Millis(now));
        let answer = json!({"accepted": times.len(), "duplicate": 1, "refused": 0, "cursor": "e1:1", "results": []});
        counts.note(name, received, &serde_json::from_value(answer).unwrap(), letters, Millis(now));
    }

    #[test]
    fn a_source_s_requests_are_counted_with_their_lag_and_their_last_records() {
        let mut counts = SourceCounts::default();
        note(&mut counts, "buses", &[1_000, 4_000], "", 5_000);
        note(&mut counts, "buses", &[6_000], r#"[{"code":"missing","message":"key is missing","by":"x"}]"#, 6_500);
        note(&mut counts, "other", &[], "", 7_000);
        let all = counts.all();
        let buses = &all[0];
        assert_eq!((buses.requests, buses.taken, buses.refused, buses.duplicate), (2, 3, 1, 2));
        assert_eq!((buses.since, buses.last, buses.lag_ms), (Millis(5_000), Some(Millis(6_500)), Some(500)));
        let codes: Vec<Option<&str>> = buses.records.iter().map(|r| r.code.as_deref()).collect();
        assert_eq!(codes, [None, None, None, Some("missing")]);
        assert_eq!((all[1].taken, all[1].lag_ms), (0, None));
    }

    #[test]
    fn what_is_kept_of_sources_is_bounded() {
        let mut counts = SourceCounts::default();
        let times: Vec<i64> = (0..100).collect();
        for n in 0..limits::SOURCES_PER_BOARD as i64 + 5 {
            note(&mut counts, &format!("s{n}"), &times, "", n);
        }
        let all = counts.all();
        assert_eq!(all.len(), limits::SOURCES_PER_BOARD);
        assert!(!all.iter().any(|s| s.name == "s0") && all.iter().any(|s| s.name == "s104"));
        assert!(all.iter().all(|s| s.records.len() == limits::SOURCE_RECORDS_SHOWN));
        assert_eq!(cut(&"ä".repeat(limits::SOURCE_RECORD_BYTES)).len(), limits::SOURCE_RECORD_BYTES);
    }
}

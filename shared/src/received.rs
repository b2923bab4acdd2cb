//! What came by each source: counts, and its last records.

mod trail;

pub use trail::{EventName, Trail, Trails, shown};

use crate::api::status::{ReceivedRecord, RecordStep, SourceStatus};
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
fn cut_at(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn cut(text: &str) -> String {
    cut_at(text, limits::SOURCE_RECORD_BYTES).to_owned()
}

/// What a board took of one request of a source.
#[derive(Default)]
pub struct Received {
    newest: Option<Millis>,
    records: Vec<(EventName, ReceivedRecord)>,
}

impl Received {
    /// Notes events that the board takes.
    pub fn take(&mut self, batch: &Batch<'_>, now: Millis) {
        self.newest = self.newest.max(batch.times.iter().max().copied());
        let first = batch.len().saturating_sub(limits::SOURCE_RECORDS_SHOWN);
        self.records.extend((first..batch.len()).map(|row| {
            let event = batch.event(row);
            let record = ReceivedRecord {
                at: now,
                key: event.key.clone(),
                event: Some(shown(&event)),
                ..ReceivedRecord::default()
            };
            (EventName { key: event.key, time: event.time, id: event.id }, record)
        }));
    }
}

/// A way as it is shown.
fn walked(way: Option<&Trail>) -> (Option<String>, Vec<RecordStep>) {
    way.map_or_else(Default::default, |way| (Some(way.input.clone()), way.steps.clone()))
}

impl SourceCounts {
    /// Notes a request: what the board took of it, what it said to it, and from the edge the dead letters and the ways of the
    /// last records, JSON arrays.
    pub fn note(
        &mut self,
        name: &str,
        mut received: Received,
        answer: &IngestAnswer,
        (letters, trails): (&str, &str),
        now: Millis,
    ) {
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
        let trails: Vec<Trail> = serde_json::from_str(trails).unwrap_or_default();
        for (name, record) in &mut received.records {
            let own = trails.iter().find(|trail| trail.events.contains(name));
            (record.input, record.steps) = walked(own);
        }
        let by_board = answer.results.iter().filter(|r| r.status == RecordStatus::Refused);
        // The ways are those of the last records: so are the letters.
        let refused_ways = trails.iter().flat_map(|trail| std::iter::repeat_n(trail, trail.refused as usize));
        let refused_ways: Vec<&Trail> = refused_ways.collect();
        let unknown = letters.len().saturating_sub(refused_ways.len());
        let ways = std::iter::repeat_n(None, unknown).chain(refused_ways.into_iter().map(Some));
        let refused = by_board
            .map(|r| (Letter { code: r.code.clone(), message: r.message.clone(), of: Of::default() }, None))
            .chain(letters.into_iter().zip(ways));
        let refused = refused.map(|(letter, way)| {
            let (input, steps) = walked(way);
            ReceivedRecord {
                at: now,
                key: letter.of.key.as_deref().map(cut).unwrap_or_default(),
                input,
                steps,
                code: Some(letter.code.unwrap_or_default()),
                message: letter.message.as_deref().map(cut),
                ..ReceivedRecord::default()
            }
        });
        let refused: Vec<ReceivedRecord> = refused.collect();
        let surplus = refused.len().saturating_sub(limits::SOURCE_RECORDS_SHOWN);
        // What a program or a step keeps from the board, and nobody refused.
        let passed = trails.iter().filter(|trail| trail.events.is_empty() && trail.refused == 0).map(|trail| {
            let (input, steps) = walked(Some(trail));
            ReceivedRecord { at: now, input, steps, ..ReceivedRecord::default() }
        });
        status.records.extend(passed);
        status.records.extend(received.records.into_iter().map(|(_, record)| record));
        status.records.extend(refused.into_iter().skip(surplus));
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
        counts.note(name, received, &serde_json::from_value(answer).unwrap(), (letters, ""), Millis(now));
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
    fn records_have_the_ways_that_they_went() {
        let event =
            |key: &str| Event { id: None, key: key.to_owned(), time: Millis(1), position: None, fields: Vec::new() };
        let step = |end: &str| json!([{"stage": "step", "name": "s", "end": end}]);
        let trails = json!([
            {"input": "of a", "steps": [{"stage": "program", "made": "x"}], "events": [{"key": "a", "time": 1}]},
            {"input": "of none", "steps": step("filtered")},
            {"input": "of b", "steps": step("bad"), "refused": 1},
            {"input": "known before", "events": [{"key": "before", "time": 1}]},
        ]);
        let letters = json!([{"code": "earlier"}, {"code": "bad", "message": "it is bad"}]);
        let mut received = Received::default();
        received.take(&Batch::from_events(&[event("first"), event("a")]), Millis(2));
        let answer = json!({"accepted": 2, "duplicate": 1, "refused": 0, "cursor": "e1:1", "results": []});
        let mut counts = SourceCounts::default();
        let (letters, trails) = (letters.to_string(), trails.to_string());
        counts.note("s", received, &serde_json::from_value(answer).unwrap(), (&letters, &trails), Millis(2));
        let all = counts.all();
        let told: Vec<_> =
            all[0].records.iter().map(|r| (r.key.as_str(), r.code.as_deref(), r.input.as_deref())).collect();
        assert_eq!(
            told,
            [
                ("", None, Some("of none")),
                ("first", None, None),
                ("a", None, Some("of a")),
                ("", Some("earlier"), None),
                ("", Some("bad"), Some("of b")),
            ]
        );
        assert_eq!(all[0].records[2].steps[0].made.as_deref(), Some("x"));
        assert_eq!(all[0].records[4].steps[0].end.as_deref(), Some("bad"));
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

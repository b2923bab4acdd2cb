//! What an operator measures of a board: counts since its memory began, and how it stands. A board says it with its
//! summary, at most every ten seconds, so that nothing is asked of boards when somebody looks.

pub mod edge;

pub use crate::sent::Sent;

use crate::api::status::SourceStatus;
use crate::board::StorageView;
use crate::cursor::Seq;
use crate::ingest::{IngestAnswer, RecordStatus};
use crate::problem::Code;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sources of a board that are measured one by one: those that sent last.
const SOURCES: usize = 20;

/// What came in. Counts only grow, until the board's memory begins anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// Requests that reached the board.
    pub requests: u64,
    /// Bytes of them, as the edge packs events.
    pub bytes: u64,
    /// Records that were accepted.
    pub accepted: u64,
    /// Records that were there already.
    pub duplicate: u64,
    /// Records that were accepted and are older than their item's state.
    pub late: u64,
    /// Records that were refused, by the name of the error's [`Code`].
    pub refused: BTreeMap<String, u64>,
    /// Records that were refused with a code that is none of this version.
    pub refused_otherwise: u64,
}

/// What a board said to one request, as far as it is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    accepted: u32,
    duplicate: u32,
    late: u32,
    refused: Vec<Option<Code>>,
}

/// What is known of a letter.
#[derive(Deserialize)]
struct Letter {
    #[serde(default)]
    code: Option<String>,
}

impl Counted {
    /// What an answer says, with the dead letters of the edge (a JSON array, or nothing).
    pub fn of(answer: &IngestAnswer, letters: &str) -> Self {
        let code = |code: Option<&str>| code.and_then(Code::named);
        let by_board = answer.results.iter().filter(|r| r.status == RecordStatus::Refused);
        let mut refused: Vec<Option<Code>> = by_board.map(|r| code(r.code.as_deref())).collect();
        if !letters.is_empty() {
            let letters: Vec<Letter> = serde_json::from_str(letters).unwrap_or_default();
            refused.extend(letters.iter().map(|letter| code(letter.code.as_deref())));
        }
        Self { accepted: answer.accepted, duplicate: answer.duplicate, late: answer.late, refused }
    }
}

impl Ingested {
    /// A request of so many bytes has come.
    pub const fn came(&mut self, bytes: usize) {
        self.requests += 1;
        self.bytes += bytes as u64;
    }

    /// Its records were taken, or refused.
    pub fn note(&mut self, counted: Counted) {
        self.accepted += u64::from(counted.accepted);
        self.duplicate += u64::from(counted.duplicate);
        self.late += u64::from(counted.late);
        for code in counted.refused {
            match code {
                Some(code) => *self.refused.entry(code.name().to_owned()).or_default() += 1,
                None => self.refused_otherwise += 1,
            }
        }
    }
}

/// How telling the relays goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Relays that have viewers.
    pub relays: u32,
    /// Viewers of all of them.
    pub viewers: u32,
    /// Rows of the log that the one lacks which is furthest behind, as far as its board knows where it is.
    pub behind: u64,
    /// Pushes.
    pub pushes: u64,
    /// Pushes that failed, or were not answered in time.
    pub failures: u64,
    /// What the relays have sent.
    pub sent: Sent,
}

/// What came by a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BySource {
    /// Its name.
    pub name: String,
    /// Requests.
    pub requests: u64,
    /// Records that were accepted.
    pub accepted: u64,
    /// Records that were there already.
    pub duplicate: u64,
    /// Records that were refused.
    pub refused: u64,
    /// When the last request came.
    pub last: Option<Millis>,
}

/// How delivery to object storage goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivering {
    /// Records that are not delivered.
    pub records: u64,
    /// How long the oldest of them has waited, in milliseconds.
    pub lag_ms: i64,
    /// Whether the store takes nothing at present.
    pub failing: bool,
}

#[cfg(feature = "columnar")]
impl Delivering {
    /// How a delivery stands.
    pub fn of(delivery: &crate::archive::delivery::Delivery, now: Millis) -> Self {
        Self {
            records: delivery.head().saturating_sub(delivery.last().seq),
            lag_ms: delivery.waiting().since.map_or(0, |since| now.since(since).max(0)),
            failing: delivery.is_failing(),
        }
    }
}

/// How alarms and those who are told of them stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarming {
    /// Alarms that stand.
    pub standing: u64,
    /// How often one more could not be raised, since the board was made.
    pub not_raised: u64,
    /// Webhooks whose next message was sent in vain.
    pub failing: u64,
    /// Messages that webhooks took, since they were made.
    pub taken: u64,
    /// Messages that were given up, and wait to be sent again by somebody.
    pub given_up: u64,
    /// Events that were no longer kept when it was their turn.
    pub missed: u64,
}

/// How a board came into memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loads {
    /// How often, since the object's memory began: more than once after failures.
    pub times: u64,
    /// How long the last took, in milliseconds, by the platform's clock. On Cloudflare that stands still while code runs.
    pub millis: i64,
    /// Records of the log that the last one read again, since they came after the checkpoint.
    pub replayed: u64,
}

/// How far something that is made from the log is behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lag {
    /// What it is.
    pub of: String,
    /// Records that are not written down in it: a restart reads them again.
    pub records: u64,
}

impl Lag {
    /// That of something which needs the log from after `floor`, where the log is at `head`.
    pub fn of(what: &str, floor: Seq, head: Seq) -> Self {
        Self { of: what.to_owned(), records: head.saturating_sub(floor) }
    }
}

/// All that is measured of a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardMeters {
    /// When its memory began: counts are since then.
    pub since: Millis,
    /// When this was said.
    pub at: Millis,
    /// How many items there are.
    pub items: u64,
    /// Where the log is.
    pub seq: Seq,
    /// When the latest row was accepted, since the memory began.
    pub accepted: Option<Millis>,
    /// What came in.
    pub ingested: Ingested,
    /// What came by sources: the last that sent something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<BySource>,
    /// How relays are told.
    pub told: Told,
    /// What is stored.
    pub storage: StorageView,
    /// Rows that its database has written, deleted ones and alarms that were set among them, since it was opened.
    #[serde(default)]
    pub rows: u64,
    /// Dead letters that made room for others, since the board was made.
    pub letters_dropped: u64,
    /// How delivery goes, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Delivering>,
    /// How alarms stand, where there ever was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarms: Option<Alarming>,
    /// How it came into memory.
    #[serde(default)]
    pub loads: Loads,
    /// How far what is made from the log is behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lags: Vec<Lag>,
}

/// What came by sources, of those that sent last.
pub fn by_source(sources: &[SourceStatus]) -> Vec<BySource> {
    let mut latest: Vec<&SourceStatus> = sources.iter().collect();
    latest.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.name.cmp(&b.name)));
    latest.truncate(SOURCES);
    latest.sort_by(|a, b| a.name.cmp(&b.name));
    let of = |s: &SourceStatus| BySource {
        name: s.name.clone(),
        requests: s.requests,
        accepted: s.taken,
        duplicate: s.duplicate,
        refused: s.refused,
        last: s.last,
    };
    latest.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::RecordResult;

    #[test]
    fn what_is_refused_is_counted_by_its_code_at_the_board_and_at_the_edge() {
        let refused = |code: &str| {
            let result = serde_json::json!({"index": 0, "status": "refused", "code": code});
            serde_json::from_value::<RecordResult>(result).unwrap()
        };
        let answer = IngestAnswer {
            accepted: 7,
            duplicate: 2,
            refused: 2,
            results: vec![refused("position_out_of_range"), refused("of_tomorrow")],
            ..IngestAnswer::default()
        };
        let mut ingested = Ingested::default();
        ingested.came(900);
        ingested.note(Counted::of(&answer, r#"[{"code":"position_out_of_range"},{"code":"invalid_json"},{}]"#));
        ingested.came(100);
        ingested.note(Counted::of(&IngestAnswer { accepted: 1, ..IngestAnswer::default() }, ""));
        assert_eq!((ingested.requests, ingested.bytes), (2, 1_000));
        assert_eq!((ingested.accepted, ingested.duplicate, ingested.refused_otherwise), (8, 2, 2));
        assert_eq!(ingested.refused["position_out_of_range"], 2, "{ingested:?}");
        assert_eq!(ingested.refused["invalid_json"], 1, "{ingested:?}");
        let again: Ingested = serde_json::from_str(&serde_json::to_string(&ingested).unwrap()).unwrap();
        assert_eq!(again, ingested);
    }

    #[test]
    fn only_the_last_sources_are_told_and_by_their_names() {
        let source =
            |n: i64| SourceStatus { name: format!("s{n:03}"), last: Some(Millis(n)), ..SourceStatus::default() };
        let told = by_source(&(0..100).map(source).collect::<Vec<_>>());
        assert_eq!((told.len(), told[0].name.as_str(), told[19].name.as_str()), (20, "s080", "s099"));
    }
}

//! What a pipeline did: counted per step, handed to the board with the events, and kept there.

use crate::cleaned::Cleaned;
use crate::codec::{DecodeError, Reader, Writer};
use crate::ingest::{IngestAnswer, RecordResult, merge_answer};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Why a step refused an event last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StepFailure"))]
pub struct Failure {
    /// The stable code.
    pub code: String,
    /// The field that is wrong; may be empty.
    pub field: String,
    /// A sentence.
    pub message: String,
}

/// What one step did with one request: `entered` is `passed` and `filtered` and `merged` and `failed`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepCount {
    /// The step's name.
    pub name: String,
    /// Events that came in.
    pub entered: u64,
    /// Events that went on.
    pub passed: u64,
    /// Events that were filtered.
    pub filtered: u64,
    /// Events that went into another event.
    pub merged: u64,
    /// Events that were refused.
    pub failed: u64,
    /// Microseconds that it took.
    pub micros: u64,
    /// Why the last one was refused.
    pub last: Option<Failure>,
}

/// What the edge tells the board of a request that went through a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The place of each event in the request.
    pub places: Vec<u32>,
    /// Records that were refused before the board, as JSON.
    pub refused: Vec<RecordResult>,
    /// Records that were filtered.
    pub filtered: u32,
    /// Records that went into another record's event.
    pub merged: u32,
    /// What was dropped of events.
    pub cleaned: Cleaned,
    /// What each step did.
    pub steps: Vec<StepCount>,
}

impl Report {
    /// For the way to the board.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(64 + self.places.len() * 2);
        w.varint(self.places.len() as u64);
        let mut before = 0;
        for place in &self.places {
            // Places rise, so that each is a small step.
            w.varint(u64::from(place.wrapping_sub(before)));
            before = *place;
        }
        for n in [self.filtered, self.merged] {
            w.varint(u64::from(n));
        }
        w.varint(self.cleaned.iter().count() as u64);
        for (code, n) in self.cleaned.iter() {
            w.text(code);
            w.varint(u64::from(n));
        }
        let refused = if self.refused.is_empty() { String::new() } else { json(&self.refused) };
        w.text(&refused);
        w.varint(self.steps.len() as u64);
        for s in &self.steps {
            w.text(&s.name);
            for n in [s.entered, s.passed, s.filtered, s.merged, s.failed, s.micros] {
                w.varint(n);
            }
            w.u8(u8::from(s.last.is_some()));
            if let Some(f) = &s.last {
                for text in [&f.code, &f.field, &f.message] {
                    w.text(text);
                }
            }
        }
        w.finish()
    }

    /// Reads what [`Report::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let mut report = Self::default();
        let mut before = 0_u32;
        for _ in 0..r.varint32()? {
            before = before.wrapping_add(r.varint32()?);
            report.places.push(before);
        }
        (report.filtered, report.merged) = (r.varint32()?, r.varint32()?);
        for _ in 0..r.varint32()? {
            let code = r.text()?.to_owned();
            report.cleaned.add(code, r.varint32()?);
        }
        let refused = r.text()?;
        if !refused.is_empty() {
            report.refused =
                serde_json::from_slice(refused.as_bytes()).map_err(|_| DecodeError::Invalid("refusals"))?;
        }
        for _ in 0..r.varint32()? {
            let mut s = StepCount { name: r.text()?.to_owned(), ..StepCount::default() };
            for n in [&mut s.entered, &mut s.passed, &mut s.filtered, &mut s.merged, &mut s.failed, &mut s.micros] {
                *n = r.varint()?;
            }
            if r.u8()? == 1 {
                let (code, field, message) = (r.text()?.to_owned(), r.text()?.to_owned(), r.text()?.to_owned());
                s.last = Some(Failure { code, field, message });
            }
            report.steps.push(s);
        }
        Ok(report)
    }

    /// The whole answer to the producer: the board's with what happened before.
    pub fn merge(&self, board: IngestAnswer) -> IngestAnswer {
        let mut answer = merge_answer(board, &self.places, self.refused.clone(), self.cleaned.clone());
        (answer.filtered, answer.merged) = (self.filtered, self.merged);
        answer
    }
}

fn json(refused: &[RecordResult]) -> String {
    serde_json::to_string(refused).unwrap_or_default()
}

/// What a step has done all in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepTotal {
    /// The step's name.
    pub name: String,
    /// Requests with events for it.
    pub requests: u64,
    /// Events that came in.
    #[serde(rename = "in")]
    pub entered: u64,
    /// Events that went on.
    #[serde(rename = "out")]
    pub passed: u64,
    /// Events that were filtered.
    pub filtered: u64,
    /// Events that went into another event.
    pub merged: u64,
    /// Events that were refused.
    pub failed: u64,
    /// Microseconds that it took.
    pub micros: u64,
    /// Why an event was refused last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<Failure>,
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failed_at: Option<Millis>,
}

/// What a board's pipeline has done all in all, by the steps' names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Since when it is counted.
    pub since: Option<Millis>,
    /// The steps.
    pub steps: Vec<StepTotal>,
}

impl Totals {
    /// Adds what a request's steps did. Steps that are no longer in the pipeline go.
    pub fn add(&mut self, steps: &[StepCount], now: Millis) {
        self.since.get_or_insert(now);
        let mut before = std::mem::take(&mut self.steps);
        for s in steps {
            let at = before.iter().position(|t| t.name == s.name);
            let mut total = at.map_or_else(
                || StepTotal { name: s.name.clone(), ..StepTotal::default() },
                |at| before.swap_remove(at),
            );
            total.requests += u64::from(s.entered > 0);
            total.entered += s.entered;
            total.passed += s.passed;
            total.filtered += s.filtered;
            total.merged += s.merged;
            total.failed += s.failed;
            total.micros += s.micros;
            if s.last.is_some() {
                total.last_failure.clone_from(&s.last);
                total.last_failed_at = Some(now);
            }
            self.steps.push(total);
        }
    }

    /// Forgets why an event was refused last, where that names a key. Whether it did.
    pub fn forget(&mut self, key: &str) -> bool {
        let mut any = false;
        for step in &mut self.steps {
            if step.last_failure.as_ref().is_some_and(|f| f.message.contains(key) || f.field.contains(key)) {
                step.last_failure = None;
                any = true;
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;
    use crate::problem::FieldError;

    fn count(name: &str, failed: u64) -> StepCount {
        let last = (failed > 0).then(|| Failure { code: "c".into(), field: "f".into(), message: "m".into() });
        StepCount { name: name.into(), entered: 5, passed: 5 - failed, failed, micros: 7, last, ..StepCount::default() }
    }

    #[test]
    fn a_report_reaches_the_board_as_it_was() {
        let mut cleaned = Cleaned::default();
        cleaned.add("heading_not_available", 5);
        let report = Report {
            places: vec![0, 2, 9_999, 5],
            refused: vec![RecordResult::refused(1, FieldError::new("key", Code::Missing, "m")).at_step("a")],
            filtered: 3,
            merged: 4,
            cleaned,
            steps: vec![count("a", 0), count("b", 2)],
        };
        assert_eq!(Report::decode(&report.encode()).unwrap(), report);
        assert!(Report::decode(&report.encode()[..9]).is_err());
        assert_eq!(Report::decode(&Report::default().encode()).unwrap(), Report::default());
    }

    #[test]
    fn totals_add_up_and_forget_steps_that_are_gone() {
        let mut totals = Totals::default();
        totals.add(&[count("a", 0), count("b", 2)], Millis(1));
        totals.add(&[count("b", 0), count("c", 1)], Millis(2));
        let shown: Vec<_> = totals.steps.iter().map(|s| (s.name.as_str(), s.entered, s.failed, s.requests)).collect();
        assert_eq!(shown, [("b", 10, 2, 2), ("c", 5, 1, 1)]);
        assert_eq!(totals.steps[0].last_failed_at, Some(Millis(1)));
        assert_eq!(totals.since, Some(Millis(1)));
    }
}

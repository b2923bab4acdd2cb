//! From a request's body to checked events, record by record.

pub(crate) mod json;

use crate::cleaned::{Cleaned, Cleaner};
use crate::event::{Event, RawEvent, Record};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::rights::KeySet;
use crate::rules::Rules;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How the records of a body are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// One object or an array.
    Json,
    /// One object a line.
    NdJson,
}

/// What became of one record that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordResult {
    /// The record's place in the request, from 0.
    pub index: u32,
    /// `duplicate` or `refused`.
    pub status: RecordStatus,
    /// The stable code of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The field that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong and how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The pipeline's step that refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// Puts results in the order of their records. One function for all: each sort of its own is a kilobyte of the scripts.
pub fn in_order(results: &mut [RecordResult]) {
    results.sort_by_key(|r| r.index);
}

/// Why a record was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordStatus {
    /// The board has it already.
    Duplicate,
    /// It is wrong.
    Refused,
}

impl RecordResult {
    /// A refusal.
    pub fn refused(index: u32, error: FieldError) -> Self {
        let field = (!error.field.is_empty()).then_some(error.field);
        Self {
            index,
            status: RecordStatus::Refused,
            code: Some(error.code.name().to_owned()),
            field,
            message: Some(error.message),
            step: None,
        }
    }

    /// The same with the name of the step that refused it.
    #[must_use]
    pub fn at_step(mut self, name: &str) -> Self {
        self.step = Some(name.to_owned());
        self
    }

    /// A duplicate.
    pub const fn duplicate(index: u32) -> Self {
        Self { index, status: RecordStatus::Duplicate, code: None, field: None, message: None, step: None }
    }
}

/// The answer to an ingest request. `results` lists only what was not accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IngestAnswer {
    /// Events that are durable now.
    pub accepted: u32,
    /// Events that the board had already.
    pub duplicate: u32,
    /// Records that were refused.
    pub refused: u32,
    /// Accepted events that are older than their item's state: kept, but the item did not change.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub late: u32,
    /// Values that were dropped of accepted events: parts of positions that are no measurements, and what the board's
    /// `no_data` rule names.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cleaned: u32,
    /// The same by code.
    #[serde(default, skip_serializing_if = "Cleaned::is_empty")]
    pub cleaned_by: Cleaned,
    /// Records that a step of the board's pipeline filtered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub filtered: u32,
    /// Records that went into another record's event.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub merged: u32,
    /// The board's cursor after this request.
    pub cursor: String,
    /// The records that were not accepted.
    pub results: Vec<RecordResult>,
}

impl IngestAnswer {
    /// Adds the answer to what came behind so many records.
    pub fn append(&mut self, next: Self, place: u32) {
        self.accepted += next.accepted;
        self.duplicate += next.duplicate;
        self.refused += next.refused;
        self.late += next.late;
        self.cleaned += next.cleaned;
        self.cleaned_by.absorb(next.cleaned_by);
        self.filtered += next.filtered;
        self.merged += next.merged;
        self.results.extend(next.results.into_iter().map(|r| RecordResult { index: r.index + place, ..r }));
        self.cursor = next.cursor;
    }

    /// What was refused, of what is listed.
    pub fn refusals(&self) -> impl Iterator<Item = &RecordResult> {
        self.results.iter().filter(|result| result.status == RecordStatus::Refused)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands out a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A body, read and checked: the valid events with their places, and what was refused.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// Valid events in the order of the request.
    pub events: Vec<Event>,
    /// The place of each event in the request.
    pub places: Vec<u32>,
    /// Refusals in the order of the request.
    pub refused: Vec<RecordResult>,
    /// What was dropped of valid events.
    pub cleaned: Cleaned,
    /// The places of those events whose items end with them, ascending.
    pub ends: Vec<u32>,
}

/// The distinct field names of a request. Each becomes a column as long as the request: without a bound, events that
/// each bring their own names would cost memory by the square.
#[derive(Default)]
pub(crate) struct Names {
    seen: HashSet<String>,
    /// The names of the last event: most events have the same ones.
    last: Vec<String>,
}

impl Names {
    pub(crate) fn admit(&mut self, event: &Event) -> Result<(), FieldError> {
        let names = || event.fields.iter().map(|(n, _)| n);
        if names().eq(&self.last) {
            return Ok(());
        }
        let new = names().filter(|n| !self.seen.contains(*n)).count();
        if self.seen.len() + new > limits::FIELDS_PER_BOARD {
            let most = limits::FIELDS_PER_BOARD;
            let message = format!("a request has at most {most} different field names, as many as a board");
            return Err(FieldError::new("fields", Code::TooManyFields, message));
        }
        self.last = names().cloned().collect();
        self.seen.extend(self.last.iter().cloned());
        Ok(())
    }
}

/// What records are checked against.
struct Checks<'c> {
    rules: &'c Rules,
    received: Millis,
    names: Names,
}

impl Checked {
    fn take(&mut self, index: u32, raw: Result<RawEvent<'_>, FieldError>, checks: &mut Checks<'_>) {
        let is = raw.as_ref().map_or(Record::Event, |raw| raw.is);
        if is == Record::Nothing {
            return;
        }
        let Checks { rules, received, names } = checks;
        let no_data = |name: &str, v: f64| rules.means_no_data(name, v);
        let strict = rules.strict;
        let checked = raw.and_then(|r| r.check(*received, strict, &no_data)).and_then(|(mut event, cleaned)| {
            let mut cleaner = Cleaner { strict, cleaned };
            rules.check(&mut event, *received, &mut cleaner)?;
            names.admit(&event)?;
            Ok((event, cleaner.cleaned))
        });
        match checked {
            Ok((event, cleaned)) => {
                self.events.push(event);
                self.places.push(index);
                self.cleaned.absorb(cleaned);
                if is == Record::End {
                    self.ends.push(index);
                }
            }
            Err(error) => self.refused.push(RecordResult::refused(index, error)),
        }
    }
}

/// Reads a body and checks every record against the event's own limits and the board's rules. A body that
/// can't be read as a whole is a problem, and then nothing of it is taken.
pub fn read_events(body: &[u8], format: BodyFormat, rules: &Rules, received: Millis) -> Result<Checked, Problem> {
    if body.len() > limits::INGEST_BODY_BYTES {
        return Err(too_large(limits::INGEST_BODY_BYTES));
    }
    let text = std::str::from_utf8(body).map_err(|e| {
        let detail = format!("the body is not UTF-8: byte {} is invalid; nothing was taken", e.valid_up_to());
        Problem::new(Code::InvalidUtf8, detail)
    })?;
    // Some systems write a byte order mark before everything they write.
    let text = text.trim_start_matches('\u{feff}');
    let mut checked = Checked::default();
    let mut checks = Checks { rules, received, names: Names::default() };
    match format {
        BodyFormat::Json => {
            let events = json::read(text)?;
            checked.events.reserve(events.len());
            checked.places.reserve(events.len());
            for (index, raw) in events.into_iter().enumerate() {
                checked.take(index as u32, Ok(raw), &mut checks);
            }
        }
        BodyFormat::NdJson => {
            for (index, line) in text.lines().filter(|l| !l.trim().is_empty()).enumerate() {
                if index >= limits::EVENTS_PER_REQUEST {
                    return Err(too_many());
                }
                checked.take(index as u32, json::read_line(line), &mut checks);
            }
        }
    }
    Ok(checked)
}

impl Checked {
    /// Refuses the events that end their items, where nothing can be ended.
    pub fn refuse_ends(&mut self, message: &str) {
        let ends = std::mem::take(&mut self.ends);
        if ends.is_empty() {
            return;
        }
        let is_end = |place: &u32| ends.binary_search(place).is_ok();
        let mut places = self.places.iter();
        self.events.retain(|_| !places.next().is_some_and(is_end));
        self.places.retain(|place| !is_end(place));
        let refused = ends.iter().map(|p| RecordResult::refused(*p, FieldError::new("", Code::NotAllowed, message)));
        self.refused.extend(refused);
        in_order(&mut self.refused);
    }

    /// Which of the events end their items, by their numbers.
    pub fn ending(&self) -> Vec<u32> {
        let numbered = (0_u32..).zip(&self.places);
        numbered.filter(|(_, place)| self.ends.binary_search(place).is_ok()).map(|(number, _)| number).collect()
    }
}

/// Checks records that something has read already, each with its place in the request: a record may be several events.
pub fn check_records<'a>(
    records: impl Iterator<Item = (u32, Result<RawEvent<'a>, FieldError>)>,
    rules: &Rules,
    received: Millis,
) -> Result<Checked, Problem> {
    let mut checked = Checked::default();
    let mut checks = Checks { rules, received, names: Names::default() };
    for (count, (place, raw)) in records.enumerate() {
        if count >= limits::EVENTS_PER_REQUEST {
            return Err(too_many());
        }
        checked.take(place, raw, &mut checks);
    }
    Ok(checked)
}

/// Whether a producer may publish under a key.
pub fn check_key_allowed(publish: &KeySet, key: &str) -> Result<(), FieldError> {
    if publish.allows(key) {
        return Ok(());
    }
    let message = format!("your token does not allow publishing under key {key:?}");
    Err(FieldError::new("key", Code::KeyNotAllowed, message))
}

/// The body is over the limit.
pub fn too_large(most: usize) -> Problem {
    let detail = format!("an ingest body has at most {most} bytes, unpacked; send it in parts");
    Problem::new(Code::BodyTooLarge, detail)
}

/// There are more events than a request may have.
pub(crate) fn too_many() -> Problem {
    let detail = format!("a request has at most {} events; send them in parts", limits::EVENTS_PER_REQUEST);
    Problem::new(Code::TooManyEvents, detail)
}

/// Puts together the board's answer about the events it was given and the refusals at the edge.
pub fn merge_answer(
    mut board: IngestAnswer,
    checked_places: &[u32],
    refused: Vec<RecordResult>,
    cleaned: Cleaned,
) -> IngestAnswer {
    for r in &mut board.results {
        r.index = checked_places.get(r.index as usize).copied().unwrap_or(r.index);
    }
    board.refused += refused.len() as u32;
    board.cleaned += cleaned.total();
    board.cleaned_by.absorb(cleaned);
    board.results.extend(refused);
    in_order(&mut board.results);
    board
}

#[cfg(test)]
mod tests;

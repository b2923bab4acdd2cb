//! One request's events on their way through the steps.

use super::config::{ReadAs, Step, StepKind};
use super::draft::Draft;
use super::record::Record;
use super::report::{Failure, Report, StepCount};
use super::steps::{Known, aggregate, derive, enrich, looked_up, map, passes};
use crate::cleaned::{Cleaned, Cleaner};
use crate::event::Event;
use crate::id::BoardName;
use crate::ingest::{Names, RecordResult, check_key_allowed, in_order, json::read_line};
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::rights::KeySet;
use crate::rules::Rules;
use crate::time::Millis;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// What a run needs before it can go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Need<'s> {
    /// Items of another board by key: give them with [`Run::give_items`].
    Items {
        /// The board.
        board: &'s BoardName,
        /// The keys, each once.
        keys: Vec<String>,
    },
    /// What a jq program yields for each input: give it with [`Run::give_jq`].
    Jq {
        /// The program.
        program: &'s str,
        /// The inputs as JSON, a line each.
        inputs: Vec<u8>,
        /// How many they are.
        count: usize,
    },
    /// Nothing: the run is done.
    Done,
}

/// What a step made of a record, for a try.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// The event goes on, so.
    Event(Event),
    /// It was filtered.
    Filtered,
    /// It went into another record's event.
    Merged,
    /// It was refused.
    Refused(FieldError),
}

/// What one step made of its records: their places and fates.
pub type Trace = Vec<(u32, Fate)>;

/// What comes out of a pipeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Events for the board.
    pub events: Vec<Event>,
    /// The place of each event in the request.
    pub places: Vec<u32>,
    /// Refusals in the order of the request.
    pub refused: Vec<RecordResult>,
    /// Records that were filtered.
    pub filtered: u32,
    /// Records that went into another record's event.
    pub merged: u32,
    /// What was dropped of events on the way.
    pub cleaned: Cleaned,
    /// What each step did.
    pub steps: Vec<StepCount>,
    /// What each step made of each record, where that was asked for.
    pub traces: Vec<Trace>,
}

/// The run.
pub struct Run<'s> {
    steps: &'s [Step],
    at: usize,
    records: Vec<Record>,
    refused: Vec<RecordResult>,
    filtered: u32,
    cleaner: Cleaner,
    counts: Vec<StepCount>,
    began: Option<u64>,
    known: Option<HashMap<String, Rc<Known>>>,
    answers: Vec<Result<Vec<u8>, String>>,
    traces: Option<Vec<Trace>>,
    /// The first place whose records are traced.
    traced_from: u32,
}

impl<'s> Run<'s> {
    /// Begins with a request's checked events and their places in it.
    pub fn new(steps: &'s [Step], events: Vec<Event>, places: Vec<u32>) -> Self {
        let records = events.into_iter().zip(places);
        Self {
            steps,
            at: 0,
            records: records.map(|(event, place)| Record { place, event, members: Vec::new() }).collect(),
            refused: Vec::new(),
            filtered: 0,
            cleaner: Cleaner::default(),
            counts: steps.iter().map(|s| StepCount { name: s.name.clone(), ..StepCount::default() }).collect(),
            began: None,
            known: None,
            answers: Vec::new(),
            traces: None,
            traced_from: 0,
        }
    }

    /// The same for a board that refuses what is no measurement, or drops it.
    #[must_use]
    pub const fn strict(mut self, strict: bool) -> Self {
        self.cleaner.strict = strict;
        self
    }

    /// The same, noting what each step makes of each record.
    #[must_use]
    pub fn traced(self) -> Self {
        self.traced_from(0)
    }

    /// The same of the records from a place on.
    #[must_use]
    pub fn traced_from(mut self, place: u32) -> Self {
        (self.traces, self.traced_from) = (Some(Vec::new()), place);
        self
    }

    /// Goes on until something is needed. `clock` tells microseconds.
    pub fn go(&mut self, clock: &dyn Fn() -> u64) -> Need<'s> {
        let steps = self.steps;
        while let Some(kind) = steps.get(self.at).and_then(Step::kind) {
            let began = *self.began.get_or_insert_with(clock);
            if let Some(need) = self.need(kind) {
                return need;
            }
            self.step(kind);
            if let Some(count) = self.counts.get_mut(self.at) {
                count.micros += clock().saturating_sub(began);
            }
            (self.began, self.known, self.at) = (None, None, self.at + 1);
            self.answers.clear();
        }
        Need::Done
    }

    /// What the step needs that it does not have yet.
    fn need(&self, kind: StepKind<'s>) -> Option<Need<'s>> {
        let left = self.records.get(self.answers.len()..).unwrap_or_default();
        let jq = match kind {
            StepKind::Map(s) => s.jq.as_deref(),
            StepKind::Filter(s) => s.jq.as_deref(),
            StepKind::Derive(s) => s.jq.as_deref(),
            StepKind::Enrich(_) | StepKind::Aggregate(_) => None,
        };
        if let Some(program) = jq.filter(|_| !left.is_empty()) {
            let count = left.len().min(limits::JQ_EVENTS_AT_ONCE);
            let mut inputs = Vec::new();
            for record in left.iter().take(count) {
                // An event always is JSON; should one ever not be, its program sees null and says so.
                let begin = inputs.len();
                if serde_json::to_writer(&mut inputs, &record.event).is_err() {
                    inputs.truncate(begin);
                    inputs.extend(b"null");
                }
                inputs.push(b'\n');
            }
            return Some(Need::Jq { program, inputs, count });
        }
        if let (StepKind::Enrich(rules), None) = (kind, &self.known)
            && let Some(board) = &rules.board
        {
            let keys: BTreeSet<String> =
                self.records.iter().filter_map(|r| looked_up(&r.event, rules)).filter(|k| !k.is_empty()).collect();
            if !keys.is_empty() {
                return Some(Need::Items { board, keys: keys.into_iter().collect() });
            }
        }
        None
    }

    /// Items that were needed, by key; keys that the board does not have are left out.
    pub fn give_items(&mut self, items: HashMap<String, Rc<Known>>) {
        self.known = Some(items);
    }

    /// What the program yielded for each of the inputs, a line a value, or why it failed. What is missing at the end
    /// counts as failed.
    pub fn give_jq(&mut self, count: usize, answers: impl IntoIterator<Item = Result<Vec<u8>, String>>) {
        let missing = std::iter::repeat_with(|| Err("the program was not run on this event".to_owned()));
        self.answers.extend(answers.into_iter().chain(missing).take(count));
    }

    fn step(&mut self, kind: StepKind<'s>) {
        let records = std::mem::take(&mut self.records);
        let given = records.len() as u64;
        let mut trace = self.traces.is_some().then(Trace::new);
        let mut failed: Vec<(Vec<u32>, FieldError)> = Vec::new();
        let (mut out, mut filtered) = (Vec::with_capacity(records.len()), 0_u64);
        if let StepKind::Aggregate(rules) = kind {
            let from = self.traced_from;
            let before = records.iter().map(|r| r.place).filter(|place| trace.is_some() && *place >= from);
            let before: Vec<u32> = before.collect();
            (out, failed) = aggregate(records, rules, &mut self.cleaner);
            if let Some(trace) = &mut trace {
                let alone = |place: &u32| {
                    out.iter().all(|r| r.place != *place) && failed.iter().all(|(places, _)| !places.contains(place))
                };
                trace.extend(before.into_iter().filter(alone).map(|place| (place, Fate::Merged)));
            }
        } else {
            let known = self.known.take().unwrap_or_default();
            let mut answers = std::mem::take(&mut self.answers).into_iter();
            for mut record in records {
                let (place, weight) = (record.place, record.weight());
                let mut places = std::mem::take(&mut record.members);
                let done = match kind {
                    StepKind::Filter(rules) if rules.jq.is_none() => {
                        Ok(passes(&record.event, rules).then_some(record.event))
                    }
                    StepKind::Map(rules) if rules.jq.is_none() => map(record.event, rules, &mut self.cleaner).map(Some),
                    StepKind::Derive(rules) if rules.jq.is_none() => {
                        derive(record.event, rules, &mut self.cleaner).map(Some)
                    }
                    StepKind::Enrich(rules) => {
                        enrich(record.event, rules, |key| known.get(key).map(AsRef::as_ref), &mut self.cleaner)
                    }
                    StepKind::Map(_) | StepKind::Filter(_) | StepKind::Derive(_) | StepKind::Aggregate(_) => {
                        let answer = answers.next().unwrap_or_else(|| Err("the program was not run".to_owned()));
                        yielded(kind, record.event, answer, &mut self.cleaner)
                    }
                };
                match done {
                    Ok(Some(event)) => out.push(Record { place, event, members: places }),
                    Ok(None) => {
                        filtered += 1;
                        self.filtered += weight;
                        let traced = trace.iter_mut().filter(|_| place >= self.traced_from);
                        traced.for_each(|t| t.push((place, Fate::Filtered)));
                    }
                    Err(e) => {
                        if places.is_empty() {
                            places.push(place);
                        }
                        failed.push((places, e));
                    }
                }
            }
        }
        let name = self.steps.get(self.at).map_or("", |s| s.name.as_str());
        if let Some(count) = self.counts.get_mut(self.at) {
            count.entered += given;
            count.passed += out.len() as u64;
            count.filtered += filtered;
            count.failed += failed.len() as u64;
            count.merged += given - out.len() as u64 - filtered - failed.len() as u64;
            if let Some((_, e)) = failed.last() {
                count.last = Some(Failure {
                    code: e.code.name().to_owned(),
                    field: e.field.clone(),
                    message: e.message.clone(),
                });
            }
        }
        if let (Some(mut trace), Some(traces)) = (trace, &mut self.traces) {
            let from = self.traced_from;
            let traced = out.iter().filter(|r| r.place >= from);
            trace.extend(traced.map(|r| (r.place, Fate::Event(r.event.clone()))));
            let refused = failed.iter().filter_map(|(places, e)| Some((*places.last()?, e)));
            let refused = refused.filter(|(place, _)| *place >= from);
            trace.extend(refused.map(|(place, e)| (place, Fate::Refused(e.clone()))));
            trace.sort_by_key(|(place, _)| *place);
            traces.push(trace);
        }
        for (places, e) in failed {
            self.refused.extend(places.into_iter().map(|p| RecordResult::refused(p, e.clone()).at_step(name)));
        }
        self.records = out;
    }

    /// The run can't go on: what the steps did until now, with all events failed in the step that is to blame.
    pub fn broken(mut self, code: Code, message: &str) -> Report {
        let given = self.records.len() as u64;
        if let Some(count) = self.counts.get_mut(self.at) {
            count.entered += given;
            count.failed += given;
            count.last =
                Some(Failure { code: code.name().to_owned(), field: String::new(), message: message.to_owned() });
        }
        Report { steps: self.counts, ..Report::default() }
    }

    /// The name of the step that the run is at.
    pub fn step_name(&self) -> &'s str {
        self.steps.get(self.at).map_or("", |s| s.name.as_str())
    }

    /// Whether the step that the run is at reads another board only since that board was public.
    pub fn looks_as_anyone(&self) -> bool {
        let enrich = self.steps.get(self.at).and_then(|s| s.enrich.as_ref());
        enrich.is_some_and(|e| e.read_as == Some(ReadAs::Anyone))
    }

    /// What came out. The board's rules hold for that too: a step may have moved an event, or its time.
    /// So do the producer's rights: they are about keys of the board, not about what it sends.
    pub fn finish(self, rules: &Rules, received: Millis, publish: &KeySet) -> Outcome {
        let mut cleaner = self.cleaner;
        let mut outcome = Outcome {
            refused: self.refused,
            filtered: self.filtered,
            steps: self.counts,
            traces: self.traces.unwrap_or_default(),
            ..Outcome::default()
        };
        let mut names = Names::default();
        for mut record in self.records {
            let checked = rules
                .check(&mut record.event, received, &mut cleaner)
                .and_then(|()| check_key_allowed(publish, &record.event.key))
                .and_then(|()| names.admit(&record.event));
            match checked {
                Ok(()) => {
                    outcome.merged += record.weight() - 1;
                    outcome.events.push(record.event);
                    outcome.places.push(record.place);
                }
                Err(e) => {
                    outcome.refused.extend(record.places().into_iter().map(|p| RecordResult::refused(p, e.clone())));
                }
            }
        }
        in_order(&mut outcome.refused);
        outcome.cleaned = cleaner.cleaned;
        outcome
    }
}

/// What a jq program made of an event.
fn yielded(
    kind: StepKind<'_>,
    event: Event,
    answer: Result<Vec<u8>, String>,
    cleaner: &mut Cleaner,
) -> Result<Option<Event>, FieldError> {
    let lines = answer.map_err(|why| FieldError::new("", Code::JqFailed, format!("the jq program failed: {why}")))?;
    let text =
        String::from_utf8(lines).map_err(|_| FieldError::new("", Code::JqFailed, "the jq program yielded no UTF-8"))?;
    let no_marks = |_: &str, _: f64| false;
    match kind {
        StepKind::Filter(_) => Ok((!matches!(text.as_str(), "" | "false" | "null")).then_some(event)),
        StepKind::Derive(_) => {
            if text.is_empty() {
                return Ok(Some(event));
            }
            // Read as the fields of an event: the same types, names and limits hold.
            let text = format!("{{\"key\":\"-\",\"fields\":{text}}}");
            let (added, _) = read_line(&text)?.check(event.time, cleaner.strict, &no_marks)?;
            let mut draft = Draft::new(event);
            for (name, value) in added.fields {
                draft.set_field(&name, value)?;
            }
            draft.finish(cleaner).map(Some)
        }
        StepKind::Map(_) | StepKind::Enrich(_) | StepKind::Aggregate(_) => {
            if text.is_empty() {
                return Ok(None);
            }
            let (event, cleaned) = read_line(&text)?.check(event.time, cleaner.strict, &no_marks)?;
            cleaner.cleaned.absorb(cleaned);
            Ok(Some(event))
        }
    }
}

#[cfg(test)]
mod tests;

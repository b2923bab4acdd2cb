//! What became of a request's last records on their way to the board, step by step.

use super::cut_at;
use crate::api::status::{RecordStage, RecordStep};
use crate::event::Event;
use crate::ingest::{Checked, RecordResult};
use crate::limits;
use crate::pipeline::{Fate, Step, Trace};
use crate::source::Slice;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What tells an event from others of its request. Its text would not: a batch puts fields into an order of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventName {
    /// Whose it is.
    pub key: String,
    /// When it happened.
    pub time: Millis,
    /// Its id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl EventName {
    fn of(event: &Event) -> Self {
        Self { key: event.key.clone(), time: event.time, id: event.id.clone() }
    }
}

/// One record's way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The record as it came, cut.
    pub input: String,
    /// What each step made of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<RecordStep>,
    /// The events that the board gets of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventName>,
    /// How many of its events were refused before the board.
    #[serde(default)]
    pub refused: u32,
}

impl Trail {
    fn put(&mut self, step: RecordStep) {
        if self.steps.len() < limits::SOURCE_TRAIL_STEPS {
            self.steps.push(step);
        }
    }
}

/// The ways of the last records of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trails {
    first: u32,
    all: Vec<Trail>,
}

/// An event as a screen shows it.
pub fn shown(event: &Event) -> String {
    cut_at(&serde_json::to_string(event).unwrap_or_default(), limits::SOURCE_RECORD_BYTES).to_owned()
}

fn short(text: &str) -> String {
    cut_at(text, limits::SOURCE_STEP_BYTES).to_owned()
}

impl Trails {
    /// Those of the last of these records.
    pub fn of(slices: &[Slice<'_>]) -> Self {
        let first = slices.len().saturating_sub(limits::SOURCE_TRAILS);
        let trail = |slice: &Slice<'_>| Trail { input: short(&slice.raw), ..Trail::default() };
        Self { first: first as u32, all: slices.iter().skip(first).map(trail).collect() }
    }

    /// The place of the first record of which the way is noted.
    pub const fn first(&self) -> u32 {
        self.first
    }

    fn at(&mut self, place: u32) -> Option<&mut Trail> {
        self.all.get_mut(place.checked_sub(self.first)? as usize)
    }

    /// What the source's program yielded for the records at these places.
    pub fn yielded(&mut self, places: &[u32], yields: &[Result<Vec<u8>, String>]) {
        for (place, yielded) in places.iter().zip(yields) {
            let Some(trail) = self.at(*place) else { continue };
            let step = RecordStep { stage: RecordStage::Program, ..RecordStep::default() };
            trail.put(match yielded {
                Ok(lines) => RecordStep { made: Some(short(String::from_utf8_lossy(lines).trim_end())), ..step },
                Err(why) => RecordStep { message: Some(short(why)), ..step },
            });
        }
    }

    /// The events that the records are, before the board's pipeline.
    pub fn decoded(&mut self, checked: &Checked) {
        for (event, place) in checked.events.iter().zip(&checked.places) {
            if let Some(trail) = self.at(*place) {
                let made = Some(short(&shown(event)));
                trail.put(RecordStep { stage: RecordStage::Event, made, ..RecordStep::default() });
            }
        }
    }

    /// What each step of the pipeline made of them.
    pub fn stepped(&mut self, steps: &[Step], traces: &[Trace]) {
        for (step, trace) in steps.iter().zip(traces) {
            for (place, fate) in trace {
                let Some(trail) = self.at(*place) else { continue };
                let own = RecordStep { stage: RecordStage::Step, name: step.name.clone(), ..RecordStep::default() };
                trail.put(match fate {
                    Fate::Event(event) => RecordStep { made: Some(short(&shown(event))), ..own },
                    Fate::Filtered => RecordStep { end: Some("filtered".to_owned()), ..own },
                    Fate::Merged => RecordStep { end: Some("merged".to_owned()), ..own },
                    Fate::Refused(why) => {
                        RecordStep { end: Some(why.code.name().to_owned()), message: Some(short(&why.message)), ..own }
                    }
                });
            }
        }
    }

    /// What goes to the board of them, and what does not.
    pub fn ended(&mut self, events: &[Event], places: &[u32], refused: &[RecordResult]) {
        for (event, place) in events.iter().zip(places) {
            if let Some(trail) = self.at(*place)
                && trail.events.len() < limits::SOURCE_TRAIL_STEPS
            {
                trail.events.push(EventName::of(event));
            }
        }
        for result in refused {
            if let Some(trail) = self.at(result.index) {
                trail.refused += 1;
            }
        }
    }

    /// As the board is sent them; empty where there are none.
    pub fn text(&self) -> String {
        if self.all.is_empty() { String::new() } else { serde_json::to_string(&self.all).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Code, FieldError};

    fn event(key: &str) -> Event {
        Event { id: None, key: key.to_owned(), time: Millis(5), position: None, fields: Vec::new() }
    }

    #[test]
    fn each_step_of_the_last_records_is_noted_and_no_others() {
        let slices: Vec<Slice<'_>> = (0..20).map(|n| Slice::new(format!("{{\"n\":{n}}}"))).collect();
        let mut trails = Trails::of(&slices);
        let (first, last) = (trails.first(), 19);
        assert_eq!((first, trails.all.len()), (20 - limits::SOURCE_TRAILS as u32, limits::SOURCE_TRAILS));
        trails
            .yielded(&[0, 18, last], &[Ok(b"{}\n".to_vec()), Err("no".to_owned()), Ok(b"{\"key\":\"a\"}\n".to_vec())]);
        let checked = Checked { events: vec![event("z"), event("a")], places: vec![0, last], ..Checked::default() };
        trails.decoded(&checked);
        let step = Step { name: "only".to_owned(), ..Step::default() };
        trails.stepped(&[step], &[vec![(0, Fate::Filtered), (last, Fate::Event(event("b")))]]);
        let why = RecordResult::refused(18, FieldError::new("", Code::JqFailed, "no"));
        trails.ended(&[event("b")], &[last], &[why]);
        let text = trails.text();
        let read: Vec<Trail> = serde_json::from_str(&text).unwrap();
        assert_eq!(read, trails.all);
        let stages: Vec<RecordStage> = read.last().unwrap().steps.iter().map(|s| s.stage).collect();
        assert_eq!(stages, [RecordStage::Program, RecordStage::Event, RecordStage::Step]);
        assert_eq!(read.last().unwrap().events, [EventName::of(&event("b"))]);
        let failed = &read[read.len() - 2];
        assert_eq!((failed.refused, failed.steps[0].message.as_deref()), (1, Some("no")));
        assert!(read[0].steps.is_empty());
    }

    #[test]
    fn what_is_noted_of_a_record_is_bounded() {
        let slices = [Slice::new("ä".repeat(100_000))];
        let mut trails = Trails::of(&slices);
        let many = vec![Ok(vec![b'x'; 100_000]); 1_000];
        trails.yielded(&[0; 1_000], &many);
        let events: Vec<Event> = (0..1_000).map(|n| event(&"k".repeat(n % 200))).collect();
        trails.ended(&events, &[0; 1_000], &[]);
        assert!(trails.text().len() < 60_000, "{}", trails.text().len());
        assert_eq!(Trails::of(&[]).text(), "");
    }
}

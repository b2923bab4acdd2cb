//! An event while a step works on it: its parts by name, and a position that may be half there.

use crate::cleaned::Cleaner;
use crate::event::{Event, Loose, POSITION_PARTS, check_time, name_of, out_of_range};
use crate::id::{check_event_id, check_field_name, check_key};
use crate::limits;
use crate::position::Measured;
use crate::problem::{Code, FieldError, excerpt};
use crate::value::{Value, number_json};

/// What a name in a step stands for.
enum Part<'n> {
    Key,
    Id,
    Time,
    Position(usize),
    Field(&'n str),
}

impl<'n> Part<'n> {
    /// `key`, `id`, `time` and `position.…` are the event's own; `fields.` before a name makes it a field in any case.
    fn of(name: &'n str) -> Self {
        match name {
            "key" => Self::Key,
            "id" => Self::Id,
            "time" => Self::Time,
            _ => match name.strip_prefix("position.").and_then(|p| POSITION_PARTS.iter().position(|q| *q == p)) {
                Some(part) => Self::Position(part),
                None => Self::Field(name.strip_prefix("fields.").unwrap_or(name)),
            },
        }
    }
}

/// The value of an event's part, by its name.
pub fn part_of(event: &Event, name: &str) -> Option<Value> {
    match Part::of(name) {
        Part::Key => Some(Value::Text(event.key.clone())),
        Part::Id => event.id.clone().map(Value::Text),
        Part::Time => Some(Value::Number(event.time.0 as f64)),
        Part::Position(part) => position_parts(event).get(part).copied().flatten().map(Value::Number),
        Part::Field(field) => event.fields.iter().find(|(n, _)| n == field).and_then(|(_, v)| v.clone()),
    }
}

/// The number of an event's part; an error when it is something else.
pub fn number_of(event: &Event, name: &str) -> Result<Option<f64>, FieldError> {
    match part_of(event, name) {
        None => Ok(None),
        Some(Value::Number(n)) => Ok(Some(n)),
        Some(Value::Bool(_) | Value::Text(_)) => {
            let message = format!("{name} is not a number; the step number of map makes one of text");
            Err(FieldError::new(path(name), Code::NotANumber, message))
        }
    }
}

/// A value as it is looked up: text as it is, numbers and booleans as JSON writes them.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Text(t) => t.clone(),
        Value::Number(n) => number_json(*n).to_string(),
        Value::Bool(b) => b.to_string(),
    }
}

/// A part's place in an event, for messages.
pub fn path(name: &str) -> String {
    match Part::of(name) {
        Part::Key | Part::Id | Part::Time | Part::Position(_) => name.to_owned(),
        Part::Field(field) => format!("fields.{}", excerpt(field)),
    }
}

fn position_parts(event: &Event) -> [Option<f64>; 6] {
    event
        .position
        .map_or([None; 6], |p| [Some(p.lat()), Some(p.lon()), p.heading(), p.speed(), p.altitude(), p.accuracy()])
}

/// An event whose parts are changed one by one.
pub struct Draft {
    event: Event,
    /// The parts of the position, once one was changed.
    position: Option<[Option<f64>; 6]>,
}

impl Draft {
    /// Begins with an event.
    pub const fn new(event: Event) -> Self {
        Self { event, position: None }
    }

    /// The event, with its position as it was.
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// The fields.
    pub const fn fields(&mut self) -> &mut Vec<(String, Option<Value>)> {
        &mut self.event.fields
    }

    /// Sets a part.
    pub fn set(&mut self, name: &str, value: Value) -> Result<(), FieldError> {
        let loose = |value: Value| match value {
            Value::Text(t) => Loose::Text(t.into()),
            Value::Number(n) => Loose::Number(n),
            Value::Bool(b) => Loose::Bool(b),
        };
        match Part::of(name) {
            Part::Key => {
                let key = name_of("key", loose(value))?;
                check_key(&key).map_err(|e| FieldError::new("key", e.code(), format!("key {e}")))?;
                self.event.key = key;
            }
            Part::Id => {
                let id = name_of("id", loose(value))?;
                check_event_id(&id).map_err(|e| FieldError::new("id", e.code(), format!("id {e}")))?;
                self.event.id = Some(id);
            }
            Part::Time => self.event.time = check_time(Some(loose(value)), self.event.time)?,
            Part::Position(part) => {
                let Value::Number(n) = value else {
                    return Err(FieldError::new(name, Code::WrongType, format!("{name} must be a number")));
                };
                let parts = self.position.get_or_insert_with(|| position_parts(&self.event));
                if let Some(slot) = parts.get_mut(part) {
                    *slot = Some(n);
                }
            }
            Part::Field(field) => self.set_field(field, Some(value))?,
        }
        Ok(())
    }

    /// Sets a field; `None` removes it from the item.
    pub fn set_field(&mut self, name: &str, value: Option<Value>) -> Result<(), FieldError> {
        let at = || format!("fields.{}", excerpt(name));
        check_field_name(name).map_err(|e| FieldError::new(at(), e.code(), format!("a field's name {e}")))?;
        match &value {
            Some(Value::Number(n)) if !n.is_finite() => {
                return Err(FieldError::new(at(), Code::NotFinite, format!("{} comes out beyond all numbers", at())));
            }
            Some(Value::Text(t)) if t.len() > limits::TEXT_VALUE_BYTES => {
                let message = format!("{} is longer than {} bytes", at(), limits::TEXT_VALUE_BYTES);
                return Err(FieldError::new(at(), Code::TooLong, message));
            }
            _ => {}
        }
        match self.event.fields.iter_mut().find(|(n, _)| n == name) {
            Some((_, slot)) => *slot = value,
            None => self.event.fields.push((name.to_owned(), value)),
        }
        Ok(())
    }

    /// Takes a part away, and answers it. A key and a time stay, since every event has them.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        match Part::of(name) {
            Part::Key | Part::Time => part_of(&self.event, name),
            Part::Id => self.event.id.take().map(Value::Text),
            Part::Position(part) => {
                let parts = self.position.get_or_insert_with(|| position_parts(&self.event));
                parts.get_mut(part).and_then(Option::take).map(Value::Number)
            }
            Part::Field(field) => {
                let at = self.event.fields.iter().position(|(n, _)| n == field)?;
                self.event.fields.remove(at).1
            }
        }
    }

    /// The event, if its position is whole and in range and it has not too many fields.
    pub fn finish(mut self, cleaner: &mut Cleaner) -> Result<Event, FieldError> {
        if let Some([lat, lon, heading, speed, altitude, accuracy]) = self.position {
            self.event.position = match (lat, lon) {
                (Some(lat), Some(lon)) => {
                    let measured = Measured { lat, lon, heading, speed, altitude, accuracy };
                    Some(cleaner.position(measured).map_err(out_of_range)?)
                }
                (None, None) => None,
                _ => {
                    let missing = if lat.is_none() { "position.lat" } else { "position.lon" };
                    return Err(FieldError::new(
                        missing,
                        Code::Missing,
                        format!("{missing} is required in a position"),
                    ));
                }
            };
        }
        if self.event.fields.len() > limits::FIELDS_PER_EVENT {
            let message = format!("an event has at most {} fields", limits::FIELDS_PER_EVENT);
            return Err(FieldError::new("fields", Code::TooManyFields, message));
        }
        Ok(self.event)
    }
}

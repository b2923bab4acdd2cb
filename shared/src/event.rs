//! An event: one record that came in, checked.

use crate::cleaned::{Cleaned, Cleaner, FIELD_NO_DATA};
use crate::id::{check_event_id, check_field_name, check_key};
use crate::limits;
use crate::position::{Measured, OutOfRange, Position};
use crate::problem::{Code, FieldError, excerpt};
use crate::time::{Millis, digits};
use crate::value::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;

/// One record, valid in itself. A board's rules come after (see [`crate::rules::Rules`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The producer's id of the record, for duplicates.
    pub id: Option<String>,
    /// Whose state this is.
    pub key: String,
    /// When it happened, at the source.
    pub time: Millis,
    /// Where.
    pub position: Option<Position>,
    /// What else; `None` removes a field.
    pub fields: Vec<(String, Option<Value>)>,
}

impl Serialize for Event {
    /// As a producer sends it.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        struct Fields<'f>(&'f [(String, Option<Value>)]);
        impl Serialize for Fields<'_> {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_map(self.0.iter().map(|(name, value)| (name, value)))
            }
        }
        let mut map = s.serialize_map(None)?;
        if let Some(id) = &self.id {
            map.serialize_entry("id", id)?;
        }
        map.serialize_entry("key", &self.key)?;
        map.serialize_entry("time", &self.time)?;
        if let Some(position) = &self.position {
            map.serialize_entry("position", position)?;
        }
        if !self.fields.is_empty() {
            map.serialize_entry("fields", &Fields(&self.fields))?;
        }
        map.end()
    }
}

/// A JSON value of any type, before it is known whether the type is right.
#[derive(Clone, Debug, PartialEq)]
pub enum Loose<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A whole number that a double can't hold exactly.
    BigInteger,
    /// Text.
    Text(std::borrow::Cow<'a, str>),
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Loose<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) | Self::BigInteger => "a number",
            Self::Text(_) => "text",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// A position as it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawPosition<'a> {
    /// `lat`, `lon`, `heading`, `speed`, `altitude`, `accuracy`, in this order.
    pub parts: [Option<Loose<'a>>; 6],
    /// The first name that is none of these.
    pub unknown: Option<String>,
}

/// Names of the parts of a position, in the order of [`RawPosition::parts`].
pub const POSITION_PARTS: [&str; 6] = ["lat", "lon", "heading", "speed", "altitude", "accuracy"];

/// Fields as they came.
pub type RawFields<'a> = Vec<(std::borrow::Cow<'a, str>, Loose<'a>)>;

/// An event as it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawEvent<'a> {
    /// `id`.
    pub id: Option<Loose<'a>>,
    /// `key`.
    pub key: Option<Loose<'a>>,
    /// `time`.
    pub time: Option<Loose<'a>>,
    /// `position`, or the type that stood there instead of an object.
    pub position: Option<Result<RawPosition<'a>, Loose<'a>>>,
    /// `fields`, or the type that stood there instead of an object.
    pub fields: Option<Result<RawFields<'a>, Loose<'a>>>,
    /// The first name that is none of these.
    pub unknown: Option<String>,
    /// The record was no object but this.
    pub not_an_object: Option<Loose<'a>>,
    /// What it says of its item.
    pub is: Record,
}

/// What a record says of its item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Record {
    /// How it is.
    #[default]
    Event,
    /// That it ends. Only what a source carries away of a database says so.
    End,
    /// Nothing: it is about something else.
    Nothing,
}

pub(crate) fn wrong_type(field: &str, wanted: &str, got: &Loose<'_>) -> FieldError {
    FieldError::new(field, Code::WrongType, format!("{field} must be {wanted}, not {}", got.name()))
}

impl Loose<'_> {
    /// The same, with its text lent.
    #[must_use]
    pub fn lent(&self) -> Loose<'_> {
        match self {
            Self::Text(text) => Loose::Text(Cow::Borrowed(text)),
            Self::Null => Loose::Null,
            Self::Bool(b) => Loose::Bool(*b),
            Self::Number(n) => Loose::Number(*n),
            Self::BigInteger => Loose::BigInteger,
            Self::Array => Loose::Array,
            Self::Object => Loose::Object,
        }
    }
}

impl RawEvent<'_> {
    /// The same, with its texts lent.
    #[must_use]
    pub fn lent(&self) -> RawEvent<'_> {
        RawEvent {
            id: self.id.as_ref().map(Loose::lent),
            key: self.key.as_ref().map(Loose::lent),
            time: self.time.as_ref().map(Loose::lent),
            position: self.position.as_ref().map(|position| match position {
                Ok(RawPosition { parts, unknown }) => Ok(RawPosition {
                    parts: parts.each_ref().map(|part| part.as_ref().map(Loose::lent)),
                    unknown: unknown.clone(),
                }),
                Err(other) => Err(other.lent()),
            }),
            fields: self.fields.as_ref().map(|fields| match fields {
                Ok(fields) => Ok(fields.iter().map(|(name, value)| (Cow::Borrowed(&**name), value.lent())).collect()),
                Err(other) => Err(other.lent()),
            }),
            unknown: self.unknown.clone(),
            is: self.is,
            not_an_object: self.not_an_object.as_ref().map(Loose::lent),
        }
    }

    /// Checks types, lengths and ranges. `received` is the event's time when it has none. `no_data` says
    /// which measured values mean "not measured": they are dropped before ranges are checked, and counted. So are parts of
    /// a position that are no measurements, unless the board is `strict`.
    pub fn check(
        self,
        received: Millis,
        strict: bool,
        no_data: &dyn Fn(&str, f64) -> bool,
    ) -> Result<(Event, Cleaned), FieldError> {
        if let Some(got) = &self.not_an_object {
            return Err(FieldError::new("", Code::NotAnObject, format!("an event is an object, not {}", got.name())));
        }
        if let Some(name) = self.unknown {
            let name = excerpt(&name);
            let message = format!("{name:?} is not part of an event; put your own data into \"fields\"");
            return Err(FieldError::new(&*name, Code::UnknownField, message));
        }
        let mut cleaner = Cleaner::new(strict);
        let key = match self.key {
            None | Some(Loose::Null) => {
                return Err(FieldError::new(
                    "key",
                    Code::Missing,
                    "key is required: the id of the item this event is about",
                ));
            }
            Some(given) => name_of("key", given)?,
        };
        if let Err(e) = check_key(&key) {
            return Err(FieldError::new("key", e.code(), format!("key {e}")));
        }
        let id = match self.id {
            None | Some(Loose::Null) => None,
            Some(given) => Some(name_of("id", given)?),
        };
        if let Some(id) = &id
            && let Err(e) = check_event_id(id)
        {
            return Err(FieldError::new("id", e.code(), format!("id {e}")));
        }
        let time = check_time(self.time, received)?;
        let position = match self.position {
            None | Some(Err(Loose::Null)) => None,
            Some(Err(other)) => return Err(wrong_type("position", "an object with lat and lon", &other)),
            Some(Ok(raw)) => Some(check_position(raw, no_data, &mut cleaner)?),
        };
        let fields = match self.fields {
            None | Some(Err(Loose::Null)) => Vec::new(),
            Some(Err(other)) => return Err(wrong_type("fields", "an object", &other)),
            Some(Ok(raw)) => check_fields(raw, no_data, &mut cleaner.cleaned)?,
        };
        Ok((Event { id, key, time, position, fields }, cleaner.cleaned))
    }
}

/// A key or an id: text, or a whole number of which every digit is known.
pub(crate) fn name_of(field: &str, given: Loose<'_>) -> Result<String, FieldError> {
    match given {
        Loose::Text(t) => Ok(t.into_owned()),
        Loose::Number(n) if n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0 => Ok(format!("{:.0}", n + 0.0)),
        Loose::Number(n) if n.fract() == 0.0 => Err(too_large(field)),
        Loose::BigInteger => Err(too_large(field)),
        other @ (Loose::Null | Loose::Bool(_) | Loose::Number(_) | Loose::Array | Loose::Object) => {
            Err(wrong_type(field, "text or a whole number", &other))
        }
    }
}

fn too_large(field: &str) -> FieldError {
    let message = format!("{field} is a whole number beyond ±2^53; send it as text to keep every digit");
    FieldError::new(field, Code::NumberTooLarge, message)
}

/// A time as it came; `received` when there is none.
pub(crate) fn check_time(time: Option<Loose<'_>>, received: Millis) -> Result<Millis, FieldError> {
    let time = match time {
        None | Some(Loose::Null) => return Ok(received),
        Some(Loose::Number(n)) => Millis(n.round() as i64),
        // Digits are epoch milliseconds as text too, as in from= and to=.
        Some(Loose::Text(t)) => t.parse().ok().map(Millis).or_else(|| Millis::parse(&t)).ok_or_else(|| {
            let message =
                format!("time {:?} is neither RFC 3339 (2026-03-01T12:00:00Z) nor epoch milliseconds", excerpt(&t));
            FieldError::new("time", Code::TimeUnreadable, message)
        })?,
        Some(Loose::BigInteger) => Millis(i64::MAX),
        Some(other) => return Err(wrong_type("time", "RFC 3339 text or epoch milliseconds", &other)),
    };
    if time.0 < limits::TIME_MIN_MILLIS || time.0 > limits::TIME_MAX_MILLIS {
        let hint = if (limits::TIME_MIN_MILLIS / 1000..limits::TIME_MAX_MILLIS / 1000).contains(&time.0) {
            "; it looks like seconds: multiply by 1,000"
        } else if matches!(digits::read(&time.0.to_string()), Some(Ok(digits::Digits::Civil(_)))) {
            "; it looks like a date: write it as 2026-03-01T12:00:00Z"
        } else {
            ""
        };
        let message = format!("time must lie between 2000 and 2200 in epoch milliseconds, not {}{hint}", time.0);
        return Err(FieldError::new("time", Code::TimeOutOfRange, message));
    }
    Ok(time)
}

fn check_position(
    raw: RawPosition<'_>,
    no_data: &dyn Fn(&str, f64) -> bool,
    cleaner: &mut Cleaner,
) -> Result<Position, FieldError> {
    if let Some(name) = raw.unknown {
        let field = format!("position.{}", excerpt(&name));
        let message = format!("{field} is not known; a position has {}", POSITION_PARTS.join(", "));
        return Err(FieldError::new(field, Code::UnknownField, message));
    }
    let mut parts = [None; 6];
    for ((part, name), slot) in raw.parts.into_iter().zip(POSITION_PARTS).zip(&mut parts) {
        let optional = !matches!(name, "lat" | "lon");
        *slot = match part {
            None | Some(Loose::Null) => None,
            Some(Loose::Number(n)) => Some(n),
            Some(Loose::BigInteger) => Some(f64::MAX),
            Some(_) if optional && cleaner.drops_wrong_type(name) => None,
            Some(other) => return Err(wrong_type(&format!("position.{name}"), "a number", &other)),
        };
        if optional && slot.is_some_and(|v| no_data(name, v)) {
            *slot = None;
            cleaner.no_data(name);
        }
    }
    let [lat, lon, heading, speed, altitude, accuracy] = parts;
    // Every record comes by here: words are made for those that need them.
    let need = |v: Option<f64>, name: &str| {
        v.ok_or_else(|| {
            let field = format!("position.{name}");
            let message =
                format!("{field} is required in a position; leave the whole position out when it is not known");
            FieldError::new(field, Code::Missing, message)
        })
    };
    let measured = Measured { lat: need(lat, "lat")?, lon: need(lon, "lon")?, heading, speed, altitude, accuracy };
    cleaner.position(measured).map_err(out_of_range)
}

/// A part of a position that is out of range, as it is told.
pub(crate) fn out_of_range(e: OutOfRange) -> FieldError {
    let field = format!("position.{}", e.part);
    let message = format!("{field} must be {}", e.allowed);
    FieldError::new(field, Code::PositionOutOfRange, message)
}

fn check_fields(
    raw: RawFields<'_>,
    no_data: &dyn Fn(&str, f64) -> bool,
    cleaned: &mut Cleaned,
) -> Result<Vec<(String, Option<Value>)>, FieldError> {
    if raw.len() > limits::FIELDS_PER_EVENT {
        let message = format!("an event has at most {} fields, not {}", limits::FIELDS_PER_EVENT, raw.len());
        return Err(FieldError::new("fields", Code::TooManyFields, message));
    }
    let mut fields: Vec<(String, Option<Value>)> = Vec::with_capacity(raw.len());
    for (name, value) in raw {
        let path = || format!("fields.{}", excerpt(&name));
        if let Err(e) = check_field_name(&name) {
            return Err(FieldError::new(path(), e.code(), format!("a field's name {e}")));
        }
        if fields.iter().any(|(n, _)| *n == name) {
            return Err(FieldError::new(path(), Code::DuplicateField, format!("{} stands twice", path())));
        }
        let value = match value {
            Loose::Null => None,
            Loose::Bool(b) => Some(Value::Bool(b)),
            Loose::Number(n) if no_data(&name, n) => {
                cleaned.add(FIELD_NO_DATA, 1);
                continue;
            }
            // Adding zero turns -0.0 into 0.0, which reads the same everywhere.
            Loose::Number(n) => Some(Value::Number(n + 0.0)),
            Loose::BigInteger => return Err(too_large(&path())),
            Loose::Text(t) if t.len() > limits::TEXT_VALUE_BYTES => {
                let message = format!("{} is longer than {} bytes", path(), limits::TEXT_VALUE_BYTES);
                return Err(FieldError::new(path(), Code::TooLong, message));
            }
            Loose::Text(t) => Some(Value::Text(t.into_owned())),
            other @ (Loose::Array | Loose::Object) => {
                return Err(wrong_type(&path(), "text, a number, a boolean or null", &other));
            }
        };
        fields.push((name.into_owned(), value));
    }
    Ok(fields)
}

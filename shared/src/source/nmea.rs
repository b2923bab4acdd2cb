//! NMEA 0183: lines of AIS (`!AIVDM`, `!AIVDO`) and of a receiver's own fixes (`RMC`, `GGA`, `GLL`, `VTG`), with or without TAG
//! blocks. Sentences that say nothing of where something is are passed over.

mod ais;
mod fix;
mod parts;
mod sentence;

use super::draft::{number, object, position, some_fields, take};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{Loose, RawEvent};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use fix::Fixes;
use parts::Parts;
use sentence::Line;
use serde_json::{Map, Value};

/// Sentences, a line each.
pub(super) struct Nmea;

/// Whether a text begins with a sentence, or with the TAG block of one.
pub(super) fn is_sentences(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let sentence =
        first.strip_prefix('\\').and_then(|rest| rest.split_once('\\')).map_or(first, |(_, sentence)| sentence);
    let bytes = sentence.as_bytes();
    let is_name = |name: &[u8]| name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    matches!(bytes, [b'!' | b'$', name @ .., ] if name.get(..5).is_some_and(is_name) && name.contains(&b',') && name.contains(&b'*'))
}

impl Envelope for Nmea {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let key = arrived.named_key();
        plain::within(read(arrived.text()?, key.as_deref(), Some(arrived.received)))
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        if slice.raw.trim_start().starts_with('{') {
            return named(event(object(&slice.raw)?), slice);
        }
        // A record that was refused as it was read, and was mended since.
        let again = read(&slice.raw, slice.key.as_deref(), slice.time).into_iter().next();
        let Some(Slice { raw, refused, key, time, .. }) = again else {
            return Err(FieldError::new("", Code::Missing, "no sentence of the record says where something is"));
        };
        if let Some(refused) = refused {
            return Err(refused);
        }
        let mut event = event(object(&raw)?);
        event.key = event.key.or(key.map(|key| Loose::Text(key.into())));
        event.time = event.time.or(time.map(|time| Loose::Number(time.0 as f64)));
        named(event, slice)
    }
}

/// An event of which somebody says whose it is.
fn named(event: RawEvent<'static>, slice: &Slice<'_>) -> Result<RawEvent<'static>, FieldError> {
    if event.key.is_some() || slice.key.is_some() {
        return Ok(event);
    }
    let message = "a receiver's own sentences don't say whose they are: end the address with ?key=NAME, or send TAG blocks with s:NAME";
    Err(FieldError::new("key", Code::Missing, message))
}

/// The records of some lines. `key`: how the sender calls a receiver. `near`: a time from which the date of a fix that has
/// none is not further than half a day.
fn read<'a>(text: &'a str, key: Option<&str>, near: Option<Millis>) -> Vec<Slice<'a>> {
    let mut slices = Vec::new();
    let mut parts = Parts::default();
    let mut fixes = Fixes::new(key, near);
    for text in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if slices.len() > limits::EVENTS_PER_REQUEST {
            break;
        }
        match Line::of(text) {
            Ok(line) if line.is_ais() => parts.take(&line, &mut slices),
            Ok(line) => fixes.take(&line, &mut slices),
            Err(refused) => slices.push(Slice { refused: Some(refused), ..Slice::new(text) }),
        }
    }
    fixes.end(&mut slices);
    parts.end(&mut slices);
    slices
}

/// A refusal of a record.
fn invalid(field: &str, message: impl Into<String>) -> FieldError {
    FieldError::new(field, Code::Invalid, message)
}

/// A record under the names of [`ais::decode`] and [`fix::Fixes`].
fn event(mut record: Map<String, Value>) -> RawEvent<'static> {
    record.remove("sentences");
    record.remove("type");
    let key = take(&mut record, &["mmsi", "key"]).as_ref().and_then(super::draft::name);
    let mut part = |name: &str| record.remove(name).as_ref().and_then(number);
    let (lat, lon) = (part("lat"), part("lon"));
    let (true_heading, speed, altitude) = (part("heading"), part("speed"), part("altitude"));
    let course = record.get("course").and_then(number);
    // A ship lies otherwise than it drives; of most it is known only how they drive.
    let parts = [lat, lon, true_heading.or(course), speed, altitude, None];
    let is_somewhere = lat.is_some() && lon.is_some();
    RawEvent {
        key: key.map(|key| Loose::Text(key.into())),
        position: is_somewhere.then(|| Ok(position(parts))),
        fields: Some(Ok(some_fields(record))),
        ..RawEvent::default()
    }
}

#[cfg(test)]
mod tests;

//! Reading events from JSON so that a wrong type spoils one record, not the request.

use super::too_many;
use crate::event::{Loose, POSITION_PARTS, RawEvent, RawPosition};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Reads one object or an array of objects.
pub fn read(text: &str) -> Result<Vec<RawEvent<'_>>, Problem> {
    match serde_json::from_str::<Events<'_>>(text) {
        Ok(Events { too_many: true, .. }) => Err(too_many()),
        Ok(Events { mut list, .. }) => {
            mark_long_integers(text, &mut list);
            Ok(list)
        }
        Err(e) => {
            let near = field_before(text, e.line(), e.column());
            let place = near.map_or_else(String::new, |n| format!(" near field {n:?}"));
            let detail = format!("the body is not valid JSON{place}: {e}; nothing was taken");
            let errors = near.map(|n| FieldError::new(n, Code::InvalidJson, e.to_string())).into_iter().collect();
            Err(Problem::new(Code::InvalidJson, detail).with_errors(errors))
        }
    }
}

/// Reads one line of NDJSON.
pub fn read_line(line: &str) -> Result<RawEvent<'_>, FieldError> {
    let mut event = serde_json::from_str(line).map_err(|e| {
        let near = field_before(line, e.line(), e.column()).unwrap_or_default();
        FieldError::new(near, Code::InvalidJson, format!("the line is not valid JSON: {e}"))
    })?;
    mark_long_integers(line, std::slice::from_mut(&mut event));
    Ok(event)
}

/// Whole numbers of 2^64 and more come as doubles, like `1e20`, and have lost digits by then. Where a text has one, its
/// numbers of that size are taken for such.
fn mark_long_integers(text: &str, events: &mut [RawEvent<'_>]) {
    const LONG: f64 = 18_446_744_073_709_551_616.0;
    let is_long = |value: &Loose<'_>| matches!(value, Loose::Number(n) if n.abs() >= LONG);
    let mut has_integer = None;
    let fields = events.iter_mut().filter_map(|event| event.fields.as_mut()?.as_mut().ok()).flatten();
    for value in fields.map(|(_, value)| value).filter(|value| is_long(value)) {
        if *has_integer.get_or_insert_with(|| has_long_integer(text)) {
            *value = Loose::BigInteger;
        }
    }
}

/// Whether a number without point and exponent has 20 digits or more.
fn has_long_integer(json: &str) -> bool {
    let (mut in_text, mut escaped, mut digits) = (false, false, 0);
    for byte in json.bytes().chain([b' ']) {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'0'..=b'9' => digits += 1,
            // What follows a point or an exponent is no whole number.
            b'.' | b'e' | b'E' | b'-' | b'+' => digits = if byte == b'-' && digits == 0 { 0 } else { i32::MIN },
            _ if digits >= 20 => return true,
            b'"' => (in_text, digits) = (true, 0),
            _ => digits = 0,
        }
    }
    false
}

/// The last `"name":` before a place, for the message.
fn field_before(text: &str, line: usize, column: usize) -> Option<&str> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut end = (start + column).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end)?;
    let colon = head.rfind("\":")?;
    let quote = head.get(..colon)?.rfind('"')?;
    head.get(quote + 1..colon).filter(|n| n.len() <= limits::FIELD_NAME_BYTES)
}

struct Events<'a> {
    list: Vec<RawEvent<'a>>,
    too_many: bool,
}

impl<'de> Deserialize<'de> for Events<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Events<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event object or an array of them")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Ok(Events { list: vec![EventVisitor.visit_map(map)?], too_many: false })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(e) = seq.next_element::<RawEvent<'de>>()? {
                    if list.len() >= limits::EVENTS_PER_REQUEST {
                        while seq.next_element::<IgnoredAny>()?.is_some() {}
                        return Ok(Events { list, too_many: true });
                    }
                    list.push(e);
                }
                Ok(Events { list, too_many: false })
            }
        }
        d.deserialize_any(V)
    }
}

/// Visits any JSON value without failing on its type.
macro_rules! loose_scalars {
    ($wrap:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($wrap(Loose::Null))
        }
        fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
            Ok($wrap(Loose::Bool(v)))
        }
        fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
            Ok($wrap(if v.unsigned_abs() <= 1 << 53 { Loose::Number(v as f64) } else { Loose::BigInteger }))
        }
        fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
            Ok($wrap(if v <= 1 << 53 { Loose::Number(v as f64) } else { Loose::BigInteger }))
        }
        fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
            Ok($wrap(Loose::Number(v)))
        }
        fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
            Ok($wrap(Loose::Text(Cow::Borrowed(v))))
        }
        fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
            Ok($wrap(Loose::Text(Cow::Owned(v.to_owned()))))
        }
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON")
        }
    };
}

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

impl<'de> Deserialize<'de> for Loose<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Loose<'de>;
            loose_scalars!(|l| l);
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                skip_map(map)?;
                Ok(Loose::Object)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                skip_seq(seq)?;
                Ok(Loose::Array)
            }
        }
        d.deserialize_any(V)
    }
}

/// A name, borrowed when it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(v)))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(v.to_owned())))
            }
        }
        d.deserialize_str(V)
    }
}

struct EventVisitor;

impl<'de> Visitor<'de> for EventVisitor {
    type Value = RawEvent<'de>;
    loose_scalars!(|l| RawEvent { not_an_object: Some(l), ..RawEvent::default() });

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_seq(seq)?;
        Ok(RawEvent { not_an_object: Some(Loose::Array), ..RawEvent::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut event = RawEvent::default();
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "id" => event.id = Some(map.next_value()?),
                "key" => event.key = Some(map.next_value()?),
                "time" => event.time = Some(map.next_value()?),
                "position" => event.position = Some(map.next_value::<MaybePosition<'de>>()?.0),
                // Its place in a log, as `…/events` tells it: here it gets another.
                "seq" => drop(map.next_value::<IgnoredAny>()?),
                "fields" => event.fields = Some(map.next_value::<MaybeFields<'de>>()?.0),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    event.unknown.get_or_insert_with(|| name.into_owned());
                }
            }
        }
        Ok(event)
    }
}

impl<'de> Deserialize<'de> for RawEvent<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(EventVisitor)
    }
}

struct MaybePosition<'a>(Result<RawPosition<'a>, Loose<'a>>);

impl<'de> Deserialize<'de> for MaybePosition<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = MaybePosition<'de>;
            loose_scalars!(|l| MaybePosition(Err(l)));
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                skip_seq(seq)?;
                Ok(MaybePosition(Err(Loose::Array)))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut p = RawPosition::default();
                while let Some(Name(name)) = map.next_key()? {
                    match POSITION_PARTS.iter().position(|part| *part == name) {
                        Some(i) => {
                            let v = map.next_value()?;
                            if let Some(slot) = p.parts.get_mut(i) {
                                *slot = Some(v);
                            }
                        }
                        None => {
                            map.next_value::<IgnoredAny>()?;
                            p.unknown.get_or_insert_with(|| name.into_owned());
                        }
                    }
                }
                Ok(MaybePosition(Ok(p)))
            }
        }
        d.deserialize_any(V)
    }
}

struct MaybeFields<'a>(Result<Vec<(Cow<'a, str>, Loose<'a>)>, Loose<'a>>);

impl<'de> Deserialize<'de> for MaybeFields<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = MaybeFields<'de>;
            loose_scalars!(|l| MaybeFields(Err(l)));
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                skip_seq(seq)?;
                Ok(MaybeFields(Err(Loose::Array)))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    let value = map.next_value()?;
                    // One more than the limit is enough to refuse; the rest only costs memory.
                    if fields.len() <= limits::FIELDS_PER_EVENT {
                        fields.push((name, value));
                    }
                }
                Ok(MaybeFields(Ok(fields)))
            }
        }
        d.deserialize_any(V)
    }
}

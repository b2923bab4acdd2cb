//! `map`: fields are read as numbers, scaled, renamed, set and dropped.

use crate::cell::meant_number;
use crate::cleaned::Cleaner;
use crate::event::Event;
use crate::pipeline::config::{Map, Scale};
use crate::pipeline::draft::{Draft, number_of, part_of, path};
use crate::pipeline::exact::Exact;
use crate::problem::{Code, FieldError, excerpt};
use crate::value::Value;

/// Rounds to decimals, where they are given.
pub fn rounded(number: f64, decimals: Option<u8>) -> f64 {
    decimals.map_or(number, |d| {
        let scale = 10_f64.powi(i32::from(d));
        // A number too large to be scaled has no decimals.
        let scaled = number * scale;
        if scaled.is_finite() { scaled.round() / scale } else { number }
    })
}

/// Times a factor, plus an offset, without the rounding of doubles in between.
pub fn scaled(number: f64, factor: f64, offset: f64) -> f64 {
    let exact = Exact::of(number) * Exact::of(factor) + Exact::of(offset);
    exact.number().unwrap_or(number * factor + offset)
}

/// Applies the declarative parts, in the order that the config promises.
pub fn map(event: Event, rules: &Map, cleaner: &mut Cleaner) -> Result<Event, FieldError> {
    let mut draft = Draft::new(event);
    for name in &rules.number {
        if let Some(Value::Text(text)) = part_of(draft.event(), name) {
            let message =
                || format!("{} {:?} is not a number of which every digit can be kept", path(name), excerpt(&text));
            let number = meant_number(&text).ok_or_else(|| FieldError::new(path(name), Code::NotANumber, message()))?;
            draft.set(name, Value::Number(number))?;
        }
    }
    for (name, Scale { factor, offset, decimals }) in &rules.scale {
        if let Some(number) = number_of(draft.event(), name)? {
            draft.set(name, Value::Number(rounded(scaled(number, *factor, *offset), *decimals)))?;
        }
    }
    // All are taken before one is set: two may change places.
    let moved: Vec<(&String, Value)> =
        rules.rename.iter().filter_map(|(from, to)| Some((to, draft.take(from)?))).collect();
    for (to, value) in moved {
        draft.set(to, value)?;
    }
    for (name, value) in &rules.set {
        draft.set(name, value.clone())?;
    }
    if !rules.only.is_empty() {
        draft.fields().retain(|(name, _)| rules.only.contains(name));
    }
    for name in &rules.drop {
        draft.take(name);
    }
    draft.finish(cleaner)
}

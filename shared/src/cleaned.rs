//! Parts of a position that are no measurements: they are dropped and counted, and the position stands.

use crate::position::{Measured, OutOfRange, Position};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What was dropped of events that were taken: how many by code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Cleaned(BTreeMap<Cow<'static, str>, u32>);

impl Cleaned {
    /// Whether nothing was dropped.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many in all.
    pub fn total(&self) -> u32 {
        self.0.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// How many with a code.
    pub fn count(&self, code: &str) -> u32 {
        self.0.get(code).copied().unwrap_or_default()
    }

    /// The codes with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(code, n)| (&**code, *n))
    }

    /// Counts so many more.
    pub fn add(&mut self, code: impl Into<Cow<'static, str>>, n: u32) {
        let sum = self.0.entry(code.into()).or_default();
        *sum = sum.saturating_add(n);
    }

    /// Counts what another has counted.
    pub fn absorb(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
        } else {
            other.0.into_iter().for_each(|(code, n)| self.add(code, n));
        }
    }
}

/// The code of a field that the board's `no_data` dropped.
pub const FIELD_NO_DATA: &str = "field_no_data";

/// The codes of an optional part.
struct Codes {
    not_available: &'static str,
    out_of_range: &'static str,
    wrong_type: &'static str,
}

macro_rules! codes {
    ($part:literal) => {
        Codes {
            not_available: concat!($part, "_not_available"),
            out_of_range: concat!($part, "_out_of_range"),
            wrong_type: concat!($part, "_wrong_type"),
        }
    };
}

fn codes(part: &str) -> Codes {
    match part {
        "heading" => codes!("heading"),
        "speed" => codes!("speed"),
        "altitude" => codes!("altitude"),
        _ => codes!("accuracy"),
    }
}

/// 102.3 knots in cm/s: the speed of a ship that does not tell it.
const AIS_NO_SPEED_E2: f64 = 5_263.0;

/// Whether a number is what devices send in a part when they do not know it: AIS has heading 511 and 102.3 knots, phones
/// have −1, and GPS receivers without a fix have an altitude of −99,999 m.
fn means_not_available(part: &str, value: f64) -> bool {
    let is = |mark: f64| (value - mark).abs() < 0.005;
    match part {
        "heading" => is(511.0) || is(-1.0),
        "speed" => is(-1.0) || ((value * 100.0).round() - AIS_NO_SPEED_E2).abs() < 0.5,
        "altitude" => is(-99_999.0),
        _ => is(-1.0),
    }
}

/// Takes positions apart from what is no measurement, or refuses that when a board is strict, and counts what it dropped.
#[derive(Clone, Debug, Default)]
pub struct Cleaner {
    /// Nothing is dropped: a part that is wrong refuses its record.
    pub strict: bool,
    /// What was dropped.
    pub cleaned: Cleaned,
}

impl Cleaner {
    /// One that drops, or refuses.
    pub fn new(strict: bool) -> Self {
        Self { strict, cleaned: Cleaned::default() }
    }

    /// The board's own rule says that the part is not known.
    pub(crate) fn no_data(&mut self, part: &str) {
        self.cleaned.add(codes(part).not_available, 1);
    }

    /// The part is faster, or farther, than the board's rule believes.
    pub(crate) fn out_of_range(&mut self, part: &str) {
        self.cleaned.add(codes(part).out_of_range, 1);
    }

    /// Whether a part that is no number is dropped.
    pub(crate) fn drops_wrong_type(&mut self, part: &str) -> bool {
        if !self.strict {
            self.cleaned.add(codes(part).wrong_type, 1);
        }
        !self.strict
    }

    /// The position in fixed point. Only its coordinates can be refused, unless everything can.
    pub fn position(&mut self, mut measured: Measured) -> Result<Position, OutOfRange> {
        if !self.strict {
            for part in ["heading", "speed", "altitude", "accuracy"] {
                let Some(slot) = measured.optional(part) else { continue };
                let Some(value) = *slot else { continue };
                let code = if means_not_available(part, value) {
                    codes(part).not_available
                } else if !crate::position::is_in_range(part, value) {
                    codes(part).out_of_range
                } else {
                    continue;
                };
                *slot = None;
                self.cleaned.add(code, 1);
            }
        }
        measured.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(strict: bool, measured: Measured) -> (Result<Position, OutOfRange>, Cleaned) {
        let mut cleaner = Cleaner::new(strict);
        let position = cleaner.position(measured);
        (position, cleaner.cleaned)
    }

    #[test]
    fn lenient_parts_that_are_no_measurements_are_dropped_and_the_position_stands() {
        let all = Measured {
            lat: 1.0,
            lon: 2.0,
            heading: Some(511.0),
            speed: Some(102.3 * 1_852.0 / 3_600.0),
            altitude: Some(-99_999.0),
            accuracy: Some(-1.0),
        };
        let (position, dropped) = cleaned(false, all);
        let position = position.unwrap();
        assert_eq!((position.lat_e6, position.heading_e2, position.speed_e2), (1_000_000, None, None));
        assert_eq!((position.altitude_e1, position.accuracy_e1), (None, None));
        let codes: Vec<_> = dropped.iter().collect();
        let expected = ["accuracy", "altitude", "heading", "speed"].map(|p| (format!("{p}_not_available"), 1));
        assert_eq!(codes, expected.iter().map(|(c, n)| (c.as_str(), *n)).collect::<Vec<_>>());
        assert_eq!(dropped.total(), 4);
        assert_eq!(cleaned(true, all).0.unwrap_err().part, "heading");
    }

    #[test]
    fn lenient_parts_out_of_range_have_another_code_and_good_ones_stay() {
        let good = Measured { lat: 1.0, lon: 2.0, heading: Some(360.0), speed: Some(52.5), ..Measured::default() };
        let (position, dropped) = cleaned(false, good);
        assert_eq!((position.unwrap().heading_e2, dropped.total()), (Some(0), 0));
        for (part, value) in [("heading", 360.5), ("heading", -2.0), ("speed", 1e6), ("altitude", 1e9)] {
            let mut wrong = good;
            *wrong.optional(part).unwrap() = Some(value);
            let (position, dropped) = cleaned(false, wrong);
            assert!(position.is_ok());
            assert_eq!(dropped.count(&format!("{part}_out_of_range")), 1, "{part} {value}");
        }
        for part in ["heading", "speed", "altitude", "accuracy"] {
            let mut wrong = good;
            *wrong.optional(part).unwrap() = Some(f64::NAN);
            assert_eq!(cleaned(false, wrong).1.count(&format!("{part}_out_of_range")), 1);
        }
        assert_eq!(cleaned(false, Measured { lat: 91.0, ..good }).0.unwrap_err().part, "lat");
    }
}

//! A board's rules for events, beyond what every event keeps to.

use crate::cleaned::Cleaner;
use crate::event::Event;
use crate::position::Bbox;
use crate::problem::{Code, FieldError};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to do with a position at 0°, 0°.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NullIsland {
    /// Refuse the event: a receiver without a fix reports zeros.
    #[default]
    Refuse,
    /// It is a place like any other.
    Accept,
}

/// What a board believes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Positions outside are refused: `[west, south, east, north]` degrees.
    pub bounds: Option<Bbox>,
    /// Positions at 0, 0.
    pub null_island: NullIsland,
    /// Values that mean "not measured", by position part or field name; they are dropped and counted.
    pub no_data: BTreeMap<String, Vec<f64>>,
    /// Speeds above are not believed, in m/s: they are dropped and counted, or refused on a strict board.
    pub max_speed: Option<f64>,
    /// A part of a position that is no measurement (heading 511) refuses its record; else it is dropped and counted.
    pub strict: bool,
    /// How far ahead of the server's clock an event time may be, in seconds.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 86_400)))]
    pub future_s: u32,
    /// How old an event may be, in seconds; any age when absent.
    pub past_s: Option<u32>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            bounds: None,
            null_island: NullIsland::Refuse,
            no_data: BTreeMap::new(),
            max_speed: None,
            strict: false,
            future_s: 300,
            past_s: None,
        }
    }
}

/// Two measurements are the same when they differ by less than positions are stored to.
const NO_DATA_TOLERANCE: f64 = 0.005;
/// 0.001 degrees are 111 m: nobody's vehicle is there.
const NULL_ISLAND_E6: i32 = 1_000;

impl Rules {
    /// Whether the value of a position part or field means "not measured".
    pub fn means_no_data(&self, name: &str, value: f64) -> bool {
        self.no_data.get(name).is_some_and(|marks| marks.iter().any(|m| (m - value).abs() < NO_DATA_TOLERANCE))
    }

    /// Checks a valid event against the rules; a speed that is not believed is dropped, unless the board is strict.
    pub fn check(&self, event: &mut Event, now: Millis, cleaner: &mut Cleaner) -> Result<(), FieldError> {
        if let Some(p) = &mut event.position {
            if self.null_island == NullIsland::Refuse
                && p.lat_e6.abs() < NULL_ISLAND_E6
                && p.lon_e6.abs() < NULL_ISLAND_E6
            {
                let message = "position is 0, 0, which a receiver without a fix reports; leave position out";
                return Err(FieldError::new("position", Code::NullIsland, message));
            }
            if let Some(b) = &self.bounds
                && !b.contains(p)
            {
                let message =
                    format!("position {}, {} is outside the board's bounds {:?}", p.lat(), p.lon(), b.degrees());
                return Err(FieldError::new("position", Code::PositionOutOfBounds, message));
            }
            if let (Some(most), Some(v)) = (self.max_speed, p.speed())
                && v > most
            {
                if self.strict {
                    let message = format!("position.speed {v} m/s is above the board's limit of {most} m/s");
                    return Err(FieldError::new("position.speed", Code::SpeedOutOfRange, message));
                }
                p.speed_e2 = None;
                cleaner.out_of_range("speed");
            }
        }
        let ahead = event.time.since(now);
        if ahead > i64::from(self.future_s) * 1_000 {
            let message = format!(
                "time is {} s ahead of the server's clock; at most {} s are believed",
                ahead / 1_000,
                self.future_s
            );
            return Err(FieldError::new("time", Code::TimeInFuture, message));
        }
        if let Some(past) = self.past_s
            && -ahead > i64::from(past) * 1_000
        {
            let message = format!("time is {} s old; this board takes at most {past} s", -ahead / 1_000);
            return Err(FieldError::new("time", Code::TimeTooOld, message));
        }
        Ok(())
    }
}

//! Stretches of time that a ranking counts: all of it, a rolling window in sixtieths, or days, weeks and months of a
//! time zone.

use super::rule::{CalendarPeriod, TimeWindow};
use crate::time::Millis;
use time::OffsetDateTime;

/// How far a time zone is from UTC. The shell knows the zones; tests bring a library that does.
pub trait Zones {
    /// Minutes to add to UTC at an instant; none when the zone is not known.
    fn offset_minutes(&self, zone: &str, at: Millis) -> Option<i32>;
}

/// Knows only UTC.
#[derive(Clone, Copy, Debug, Default)]
pub struct UtcOnly;

impl Zones for UtcOnly {
    fn offset_minutes(&self, zone: &str, _: Millis) -> Option<i32> {
        (zone == "UTC").then_some(0)
    }
}

/// Parts into which a rolling window is divided.
const PARTS: i64 = 60;

/// The stretches of time that count, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}

impl Span {
    /// Whether a stretch counts.
    pub const fn has(self, bucket: i64) -> bool {
        self.first <= bucket && bucket <= self.last
    }

    /// Up to here: nothing is too old.
    #[must_use]
    pub const fn until(self) -> Self {
        Self { first: i64::MIN, last: self.last }
    }
}

impl TimeWindow {
    /// The stretch that an instant falls into. Stretches are numbered in order.
    pub fn bucket(&self, at: Millis, zones: &dyn Zones) -> i64 {
        match self {
            Self::All => 0,
            Self::Rolling { seconds } => at.0.div_euclid(i64::from(*seconds) * 1_000 / PARTS),
            Self::Calendar { period, zone } => {
                let minutes = zones.offset_minutes(zone, at).unwrap_or(0);
                calendar_bucket(*period, at.plus(i64::from(minutes) * 60_000))
            }
        }
    }

    /// The stretches that count at an instant.
    pub fn span(&self, now: Millis, zones: &dyn Zones) -> Span {
        self.span_from(self.first(now, zones))
    }

    /// The stretches that count when this is the first: what is of a later one counts when that begins.
    pub const fn span_from(&self, first: i64) -> Span {
        let last = match self {
            Self::All | Self::Calendar { .. } => first,
            Self::Rolling { .. } => first + PARTS - 1,
        };
        Span { first, last }
    }

    /// The first stretch that counts at an instant.
    pub fn first(&self, now: Millis, zones: &dyn Zones) -> i64 {
        match self {
            Self::All => 0,
            Self::Rolling { .. } => self.bucket(now, zones) - PARTS + 1,
            Self::Calendar { .. } => self.bucket(now, zones),
        }
    }

    /// When, at the latest, the board should look again whether another stretch has begun.
    pub fn next_look(&self, now: Millis) -> Option<Millis> {
        match self {
            Self::All => None,
            Self::Rolling { seconds } => {
                let part = i64::from(*seconds) * 1_000 / PARTS;
                Some(Millis((now.0.div_euclid(part) + 1) * part))
            }
            // Every zone's day begins on a quarter of an hour.
            Self::Calendar { .. } => Some(Millis((now.0.div_euclid(900_000) + 1) * 900_000)),
        }
    }
}

/// Numbers a calendar's stretches by local time given as if it were UTC. Stored standings name them so.
fn calendar_bucket(period: CalendarPeriod, local: Millis) -> i64 {
    let Some(date) = local.date_time().map(OffsetDateTime::date).filter(|date| date.year() >= 0) else { return 0 };
    let day = i64::from(date.to_julian_day());
    match period {
        CalendarPeriod::Day => day,
        // Julian days are numbered from a Monday.
        CalendarPeriod::Week => day.div_euclid(7),
        CalendarPeriod::Month => i64::from(date.year()) * 12 + i64::from(u8::from(date.month())),
    }
}

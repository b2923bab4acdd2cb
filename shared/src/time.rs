//! Points in time. Nothing here reads a clock.

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// This time moved by `millis` (which may be negative), saturating.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this time, saturating; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads RFC 3339 (`2026-03-01T12:00:00Z`, any offset, with or without fraction), or the same without
    /// an offset, which means UTC. `None` when the text is neither.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(t) = OffsetDateTime::parse(text, &Rfc3339) {
            return Some(Self((t.unix_timestamp_nanos() / 1_000_000) as i64));
        }
        let plain = format_description!(
            "[year]-[month]-[day][optional [T]][optional [ ]][hour]:[minute][optional [:[second][optional [.[subsecond]]]]]"
        );
        let t = PrimitiveDateTime::parse(text, plain).ok()?;
        Some(Self((t.assume_utc().unix_timestamp_nanos() / 1_000_000) as i64))
    }

    /// RFC 3339 in UTC with milliseconds, for people.
    pub fn to_rfc3339(self) -> String {
        let shape = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|t| t.format(shape).ok())
            .unwrap_or_else(|| self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Millis;

    #[test]
    fn rfc3339_and_zoneless_times_are_read() {
        assert_eq!(Millis::parse("2026-03-01T12:00:00Z"), Some(Millis(1_772_366_400_000)));
        assert_eq!(Millis::parse("2026-03-01T12:00:00.250Z"), Some(Millis(1_772_366_400_250)));
        assert_eq!(Millis::parse("2026-03-01T06:00:00-06:00"), Some(Millis(1_772_366_400_000)));
        assert_eq!(Millis::parse("2026-03-01T12:00:00"), Some(Millis(1_772_366_400_000)));
        assert_eq!(Millis::parse("2026-03-01 12:00:00.5"), Some(Millis(1_772_366_400_500)));
        assert_eq!(Millis::parse("2026-03-01 12:00"), Some(Millis(1_772_366_400_000)));
        assert_eq!(Millis::parse("yesterday"), None);
        assert_eq!(Millis::parse("2026-13-01T12:00:00Z"), None);
    }

    #[test]
    fn times_before_1970_keep_their_milliseconds() {
        assert_eq!(Millis::parse("1969-12-31T23:59:59Z"), Some(Millis(-1_000)));
        assert_eq!(Millis(1_772_366_400_250).to_rfc3339(), "2026-03-01T12:00:00.250Z");
    }
}

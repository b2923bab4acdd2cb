//! Points in time. Nothing here reads a clock.

mod calendar;
pub mod digits;
mod text;

pub use calendar::Date;

use serde::{Deserialize, Serialize};

/// Milliseconds of a day.
pub const DAY_MILLIS: i64 = 86_400_000;

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
        text::parse(text.as_bytes())
    }

    /// RFC 3339 in UTC with milliseconds, for people.
    pub fn to_rfc3339(self) -> String {
        let (day, rest) = (self.0.div_euclid(DAY_MILLIS), self.0.rem_euclid(DAY_MILLIS));
        let Some(Date { year, month, day }) = Date::of_day(day) else { return self.0.to_string() };
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", rest % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::{Date, Millis};
    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;
    use time::macros::format_description;
    use time::{OffsetDateTime, PrimitiveDateTime};

    /// What the library `time` reads and writes.
    fn parsed_by_library(text: &str) -> Option<Millis> {
        let plain = format_description!(
            "[year]-[month]-[day][optional [T]][optional [ ]][hour]:[minute][optional [:[second][optional [.[subsecond]]]]]"
        );
        let t = OffsetDateTime::parse(text, &Rfc3339)
            .or_else(|_| PrimitiveDateTime::parse(text, plain).map(PrimitiveDateTime::assume_utc))
            .ok()?;
        Some(Millis(t.unix_timestamp_nanos().div_euclid(1_000_000) as i64))
    }

    fn written_by_library(at: Millis) -> Option<String> {
        let shape = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000).ok()?.format(shape).ok()
    }

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

    #[test]
    fn every_day_has_a_date_and_every_date_its_day() {
        for day in -719_528..2_932_897 {
            assert_eq!(Date::of_day(day).and_then(Date::day_number), Some(day));
        }
        assert_eq!(Date::of_day(-719_529), None);
        assert_eq!(Date::of_day(2_932_897), None);
    }

    proptest! {
        #[test]
        fn times_are_written_as_a_library_writes_them(at in -62_167_219_200_000_i64..253_402_300_800_000) {
            prop_assert_eq!(Some(Millis(at).to_rfc3339()), written_by_library(Millis(at)));
            prop_assert_eq!(Millis::parse(&Millis(at).to_rfc3339()), Some(Millis(at)));
        }

        #[test]
        fn times_are_read_as_a_library_reads_them(
            text in "(19|20)[0-9]{2}-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])[Tt ]?[T ]?([01][0-9]|2[0-4]):[0-6][0-9](:[0-6][0-9](\\.[0-9]{0,11})?)?([Zz]|[+-]([01][0-9]|2[0-4]):[0-6][0-9])?"
        ) {
            prop_assert_eq!(Millis::parse(&text), parsed_by_library(&text));
        }

        #[test]
        fn leap_seconds_are_read_as_a_library_reads_them(
            text in "(2016|1972)-(0[36]|12)-(30|31)T(23|05|12):(59|29|00):60(\\.[0-9]{1,4})?(Z|\\+05:30|-18:30|\\+00:00)?"
        ) {
            prop_assert_eq!(Millis::parse(&text), parsed_by_library(&text));
        }
    }
}

//! Points in time. Nothing here reads a clock.

pub mod digits;

use ::time::format_description::StaticFormatDescription;
use ::time::format_description::well_known::Rfc3339;
use ::time::macros::format_description;
use ::time::{OffsetDateTime, PrimitiveDateTime};
use serde::{Deserialize, Serialize};

/// RFC 3339 without its offset, and with a space for its `T`.
const WITHOUT_OFFSET: StaticFormatDescription = format_description!(
    "[year]-[month]-[day][optional [T]][optional [ ]][hour]:[minute][optional [:[second][optional [.[subsecond]]]]]"
);
const WRITTEN: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

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
        // A year may have a sign in the library's form without an offset.
        text.starts_with(|first: char| first.is_ascii_digit()).then_some(())?;
        let without_offset = || PrimitiveDateTime::parse(text, WITHOUT_OFFSET).map(PrimitiveDateTime::assume_utc);
        OffsetDateTime::parse(text, &Rfc3339).or_else(|_| without_offset()).ok().map(Self::from)
    }

    /// RFC 3339 in UTC with milliseconds, for people; the number when the year has not four digits.
    pub fn to_rfc3339(self) -> String {
        self.date_time()
            .filter(|at| at.year() >= 0)
            .and_then(|at| at.format(WRITTEN).ok())
            .unwrap_or_else(|| self.0.to_string())
    }

    /// Its date and time of day in UTC; none beyond the calendar.
    pub(crate) fn date_time(self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).ok()
    }
}

impl From<OffsetDateTime> for Millis {
    fn from(at: OffsetDateTime) -> Self {
        Self(at.unix_timestamp() * 1_000 + i64::from(at.millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::Millis;
    use jiff::Timestamp;
    use jiff::civil::DateTime;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    /// What another library reads in texts that both know.
    fn parsed_by_another(text: &str) -> Option<Millis> {
        let in_utc = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
        let at = text.parse::<Timestamp>().ok().or_else(in_utc)?;
        Some(Millis(at.as_nanosecond().div_euclid(1_000_000) as i64))
    }

    fn written_by_another(at: Millis) -> String {
        Timestamp::from_millisecond(at.0).unwrap().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
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
    fn leap_seconds_are_the_last_of_a_month_in_utc_and_end_with_the_second_before() {
        let end = Some(Millis(1_483_228_799_999));
        for text in ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5Z", "2017-01-01T05:29:60+05:30"] {
            assert_eq!(Millis::parse(text), end, "{text}");
        }
        for text in ["2016-12-31T23:59:60", "2016-12-30T23:59:60Z", "2016-12-31T12:59:60Z", "2016-12-31T23:59:61Z"] {
            assert_eq!(Millis::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_nearly_a_time_is_none() {
        for text in [
            "",
            "2026-03-01",
            "2026-03-01T12Z",
            "2026-03-01T12:00Z",
            "2026-03-01T12:00:00.Z",
            "2026-03-01T12:00:00,5Z",
            "2026-03-01T12:00:00+01",
            "2026-03-01T12:00:00+0100",
            "2026-03-01T12:00:00+24:00",
            "2026-03-01T24:00:00Z",
            "2026-03-01T12:00:00Z ",
            " 2026-03-01T12:00:00Z",
            "2026-03-01T12:00:00Z[Europe/Paris]",
            "20260301T120000Z",
            "2026-3-1T12:00:00Z",
            "+2026-03-01T12:00:00",
            "-0001-03-01T12:00:00",
            "12026-03-01T12:00:00Z",
            "2026-02-29T12:00:00Z",
            "2026-03-01t12:00:00",
            "２０２６-03-01T12:00:00Z",
        ] {
            assert_eq!(Millis::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_calendar_ends_where_years_have_not_four_digits() {
        for (at, text) in [
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-62167219200001"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "253402300800000"),
            (i64::MIN, "-9223372036854775808"),
            (i64::MAX, "9223372036854775807"),
        ] {
            assert_eq!(Millis(at).to_rfc3339(), text);
        }
    }

    proptest! {
        #[test]
        fn times_are_written_as_another_library_writes_them(at in -62_167_219_200_000_i64..253_402_207_200_000) {
            prop_assert_eq!(Millis(at).to_rfc3339(), written_by_another(Millis(at)));
            prop_assert_eq!(Millis::parse(&Millis(at).to_rfc3339()), Some(Millis(at)));
        }

        #[test]
        fn times_are_read_as_another_library_reads_them(
            text in "(19|20)[0-9]{2}-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])[Tt ]([01][0-9]|2[0-4]):[0-6][0-9]:[0-5][0-9](\\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])|\
                    (19|20)[0-9]{2}-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])[T ]([01][0-9]|2[0-4]):[0-6][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?"
        ) {
            prop_assert_eq!(Millis::parse(&text), parsed_by_another(&text));
        }

        #[test]
        fn no_text_panics(text in "[-+0-9TtZz:. ]{0,32}|.{0,32}") {
            let _ = Millis::parse(&text);
        }
    }
}

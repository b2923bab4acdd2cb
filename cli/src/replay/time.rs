//! Times as recordings write them: RFC 3339 and its looser cousins, epoch numbers, and times of day for `--start`.

use clap::ValueEnum;
use heliograph_shared::time::digits::{self, Digits};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::{Offset, TimeZone};
use serde_json::Value;

/// A point in time and, where the text said one, the offset it was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Milliseconds since 1970 (UTC).
    pub millis: i64,
    /// The offset in the text.
    pub offset: Option<Offset>,
}

/// What a time that is a count counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Unit {
    /// Thousandths of a second.
    Ms,
    /// Seconds.
    S,
    /// Minutes.
    Min,
    /// Hours.
    H,
    /// Days of 24 hours.
    Days,
}

impl Unit {
    fn millis(self) -> f64 {
        match self {
            Self::Ms => 1.0,
            Self::S => 1e3,
            Self::Min => 60e3,
            Self::H => 3_600e3,
            Self::Days => 86_400e3,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ms => "milliseconds",
            Self::S => "seconds",
            Self::Min => "minutes",
            Self::H => "hours",
            Self::Days => "days",
        }
    }
}

/// How times that are counts are read, such as days since a course began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub unit: Unit,
    /// What is counted from, in milliseconds since 1970.
    pub epoch: i64,
}

impl Count {
    /// Milliseconds since 1970 of a number, which may stand in text.
    pub fn millis(&self, value: &Value) -> Result<i64, String> {
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.as_f64(),
        };
        let millis = number.map(|number: f64| (number * self.unit.millis()).round());
        millis.filter(|millis| millis.abs() < 1e15).map(|millis| self.epoch + millis as i64).ok_or_else(|| {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("`{}` is not a number of {}", shortened(&shown), self.unit.name())
        })
    }
}

/// Reads a time zone: an IANA name, `UTC`, `local`, or an offset like `-05:00`.
pub fn parse_zone(text: &str) -> Result<TimeZone, String> {
    if text.eq_ignore_ascii_case("utc") || text.eq_ignore_ascii_case("z") {
        return Ok(TimeZone::UTC);
    }
    if text.starts_with(['+', '-']) {
        let probe = format!("2000-01-01T00:00{text}");
        let offset = Pieces::parse(&probe).ok().and_then(|pieces| numeric_offset(&pieces));
        return offset.map(TimeZone::fixed).ok_or_else(|| format!("`{text}` is not an offset like -05:00"));
    }
    TimeZone::get(text).map_err(|_| {
        format!("`{text}` is not a time zone; use a name like America/Chicago, an offset like -05:00, or UTC")
    })
}

/// Reads a time as text; one without an offset is in `zone`. Digits are a date or an epoch; see [`digits`].
pub fn parse_time(text: &str, zone: &TimeZone) -> Result<Stamp, String> {
    let text = text.trim();
    if let Some(read) = digits::read(text) {
        let millis = read.map_err(|why| {
            let shown = shortened(text);
            format!("`{shown}` {}; where times are counts, --time-unit and --epoch say of what", why.sentence())
        })?;
        let millis = match millis {
            Digits::Epoch(at) => Some(at.0),
            Digits::Civil(at) => Timestamp::from_millisecond(at.0)
                .ok()
                .and_then(|at| millis_in_zone(at.to_zoned(TimeZone::UTC).datetime(), zone)),
        };
        let millis = millis.ok_or_else(|| format!("`{}` is out of range", shortened(text)))?;
        return Ok(Stamp { millis, offset: None });
    }
    let without_utc =
        text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).map(|text| format!("{}Z", text.trim_end()));
    let text = without_utc.as_deref().unwrap_or(text);
    let pieces = Pieces::parse(text).map_err(|_| format!("`{}` is not a time", shortened(text)))?;
    let civil = pieces.date().to_datetime(pieces.time().unwrap_or_else(Time::midnight));
    if let Some(offset) = numeric_offset(&pieces) {
        let timestamp = offset.to_timestamp(civil).map_err(|_| format!("`{}` is out of range", shortened(text)))?;
        return Ok(Stamp { millis: timestamp.as_millisecond(), offset: Some(offset) });
    }
    let millis = millis_in_zone(civil, zone).ok_or_else(|| format!("`{}` is out of range", shortened(text)))?;
    Ok(Stamp { millis, offset: None })
}

/// The zone a recording is told in: the offset its first time was written with, or else the one from `--tz`.
pub fn recording_zone(first_offset: Option<Offset>, zone: &TimeZone) -> TimeZone {
    first_offset.map_or_else(|| zone.clone(), TimeZone::fixed)
}

/// Reads `--start` or `--end`. A bare time of day lies on the day of `first` (the recording's earliest time); a time
/// without an offset is in the recording's zone.
pub fn parse_bound(text: &str, first: i64, zone: &TimeZone) -> Result<i64, String> {
    let trimmed = text.trim();
    let looks_like_clock = trimmed.len() <= 12 && trimmed.contains(':') && !trimmed.contains('-');
    if looks_like_clock && let Some(clock) = parse_clock(trimmed) {
        let day = Timestamp::from_millisecond(first).map_err(|error| error.to_string())?.to_zoned(zone.clone()).date();
        return millis_in_zone(day.to_datetime(clock), zone).ok_or_else(|| format!("`{text}` is out of range"));
    }
    parse_time(trimmed, zone)
        .map(|stamp| stamp.millis)
        .map_err(|_| format!("`{text}` is neither a time of day like 07:00 nor a time like 2017-03-21T07:00:00-05:00"))
}

/// `7:00`, `07:00`, `07:00:30`.
fn parse_clock(text: &str) -> Option<Time> {
    let padded = if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() };
    padded.parse().ok()
}

/// A time for people, in a recording's zone: `2017-03-21 07:00:00 -05`.
pub fn display(millis: i64, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(millis).map_or_else(
        |_| millis.to_string(),
        |timestamp| timestamp.to_zoned(zone.clone()).strftime("%F %T %:z").to_string(),
    )
}

fn millis_in_zone(civil: DateTime, zone: &TimeZone) -> Option<i64> {
    // In the hour that a clock change repeats or skips this takes the reading most software takes (RFC 5545).
    zone.to_ambiguous_timestamp(civil).compatible().ok().map(Timestamp::as_millisecond)
}

fn numeric_offset(pieces: &Pieces<'_>) -> Option<Offset> {
    match pieces.offset()? {
        PiecesOffset::Zulu => Some(Offset::UTC),
        PiecesOffset::Numeric(numeric) => Some(numeric.offset()),
        // A kind of offset that a later jiff may know.
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str, zone: &str) -> i64 {
        parse_time(text, &parse_zone(zone).unwrap()).unwrap().millis
    }

    #[test]
    fn texts_with_an_offset_mean_what_they_say_in_any_zone() {
        let expected = 1_490_097_600_000; // 2017-03-21T12:00:00Z
        for text in [
            "2017-03-21T07:00:00-05:00",
            "2017-03-21 07:00:00-05:00",
            "2017-03-21T07:00:00-0500",
            "2017-03-21T07:00:00.000-05",
            "2017-03-21T12:00:00Z",
            "2017-03-21 12:00:00 UTC",
            "20170321T120000Z",
            " 2017-03-21T12:00Z ",
            "1490097600",
            "1490097600.0",
            "1490097600000",
            "1490097600000000",
            "1490097600000000000",
        ] {
            assert_eq!(millis(text, "Asia/Tokyo"), expected, "{text}");
        }
        assert_eq!(parse_time("2017-03-21T07:00:00-05:00", &TimeZone::UTC).unwrap().offset, Some(Offset::constant(-5)));
    }

    #[test]
    fn texts_without_an_offset_are_in_the_given_zone_summer_and_winter() {
        assert_eq!(millis("2026-01-26 15:57:02", "UTC"), millis("2026-01-26T15:57:02Z", "UTC"));
        assert_eq!(millis("2026-01-26 15:57:02", "Europe/London"), millis("2026-01-26T15:57:02Z", "UTC"));
        assert_eq!(millis("2026-07-26 15:57:02", "Europe/London"), millis("2026-07-26T14:57:02Z", "UTC"));
        assert_eq!(millis("2026-01-26 10:00", "-05:00"), millis("2026-01-26T15:00:00Z", "UTC"));
        assert_eq!(millis("2026-01-26", "UTC"), millis("2026-01-26T00:00:00Z", "UTC"));
        // Skipped and repeated hours have an answer.
        assert_eq!(millis("2026-03-08 02:30:00", "America/Chicago"), millis("2026-03-08T03:30:00-05:00", "UTC"));
        assert_eq!(millis("2026-11-01 01:30:00", "America/Chicago"), millis("2026-11-01T01:30:00-05:00", "UTC"));
    }

    #[test]
    fn digits_that_are_a_date_are_in_the_given_zone_and_counts_are_refused_with_the_way_out() {
        let text = "1594598424.5023336";
        assert_eq!(millis(text, "UTC"), 1_594_598_424_502);
        assert_eq!(millis("20170321", "-05:00"), millis("2017-03-21T05:00:00Z", "UTC"));
        assert_eq!(millis("20170321080000", "UTC") - millis("20170321070000", "UTC"), 3_600_000);
        for text in ["-6", "0", "42815.2916", "2017032107", "1e30"] {
            assert!(parse_time(text, &TimeZone::UTC).unwrap_err().contains("--time-unit"), "{text}");
        }
        let days = Count { unit: Unit::Days, epoch: millis("1899-12-30", "UTC") };
        assert_eq!(days.millis(&"42815.5".into()), Ok(millis("2017-03-21T12:00:00Z", "UTC")));
    }

    #[test]
    fn what_is_no_time_is_said_so() {
        for text in ["", "yesterday", "2017-13-01", "07:00", "2017-03-21T25:00:00Z", "nan", "12/31/2017"] {
            assert!(parse_time(text, &TimeZone::UTC).is_err(), "{text}");
        }
        let message = parse_time(&"x".repeat(1000), &TimeZone::UTC).unwrap_err();
        assert!(message.len() < 80, "{message}");
        assert!(parse_zone("Mars/Olympus").is_err());
        assert!(parse_zone("-99:99").is_err());
    }

    #[test]
    fn a_bare_time_of_day_is_on_the_first_day_in_the_recordings_own_zone() {
        let zone = recording_zone(Some(Offset::constant(-5)), &TimeZone::UTC);
        let first = millis("2017-03-21T00:00:02-05:00", "UTC");
        for text in
            ["07:00", "7:00", "07:00:00", "2017-03-21T07:00:00-05:00", "2017-03-21 07:00", "2017-03-21T12:00:00Z"]
        {
            assert_eq!(parse_bound(text, first, &zone), Ok(1_490_097_600_000), "{text}");
        }
        // Late evening in Austin is the next day in UTC; the day that counts is Austin's.
        let late = millis("2017-03-21T23:30:00-05:00", "UTC");
        assert_eq!(parse_bound("07:00", late, &zone), Ok(1_490_097_600_000));
        assert!(parse_bound("25:00", first, &zone).is_err());
        assert!(parse_bound("noon", first, &zone).is_err());
        assert_eq!(display(1_490_097_600_000, &zone), "2017-03-21 07:00:00 -05:00");
    }
}

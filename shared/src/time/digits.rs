//! Times that are digits and nothing else. Digits that are a date are that date, and never an epoch of 1970 or 2609.

use super::Millis;
use ::time::{Date, Month, PrimitiveDateTime, Time};

/// Epochs before this are taken for something else: a count of days, of seconds since a start, a date without its century.
const EPOCH_FROM: f64 = 315_532_800_000.0; // 1980-01-01
/// And from this on.
const EPOCH_TO: f64 = 7_258_118_400_000.0; // 2200-01-01

/// What digits say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// A date: `20170321`, with a time `201703210700`, `20170321070000`, `20170321070000123`, `20170321070000.123`. No zone
    /// is said of it: this is the moment in UTC.
    Civil(Millis),
    /// An epoch in seconds, milli-, micro- or nanoseconds, told apart by their size.
    Epoch(Millis),
}

/// Why digits are no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTime {
    /// They are both a date with an hour and epoch seconds.
    Unclear,
    /// They would be an epoch before 1980 or after 2199.
    OutOfRange,
}

impl NoTime {
    /// What to say about it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unclear => "may be a date with an hour or epoch seconds; write it out",
            Self::OutOfRange => "is no epoch between 1980 and 2200 and no date",
        }
    }
}

/// Reads digits, with a sign and a fraction perhaps; `None` when the text is something else.
pub fn read(text: &str) -> Option<Result<Digits, NoTime>> {
    let number = text.parse::<f64>().ok().filter(|n| n.is_finite())?;
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if is_digits(whole) && fraction.is_none_or(is_digits) {
        if let Some(civil) = civil(whole, fraction) {
            return Some(Ok(Digits::Civil(civil)));
        }
        if whole.len() == 10 && date_of(whole.get(..8)?).is_some() && two(whole, 8).is_some_and(|hour| hour < 24) {
            return Some(Err(NoTime::Unclear));
        }
    }
    Some(epoch(number).map(Digits::Epoch).ok_or(NoTime::OutOfRange))
}

/// An epoch whose unit follows from its size.
fn epoch(number: f64) -> Option<Millis> {
    let millis = match number.abs() {
        size if size < 1e11 => number * 1e3,
        size if size < 1e14 => number,
        size if size < 1e17 => number / 1e3,
        _ => number / 1e6,
    };
    (EPOCH_FROM..EPOCH_TO).contains(&millis).then_some(Millis(millis.round() as i64))
}

fn civil(whole: &str, fraction: Option<&str>) -> Option<Millis> {
    let date = date_of(whole.get(..8)?)?;
    let finer = whole.get(14..).unwrap_or_default();
    match (whole.len(), fraction) {
        (8 | 12 | 17 | 20, None) | (14, _) => {}
        _ => return None,
    }
    let part = |at: usize| if whole.len() > at { two(whole, at) } else { Some(0) };
    let finer = if finer.is_empty() { fraction.unwrap_or_default() } else { finer };
    let millis: u16 = format!("{finer:0<3}").get(..3)?.parse().ok()?;
    let time = Time::from_hms_milli(part(8)?, part(10)?, part(12)?, millis).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc().into())
}

fn date_of(digits: &str) -> Option<Date> {
    let month = Month::try_from(two(digits, 4)?).ok()?;
    let date = Date::from_calendar_date(digits.get(..4)?.parse().ok()?, month, two(digits, 6)?).ok()?;
    (1900..2200).contains(&date.year()).then_some(date)
}

fn two(text: &str, at: usize) -> Option<u8> {
    text.get(at..at + 2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY_MILLIS: i64 = 86_400_000;

    fn utc(text: &str) -> Result<String, NoTime> {
        match read(text).unwrap()? {
            Digits::Civil(at) | Digits::Epoch(at) => Ok(at.to_rfc3339()),
        }
    }

    #[test]
    fn digits_that_are_a_date_are_that_date() {
        let day = "2017-03-21T00:00:00.000Z";
        let seven = "2017-03-21T07:00:00.000Z";
        assert_eq!(utc("20170321").as_deref(), Ok(day));
        for text in ["201703210700", "20170321070000", "20170321070000000", "20170321070000000000", "20170321070000.0"]
        {
            assert_eq!(utc(text).as_deref(), Ok(seven), "{text}");
        }
        assert_eq!(utc("20170321070000.1239").as_deref(), Ok("2017-03-21T07:00:00.123Z"));
        assert_eq!(utc("20170321070000123456").as_deref(), Ok("2017-03-21T07:00:00.123Z"));
    }

    #[test]
    fn epochs_are_told_by_their_size() {
        for text in ["1490097600", "1490097600.0", "1490097600000", "1490097600000000", "1490097600000000000"] {
            assert_eq!(utc(text).as_deref(), Ok("2017-03-21T12:00:00.000Z"), "{text}");
        }
        assert_eq!(utc("946684800000").as_deref(), Ok("2000-01-01T00:00:00.000Z"));
    }

    #[test]
    fn what_would_land_far_from_any_recording_is_refused() {
        for text in
            ["42815.2916", "0", "-6", "21032017", "170321", "2017", "20171321", "20170321250000", "1e30", "9e12"]
        {
            assert_eq!(utc(text), Err(NoTime::OutOfRange), "{text}");
        }
        assert_eq!(utc("2017032107"), Err(NoTime::Unclear));
        for text in ["", "soon", "nan", "inf", "2017-03-21", "1_000"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn days_and_hours_keep_their_distance(day in 0_i64..47_000, hour in 0_i64..23) {
            let date = Millis(day * DAY_MILLIS).to_rfc3339()[..10].replace('-', "");
            let text = |hour: i64| format!("{date}{hour:02}0000");
            let at = |text: &str| match read(text) {
                Some(Ok(Digits::Civil(at))) => at.0,
                other => panic!("{text}: {other:?}"),
            };
            prop_assert_eq!(at(&text(hour + 1)) - at(&text(hour)), 3_600_000);
            prop_assert_eq!(at(&text(0)[..8]), day * DAY_MILLIS);
        }

        #[test]
        fn no_digits_land_before_1980_or_after_2199_unless_they_say_so(text in "[0-9]{1,20}(\\.[0-9]{1,4})?") {
            if let Some(Ok(Digits::Epoch(at))) = read(&text) {
                prop_assert!((315_532_800_000..=7_258_118_400_000).contains(&at.0));
            }
        }
    }
}

//! The calendar: days and their dates, as everybody counts them since 1582 and RFC 3339 counts them for ever.
//!
//! The formulas are those of H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". A library that has them, and reads
//! RFC 3339, costs the script 23 KB; tests hold every result to one.

/// Days before 1970-01-01 on which no year that has four digits begins: 0000-01-01.
const FIRST_DAY: i64 = -719_528;
/// The day after 9999-12-31.
const END_DAY: i64 = 2_932_897;

/// A date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// 0 to 9999.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
}

impl Date {
    /// The date of a day, counted from 1970-01-01; `None` when its year has not four digits.
    ///
    /// Years are counted from March here, so that a leap day is the last of its year, and in eras of 400 years, which
    /// all have the same number of days.
    pub fn of_day(day: i64) -> Option<Self> {
        if !(FIRST_DAY..END_DAY).contains(&day) {
            return None;
        }
        let since = day + 719_468;
        let (era, of_era) = (since.div_euclid(146_097), since.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Some(Self { year, month, day: of_year - (153 * from_march + 2) / 5 + 1 })
    }

    /// Its day, counted from 1970-01-01; `None` when there is no such date.
    pub fn day_number(self) -> Option<i64> {
        let Self { year, month, day } = self;
        if !(0..=9_999).contains(&year) || !(1..=12).contains(&month) {
            return None;
        }
        let from_march = if month > 2 { month - 3 } else { month + 9 };
        let year = year - i64::from(month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year = (153 * from_march + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        let number = era * 146_097 + of_era - 719_468;
        // A day that its month has not is another date's.
        (Self::of_day(number) == Some(self)).then_some(number)
    }
}

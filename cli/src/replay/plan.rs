//! When each row goes out and which time its event says: pure arithmetic on milliseconds.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use super::rows::Row;

/// The pause between two rounds of a loop, so that a round's first rows do not run into the last one's.
pub const ROUND_GAP_MILLIS: i64 = 1000;

/// How fast a recording is replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many times as fast as it happened.
    Times(f64),
    /// As fast as the server acknowledges.
    Max,
}

impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("max") {
            return Ok(Self::Max);
        }
        match text.strip_suffix('x').unwrap_or(text).parse::<f64>() {
            Ok(times) if times.is_finite() && times > 0.0 => Ok(Self::Times(times)),
            _ => Err("give a number above 0, such as 1 or 60, or `max`".to_owned()),
        }
    }
}

/// Which time a sent event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Shifted to now.
    Shifted,
    /// As recorded.
    Kept,
}

/// One round of a replay.
///
/// With a factor, the first row is now and the others follow at the replay's pace, in the event times too: at 60× a
/// minute of the recording is a second of event time, so an event never claims to come from the future. At `max` there
/// is no pace to follow; the recording keeps its own spacing and is shifted as a whole so that its last row is now.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    pace: Pace,
    times: Times,
    first: i64,
    last: i64,
    start: i64,
}

impl Round {
    /// A round of rows recorded from `first` to `last` that starts at the wall-clock time `start`.
    pub fn new(pace: Pace, times: Times, first: i64, last: i64, start: i64) -> Self {
        Self { pace, times, first, last, start }
    }

    /// Milliseconds after the round's start at which a row recorded at `time` is due.
    pub fn due(&self, time: i64) -> f64 {
        match self.pace {
            Pace::Max => 0.0,
            Pace::Times(times) => (time - self.first).max(0) as f64 / times,
        }
    }

    /// The time that the event of a row recorded at `time` says.
    pub fn event_time(&self, time: i64) -> i64 {
        match (self.times, self.pace) {
            (Times::Kept, _) => time,
            (Times::Shifted, Pace::Max) => self.start - (self.last - time),
            (Times::Shifted, Pace::Times(times)) => self.start + ((time - self.first) as f64 / times).floor() as i64,
        }
    }
}

/// Keeps two different recorded times of one key different after a fast replay has squeezed them into the same
/// millisecond: a board that knows events by key and time would take the second for a repetition. A row that repeats
/// the recorded time stays a repetition.
#[derive(Debug, Default)]
pub struct Squeeze {
    last: HashMap<Arc<str>, (i64, i64)>,
}

impl Squeeze {
    /// The event time to send for a key's row.
    pub fn apart(&mut self, key: &Arc<str>, recorded: i64, mapped: i64) -> i64 {
        let time = match self.last.get(key) {
            Some(&(before, sent)) if before == recorded => sent,
            Some(&(before, sent)) if recorded > before && mapped <= sent => sent + 1,
            _ => mapped,
        };
        self.last.insert(Arc::clone(key), (recorded, time));
        time
    }
}

/// Puts rows into time order; rows of the same time keep the file's order. Says whether anything had to move.
pub fn sort(rows: &mut [Row]) -> bool {
    let sorted = rows.is_sorted_by_key(|row| row.time);
    if !sorted {
        rows.sort_by_key(|row| row.time);
    }
    !sorted
}

/// Keeps the rows from `start` (included) to `end` (not included).
pub fn cut(rows: &mut Vec<Row>, start: Option<i64>, end: Option<i64>) {
    rows.retain(|row| start.is_none_or(|start| row.known >= start) && end.is_none_or(|end| row.known < end));
}

/// The earliest and the latest moment of a recording.
pub fn span(rows: &[Row]) -> Option<(i64, i64)> {
    let first = rows.iter().map(|row| row.known).min()?;
    let last = rows.iter().map(|row| row.known).max()?;
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000_000;
    const SIX: i64 = 1_490_094_000_000;

    #[test]
    fn a_pace_is_a_positive_number_or_max() {
        assert_eq!("60".parse(), Ok(Pace::Times(60.0)));
        assert_eq!("0.5x".parse(), Ok(Pace::Times(0.5)));
        assert_eq!("MAX".parse(), Ok(Pace::Max));
        for text in ["0", "-1", "nan", "inf", "fast", ""] {
            assert!(text.parse::<Pace>().is_err(), "{text}");
        }
    }

    #[test]
    fn at_sixty_times_a_minute_is_a_second_and_the_first_row_is_now() {
        let round = Round::new(Pace::Times(60.0), Times::Shifted, SIX, SIX + 3_600_000, START);
        assert_eq!((round.due(SIX), round.event_time(SIX)), (0.0, START));
        assert_eq!((round.due(SIX + 60_000), round.event_time(SIX + 60_000)), (1000.0, START + 1000));
    }

    #[test]
    fn an_event_time_is_never_later_than_the_moment_it_is_due() {
        for times in [0.1, 1.0, 7.3, 60.0, 1000.0] {
            let round = Round::new(Pace::Times(times), Times::Shifted, SIX, SIX + 1_000_000, START);
            for offset in (0..1_000_000).step_by(997) {
                let age = START as f64 + round.due(SIX + offset) - round.event_time(SIX + offset) as f64;
                assert!((0.0..=1.0).contains(&age), "{times} {offset} {age}");
            }
        }
    }

    #[test]
    fn at_max_the_spacing_stays_and_the_last_row_is_now() {
        let round = Round::new(Pace::Max, Times::Shifted, SIX, SIX + 3_600_000, START);
        assert!(round.due(SIX + 1_800_000) <= 0.0);
        assert_eq!(round.event_time(SIX + 3_600_000), START);
        assert_eq!(round.event_time(SIX), START - 3_600_000);
    }

    #[test]
    fn kept_times_are_kept_at_any_pace() {
        for pace in [Pace::Max, Pace::Times(60.0)] {
            assert_eq!(Round::new(pace, Times::Kept, SIX, SIX + 9, START).event_time(SIX + 5), SIX + 5);
        }
    }

    #[test]
    fn squeezed_times_of_one_key_stay_apart_and_repetitions_stay_repetitions() {
        let (a, b): (Arc<str>, Arc<str>) = (Arc::from("a"), Arc::from("b"));
        let mut squeeze = Squeeze::default();
        assert_eq!(squeeze.apart(&a, 1000, 5), 5);
        assert_eq!(squeeze.apart(&a, 1001, 5), 6);
        assert_eq!(squeeze.apart(&a, 1002, 5), 7);
        assert_eq!(squeeze.apart(&a, 1002, 5), 7);
        assert_eq!(squeeze.apart(&a, 9000, 50), 50);
        assert_eq!(squeeze.apart(&b, 1001, 5), 5);
        assert_eq!(squeeze.apart(&a, 8000, 40), 40, "an older row keeps its older time");
    }
}

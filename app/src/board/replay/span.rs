//! The times that may be asked for, and how a slider goes through them.

use heliograph_shared::time::Millis;
use serde::Deserialize;

/// From when to when the board is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Span {
    /// The earliest moment.
    pub from: Millis,
    /// The latest.
    pub to: Millis,
}

/// A slider has at most about so many places: more than a screen has pixels.
const PLACES: i64 = 3_000;

/// How far the first look goes back from the latest moment.
const BACK_MS: i64 = 15 * 60_000;

impl Span {
    /// Where a replay begins that nobody said a time for.
    pub fn beginning(self) -> Millis {
        self.to.plus(-BACK_MS).max(self.from)
    }

    /// A slider's step in milliseconds, a round one that people count in.
    pub fn step(self) -> i64 {
        const STEPS: [i64; 8] = [1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000];
        let [.., coarsest] = STEPS;
        let length = self.to.since(self.from);
        STEPS.into_iter().find(|step| length / step <= PLACES).unwrap_or(coarsest)
    }

    /// The slider's end: whole steps from its beginning, so that the latest moment can be reached.
    pub fn slider_end(self) -> Millis {
        let step = self.step();
        let steps = self.to.since(self.from).max(0).saturating_add(step - 1) / step;
        self.from.plus(steps.saturating_mul(step))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_hour_goes_by_five_seconds_and_a_month_by_a_quarter_of_an_hour() {
        let of = |length| Span { from: Millis(0), to: Millis(length) }.step();
        assert_eq!((of(0), of(3_600_000), of(30 * 86_400_000)), (1_000, 5_000, 900_000));
        assert_eq!(of(10 * 365 * 86_400_000), 21_600_000);
    }

    #[test]
    fn it_begins_a_little_before_the_end() {
        let span = Span { from: Millis(1_000), to: Millis(3_600_000) };
        assert_eq!(span.beginning(), Millis(2_700_000));
        assert_eq!(Span { to: Millis(2_000), ..span }.beginning(), Millis(1_000));
    }

    proptest! {
        #[test]
        fn the_slider_reaches_the_latest_moment(from in 0..10_000_000_i64, length in 0..100_000_000_000_i64) {
            let span = Span { from: Millis(from), to: Millis(from + length) };
            let end = span.slider_end();
            prop_assert!(end >= span.to && end.since(span.to) < span.step());
            prop_assert_eq!(end.since(span.from) % span.step(), 0);
        }
    }
}

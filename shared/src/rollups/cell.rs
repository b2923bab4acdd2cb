//! What a bucket knows of the numbers that fell into it.

use crate::time::Millis;

/// Numbers of one bucket. The sum keeps what each addition rounds off (Neumaier's variant of Kahan's summation), so it
/// does not depend on the order in which parts were put together, up to the last bit of a double.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// How many.
    pub count: u64,
    /// The sum as added up.
    pub rounded: f64,
    /// What the additions lost.
    pub rest: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The one with the earliest event time; of several at the same time, the first of the log.
    pub first: f64,
    /// The one with the latest event time; of several at the same time, the last of the log.
    pub last: f64,
    /// Event time of `first`.
    pub first_at: Millis,
    /// Event time of `last`.
    pub last_at: Millis,
}

impl Cell {
    /// A bucket with one number.
    pub const fn new(value: f64, at: Millis) -> Self {
        Self {
            count: 1,
            rounded: value,
            rest: 0.0,
            min: value,
            max: value,
            first: value,
            last: value,
            first_at: at,
            last_at: at,
        }
    }

    /// One more number, which stands later in the log than those before.
    pub fn add(&mut self, value: f64, at: Millis) {
        self.count += 1;
        self.plus(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if at < self.first_at {
            (self.first, self.first_at) = (value, at);
        }
        if at >= self.last_at {
            (self.last, self.last_at) = (value, at);
        }
    }

    /// Takes the numbers of a cell that were logged later, or belong to other times.
    pub fn absorb(&mut self, later: &Self) {
        self.count += later.count;
        self.plus(later.rounded);
        self.rest += later.rest;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        if later.first_at < self.first_at {
            (self.first, self.first_at) = (later.first, later.first_at);
        }
        if later.last_at >= self.last_at {
            (self.last, self.last_at) = (later.last, later.last_at);
        }
    }

    fn plus(&mut self, value: f64) {
        let sum = self.rounded + value;
        if !sum.is_finite() {
            // Beyond the largest double there is no better answer than the largest double.
            (self.rounded, self.rest) = (f64::MAX.copysign(sum), 0.0);
            return;
        }
        self.rest +=
            if self.rounded.abs() >= value.abs() { (self.rounded - sum) + value } else { (value - sum) + self.rounded };
        self.rounded = sum;
    }

    /// The sum.
    pub fn sum(&self) -> f64 {
        self.rounded + self.rest
    }

    /// The mean.
    pub fn average(&self) -> f64 {
        self.sum() / self.count as f64
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums are right to the last bit")]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_many_small_numbers_is_right_to_the_last_bit() {
        let mut cell = Cell::new(0.1, Millis(0));
        (1..1_000_000).for_each(|i| cell.add(0.1, Millis(i)));
        assert_eq!(cell.sum(), 100_000.0);
        assert_eq!(cell.average(), 0.1);
    }

    #[test]
    fn a_small_number_survives_between_large_ones() {
        let mut cell = Cell::new(1e16, Millis(0));
        cell.add(1.0, Millis(1));
        cell.add(-1e16, Millis(2));
        assert_eq!(cell.sum(), 1.0);
    }

    #[test]
    fn first_and_last_go_by_event_time_and_then_by_the_log() {
        let mut cell = Cell::new(1.0, Millis(50));
        cell.add(2.0, Millis(10));
        cell.add(3.0, Millis(10));
        cell.add(4.0, Millis(50));
        cell.add(5.0, Millis(20));
        assert_eq!((cell.first, cell.last, cell.count), (2.0, 4.0, 5));
    }

    #[test]
    fn a_sum_beyond_doubles_stays_a_number() {
        let mut cell = Cell::new(f64::MAX, Millis(0));
        cell.add(f64::MAX, Millis(1));
        assert!(cell.sum().is_finite() && cell.average().is_finite());
    }
}

//! What viewers saw and when: which answers each changed row brought with it.

use std::collections::HashMap;

use super::answers::{Ledger, Student};
use crate::bench::histogram::Histogram;

/// A viewer saw a row that includes answers it did not include before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Whose row.
    pub student: Student,
    /// The number of the last answer that was seen before.
    pub from: u32,
    /// The number of the last answer that is seen now.
    pub to: u32,
    /// When, in microseconds since 1970.
    pub at: i64,
}

/// The rows that one viewer has: each student's number of answers.
#[derive(Default)]
pub struct Shown(HashMap<Student, u32>);

impl Shown {
    /// The viewer has these rows now. Of a row that it did not have, only the last answer is new: that one brought it
    /// up. Those of the first rows are old.
    pub fn now(&mut self, rows: impl Iterator<Item = (Student, u32)>, at: i64, sightings: &mut Vec<Sighting>) {
        let is_first = self.0.is_empty();
        let rows: HashMap<Student, u32> = rows.collect();
        for (&student, &to) in &rows {
            let from = self.0.get(&student).copied().unwrap_or_else(|| to.saturating_sub(1));
            if from < to && !is_first {
                sightings.push(Sighting { student, from, to, at });
            }
        }
        self.0 = rows;
    }
}

/// What a viewer was sent at a time.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// How many bytes.
    pub bytes: usize,
}

/// From being due, and from being accepted, to being seen.
#[derive(Default)]
pub struct Latencies {
    /// From when the answer's request was due.
    pub due: Histogram,
    /// From when the server had said yes; 0 when it was seen before that.
    pub accepted: Histogram,
}

impl Latencies {
    /// Of the answers that were due in a stretch of time.
    pub fn of(sightings: &[Sighting], ledger: &Ledger, (begin, end): (i64, i64)) -> Self {
        let mut latencies = Self::default();
        for s in sightings {
            for number in s.from + 1..=s.to {
                let Some(answer) = ledger.get(s.student, number) else { continue };
                if answer.due >= begin && answer.due < end {
                    latencies.due.add(s.at - answer.due, 1);
                    latencies.accepted.add((s.at - answer.accepted).max(0), 1);
                }
            }
        }
        latencies
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::Answer;
    use super::*;

    #[test]
    fn a_row_brings_the_answers_since_it_was_last_seen_and_a_new_one_its_last() {
        let (mut shown, mut seen) = (Shown::default(), Vec::new());
        shown.now([(1, 4), (2, 9)].into_iter(), 10, &mut seen);
        assert_eq!(seen, []);
        shown.now([(1, 6), (3, 5)].into_iter(), 20, &mut seen);
        seen.sort_by_key(|s| s.student);
        let sighting = |student, from, to| Sighting { student, from, to, at: 20 };
        assert_eq!(seen, [sighting(1, 4, 6), sighting(3, 4, 5)]);
        seen.clear();
        shown.now([(2, 9), (3, 5)].into_iter(), 30, &mut seen);
        assert_eq!(seen, [Sighting { student: 2, from: 8, to: 9, at: 30 }]);
    }

    #[test]
    fn every_answer_that_a_row_brings_is_counted_once() {
        let mut ledger = Ledger::default();
        let answer = |due| Answer { student: 1, points: 1, due, accepted: due + 2_000 };
        ledger.add([1_000, 5_000, 9_000].map(answer).to_vec());
        let seen =
            [Sighting { student: 1, from: 0, to: 2, at: 6_000 }, Sighting { student: 1, from: 2, to: 3, at: 9_500 }];
        let all = Latencies::of(&seen, &ledger, (5_000, 10_000));
        assert_eq!((all.due.quantile(0.5), all.due.quantile(1.0)), (Some(0.6), Some(1.1)));
        assert_eq!(all.accepted.quantile(1.0), Some(0.1));
    }
}

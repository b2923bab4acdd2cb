//! Attempts at tasks: what is solved, and what it cost.

use super::Scored;
use crate::scores::points::Points;
use crate::scores::ranking::Reached;
use std::collections::BTreeMap;

#[derive(Default)]
struct Task {
    wrong: u32,
    right: Option<(Reached, Points)>,
}

/// The tasks of one key, in event time.
#[derive(Default)]
pub(super) struct Tasks(BTreeMap<u64, Task>);

impl Tasks {
    pub fn attempt(&mut self, s: &Scored) {
        let Some(a) = s.attempt else { return };
        let task = self.0.entry(a.task).or_default();
        if task.right.is_some() {
            return;
        }
        if a.right {
            task.right = Some((s.at, a.minutes));
        } else if a.wrong {
            task.wrong += 1;
        }
    }

    /// When the last task was solved.
    fn reached(&self) -> Reached {
        self.0.values().filter_map(|t| t.right.map(|(at, _)| at)).max().unwrap_or_default()
    }

    pub fn solved(&self) -> (Points, Reached) {
        (Points::whole(self.0.values().filter(|t| t.right.is_some()).count() as i64), self.reached())
    }

    pub fn penalty(&self, each: Points) -> (Points, Reached) {
        let total = self
            .0
            .values()
            .filter_map(|t| {
                t.right.map(|(_, minutes)| i128::from(minutes.0) + i128::from(each.0) * i128::from(t.wrong))
            })
            .sum();
        (Points::clamp(total), self.reached())
    }
}

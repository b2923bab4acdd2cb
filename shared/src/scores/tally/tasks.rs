//! Attempts at tasks that come and go: what is solved, and what it cost.

use super::Attempt;
use super::moments::Moments;
use crate::scores::points::Points;
use crate::scores::ranking::Reached;
use crate::scores::task_cell::TaskCell;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq)]
struct Task {
    right: BTreeMap<Reached, Points>,
    wrong: Moments,
    /// Wrong attempts before the first right one, when there is one.
    before: u32,
    /// Attempts that were not judged yet.
    pending: u32,
    /// Attempts that were judged, and count for nothing.
    void: u32,
}

impl Task {
    fn solved(&self) -> Option<(Reached, Points)> {
        self.right.first_key_value().map(|(at, minutes)| (*at, *minutes))
    }

    fn put(&mut self, a: &Attempt, when: Reached, there: bool) {
        if a.right && there {
            self.right.insert(when, a.minutes);
        } else if a.right {
            self.right.remove(&when);
        } else if there {
            self.wrong.insert(when);
        } else {
            self.wrong.remove(when);
        }
        self.before = self.solved().map_or(0, |(at, _)| self.wrong.before(at));
    }
}

/// How one key stands at one task.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TaskState {
    /// What is shown.
    pub cell: TaskCell,
    /// When it was solved.
    pub solved: Option<Reached>,
    /// How many attempts there are, of whatever kind.
    pub made: u32,
}

/// The tasks of one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tasks {
    tasks: BTreeMap<u64, Task>,
    /// When each solved task was solved.
    solved: BTreeSet<Reached>,
    /// In which minute, and when.
    by_minute: BTreeSet<(Points, Reached)>,
    /// Of all solved tasks.
    minutes: i128,
    /// Of all solved tasks.
    wrong: i128,
}

impl Tasks {
    /// An attempt is there, or no more.
    pub fn put(&mut self, attempt: &Attempt, when: Reached, there: bool) {
        let task = self.tasks.entry(attempt.task).or_default();
        if !attempt.right && !attempt.wrong {
            let count = if attempt.pending { &mut task.pending } else { &mut task.void };
            *count = if there { *count + 1 } else { count.saturating_sub(1) };
            self.forget_if_empty(attempt.task);
            return;
        }
        if let Some((at, minutes)) = task.solved() {
            self.solved.remove(&at);
            self.by_minute.remove(&(minutes, at));
            self.minutes -= i128::from(minutes.0);
            self.wrong -= i128::from(task.before);
        }
        task.put(attempt, when, there);
        if let Some((at, minutes)) = task.solved() {
            self.solved.insert(at);
            self.by_minute.insert((minutes, at));
            self.minutes += i128::from(minutes.0);
            self.wrong += i128::from(task.before);
        }
        self.forget_if_empty(attempt.task);
    }

    fn forget_if_empty(&mut self, task: u64) {
        let is_empty = |t: &Task| t.right.is_empty() && t.wrong.is_empty() && t.pending == 0 && t.void == 0;
        if self.tasks.get(&task).is_some_and(is_empty) {
            self.tasks.remove(&task);
        }
    }

    /// How one task stands.
    pub fn state(&self, task: u64) -> TaskState {
        let Some(task) = self.tasks.get(&task) else { return TaskState::default() };
        let (right, wrong) = (task.right.len() as u32, task.wrong.len());
        let solved = task.solved();
        TaskState {
            cell: TaskCell {
                tries: if solved.is_some() { task.before + 1 } else { wrong },
                minute: solved.map(|(_, minute)| minute),
                // What comes after the right one changes nothing.
                pending: if solved.is_some() { 0 } else { task.pending },
            },
            solved: solved.map(|(at, _)| at),
            made: right + wrong + task.pending + task.void,
        }
    }

    /// When the last task was solved.
    fn reached(&self) -> Reached {
        self.solved.last().copied().unwrap_or_default()
    }

    pub fn solved(&self) -> (Points, Reached) {
        (Points::whole(self.solved.len() as i64), self.reached())
    }

    /// The minute of the latest of the attempts that solved something.
    pub fn last_solved(&self) -> (Points, Reached) {
        let latest = self.by_minute.last().map_or(Points(0), |(minutes, _)| *minutes);
        (latest.max(Points(0)), self.reached())
    }

    pub fn penalty(&self, each: Points) -> (Points, Reached) {
        (Points::clamp(self.minutes + i128::from(each.0) * self.wrong), self.reached())
    }
}

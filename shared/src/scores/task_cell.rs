//! What a key did at one task, as a contest's board shows it: a cell of the row for each task that the rules list.

use super::points::{Points, read_points, write_points};
use super::rule::TaskRule;
use crate::codec::{DecodeError, Reader, Writer};
use crate::limits;
use serde_json::{Value, json};

/// One key at one task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCell {
    /// Attempts that were judged: wrong ones before the right one, and the right one; all wrong ones while there is none.
    pub tries: u32,
    /// The minute of the right one.
    pub minute: Option<Points>,
    /// Attempts of which nobody who sees this cell knows yet what they are.
    pub pending: u32,
}

impl TaskCell {
    /// Whether there is anything to show.
    pub const fn is_empty(&self) -> bool {
        self.tries == 0 && self.minute.is_none() && self.pending == 0
    }

    /// As the API shows it: null where nothing was tried.
    pub fn json(&self) -> Value {
        if self.is_empty() {
            return Value::Null;
        }
        json!({"tries": self.tries, "minute": self.minute.map(Points::number), "pending": self.pending})
    }
}

/// Cells of a row in JSON.
pub fn cells_json(cells: &[TaskCell]) -> Value {
    cells.iter().map(TaskCell::json).collect()
}

/// Writes the cells of a row.
pub fn write_cells(w: &mut Writer, cells: &[TaskCell]) {
    w.varint(cells.len() as u64);
    for cell in cells {
        let flags = u64::from(cell.minute.is_some()) | u64::from(cell.pending > 0) << 1;
        w.varint(u64::from(cell.tries) << 2 | flags);
        if let Some(minute) = cell.minute {
            write_points(w, minute);
        }
        if cell.pending > 0 {
            w.varint(u64::from(cell.pending));
        }
    }
}

/// Reads the cells of a row.
pub fn read_cells(r: &mut Reader<'_>) -> Result<Vec<TaskCell>, DecodeError> {
    let n = r.count()?;
    if n > limits::SCORE_TASKS {
        return Err(DecodeError::Invalid("tasks"));
    }
    let cell = |_| {
        let head = r.varint()?;
        let tries = u32::try_from(head >> 2).map_err(|_| DecodeError::Invalid("tries"))?;
        let minute = if head & 1 == 0 { None } else { Some(read_points(r)?) };
        let pending = if head & 2 == 0 { 0 } else { r.varint32()? };
        Ok(TaskCell { tries, minute, pending })
    };
    (0..n).map(cell).collect()
}

/// The tasks as the API shows them; `first` says who solved each first, where that is told.
pub fn tasks_json(tasks: &[TaskRule], first: Option<&[Option<&str>]>) -> Value {
    let task = |(at, task): (usize, &TaskRule)| {
        let mut v = json!({"id": task.id, "label": task.label(), "title": task.title, "color": task.color});
        if let Some(first) = first {
            v["first"] = first.get(at).copied().flatten().into();
        }
        v
    };
    tasks.iter().enumerate().map(task).collect()
}

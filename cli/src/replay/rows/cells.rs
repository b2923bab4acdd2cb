//! How a column's cells were read, and what did not fit.

use std::fmt;

use heliograph_shared::cell::column::Reading;
use serde_json::Value;

use crate::summary::grouped;

/// A column whose cells became fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellsRead {
    /// Its name.
    pub name: String,
    reading: Reading,
    cells: u64,
    misfits: u64,
    example: Option<String>,
}

impl CellsRead {
    /// No cell yet.
    pub fn new(name: &str, reading: Reading) -> Self {
        Self { name: name.to_owned(), reading, cells: 0, misfits: 0, example: None }
    }

    /// Reads a cell that is not empty.
    pub fn value(&mut self, line: u64, cell: &str) -> Value {
        self.cells += 1;
        if self.reading.misfits(cell) {
            self.misfits += 1;
            let shown: String = cell.chars().take(40).collect();
            self.example.get_or_insert_with(|| format!("line {line}: `{shown}` stays text"));
        }
        self.reading.value(cell).to_json()
    }
}

impl fmt::Display for CellsRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reading = match self.reading {
            Reading::Own => "each cell as it is",
            Reading::Empty | Reading::Text | Reading::Number => self.reading.name(),
        };
        write!(f, "{}: {reading}", self.name)?;
        if let Some(example) = &self.example {
            let (misfits, cells) = (grouped(self.misfits), grouped(self.cells));
            write!(f, ", {misfits} of {cells} cells did not fit ({example})")?;
        }
        Ok(())
    }
}

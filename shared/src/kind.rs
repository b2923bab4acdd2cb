//! What kinds of values a column of a table has.

use crate::codec::Cell;

/// Which kinds of values were seen in a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Numbers.
    pub number: bool,
    /// True or false.
    pub flag: bool,
    /// Text.
    pub text: bool,
}

impl Kinds {
    /// Remembers the kind of a value.
    pub const fn see(&mut self, value: Cell<'_>) {
        match value {
            Cell::Absent | Cell::Null => {}
            Cell::Bool(_) => self.flag = true,
            Cell::Number(_) => self.number = true,
            Cell::Text(_) => self.text = true,
        }
    }
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A whole number: a count, a place in the log, a rank.
    Whole,
    /// A time.
    Time,
    /// True or false.
    Flag,
    /// What the values of a field are: of these kinds elsewhere, and as they come here.
    Values(Kinds),
}

//! What tables in every format are written through, cell by cell.

use crate::codec::Cell;
use crate::time::Millis;

/// What takes the cells of a table, row by row from left to right.
pub trait Sheet {
    /// A cell with text that somebody else wrote.
    fn text(&mut self, text: &str);
    /// A cell with a number; empty when there is none or it is not finite.
    fn number(&mut self, number: Option<f64>);
    /// A cell with a whole number.
    fn whole(&mut self, number: i64);
    /// A cell with a time.
    fn time(&mut self, time: Millis);
    /// A cell with true or false.
    fn flag(&mut self, flag: bool);
    /// An empty cell.
    fn empty(&mut self);
    /// Ends a row.
    fn end_row(&mut self);

    /// A cell with text, if there is some.
    fn maybe_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.empty(),
        }
    }

    /// A cell with a field's value; empty when there is none.
    fn value(&mut self, value: Cell<'_>) {
        match value {
            Cell::Absent | Cell::Null => self.empty(),
            Cell::Bool(b) => self.flag(b),
            Cell::Number(n) => self.number(Some(n)),
            Cell::Text(t) => self.text(t),
        }
    }
}

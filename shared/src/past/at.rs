//! Which past is asked for.

use crate::cursor::Cursor;
use crate::rollups::query::time;
use crate::time::Millis;

/// As of when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// What had arrived by then.
    Cursor(Cursor),
    /// All events with an event time up to then, as known now.
    Time(Millis),
}

impl At {
    /// Reads the value of `at`; the error is the rest of a sentence that begins with its name.
    pub fn parse(value: &str) -> Result<Self, String> {
        if let Ok(cursor) = value.parse() {
            return Ok(Self::Cursor(cursor));
        }
        time(value).map(Self::Time).map_err(|wrong| format!("{wrong}; or it is a cursor such as e1:1042"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Epoch;

    #[test]
    fn at_is_a_cursor_or_a_time() {
        assert_eq!(At::parse("e1:1042"), Ok(At::Cursor(Cursor { epoch: Epoch(1), seq: 1042 })));
        let time = Ok(At::Time(Millis(1_772_366_400_000)));
        assert_eq!(At::parse("1772366400000"), time);
        assert_eq!(At::parse("2026-03-01T12:00:00Z"), time);
        for bad in ["", "e1", "now", "1772366400", "12:00"] {
            assert!(At::parse(bad).is_err(), "{bad}");
        }
    }
}

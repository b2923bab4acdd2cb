//! When events arrived, by the rows of the log.

use super::board::BoardStore;
use super::integer;
use crate::fault::Answer;
use heliograph_shared::cursor::Seq;
use heliograph_shared::time::Millis;
use serde::Deserialize;

#[derive(Deserialize)]
struct Arrival {
    last: f64,
    at: f64,
}

impl BoardStore {
    fn arrival(&self, text: &str, seq: Option<Seq>) -> Answer<Option<(Seq, Millis)>> {
        let values = seq.map(|seq| Ok::<_, crate::fault::Fault>(vec![integer(seq)?])).transpose()?;
        let rows: Vec<Arrival> = self.sql().exec(text, values)?.to_array()?;
        Ok(rows.first().map(|r| (r.last as Seq, Millis(r.at as i64))))
    }

    /// When an event arrived; of one whose row is gone, when the oldest one did that is left.
    pub fn logged_at(&self, seq: Seq) -> Answer<Option<Millis>> {
        let row = self.arrival("SELECT last, at FROM log WHERE last >= ? ORDER BY last LIMIT 1", Some(seq))?;
        Ok(row.map(|(_, at)| at))
    }

    /// The last event that had arrived by then; 0 when none had. Rows stand in the order of their arrival, so this takes
    /// as many looks as their number has digits.
    pub fn logged_by(&self, then: Millis) -> Answer<Seq> {
        let first = self.arrival("SELECT last, at FROM log ORDER BY last LIMIT 1", None)?;
        let newest = self.arrival("SELECT last, at FROM log ORDER BY last DESC LIMIT 1", None)?;
        let (Some((mut low, oldest)), Some((mut high, at))) = (first, newest) else { return Ok(0) };
        if oldest > then {
            return Ok(0);
        }
        if at <= then {
            return Ok(high);
        }
        // The row of `low` had arrived, that of `high` had not.
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            let row = self.arrival("SELECT last, at FROM log WHERE last >= ? ORDER BY last LIMIT 1", Some(middle))?;
            match row {
                Some((last, at)) if at <= then && last < high => low = last,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}

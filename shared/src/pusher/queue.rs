//! What some relay has not confirmed: rows of the log and changes of standings, each kept once for all relays.

use crate::board::LogRow;
use crate::cursor::Seq;
use crate::limits;
use std::collections::VecDeque;

/// The queue. It has at most [`limits::PUSH_BYTES`]: beyond, the oldest is dropped, and who needed it has to sync.
#[derive(Default)]
pub(super) struct Queue {
    rows: VecDeque<LogRow>,
    /// All rows after this event are here.
    floor: Seq,
    standings: VecDeque<Vec<u8>>,
    /// How many changes of standings were dropped or trimmed.
    standings_before: u64,
    bytes: usize,
}

impl Queue {
    /// Rows begin anew after an event.
    pub fn restart(&mut self, floor: Seq) {
        self.bytes -= self.rows.drain(..).map(|r| r.batch.len()).sum::<usize>();
        self.floor = floor;
    }

    /// All rows after this event are here.
    pub const fn floor(&self) -> Seq {
        self.floor
    }

    pub fn add(&mut self, rows: Vec<LogRow>) {
        self.bytes += rows.iter().map(|r| r.batch.len()).sum::<usize>();
        self.rows.extend(rows);
        self.bound();
    }

    pub fn add_standings(&mut self, changes: Vec<Vec<u8>>) {
        self.bytes += changes.iter().map(Vec::len).sum::<usize>();
        self.standings.extend(changes);
        self.bound();
    }

    fn bound(&mut self) {
        while self.bytes > limits::PUSH_BYTES {
            if let Some(row) = self.rows.pop_front() {
                self.floor = row.last;
                self.bytes -= row.batch.len();
            } else if let Some(change) = self.standings.pop_front() {
                self.standings_before += 1;
                self.bytes -= change.len();
            } else {
                return;
            }
        }
    }

    /// Rows after an event, as many as one push has, at least one if there is one.
    pub fn rows_after(&self, seq: Seq) -> Vec<&LogRow> {
        let from = self.rows.partition_point(|r| r.last <= seq);
        let mut bytes = 0;
        let fits = |row: &&LogRow| {
            let first = bytes == 0;
            bytes += row.batch.len();
            first || bytes <= limits::PUSH_MESSAGE_BYTES
        };
        self.rows.range(from..).take_while(fits).collect()
    }

    /// How many changes of standings there have been.
    pub fn standings_end(&self) -> u64 {
        self.standings_before + self.standings.len() as u64
    }

    /// Changes of standings after the first `told`, and whether some of them are lost.
    pub fn standings_after(&self, told: u64) -> (bool, Vec<&[u8]>) {
        let from = told.saturating_sub(self.standings_before) as usize;
        let changes = self.standings.iter().skip(from).map(Vec::as_slice).collect();
        (told < self.standings_before, changes)
    }

    /// Drops rows up to an event, and all but the changes of standings after the first `told`.
    pub fn trim(&mut self, seq: Seq, told: u64) {
        while let Some(row) = self.rows.pop_front_if(|r| r.last <= seq) {
            self.floor = row.last;
            self.bytes -= row.batch.len();
        }
        while self.standings_before < told
            && let Some(change) = self.standings.pop_front()
        {
            self.standings_before += 1;
            self.bytes -= change.len();
        }
    }

    /// Bytes that wait.
    #[cfg(test)]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

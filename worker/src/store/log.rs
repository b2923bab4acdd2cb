//! A board's log: its rows are read one at a time, since a thousand may be more than fits into memory.

use super::board::BoardStore;
use super::integer;
use crate::fault::Answer;
use heliograph_shared::board::RecentIds;
use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::{Epoch, Seq};
use heliograph_shared::event::Event;
use heliograph_shared::identity::Identity;
use heliograph_shared::limits;
use heliograph_shared::projection::{Change, LoggedRow, Replay};
use heliograph_shared::time::Millis;
use serde::Deserialize;
use worker::SqlStorageValue;

#[derive(Deserialize)]
struct Logged {
    first: f64,
    last: f64,
    at: f64,
    #[serde(with = "serde_bytes")]
    batch: Vec<u8>,
}

/// The oldest rows of the log that may go.
pub struct OldRows {
    /// The last event of the last of them.
    pub last: Seq,
    /// Whether there may be more.
    pub more: bool,
}

/// What was accepted lately.
pub struct Recent {
    /// How many events.
    pub events: u64,
    /// Since when, where there were more rows than are looked at; else since the moment that was asked for.
    pub from: Option<Millis>,
    /// When the latest row of all was accepted.
    pub latest: Option<Millis>,
}

/// How many rows are looked at for what was accepted lately.
const RECENT_LOOK_ROWS: u32 = 5_000;

impl BoardStore {
    /// What was accepted since a moment.
    pub fn accepted_since(&self, since: Millis) -> Answer<Recent> {
        #[derive(Deserialize)]
        struct Accepted {
            first: f64,
            last: f64,
            at: f64,
        }
        let mut recent = Recent { events: 0, from: None, latest: None };
        let mut rows = 0;
        let text = "SELECT first, last, at FROM log ORDER BY last DESC";
        for row in self.sql().exec(text, None)?.next::<Accepted>() {
            let Accepted { first, last, at } = row?;
            let at = Millis(at as i64);
            recent.latest = recent.latest.max(Some(at));
            if at < since {
                break;
            }
            recent.events += (last - first) as u64 + 1;
            rows += 1;
            if rows == RECENT_LOOK_ROWS {
                recent.from = Some(at);
                break;
            }
        }
        Ok(recent)
    }

    /// Shows the rows that a query finds, until `each` has enough; whether there may be more. What is being erased is gone
    /// for whoever reads.
    fn read(
        &self,
        text: &str,
        values: Vec<SqlStorageValue>,
        mut each: impl FnMut(LoggedRow<'_>) -> Answer<bool>,
    ) -> Answer<bool> {
        self.read_all(text, values, |row| match self.masked(row.first, row.bytes)? {
            Some(bytes) => each(LoggedRow { bytes: &bytes, ..row }),
            None => each(row),
        })
    }

    /// Shows the rows after `seq` as they are stored.
    pub(super) fn read_stored(&self, seq: Seq, each: impl FnMut(LoggedRow<'_>) -> Answer<bool>) -> Answer<bool> {
        self.read_all("SELECT first, last, at, batch FROM log WHERE last > ? ORDER BY last", vec![integer(seq)?], each)
    }

    fn read_all(
        &self,
        text: &str,
        values: Vec<SqlStorageValue>,
        mut each: impl FnMut(LoggedRow<'_>) -> Answer<bool>,
    ) -> Answer<bool> {
        for row in self.sql().exec(text, values)?.next::<Logged>() {
            let Logged { first, last, at, batch } = row?;
            let row = LoggedRow { first: first as Seq, last: last as Seq, at: Millis(at as i64), bytes: &batch };
            if !each(row)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Shows the rows after `seq` in order, one at a time, until `each` has enough or there are no more; whether there
    /// may be more.
    pub fn read_log(&self, seq: Seq, each: impl FnMut(LoggedRow<'_>) -> Answer<bool>) -> Answer<bool> {
        let text = "SELECT first, last, at, batch FROM log WHERE last > ? ORDER BY last";
        self.read(text, vec![integer(seq)?], each)
    }

    /// Feeds rows to those who wait for some, until the slice is used up; whether there may be more.
    pub fn replay(&self, mut replay: Replay<'_, '_>) -> Answer<bool> {
        let Some(seq) = replay.reads_after() else { return Ok(false) };
        self.read_log(seq, |row| Ok(replay.row(row)?))
    }

    /// Shows the rows of events before `seq`, the newest first.
    pub fn read_back(&self, seq: Seq, each: impl FnMut(LoggedRow<'_>) -> Answer<bool>) -> Answer<bool> {
        let text = "SELECT first, last, at, batch FROM log WHERE last < ? AND control = 0 ORDER BY last DESC";
        self.read(text, vec![integer(seq)?], each)
    }

    /// The memory of recent ids, from the newest rows.
    pub fn recent_ids(&self, epoch: Epoch, identity: Identity) -> Answer<RecentIds> {
        #[derive(Deserialize)]
        struct Owned {
            owner: String,
            #[serde(with = "serde_bytes")]
            batch: Vec<u8>,
        }
        let text = "SELECT owner, batch FROM log WHERE control = 0 AND last >= coalesce(\
                    (SELECT last FROM log WHERE control = 0 ORDER BY last DESC LIMIT 1 OFFSET ?1), 0) \
                    AND last > (SELECT coalesce(max(last), 0) FROM log) - ?2 ORDER BY last";
        let values = vec![integer(limits::RECENT_ROWS as u64)?, integer(limits::RECENT_IDS as u64)?];
        let mut recent = RecentIds::new(epoch);
        for row in self.sql().exec(text, values)?.next::<Owned>() {
            let Owned { owner, batch } = row?;
            recent.remember(&batch, identity, &owner)?;
        }
        Ok(recent)
    }

    /// One event of the log by its sequence, and its key.
    pub fn event(&self, seq: Seq) -> Answer<Option<(String, Event)>> {
        let mut found = None;
        let text = "SELECT first, last, at, batch FROM log WHERE last >= ? AND control = 0 ORDER BY last LIMIT 1";
        self.read(text, vec![integer(seq)?], |row| {
            if let Some(at) = seq.checked_sub(row.first) {
                let batch = Batch::decode(row.bytes)?;
                let there = (at as usize) < batch.len() && !batch.is_hole(at as usize);
                found = there.then(|| (batch.key(at as usize).to_owned(), batch.event(at as usize)));
            }
            Ok(false)
        })?;
        Ok(found)
    }

    /// The oldest rows of events and of ends up to `floor` that were accepted before `before`: so many that deleting them
    /// holds nobody up. What else managers did stays: a board is made from it.
    pub fn old_rows(&self, floor: Seq, before: Millis) -> Answer<Option<OldRows>> {
        #[derive(Deserialize)]
        struct Old {
            last: f64,
            bytes: f64,
        }
        let text = "SELECT last, length(batch) AS bytes FROM log WHERE last <= ? AND at < ? AND control <> 1 \
                    ORDER BY last LIMIT ?";
        let values = vec![integer(floor)?, SqlStorageValue::try_from_i64(before.0)?, integer(limits::PRUNE_ROWS)?];
        let rows: Vec<Old> = self.sql().exec(text, values)?.to_array()?;
        let mut bytes = 0;
        for row in &rows {
            bytes += row.bytes as u64;
            if bytes >= limits::PRUNE_BYTES {
                return Ok(Some(OldRows { last: row.last as Seq, more: true }));
            }
        }
        let more = rows.len() as u64 >= limits::PRUNE_ROWS;
        Ok(rows.last().map(|row| OldRows { last: row.last as Seq, more }))
    }

    /// When the newest row of events up to `seq` was accepted; none when there is none.
    pub fn accepted_upto(&self, seq: Seq) -> Answer<Option<Millis>> {
        #[derive(Deserialize)]
        struct At {
            at: f64,
        }
        let text = "SELECT at FROM log WHERE last <= ? AND control = 0 ORDER BY last DESC LIMIT 1";
        let rows: Vec<At> = self.sql().exec(text, vec![integer(seq)?])?.to_array()?;
        Ok(rows.first().map(|r| Millis(r.at as i64)))
    }

    /// The first row after `seq`: its last event, and when it was accepted.
    pub fn row_after(&self, seq: Seq) -> Answer<Option<(Seq, Millis)>> {
        #[derive(Deserialize)]
        struct Row {
            last: f64,
            at: f64,
        }
        let text = "SELECT last, at FROM log WHERE last > ? ORDER BY last LIMIT 1";
        let rows: Vec<Row> = self.sql().exec(text, vec![integer(seq)?])?.to_array()?;
        Ok(rows.first().map(|row| (row.last as Seq, Millis(row.at as i64))))
    }

    /// Deletes rows of events up to `last`, and writes what must be told of that, all or nothing.
    pub fn delete_rows(&self, last: Seq, changes: impl Iterator<Item = Change>) -> Answer<()> {
        let delete = ("DELETE FROM log WHERE last <= ? AND control <> 1", vec![integer(last)?]);
        self.change_with(vec![delete], changes)
    }

    /// When the oldest row that may go was accepted.
    pub fn oldest_accepted(&self) -> Answer<Option<Millis>> {
        #[derive(Deserialize)]
        struct At {
            at: f64,
        }
        let text = "SELECT at FROM log WHERE control <> 1 ORDER BY last LIMIT 1";
        let rows: Vec<At> = self.sql().exec(text, None)?.to_array()?;
        Ok(rows.first().map(|r| Millis(r.at as i64)))
    }
}

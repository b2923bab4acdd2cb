//! A board's tables of rollups: rows of cells, the names of series, and how far they go.

use super::board::BoardStore;
use super::integer;
use crate::fault::{Answer, Fault};
use heliograph_shared::cursor::Seq;
use heliograph_shared::rollups::answer::Rows;
use heliograph_shared::rollups::block::BLOCK_MASK;
use heliograph_shared::rollups::{BlockId, PartFlush, Rollups};
use heliograph_shared::time::Millis;
use serde::Deserialize;
use worker::SqlStorageValue;

#[derive(Deserialize)]
struct Name {
    key: Option<String>,
    field: String,
}

#[derive(Deserialize)]
struct Through {
    part: u32,
    through: f64,
}

#[derive(Deserialize)]
struct Floor {
    seq: f64,
}

#[derive(Deserialize)]
struct Data {
    id: f64,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
}

impl BoardStore {
    /// The rollups, and the event up to which they go for certain. On a board that is older than rollups they begin now.
    pub fn rollups(&self, checkpoint: Seq, newest: Option<Millis>) -> Answer<(Rollups, Seq)> {
        let floor: Vec<Floor> = self.sql().exec("SELECT seq FROM rollup_floor", None)?.to_array()?;
        let mut rollups = Rollups::default();
        // One at a time: there may be 300,000.
        for name in self.sql().exec("SELECT key, field FROM rollup_series ORDER BY id", None)?.next::<Name>() {
            let Name { key, field } = name?;
            rollups.restore_name(key.as_deref(), &field);
        }
        for names in self.sql().exec("SELECT first AS id, data FROM rollup_names ORDER BY first", None)?.next::<Data>()
        {
            rollups.restore_names(&names?.data)?;
        }
        let through: Vec<Through> = self.sql().exec("SELECT part, through FROM rollup_part", None)?.to_array()?;
        rollups.restored(through.into_iter().map(|t| (t.part, t.through as Seq)), newest);
        Ok((rollups, floor.first().map_or(checkpoint, |f| f.seq as Seq)))
    }

    /// Writes a part's cells to its rows.
    pub fn write_rollups(&self, rollups: &mut Rollups, part: u32, head: Seq) -> Answer<()> {
        let mut writes = Vec::new();
        for (first, names) in rollups.new_names() {
            let values = vec![integer(first as u64)?, SqlStorageValue::Blob(names)];
            writes.push(("INSERT INTO rollup_names (first, data) VALUES (?, ?)", values));
        }
        let flush: PartFlush = rollups.flush(part, head);
        for id in flush.rows() {
            let values = vec![integer(id.number())?];
            let stored: Vec<Data> = self.sql().exec("SELECT id, data FROM rollup WHERE id = ?", values)?.to_array()?;
            let data = flush.merge(id, stored.first().map(|d| d.data.as_slice()))?;
            writes.push((
                "INSERT OR REPLACE INTO rollup (id, data) VALUES (?, ?)",
                vec![integer(id.number())?, data.into()],
            ));
        }
        let values = vec![integer(u64::from(flush.part))?, integer(flush.through)?];
        writes.push(("INSERT OR REPLACE INTO rollup_part (part, through) VALUES (?, ?)", values));
        self.write_all(writes)?;
        rollups.names_are_stored();
        Ok(())
    }

    /// Notes up to which event all rollups go.
    pub fn note_floor(&self, floor: Seq) -> Answer<()> {
        let text = "INSERT OR REPLACE INTO rollup_floor (one, seq) VALUES (1, ?)";
        self.sql().exec(text, vec![integer(floor)?])?;
        Ok(())
    }

    /// Deletes rows of a step, with cells or with sketches, before a block; whether there may be more.
    pub fn drop_rollups(&self, kept: BlockId) -> Answer<bool> {
        let first = BlockId { part: 0, block: 0, ..kept }.number();
        let last = BlockId { part: u32::MAX, block: u32::MAX, ..kept }.number();
        let values = vec![integer(first)?, integer(last)?, integer(BLOCK_MASK)?, integer(u64::from(kept.block))?];
        // At most so many at a time: a long delete would hold up ingest.
        let text = "DELETE FROM rollup WHERE id IN (SELECT id FROM rollup WHERE id BETWEEN ? AND ? AND (id & ?) < ? LIMIT 1000)";
        Ok(self.sql().exec(text, values)?.rows_written() >= 1_000)
    }
}

impl Rows for BoardStore {
    type Error = Fault;

    fn between(&self, first: BlockId, last: BlockId) -> Answer<Vec<(BlockId, Vec<u8>)>> {
        let values = vec![integer(first.number())?, integer(last.number())?];
        let text = "SELECT id, data FROM rollup WHERE id BETWEEN ? AND ? ORDER BY id";
        let rows: Vec<Data> = self.sql().exec(text, values)?.to_array()?;
        Ok(rows.into_iter().filter_map(|r| Some((BlockId::from_number(r.id as u64)?, r.data))).collect())
    }
}

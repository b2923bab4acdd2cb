//! What projections of the log store: pieces, each in its table. See [`heliograph_shared::projection`].

use super::board::BoardStore;
use super::{Statement, integer};
use crate::fault::{Answer, Fault};
use heliograph_shared::archive::export::{COLUMNS, DELIVERED, PLAN};
use heliograph_shared::codec::DecodeError;
use heliograph_shared::cursor::Seq;
use heliograph_shared::projection::{Change, Old, Piece, Projection, Range, Table};
use heliograph_shared::rollups::BlockId;
use heliograph_shared::rollups::answer::Rows;
use heliograph_shared::tracks::Pages;
use serde::Deserialize;
use worker::SqlStorageValue;

/// Old pieces that are dropped at a time: a long delete would hold up ingest.
const OLD_PIECES: usize = 1_000;

/// The statements of a table. Those that read name their columns `id`, `seq` and `data`.
struct Texts {
    /// Number, event, data; or what the table has of these.
    put: &'static str,
    /// From number, to number.
    drop: &'static str,
    /// From number, to number.
    read: &'static str,
}

const fn texts(table: Table) -> Texts {
    match table {
        Table::Items => Texts {
            put: "INSERT OR REPLACE INTO checkpoint (part, seq, data) VALUES (?, ?, ?)",
            drop: "DELETE FROM checkpoint WHERE part BETWEEN ? AND ?",
            read: "SELECT part AS id, seq, data FROM checkpoint WHERE part BETWEEN ? AND ? ORDER BY part",
        },
        Table::Sights => Texts {
            put: "INSERT OR REPLACE INTO sight (part, seq, data) VALUES (?, ?, ?)",
            drop: "DELETE FROM sight WHERE part BETWEEN ? AND ?",
            read: "SELECT part AS id, seq, data FROM sight WHERE part BETWEEN ? AND ? ORDER BY part",
        },
        Table::RollupNames => Texts {
            put: "INSERT INTO rollup_names (first, data) VALUES (?, ?)",
            drop: "DELETE FROM rollup_names WHERE first BETWEEN ? AND ?",
            read: "SELECT first AS id, 0 AS seq, data FROM rollup_names WHERE first BETWEEN ? AND ? ORDER BY first",
        },
        Table::RollupParts => Texts {
            put: "INSERT OR REPLACE INTO rollup_part (part, through) VALUES (?, ?)",
            drop: "DELETE FROM rollup_part WHERE part BETWEEN ? AND ?",
            read: "SELECT part AS id, through AS seq, x'' AS data FROM rollup_part WHERE part BETWEEN ? AND ? \
                   ORDER BY part",
        },
        Table::RollupFloor => Texts {
            put: "INSERT OR REPLACE INTO rollup_floor (one, seq) VALUES (?, ?)",
            drop: "DELETE FROM rollup_floor WHERE one BETWEEN ? AND ?",
            read: "SELECT one AS id, seq, x'' AS data FROM rollup_floor WHERE one BETWEEN ? AND ?",
        },
        Table::Rollups => Texts {
            put: "INSERT OR REPLACE INTO rollup (id, data) VALUES (?, ?)",
            drop: "DELETE FROM rollup WHERE id BETWEEN ? AND ?",
            read: "SELECT id, 0 AS seq, data FROM rollup WHERE id BETWEEN ? AND ? ORDER BY id",
        },
        Table::Ranking => Texts {
            put: "INSERT OR REPLACE INTO ranking (id, data) VALUES (?, ?)",
            drop: "DELETE FROM ranking WHERE id BETWEEN ? AND ?",
            read: "SELECT id, 0 AS seq, data FROM ranking WHERE id BETWEEN ? AND ? ORDER BY id",
        },
        Table::Fences => Texts {
            put: "INSERT OR REPLACE INTO fence (id, seq, data) VALUES (?, ?, ?)",
            drop: "DELETE FROM fence WHERE id BETWEEN ? AND ?",
            read: "SELECT id, seq, data FROM fence WHERE id BETWEEN ? AND ? ORDER BY id",
        },
        Table::Alarms => Texts {
            put: "INSERT OR REPLACE INTO alarm (id, seq, data) VALUES (?, ?, ?)",
            drop: "DELETE FROM alarm WHERE id BETWEEN ? AND ?",
            read: "SELECT id, seq, data FROM alarm WHERE id BETWEEN ? AND ? ORDER BY id",
        },
        Table::Past => Texts {
            put: "INSERT OR REPLACE INTO past (id, seq, data) VALUES (?, ?, ?)",
            drop: "DELETE FROM past WHERE id BETWEEN ? AND ?",
            read: "SELECT id, seq, data FROM past WHERE id BETWEEN ? AND ? ORDER BY id",
        },
        Table::Delivery => Texts {
            put: "INSERT OR REPLACE INTO archive (name, data) VALUES \
                  (CASE ? WHEN 1 THEN 'delivered' WHEN 2 THEN 'plan' ELSE 'columns' END, ?)",
            drop: "DELETE FROM archive WHERE \
                   (CASE name WHEN 'delivered' THEN 1 WHEN 'plan' THEN 2 WHEN 'columns' THEN 3 END) BETWEEN ? AND ?",
            read: "SELECT * FROM (SELECT CASE name WHEN 'delivered' THEN 1 WHEN 'plan' THEN 2 WHEN 'columns' THEN 3 END \
                   AS id, 0 AS seq, data FROM archive) WHERE id BETWEEN ? AND ? ORDER BY id",
        },
        Table::TrackState => Texts {
            put: "INSERT OR REPLACE INTO track_state (id, seq, data) VALUES (?, ?, ?)",
            drop: "DELETE FROM track_state WHERE id BETWEEN ? AND ?",
            read: "SELECT id, seq, data FROM track_state WHERE id BETWEEN ? AND ? ORDER BY id",
        },
        Table::Tracks => Texts {
            put: "INSERT OR REPLACE INTO track (id, data) VALUES (?, ?)",
            drop: "DELETE FROM track WHERE id BETWEEN ? AND ?",
            read: "SELECT id, 0 AS seq, data FROM track WHERE id BETWEEN ? AND ? ORDER BY id",
        },
    }
}

// The names of delivery's pieces stand in the statements above.
const _: () = assert!(DELIVERED == 1 && PLAN == 2 && COLUMNS == 3);

#[derive(Deserialize)]
struct Stored {
    id: f64,
    seq: f64,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
}

/// The statement that puts a piece in its place.
pub(super) fn put(piece: Piece) -> Answer<Statement> {
    let Piece { table, id, seq, data } = piece;
    let values = match table {
        Table::Items | Table::Sights | Table::TrackState | Table::Fences | Table::Alarms | Table::Past => {
            vec![integer(id)?, integer(seq)?, SqlStorageValue::Blob(data)]
        }
        Table::RollupParts | Table::RollupFloor => vec![integer(id)?, integer(seq)?],
        Table::RollupNames | Table::Rollups | Table::Ranking | Table::Delivery | Table::Tracks => {
            vec![integer(id)?, SqlStorageValue::Blob(data)]
        }
    };
    Ok((texts(table).put, values))
}

fn ends((_, ids): &Range) -> Answer<Vec<SqlStorageValue>> {
    Ok(vec![integer(*ids.start())?, integer(*ids.end())?])
}

impl BoardStore {
    /// Restores a projection from its pieces, one at a time: together they may be as large as what is made of them.
    pub fn restore(&self, projection: &mut dyn Projection) -> Answer<()> {
        for range in projection.pieces() {
            for piece in self.pieces(&range)? {
                projection.restore(piece?)?;
            }
        }
        Ok(projection.restored()?)
    }

    /// Pieces in the order of their numbers.
    pub fn pieces(&self, range: &Range) -> Answer<impl Iterator<Item = Answer<Piece>> + use<>> {
        let table = range.0;
        let rows = self.sql().exec(texts(table).read, ends(range)?)?.next::<Stored>();
        Ok(rows.map(move |row| {
            let Stored { id, seq, data } = row?;
            Ok(Piece { table, id: id as u64, seq: seq as Seq, data })
        }))
    }

    /// One piece, if it is there.
    pub(super) fn piece(&self, table: Table, id: u64) -> Answer<Option<Piece>> {
        Ok(self.pieces(&(table, id..=id))?.collect::<Answer<Vec<Piece>>>()?.pop())
    }

    /// Writes changes, all or none; whether there were any.
    pub fn change(&self, changes: impl Iterator<Item = Change>) -> Answer<bool> {
        let mut changes = changes.peekable();
        if changes.peek().is_none() {
            return Ok(false);
        }
        self.change_with(Vec::new(), changes)?;
        Ok(true)
    }

    /// Writes statements and changes, all or none.
    pub(super) fn change_with(&self, first: Vec<Statement>, changes: impl Iterator<Item = Change>) -> Answer<()> {
        let changes = changes.map(|change| match change {
            Change::Put(piece) => put(piece),
            Change::Merge(table, id, merge) => {
                let stored = self.piece(table, id)?;
                let data = merge(stored.as_ref().map(|piece| piece.data.as_slice()))?;
                put(Piece { table, id, seq: 0, data })
            }
            Change::Drop(range) => Ok((texts(range.0).drop, ends(&range)?)),
            // Only the ranking copies.
            Change::Copy(range, to) => {
                let mut values = ends(&range)?;
                values.push(integer(to)?);
                let text = "INSERT INTO ranking (id, data) \
                            SELECT id - ?1 + ?3, data FROM ranking WHERE id BETWEEN ?1 AND ?2";
                Ok((text, values))
            }
        });
        self.write_each(first.into_iter().map(Ok).chain(changes))
    }

    /// Drops some of the pieces that are too old; whether there may be more.
    pub fn forget(&self, old: &Old) -> Answer<bool> {
        let mut values = ends(&old.range)?;
        values.extend([integer(old.mask)?, integer(old.below)?]);
        // Only rollups and tracks grow old.
        let text = if old.range.0 == Table::Tracks {
            "DELETE FROM track WHERE id IN \
             (SELECT id FROM track WHERE id BETWEEN ? AND ? AND (id & ?) < ? LIMIT 1000)"
        } else {
            "DELETE FROM rollup WHERE id IN \
             (SELECT id FROM rollup WHERE id BETWEEN ? AND ? AND (id & ?) < ? LIMIT 1000)"
        };
        Ok(self.sql().exec(text, values)?.rows_written() >= OLD_PIECES)
    }

    /// Names of series as older boards stored them, one a row: key (none: the board's) and field. They come before all
    /// others.
    pub fn old_names(&self, mut each: impl FnMut(Option<&str>, &str)) -> Answer<()> {
        #[derive(Deserialize)]
        struct Name {
            key: Option<String>,
            field: String,
        }
        // One at a time: there may be 300,000.
        for name in self.sql().exec("SELECT key, field FROM rollup_series ORDER BY id", None)?.next::<Name>() {
            let Name { key, field } = name?;
            each(key.as_deref(), &field);
        }
        Ok(())
    }
}

impl Rows for BoardStore {
    type Error = Fault;

    fn between(&self, first: BlockId, last: BlockId) -> Answer<Vec<(BlockId, Vec<u8>)>> {
        let rows = self.pieces(&(Table::Rollups, first.number()..=last.number()))?;
        let block = |piece: Answer<Piece>| piece.map(|p| BlockId::from_number(p.id).map(|id| (id, p.data))).transpose();
        rows.filter_map(block).collect()
    }
}

impl Pages for BoardStore {
    type Error = Fault;

    fn pages(&self, first: u64, last: u64, each: &mut dyn FnMut(&[u8]) -> Result<bool, DecodeError>) -> Answer<()> {
        // One at a time: together they may be tens of megabytes.
        for piece in self.pieces(&(Table::Tracks, first..=last))? {
            if !each(&piece?.data)? {
                break;
            }
        }
        Ok(())
    }
}
